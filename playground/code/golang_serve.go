package code

import (
	"strings"
)

// loop writes the loop that accepts.
func (g *golang) loop(st *step, v string, final bool) {
	l := st.loop
	line := func(op, name, format string, args ...any) {
		row := g.add(format, args...)
		row.Seqs, row.Call = st.loopSeqs[op], name
	}
	g.gap()
	if l.Behavior == "never_read" {
		g.add("var accepted []*net.TCPConn // kept open, never read")
	}
	if !final {
		g.add("go func() {")
		g.depth++
	}
	g.add("for {")
	g.block(func() {
		line("Accept", "AcceptTCP", "conn, err := %s.AcceptTCP()", v)
		if final {
			g.add("check(err)")
		} else {
			g.add("if err != nil {")
			g.add("\treturn // %s is closed", st.Socket)
			g.add("}")
		}
		switch l.Behavior {
		case "never_read":
			g.add("accepted = append(accepted, conn)")
		case "hang_up":
			line("Close", "Close", "check(conn.Close())")
		case "reset":
			line("Reset", "SetLinger", "check(conn.SetLinger(0)) // Close will send RST")
			line("Reset", "Close", "check(conn.Close())")
		default:
			g.add("go %s(conn)", serveName(l))
		}
	})
	g.add("}")
	if !final {
		g.depth--
		g.add("}()")
	}
	for _, name := range map[string][]string{"slow_read": {"fmt", "time"}, "discard": {"fmt"}, "greet": {"fmt"}}[l.Behavior] {
		g.use(name)
	}
}

// serveName names the function that serves a listener's connections.
func serveName(l *Socket) string {
	name := map[string]string{"slow_read": "slowRead"}[l.Behavior]
	if name == "" {
		name = l.Behavior
	}
	return name + strings.ToUpper(l.Name)
}

// serve writes that function.
func (g *golang) serve(t *text, st *step) {
	l := st.loop
	line := func(op, format string, args ...any) {
		row := t.add(format, args...)
		row.Seqs, row.Call = st.loopSeqs[op], op
	}
	t.add("")
	t.add("func %s(conn *net.TCPConn) {", serveName(l))
	t.block(func() {
		if l.Behavior == "greet" {
			line("Write", "_, err := conn.Write([]byte(%q))", l.Banner)
			t.add("check(err)")
		}
		size := l.Bytes
		if l.Behavior != "slow_read" {
			size = 65536
		}
		t.add("buf := make([]byte, %d)", size)
		t.add("for {")
		t.block(func() {
			line("Read", "n, err := conn.Read(buf)")
			t.add("if err != nil { // io.EOF: got a FIN")
			t.add("\tbreak")
			t.add("}")
			if l.Behavior == "echo" {
				line("Write", "if _, err := conn.Write(buf[:n]); err != nil {")
				t.add("\tbreak")
				t.add("}")
				return
			}
			t.add("fmt.Printf(\"read %%d bytes\\n\", n)")
			if l.Behavior == "slow_read" {
				t.add("time.Sleep(%s)", goDuration(l.Interval))
			}
		})
		t.add("}")
		line("Close", "conn.Close()")
	})
	t.add("}")
}
