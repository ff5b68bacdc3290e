package playground

import (
	"maps"
	"slices"
	"time"

	"socketplayground/playground/code"
	"socketplayground/playground/wire"
)

// turnTeller tells what was done to a Lab's wire and kernels, from what the log says of them.
type turnTeller struct {
	wire     WireSettings
	known    bool // wire is what the log says, not the zero value
	quickACK bool
	turns    []code.Turn
	matters  bool // it had a part in what the calls returned
}

// take remembers what an event tells of it.
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
				t.set(e, e.Host, name, e.Settings[name])
			}
		}
	case *WireIntervened:
		t.matters = t.matters || e.Action == "dropped" || e.Action == "held" || e.Action == "corrupted"
		if e.By == wire.ByUser {
			t.add(e, byHand[e.Action])
		}
	case *StateChanged:
		if e.From == StateTimeWait && e.Reason == ReasonAborted {
			t.add(e, phrase("skip the TIME_WAIT of %s", "跳过 %s 的 TIME_WAIT", e.Socket))
		}
	}
}

// byHand are interventions of the user as imperatives.
var byHand = map[string]code.Phrase{
	wire.Held:       {EN: "hold the segment in flight", ZH: "扣留在途的报文段"},
	wire.Released:   {EN: "deliver the oldest held segment", ZH: "放行最早扣留的报文段"},
	wire.Dropped:    {EN: "drop the oldest held segment", ZH: "丢弃最早扣留的报文段"},
	wire.Duplicated: {EN: "duplicate the oldest held segment", ZH: "复制最早扣留的报文段"},
}

func (t *turnTeller) quick(e Event, on bool) {
	if on != t.quickACK {
		t.add(e, phrase("switch QuickACK %s", "%s QuickACK", onOff(on)))
		t.quickACK = on
	}
}

func (t *turnTeller) add(e Event, words ...code.Phrase) {
	words = slices.DeleteFunc(words, func(p code.Phrase) bool { return p.EN == "" })
	if len(words) > 0 {
		h := e.header()
		t.turns = append(t.turns, code.Turn{Seqs: []uint64{h.Seq}, At: time.Duration(h.AtNS), Words: words})
	}
}

// set adds a kernel setting; the same one on the other host right before it is one with it.
func (t *turnTeller) set(e Event, host, name, value string) {
	on := func(host code.Phrase) code.Phrase {
		return phrase("set %[2]s to %[3]s on %[1]s", "把%s的 %s 设为 %s", host, name, value)
	}
	if n := len(t.turns); n > 0 && host == "server" {
		last := &t.turns[n-1]
		if seq := e.header().Seq; last.Words[0] == on(hostWords["client"]) && last.Seqs[0] == seq-1 {
			last.Words[0] = on(code.Phrase{EN: "both hosts", ZH: "两台主机"})
			last.Seqs = append(last.Seqs, seq)
			return
		}
	}
	t.add(e, on(hostWords[host]))
}
