package playground_test

import (
	"strings"
	"testing"

	"socketplayground/playground"
)

// The state zoo: every state that passes in microseconds, held still on plain loopback, and let go again.

// seen waits until the kernel itself said that a socket went to a state.
func (s *session) seen(id string, to playground.State) *playground.StateChanged {
	s.t.Helper()
	return await(s, id+" seen in "+string(to), func(e *playground.StateChanged) bool {
		return e.Socket == id && e.To == to && e.Source == playground.SourceSockDiag
	})
}

func TestSynSentBehindAFullAcceptQueue(t *testing.T) {
	s := open(t)
	l, local := s.listen(playground.Listen{Behavior: playground.BehaviorNeverAccept, Backlog: 1})
	// The kernel takes backlog+1 connections into the queue (sk_acceptq_is_full, include/net/sock.h).
	for range 2 {
		s.dial(playground.Dial{Address: l})
	}
	full := s.socket(l, "has a full accept queue", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.RecvQ == 2 })
	if full.Metrics.SendQ != 1 {
		t.Errorf("the backlog shows as %d, want 1", full.Metrics.SendQ)
	}
	waits := s.do(&playground.Dial{Address: l})
	c := waits.Sockets[0]
	s.seen(c, playground.StateSynSent)
	s.socket(l, "counts the SYN that it dropped", func(v *playground.SocketView) bool { return v.Metrics.Drops >= 1 })
	s.agrees(portOf(t, local))
	// With room in the queue, the next SYN is answered.
	s.do(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorManual})
	s.accept(l)
	s.accept(l)
	if e := s.returned(waits.Calls[0]); e.Error != nil {
		t.Errorf("Dial returned %q once the queue had room", e.Result)
	}
	s.inState(c, playground.StateEstablished)
}

func TestSynRcvdByDeferAccept(t *testing.T) {
	s := open(t)
	l, local := s.listen(playground.Listen{Options: options("DeferAccept", 5)})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.seen(l+".1", playground.StateSynRcvd)
	s.inState(c, playground.StateEstablished)
	s.agrees(portOf(t, local))
	s.write(c, "x") // the first byte completes the handshake for the server
	s.seen(l+".1", playground.StateEstablished)
	s.accept(l)
}

func TestFinWait1BehindAClosedWindow(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	s.fill(c)
	s.do(&playground.CloseWrite{Socket: c})
	s.seen(c, playground.StateFinWait1)
	s.agrees(portOf(t, s.Log().Now().Sockets[server].Local))
	s.do(&playground.SetReadMode{Socket: server, ReadMode: playground.ReadAuto})
	s.inState(server, playground.StateCloseWait)
	s.inState(c, playground.StateFinWait2)
}

func TestLastAckBehindAClosedWindow(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	s.fill(server)
	s.do(&playground.CloseWrite{Socket: c})
	s.seen(server, playground.StateCloseWait)
	s.do(&playground.CloseWrite{Socket: server})
	s.seen(server, playground.StateLastAck)
	s.agrees(portOf(t, s.Log().Now().Sockets[server].Local))
	s.do(&playground.SetReadMode{Socket: c, ReadMode: playground.ReadAuto})
	if v := s.inState(server, playground.StateClosed); v.Reason != playground.ReasonAcknowledged {
		t.Errorf("CLOSED because of %q, want %q", v.Reason, playground.ReasonAcknowledged)
	}
	s.inState(c, playground.StateTimeWait)
}

func TestClosingWhereBothWindowsAreClosed(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	s.fill(c)
	s.fill(server)
	s.do(&playground.CloseWrite{Socket: c})
	s.do(&playground.CloseWrite{Socket: server})
	s.seen(c, playground.StateFinWait1)
	s.seen(server, playground.StateFinWait1)
	// The client gets the server's FIN while its own is still stuck.
	s.do(&playground.SetReadMode{Socket: c, ReadMode: playground.ReadAuto})
	s.seen(c, playground.StateClosing)
	s.agrees(portOf(t, s.Log().Now().Sockets[server].Local))
	s.do(&playground.SetReadMode{Socket: server, ReadMode: playground.ReadAuto})
	s.inState(c, playground.StateTimeWait)
	s.inState(server, playground.StateTimeWait)
}

// TestInferredStatesAreMarked: a SYN_SENT that nobody could have seen is not passed off as seen.
func TestInferredStatesAreMarked(t *testing.T) {
	s := open(t)
	_, address := closedPort(s)
	c := s.do(&playground.Dial{Address: address}).Sockets[0]
	v := s.inState(c, playground.StateClosed)
	if v.Reason != playground.ReasonRefused {
		t.Errorf("CLOSED because of %q, want %q", v.Reason, playground.ReasonRefused)
	}
	e := await(s, "the SYN_SENT", func(e *playground.StateChanged) bool { return e.Socket == c && e.To == playground.StateSynSent })
	if e.Source != playground.SourceInferred {
		t.Errorf("the source of SYN_SENT is %q, want inferred", e.Source)
	}
}

// TestEveryTransitionIsLegal plays sessions and holds every step that is not an end by RST or timeout against the
// diagram of RFC 9293 §3.3.2.
func TestEveryTransitionIsLegal(t *testing.T) {
	s := open(t)
	tutorial(s)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	for _, end := range []func(string) playground.Command{
		func(id string) playground.Command { return &playground.Close{Socket: id} },
		func(id string) playground.Command { return &playground.Reset{Socket: id} },
		func(id string) playground.Command { return &playground.CloseWrite{Socket: id} },
	} {
		c := s.dial(playground.Dial{Address: l})
		s.write(c, "x")
		s.do(end(c))
		s.socket(c, "has ended", func(v *playground.SocketView) bool {
			return v.State == playground.StateClosed || v.State == playground.StateTimeWait
		})
	}
	changes := 0
	state := map[string]playground.State{}
	for _, e := range s.Log().Events(0) {
		e, ok := e.(*playground.StateChanged)
		if !ok {
			continue
		}
		changes++
		was, known := state[e.Socket]
		if known && was != e.From {
			t.Errorf("%s goes on from %s, but was in %s", e.Socket, e.From, was)
		}
		state[e.Socket] = e.To
		if e.From == playground.StateClosed && e.To == playground.StateSynRcvd {
			continue // the listener's edge from LISTEN; the new socket itself was in no state before
		}
		if !known && strings.HasPrefix(e.Socket, "X") {
			continue // another program's socket is met in the middle of its life, here what an earlier test left
		}
		if _, ok := playground.TransitionSection(e.From, e.To); !ok && e.To != playground.StateClosed {
			// On loopback the kernel is faster than any look; such a jump is shown as it was seen.
			if !(e.From == playground.StateFinWait1 || e.From == playground.StateEstablished) || e.To != playground.StateTimeWait {
				t.Errorf("%s: %s → %s is no edge of the diagram", e.Socket, e.From, e.To)
			}
		}
	}
	if changes < 10 {
		t.Errorf("only %d changes of state were told", changes)
	}
}

// closedPort is an address at which nobody listens any more, and the listener that was there.
func closedPort(s *session) (listener, address string) {
	s.t.Helper()
	listener, address = s.listen(playground.Listen{})
	s.do(&playground.Close{Socket: listener})
	s.inState(listener, playground.StateClosed)
	return listener, address
}
