package code

import (
	"fmt"
	"slices"
	"strings"
)

// goHelpers are the functions that a Go program may need besides main.
var goHelpers = map[string]string{
	"check": `func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}`,
	"on": `// on runs f on the descriptor of a socket.
func on(c syscall.Conn, f func(fd uintptr)) {
	raw, err := c.SyscallConn()
	check(err)
	check(raw.Control(f))
}`,
}

var goHelperOrder = []string{"check", "on"}

func (g *golang) helper(name string) {
	g.helpers[name] = true
	g.use("log")
	if name == "on" {
		g.use("syscall")
	}
}

// goLate are the options that Go sets by a method of an open connection.
var goLate = map[string]string{"NoDelay": "SetNoDelay", "KeepAlive": "SetKeepAlive", "Linger": "SetLinger"}

// early are the options that must be set before connect(2) or listen(2) to have their effect, late the others.
func early(options []Option) []Option {
	return slices.DeleteFunc(slices.Clone(options), func(o Option) bool { return setLate(o.Name) })
}

func late(options []Option) []Option {
	return slices.DeleteFunc(slices.Clone(options), func(o Option) bool { return !setLate(o.Name) })
}

func setLate(name string) bool {
	switch name {
	case "NoDelay", "Cork", "KeepAlive", "KeepAliveIdle", "KeepAliveInterval", "KeepAliveCount", "Linger":
		return true
	}
	return false
}

// control writes the body of a Control function.
func (g *golang) control(socket string, options []Option) {
	g.use("syscall")
	g.block(func() {
		g.add("return raw.Control(func(fd uintptr) {")
		g.block(func() {
			for _, o := range options {
				g.setting(&step{}, socket, o, networkIs6)
			}
		})
		g.add("})")
	})
}

// networkIs6 is how a Control function knows the family of its socket.
const networkIs6 = `network == "tcp6"`

// network is what a Control function calls its first argument: nothing, if it does not look at it.
func (g *golang) network(socket string, options []Option) string {
	if g.asks(socket) && slices.ContainsFunc(options, func(o Option) bool { return o.Name == "TTL" }) {
		return "network"
	}
	return "_"
}

// asks says whether the program must ask which family a socket has. One that listens on all addresses has IPv4 where the
// kernel has no IPv6.
func (g *golang) asks(socket string) bool {
	ipv4, ipv6, named := g.p.hops(socket)
	return ipv4 && ipv6 || named
}

// setting writes the lines that set an option on fd; is6 is the condition under which that is an IPv6 socket.
func (g *golang) setting(st *step, socket string, o Option, is6 string) {
	set := func(s sockopt) {
		text := goSetsockopt(o, s)
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "syscall."), "(")
		g.call(st, name, "check(%s)", text)
	}
	if o.Name == "TTL" && g.asks(socket) {
		g.add("if %s {", is6)
		g.block(func() { set(hopLimit) })
		g.add("}")
		set(ipTTL) // an IPv6 socket has it, too
		return
	}
	for _, s := range g.p.takes(socket, o) {
		set(s)
	}
}

// goSetsockopt is the setsockopt(2) of an option on fd.
func goSetsockopt(o Option, s sockopt) string {
	name := "syscall." + s.name
	if !s.inGo {
		name = fmt.Sprintf("%d /* %s */", s.number, s.name)
	}
	if text, ok := o.Value.(string); ok {
		return fmt.Sprintf("syscall.SetsockoptString(int(fd), syscall.%s, %s, %q)", s.level, name, text)
	}
	if o.Name == "Linger" {
		on, seconds := o.linger()
		return fmt.Sprintf("syscall.SetsockoptLinger(int(fd), syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: %d, Linger: %d})", on, seconds)
	}
	return fmt.Sprintf("syscall.SetsockoptInt(int(fd), syscall.%s, %s, %d)", s.level, name, o.number())
}

// option writes a SetOption of the user.
func (g *golang) option(st *step, v string) {
	listener := g.p.all[st.Socket].Behavior != ""
	if !st.failed() {
		g.set(st, v, st.Option, listener)
		return
	}
	g.use("fmt")
	g.helper("on")
	g.add("on(%s, func(fd uintptr) {", v)
	g.block(func() {
		text := goSetsockopt(st.Option, g.p.takes(st.Socket, st.Option)[0])
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "syscall."), "(")
		g.call(st, name, "err := %s", text)
		g.add("fmt.Println(%q, err) // %s", st.Socket+" setsockopt:", g.explains(st))
		g.prints("%s setsockopt: …%s", st.Socket, goError(st.Err))
	})
	g.add("})")
}

// set writes the line that sets an option on an open socket.
func (g *golang) set(st *step, v string, o Option, listener bool) {
	method := goLate[o.Name]
	switch o.Name {
	case "RcvBuf":
		method = "SetReadBuffer"
	case "SndBuf":
		method = "SetWriteBuffer"
	}
	if method == "" || listener {
		g.helper("on")
		addr := ".RemoteAddr()"
		if listener {
			addr = ".Addr()"
		}
		g.add("on(%s, func(fd uintptr) {", v)
		g.block(func() { g.setting(st, st.Socket, o, v+addr+".(*net.TCPAddr).IP.To4() == nil") })
		g.add("})")
		return
	}
	g.call(st, method, "check(%s.%s(%v))", v, method, o.Value)
}
