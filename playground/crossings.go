package playground

import (
	"math"
	"slices"
)

// crossings takes what wires and captures have told since the last time, in its order, before anything that was
// learned later. The actor's.
func (s *Session) crossings() {
	facts, lost := s.trace.take()
	for _, f := range facts {
		f()
	}
	if lost > 0 {
		s.emit("", "", &EventsLost{Count: lost, What: "segments that came faster than the log takes them; they are in a saved pcapng"})
	}
}

// flushSegments tells what was added up, hits of rules among it. It says whether there will be more. The actor's.
func (s *Session) flushSegments(now int64, due bool) (busy bool) {
	if l := s.lab; l != nil && l.wireDirty.Load() {
		if now-l.toldWire >= int64(flushInterval) {
			s.tellWire(l)
		} else {
			busy = true
		}
	}
	if !due {
		return busy || s.trace.pending()
	}
	sums := s.trace.summaries()
	if len(sums) > 0 {
		s.countDrops(now)
	}
	for _, m := range sums {
		if s.left(m.from.place) { // the last that crossed while its Lab was being closed
			continue
		}
		e := &SegmentsSummarised{Network: m.from.place.network.Name(), First: m.first, Last: m.last, Count: m.count, Bytes: m.bytes,
			DataSegments: m.data, Dropped: m.dropped, Retransmitted: m.retransmitted, FirstNS: m.firstNS, LastNS: m.lastNS}
		near, far := s.ends(m.from)
		e.Peer = far.label()
		s.emit(near.label(), SourceSegment, e)
	}
	return busy
}

// doPayloadOfSegment gives a segment's whole packet.
func (s *Session) doPayloadOfSegment(number uint64) (Reply, *Error) {
	s.trace.mu.Lock()
	defer s.trace.mu.Unlock()
	s.trace.catchUp()
	k := s.trace.kept.get(number)
	if k == nil {
		return Reply{}, refuse(CodeNotFound, "segment", "Segment %d is not kept, or not any more.", number)
	}
	return Reply{Payload: &PayloadReply{Data: k.data, Bytes: int64(k.size), Complete: len(k.data) == k.size}}, nil
}

// wanted says which kept packets belong to a socket's connection; all where it has no name.
func (s *Session) wanted(ids ...string) (func(*keptPacket) bool, *Error) {
	var all []formerSocket
	for _, id := range ids {
		former, removed := s.former.sockets[id]
		if !removed {
			c, err := s.find(id)
			if err != nil {
				return nil, err
			}
			former = formerSocket{kind: c.kind, lab: c.place.lab, target: c.target.Load(), until: math.MaxInt64}
		}
		all = append(all, former)
	}
	return func(k *keptPacket) bool {
		return len(ids) == 0 || slices.ContainsFunc(all, func(f formerSocket) bool { return f.has(k) })
	}, nil
}
