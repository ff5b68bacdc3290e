package playground

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"socketplayground/playground/demo"
)

// checks suggests what could be checked: the states that were seen and the results of calls, between two times.
func (m *demoMaker) checks(from, until int64) []*demo.Check {
	within := func(at int64) bool { return at >= from && (until < 0 || at < until) }
	var order []string
	states := map[string][]string{}
	results := map[string][]string{} // by "C1 read"
	note := func(to map[string][]string, key, value string) {
		if to[key] == nil {
			order = append(order, key)
		}
		if n := len(to[key]); n == 0 || to[key][n-1] != value {
			to[key] = append(to[key], value)
		}
	}
	for _, e := range m.events {
		switch e := e.(type) {
		case *StateChanged:
			name := m.name(e.Socket)
			if name != "" && within(e.AtNS) && e.Source != SourceInferred && m.steady(e) {
				note(states, name, string(e.To))
			}
		case *CallReturned:
			name, verb := m.name(e.Socket), demoVerb(e.Op)
			if listener, ok := m.listens[e.Call]; ok { // one that failed opened no socket
				name = listener
			}
			if result := resultWord(e); name != "" && verb != "" && result != "" && within(e.ReturnedNS) && e.By != byBehavior {
				note(results, name+" "+verb, result)
			}
		}
	}
	var list []*demo.Check
	for _, key := range order {
		text := key + " returns " + strings.Join(results[key], ", then ")
		if states[key] != nil {
			text = key + " reaches " + strings.Join(states[key], ", then ")
		}
		if c, err := demo.ParseCheck(text); err == nil && len(list) < suggestedChecks {
			list = append(list, c)
		}
	}
	return list
}

// steady says whether a state may be expected again: on this machine the short ones are seen by chance, and nobody wants
// to wait for the end of TIME_WAIT.
func (m *demoMaker) steady(e *StateChanged) bool {
	if e.Reason == ReasonTimeWaitOver {
		return false
	}
	if !m.anywhere {
		return true
	}
	return slices.Contains([]State{StateListen, StateEstablished, StateCloseWait, StateTimeWait, StateClosed}, e.To)
}

// demoVerb is what a check calls a call; "" for one that checks do not know.
func demoVerb(op string) string {
	for verb, call := range demo.Calls {
		if call == op {
			return verb
		}
	}
	return ""
}

// resultWord is a call's result as a check says it; "" where it depends on chance, such as how much of a stream a Read gave.
func resultWord(e *CallReturned) string {
	switch {
	case e.Error == nil && e.Op == "Read" && e.N == int64(len(e.Data)) && e.N <= 64 && utf8.Valid(e.Data):
		return strconv.Quote(string(e.Data))
	case e.Error == nil && e.Op == "Close": // it says nothing
		return ""
	case e.Error == nil && e.Op == "Write":
		return strconv.FormatInt(e.N, 10)
	case e.Error == nil:
		return demo.ResultOK
	case e.Error.Kind == ErrCancelled:
		return ""
	case e.Error.Kind == ErrEOF:
		return demo.ResultEOF
	case e.Error.Kind == ErrDeadline:
		return demo.ResultTimeout
	case e.Error.Kind == ErrClosed && e.Error.Errno == "":
		return demo.ResultClosed
	case e.Error.Errno != "":
		return e.Error.Errno
	}
	return demo.ResultError
}
