package code

import (
	"fmt"
	"strings"
)

func (g *golang) read(st *step, v string) {
	if st.Drain {
		g.use("io", "time")
		g.add("check(%s.SetReadDeadline(time.Now().Add(time.Second))) // as much as there is", v)
		g.call(st, "Copy", "_, _ = io.Copy(io.Discard, %s)", v)
		g.add("check(%s.SetReadDeadline(time.Time{}))", v)
		return
	}
	if st.Loose {
		g.use("io")
		op := g.assign("_", "err")
		g.call(st, "Copy", "_, err %s io.Copy(io.Discard, %s) // until there is no more", op, v)
		g.checked(st, "read")
		return
	}
	if st.exactly {
		g.use("io", "fmt")
		op := g.assign("_", "err")
		g.call(st, "CopyN", "_, err %s io.CopyN(io.Discard, %s, %d)", op, v, st.N)
		g.checked(st, "read")
		g.add("fmt.Println(\"%s read %d bytes\")", st.Socket, st.N)
		g.prints("%s read %d bytes", st.Socket, st.N)
		return
	}
	size := st.Size
	buf := "buf"
	switch {
	case g.buffer == 0:
		g.buffer = max(size, 1)
		g.add("buf %s make([]byte, %d)", g.assign("buf"), g.buffer)
	case size > g.buffer:
		g.buffer = size
		g.add("buf = make([]byte, %d)", size)
	case size < g.buffer:
		buf = fmt.Sprintf("buf[:%d]", size)
	}
	n := "n"
	if st.failed() || st.Waits {
		n = "_"
	}
	op := g.assign(n, "err")
	if st.whole {
		g.use("io")
		g.call(st, "ReadFull", "%s, err %s io.ReadFull(%s, buf[:%d]) // %s", n, op, v, st.N, g.options.said(severalWrites))
	} else {
		g.call(st, "Read", "%s, err %s %s.Read(%s)%s", n, op, v, buf, g.waiting(st))
	}
	g.checked(st, "read")
	if n == "_" {
		return
	}
	g.use("fmt")
	if st.told() {
		g.add("fmt.Printf(\"%s read %%q\\n\", buf[:n])", st.Socket)
		g.prints("%s read %q", st.Socket, st.Data)
	} else {
		g.add("fmt.Println(%q, n, \"bytes\")", st.Socket+" read")
		g.prints("%s read %d bytes", st.Socket, st.N)
	}
}

func (g *golang) write(st *step, v string) {
	unit, times := st.payload()
	value := fmt.Sprintf("[]byte(%q)", unit)
	if times > 1 {
		g.use("bytes")
		value = fmt.Sprintf("bytes.Repeat(%s, %d)", value, times)
	}
	if st.Chunk > 0 && st.Size > int64(st.Chunk) {
		g.chunks(st, v, unit)
		return
	}
	if st.invented() {
		g.add("// As many bytes as were sent; which they were is not shown.")
	}
	op := g.assign("_", "err")
	g.call(st, "Write", "_, err %s %s.Write(%s)%s", op, v, value, g.waiting(st))
	g.checked(st, "write")
}

// chunks writes a transfer: the same Write again and again.
func (g *golang) chunks(st *step, v string, unit []byte) {
	g.use("bytes")
	if st.invented() {
		g.add("// As many bytes as were sent; which they were is not shown.")
	}
	g.add("chunk %s bytes.Repeat([]byte(%q), %d)[:%d]", g.assign("chunk"), unit, (st.Chunk+len(unit)-1)/len(unit), st.Chunk)
	g.add("for left := %d; left > 0; left -= len(chunk) {", st.Size)
	g.block(func() {
		g.call(st, "Write", "_, err := %s.Write(chunk[:min(left, len(chunk))])%s", v, g.waiting(st))
		if st.failed() {
			g.use("fmt")
			g.add("if err != nil {")
			g.block(func() {
				g.checked(st, "write")
				g.add("break")
			})
			g.add("}")
		} else {
			g.add("check(err)")
		}
		if st.Interval > 0 {
			g.use("time")
			g.add("time.Sleep(%s)", goDuration(st.Interval))
		}
	})
	g.add("}")
}

// goError is the end of an error's text as Go prints it.
func goError(e *Error) string {
	if e.Kind == "cancelled" {
		return "i/o timeout"
	}
	return e.Text[strings.LastIndex(e.Text, ": ")+1:]
}

func suffix(before, words string) string {
	if words == "" {
		return ""
	}
	return before + words
}

// waiting is the comment beside a call that has not returned.
func (t *text) waiting(st *step) string {
	if st.Waits {
		return " // " + t.options.said("waits still")
	}
	return ""
}
