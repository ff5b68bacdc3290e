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
	threads *text           // the functions of calls that are made beside the rest
	shared  map[string]bool // the variables of sockets that they use
}

func writeC(t *text, p *program) {
	t.tab = "    "
	c := &clang{text: &text{tab: t.tab, depth: 1, options: t.options}, p: p, threads: &text{tab: t.tab, options: t.options}, shared: map[string]bool{},
		headers: map[string]bool{"stdio.h": true, "stdlib.h": true, "arpa/inet.h": true, "sys/socket.h": true, "unistd.h": true}}
	c.share()
	if p.has(func(st *step) bool { return st.Op == "Write" && st.failed() }) {
		c.headers["signal.h"] = true
		c.add("signal(SIGPIPE, SIG_IGN); /* write() shall return EPIPE, and not end the program */")
	}
	if p.has(func(st *step) bool { return st.Op == "Read" && !st.beside }) {
		c.add("static char buf[%d];", c.largest())
	}
	if p.has(func(st *step) bool { return st.Op == "Read" && !st.Waits && !st.beside }) {
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
	c.declareShared(t)
	for i := range p.steps {
		if p.steps[i].loop != nil {
			c.serve(t, &p.steps[i])
		}
	}
	t.lines = append(t.lines, c.threads.lines...)
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
	if st.ask != "" {
		c.stop([]string{c.options.said(st.ask)}, nil)
	}
	if st.sleep > 0 {
		c.add("usleep(%d);%s", st.sleep.Microseconds(), suffix(" // ", st.why))
	}
	for _, before := range st.joins {
		c.add("pthread_join(%s, NULL); // %s's %s has returned", before.side, before.Socket, before.Op)
	}
	switch {
	case st.Op == turnOp:
		c.turn(st)
	case st.beside:
		c.beside(st)
	default:
		c.made(st)
	}
}

// made writes the call of a step.
func (c *clang) made(st *step) {
	v := variable(st.Socket)
	switch st.Op {
	case "Listen":
		if !st.failed() {
			c.listen(st, v)
			return
		}
		c.add("{")
		c.block(func() { c.listen(st, v) })
		c.add("}")
	case "Dial":
		c.dial(st, v)
	case "Accept":
		c.limited(st, v, "SO_RCVTIMEO")
		if st.failed() || st.Waits {
			c.failing(st, "accept", "accept", fmt.Sprintf("accept(%s, NULL, NULL)", v))
			return
		}
		c.call(st, "accept", "%s = check(accept(%s, NULL, NULL), \"accept\");", c.declared(variable(st.Conn)), v)
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
		if st.ahead {
			c.comment("//", c.options.said(aheadOfWrite))
		}
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
		c.call(st, name, "check(%s, %q);%s", call, name, c.waiting(st))
		return
	}
	c.call(st, name, "if (%s < 0)", call)
	c.printError(st, what)
}

func (c *clang) printError(st *step, what string) {
	c.headers["string.h"], c.headers["errno.h"] = true, true
	c.block(func() {
		c.add("printf(\"%s %s: %%s\\n\", strerror(errno)); // %s", st.Socket, what, c.explains(st))
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
	if st.passed() {
		c.timeout(&step{}, v, name, time.Millisecond, " // the deadline has passed")
	}
	if st.failed() && st.Err.Kind == "cancelled" {
		c.timeout(&step{}, v, name, st.patience(), " // then it was cancelled")
	}
}

func (c *clang) timeout(st *step, v, name string, d time.Duration, comment string) {
	c.headers["sys/time.h"] = true
	c.call(st, "setsockopt", "check(setsockopt(%s, SOL_SOCKET, %s, &(struct timeval){%d, %d}, sizeof(struct timeval)), %q);%s",
		v, name, d/time.Second, d%time.Second/time.Microsecond, name, c.options.remarked(comment))
}

func (c *clang) option(st *step, v string, o Option) {
	for _, s := range c.p.takes(st.Socket, o) {
		c.setsockopt(st, v, o, s)
	}
}

func (c *clang) setsockopt(st *step, v string, o Option, s sockopt) {
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
	c.add("%s = check(socket(%s, SOCK_STREAM, 0), \"socket\");", c.declared(v), family)
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
	bind := ""
	if st.Local != "" {
		host, port := c.p.split(st.Local)
		if strings.Contains(host, ":") {
			c.add("struct sockaddr_in6 %s_local = {.sin6_family = AF_INET6, .sin6_port = htons(%d)};", v, port)
			c.add("inet_pton(AF_INET6, %q, &%s_local.sin6_addr);", host, v)
		} else {
			c.add("struct sockaddr_in %s_local = {.sin_family = AF_INET, .sin_port = htons(%d)};", v, port)
			if host != "" {
				c.add("inet_pton(AF_INET, %q, &%s_local.sin_addr);", host, v)
			}
		}
		bind = fmt.Sprintf("bind(%s, (struct sockaddr *)&%s_local, sizeof(%s_local))", v, v, v)
		if !st.failed() {
			c.add("check(%s, \"bind\");", bind)
		}
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
	if st.failed() && bind != "" { // either may be the one that fails
		bind += " < 0 || "
	} else {
		bind = ""
	}
	c.failing(&failed, "dial", "connect", bind+fmt.Sprintf("connect(%s, (struct sockaddr *)&%s_at, sizeof(%s_at))", v, v, v))
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

func (c *clang) end() {
	for i := range c.p.steps {
		if st := &c.p.steps[i]; st.unjoined() {
			c.gap()
			c.add("pthread_join(%s, NULL);", st.side)
		}
	}
	if c.p.closes() {
		c.gap()
		c.comment("//", c.p.ends())
		c.add("puts(\"%s\");", c.options.said(Prompt))
		c.prints("%s", c.options.said(Prompt))
		c.add("getchar();")
		for _, s := range slices.Backward(c.p.open) {
			c.add("close(%s);", variable(s.Name))
		}
	}
}
