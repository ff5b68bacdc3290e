package playground

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"socketplayground/playground/demo"
)

// demoWitness is what a run of a demo has seen: the snapshot that the events add up to, and beside it as much as the
// checks need to name the events that decide them. It is the runner's own, and knows no clock but the events'.
type demoWitness struct {
	now     *Snapshot
	names   map[string]string     // a socket of the file → of the session; absent: the same
	listens map[string]uint64     // a listener of the file → its Listen, which may have failed
	failed  map[string]*CallError // a listener of the file → why its Listen failed
	network string
	// segments and states say whether they can be observed on this machine; in the Lab they always can.
	segments, states bool
	stepAt           int64                    // ns: when the step began; 0 before the first
	lost             bool                     // facts that could not be listed: nothing can be said about what did not happen
	changes          map[string]*StateChanged // the newest of each socket
	resets           map[string]string        // what was seen of a RST: ReasonResetSent or ReasonResetReceived
	metricsSeq       map[string]uint64
	callSeq          map[uint64]uint64 // of calls that run
	dropped          *SegmentSent      // what the event being taken in says was dropped
}

func newDemoWitness(now *Snapshot, network string, segments, states bool) *demoWitness {
	return &demoWitness{now: now, network: network, segments: segments, states: states, names: map[string]string{},
		listens: map[string]uint64{}, failed: map[string]*CallError{}, changes: map[string]*StateChanged{}, resets: map[string]string{}, metricsSeq: map[string]uint64{}, callSeq: map[uint64]uint64{}}
}

// observe takes the next event in, before the checks do.
func (w *demoWitness) observe(e Event) {
	h := e.header()
	w.dropped = nil
	switch e := e.(type) {
	case *SocketOpened:
		for name, call := range w.listens {
			if call == e.Call && e.Kind == KindListener {
				w.names[name] = e.Socket
			}
		}
	case *StateChanged:
		w.changes[h.Socket] = e
	case *MetricsSampled:
		w.metricsSeq[h.Socket] = h.Seq
	case *CallStarted:
		w.callSeq[e.Call] = h.Seq
	case *CallReturned:
		delete(w.callSeq, e.Call)
		for name, call := range w.listens {
			if call == e.Call && e.Error != nil {
				w.failed[name] = e.Error
			}
		}
		if e.Error != nil && e.Error.Kind == ErrReset && e.Op != "Accept" {
			w.resets[h.Socket] = ReasonResetReceived
		}
	case *SegmentSent:
		if slices.Contains(strings.Split(e.Flags, ", "), "RST") {
			w.resets[e.Socket], w.resets[e.Peer] = ReasonResetSent, ReasonResetReceived
		}
	case *SocketRemoved:
		delete(w.changes, h.Socket)
		delete(w.resets, h.Socket)
		delete(w.metricsSeq, h.Socket)
	case *WireIntervened:
		if lab := w.now.Lab; lab != nil && e.Action == "dropped" && lab.Flying[e.Segment] != nil {
			w.dropped = lab.Flying[e.Segment].Sent // the snapshot is about to forget it
		}
	case *EventsLost:
		w.lost = true
	}
	w.now.Apply(e)
}

// name is the session's name of a socket of the file. The connections of a listener go by its name.
func (w *demoWitness) name(socket string) string {
	base, child, ok := strings.Cut(socket, ".")
	if n, renamed := w.names[base]; renamed {
		base = n
	}
	if ok {
		return base + "." + child
	}
	return base
}

// noSocket stands for a listener of the file that is not open, or never came to be.
const noSocket = "?"

// listening takes in that a listener of the file is being opened, by a call.
func (w *demoWitness) listening(name string, call uint64) {
	w.names[name], w.listens[name] = noSocket, call
	delete(w.failed, name)
}

// unopened says why a listener of the file is not there, empty if its Listen did not fail. What S1 accepts is S1.1.
func (w *demoWitness) unopened(socket string) string {
	listener, _, _ := strings.Cut(socket, ".")
	e := w.failed[listener]
	if e == nil {
		return ""
	}
	return fmt.Sprintf("%s So %s was not opened (%s).", e.Why, listener, e.Text)
}

func (w *demoWitness) socket(name string) *SocketView { return w.now.Sockets[w.name(name)] }

// lives is the network that a socket lives in, or will.
func (w *demoWitness) lives(name string) string {
	if v := w.socket(name); v != nil {
		return v.Network
	}
	return w.network
}

func (w *demoWitness) seesStates(name string) bool { return w.states || w.lives(name) == networkLab }

func (w *demoWitness) seesSegments(name string) bool {
	return w.segments || w.lives(name) == networkLab
}

// finding is what a check has come to; no verdict means that it is not decided yet.
type finding struct {
	verdict string
	detail  string // what was seen instead
	facts   []uint64
}

func passedBy(facts ...uint64) finding { return finding{verdict: VerdictPassed, facts: bounded(facts)} }

// maxFacts is how many events a decision names; of many, the first and the last ones tell enough.
const maxFacts = 32

func bounded(facts []uint64) []uint64 {
	var list []uint64
	for i, seq := range facts {
		if seq != 0 && (i < maxFacts/2 || i >= len(facts)-maxFacts/2) {
			list = append(list, seq)
		}
	}
	return list
}

func failedAs(facts []uint64, format string, args ...any) finding {
	return finding{verdict: VerdictFailed, detail: fmt.Sprintf(format, args...), facts: bounded(facts)}
}

func unseenAs(format string, args ...any) finding {
	return finding{verdict: VerdictNotObserved, detail: fmt.Sprintf(format, args...)}
}

// The sentences of what cannot be observed.
const (
	statesUnseen   = "The kernel's states cannot be observed here."
	segmentsUnseen = "Segments cannot be observed here: that needs the right to capture, or the Lab."
	factsLost      = "Some facts came too fast to be listed, so nobody can say what did not happen."
)

// moment is when a check is asked, on the session's clock.
type moment struct {
	now   int64
	asked int64 // since when it is to be true now: the step's commands have settled; 0: not yet
	over  bool  // there is no more time for it to come true
	quiet int64 // since when nothing more is expected to happen; 0: something is
}

// held says whether something has been so for d since a time.
func (m moment) held(since int64, d time.Duration) bool { return m.now-since >= int64(d) }

// asking decides one kind of fact. It is fed every event from the beginning of its step on, and asked after events and
// from time to time.
type asking interface {
	observe(w *demoWitness, e Event)
	decide(w *demoWitness, m moment) finding
}

// demoJudge decides one check.
type demoJudge struct {
	check  *demo.Check
	asking asking
	finding
	told   bool // its verdict is in the log
	caught bool // what crossed in the time of a Count's For is read
}

// newDemoJudge begins to look for a fact, as things are now.
func newDemoJudge(w *demoWitness, c *demo.Check) *demoJudge {
	j := &demoJudge{check: c}
	switch f := c.Fact.(type) {
	case *demo.Is:
		j.asking = &isAsking{fact: f}
	case *demo.Reaches:
		j.asking = newReachesAsking(w, f)
	case *demo.Never:
		j.asking = newNeverAsking(w, f)
	case *demo.Stays:
		j.asking = &staysAsking{fact: f}
	case *demo.Returns:
		j.asking = &returnsAsking{fact: f}
	case *demo.Takes:
		j.asking = &takesAsking{fact: f}
	case *demo.Waiting:
		j.asking = &waitingAsking{fact: f}
	case *demo.Segments:
		j.asking = &segmentsAsking{fact: f, of: connOf{socket: f.Socket, from: f.Sent, since: w.stepAt}}
	case *demo.Count:
		j.asking = &countAsking{fact: f, of: connOf{socket: f.Socket, from: f.From, since: w.stepAt}}
	case *demo.Quantity:
		j.asking = &quantityAsking{fact: f}
	case *demo.Peer:
		j.asking = &peerAsking{fact: f}
	default:
		panic(fmt.Sprintf("playground: no judge for %T", f)) // the kinds are those of package demo
	}
	return j
}

// observe feeds an event.
func (j *demoJudge) observe(w *demoWitness, e Event) {
	if j.verdict == "" {
		j.asking.observe(w, e)
	}
}

// decide asks for the verdict, once there is one it stays.
func (j *demoJudge) decide(w *demoWitness, m moment) bool {
	if why := w.unopened(looksAt(j.check.Fact)); j.verdict == "" && m.asked != 0 && why != "" {
		j.finding = failedAs(nil, "%s", why) // no time makes it true
	}
	if j.verdict == "" {
		j.finding = j.asking.decide(w, m)
	}
	return j.verdict != ""
}

// within is how long the check may take to come true.
func (j *demoJudge) within() time.Duration {
	if j.check.Within > 0 {
		return j.check.Within
	}
	return demo.SettleTime
}

// awaitsQuiet says whether the check is about what does not happen, so that it is decided last.
func awaitsQuiet(f demo.Fact) bool {
	switch f := f.(type) {
	case *demo.Never:
		return true
	case *demo.Segments:
		return f.Exactly
	case *demo.Count:
		return f.Compare != demo.AtLeast && f.For == 0
	}
	return false
}

// quietTime is how long nothing more may have come before what did not happen is believed: what is read off this
// machine's loopback is a little late.
const quietTime = 200 * time.Millisecond

// looksAt are the sockets whose state or numbers decide a fact, so that they are worth a look of their own.
func looksAt(f demo.Fact) string {
	switch f := f.(type) {
	case *demo.Is:
		return f.Socket
	case *demo.Reaches:
		return f.Socket
	case *demo.Stays:
		return f.Socket
	case *demo.Quantity:
		return f.Socket
	}
	return ""
}
