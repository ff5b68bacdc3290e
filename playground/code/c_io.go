package code

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (c *clang) read(st *step, v string) {
	if st.Drain {
		c.timeout(&step{}, v, "SO_RCVTIMEO", time.Second, "")
		c.call(st, "read", "while ((n = read(%s, buf, sizeof buf)) > 0) // as much as there is", v)
		c.add("    continue;")
		c.timeout(&step{}, v, "SO_RCVTIMEO", 0, "")
		return
	}
	if st.Loose {
		c.call(st, "read", "while ((n = read(%s, buf, sizeof buf)) > 0) // until there is no more", v)
		c.add("    continue;")
		if st.failed() {
			c.add("if (n < 0)")
			c.printError(st, "read")
		}
		return
	}
	if st.exactly {
		c.add("for (long left = %d; left > 0; left -= n)", st.N)
		c.block(func() {
			c.call(st, "read", "n = check(read(%s, buf, left < (long)sizeof buf ? left : (long)sizeof buf), \"read\");", v)
		})
		c.add("printf(\"%s read %d bytes\\n\");", st.Socket, st.N)
		c.prints("%s read %d bytes", st.Socket, st.N)
		return
	}
	if st.failed() && st.Err.Kind != "eof" {
		c.call(st, "read", "n = read(%s, buf, %d);", v, st.Size)
		c.add("if (n < 0)")
		c.printError(st, "read")
		return
	}
	if st.Waits {
		c.call(st, "read", "check(read(%s, buf, %d), \"read\"); // waits still", v, st.Size)
		return
	}
	if st.whole {
		c.headers["sys/socket.h"] = true
		c.call(st, "recv", "n = check(recv(%s, buf, %d, MSG_WAITALL), \"recv\"); // %s", v, st.N, c.options.said(severalWrites))
	} else {
		c.call(st, "read", "n = check(read(%s, buf, %d), \"read\");", v, st.Size)
	}
	switch {
	case st.failed():
		c.add("printf(\"%s read %%ld bytes\\n\", n); // 0: got a FIN", st.Socket)
		c.prints("%s read 0 bytes", st.Socket)
	case st.told() && printable(st.Data):
		c.add("printf(\"%s read \\\"%%.*s\\\"\\n\", (int)n, buf);", st.Socket)
		c.prints("%s read %q", st.Socket, st.Data)
	default:
		c.add("printf(\"%s read %%ld bytes\\n\", n);", st.Socket)
		c.prints("%s read %d bytes", st.Socket, st.N)
	}
}

// printable says that bytes are one line of text as they are.
func printable(p []byte) bool {
	return !slices.ContainsFunc(p, func(b byte) bool { return b < ' ' || b >= 0x7f || b == '"' || b == '\\' })
}

func (c *clang) write(st *step, v string) {
	unit, times := st.payload()
	if times == 1 {
		call := fmt.Sprintf("write(%s, \"%s\", %d)", v, cString(unit), len(unit))
		c.failing(st, "write", "write", call)
		return
	}
	if st.invented() {
		c.add("// As many bytes as were sent; which they were is not shown.")
	}
	chunk := int64(st.Chunk)
	if chunk == 0 || chunk > st.Size {
		chunk = st.Size
	}
	c.headers["string.h"] = true
	name := fmt.Sprintf("%s_data", v)
	c.add("{")
	c.block(func() {
		c.add("char *%s = malloc(%d);", name, chunk)
		c.add("for (long i = 0; i < %d; i++)", chunk)
		c.add("    %s[i] = \"%s\"[i %% %d];", name, cString(unit), len(unit))
		if chunk == st.Size {
			c.failing(st, "write", "write", fmt.Sprintf("write(%s, %s, %d)", v, name, chunk))
			c.add("free(%s);", name)
			return
		}
		c.add("for (long left = %d; left > 0; left -= %d) {", st.Size, chunk)
		c.block(func() {
			call := fmt.Sprintf("write(%s, %s, left < %d ? left : %d)", v, name, chunk, chunk)
			switch {
			case !st.failed():
				c.call(st, "write", "check(%s, \"write\");", call)
			case st.Err.Kind == "deadline" || st.Err.Kind == "cancelled": // a timeout after some bytes gives their number
				c.call(st, "write", "if (%s < (left < %d ? left : %d)) {", call, chunk, chunk)
				c.add("    printf(\"%s write: not all, and the time is up\\n\");", st.Socket)
				c.prints("%s write: not all, and the time is up", st.Socket)
				c.add("    break;")
				c.add("}")
			default:
				c.call(st, "write", "if (%s < 0) {", call)
				c.printError(st, "write")
				c.add("    break;")
				c.add("}")
			}
			if st.Interval > 0 {
				c.add("usleep(%d);", st.Interval.Microseconds())
			}
		})
		c.add("}")
		c.add("free(%s);", name)
	})
	c.add("}")
}

// cString writes bytes between the quotes of a C string. A hexadecimal escape there has no end, so octal ones are used.
func cString(p []byte) string {
	var b strings.Builder
	for _, ch := range p {
		switch {
		case ch == '\\' || ch == '"':
			b.WriteString(`\` + string(ch))
		case ch == '\n':
			b.WriteString(`\n`)
		case ch == '\r':
			b.WriteString(`\r`)
		case ch < ' ' || ch >= 0x7f || ch == '?': // ?: no trigraphs
			fmt.Fprintf(&b, `\%03o`, ch)
		default:
			b.WriteByte(ch)
		}
	}
	return b.String()
}
