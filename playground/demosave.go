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
	// newStep is the pause after which what is done belongs to a new step of the demo.
	newStep = 2 * time.Second
	// worthAPause is the shortest pause that a demo keeps; longestPause what is left of a long one.
	worthAPause  = 300 * time.Millisecond
	longestPause = 3 * time.Second
	// suggestedChecks is how many checks a step is given.
	suggestedChecks = 8
	stepActions     = 12
)

// demoOf makes a demo of what was done by hand: the commands, the pauses between them, and checks on what was seen.
// done is the history; events are the log's.
func demoOf(title string, done []commanded, events []Event) (string, *Error) {
	if len(done) == 0 {
		return "", conflict("Nothing was done in this session yet; listen or connect first, then save it as a demo.")
	}
	titles := demo.Text{EN: strings.TrimSpace(title)}
	if titles.EN == "" {
		titles = demo.Text{EN: "My demo", ZH: "我的演示"}
	}
	m := &demoMaker{names: map[string]string{}, listens: map[uint64]string{}, returned: map[uint64]*CallReturned{}, sockets: map[uint64]string{}}
	m.learn(done, events)
	d := &demo.Demo{Version: demo.Version, ID: idOf(titles.EN), Title: titles,
		Summary: demo.Text{EN: "Made by hand in the playground.", ZH: "在 Playground 中手工完成。"}, Network: m.network()}
	for first := 0; first < len(done); {
		last := first + 1
		for last < len(done) && last-first < stepActions && time.Duration(done[last].at-done[last-1].at) < newStep {
			last++
		}
		until := int64(-1)
		if last < len(done) {
			until = done[last].at
		}
		d.Steps = append(d.Steps, m.step(done[first:last], until))
		first = last
	}
	text, err := demo.Format(d.Normal())
	if err != nil {
		return "", conflict("What was done does not fit into a demo file: %s", err)
	}
	if _, err := demo.Parse(text, VetDemo); err != nil {
		return "", conflict("What was done does not fit into a demo file: %s", err)
	}
	return string(text), nil
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
	names    map[string]string        // the session's name of a socket → the file's
	listens  map[uint64]string        // the file's names of listeners, by the call that was to open them
	returned map[uint64]*CallReturned // by call
	sockets  map[uint64]string        // of calls
	waiting  []uint64                 // calls under go
	events   []Event                  // states and returned calls
	lab      bool
	machine  bool
}

// learn reads the log, and gives the sockets the names that a demo gives them: in the order in which they are opened.
func (m *demoMaker) learn(done []commanded, events []Event) {
	opened := map[uint64]string{} // by the call that opened them
	for _, e := range events {
		switch e := e.(type) {
		case *SocketOpened:
			if e.Kind == KindListener {
				opened[e.Call] = e.Socket
			}
			if e.Listener == "" && e.Kind != KindOther {
				m.lab = m.lab || e.Network == networkLab
				m.machine = m.machine || e.Network != networkLab
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

// network is where the demo runs: where it was done.
func (m *demoMaker) network() string {
	switch {
	case m.lab && !m.machine:
		return demo.NetworkLab
	case m.machine && !m.lab:
		return demo.NetworkMachine
	}
	return demo.NetworkEither
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

// step makes a step of commands; until is when the next step began, -1 for never.
func (m *demoMaker) step(done []commanded, until int64) demo.Step {
	var verbs, left []string
	var s demo.Step
	for i, c := range done {
		next := until
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
			if gap := time.Duration(c.at - done[i-1].at).Round(100 * time.Millisecond); gap >= worthAPause {
				s.Do = append(s.Do, demo.Action{Pause: min(gap, longestPause)})
			}
			s.Do = append(s.Do, m.state(c, done[i-1].at)...)
		}
		s.Do = append(s.Do, a)
		if a.Go {
			m.waiting = append(m.waiting, c.calls...)
		}
		verbs = append(verbs, strings.TrimSpace(c.name+" "+a.Socket+a.As))
	}
	s.Do = append(s.Do, m.returns(until)...)
	s.Title, s.Story = wordsOfStep(verbs, left)
	s.Checks = m.checks(done[0].at, until)
	return s
}

// wordsOfStep are the title and the story of a step of these commands, without those that a demo cannot say.
func wordsOfStep(verbs, left []string) (title, story demo.Text) {
	title = demo.Text{EN: shortened(strings.Join(verbs, ", "), 80), ZH: shortened(strings.Join(verbs, "、"), 80)}
	if len(verbs) == 0 {
		title = demo.Text{EN: "A step", ZH: "一步"}
	}
	story = demo.Text{EN: "Done by hand: " + shortened(strings.Join(verbs, ", "), 1000) + ".",
		ZH: "手工完成：" + shortened(strings.Join(verbs, "、"), 1000) + "。"}
	if len(left) > 0 {
		story.EN += " Left out, since a demo cannot say it: " + strings.Join(left, ", ") + "."
		story.ZH += "演示无法表达、因而略去：" + strings.Join(left, "、") + "。"
	}
	return title, story
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
