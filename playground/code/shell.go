package code

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// shell writes what can be done with nc of OpenBSD, and says what cannot.
type shell struct {
	*text
	p *program
}

func writeShell(t *text, p *program) {
	t.tab = "  "
	sh := &shell{text: t, p: p}
	for _, words := range p.head() {
		t.comment("#", words)
	}
	for i := range p.steps {
		if st := &p.steps[i]; st.Op == turnOp {
			l := t.comment("#", t.options.say("While this runs, in the Lab: %s.", t.options.list(st.words)))
			l.Seqs = st.Seqs
		}
	}
	var ports []string
	for i := range p.steps {
		if st := &p.steps[i]; st.Op == "Listen" || st.Op == "Dial" {
			if _, port := p.plain(st.Address); !slices.Contains(ports, strconv.Itoa(port)) {
				ports = append(ports, strconv.Itoa(port))
			}
		}
	}
	sh.watch(ports)
	for i := range p.steps {
		switch st := &p.steps[i]; st.Op {
		case "Listen":
			sh.listen(i)
		case "Dial":
			sh.dial(i)
		}
	}
}

// watch writes how to look on: states, segments, and what to type in Wireshark.
func (sh *shell) watch(ports []string) {
	if len(ports) == 0 {
		return
	}
	each := func(format, between string) string {
		var parts []string
		for _, port := range ports {
			parts = append(parts, strings.ReplaceAll(format, "PORT", port))
		}
		return strings.Join(parts, between)
	}
	device := map[bool]string{true: "any", false: "lo"}[sh.p.network == "lab"]
	sh.gap()
	sh.add("# Watch from another terminal, before you start:")
	sh.add("#   ss -tano '%s'", each("sport = :PORT or dport = :PORT", " or "))
	sh.add("#   tcpdump -nn -i %s '%s'", device, each("tcp port PORT", " or "))
	sh.add("#   Wireshark filter: %s", each("tcp.port == PORT", " or "))
}

// of gives the steps of a connection, in their order.
func (sh *shell) of(conn string) (steps []*step) {
	for i := range sh.p.steps {
		if st := &sh.p.steps[i]; st.Socket == conn && st.Op != "Dial" {
			steps = append(steps, st)
		}
	}
	return steps
}

func (sh *shell) dial(i int) {
	st := &sh.p.steps[i]
	sh.gap()
	sh.add("# %s", st.Socket)
	sh.slept(st)
	host, port := sh.p.plain(st.Address)
	if host == "" {
		host = "localhost"
	}
	flags := "-v"
	if from, at := sh.p.plain(st.Local); at > 0 || from != "" {
		if from != "" {
			flags += " -s " + from
		}
		if at > 0 {
			flags += fmt.Sprintf(" -p %d", at)
		}
	}
	for _, o := range st.Options {
		sh.cannot("nc cannot set %s.", o)
	}
	sh.talk(st, sh.of(st.Socket), fmt.Sprintf("%s %s %d", flags, host, port))
}

// talk writes one nc: what is fed to it, and when its input ends.
func (sh *shell) talk(first *step, steps []*step, arguments string) {
	ending := ""
	var fed []*step
	for _, st := range steps {
		switch st.Op {
		case "Write", "CloseWrite", "Close", "Reset":
			fed = append(fed, st)
		case "SetOption":
			sh.cannot("nc cannot set %s.", st.Option)
		case "SetDeadline":
			sh.cannot("nc cannot set a deadline for each call.")
		case "CloseRead":
			sh.cannot("nc cannot shut down only its reading side.")
		}
	}
	for _, st := range fed {
		switch st.Op {
		case "CloseWrite":
			ending = " -N" // shutdown(2) at the end of its input
		case "Reset":
			sh.cannot("nc cannot reset a connection.")
		}
	}
	nc := "nc " + arguments
	if ending != "" || len(fed) > 0 && fed[len(fed)-1].Op == "Close" {
		nc = "nc -N " + arguments
		if ending == "" {
			sh.cannot("nc cannot close with input to come: -N sends FIN when its input ends.")
		}
	}
	if first.Waits || len(fed) == 0 {
		sh.call(first, "nc", "%s </dev/null", nc)
		return
	}
	sh.add("{")
	sh.block(func() {
		for _, st := range fed {
			sh.slept(st)
			switch st.Op {
			case "Write":
				unit, times := st.payload()
				if times == 1 {
					sh.call(st, "printf", "printf '%s'", shellBytes(unit))
				} else {
					sh.call(st, "head", "yes '%s' | tr -d '\\n' | head -c %d", strings.ReplaceAll(shellBytes(unit[:1]), "%%", "%"), st.Size)
				}
			default:
				l := sh.add(": # %s: the end of the input", st.Op)
				l.Seqs = st.Seqs
			}
		}
	})
	sh.call(first, "nc", "} | %s", nc)
}

func (sh *shell) listen(i int) {
	st := &sh.p.steps[i]
	sh.gap()
	sh.add("# %s", st.Socket)
	sh.slept(st)
	for _, o := range st.Options {
		sh.cannot("nc cannot set %s.", o)
	}
	if st.Backlog > 0 {
		sh.cannot("nc cannot set a backlog.")
	}
	host, port := sh.p.plain(st.Address)
	where := strings.TrimSpace(fmt.Sprintf("%s %d", host, port))
	if l := st.loop; l != nil {
		switch l.Behavior {
		case "echo":
			// And not ncat --exec, which before its version 7.96 ends the program at the FIN, with its answer.
			sh.cannot("nc cannot echo; socat can.")
			sh.call(st, "socat", "socat %s,reuseaddr,fork EXEC:cat", listens(host, port))
		case "greet":
			sh.call(st, "nc", "printf '%s' | nc -l -v %s", shellBytes(l.Banner), where)
		case "discard":
			sh.call(st, "nc", "nc -l -k -v %s </dev/null >/dev/null", where)
		default:
			sh.cannot("nc cannot serve like this (%s); this one reads, and shows what comes.", l.Behavior)
			sh.call(st, "nc", "nc -l -k -v %s", where)
		}
		return
	}
	var conns []*step
	for j := range sh.p.steps {
		if a := &sh.p.steps[j]; a.Op == "Accept" && a.Socket == st.Socket && a.Conn != "" {
			conns = append(conns, a)
		}
	}
	if len(conns) == 0 {
		sh.cannot("nc accepts at once; it cannot leave a connection in the accept queue.")
		sh.call(st, "nc", "nc -l -v %s </dev/null", where)
		return
	}
	for _, a := range conns {
		sh.add("# %s; nc accepts and reads by itself", a.Conn)
		both := *st
		both.Seqs = slices.Concat(st.Seqs, a.Seqs)
		for _, r := range sh.of(a.Conn) {
			if r.Op == "Read" {
				both.Seqs = append(both.Seqs, r.Seqs...)
			}
		}
		sh.talk(&both, sh.of(a.Conn), "-l -v "+where)
	}
}

// listens is an address of socat(1) that listens where Go's Listen does: without a host, on IPv6 and IPv4 alike.
func listens(host string, port int) string {
	switch {
	case host == "":
		return fmt.Sprintf("TCP6-LISTEN:%d,ipv6-v6only=0", port)
	case strings.Contains(host, ":"):
		return fmt.Sprintf("TCP6-LISTEN:%d,bind=[%s]", port, host)
	}
	return fmt.Sprintf("TCP4-LISTEN:%d,bind=%s", port, host)
}

// slept writes the pause before a call, and asks for the other program where that must have been started. For a turn the
// shell does not stop, so it need not ask whether the other one has gone on: it says first what is to be done meanwhile.
func (sh *shell) slept(st *step) {
	if st.ask == OtherStarts {
		sh.add("read -rp '%s ' _", sh.options.said(st.ask))
	}
	if st.sleep > 0 {
		sh.add("sleep %s%s", seconds(st.sleep), suffix(" # ", st.why))
	}
}

func (sh *shell) cannot(what string, values ...any) { sh.comment("#", sh.options.say(what, values...)) }

// shellBytes writes bytes as the format of printf(1), between single quotes.
func shellBytes(p []byte) string {
	var b strings.Builder
	for _, c := range p {
		switch {
		case c == '%':
			b.WriteString("%%")
		case c == '\\':
			b.WriteString(`\\`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c < ' ' || c >= 0x7f || c == '\'' || c == '-' && b.Len() == 0:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
