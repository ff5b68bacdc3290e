package playground_test

import (
	"os/exec"
	"strings"
	"testing"

	"socketplayground/playground"
)

// destroy has ss end what it finds on a host of the Lab by a filter, as anybody with the right may.
func (s *session) destroy(host, filter string) {
	s.t.Helper()
	s.output(host, "ss", append([]string{"-tK"}, strings.Fields(filter)...)...)
}

// TestLabDestroyed: a socket that ss -K destroys is not said to have been reset by the other side; it is this side that
// sends the RST. With a reader its calls say so too, without one the RST does.
func TestLabDestroyed(t *testing.T) {
	for _, mode := range []playground.ReadMode{playground.ReadAuto, playground.ReadManual} {
		t.Run(string(mode), func(t *testing.T) {
			s := openLab(t)
			l := s.listenLab(playground.Listen{})
			c := s.dial(playground.Dial{Address: l, ReadMode: mode})
			server := s.accept(l)
			s.inState(server, playground.StateEstablished)
			s.destroy("client", "dport = 8330")
			s.inReason(c, playground.ReasonDestroyed)
			s.inReason(server, playground.ReasonResetReceived)
			s.segment("client", "RST, ACK", nil)
		})
	}
}

// TestLabDestroyedQueued: what waits in the accept queue has no descriptor, and its listener still listens: nothing of the
// program sends a RST for it. Keep-alives that nobody answers do, by the kernel's timer.
func TestLabDestroyedQueued(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.inState(l+".1", playground.StateEstablished)
	s.destroy("server", "sport = 8330")
	s.inReason(l+".1", playground.ReasonDestroyed)
	s.inReason(c, playground.ReasonResetReceived)

	c = s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.do(&playground.Close{Socket: c})
	s.inState(l+".2", playground.StateCloseWait)
	s.destroy("server", "state close-wait sport = 8330")
	s.inReason(l+".2", playground.ReasonDestroyed)

	s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.inState(l+".3", playground.StateEstablished)
	s.do(&playground.Close{Socket: l})
	s.inReason(l+".3", playground.ReasonResetSent)

	l = s.listenLab(playground.Listen{Options: options("KeepAlive", true, "KeepAliveIdle", 1, "KeepAliveInterval", 1, "KeepAliveCount", 1)})
	s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.inState(l+".1", playground.StateEstablished)
	s.rule(playground.AddRule{Direction: "to_server", Flags: "ACK", Action: "drop"})
	s.inReason(l+".1", playground.ReasonTimedOut)
}

// TestLabDestroyedInSilence: where the kernel sends nothing, nobody is said to have sent a RST.
func TestLabDestroyedInSilence(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	waits, closes := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual}), s.accept(l)
	s.do(&playground.Close{Socket: waits})
	s.inState(waits, playground.StateFinWait2)
	s.socket(waits, "is looked at", func(v *playground.SocketView) bool {
		return v.Metrics != nil && v.Metrics.Timer != nil && v.Metrics.Timer.Kind == "time_wait"
	})
	s.destroy("client", "state fin-wait-2")
	s.inReason(waits, playground.ReasonDestroyed)
	s.do(&playground.Close{Socket: closes})

	c, server := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual}), s.accept(l)
	s.do(&playground.Close{Socket: c})
	s.inState(server, playground.StateCloseWait)
	s.do(&playground.Close{Socket: server})
	s.inState(c, playground.StateTimeWait)
	s.destroy("client", "state time-wait")
	s.inReason(c, playground.ReasonDestroyed)

	s.destroy("server", "state listening")
	s.inReason(l, playground.ReasonDestroyed)
}

// TestCapturedDestroyed: the same on this machine, where the RST is read after the sockets have gone.
func TestCapturedDestroyed(t *testing.T) {
	s := open(t)
	capturing(t, s)
	c, server := s.connected()
	s.do(&playground.SetReadMode{Socket: c, ReadMode: playground.ReadAuto})
	local := s.Log().Now().Sockets[c].Local
	s.destroyHere(local)
	s.inReason(c, playground.ReasonDestroyed)
	s.inReason(server, playground.ReasonResetReceived)
}

// TestCapturedDestroyedQueued: without a reader and without a descriptor only the RST says it.
func TestCapturedDestroyedQueued(t *testing.T) {
	s := open(t)
	capturing(t, s)
	l, _ := s.listen(playground.Listen{})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.inState(l+".1", playground.StateEstablished)
	s.destroyHere(s.Log().Now().Sockets[l].Local + " dst " + s.Log().Now().Sockets[c].Local)
	s.inReason(l+".1", playground.ReasonDestroyed)
	s.inReason(c, playground.ReasonResetReceived)

	c = s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.inState(l+".2", playground.StateEstablished)
	s.destroyHere(s.Log().Now().Sockets[c].Local)
	s.inReason(c, playground.ReasonDestroyed)
	s.inReason(l+".2", playground.ReasonResetReceived)
}

// destroyHere has ss end the socket with a local address, or what a filter that begins so finds, on this machine.
func (s *session) destroyHere(local string) {
	s.t.Helper()
	if out, err := exec.Command("ss", append([]string{"-tK", "src"}, strings.Fields(local)...)...).CombinedOutput(); err != nil {
		s.t.Fatalf("ss: %v: %s", err, out)
	}
}

// TestLabDestroyedEarly: a Dial that ss -K destroys fails, and nothing crosses for that; a request goes in silence too, and the
// SYN that is sent again makes another one.
func TestLabDestroyedEarly(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	lost := s.rule(playground.AddRule{Flags: "SYN,ACK", Action: "drop"})
	dial := s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:8330", ReadMode: playground.ReadManual})
	c := dial.Sockets[0]
	s.inState(l+".1", playground.StateSynRcvd)
	s.destroy("server", "state syn-recv")
	s.inReason(l+".1", playground.ReasonDestroyed)
	s.inState(l+".2", playground.StateSynRcvd) // the next SYN's
	s.do(&playground.RemoveRule{Rule: lost})
	s.inState(c, playground.StateEstablished)

	s.rule(playground.AddRule{Flags: "SYN", Action: "drop"})
	dial = s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:8330"})
	c = dial.Sockets[0]
	s.inState(c, playground.StateSynSent)
	s.destroy("client", "state syn-sent")
	if e := s.failed(dial.Calls[0]); e.Errno != "ECONNABORTED" || strings.Contains(e.Why, "RST") {
		t.Errorf("Dial returned %+v", e)
	}
	s.inReason(c, playground.ReasonDestroyed)
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.SegmentSent); ok && strings.Contains(e.Flags, "RST") {
			t.Errorf("segment %d is %s of the %s", e.Segment, e.Flags, e.From)
		}
	}
}

// TestLabDestroyedOrphan: of a closed socket whose FIN nobody acknowledges, only what destroys it sends a RST.
func TestLabDestroyedOrphan(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	s.rule(playground.AddRule{Direction: "to_client", Flags: "ACK", Action: "drop"})
	s.do(&playground.Close{Socket: c})
	s.inState(c, playground.StateFinWait1)
	s.destroy("client", "state fin-wait-1")
	s.inReason(c, playground.ReasonDestroyed)
	s.segment("client", "RST, ACK", nil)
	s.inReason(server, playground.ReasonResetReceived)
}

// TestLabDestroyedLast: a socket that waits for the last ACK goes in silence; nobody acknowledged anything.
func TestLabDestroyedLast(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	s.do(&playground.Close{Socket: c})
	s.inState(server, playground.StateCloseWait)
	s.rule(playground.AddRule{Direction: "to_client", Flags: "FIN", Action: "drop"})
	s.do(&playground.Close{Socket: server})
	s.inState(server, playground.StateLastAck)
	s.destroy("server", "state last-ack")
	s.inReason(server, playground.ReasonDestroyed)
}

// TestLabDestroyedListener: Accept on a listener that was destroyed fails with EINVAL at once. Who accepts in a loop stops.
func TestLabDestroyedListener(t *testing.T) {
	s := openLab(t)
	manual := s.listenLab(playground.Listen{})
	accept := s.do(&playground.Accept{Socket: manual}).Calls[0]
	s.running(accept)
	echo := s.listenLab(playground.Listen{Address: ":8331", Behavior: playground.BehaviorEcho})
	s.destroy("server", "state listening")
	s.inReason(manual, playground.ReasonDestroyed)
	s.inReason(echo, playground.ReasonDestroyed)
	if e := s.failed(accept); e.Errno != "EINVAL" || !strings.Contains(e.Why, "no longer listens") {
		t.Errorf("Accept returned %+v", e)
	}
	await(s, "Accept of the loop returns", func(e *playground.CallReturned) bool { return e.Socket == echo && e.Op == "Accept" })
	s.passes(s.listenLab(playground.Listen{Address: ":8332"}), 300)
	n := 0
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.CallReturned); ok && e.Socket == echo && e.Op == "Accept" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the loop called Accept %d times", n)
	}
}
