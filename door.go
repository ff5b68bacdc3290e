package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"syscall"

	"socketplayground/playground/owner"
	"socketplayground/web"
)

// entrance is where the page is served, and who is let in.
type entrance struct {
	listeners []net.Listener
	door      web.Door
}

// wide says whether other machines may reach the page.
func (e *entrance) wide() bool {
	for _, at := range e.own() {
		if !at.Addr().IsLoopback() {
			return true
		}
	}
	return false
}

// own are the addresses of the page.
func (e *entrance) own() (own []netip.AddrPort) {
	for _, l := range e.listeners {
		at := l.Addr().(*net.TCPAddr).AddrPort()
		own = append(own, netip.AddrPortFrom(at.Addr().Unmap(), at.Port()))
	}
	return own
}

func (e *entrance) close() {
	for _, l := range e.listeners {
		l.Close()
	}
}

// enterBy opens the page's address and decides who is asked for the code: everybody where others than this machine's
// programs reach the page, where -require-code says so, and where the system should tell whose programs ask but does not.
// Elsewhere those who are not the user's own (owner.Witness.Peer), or whose request was forwarded.
func enterBy(cfg config, witness owner.Witness) (*entrance, error) {
	e := &entrance{door: web.Door{Names: cfg.hosts, Code: newCode(), AskAll: cfg.requireCode}}
	if err := e.listen(cfg.addr); err != nil {
		return nil, err
	}
	e.door.AskAll = e.door.AskAll || e.wide()
	if runtime.GOOS != "linux" { // which alone tells; README says what that means
		e.door.Ours = func(_, _ netip.AddrPort) bool { return true }
		return e, nil
	}
	e.door.Ours = func(client, server netip.AddrPort) bool { return witness.Peer(client, server) == nil }
	e.door.AskAll = e.door.AskAll || !recognises(witness)
	return e, nil
}

// recognises says whether the witness knows this program's own connection for what it is. A kernel without sock_diag, a
// sandbox that keeps it away, and a user namespace in which everybody has the same number do not let it.
func recognises(witness owner.Witness) bool {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return false
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return false
	}
	defer conn.Close()
	return witness.Peer(conn.LocalAddr().(*net.TCPAddr).AddrPort(), l.Addr().(*net.TCPAddr).AddrPort()) == nil
}

// newCode is a secret of 128 bits.
func newCode() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// listen opens the page's address: loopback, or an address that somebody has named on purpose.
func (e *entrance) listen(addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("-addr %q is not host:port, such as localhost:8080", addr)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("-addr: port %q is not a number from 0 to 65535", port)
	}
	hosts := []string{host}
	if host == "localhost" {
		hosts = []string{"127.0.0.1", "::1"}
	} else if a, err := netip.ParseAddr(host); err != nil {
		return fmt.Errorf("-addr %s: %q is not an address; use localhost:%s, or 0.0.0.0:%[3]s for every address of this machine, where the page asks for a code", addr, host, port)
	} else if a.IsMulticast() {
		return fmt.Errorf("-addr %s is an address of many machines; use localhost:%s", addr, port)
	}
	for i, h := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(h, port)) // both families where the address is unspecified
		switch {
		case err == nil:
			e.listeners = append(e.listeners, l)
			port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port) // 0 is chosen once, for both
		case i > 0 && !errors.Is(err, syscall.EADDRINUSE):
			// No IPv6 on this machine: IPv4 will do.
		default:
			e.close()
			return listenError(err, host, port)
		}
	}
	e.door.HalfLocalhost = e.halfLocalhost()
	return nil
}

// halfLocalhost says whether one of the addresses of localhost leads here and the other may lead to another program.
func (e *entrance) halfLocalhost() bool {
	var four, six bool
	for _, at := range e.own() {
		switch a := at.Addr(); {
		case a == netip.IPv6Unspecified(): // with IPv4, see listen
			four, six = true, true
		case a == netip.IPv4Unspecified(), a == netip.AddrFrom4([4]byte{127, 0, 0, 1}):
			four = true
		case a == netip.IPv6Loopback():
			six = true
		}
	}
	if four && !six {
		// Where this machine has no ::1, nobody can listen there.
		l, err := net.Listen("tcp", "[::1]:0")
		if err != nil {
			return false
		}
		l.Close()
	}
	return four != six
}

func listenError(err error, host, port string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %s is in use, perhaps by another playground: stop that, or choose another port with -addr %s", port, net.JoinHostPort(host, otherPort(port)))
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %s needs more rights: choose one from 1024 up, such as -addr %s", port, net.JoinHostPort(host, "8080"))
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("-addr: %s is no address of this machine; use localhost:%s, or 0.0.0.0:%[2]s for all that it has, where the page asks for a code", host, port)
	}
	return fmt.Errorf("the page cannot be served: %w", err)
}

func otherPort(port string) string {
	n, _ := strconv.Atoi(port) // checked
	if n < 65535 {
		return strconv.Itoa(n + 1)
	}
	return "8080"
}

// urls are the addresses at which the page can be opened, the first for this machine's browser. Another program may have
// the port on an address that is not ours.
func (e *entrance) urls() (urls []string) {
	own := e.own()
	port := own[0].Port()
	at := func(host string) { urls = append(urls, "http://"+net.JoinHostPort(host, strconv.Itoa(int(port)))) }
	if len(own) > 1 || own[0].Addr().IsUnspecified() {
		if e.door.HalfLocalhost {
			at("127.0.0.1")
		} else {
			at("localhost")
		}
	}
	for _, a := range own {
		switch {
		case a.Addr().IsUnspecified():
			for _, have := range interfaceAddrs() {
				if have.IsGlobalUnicast() && (have.Is4() || a.Addr().Is6()) {
					at(have.String())
				}
			}
		case len(own) == 1:
			at(a.Addr().WithZone("").String())
		}
	}
	return urls
}

// codeFragment carries the code in a URL: browsers send a fragment to no server.
const codeFragment = "/#code="

// greeting is what the terminal says: where the page is, and the code.
func (e *entrance) greeting() string {
	urls, code := e.urls(), codeFragment+e.door.Code
	if !e.door.AskAll {
		return fmt.Sprintf("Socket Playground is at %s (Ctrl+C ends it)\n"+
			"To other users, and through proxies, it opens only with its code: %[1]s%s\n", urls[0], code)
	}
	text := fmt.Sprintf("Socket Playground is at %s%s (Ctrl+C ends it)\n", urls[0], code)
	if e.wide() {
		text += "Other machines can reach it. Whoever has this code, and whoever sees it cross the network, acts on this machine with your rights.\n"
		for _, u := range urls[1:] {
			text += "                        " + u + code + "\n"
		}
	}
	return text
}

// interfaceAddrs are this machine's addresses. It asks each time: addresses come and go.
func interfaceAddrs() (addrs []netip.Addr) {
	have, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range have {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			addrs = append(addrs, p.Addr())
		}
	}
	return addrs
}
