package playground

import (
	"fmt"
	"slices"
	"strings"

	"socketplayground/playground/demo"
)

// stateOf is the state that a socket has, empty before it has been in any, and whether it was observed.
func (w *demoWitness) stateOf(name string) (state string, observed bool) {
	v := w.socket(name)
	if v == nil || v.State == StateClosed && v.ClosedNS == 0 && v.Descriptor != descriptorClosed {
		return "", false
	}
	return string(v.State), w.observed(v.Socket, v.State, v.StateSource)
}

// observed says whether somebody saw a state. CLOSED is no state of a socket but its absence (RFC 9293 §3.3.2): where the
// kernel can be asked, that it knows the socket no more was seen, and only the way there is inferred.
func (w *demoWitness) observed(socket string, state State, source Source) bool {
	return source != SourceInferred || state == StateClosed && w.seesStates(socket)
}

// stateSeq is the event that brought a socket into its state, 0 if there was none since the run began.
func (w *demoWitness) stateSeq(name string) uint64 {
	if c := w.changes[w.name(name)]; c != nil {
		return c.Seq
	}
	return 0
}

// proven says whether something that was seen says why the socket is CLOSED: a segment, a call, a timer of the kernel.
func (w *demoWitness) proven(name string) bool {
	c := w.changes[w.name(name)]
	return c != nil && (c.Source != SourceInferred || c.Segment != 0 || c.Cause != 0 || c.Timer != "" || w.resets[c.Socket] == c.Reason)
}

// stateSentence says what state a socket is in.
func (w *demoWitness) stateSentence(name string) string {
	switch state, _ := w.stateOf(name); {
	case w.socket(name) == nil:
		return fmt.Sprintf("There is no %s.", name)
	case state == "":
		return fmt.Sprintf("%s has been in no state yet.", name)
	case w.socket(name).Reason != "":
		return fmt.Sprintf("%s is in %s because %s.", name, state, w.socket(name).Reason)
	default:
		return fmt.Sprintf("%s is in %s.", name, state)
	}
}

type isAsking struct{ fact *demo.Is }

func (a *isAsking) observe(*demoWitness, Event) {}

func (a *isAsking) decide(w *demoWitness, m moment) finding {
	f := a.fact
	if m.asked == 0 {
		return finding{}
	}
	state, observed := w.stateOf(f.Socket)
	matches := state != "" && slices.Contains(f.States, state) != f.Not
	if matches && f.Reason != "" {
		matches = w.socket(f.Socket).Reason == f.Reason
		observed = observed && w.proven(f.Socket)
	}
	if matches && observed {
		return passedBy(w.stateSeq(f.Socket))
	}
	// Why a socket is CLOSED does not change any more; a RST may still be read.
	final := f.Reason != "" && state == string(StateClosed) && m.held(w.socket(f.Socket).StateSinceNS, quietTime)
	switch {
	case !m.over && !final:
		return finding{}
	case matches || !w.seesStates(f.Socket):
		return unseenAs("%s", w.unseenState(f.Socket))
	}
	return failedAs(nil, "%s", w.stateSentence(f.Socket))
}

// unseenState says why a socket's state is not known.
func (w *demoWitness) unseenState(name string) string {
	if !w.seesStates(name) {
		return statesUnseen
	}
	return strings.TrimSuffix(w.stateSentence(name), ".") + ", but that is only inferred."
}

// reachesAsking follows a socket through states: once as observed, and once as it must have been.
type reachesAsking struct {
	fact     *demo.Reaches
	observed int // how many of the states were seen, in order
	believed int // the same with those that are only inferred
	facts    []uint64
	through  []string // the first ones it went through, for the detail
	at       int64    // when the last was reached
	left     string   // where it went from there, too early
}

func newReachesAsking(w *demoWitness, f *demo.Reaches) *reachesAsking {
	a := &reachesAsking{fact: f}
	if state, observed := w.stateOf(f.Socket); state != "" {
		a.reached(state, observed, w.stateSeq(f.Socket), w.socket(f.Socket).StateSinceNS)
	}
	return a
}

func (a *reachesAsking) observe(w *demoWitness, e Event) {
	name := w.name(a.fact.Socket)
	h := e.header()
	if h.Socket != name {
		return
	}
	switch e := e.(type) {
	case *StateChanged:
		if a.observed == len(a.fact.States) && a.left == "" {
			a.left = string(e.To)
		}
		a.reached(string(e.To), w.observed(name, e.To, h.Source), h.Seq, h.AtNS)
	case *DescriptorClosed: // of a Dial that failed before the kernel made anything of it
		if v := w.socket(a.fact.Socket); v.State == StateClosed && v.ClosedNS == 0 {
			a.reached(string(StateClosed), true, h.Seq, h.AtNS)
		}
	}
}

// maxThrough bounds the states that a detail lists; there are only eleven, and no way back.
const maxThrough = 16

func (a *reachesAsking) reached(state string, observed bool, seq uint64, at int64) {
	if len(a.through) < maxThrough {
		a.through = append(a.through, state)
	}
	states := a.fact.States
	if a.believed < len(states) && states[a.believed] == state {
		a.believed++
	}
	if observed && a.observed < len(states) && states[a.observed] == state {
		a.observed++
		a.facts = append(a.facts, seq)
		a.at = at
	}
}

func (a *reachesAsking) decide(w *demoWitness, m moment) finding {
	f, n := a.fact, len(a.fact.States)
	switch {
	case a.observed == n && f.Stays > 0 && a.left != "":
		return failedAs(a.facts, "%s left %s for %s too early.", f.Socket, f.States[n-1], a.left)
	case a.observed == n && m.held(a.at, f.Stays):
		return passedBy(a.facts...)
	case a.observed == n: // it has still to stay there
		return finding{}
	case a.believed == n:
		return unseenAs("%s must have been in %s, but nobody saw all of it.", f.Socket, strings.Join(f.States, ", "))
	case !m.over:
		return finding{}
	case !w.seesStates(f.Socket):
		return unseenAs(statesUnseen)
	case len(a.through) == 0:
		return failedAs(nil, "%s", w.stateSentence(f.Socket))
	}
	return failedAs(a.facts, "%s went through %s.", f.Socket, strings.Join(a.through, ", "))
}

type neverAsking struct {
	fact  *demo.Never
	was   []uint64 // where it was in that state
	is    bool
	maybe bool // it may have been, too briefly for anybody to see
}

func newNeverAsking(w *demoWitness, f *demo.Never) *neverAsking {
	a := &neverAsking{fact: f}
	if state, _ := w.stateOf(f.Socket); state == f.State {
		a.is, a.was = true, []uint64{w.stateSeq(f.Socket)}
	}
	return a
}

func (a *neverAsking) observe(w *demoWitness, e Event) {
	c, ok := e.(*StateChanged)
	if !ok || c.Socket != w.name(a.fact.Socket) {
		return
	}
	if state := State(a.fact.State); state == c.To {
		a.is, a.was = true, []uint64{c.Seq}
	} else if w.lives(a.fact.Socket) == networkMachine && state.brief() {
		a.maybe = a.maybe || c.From != state && reachable(c.From, state) && reachable(state, c.To)
	}
}

// brief says whether a socket leaves the state by itself as soon as the other end answers. On this machine that takes some
// microseconds, and nobody sees each of them.
func (s State) brief() bool {
	switch s {
	case StateSynSent, StateSynRcvd, StateFinWait1, StateClosing, StateLastAck:
		return true
	}
	return false
}

func (a *neverAsking) decide(w *demoWitness, m moment) finding {
	switch {
	case a.is:
		return failedAs(a.was, "%s was in %s.", a.fact.Socket, a.fact.State)
	case m.quiet == 0 || !m.held(m.quiet, quietTime):
		return finding{}
	case !w.seesStates(a.fact.Socket):
		return unseenAs(statesUnseen)
	case w.lost:
		return unseenAs(factsLost)
	case a.maybe:
		return unseenAs("%s may have been in %s too briefly to be seen on this machine.", a.fact.Socket, a.fact.State)
	}
	return passedBy()
}

type staysAsking struct {
	fact *demo.Stays
	from int64 // since when it stays; 0: it does not yet
}

func (a *staysAsking) observe(*demoWitness, Event) {}

func (a *staysAsking) decide(w *demoWitness, m moment) finding {
	f := a.fact
	if m.asked == 0 {
		return finding{}
	}
	state, observed := w.stateOf(f.Socket)
	is := state == f.State && observed
	if is && a.from == 0 {
		a.from = max(m.asked, w.socket(f.Socket).StateSinceNS)
	}
	switch {
	case is && m.held(a.from, f.For):
		return passedBy(w.stateSeq(f.Socket))
	case is:
		return finding{}
	case a.from != 0:
		return failedAs([]uint64{w.stateSeq(f.Socket)}, "%s left %s for %s too early.", f.Socket, f.State, state)
	case !m.over:
		return finding{}
	case state == f.State || !w.seesStates(f.Socket):
		return unseenAs("%s", w.unseenState(f.Socket))
	}
	return failedAs(nil, "%s", w.stateSentence(f.Socket))
}

type peerAsking struct{ fact *demo.Peer }

func (a *peerAsking) observe(*demoWitness, Event) {}

func (a *peerAsking) decide(w *demoWitness, m moment) finding {
	f := a.fact
	one, other := w.socket(f.Socket), w.socket(f.Peer)
	switch {
	case one != nil && one.Peer == w.name(f.Peer), other != nil && other.Peer == w.name(f.Socket):
		return passedBy()
	case !m.over:
		return finding{}
	case !w.seesStates(f.Socket):
		return unseenAs(statesUnseen)
	case one != nil && one.Peer != "":
		return failedAs(nil, "The other end of %s is %s.", f.Socket, one.Peer)
	}
	return failedAs(nil, "The other end of %s was not seen.", f.Socket)
}
