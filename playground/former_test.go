package playground_test

import (
	"testing"

	"socketplayground/playground"
)

// TestSegmentsOfARemovedSocket: its segments are kept, so they are found and saved by the name that their rows show.
func TestSegmentsOfARemovedSocket(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	s.write(c, "hello")
	s.arrives(server, "hello")
	// An ACK that comes after the reset would be answered with one more RST.
	s.landed(s.segment("server", "ACK", func(e *playground.SegmentSent) bool { return e.AckRel == 6 }).Segment)
	s.do(&playground.Reset{Socket: c})
	s.inState(c, playground.StateClosed)
	last := s.segment("client", "RST, ACK", nil).Segment
	before := s.do(&playground.Segments{First: 1, Last: last, Socket: c})
	s.do(&playground.Remove{Socket: c})
	await(s, "it is removed", func(e *playground.SocketRemoved) bool { return e.Socket == c })
	after := s.do(&playground.Segments{First: 1, Last: last, Socket: c})
	if n := len(after.Segments); n == 0 || n != len(before.Segments) {
		t.Errorf("%s has %d segments, and %d once it is removed", c, len(before.Segments), n)
	}
	if e := s.do(&playground.SavePcapng{Sockets: []string{c}}); e.Download == "" {
		t.Error("they are not saved")
	}
	other := s.dial(playground.Dial{Address: s.Log().Now().Sockets[server].Listener, ReadMode: playground.ReadManual})
	if other == c {
		t.Errorf("the name %s is given twice", c)
	}
	if n := len(s.do(&playground.Segments{First: 1, Last: last + 100, Socket: c}).Segments); n != len(before.Segments) {
		t.Errorf("%s has %d segments once another connection is there, want %d", c, n, len(before.Segments))
	}
	if err := s.refused(&playground.SavePcapng{Sockets: []string{"X99"}}); err.Code != playground.CodeNotFound {
		t.Errorf("a name that never was: %s", err.Code)
	}
}
