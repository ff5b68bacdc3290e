package playground

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Network is where sockets live: this machine, or later a host of a Lab. The calls are Go's own.
type Network interface {
	// Name is what events call it.
	Name() string
	// Listen opens a listener.
	Listen(ctx context.Context, spec ListenSpec) (*net.TCPListener, error)
	// Dial opens a connection.
	Dial(ctx context.Context, spec DialSpec) (*net.TCPConn, error)
	// Policy is what it allows.
	Policy() Policy
}

// ListenSpec says how to listen.
type ListenSpec struct {
	Address string // as net.Listen takes it
	Backlog int    // 0: the system's
	Options Options
}

// DialSpec says how to dial.
type DialSpec struct {
	Address string // as net.Dial takes it
	Local   string // empty: any
	Options Options
	// Connecting, if set, is called with the descriptor and the resolved address right before connect(2).
	Connecting func(raw syscall.RawConn, to netip.AddrPort)
}

// Machine is the network of this machine.
type Machine struct{ policy Policy }

// NewMachine makes the network of this machine under a policy.
func NewMachine(p Policy) *Machine { return &Machine{policy: p} }

// Name implements Network.
func (m *Machine) Name() string { return "machine" }

// Policy implements Network.
func (m *Machine) Policy() Policy { return m.policy }

// Listen implements Network. A listener on the unspecified address is kept to the loopback device, so that the
// tutorial's ":8330" can be shown as it is without opening a port to the neighbours.
func (m *Machine) Listen(ctx context.Context, spec ListenSpec) (*net.TCPListener, error) {
	lc := net.ListenConfig{Control: func(network, address string, c syscall.RawConn) error {
		at, ok := literal(address)
		if !ok {
			return errUnresolved
		}
		if err := m.policy.MayListen(at); err != nil {
			return err
		}
		return onDescriptor(c, func(fd uintptr) error {
			if at.Addr().IsUnspecified() && m.policy.loopbackOnly() {
				if err := bindToLoopback(fd); err != nil {
					return err
				}
			}
			return setOptions(fd, spec.Options, beforeBind, network == "tcp6")
		})
	}}
	lc.SetMultipathTCP(false) // net.Listen would make an MPTCP socket, whose options and TCP_INFO differ
	lc.KeepAlive = keepAlive(spec.Options)
	if err := m.policy.MayResolve(ctx, "address", spec.Address); err != nil {
		return nil, err
	}
	address, err := m.policy.bindable(ctx, spec.Address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: err} // as net.ListenConfig tells it
	}
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	ln := l.(*net.TCPListener)
	if spec.Backlog > 0 {
		if err := relisten(ln, spec.Backlog); err != nil {
			ln.Close()
			return nil, err
		}
	}
	return opened(ln, spec.Options)
}

// Dial implements Network. The policy looks at each name before it is looked up, so that none leaves this machine that
// may not, and at each resolved address right before connect(2), so that no name can lead past it.
func (m *Machine) Dial(ctx context.Context, spec DialSpec) (*net.TCPConn, error) {
	d := net.Dialer{KeepAlive: keepAlive(spec.Options), Resolver: m.policy.resolver()}
	d.SetMultipathTCP(false)
	if err := m.policy.MayResolve(ctx, "address", spec.Address); err != nil {
		return nil, err
	}
	if spec.Local != "" {
		local, err := m.local(ctx, spec.Local)
		if err != nil {
			return nil, err
		}
		d.LocalAddr = local
	}
	d.ControlContext = func(_ context.Context, network, address string, c syscall.RawConn) error {
		to, ok := literal(address)
		if !ok {
			return errUnresolved
		}
		if err := m.policy.MayDial(to); err != nil {
			return err
		}
		err := onDescriptor(c, func(fd uintptr) error {
			return setOptions(fd, spec.Options, beforeBind, network == "tcp6")
		})
		if err == nil && spec.Connecting != nil {
			spec.Connecting(c, reached(to, network))
		}
		return err
	}
	var first error
	for _, address := range m.policy.addresses(ctx, spec.Address) {
		c, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			return opened(c.(*net.TCPConn), spec.Options)
		}
		if first == nil {
			first = err // Go tells the first one, too
		}
	}
	return nil, first
}

// local is the address that a Dial is to bind.
func (m *Machine) local(ctx context.Context, address string) (*net.TCPAddr, error) {
	if err := m.policy.MayBind("local", portOf(address)); err != nil {
		return nil, err
	}
	if err := m.policy.MayResolve(ctx, "local", address); err != nil {
		return nil, err
	}
	literal, err := m.policy.bindable(ctx, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	return net.ResolveTCPAddr("tcp", literal)
}

// opened gives an open socket its last options, or closes it.
func opened[C interface {
	*net.TCPConn | *net.TCPListener
	syscall.Conn
	io.Closer
}](c C, o Options) (C, error) {
	if err := applyAfterOpen(c, o); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

var errUnresolved = errors.New("the resolver gave no IP address")

// reached is where a connect(2) to the unspecified address ends up: at the loopback address of the socket's family.
func reached(to netip.AddrPort, network string) netip.AddrPort {
	switch {
	case !to.Addr().IsUnspecified():
		return to
	case network == "tcp4":
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), to.Port())
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), to.Port())
}

// keepAlive is net.ListenConfig.KeepAlive and net.Dialer.KeepAlive: Go's defaults (on, 15 s, 15 s, 9 probes) where the
// options say nothing. Only a negative one keeps Go from switching it on, for accepted connections too.
func keepAlive(o Options) time.Duration {
	if on, ok := o["KeepAlive"].(bool); ok && !on {
		return -1
	}
	return 0
}

// applyAfterOpen sets the options that Go itself sets on an open socket, or that need one.
func applyAfterOpen(c syscall.Conn, o Options) error {
	if len(o) == 0 {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	return onDescriptor(raw, func(fd uintptr) error { return setOptions(fd, o, afterOpen, false) })
}

// onDescriptor runs f on the descriptor and gives f's error.
func onDescriptor(raw syscall.RawConn, f func(fd uintptr) error) error {
	var err error
	if e := raw.Control(func(fd uintptr) { err = f(fd) }); e != nil {
		return e
	}
	return err
}

// checkAddress refuses what cannot be an address at all, before anything is opened. Names are resolved later.
func checkAddress(field, address string, listening bool) *Error {
	example := "127.0.0.1:8330"
	if listening {
		example = ":8330"
	}
	if strings.TrimSpace(address) == "" {
		return invalid(field, "Type an address, such as %s.", example)
	}
	if len(address) > 262 { // a name of 255 bytes, a colon and a port
		return invalid(field, "That address is too long; it looks like %s.", example)
	}
	if plain := plainAddress(address); plain != address {
		return invalid(field, "%q has full-width characters; with plain ones it is %s.", clip(address, 60), clip(plain, 60))
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return notAddress(field, address, example, err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return invalid(field, "Port %q is not a number from 0 to 65535.", clip(port, 20))
	}
	if !listening && n == 0 && field != "local" {
		return invalid(field, "Nobody can be reached on port 0; use the port the other side listens on.")
	}
	if decimal := withoutZeros(host); decimal != host {
		return invalid(field, "%q has a number that begins with 0, which some programs read as octal: write it without, as in %s.", clip(host, 60), clip(decimal, 60))
	}
	if bad := strings.IndexFunc(host, notInHost); bad >= 0 {
		r, _ := utf8.DecodeRuneInString(host[bad:])
		return invalid(field, "%q cannot be part of a host name or address.", r)
	}
	return nil
}

// withoutZeros is what looks like an IPv4 address without the zeros that its numbers begin with, which inet_aton(3) reads
// as octal, and netip refuses.
func withoutZeros(host string) string {
	if strings.Trim(host, "0123456789.") != "" {
		return host
	}
	numbers := strings.Split(host, ".")
	for i, n := range numbers {
		if n != "" {
			numbers[i] = cmp.Or(strings.TrimLeft(n, "0"), "0")
		}
	}
	return strings.Join(numbers, ".")
}

// plainAddress is an address in the characters of ASCII that a Chinese or Japanese keyboard has wide ones of (Unicode
// UAX #11), the full stop among them.
func plainAddress(address string) string {
	return strings.ReplaceAll(width.Narrow.String(strings.ReplaceAll(address, "。", "．")), "｡", ".")
}

// notAddress says what is wrong with what Go cannot take apart.
func notAddress(field, address, example string, err error) *Error {
	if rest, port, ok := cutLast(address, ":"); ok && strings.Contains(rest, ":") && !strings.ContainsAny(address, "[]") {
		// Of ::1:8330 nobody knows whether it ends in a port; but it has none where brackets do not say so.
		if a, err := netip.ParseAddr(rest); err == nil && isPort(port) {
			return invalid(field, "An IPv6 address stands in brackets before its port: [%s]:%s.", a, port)
		}
		if a, err := netip.ParseAddr(address); err == nil {
			return invalid(field, "An IPv6 address stands in brackets and needs a port, such as [%s]:8330.", a)
		}
	}
	if host := strings.Trim(address, "[]"); !strings.ContainsAny(host, ":[]") || isIP(host) {
		if host == "" || strings.ContainsFunc(host, notInHost) {
			host = "127.0.0.1"
		}
		return invalid(field, "%q has no port; it looks like %s.", clip(address, 60), clip(net.JoinHostPort(host, "8330"), 60))
	}
	return &Error{Code: CodeInvalidArgument, Field: field, Err: err,
		Message: fmt.Sprintf("%q is not an address; it looks like %s, or [::1]:8330.", clip(address, 60), example)}
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func isIP(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// notInHost says whether a rune can be neither in a host name (RFC 1123 §2.1, and _ as many have it) nor in an IP
// address with its zone.
func notInHost(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._:%", r)
}

// normalAddress gives a bare port number the colon that Go wants, and trims blanks: both are common slips.
func normalAddress(address string) string {
	address = strings.TrimSpace(address)
	if _, err := strconv.Atoi(address); err == nil {
		return ":" + address
	}
	return address
}

// portOf is the port of an address that was checked.
func portOf(address string) uint16 {
	_, port, _ := net.SplitHostPort(address)
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}

// literal is the address as far as it needs no resolver.
func literal(address string) (netip.AddrPort, bool) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, false
	}
	if host == "" {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(n)), true
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(a, uint16(n)), true
}
