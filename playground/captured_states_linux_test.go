package playground_test

import (
	"slices"
	"testing"

	"socketplayground/playground"
)

// TestCapturedStates: on this machine the kernel has gone on when a segment is read. The states stand at the segments that
// imply them all the same: the handshake's, a close's, and nothing goes back in time.
func TestCapturedStates(t *testing.T) {
	for range 20 {
		s := open(t)
		capturing(t, s)
		c, server := s.connected()
		s.write(c, "hello")
		s.arrives(server, "hello")
		s.do(&playground.Close{Socket: c})
		s.inState(server, playground.StateCloseWait)
		s.do(&playground.Close{Socket: server})
		s.inState(server, playground.StateClosed)
		s.inState(c, playground.StateTimeWait)
		way := []string{"SYN_SENT as SYN left", "ESTABLISHED as SYN, ACK landed", "FIN_WAIT_1 as FIN, ACK left", "FIN_WAIT_2 as ACK landed", "TIME_WAIT as FIN, ACK landed"}
		if !slices.ContainsFunc(s.changes(c), func(e *playground.StateChanged) bool { return e.To == playground.StateFinWait2 }) {
			way = slices.Delete(way, 3, 4) // the delayed ACK came with the server's FIN
		}
		s.placed(c, way...)
		s.placed(server, "SYN_RCVD as SYN landed", "ESTABLISHED as ACK landed", "CLOSE_WAIT as FIN, ACK landed", "LAST_ACK as FIN, ACK left", "CLOSED as ACK landed: acknowledged")
		s.inOrder()
	}
}

// TestCapturedReset: each end is CLOSED as the RST left or landed.
func TestCapturedReset(t *testing.T) {
	s := open(t)
	capturing(t, s)
	c, server := s.connected()
	s.do(&playground.Reset{Socket: c})
	s.inState(c, playground.StateClosed)
	s.inState(server, playground.StateClosed)
	s.placed(c, "SYN_SENT as SYN left", "ESTABLISHED as SYN, ACK landed", "CLOSED as RST, ACK left: reset_sent")
	s.placed(server, "SYN_RCVD as SYN landed", "ESTABLISHED as ACK landed", "CLOSED as RST, ACK landed: reset_received")
	s.inOrder()
}

// TestCapturedRefusal: so with a Dial that is over before anybody can look.
func TestCapturedRefusal(t *testing.T) {
	for range 20 {
		s := open(t)
		capturing(t, s)
		_, address := closedPort(s)
		c := s.do(&playground.Dial{Address: address}).Sockets[0]
		s.inReason(c, playground.ReasonRefused)
		s.placed(c, "SYN_SENT as SYN left", "CLOSED as RST, ACK landed: refused")
		s.inOrder()
	}
}

// TestCapturedDeferredAccept: the last ACK of the handshake does not open what waits for data. The data does.
func TestCapturedDeferredAccept(t *testing.T) {
	s := open(t)
	capturing(t, s)
	l, _ := s.listen(playground.Listen{Options: options("DeferAccept", 5)})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.seen(l+".1", playground.StateSynRcvd)
	s.inState(c, playground.StateEstablished)
	after := int64(100)
	s.do(&playground.SetDeadline{Socket: c, Kind: "read", AfterMS: &after}) // the time in which somebody looks at S1.1 again
	s.failed(s.do(&playground.Read{Socket: c}).Calls[0])
	s.write(c, "x")
	s.seen(l+".1", playground.StateEstablished)
	s.placed(l+".1", "SYN_RCVD as SYN landed", "ESTABLISHED as PSH, ACK landed")
}

// inReason waits until a socket is CLOSED for a reason.
func (s *session) inReason(id, reason string) {
	s.t.Helper()
	s.socket(id, "is CLOSED: "+reason, func(v *playground.SocketView) bool { return v.State == playground.StateClosed && v.Reason == reason })
}

// placed holds the states that a socket went through against the segments that they have to stand at.
func (s *session) placed(id string, want ...string) {
	s.t.Helper()
	flags := map[uint64]string{}
	var got []string
	for _, e := range s.Log().Events(0) {
		switch e := e.(type) {
		case *playground.SegmentSent:
			flags[e.Segment] = e.Flags
		case *playground.StateChanged:
			if e.Socket != id {
				continue
			}
			said := string(e.To) + " as " + flags[e.Segment] + " " + e.Edge
			if e.Reason != "" {
				said += ": " + e.Reason
			}
			got = append(got, said)
		}
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("%s went through\n\t%q, want\n\t%q\n%s", id, got, want, s.tail())
	}
}

// inOrder checks that no state stands at a segment before that of the state before it, and none before its segment is told.
func (s *session) inOrder() {
	s.t.Helper()
	at, last := map[uint64]int64{}, map[string]int64{}
	for _, e := range s.Log().Events(0) {
		switch e := e.(type) {
		case *playground.SegmentSent:
			at[e.Segment] = e.LeftNS
		case *playground.StateChanged:
			if e.Segment == 0 {
				continue
			}
			if at[e.Segment] == 0 || at[e.Segment] < last[e.Socket] {
				s.t.Errorf("%s is %s as segment %d of %d ns, told before it or after a state of %d ns", e.Socket, e.To, e.Segment, at[e.Segment], last[e.Socket])
			}
			last[e.Socket] = at[e.Segment]
		}
	}
}
