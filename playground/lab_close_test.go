package playground_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
)

// What a client and a server go through where the client connects and closes first (RFC 9293 §3.5, §3.6), and what
// has brought each state about.
var (
	clientsLife = []string{
		"SYN_SENT by Dial as SYN left", "ESTABLISHED as SYN, ACK landed", "FIN_WAIT_1 by Close as FIN, ACK left",
		"FIN_WAIT_2 as ACK landed", "TIME_WAIT as FIN, ACK landed",
	}
	serversLife = []string{
		"SYN_RCVD as SYN landed", "ESTABLISHED as ACK landed", "CLOSE_WAIT as FIN, ACK landed",
		"LAST_ACK by Close as FIN, ACK left", "CLOSED as ACK landed: acknowledged",
	}
)

// TestLabSlowMotion: each state appears in its order, at the segment or call that brought it about.
func TestLabSlowMotion(t *testing.T) {
	s := openLab(t)
	s.do(&playground.SetWire{Preset: "slow_motion"})
	l := s.listenLab(playground.Listen{})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	server := s.accept(l)
	s.do(&playground.Close{Socket: c})
	s.inState(c, playground.StateFinWait2)
	s.do(&playground.Close{Socket: server})
	s.inState(server, playground.StateClosed)
	s.inState(c, playground.StateTimeWait)

	s.lived(l, "LISTEN by Listen")
	s.lived(c, clientsLife...)
	s.lived(server, serversLife...)

	var order []string
	sent := map[uint64]*playground.SegmentSent{}
	landed := map[uint64]*playground.SegmentLanded{}
	for _, e := range s.Log().Events(0) {
		switch e := e.(type) {
		case *playground.SegmentSent:
			sent[e.Segment] = e
			if len(e.Marks) > 0 {
				t.Errorf("segment %d is marked %v", e.Segment, e.Marks)
			}
		case *playground.SegmentLanded:
			landed[e.Segment] = e
			if took := time.Duration(e.LandedNS - sent[e.Segment].LeftNS); took < 300*time.Millisecond {
				t.Errorf("segment %d landed after %v, want 300 ms", e.Segment, took)
			}
		case *playground.StateChanged:
			if e.Socket == l {
				continue
			}
			order = append(order, e.Socket+" "+string(e.To))
			if e.Edge == "left" && sent[e.Segment] == nil || e.Edge == "landed" && (landed[e.Segment] == nil || landed[e.Segment].LandedNS > e.AtNS) {
				t.Errorf("%s went to %s as segment %d %s, which is told later", e.Socket, e.To, e.Segment, e.Edge)
			}
		}
	}
	want := []string{c + " SYN_SENT", server + " SYN_RCVD", c + " ESTABLISHED", server + " ESTABLISHED",
		c + " FIN_WAIT_1", server + " CLOSE_WAIT", c + " FIN_WAIT_2", server + " LAST_ACK", c + " TIME_WAIT", server + " CLOSED"}
	if !slices.Equal(order, want) {
		t.Errorf("the order is\n%v\nwant\n%v", order, want)
	}
	if len(sent) != 7 {
		t.Errorf("%d segments crossed the wire, want the 3 of the handshake and the 4 of the close", len(sent))
	}
}

// TestLabHistories: of 400 connections, as fast as they go, none misses a state.
func TestLabHistories(t *testing.T) {
	const count = 400
	s := openLab(t)
	l := s.listenLab(playground.Listen{Behavior: playground.BehaviorDiscard, Backlog: count})
	clients := s.do(&playground.Dial{Address: l, Count: count}).Sockets
	// A FIN that a busy machine answers late is sent twice, and the answer to the second ends TIME_WAIT (RFC 1337).
	assassinated := func(v *playground.SocketView) bool {
		return v.State == playground.StateClosed && v.Reason == playground.ReasonResetReceived
	}
	in := func(state playground.State) func(*playground.Snapshot) bool {
		return func(now *playground.Snapshot) bool {
			for _, c := range clients {
				v := now.Sockets[c]
				if v.State != state && !(state == playground.StateTimeWait && assassinated(v)) || v.Peer == "" {
					return false
				}
				if p := now.Sockets[v.Peer]; state == playground.StateTimeWait && p.ClosedNS == 0 || state == playground.StateEstablished && !p.Accepted {
					return false
				}
			}
			return true
		}
	}
	s.until("all are open", in(playground.StateEstablished))
	for _, c := range clients {
		s.do(&playground.Close{Socket: c})
	}
	now := s.until("all are closed", in(playground.StateTimeWait))

	odd, histories := 0, s.histories()
	for _, c := range clients {
		for id, want := range map[string][]string{c: clientsLife, now.Sockets[c].Peer: serversLife} {
			got := histories[id]
			if n := len(got); n > 0 && assassinated(now.Sockets[id]) {
				got = got[:n-1]
			}
			if !slices.Equal(got, want) {
				if odd++; odd <= 5 {
					t.Errorf("%s went through\n\t%s", id, strings.Join(got, "\n\t"))
				}
			}
		}
	}
	if odd > 0 {
		t.Errorf("%d of %d histories are not as they should be", odd, 2*count)
	}
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.EventsLost); ok {
			t.Errorf("events were lost: %+v", e)
		}
	}
}

// TestCloseOfACrowdedLab: when all connections of a Lab end at once, more is reported to the session than it has room to
// take in at a time; it takes in all of it.
func TestCloseOfACrowdedLab(t *testing.T) {
	const n = 500
	s := openLab(t)
	l := s.listenLab(playground.Listen{Behavior: playground.BehaviorEcho})
	for _, call := range s.do(&playground.Dial{Address: l, Count: n}).Calls {
		s.returned(call)
	}
	s.until("all are accepted", func(now *playground.Snapshot) bool {
		accepted := 0
		for _, v := range now.Sockets {
			if v.Accepted {
				accepted++
			}
		}
		return accepted == n
	})
	s.do(&playground.CloseLab{})
	await(s, "the end of the Lab", func(*playground.LabClosed) bool { return true })
	if left := len(s.Log().Now().Sockets); left != 0 {
		t.Errorf("%d sockets are left", left)
	}
}
