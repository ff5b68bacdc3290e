package playground

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"socketplayground/playground/demo"
)

// SaveDemo asks for what was done in the session as the text of a demo file.
type SaveDemo struct {
	Title string `json:"title"`
}

func (*SaveDemo) command() string { return "save_demo" }

// saveDemo makes the demo beside the actor, which others wait for: what was done so far only grows.
func (s *Session) saveDemo(ctx context.Context, c *SaveDemo) (Reply, error) {
	if len(c.Title) > demo.MaxText {
		return Reply{}, invalid("title", "A title has at most %d bytes.", demo.MaxText)
	}
	if strings.ContainsFunc(c.Title, demo.Hidden) {
		return Reply{}, invalid("title", "A title is one line of text, without control characters.")
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(s.ctx, stop)()
	done, err := s.readingTurn(ctx)
	if err != nil {
		return Reply{}, s.over(ctx)
	}
	defer done()
	var h history
	if !s.ask(func() {
		h = s.history
		s.flushLog()
	}) {
		return Reply{}, errEnded()
	}
	if h.full {
		return Reply{}, conflict("More was done in this session than fits into a demo file; reload the page without its session, and do it again shorter.")
	}
	text, refusal := demoOf(c.Title, h.done, s.log.Events(0))
	if refusal != nil {
		return Reply{}, refusal
	}
	return Reply{Text: text}, nil
}

const (
	// worthAPause is the shortest pause that a demo keeps; longestPause what is left of a long one.
	worthAPause  = 300 * time.Millisecond
	longestPause = 3 * time.Second
	// suggestedChecks is how many checks a step is given.
	suggestedChecks = 8
	// stepActions is how many actions a step may have where a demo has too few steps for all of them.
	stepActions = 12
)

// demoOf makes a demo of what was done by hand: a step for each command, with the pause after it and checks on what was
// seen. done is the history; events are the log's.
func demoOf(title string, done []commanded, events []Event) (string, *Error) {
	if len(done) == 0 {
		return "", conflict("Nothing was done in this session yet; listen or connect first, then save it as a demo.")
	}
	titles := demo.Text{EN: strings.TrimSpace(title)}
	if titles.EN == "" {
		titles = demo.Text{EN: "My demo", ZH: "我的演示"}
	}
	m := &demoMaker{names: map[string]string{}, listens: map[uint64]string{}, listeners: map[string]*madeListener{}, returned: map[uint64]*CallReturned{}, sockets: map[uint64]string{}}
	m.learn(done, events)
	d := &demo.Demo{Version: demo.Version, ID: idOf(titles.EN), Title: titles,
		Summary: demo.Text{EN: "Made by hand in the playground.", ZH: "在 Playground 中手动完成。"}, Network: m.network(done)}
	m.anywhere = d.Network != demo.NetworkLab
	m.inOne = make([]bool, len(done))
	for i, c := range done {
		m.inOne[i] = !m.sayable(c) || m.underWay(c.at)
	}
	for size := min(max(1, (len(done)+demo.MaxSteps-1)/demo.MaxSteps), stepActions); ; size++ { // of many commands, or long ones, several go into a step
		m.waiting = nil
		d.Steps = m.steps(done, size)
		text, err := demo.Format(d.Normal())
		if err == nil {
			_, err = demo.Parse(text, VetDemo)
		}
		if err == nil {
			return string(text), nil
		}
		if size == stepActions {
			return "", conflict("What was done does not fit into a demo file: %s", err)
		}
	}
}

// steps are the commands in steps of so many, and more where one belongs to what was done before it.
func (m *demoMaker) steps(done []commanded, size int) (steps []demo.Step) {
	for first := 0; first < len(done); {
		last := first + 1
		for last < len(done) && (last-first < size || m.inOne[last]) {
			last++
		}
		until := int64(-1)
		if last < len(done) {
			until = done[last].at
		}
		steps = append(steps, m.step(done, first, last, until))
		first = last
	}
	return steps
}

// underWay says whether a call was about to return by itself at a time: a run must not stop there for who reads, or its
// return is missed. Accept and Read wait for the other end, which the next command may be about.
func (m *demoMaker) underWay(at int64) bool {
	for _, r := range m.returned {
		if r.StartedNS < at && r.ReturnedNS >= at && r.By != byBehavior && r.Op != "Accept" && r.Op != "Read" {
			return true
		}
	}
	return false
}

// idOf makes an id of a title.
func idOf(title string) string {
	id := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, title), "-")
	for strings.Contains(id, "--") {
		id = strings.ReplaceAll(id, "--", "-")
	}
	if len(id) > 40 {
		id = strings.Trim(id[:40], "-")
	}
	if id == "" {
		return "my-demo"
	}
	return id
}

// demoMaker knows what the log tells about what was done.
type demoMaker struct {
	names     map[string]string        // the session's name of a socket → the file's
	listens   map[uint64]string        // the file's names of listeners, by the call that was to open them
	listeners map[string]*madeListener // by the session's name
	returned  map[uint64]*CallReturned // by call
	sockets   map[uint64]string        // of calls
	waiting   []uint64                 // calls under go
	events    []Event                  // states and returned calls
	lab       bool                     // something was done in the Lab
	machine   bool                     // something was done on this machine
	anywhere  bool                     // the demo need not run in the Lab
	inOne     []bool                   // of each command: it goes into one step with what was done before it
}

// madeListener is a listener of the session, and when it was open.
type madeListener struct {
	network          string
	port             uint16
	opened, closedNS int64 // closedNS 0: never
}

// learn reads the log, and gives the sockets the names that a demo gives them: in the order in which they are opened.
func (m *demoMaker) learn(done []commanded, events []Event) {
	opened := map[uint64]string{} // by the call that opened them
	for _, e := range events {
		switch e := e.(type) {
		case *SocketOpened:
			if e.Kind == KindListener {
				opened[e.Call] = e.Socket
				m.listeners[e.Socket] = &madeListener{network: e.Network, port: portOf(e.Local), opened: e.AtNS}
			}
			if e.Listener == "" && e.Kind != KindOther {
				m.lab = m.lab || e.Network == networkLab
				m.machine = m.machine || e.Network != networkLab
			}
		case *AddressAssigned:
			if l := m.listeners[e.Socket]; l != nil {
				l.port = portOf(e.Local)
			}
		case *DescriptorClosed:
			if l := m.listeners[e.Socket]; l != nil {
				l.closedNS = e.AtNS
			}
		case *CallStarted:
			m.sockets[e.Call] = e.Socket
		case *CallReturned:
			m.returned[e.Call] = e
			m.events = append(m.events, e)
		case *StateChanged:
			m.events = append(m.events, e)
		}
	}
	listeners, conns := 0, 0
	for _, c := range done {
		switch c.name {
		case "listen":
			listeners++
			name := fmt.Sprintf("S%d", listeners)
			m.listens[c.calls[0]] = name
			if socket, ok := opened[c.calls[0]]; ok {
				m.names[socket] = name
			}
		case "dial":
			for _, name := range c.opened {
				conns++
				m.names[name] = fmt.Sprintf("C%d", conns)
			}
		}
	}
}

// name is the file's name of a socket; "" where the file opens none such.
func (m *demoMaker) name(socket string) string {
	base, child, ok := strings.Cut(socket, ".")
	name := m.names[base]
	if name != "" && ok {
		name += "." + child
	}
	return name
}

// step makes a step of the commands from first to before last; until is when the next step began, -1 for never.
func (m *demoMaker) step(done []commanded, first, last int, until int64) demo.Step {
	var said []demo.Text
	var left []string
	var s demo.Step
	for i := first; i < last; i++ {
		c, next := done[i], until
		if i+1 < len(done) {
			next = done[i+1].at
		}
		a, ok := m.action(c, next)
		if !ok {
			left = append(left, c.name)
			continue
		}
		s.Do = append(s.Do, m.returns(c.at)...)
		if i > 0 {
			s.Do = append(s.Do, m.state(c, done[i-1].at)...)
		}
		s.Do = append(s.Do, a)
		if a.Go {
			m.waiting = append(m.waiting, c.calls...)
		}
		if gap := time.Duration(next - c.at).Round(100 * time.Millisecond); i+1 < len(done) && gap >= worthAPause {
			s.Do = append(s.Do, demo.Action{Pause: min(gap, longestPause)})
		}
		said = append(said, wordsOf(a))
	}
	s.Do = append(s.Do, m.returns(until)...)
	since := int64(-1)
	if first > 0 {
		since = done[first].at - done[first-1].at
	}
	s.Title, s.Story = wordsOfStep(said, left, since)
	s.Checks = m.checks(done[first].at, until)
	return s
}

// returns waits for the calls under go that had returned by then: a run is faster than a hand, and what came after them
// may need them.
func (m *demoMaker) returns(by int64) (waits []demo.Action) {
	m.waiting = slices.DeleteFunc(m.waiting, func(call uint64) bool {
		r := m.returned[call]
		if r == nil || by >= 0 && r.ReturnedNS > by {
			return false
		}
		name, verb := m.name(r.Socket), demoVerb(r.Op)
		if result := resultWord(r); name != "" && verb != "" && result != "" {
			waits = append(waits, waitFor(name+" "+verb+" returns "+result)...)
		}
		return true
	})
	return waits
}

// state waits for the state that a command's socket had come into since the command before.
func (m *demoMaker) state(c commanded, since int64) []demo.Action {
	socket, _ := c.fields["socket"].(string)
	var last *StateChanged
	for _, e := range m.events {
		if e, ok := e.(*StateChanged); ok && e.Socket == socket && e.AtNS > since && e.AtNS <= c.at {
			last = e
		}
	}
	if last == nil || last.Source == SourceInferred || !m.steady(last) {
		return nil
	}
	return waitFor(m.name(socket) + " is " + string(last.To))
}

func waitFor(text string) []demo.Action {
	c, err := demo.ParseCheck(text)
	if err != nil {
		return nil
	}
	return []demo.Action{{Wait: c}}
}

// sayable says whether a demo has words for a command.
func (m *demoMaker) sayable(c commanded) bool {
	_, ok := m.action(c, -1)
	return ok
}

// action is a command as an action of a demo.
func (m *demoMaker) action(c commanded, next int64) (demo.Action, bool) {
	a := demo.Action{Command: c.name, Count: 1}
	if slices.Contains(unsayable, c.name) {
		return a, false
	}
	fields := map[string]any{}
	for k, v := range c.fields {
		if k != "network" {
			fields[k] = v
		}
	}
	if c.name == "dial" {
		fields["address"] = m.portable(c)
	}
	for _, key := range []string{"socket", "address"} {
		if name, ok := fields[key].(string); ok && name != "" && (key == "socket" || isName(name)) {
			if fields[key] = m.name(name); fields[key] == "" {
				return a, false
			}
		}
	}
	switch c.name {
	case "deliver_segment":
		fields = map[string]any{"oldest": true}
	case "cancel":
		call, _ := fields["call"].(uint64)
		name := m.name(m.sockets[call])
		if name == "" {
			return a, false
		}
		fields = map[string]any{"socket": name}
	case "listen":
		a.As = m.listens[c.calls[0]]
	case "dial":
		if len(c.opened) == 0 {
			return a, false
		}
		a.As, a.Count = m.name(c.opened[0]), len(c.opened)
	}
	a.Socket, _ = fields["socket"].(string)
	b, err := json.Marshal(fields)
	if err != nil {
		return a, false
	}
	a.Fields = b
	for _, call := range c.calls { // one that was still waiting when the next command was given must not be waited for
		r := m.returned[call]
		if r == nil || next >= 0 && r.ReturnedNS > next {
			a.Go = true
		}
	}
	return a, true
}

func isName(s string) bool {
	return len(s) > 1 && strings.ContainsAny(s[:1], "CSX") && strings.Trim(s[1:], "0123456789.") == ""
}

// shortened is a text of at most so many bytes.
func shortened(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
