package playground_test

import (
	"testing"

	"socketplayground/playground"
)

// TestTutorial is the tutorial's own session; at every step each socket is as ss(8) shows it.
func TestTutorial(t *testing.T) {
	s := open(t)
	port := tutorial(s)
	s.agrees(port)
}

// tutorial plays the session up to its end and returns the port it was on.
func tutorial(s *session) uint16 {
	t := s.t
	t.Helper()
	l, local := s.listen(playground.Listen{Address: ":0"})
	port := portOf(t, local)
	if v := s.Log().Now().Sockets[l]; v.Device != "lo" || v.Family != "tcp6" {
		t.Errorf("a wildcard listener is dual-stack and kept to the loopback device, got family %q, device %q", v.Family, v.Device)
	}
	s.agrees(port)

	// Both ends are ESTABLISHED before anybody accepts: the kernel completes the handshake by itself.
	c := s.dial(playground.Dial{Address: local, ReadMode: playground.ReadManual})
	s.inState(c, playground.StateEstablished)
	server := l + ".1"
	waiting := s.inState(server, playground.StateEstablished)
	if waiting.Accepted || waiting.Descriptor != "none" {
		t.Errorf("%s waits in the accept queue, got accepted %v, descriptor %q", server, waiting.Accepted, waiting.Descriptor)
	}
	s.socket(l, "has one connection in its accept queue", func(v *playground.SocketView) bool {
		return v.Metrics != nil && v.Metrics.RecvQ == 1
	})
	s.agrees(port)

	if got := s.accept(l); got != server {
		t.Fatalf("Accept gave %s, want %s, which waited", got, server)
	}
	s.socket(l, "has an empty accept queue", func(v *playground.SocketView) bool { return v.Metrics.RecvQ == 0 })
	s.socket(c, "knows its peer", func(v *playground.SocketView) bool { return v.Peer == server })
	s.socket(server, "knows its peer", func(v *playground.SocketView) bool { return v.Peer == c })
	s.agrees(port)

	if e := s.write(c, "hello"); e.Result != "5, nil" || e.N != 5 {
		t.Errorf("Write returned %q (n %d), want 5, nil", e.Result, e.N)
	}
	s.socket(server, "has 5 bytes to read", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.RecvQ == 5 })
	s.agrees(port)
	if e := s.read(server); string(e.Data) != "hello" || e.Result != "5, nil" {
		t.Errorf("Read returned %q with %q, want 5, nil with hello", e.Result, e.Data)
	}
	s.agrees(port)

	// The client closes; the server has not noticed, and so it stays.
	s.do(&playground.Close{Socket: c})
	s.inState(c, playground.StateFinWait2)
	s.inState(server, playground.StateCloseWait)
	s.agrees(port)
	if e := s.read(server); e.Result != "0, io.EOF" || e.Error == nil || e.Error.Kind != playground.ErrEOF {
		t.Errorf("Read returned %q, want 0, io.EOF", e.Result)
	}
	s.inState(c, playground.StateFinWait2)
	s.inState(server, playground.StateCloseWait)
	s.agrees(port)

	s.do(&playground.Close{Socket: server})
	closed := s.inState(server, playground.StateClosed)
	if closed.Reason != playground.ReasonAcknowledged {
		t.Errorf("%s is CLOSED because of %q, want %q", server, closed.Reason, playground.ReasonAcknowledged)
	}
	s.inState(c, playground.StateTimeWait)
	rest := s.socket(c, "counts TIME_WAIT down", func(v *playground.SocketView) bool {
		return v.Metrics != nil && v.Metrics.Timer != nil && v.Metrics.Timer.Kind == "time_wait"
	})
	if ms := rest.Metrics.Timer.ExpiresMS; ms < 50_000 || ms > 60_000 { // TCP_TIMEWAIT_LEN
		t.Errorf("TIME_WAIT ends in %d ms, want about 60 s", ms)
	}
	return port
}
