package code

import (
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// golang writes a program in Go's net package.
type golang struct {
	*text
	p         *program
	declared  map[string]bool
	imports   map[string]bool
	helpers   map[string]bool
	buffer    int64             // how large buf is
	addresses map[string]string // of the variables addr and local
}

func writeGo(t *text, p *program) {
	g := &golang{text: &text{depth: 1, options: t.options}, p: p, declared: map[string]bool{}, imports: map[string]bool{}, helpers: map[string]bool{}, addresses: map[string]string{}}
	if p.has(func(st *step) bool { return st.beside && !st.left }) {
		g.use("sync")
		g.add("var beside sync.WaitGroup")
		g.declared["beside"] = true
	}
	for i := range p.steps {
		g.step(&p.steps[i], i == len(p.steps)-1)
	}
	g.end()
	for _, words := range p.head() {
		t.comment("//", words)
	}
	if len(t.lines) > 0 {
		t.add("")
	}
	t.add("package main")
	t.add("")
	if len(p.steps) == 0 {
		t.add("func main() {}")
		return
	}
	g.helper("check")
	t.add("import (")
	for _, name := range slices.Sorted(maps.Keys(g.imports)) {
		t.add("\t%q", name)
	}
	t.add(")")
	t.add("")
	t.add("func main() {")
	t.lines = append(t.lines, g.finish()...)
	t.add("}")
	for _, name := range goHelperOrder {
		if g.helpers[name] {
			t.add("")
			for line := range strings.SplitSeq(goHelpers[name], "\n") {
				t.add("%s", t.options.remarked(line))
			}
		}
	}
	for i := range p.steps {
		if l := p.steps[i].loop; l != nil && l.Behavior != "never_read" && l.Behavior != "hang_up" && l.Behavior != "reset" {
			g.serve(t, &p.steps[i])
		}
	}
	t.output = g.output
	t.format()
}

// format aligns the lines as gofmt does, which never changes how many there are.
func (t *text) format() {
	f := File{Lines: t.lines}
	out, err := format.Source([]byte(f.Text()))
	if lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); err == nil && len(lines) == len(t.lines) {
		for i := range lines {
			t.lines[i].Text = lines[i]
		}
	}
}

func (g *golang) use(imports ...string) {
	for _, name := range imports {
		g.imports[name] = true
	}
}

// assign gives the operator that assigns to variables, some of which may be new.
func (g *golang) assign(names ...string) string {
	op := "="
	for _, name := range names {
		if name != "_" && !g.declared[name] {
			g.declared[name], op = true, ":="
		}
	}
	return op
}

// step writes one step.
func (g *golang) step(st *step, final bool) {
	g.gap()
	if title := g.p.title(st); title != "" {
		g.add("// %s", title)
	}
	if st.ask != "" {
		g.stop([]string{g.options.said(st.ask)}, nil)
	}
	if st.sleep > 0 {
		g.use("time")
		g.add("time.Sleep(%s)%s", goDuration(st.sleep), suffix(" // ", st.why))
	}
	for _, before := range st.joins {
		g.add("<-%s // %s's %s has returned", before.side, before.Socket, before.Op)
	}
	switch {
	case st.Op == turnOp:
		g.turn(st)
	case st.beside:
		g.beside(st)
	default:
		g.made(st, final)
	}
}

// made writes the call of a step.
func (g *golang) made(st *step, final bool) {
	v := variable(st.Socket)
	switch st.Op {
	case "Listen":
		g.listen(st, v, final)
	case "Dial":
		g.dial(st, v)
	case "Accept":
		g.cancelled(st, v, "SetDeadline", func() {
			name := "_"
			if !st.failed() && !st.Waits {
				name = variable(st.Conn)
			}
			op := g.assign(name, "err")
			g.call(st, "AcceptTCP", "%s, err %s %s.AcceptTCP()%s", name, op, v, g.waiting(st))
			g.checked(st, "accept")
		})
		if st.Conn != "" {
			g.keep(st.Conn, st)
		}
	case "Read":
		g.cancelled(st, v, "SetReadDeadline", func() { g.read(st, v) })
	case "Write":
		g.cancelled(st, v, "SetWriteDeadline", func() { g.write(st, v) })
	case "CloseWrite", "CloseRead", "Close":
		g.result(st, st.Op, fmt.Sprintf("%s.%s()", v, st.Op))
		if st.Op == "Close" && g.p.all[st.Socket].TimeWait {
			g.add("// %s is in TIME_WAIT for 60 s.", st.Socket)
		}
	case "Reset":
		g.call(st, "SetLinger", "check(%s.SetLinger(0)) // Close will send RST", v)
		g.result(st, "Close", v+".Close()")
	case "SetDeadline":
		g.use("time")
		at := "time.Time{}"
		if st.After > 0 {
			at = "time.Now().Add(" + goDuration(st.After) + ")"
		}
		name := map[string]string{"read": "SetReadDeadline", "write": "SetWriteDeadline"}[st.Deadline]
		if name == "" || g.p.all[st.Socket].Behavior != "" {
			name = "SetDeadline"
		}
		g.result(st, name, fmt.Sprintf("%s.%s(%s)", v, name, at))
	case "SetOption":
		g.option(st, v)
	}
}

// result writes a call that returns nothing but an error.
func (g *golang) result(st *step, name, call string) {
	if !st.failed() {
		g.call(st, name, "check(%s)", call)
		return
	}
	g.use("fmt")
	what := st.Socket + " " + strings.ToLower(st.Op)
	g.call(st, name, "fmt.Println(%q, %s) // %s", what+":", call, g.explains(st))
	g.prints("%s: …%s", what, goError(st.Err))
}

// checked writes what is done with err.
func (g *golang) checked(st *step, what string) {
	if st.left {
		g.add("_ = err // the end of the program ends it")
		return
	}
	if !st.failed() {
		g.add("check(err)")
		return
	}
	g.use("fmt")
	g.add("fmt.Println(%q, err) // %s", st.Socket+" "+what+":", g.explains(st))
	g.prints("%s %s: …%s", st.Socket, what, goError(st.Err))
}

// cancelled ends a call by a deadline where the user cancelled it, as the playground itself does.
func (g *golang) cancelled(st *step, v, setter string, call func()) {
	cancelled := st.failed() && st.Err.Kind == "cancelled"
	if cancelled {
		g.use("time")
		g.add("check(%s.%s(time.Now().Add(%s))) // then it was cancelled", v, setter, goDuration(st.patience()))
	}
	call()
	if cancelled {
		g.add("check(%s.%s(time.Time{}))", v, setter)
	}
}

func (g *golang) listen(st *step, v string, final bool) {
	g.use("net")
	if early := early(st.Options); len(early) > 0 {
		g.add("config %s net.ListenConfig{Control: func(%s, _ string, raw syscall.RawConn) error {", g.assign("config"), g.network(st.Socket, early))
		g.control(st.Socket, early)
		g.add("}}")
		g.add("config.SetMultipathTCP(false) // net would listen with MPTCP")
		g.use("context")
		name := "listener"
		if st.failed() {
			name = "_"
		}
		op := g.assign(name, "err")
		g.call(st, "Listen", "%s, err %s config.Listen(context.Background(), \"tcp\", %q)", name, op, g.p.address(st.Address))
		g.checked(st, "listen")
		if st.failed() {
			return
		}
		g.add("%s %s listener.(*net.TCPListener)", v, g.assign(v))
	} else {
		addr := g.tcpAddr("addr", st.Address)
		name := v
		if st.failed() {
			name = "_"
		}
		op := g.assign(name, "err")
		g.call(st, "ListenTCP", "%s, err %s net.ListenTCP(\"tcp\", %s)", name, op, addr)
		g.checked(st, "listen")
		if st.failed() {
			return
		}
	}
	set := *st
	set.Seqs = nil
	for _, o := range late(st.Options) {
		g.set(&set, v, o, true)
	}
	if st.Backlog > 0 {
		g.helper("on")
		g.add("// Go's net has no backlog; a second listen(2) sets it.")
		g.add("on(%s, func(fd uintptr) {", v)
		g.add("\tcheck(syscall.Listen(int(fd), %d))", st.Backlog)
		g.add("})")
	}
	if st.loop != nil {
		g.loop(st, v, final)
	}
	g.keep(st.Socket, st)
}

func (g *golang) dial(st *step, v string) {
	g.use("net")
	name := v
	if st.failed() || st.Waits {
		name = "_"
	}
	timeout := st.Timeout
	if st.failed() && (st.Err.Kind == "cancelled" || st.Err.Kind == "deadline" && timeout == 0) {
		timeout = st.patience()
	}
	early := early(st.Options)
	if timeout == 0 && len(early) == 0 {
		local := "nil"
		if st.Local != "" {
			local = g.tcpAddr("local", st.Local)
		}
		addr := g.tcpAddr("addr", st.Address)
		conn := name
		if st.connects() { // := would make another variable of that name
			conn = "conn"
		}
		op := g.assign(conn, "err")
		g.call(st, "DialTCP", "%s, err %s net.DialTCP(\"tcp\", %s, %s)%s", conn, op, local, addr, g.waiting(st))
		g.checked(st, "dial")
		if conn != name {
			g.add("%s = conn", name)
		}
	} else {
		local := ""
		if st.Local != "" {
			local = g.tcpAddr("local", st.Local)
		}
		op := g.assign("dialer")
		g.add("dialer %s net.Dialer{", op)
		g.block(func() {
			if timeout > 0 {
				g.use("time")
				g.add("Timeout: %s,", goDuration(timeout))
			}
			if st.Local != "" {
				g.add("LocalAddr: %s,", local)
			}
			if len(early) > 0 {
				g.add("Control: func(%s, _ string, raw syscall.RawConn) error {", g.network(st.Socket, early))
				g.control(st.Socket, early)
				g.add("},")
			}
		})
		g.add("}")
		conn := "conn"
		if name == "_" {
			conn = "_"
		}
		op = g.assign(conn, "err")
		g.call(st, "Dial", "%s, err %s dialer.Dial(\"tcp\", %q)%s", conn, op, g.p.address(st.Address), g.waiting(st))
		g.checked(st, "dial")
		if name != "_" {
			g.add("%s %s conn.(*net.TCPConn)", name, g.assign(name))
		}
	}
	if name != "_" {
		set := *st
		set.Seqs = nil // the Dial sent them
		for _, o := range late(st.Options) {
			g.set(&set, v, o, false)
		}
		if !st.beside {
			g.keep(st.Socket, st)
		}
	}
}

// keep uses a socket that nothing else is done with: Go refuses a variable without a use.
func (g *golang) keep(socket string, opening *step) {
	if !g.p.uses(socket, opening) {
		g.add("defer %s.Close()", variable(socket))
	}
}

// end writes what keeps the program from ending before its time.
func (g *golang) end() {
	if g.declared["beside"] {
		g.gap()
		g.add("beside.Wait()")
	}
	if g.p.closes() {
		g.gap()
		g.use("fmt")
		g.comment("//", g.p.ends())
		g.add("fmt.Println(%q)", g.options.said(Prompt))
		g.prints("%s", g.options.said(Prompt))
		g.add("fmt.Scanln()")
		for _, s := range slices.Backward(g.p.open) {
			g.add("check(%s.Close())", variable(s.Name))
		}
	}
}

// tcpAddr writes the lines that give a variable an address, unless it has that one, and gives the variable.
func (g *golang) tcpAddr(name, address string) string {
	if g.addresses[name] == address && g.declared[name] {
		return name
	}
	g.addresses[name] = address
	host, port := g.p.split(address)
	if host == "" {
		g.add("%s %s &net.TCPAddr{Port: %d}", name, g.assign(name), port)
		return name
	}
	if strings.Trim(host, "0123456789.") != "" && !strings.Contains(host, ":") { // a name
		g.add("%s, err %s net.ResolveTCPAddr(\"tcp\", %q)", name, g.assign(name, "err"), g.p.address(address))
		g.add("check(err)")
		return name
	}
	g.add("%s %s &net.TCPAddr{", name, g.assign(name))
	g.add("\tIP:   net.ParseIP(%q),", host)
	g.add("\tPort: %d,", port)
	g.add("}")
	return name
}

// goDuration spells a duration as a Go program does.
func goDuration(d time.Duration) string {
	if d%time.Second == 0 {
		if d == time.Second {
			return "time.Second"
		}
		return strconv.FormatInt(int64(d/time.Second), 10) + " * time.Second"
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + " * time.Millisecond"
}
