package playground

import (
	"fmt"
	"time"

	"socketplayground/playground/demo"
)

// callOf says whether a call that returned is one of a socket's. A Listen that failed made no socket; it is known by its
// number.
func (w *demoWitness) callOf(socket, op string, e *CallReturned) bool {
	if e.Op != op {
		return false
	}
	if number, ok := w.listens[socket]; ok && op == "Listen" {
		return e.Call == number
	}
	return e.Socket == w.name(socket)
}

// running says whether a call of the socket has started and not returned, and the event that told it.
func (w *demoWitness) running(socket, op string) (seq uint64, ok bool) {
	name := w.name(socket)
	for id, c := range w.now.Calls {
		if c.Socket == name && c.Op == op {
			return w.callSeq[id], true
		}
	}
	return 0, false
}

// callSentence says how it stands with a call that has not done what it should.
func (w *demoWitness) callSentence(socket, op string, last *CallReturned) string {
	if _, ok := w.running(socket, op); ok {
		return fmt.Sprintf("%s of %s has not returned.", op, socket)
	}
	if last == nil {
		return fmt.Sprintf("%s of %s was not called in this step.", op, socket)
	}
	return fmt.Sprintf("%s of %s returned %s after %s.", op, socket, clip(last.Result, 120), roughly(last.took()))
}

func (e *CallReturned) took() time.Duration { return time.Duration(e.ReturnedNS - e.StartedNS) }

// roughly is a duration as a person reads it.
func roughly(d time.Duration) time.Duration {
	if d >= time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}

type returnsAsking struct {
	fact  *demo.Returns
	facts []uint64
	last  *CallReturned
	cut   bool // what a call moved is longer than what is kept of it
}

func (a *returnsAsking) observe(w *demoWitness, e Event) {
	f := a.fact
	if len(a.facts) == len(f.Results) {
		return
	}
	want := f.Results[len(a.facts)]
	switch e := e.(type) {
	case *CallReturned:
		if !w.callOf(f.Socket, f.Call, e) {
			return
		}
		a.last = e
		matches, cut := resultMatches(want, e)
		a.cut = a.cut || cut
		if matches && (len(a.facts) < len(f.Results)-1 || e.took() >= f.After) {
			a.facts = append(a.facts, e.Seq)
		}
	case *CallsSummarised:
		if e.Socket == w.name(f.Socket) && e.Op == f.Call && want.Kind == demo.ResultOK && f.After == 0 {
			a.facts = append(a.facts, e.Seq)
		}
	}
}

// resultMatches holds what a call returned against what it should. cut: the payload agrees as far as the event has it.
func resultMatches(r demo.Result, e *CallReturned) (matches, cut bool) {
	if failed := e.Error != nil; failed != (r.Kind != demo.ResultOK && r.Kind != demo.ResultN && r.Kind != demo.ResultText) {
		return false, false
	}
	switch r.Kind {
	case demo.ResultOK, demo.ResultError:
		return true, false
	case demo.ResultErrno:
		return e.Error.Errno == r.Errno, false
	case demo.ResultEOF:
		return e.Error.Kind == ErrEOF, false
	case demo.ResultTimeout:
		return e.Error.Kind == ErrDeadline, false
	case demo.ResultClosed:
		return e.Error.Kind == ErrClosed, false
	case demo.ResultN:
		return e.N == r.N, false
	case demo.ResultText:
		if e.N != int64(len(r.Text)) {
			return false, false
		}
		if len(r.Text) > len(e.Data) {
			return false, r.Text[:len(e.Data)] == string(e.Data)
		}
		return r.Text == string(e.Data), false
	}
	return false, false
}

func (a *returnsAsking) decide(w *demoWitness, m moment) finding {
	f := a.fact
	switch {
	case len(a.facts) == len(f.Results):
		return passedBy(a.facts...)
	case !m.over:
		return finding{}
	case a.cut:
		return unseenAs("Only the first %d bytes of what a call moved are kept.", PreviewBytes)
	}
	facts := a.facts
	if a.last != nil {
		facts = append(facts, a.last.Seq)
	}
	return failedAs(facts, "%s", w.callSentence(f.Socket, f.Call, a.last))
}

type takesAsking struct {
	fact *demo.Takes
	seq  uint64
	last *CallReturned
}

func (a *takesAsking) observe(w *demoWitness, e Event) {
	r, ok := e.(*CallReturned)
	if !ok || a.seq != 0 || !w.callOf(a.fact.Socket, a.fact.Call, r) {
		return
	}
	a.last = r
	if compares(a.fact.Compare, int64(r.took()), int64(a.fact.For)) {
		a.seq = r.Seq
	}
}

func (a *takesAsking) decide(w *demoWitness, m moment) finding {
	switch {
	case a.seq != 0:
		return passedBy(a.seq)
	case !m.over:
		return finding{}
	}
	return failedAs(nil, "%s", w.callSentence(a.fact.Socket, a.fact.Call, a.last))
}

func compares(c demo.Compare, got, want int64) bool {
	switch c {
	case demo.AtLeast:
		return got >= want
	case demo.AtMost:
		return got <= want
	}
	return got == want
}

type waitingAsking struct {
	fact *demo.Waiting
	last *CallReturned
}

func (a *waitingAsking) observe(w *demoWitness, e Event) {
	if r, ok := e.(*CallReturned); ok && w.callOf(a.fact.Socket, a.fact.Call, r) {
		a.last = r
	}
}

func (a *waitingAsking) decide(w *demoWitness, m moment) finding {
	if m.asked == 0 {
		return finding{}
	}
	if seq, ok := w.running(a.fact.Socket, a.fact.Call); ok {
		return passedBy(seq)
	}
	if !m.over {
		return finding{}
	}
	return failedAs(nil, "%s", w.callSentence(a.fact.Socket, a.fact.Call, a.last))
}
