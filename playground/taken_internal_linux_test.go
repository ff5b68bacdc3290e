package playground

import (
	"net/netip"
	"syscall"
	"testing"
)

// TestTakenAddresses: another program takes the addresses of a connection in TIME_WAIT, and the socket is found gone before
// the SYN that did it is read. Nobody destroyed it.
func TestTakenAddresses(t *testing.T) {
	s := openInternal(t, Config{})
	if s.captures.supported() != nil {
		t.Skip("segments of this machine may not be captured")
	}
	reuse := RawOptions{"ReuseAddr": []byte("true")}
	do := func(cmd Command) {
		t.Helper()
		if _, err := s.Do(t.Context(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	do(&Listen{Address: "127.0.0.1:0", Behavior: BehaviorEcho})
	becomes(t, s, "S1", StateListen)
	do(&Dial{Address: "S1", Options: reuse})
	becomes(t, s, "S1.1", StateEstablished)
	happens(t, s, "Dial returns", func(e *CallReturned) bool { return e.Op == "Dial" })
	do(&Close{Socket: "C1"})
	becomes(t, s, "C1", StateTimeWait)
	happens(t, s, "its timer", func(e *MetricsSampled) bool {
		return e.Socket == "C1" && e.Metrics.Timer != nil && e.Metrics.Timer.Kind == "time_wait"
	})
	var taker int
	s.ask(func() { // the session reads nothing meanwhile
		c := s.sockets["C1"]
		at := *c.target.Load()
		var err error
		if taker, err = takeAddresses(at.local, at.remote); err != nil {
			t.Error(err)
			return
		}
		seen := s.observe(at, nil)
		if seen.found {
			t.Error("the remains are still there")
		}
		s.took(c, seen, cause{})
	})
	defer syscall.Close(taker)
	if e := becomes(t, s, "C1", StateClosed); e.Reason != ReasonUnknown {
		t.Errorf("the remains are said to have ended because %q", e.Reason)
	}
}

// takeAddresses connects from an address that is in use by a connection in TIME_WAIT (tcp_tw_reuse does not matter where
// both have SO_REUSEADDR).
func takeAddresses(local, remote netip.AddrPort) (fd int, err error) {
	if fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err != nil {
		return -1, err
	}
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		if err = syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(local.Port()), Addr: local.Addr().As4()}); err == nil {
			err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(remote.Port()), Addr: remote.Addr().As4()})
		}
	}
	return fd, err
}
