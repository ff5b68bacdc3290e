package playground

import (
	"socketplayground/playground/demo"
)

// countAsking counts. What was added up in a summary is counted as far as the summary tells: there are at least least,
// and at most most.
type countAsking struct {
	fact        *demo.Count
	of          connOf
	least, most int64
	facts       []uint64
	last        int64
	begun       bool // with For: only what comes once it is asked counts
}

func (a *countAsking) observe(w *demoWitness, e Event) {
	if a.fact.For > 0 && !a.begun {
		return
	}
	if !a.fact.Calls {
		a.of.observe(w, e, func(e Event) { a.take(e) })
		return
	}
	switch e := e.(type) {
	case *CallReturned:
		if e.Socket == w.name(a.fact.Socket) {
			a.add(e, 1, 1)
		}
	case *CallsSummarised:
		if e.Socket == w.name(a.fact.Socket) {
			a.add(e, e.Calls, e.Calls)
		}
	}
}

func (a *countAsking) take(e Event) {
	g := a.fact.Seg
	switch e := e.(type) {
	case *SegmentSent:
		if matches, cut := segMatches(g, e); matches {
			a.add(e, 1, 1)
		} else if cut {
			a.add(e, 0, 1)
		}
	case *WireIntervened:
		if g.Kind == demo.SegDropped {
			a.add(e, 1, 1)
		}
	case *SegmentsSummarised:
		least, most := summaryCount(g, e)
		if a.fact.From || e.FirstNS < a.of.since { // it adds up both directions, and perhaps what came before
			least = 0
		}
		a.add(e, least, most)
	}
}

// summaryCount bounds how many segments of a kind were added up. SYN, FIN and RST are listed as long as there are not
// thousands of them.
func summaryCount(g demo.Seg, e *SegmentsSummarised) (least, most int64) {
	switch g.Kind {
	case demo.SegAny:
		return e.Count, e.Count
	case demo.SegData:
		if g.Text == "" {
			return e.DataSegments, e.DataSegments
		}
		return 0, e.DataSegments
	case demo.SegRetransmitted:
		return e.Retransmitted, e.Retransmitted
	case demo.SegDropped:
		return e.Dropped, e.Dropped
	case demo.SegFlags:
		for _, f := range g.Flags {
			if f == "SYN" || f == "FIN" || f == "RST" {
				return 0, 0
			}
		}
	}
	return 0, e.Count
}

func (a *countAsking) add(e Event, least, most int64) {
	if most == 0 {
		return
	}
	h := e.header()
	a.least, a.most, a.last = a.least+least, a.most+most, h.AtNS
	if len(a.facts) < maxFacts {
		a.facts = append(a.facts, h.Seq)
	}
}

func (a *countAsking) decide(w *demoWitness, m moment) finding {
	f := a.fact
	if f.For > 0 && !a.begun && m.asked != 0 {
		a.begun, a.of.since = true, m.asked
	}
	switch {
	case f.Compare == demo.AtLeast && a.least >= f.N:
		return passedBy(a.facts...)
	case !f.Calls && !w.seesSegments(f.Socket):
		return unseenAs(segmentsUnseen)
	case f.Compare == demo.AtLeast && !m.over:
		return finding{}
	case f.Compare == demo.AtLeast && (a.most >= f.N || a.of.doubtful(w)):
		return a.of.unseen(w)
	case f.Compare == demo.AtLeast, a.least > f.N:
		return a.miscounted()
	case !a.settled(m):
		return finding{}
	case a.least != a.most || a.of.doubtful(w):
		return a.of.unseen(w)
	case compares(f.Compare, a.least, f.N):
		return passedBy(a.facts...)
	}
	return a.miscounted()
}

// settled says whether what did not come until now is believed not to come.
func (a *countAsking) settled(m moment) bool {
	if a.fact.For > 0 {
		return m.asked != 0 && m.held(m.asked, a.fact.For)
	}
	return m.quiet != 0 && m.held(max(m.quiet, a.last), quietTime)
}

// miscounted says how many there were instead.
func (a *countAsking) miscounted() finding {
	switch {
	case a.fact.Calls:
		return failedAs(a.facts, "There were %d calls.", a.least)
	case a.least != a.most:
		return failedAs(a.facts, "There were %d to %d of them.", a.least, a.most)
	}
	return failedAs(a.facts, "There were %d of them.", a.least)
}
