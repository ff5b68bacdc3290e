package code

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// python writes a program with Python's socket module.
type python struct {
	*text
	p       *program
	imports map[string]bool
}

func writePython(t *text, p *program) {
	t.tab = "    "
	y := &python{text: &text{tab: t.tab, options: t.options}, p: p, imports: map[string]bool{"socket": true}}
	for i := range p.steps {
		y.step(&p.steps[i], i == len(p.steps)-1)
	}
	y.end()
	for _, words := range p.head() {
		t.comment("#", words)
	}
	if len(p.steps) == 0 {
		return
	}
	functions := &text{tab: t.tab, options: t.options}
	for i := range p.steps {
		if l := p.steps[i].loop; l != nil {
			y.serve(functions, &p.steps[i])
		}
	}
	t.gap()
	for _, name := range []string{"socket", "struct", "threading", "time"} {
		if y.imports[name] {
			t.add("import %s", name)
		}
	}
	t.lines = append(t.lines, functions.lines...)
	t.add("")
	t.lines = append(t.lines, y.finish()...)
	t.output = y.output
}

func (y *python) step(st *step, final bool) {
	y.gap()
	if title := y.p.title(st); title != "" {
		y.add("# %s", title)
	}
	if st.ask != "" {
		y.stop([]string{y.options.said(st.ask)}, nil)
	}
	if st.sleep > 0 {
		y.imports["time"] = true
		y.add("time.sleep(%s)%s", seconds(st.sleep), suffix("  # ", st.why))
	}
	for _, before := range st.joins {
		y.add("%s.join()  # %s's %s has returned", before.side, before.Socket, before.Op)
	}
	switch {
	case st.Op == turnOp:
		y.turn(st)
	case st.beside:
		y.beside(st)
	default:
		y.made(st, final)
	}
}

// turn writes a stop.
func (y *python) turn(st *step) {
	y.comment("#", y.options.said(bothStop))
	y.stop(y.prompt(st), st.Seqs)
}

// stop writes a prompt, and waits for Enter.
func (y *python) stop(prompt []string, seqs []uint64) {
	for _, line := range prompt {
		y.add("print(%q)", line).Seqs = seqs
		y.prints("%s", line)
	}
	y.add("input()")
}

// beside writes a call in a thread of its own.
func (y *python) beside(st *step) {
	y.imports["threading"] = true
	name := st.side
	y.add("def beside_%s():", name)
	y.block(func() {
		if st.connects() {
			y.add("global %s", variable(st.Socket))
		}
		y.made(st, false)
	})
	y.add("")
	thread := fmt.Sprintf("threading.Thread(target=beside_%s, daemon=%s)", name, map[bool]string{true: "True", false: "False"}[st.left])
	if st.left {
		y.add("%s.start()", thread)
		return
	}
	y.add("%s = %s", name, thread)
	y.add("%s.start()", name)
}

// tried writes a call, and how its error is printed where it is expected to return one.
func (y *python) tried(st *step, what, name, format string, args ...any) {
	if !st.failed() || st.Err.Kind == "eof" {
		y.call(st, name, format, args...)
		return
	}
	y.add("try:")
	y.block(func() { y.call(st, name, format, args...) })
	y.add("except OSError as error:")
	y.block(func() { y.add("print(%q, error)  # %s", st.Socket+" "+what+":", y.explains(st)) })
	y.prints("%s %s: …%s…", st.Socket, what, pythonError(st.Err))
}

// pythonError is in the text of an OSError.
func pythonError(e *Error) string {
	switch e.Kind {
	case "deadline", "cancelled":
		return "timed out"
	case "closed":
		return "bad file descriptor"
	}
	return goError(e)
}

func (y *python) made(st *step, final bool) {
	v := variable(st.Socket)
	wait := strings.ReplaceAll(y.waiting(st), " //", "  #")
	switch st.Op {
	case "Listen":
		y.listen(st, v, final)
	case "Dial":
		y.dial(st, v, wait)
	case "Accept":
		y.cancelled(st, v, func() {
			name := "_"
			if st.Conn != "" {
				name = variable(st.Conn)
			}
			y.tried(st, "accept", "accept", "%s, peer = %s.accept()%s", name, v, wait)
		})
	case "Read":
		y.cancelled(st, v, func() { y.read(st, v, wait) })
	case "Write":
		y.cancelled(st, v, func() { y.write(st, v, wait) })
	case "CloseWrite":
		y.tried(st, "closewrite", "shutdown", "%s.shutdown(socket.SHUT_WR)", v)
	case "CloseRead":
		y.tried(st, "closeread", "shutdown", "%s.shutdown(socket.SHUT_RD)", v)
	case "Close":
		if st.failed() {
			y.add("# Python's close() of a closed socket does nothing; the call here returned an error.")
		}
		y.call(st, "close", "%s.close()", v)
		if y.p.all[st.Socket].TimeWait {
			y.add("# %s is in TIME_WAIT for 60 s.", st.Socket)
		}
	case "Reset":
		y.linger(st, v, 1, 0, "  # close will send RST")
		y.call(st, "close", "%s.close()", v)
	case "SetDeadline":
		after := "None"
		if st.After > 0 {
			after = seconds(st.After)
		}
		if st.ahead {
			y.comment("#", y.options.said(aheadOfWrite))
		}
		y.add("# Python's timeout is for each call, and for both directions.")
		y.call(st, "settimeout", "%s.settimeout(%s)", v, after)
	case "SetOption":
		y.option(st, v, st.Option)
	}
}

func (y *python) linger(st *step, v string, on, after int64, comment string) {
	y.imports["struct"] = true
	y.call(st, "setsockopt", "%s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(\"ii\", %d, %d))%s", v, on, after, y.options.remarked(comment))
}

func (y *python) option(st *step, v string, o Option) {
	if o.Name == "Linger" {
		on, after := o.linger()
		y.linger(st, v, on, after, "")
		return
	}
	value := strconv.FormatInt(o.number(), 10)
	if text, ok := o.Value.(string); ok {
		value = pythonBytes([]byte(text))
	}
	set := func(s sockopt) {
		y.tried(st, "setsockopt", "setsockopt", "%s.setsockopt(socket.%s, socket.%s, %s)", v, s.level, s.name, value)
	}
	// create_connection takes the family of what a name stands for; a socket that has options first is made as an IPv4 one.
	if _, _, named := y.p.hops(st.Socket); o.Name == "TTL" && named && st.Op == "SetOption" {
		y.add("if %s.family == socket.AF_INET6:", v)
		y.block(func() { set(hopLimit) })
	}
	for _, s := range y.p.takes(st.Socket, o) {
		set(s)
	}
}

// cancelled ends a call by a timeout where the user cancelled it.
func (y *python) cancelled(st *step, v string, call func()) {
	if st.passed() {
		y.add("%s.settimeout(0.001)  # the deadline has passed", v)
	}
	cancelled := st.failed() && st.Err.Kind == "cancelled"
	if cancelled {
		y.add("%s.settimeout(%s)  # then it was cancelled", v, seconds(st.patience()))
	}
	call()
	if cancelled {
		y.add("%s.settimeout(None)", v)
	}
}

func (y *python) listen(st *step, v string, final bool) {
	host, port := y.p.plain(st.Address)
	family := ""
	switch {
	case host == "":
		family = ", family=socket.AF_INET6, dualstack_ipv6=True"
	case strings.Contains(host, ":"):
		family = ", family=socket.AF_INET6"
	}
	backlog := ""
	if st.Backlog > 0 {
		backlog = fmt.Sprintf(", backlog=%d", st.Backlog)
	}
	if len(st.Options) == 0 {
		y.tried(st, "listen", "create_server", "%s = socket.create_server((%q, %d)%s%s)", v, host, port, family, backlog)
	} else {
		kind, any := "socket.AF_INET", host
		if family != "" {
			kind = "socket.AF_INET6"
		}
		y.add("%s = socket.socket(%s)", v, kind)
		y.add("%s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)", v)
		if host == "" {
			y.add("%s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)", v)
		}
		set := *st
		set.Seqs, set.Err = nil, nil
		for _, o := range st.Options {
			y.option(&set, v, o)
		}
		y.tried(&step{Call: Call{Socket: st.Socket, Seqs: st.Seqs, Err: st.Err}}, "listen", "bind", "%s.bind((%q, %d))", v, any, port)
		if st.failed() {
			return
		}
		y.call(st, "listen", "%s.listen(%s)", v, strings.TrimPrefix(backlog, ", backlog="))
	}
	if l := st.loop; l != nil {
		y.imports["threading"] = true
		if final {
			y.add("%s(%s)", "accept_"+strings.ToLower(l.Name), v)
		} else {
			y.add("threading.Thread(target=%s, args=(%s,), daemon=True).start()", "accept_"+strings.ToLower(l.Name), v)
		}
	}
}

func (y *python) dial(st *step, v, wait string) {
	host, port := y.p.plain(st.Address)
	if host == "" {
		host = "localhost"
	}
	timeout := st.Timeout
	if st.failed() && (st.Err.Kind == "cancelled" || st.Err.Kind == "deadline" && timeout == 0) {
		timeout = st.patience()
	}
	more := ""
	if timeout > 0 {
		more += ", timeout=" + seconds(timeout)
	}
	if st.Local != "" {
		from, at := y.p.plain(st.Local)
		more += fmt.Sprintf(", source_address=(%q, %d)", from, at)
	}
	if early := early(st.Options); len(early) > 0 {
		family := "socket.AF_INET"
		if strings.Contains(host, ":") {
			family = "socket.AF_INET6"
		}
		y.add("%s = socket.socket(%s)", v, family)
		set := *st
		set.Seqs, set.Err = nil, nil
		for _, o := range early {
			y.option(&set, v, o)
		}
		if timeout > 0 {
			y.add("%s.settimeout(%s)", v, seconds(timeout))
		}
		if st.Local != "" {
			from, at := y.p.plain(st.Local)
			y.add("%s.bind((%q, %d))", v, from, at)
		}
		y.tried(st, "dial", "connect", "%s.connect((%q, %d))%s", v, host, port, wait)
	} else {
		y.tried(st, "dial", "create_connection", "%s = socket.create_connection((%q, %d)%s)%s", v, host, port, more, wait)
	}
	if st.failed() || st.Waits {
		return
	}
	if timeout > 0 {
		y.add("%s.settimeout(None)  # the timeout was for connecting", v)
	}
	set := *st
	set.Seqs = nil
	for _, o := range late(st.Options) {
		y.option(&set, v, o)
	}
}

func (y *python) end() {
	for i := range y.p.steps {
		if st := &y.p.steps[i]; st.unjoined() {
			y.gap()
			y.add("%s.join()", st.side)
		}
	}
	if y.p.closes() {
		y.gap()
		y.comment("#", y.p.ends())
		y.add("print(%q)", y.options.said(Prompt))
		y.prints("%s", y.options.said(Prompt))
		y.add("input()")
		for _, s := range slices.Backward(y.p.open) {
			y.add("%s.close()", variable(s.Name))
		}
	}
}

// seconds spells a duration as a number of seconds.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64)
}
