package code

import (
	"slices"
	"strings"
)

// serve writes the functions that serve a listener's connections.
func (y *python) serve(t *text, st *step) {
	l := st.loop
	line := func(op, name, format string, args ...any) {
		row := t.add(format, args...)
		row.Seqs, row.Call = st.loopSeqs[op], name
	}
	serve := strings.ToLower(l.Behavior + "_" + l.Name)
	threaded := !slices.Contains([]string{"never_read", "hang_up", "reset"}, l.Behavior)
	if threaded {
		t.add("")
		t.add("")
		t.add("def %s(conn):", serve)
		t.block(func() {
			if l.Behavior == "greet" {
				line("Write", "sendall", "conn.sendall(%s)", pythonBytes(l.Banner))
			}
			size := 65536
			if l.Behavior == "slow_read" {
				size = l.Bytes
				y.imports["time"] = true
			}
			t.add("try:")
			t.block(func() {
				line("Read", "recv", "while data := conn.recv(%d):  # b'': got a FIN", size)
				t.block(func() {
					if l.Behavior == "echo" {
						line("Write", "sendall", "conn.sendall(data)")
						return
					}
					t.add("print(\"read\", len(data), \"bytes\")")
					if l.Behavior == "slow_read" {
						t.add("time.sleep(%s)", seconds(l.Interval))
					}
				})
			})
			t.add("except OSError:")
			t.add("    pass  # reset by the peer")
			line("Close", "close", "conn.close()")
		})
	}
	t.add("")
	t.add("")
	t.add("def accept_%s(listener):", strings.ToLower(l.Name))
	t.block(func() {
		if l.Behavior == "never_read" {
			t.add("accepted = []  # kept open, never read")
		}
		t.add("while True:")
		t.block(func() {
			line("Accept", "accept", "conn, peer = listener.accept()")
			switch {
			case threaded:
				y.imports["threading"] = true
				t.add("threading.Thread(target=%s, args=(conn,), daemon=True).start()", serve)
			case l.Behavior == "never_read":
				t.add("accepted.append(conn)")
			case l.Behavior == "reset":
				y.imports["struct"] = true
				line("Reset", "setsockopt", "conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(\"ii\", 1, 0))  # close will send RST")
				line("Reset", "close", "conn.close()")
			default:
				line("Close", "close", "conn.close()")
			}
		})
	})
	t.add("")
}
