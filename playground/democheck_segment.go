package playground

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"socketplayground/playground/demo"
)

// connOf picks the segments of a socket's connection: of both directions, or only what the socket sent. A segment may be
// read before its sockets are known (the SYN of a connection that nobody has accepted), so it is kept until they are.
type connOf struct {
	socket  string
	from    bool
	since   int64   // ns: those that left before are none of the check's, though a capture may tell them later
	waiting []Event // of which nobody knows yet whose they are
	cut     bool    // there were more of these than are kept
}

// maxWaiting bounds the segments that wait for their sockets to be known: those of a handshake, many times over.
const maxWaiting = 512

// observe calls take with each segment event of the connection, in order, as soon as it is known to be one.
func (c *connOf) observe(w *demoWitness, e Event, take func(Event)) {
	v := w.socket(c.socket)
	if v.paired() {
		for _, early := range c.waiting {
			if c.has(w, v, early) {
				take(early)
			}
		}
		c.waiting = nil
	}
	switch e := e.(type) {
	case *SegmentSent, *SegmentsSummarised:
		switch {
		case leftAt(e) < c.since:
		case c.named(w, e), v.paired() && c.has(w, v, e):
			take(e)
		case !v.paired() && nameless(e):
			if len(c.waiting) == maxWaiting {
				c.waiting, c.cut = c.waiting[1:], true
			}
			c.waiting = append(c.waiting, e)
		}
	case *WireIntervened:
		if w.dropped != nil && (c.named(w, w.dropped) || v.paired() && c.has(w, v, w.dropped)) {
			take(e)
		}
	}
}

// paired says whether both addresses of a connection are known.
func (v *SocketView) paired() bool { return v != nil && v.Local != "" && v.Remote != "" }

// doubtful says whether there may have been more segments than could be told to be the connection's.
func (c *connOf) doubtful(w *demoWitness) bool { return c.cut || w.lost || c.portless(w) }

// portTime is how long a capture may take to tell the port of a dial that was refused.
const portTime = 500 * time.Millisecond

// portless says whether a dialled connection's own port was never seen: of a dial that was refused on this machine, nobody
// may know which of the captured segments were its own.
func (c *connOf) portless(w *demoWitness) bool {
	v := w.socket(c.socket)
	return v != nil && v.Kind == KindConn && !v.paired() && (len(c.waiting) > 0 || v.Network == networkMachine && v.ClosedNS != 0)
}

// unseen says why the connection's segments are not all known.
func (c *connOf) unseen(w *demoWitness) finding {
	if c.portless(w) {
		return unseenAs("Segments crossed of which nobody knows whether they were those of %s: its port was never seen.", c.socket)
	}
	return unseenAs(factsLost)
}

// named says whether the event names the socket.
func (c *connOf) named(w *demoWitness, e Event) bool {
	near, far := endsOf(e)
	name := w.name(c.socket)
	return near == name || far == name && !c.from
}

func endsOf(e Event) (near, far string) {
	switch e := e.(type) {
	case *SegmentSent:
		return e.Socket, e.Peer
	case *SegmentsSummarised:
		return e.Socket, e.Peer
	}
	return "", ""
}

// leftAt is when the segment left, of several the last.
func leftAt(e Event) int64 {
	switch e := e.(type) {
	case *SegmentSent:
		return e.LeftNS
	case *SegmentsSummarised:
		return e.LastNS
	}
	return 0
}

func nameless(e Event) bool {
	near, far := endsOf(e)
	return near == "" || far == ""
}

// has says whether a segment whose socket nobody knew goes between the socket's addresses.
func (c *connOf) has(w *demoWitness, v *SocketView, e Event) bool {
	if c.named(w, e) {
		return true
	}
	s, ok := e.(*SegmentSent)
	return ok && s.Network == v.Network && (s.Socket == "" && s.Src == v.Local && s.Dst == v.Remote ||
		!c.from && s.Peer == "" && s.Dst == v.Local && s.Src == v.Remote)
}

// segMatches says whether a segment is of a kind. cut: it may be, as far as the event has its payload.
func segMatches(g demo.Seg, s *SegmentSent) (matches, cut bool) {
	if !s.readable() {
		return false, false
	}
	for _, f := range g.With {
		if hasField(f, s) == f.Not {
			return false, false
		}
	}
	switch g.Kind {
	case demo.SegAny:
		return true, false
	case demo.SegFlags:
		return flagsMatch(g.Flags, s), false
	case demo.SegData:
		if s.Len == 0 || g.Text == "" {
			return s.Len > 0, false
		}
		payload := string(s.Raw[min(int64(len(s.Raw)), s.IPHeader+s.TCPHeader):])
		part := s.Len > int64(len(payload))
		switch {
		case s.Len < int64(len(g.Text)), g.Whole && s.Len > int64(len(g.Text)):
			return false, false
		case g.Whole:
			return payload == g.Text, part && strings.HasPrefix(g.Text, payload)
		case strings.Contains(payload, g.Text):
			return true, false
		}
		return false, part
	case demo.SegRetransmitted:
		return slices.Contains(s.Marks, "retransmission") || slices.Contains(s.Marks, "spurious_retransmission"), false
	}
	return slices.Contains(s.Marks, demo.MarkOf(g.Kind)), false
}

// hasField says whether a segment has the field, with that value if one is asked for. Of a
// field that every header has a place for, 0 is none.
func hasField(f demo.SegField, s *SegmentSent) bool {
	places := map[string]int64{"seq": s.SeqRel, "ack": s.AckRel, "len": s.Len, "win": s.Win, "ttl": s.TTL, "urgent": s.Urgent, "reserved": s.Reserved, "dscp": s.DSCP, "id": s.IPID, "flow_label": s.FlowLabel}
	if v, ok := places[f.Name]; ok {
		return f.Any && v != 0 || !f.Any && v == f.N
	}
	switch f.Name {
	case "ace":
		return s.ACE != nil && (f.Any || *s.ACE == f.N)
	case "df":
		return s.DF
	case "ecn":
		return f.Any && s.ECN != "" || !f.Any && cmp.Or(s.ECN, notECT) == f.Text
	}
	for _, o := range s.Options {
		if o.Name == f.Name {
			return f.Any || o.Value == strconv.FormatInt(f.N, 10)
		}
	}
	return false
}

// flagsMatch: SYN alone is one without ACK, ACK alone is nothing but an ACK; otherwise at least these.
func flagsMatch(want []string, s *SegmentSent) bool {
	have := strings.Split(s.Flags, ", ")
	if len(want) == 1 {
		switch want[0] {
		case "ACK":
			return len(have) == 1 && have[0] == "ACK" && s.Len == 0
		case "SYN":
			return slices.Contains(have, "SYN") && !slices.Contains(have, "ACK")
		}
	}
	for _, f := range want {
		if !slices.Contains(have, f) {
			return false
		}
	}
	return true
}

// segmentsAsking asks for segments in an order.
type segmentsAsking struct {
	fact  *demo.Segments
	of    connOf
	facts []uint64
	wrong uint64 // the segment that should not be there
	seen  []string
	last  int64 // when the newest came
	cut   bool  // segments were summarised, or their payload is not kept
}

func (a *segmentsAsking) observe(w *demoWitness, e Event) {
	a.of.observe(w, e, func(e Event) { a.take(e) })
}

func (a *segmentsAsking) take(e Event) {
	a.last = e.header().AtNS
	list := a.fact.List
	switch e := e.(type) {
	case *SegmentSent:
		if len(a.seen) < maxThrough && e.readable() {
			a.seen = append(a.seen, segWord(e))
		}
		if len(a.facts) == len(list) {
			if a.fact.Exactly && a.wrong == 0 && e.readable() {
				a.wrong = e.Seq
			}
			return
		}
		matches, cut := segMatches(list[len(a.facts)], e)
		a.cut = a.cut || cut
		switch {
		case matches:
			a.facts = append(a.facts, e.Seq)
		case a.fact.Exactly && a.wrong == 0 && e.readable() && !cut:
			a.wrong = e.Seq
		}
	case *SegmentsSummarised:
		a.cut = true
		for len(a.facts) < len(list) && !a.fact.Exactly && !a.fact.Sent && summaryHas(list[len(a.facts)], e) {
			a.facts = append(a.facts, e.Seq)
			return
		}
	}
}

// summaryHas says whether a segment of that kind is for certain among those that were added up.
func summaryHas(g demo.Seg, e *SegmentsSummarised) bool {
	return g.Kind == demo.SegAny || g.Kind == demo.SegData && g.Text == "" && e.DataSegments > 0 ||
		g.Kind == demo.SegRetransmitted && e.Retransmitted > 0
}

// segWord is a segment as a check would name it, and how many bytes it carries.
func segWord(s *SegmentSent) string {
	word := strings.ReplaceAll(s.Flags, ", ", "+")
	if s.Len > 0 {
		word += fmt.Sprintf(" (%d B)", s.Len)
	}
	return word
}

func (a *segmentsAsking) decide(w *demoWitness, m moment) finding {
	f, whole := a.fact, len(a.facts) == len(a.fact.List)
	switch {
	case whole && !f.Exactly:
		return passedBy(a.facts...)
	case !w.seesSegments(f.Socket):
		return unseenAs(segmentsUnseen)
	case m.asked != 0 && m.held(m.asked, portTime) && a.of.portless(w):
		return a.of.unseen(w)
	case a.wrong != 0:
		return failedAs([]uint64{a.wrong}, "%s", a.sentence(w))
	case whole:
		if m.quiet == 0 || !m.held(max(m.quiet, a.last), quietTime) {
			return finding{}
		}
		if a.cut || a.of.doubtful(w) {
			return a.of.unseen(w)
		}
		return passedBy(a.facts...)
	case !m.over:
		return finding{}
	}
	return a.missed(w)
}

func (a *segmentsAsking) missed(w *demoWitness) finding {
	switch {
	case a.cut || a.of.doubtful(w):
		return a.of.unseen(w)
	}
	return failedAs(a.facts, "%s", a.sentence(w))
}

func (a *segmentsAsking) sentence(*demoWitness) string {
	if len(a.seen) == 0 {
		return fmt.Sprintf("No segment of %s was seen in this step.", a.fact.Socket)
	}
	more := ""
	if len(a.seen) == maxThrough {
		more = " …"
	}
	return fmt.Sprintf("The segments of %s were %s%s.", a.fact.Socket, strings.Join(a.seen, ", "), more)
}
