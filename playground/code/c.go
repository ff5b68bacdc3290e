package code

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// clang writes a program in C, with the calls of socket(7).
type clang struct {
	*text
	p       *program
	headers map[string]bool
	buffer  bool
}

func writeC(t *text, p *program) {
	t.tab = "    "
	c := &clang{text: &text{tab: t.tab, depth: 1}, p: p, headers: map[string]bool{"stdio.h": true, "stdlib.h": true, "arpa/inet.h": true, "sys/socket.h": true, "unistd.h": true}}
	if p.has(func(st *step) bool { return st.Op == "Write" && st.failed() }) {
		c.headers["signal.h"] = true
		c.add("signal(SIGPIPE, SIG_IGN); /* write() shall return EPIPE, and not end the program */")
	}
	if p.has(func(st *step) bool { return st.Op == "Read" }) {
		c.add("static char buf[%d];", c.largest())
	}
	if p.has(func(st *step) bool { return st.Op == "Read" && !st.Waits }) {
		c.add("long n;")
	}
	for i := range p.steps {
		c.step(&p.steps[i])
	}
	c.end()
	for _, words := range p.head() {
		t.comment("//", words)
	}
	t.gap()
	if len(p.steps) == 0 {
		t.add("int main(void) { return 0; }")
		return
	}
	for _, h := range []string{"arpa/inet.h", "errno.h", "netinet/in.h", "netinet/tcp.h", "pthread.h", "signal.h", "stdio.h", "stdlib.h", "string.h", "sys/socket.h", "sys/time.h", "unistd.h"} {
		if c.headers[h] {
			t.add("#include <%s>", h)
		}
	}
	t.add("")
	t.add("static int check(int result, const char *call) {")
	t.add("    if (result < 0) {")
	t.add("        perror(call);")
	t.add("        exit(1);")
	t.add("    }")
	t.add("    return result;")
	t.add("}")
	for i := range p.steps {
		if p.steps[i].loop != nil {
			c.serve(t, &p.steps[i])
		}
	}
	t.add("")
	t.add("int main(void) {")
	t.lines = append(t.lines, c.finish()...)
	t.add("}")
	t.output = c.output
}

func (c *clang) largest() int64 {
	size := int64(1)
	for _, st := range c.p.steps {
		if st.Op == "Read" {
			size = max(size, st.Size)
		}
	}
	return size
}

func (c *clang) step(st *step) {
	c.gap()
	if title := c.p.title(st); title != "" {
		c.add("// %s", title)
	}
	if st.sleep > 0 {
		c.add("usleep(%d);%s", st.sleep.Microseconds(), suffix(" // ", st.why))
	}
	if st.beside {
		l := c.add("// %s's %s waited while what follows was done: in C that takes a thread.", st.Socket, st.Op)
		l.Seqs = st.Seqs
		return
	}
	v := variable(st.Socket)
	switch st.Op {
	case "Listen":
		c.listen(st, v)
	case "Dial":
		c.dial(st, v)
	case "Accept":
		c.limited(st, v, "SO_RCVTIMEO")
		if st.failed() || st.Waits {
			c.failing(st, "accept", "accept", fmt.Sprintf("accept(%s, NULL, NULL)", v))
			return
		}
		c.call(st, "accept", "int %s = check(accept(%s, NULL, NULL), \"accept\");", variable(st.Conn), v)
		if !c.p.uses(st.Conn, st) {
			c.add("(void)%s; // it stays open until the program ends", variable(st.Conn))
		}
	case "Read":
		c.limited(st, v, "SO_RCVTIMEO")
		c.read(st, v)
	case "Write":
		c.limited(st, v, "SO_SNDTIMEO")
		c.write(st, v)
	case "CloseWrite", "CloseRead":
		how := map[string]string{"CloseWrite": "SHUT_WR", "CloseRead": "SHUT_RD"}[st.Op]
		c.failing(st, strings.ToLower(st.Op), "shutdown", fmt.Sprintf("shutdown(%s, %s)", v, how))
	case "Close":
		c.failing(st, "close", "close", fmt.Sprintf("close(%s)", v))
		if c.p.all[st.Socket].TimeWait {
			c.add("// %s is in TIME_WAIT for 60 s.", st.Socket)
		}
	case "Reset":
		c.option(st, v, Option{Name: "Linger", Value: int64(0)})
		c.failing(st, "close", "close", fmt.Sprintf("close(%s)", v))
	case "SetDeadline":
		for _, name := range map[string][]string{"read": {"SO_RCVTIMEO"}, "write": {"SO_SNDTIMEO"}, "both": {"SO_RCVTIMEO", "SO_SNDTIMEO"}}[st.Deadline] {
			c.timeout(st, v, name, st.After, " // for each call")
		}
	case "SetOption":
		c.option(st, v, st.Option)
	}
}

// failing writes a call that gives 0 or −1.
func (c *clang) failing(st *step, what, name, call string) {
	if !st.failed() {
		c.call(st, name, "check(%s, %q);%s", call, name, waiting(st))
		return
	}
	c.call(st, name, "if (%s < 0)", call)
	c.printError(st, what)
}

func (c *clang) printError(st *step, what string) {
	c.headers["string.h"], c.headers["errno.h"] = true, true
	c.block(func() {
		c.add("printf(\"%s %s: %%s\\n\", strerror(errno)); // %s", st.Socket, what, st.explains())
	})
	c.prints("%s %s: …%s", st.Socket, what, cError(st.Err))
}

func cError(e *Error) string {
	switch e.Kind {
	case "deadline", "cancelled":
		return "resource temporarily unavailable"
	case "closed":
		return "bad file descriptor"
	}
	return goError(e)
}

// limited ends a call by a timeout where the user cancelled it.
func (c *clang) limited(st *step, v, name string) {
	if st.failed() && st.Err.Kind == "cancelled" {
		c.timeout(&step{}, v, name, st.patience(), " // then it was cancelled")
	}
}

func (c *clang) timeout(st *step, v, name string, d time.Duration, comment string) {
	c.headers["sys/time.h"] = true
	c.call(st, "setsockopt", "check(setsockopt(%s, SOL_SOCKET, %s, &(struct timeval){%d, %d}, sizeof(struct timeval)), %q);%s",
		v, name, d/time.Second, d%time.Second/time.Microsecond, name, comment)
}

func (c *clang) option(st *step, v string, o Option) {
	s := sockopts[o.Name]
	if s.level == "IPPROTO_TCP" {
		c.headers["netinet/in.h"], c.headers["netinet/tcp.h"] = true, true
	}
	value := fmt.Sprintf("&(int){%d}, sizeof(int)", o.number())
	switch text, ok := o.Value.(string); {
	case ok:
		value = fmt.Sprintf("%q, %d", text, len(text))
	case o.Name == "Linger":
		on, after := o.linger()
		s = sockopt{level: "SOL_SOCKET", name: "SO_LINGER"}
		value = fmt.Sprintf("&(struct linger){%d, %d}, sizeof(struct linger)", on, after)
	}
	call := fmt.Sprintf("setsockopt(%s, %s, %s, %s)", v, s.level, s.name, value)
	if st.Op == "SetOption" && st.failed() {
		c.call(st, "setsockopt", "if (%s < 0)", call)
		c.printError(st, "setsockopt")
		return
	}
	c.call(st, "setsockopt", "check(%s, %q);", call, s.name)
}

// socket writes the address and the socket that go before bind or connect; it gives the address's variable.
func (c *clang) socket(st *step, v, address string) (family string) {
	host, port := c.p.split(address)
	c.headers["netinet/in.h"] = true
	at := v + "_at"
	switch {
	case strings.Contains(host, ":"):
		family = "AF_INET6"
		c.add("struct sockaddr_in6 %s = {.sin6_family = AF_INET6, .sin6_port = htons(%d)};", at, port)
		c.add("inet_pton(AF_INET6, %q, &%s.sin6_addr);", host, at)
	case host == "" && st.Op == "Listen":
		family = "AF_INET6" // dual-stack, as Go listens
		c.add("struct sockaddr_in6 %s = {.sin6_family = AF_INET6, .sin6_port = htons(%d)};", at, port)
	default:
		family = "AF_INET"
		if host == "" || host == "localhost" {
			host = "127.0.0.1"
		}
		c.add("struct sockaddr_in %s = {.sin_family = AF_INET, .sin_port = htons(%d)};", at, port)
		c.add("inet_pton(AF_INET, %q, &%s.sin_addr);", host, at)
	}
	c.add("int %s = check(socket(%s, SOCK_STREAM, 0), \"socket\");", v, family)
	return family
}

func (c *clang) listen(st *step, v string) {
	c.socket(st, v, st.Address)
	set := *st
	set.Seqs, set.Err = nil, nil
	c.option(&set, v, Option{Name: "ReuseAddr", Value: true})
	for _, o := range st.Options {
		c.option(&set, v, o)
	}
	c.failing(&step{Call: Call{Socket: st.Socket, Op: "bind", Err: st.Err}}, "listen", "bind", fmt.Sprintf("bind(%s, (struct sockaddr *)&%s_at, sizeof(%s_at))", v, v, v))
	if st.failed() {
		c.lines[len(c.lines)-2].Seqs, c.lines[len(c.lines)-2].Call = st.Seqs, "bind"
		return
	}
	backlog := "SOMAXCONN"
	if st.Backlog > 0 {
		backlog = fmt.Sprint(st.Backlog)
	}
	c.call(st, "listen", "check(listen(%s, %s), \"listen\");", v, backlog)
	if st.loop != nil {
		c.loop(st, v)
	}
}

func (c *clang) dial(st *step, v string) {
	c.socket(st, v, st.Address)
	set := *st
	set.Seqs, set.Err = nil, nil
	for _, o := range early(st.Options) {
		c.option(&set, v, o)
	}
	if st.Local != "" {
		local := *st
		host, port := c.p.split(st.Local)
		local.Address = st.Local
		if strings.Contains(host, ":") {
			c.add("struct sockaddr_in6 %s_local = {.sin6_family = AF_INET6, .sin6_port = htons(%d)};", v, port)
			c.add("inet_pton(AF_INET6, %q, &%s_local.sin6_addr);", host, v)
		} else {
			c.add("struct sockaddr_in %s_local = {.sin_family = AF_INET, .sin_port = htons(%d)};", v, port)
			if host != "" {
				c.add("inet_pton(AF_INET, %q, &%s_local.sin_addr);", host, v)
			}
		}
		c.option(&set, v, Option{Name: "ReuseAddr", Value: true})
		c.add("check(bind(%s, (struct sockaddr *)&%s_local, sizeof(%s_local)), \"bind\");", v, v, v)
	}
	timeout := st.Timeout
	if st.failed() && (st.Err.Kind == "cancelled" || st.Err.Kind == "deadline" && timeout == 0) {
		timeout = st.patience()
	}
	if timeout > 0 { // connect(2) keeps to SO_SNDTIMEO, and then gives EINPROGRESS (socket(7))
		c.timeout(&step{}, v, "SO_SNDTIMEO", timeout, " // for connect")
	}
	failed := *st
	if st.failed() && (st.Err.Kind == "deadline" || st.Err.Kind == "cancelled") {
		failed.Err = &Error{Text: "operation now in progress", Errno: "EINPROGRESS", Kind: "other"}
	}
	c.failing(&failed, "dial", "connect", fmt.Sprintf("connect(%s, (struct sockaddr *)&%s_at, sizeof(%s_at))", v, v, v))
	if st.failed() || st.Waits {
		return
	}
	if timeout > 0 {
		c.timeout(&step{}, v, "SO_SNDTIMEO", 0, "")
	}
	for _, o := range late(st.Options) {
		c.option(&set, v, o)
	}
}

func (c *clang) read(st *step, v string) {
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
	c.call(st, "read", "n = check(read(%s, buf, %d), \"read\");", v, st.Size)
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

// loop starts to serve the connections of a listener in a thread: in C a function that never returns.
func (c *clang) loop(st *step, v string) {
	c.headers["pthread.h"] = true
	thread := v + "_thread"
	c.add("pthread_t %s;", thread)
	c.add("pthread_create(&%s, NULL, accept_%s, &%s);", thread, v, v)
	if st.Seqs != nil && c.p.steps[len(c.p.steps)-1].Socket == st.Socket {
		c.add("pthread_join(%s, NULL);", thread)
	}
}

func (c *clang) serve(t *text, st *step) {
	l := st.loop
	name := strings.ToLower(l.Name)
	line := func(op, call, format string, args ...any) {
		row := t.add(format, args...)
		row.Seqs, row.Call = st.loopSeqs[op], call
	}
	threaded := !slices.Contains([]string{"never_read", "hang_up", "reset"}, l.Behavior)
	if threaded {
		size := 65536
		if l.Behavior == "slow_read" {
			size = l.Bytes
		}
		t.add("")
		t.add("static void *%s_%s(void *arg) {", l.Behavior, name)
		t.block(func() {
			t.add("int conn = (int)(long)arg;")
			t.add("char buf[%d];", size)
			t.add("long n;")
			if l.Behavior == "greet" {
				line("Write", "write", "check(write(conn, \"%s\", %d), \"write\");", cString(l.Banner), len(l.Banner))
			}
			line("Read", "read", "while ((n = read(conn, buf, sizeof buf)) > 0) { // 0: got a FIN")
			t.block(func() {
				if l.Behavior == "echo" {
					line("Write", "write", "if (write(conn, buf, n) < 0)")
					t.add("    break;")
					return
				}
				t.add("printf(\"read %%ld bytes\\n\", n);")
				if l.Behavior == "slow_read" {
					t.add("usleep(%d);", l.Interval.Microseconds())
				}
			})
			t.add("}")
			line("Close", "close", "close(conn);")
			t.add("return NULL;")
		})
		t.add("}")
	}
	t.add("")
	t.add("static void *accept_%s(void *listener) {", name)
	t.block(func() {
		t.add("for (;;) {")
		t.block(func() {
			line("Accept", "accept", "int conn = check(accept(*(int *)listener, NULL, NULL), \"accept\");")
			switch {
			case threaded:
				t.add("pthread_t thread;")
				t.add("pthread_create(&thread, NULL, %s_%s, (void *)(long)conn);", l.Behavior, name)
			case l.Behavior == "never_read":
				t.add("(void)conn; // kept open, never read")
			case l.Behavior == "reset":
				line("Reset", "setsockopt", "check(setsockopt(conn, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)), \"SO_LINGER\");")
				line("Reset", "close", "check(close(conn), \"close\"); // sends RST")
			default:
				line("Close", "close", "check(close(conn), \"close\");")
			}
		})
		t.add("}")
		t.add("return NULL;")
	})
	t.add("}")
}

func (c *clang) end() {
	if c.p.closes() {
		c.gap()
		c.comment("//", c.p.ends())
		c.add("getchar();")
		for _, s := range slices.Backward(c.p.open) {
			c.add("close(%s);", variable(s.Name))
		}
	}
}
