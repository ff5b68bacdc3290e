package playground_test

import (
	"testing"
	"time"

	"socketplayground/playground"
)

// between checks how long after one segment another left; the kernel's timers are exact to a jiffy, the rest is for a
// busy machine.
func between(t testing.TB, first, second *playground.SegmentSent, least, most time.Duration) {
	t.Helper()
	if took := time.Duration(second.LeftNS - first.LeftNS); took < least || took > most {
		t.Errorf("segment %d (%s) left %v after segment %d, want %v to %v", second.Segment, second.Flags, took, first.Segment, least, most)
	}
}

// TestLabStep: the handshake, held still. The kernel's timers go on: what is held for too long is sent again.
func TestLabStep(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	s.step(true)
	dial := s.do(&playground.Dial{Address: l, ReadMode: playground.ReadManual})
	c, server := dial.Sockets[0], l+".1"
	syn := s.segment("client", "SYN", nil)
	s.held(syn)
	if by := s.intervened(syn.Segment, "held"); by.By != "step" || by.Rule != 0 {
		t.Errorf("the SYN is held by %+v, want step mode", by)
	}
	s.inState(c, playground.StateSynSent)
	s.deliver(syn.Segment)
	s.inState(server, playground.StateSynRcvd)
	answer := s.segment("server", "SYN, ACK", nil)
	s.held(answer)

	// The first retransmission timeout is 1 s at both ends (RFC 6298 §2.1).
	between(t, syn, s.again(syn), 900*time.Millisecond, 2*time.Second)
	between(t, answer, s.again(answer), 900*time.Millisecond, 2*time.Second)
	s.lived(c, "SYN_SENT by Dial as SYN left")
	s.lived(server, "SYN_RCVD as SYN landed")

	s.deliver(answer.Segment)
	s.inState(c, playground.StateEstablished)
	s.lived(c, "SYN_SENT by Dial as SYN left", "ESTABLISHED as SYN, ACK landed")
	if e := s.returned(dial.Calls[0]); e.Error != nil {
		t.Errorf("Dial returned %s", e.Result)
	}
	if e := s.changes(c)[1]; e.Segment != answer.Segment {
		t.Errorf("it was opened by segment %d, want the one that was delivered, %d", e.Segment, answer.Segment)
	}
	s.held(s.segment("client", "ACK", nil))
	s.lived(server, "SYN_RCVD as SYN landed")

	// What step mode held goes on, in its order, when it ends.
	s.step(false)
	s.inState(server, playground.StateEstablished)
	s.lived(server, "SYN_RCVD as SYN landed", "ESTABLISHED as ACK landed")
	s.until("nothing is on the wire", func(now *playground.Snapshot) bool { return len(now.Lab.Flying) == 0 })
}

// TestLabOldestFirst: step by step, without naming segments.
func TestLabOldestFirst(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	s.step(true)
	s.do(&playground.Dial{Address: l, ReadMode: playground.ReadManual})
	for _, next := range []struct{ from, flags string }{{"client", "SYN"}, {"server", "SYN, ACK"}, {"client", "ACK"}} {
		e := s.segment(next.from, next.flags, nil)
		s.held(e)
		s.do(&playground.DeliverSegment{Oldest: true})
		s.landed(e.Segment)
		if by := s.intervened(e.Segment, "released"); by.By != "user" {
			t.Errorf("segment %d was released by %s, want the user", e.Segment, by.By)
		}
	}
	s.inState("C1", playground.StateEstablished)
	s.inState(l+".1", playground.StateEstablished)
	if err := s.refused(&playground.DeliverSegment{Oldest: true}); err.Code != playground.CodeNotFound {
		t.Errorf("delivering where nothing is held: %s", err.Code)
	}
}
