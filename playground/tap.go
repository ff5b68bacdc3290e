package playground

import (
	"sync/atomic"
	"time"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// tap reads what crosses a Lab's wire: it is the wire's Observer. The wire calls it in the order in which things
// happen, and for as long as it runs no other segment moves; so the sockets it looks at are as this one left them.
type tap struct {
	s       *Session
	run     *labRun
	decoder *segment.Decoder
	tracker *segment.Tracker
	// attentive: step mode is on, or a rule is. Then a person looks at single segments, and more of them are listed.
	attentive atomic.Bool

	lane     lane
	counting bool // the packet that is about to land is one that counts

	// Guarded by the trace's mu.
	passed  []passed
	late    *segment.Decoder
	segment segment.Segment
}

func newTap(s *Session, run *labRun) *tap {
	t := &tap{s: s, run: run, decoder: segment.NewDecoder(), tracker: segment.NewTrackerWithin(trackedRoom{s.shares.tracked}),
		late: segment.NewDecoder(), passed: make([]passed, 0, passedLimit)}
	s.trace.mu.Lock()
	s.trace.taps = append(s.trace.taps, t)
	s.trace.mu.Unlock()
	return t
}

// sender is where a packet of that direction leaves; receiver is where it lands.
func (t *tap) sender(d wire.Direction) *place {
	if d == wire.ToServer {
		return t.run.client
	}
	return t.run.server
}

func (t *tap) receiver(d wire.Direction) *place { return t.sender(d.Other()) }

// Sent implements wire.Observer.
func (t *tap) Sent(p *wire.Packet) {
	if t.counting = t.counts(p); t.counting {
		return
	}
	t.sent(p, t.sender(p.Direction).host)
}

// sent takes a packet in as it leaves a host, or the wire itself.
func (t *tap) sent(p *wire.Packet, who string) {
	seg := p.Segment // of the packet before, where the wire needs that no more
	if seg == nil {
		seg = new(segment.Segment)
	}
	p.Segment = nil // what is not TCP at all, a ping of a program in the Lab, is seen but waits for nobody
	if err := t.decoder.Headers(p.Data, seg); err == nil || seg.IsTCP() {
		p.Segment = seg
	}
	s, tr := t.s, t.s.trace
	at := t.sender(p.Direction)

	tr.mu.Lock()
	t.catchUp()
	k := tr.kept.next()
	k.from, k.toClient, k.leftNS, k.size = who, p.Direction == wire.ToClient, s.at(p.LeftAt), len(p.Data)
	p.Number = k.number
	tr.record(k, at, seg, t.tracker, p.Data, t.attentive.Load())
	p.Retransmission = k.tracked.Marks&(segment.Retransmission|segment.SpuriousRetransmission) != 0
	look := !k.other && !k.flow.quiet.Load()
	if !k.listed && !look {
		t.follow(k.flow, p)
		tr.mu.Unlock()
		return
	}
	kept := *k
	tr.mu.Unlock()

	var event Event // not *SegmentSent: none must be none
	if kept.listed {
		t.decoder.Verify(p.Data, seg)
		event = kept.event(seg)
	}
	t.tell(&kept, leaves(at, seg), event, look, edgeLeft)
}

// Landed implements wire.Observer.
func (t *tap) Landed(p *wire.Packet, err error) {
	if t.counting && p.Straight {
		t.s.trace.mu.Lock()
		t.count(p, err != nil)
		t.s.trace.mu.Unlock()
		return
	}
	s, tr := t.s, t.s.trace
	at := s.at(p.LandedAt)
	tr.mu.Lock()
	k := tr.kept.get(p.Number)
	if k == nil {
		tr.mu.Unlock()
		return
	}
	if err != nil { // the host took it no more: the Lab is closing
		k.dropped = wire.ByCut
	} else {
		k.landedNS = at
	}
	look := !k.other && !k.flow.quiet.Load()
	if err != nil || !k.listed && !look {
		tr.mu.Unlock()
		return
	}
	kept := *k
	tr.mu.Unlock()

	var event Event
	if kept.listed {
		event = &SegmentLanded{Segment: kept.number, LandedNS: at}
	}
	end := segmentEnd{place: t.receiver(p.Direction)}
	if p.Segment != nil {
		end = lands(end.place, p.Segment)
	}
	t.tell(&kept, end, event, look, edgeLanded)
}

// tell looks at the socket at one end, while nothing moves on the wire, and queues what was learned.
func (t *tap) tell(k *keptPacket, end segmentEnd, event Event, look bool, edge string) {
	s := t.s
	var seen observation
	if look {
		seen = s.observe(end.target(), nil)
	}
	why := cause{segment: k.number, edge: edge, starts: k.control && !k.rst, rst: k.rst, aborts: k.aborts}
	calls := edge == edgeLeft && k.control
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	s.trace.tell(func() { s.crossed(t.run, end, event, seen, why, calls) })
}

// crossed takes a segment's leaving or landing into the log, and what it did to the socket there. The actor's.
func (s *Session) crossed(run *labRun, end segmentEnd, event Event, seen observation, why cause, byCall bool) {
	if s.lab != run {
		return
	}
	c := s.endOf(end, seen)
	if e, ok := event.(*SegmentSent); ok {
		if far := s.byPair[end.target().mirror().pair()]; far != nil {
			e.Peer = far.id
		}
	}
	if event != nil {
		s.emit(c.label(), SourceSegment, event)
	}
	if c == nil || seen.place == nil {
		return
	}
	if byCall && c.acting != nil {
		why.call = c.acting.id
	}
	if why.rst { // it tells for certain who reset whom
		if why.edge == edgeLeft {
			c.sentReset(why.aborts)
		} else if p := s.byPair[end.target().mirror().pair()]; p != nil {
			p.reset = true
		}
	}
	s.took(c, seen, why)
	s.linkPeer(c)
	s.trace.settle(c, why.segment)
	c.hot()
}

// endOf is the socket at an end of a segment, met by this segment if nobody knew it.
func (s *Session) endOf(end segmentEnd, seen observation) *socket {
	if seen.found && seen.source == SourceSockDiag {
		return s.meet(end.place, seen.row)
	}
	return s.byPair[end.target().pair()]
}

// Intervened implements wire.Observer.
func (t *tap) Intervened(p *wire.Packet, i wire.Intervention) {
	s, tr := t.s, t.s.trace
	if i.Answer != nil { // after the event that says why
		defer t.sent(i.Answer, "wire")
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	t.catchUp()
	k := tr.kept.get(p.Number)
	listed := k != nil && k.listed
	e := &WireIntervened{Segment: p.Number, Action: i.Action, By: i.By, Rule: int64(i.Rule), DelayMS: i.Delay.Milliseconds()}
	if k != nil && i.Action == wire.Dropped {
		k.dropped, k.rule = i.By, i.Rule
		if !listed {
			k.flow.sum.dropped++
		}
	}
	if i.Copy != nil {
		c := tr.kept.next()
		c.copyOf, c.toClient, c.leftNS, c.size = p.Number, p.Direction == wire.ToClient, s.now(), len(p.Data)
		if k != nil {
			c.from, c.flow, c.tracked, c.listed, c.control, c.rst, c.data = k.from, k.flow, k.tracked, k.listed, k.control, k.rst, k.data
			c.other, c.aborts = k.other, k.aborts
			tr.kept.count(len(k.data))
		} else { // it was held for so long that it is not kept any more
			var seg segment.Segment
			_ = t.late.Headers(p.Data, &seg)
			c.flow = tr.flowOf(t.run, &seg)
			tr.kept.store(c, p.Data)
		}
		i.Copy.Number, e.Copy = c.number, c.number
	}
	if i.By == wire.ByRule || i.By == wire.ByStep || i.By == wire.ByUser {
		t.run.wireDirty.Store(true)
	}
	if listed {
		tr.tell(func() {
			if s.lab == t.run {
				s.emit("", "", e)
			}
		})
	}
}

// at is the session clock at a time.
func (s *Session) at(t time.Time) int64 { return int64(t.Sub(s.started)) }
