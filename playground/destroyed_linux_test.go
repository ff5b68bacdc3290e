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

// destroyHere has ss end the socket with a local address on this machine.
func (s *session) destroyHere(local string) {
	s.t.Helper()
	if out, err := exec.Command("ss", "-tK", "src", local).CombinedOutput(); err != nil {
		s.t.Fatalf("ss: %v: %s", err, out)
	}
}
