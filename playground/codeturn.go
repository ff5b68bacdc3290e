package playground

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"socketplayground/playground/code"
)

// turnTeller tells what was done to a Lab's wire and kernels, from what the log says of them.
type turnTeller struct {
	wire     WireSettings
	known    bool // wire is what the log says, not the zero value
	quickACK bool
	turns    []code.Turn
	matters  bool // it had a part in what the calls returned
}

// take says whether an event is of a turn, and remembers what was done.
func (t *turnTeller) take(e Event) {
	switch e := e.(type) {
	case *LabOpened:
		*t = turnTeller{quickACK: true, turns: t.turns, matters: t.matters} // a new wire
		t.quick(e, e.QuickAck)
	case *QuickAckSet:
		t.quick(e, e.On)
	case *WireChanged:
		if t.known {
			t.add(e, changes(t.wire, e.Wire)...)
		}
		t.wire, t.known = e.Wire, true
	case *KernelSettingsRead:
		if e.Defaults == nil { // it was set
			t.matters = true
			for _, name := range slices.Sorted(maps.Keys(e.Settings)) {
				t.set(e, fmt.Sprintf("set %s to %s on ", name, e.Settings[name]), "the "+e.Host)
			}
		}
	case *WireIntervened:
		t.matters = t.matters || e.Action == "dropped" || e.Action == "held" || e.Action == "corrupted"
		if e.By == "user" {
			t.add(e, byHand[e.Action])
		}
	case *StateChanged:
		if e.From == StateTimeWait && e.Reason == ReasonAborted {
			t.add(e, "skip the TIME_WAIT of "+e.Socket)
		}
	}
}

// byHand are interventions of the user as imperatives.
var byHand = map[string]string{
	"held": "hold the segment in flight", "released": "deliver the oldest held segment",
	"dropped": "drop the oldest held segment", "duplicated": "duplicate the oldest held segment",
}

// set adds a kernel setting; the same one on the other host right before it is one with it.
func (t *turnTeller) set(e Event, words, host string) {
	if n := len(t.turns); n > 0 && host == "the server" {
		last := &t.turns[n-1]
		if seq := e.header().Seq; last.Words[0] == words+"the client" && last.Seqs[0] == seq-1 {
			last.Words[0] = words + "both hosts"
			last.Seqs = append(last.Seqs, seq)
			return
		}
	}
	t.add(e, words+host)
}

func (t *turnTeller) quick(e Event, on bool) {
	if on != t.quickACK {
		t.add(e, "switch QuickACK "+onOff(on))
		t.quickACK = on
	}
}

func (t *turnTeller) add(e Event, words ...string) {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) > 0 {
		h := e.header()
		t.turns = append(t.turns, code.Turn{Seqs: []uint64{h.Seq}, At: time.Duration(h.AtNS), Words: words})
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// changes are what a user does to bring the wire from one setting to another. Delay, jitter and the length of the queue
// are left out: they do not change what calls return, and a program has no patience to show it.
func changes(was, now WireSettings) (words []string) {
	switch {
	case now.Cut && !was.Cut:
		words = append(words, "cut the cable")
	case was.Cut && !now.Cut:
		words = append(words, "join the cable")
	}
	if now.Step != was.Step {
		words = append(words, "switch step mode "+onOff(now.Step))
	}
	for _, d := range []struct {
		to       string
		was, now Impairment
	}{{"the server", was.ToServer, now.ToServer}, {"the client", was.ToClient, now.ToClient}} {
		for _, f := range []struct {
			name     string
			was, now float64
			unit     string
		}{
			{"loss", d.was.LossPct, d.now.LossPct, " %"}, {"duplicates", d.was.DuplicatePct, d.now.DuplicatePct, " %"},
			{"reordering", d.was.ReorderPct, d.now.ReorderPct, " %"}, {"corruption", d.was.CorruptPct, d.now.CorruptPct, " %"},
			{"MTU", float64(d.was.MTU), float64(d.now.MTU), " bytes"},
		} {
			if f.was != f.now {
				words = append(words, fmt.Sprintf("set the wire's %s to %s to %g%s", f.name, d.to, f.now, f.unit))
			}
		}
	}
	before := map[int]WireRule{}
	for _, r := range was.Rules {
		before[r.Rule] = r
	}
	for _, r := range now.Rules {
		old, known := before[r.Rule]
		delete(before, r.Rule)
		usedUp := r.Next > 0 && r.Hits >= r.Next
		switch {
		case !known:
			words = append(words, "add a rule: "+r.sentence())
		case old.On != r.On && !usedUp: // one that is used up switches itself off
			words = append(words, fmt.Sprintf("switch rule %d %s", r.Rule, onOff(r.On)))
		}
	}
	for _, n := range slices.Sorted(maps.Keys(before)) {
		words = append(words, fmt.Sprintf("remove rule %d", n))
	}
	return words
}

// sentence says what a rule does, such as "drop the next segment to the server with FIN".
func (r *WireRule) sentence() string {
	which, noun := "every", "segment"
	if r.Flags == "ACK" {
		noun = "bare ACK"
	}
	switch {
	case r.Next == 1:
		which = "the next"
	case r.Next > 1:
		which, noun = fmt.Sprintf("the next %d", r.Next), noun+"s"
	case r.Every > 1:
		which, noun = fmt.Sprintf("one in %d", r.Every), noun+"s"
	}
	words := []string{r.Action, which, noun}
	switch r.Direction {
	case "to_server":
		words = append(words, "to the server")
	case "to_client":
		words = append(words, "to the client")
	}
	var with []string
	switch r.Flags {
	case "", "ACK":
	case "DATA":
		with = append(with, "data")
	default:
		with = append(with, r.Flags)
	}
	if r.Text != "" {
		with = append(with, fmt.Sprintf("the text %q", r.Text))
	}
	if r.MinLen != nil {
		with = append(with, fmt.Sprintf("at least %d bytes", *r.MinLen))
	}
	if r.MaxLen != nil {
		with = append(with, fmt.Sprintf("at most %d bytes", *r.MaxLen))
	}
	if len(with) > 0 {
		words = append(words, "with "+strings.Join(with, ", "))
	}
	if r.Socket != "" {
		words = append(words, "of "+r.Socket)
	}
	if r.Retransmission != nil {
		words = append(words, map[bool]string{true: "that is a retransmission", false: "that is no retransmission"}[*r.Retransmission])
	}
	if r.DelayMS > 0 {
		words = append(words, fmt.Sprintf("by %g ms", r.DelayMS))
	}
	return strings.Join(words, " ")
}
