package code

import (
	"fmt"
	"strings"
)

func (y *python) read(st *step, v, wait string) {
	if st.Drain {
		y.add("%s.settimeout(1)", v)
		y.add("try:")
		y.call(st, "recv", "    while %s.recv(65536):", v)
		y.add("        pass  # as much as there is")
		y.add("except TimeoutError:")
		y.add("    %s.settimeout(None)", v)
		return
	}
	if st.Loose {
		y.loose(st, v)
		return
	}
	if st.exactly {
		y.add("left = %d", st.N)
		y.add("while left > 0:")
		y.block(func() { y.call(st, "recv", "left -= len(%s.recv(min(left, 65536)))", v) })
		y.add("print(\"%s read %d bytes\")", st.Socket, st.N)
		y.prints("%s read %d bytes", st.Socket, st.N)
		return
	}
	eof := ""
	if st.failed() && st.Err.Kind == "eof" {
		eof = y.options.remarked("  # b'': got a FIN")
	}
	if st.whole {
		y.call(st, "recv", "data = %s.recv(%d, socket.MSG_WAITALL)  # %s", v, st.N, y.options.said(severalWrites))
	} else {
		y.tried(st, "read", "recv", "data = %s.recv(%d)%s", v, st.Size, wait)
	}
	switch {
	case eof != "":
		y.add("print(%q, data)%s", st.Socket+" read", eof)
		y.prints("%s read b''", st.Socket)
	case st.failed() || st.Waits:
	case st.told():
		y.add("print(%q, data)", st.Socket+" read")
		y.prints("%s read %s", st.Socket, pythonRepr(st.Data))
	default:
		y.add("print(%q, len(data), \"bytes\")", st.Socket+" read")
		y.prints("%s read %d bytes", st.Socket, st.N)
	}
}

// loose reads until there is no more.
func (y *python) loose(st *step, v string) {
	loop := func() {
		y.call(st, "recv", "while %s.recv(65536):", v)
		y.add("    pass  # until there is no more")
	}
	y.looped(st, "read", loop)
}

func (y *python) write(st *step, v, wait string) {
	unit, times := st.payload()
	value := pythonBytes(unit)
	if st.invented() {
		y.add("# As many bytes as were sent; which they were is not shown.")
	}
	if st.Chunk > 0 && st.Size > int64(st.Chunk) {
		y.chunks(st, v, unit)
		return
	}
	if times > 1 {
		value += fmt.Sprintf(" * %d", times)
	}
	y.tried(st, "write", "sendall", "%s.sendall(%s)%s", v, value, wait)
}

func (y *python) chunks(st *step, v string, unit []byte) {
	y.add("chunk = (%s * %d)[:%d]", pythonBytes(unit), (st.Chunk+len(unit)-1)/len(unit), st.Chunk)
	loop := func() {
		y.add("for sent in range(0, %d, len(chunk)):", st.Size)
		y.block(func() {
			y.call(st, "sendall", "%s.sendall(chunk[:%d - sent])", v, st.Size)
			if st.Interval > 0 {
				y.imports["time"] = true
				y.add("time.sleep(%s)", seconds(st.Interval))
			}
		})
	}
	y.looped(st, "write", loop)
}

// looped writes a loop of calls, which may end with an error.
func (y *python) looped(st *step, verb string, loop func()) {
	if !st.failed() {
		loop()
		return
	}
	y.add("try:")
	y.block(loop)
	y.add("except OSError as error:")
	y.block(func() { y.add("print(%q, error)  # %s", st.Socket+" "+verb+":", y.explains(st)) })
	y.prints("%s %s: …%s…", st.Socket, verb, pythonError(st.Err))
}

// pythonBytes is a bytes literal.
func pythonBytes(p []byte) string { return `b"` + escaped(p, `"`) + `"` }

// pythonRepr is what Python prints of bytes: with single quotes, unless there are such in them and no double ones.
func pythonRepr(p []byte) string {
	if strings.Contains(string(p), "'") && !strings.Contains(string(p), `"`) {
		return `b"` + escaped(p, "") + `"`
	}
	return "b'" + escaped(p, "'") + "'"
}

// escaped writes bytes as C, Python and printf(1) all read them between quotes of that kind.
func escaped(p []byte, quote string) string {
	var b strings.Builder
	for _, c := range p {
		switch {
		case c == '\\' || quote != "" && c == quote[0]:
			b.WriteString(`\` + string(c))
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
