package lab_test

import (
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"socketplayground/playground/lab"
)

// TestCaughtUp: what a host has sent is read and handed on when CaughtUp has returned, by either kind of device, and a Lab
// that is closed is waited for by nobody.
func TestCaughtUp(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l, err := s.Open(t.Context(), lab.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		var got atomic.Int64
		wait := make(chan struct{}, 2)
		for _, h := range []*lab.Host{l.Client, l.Server} {
			go func() { // ends with the Lab, and is waited for below
				defer func() { wait <- struct{}{} }()
				b := make([]byte, 1<<16)
				for {
					n, err := h.Port().ReadPacket(b)
					if err != nil {
						return
					}
					if n > 9 && b[9] == unix.IPPROTO_UDP {
						got.Add(1)
					}
				}
			}()
		}
		for i := range int64(50) {
			datagrams(t, l.Client, l.Server, 0, 20)
			datagrams(t, l.Server, l.Client, 0, 20)
			if err := l.CaughtUp(soon(t)); err != nil {
				t.Fatal(err)
			}
			if want := 40 * (i + 1); got.Load() != want {
				t.Fatalf("%d packets are handed on, want %d", got.Load(), want)
			}
		}
		l.Close()
		<-wait
		<-wait
		if err := l.CaughtUp(soon(t)); err != nil {
			t.Errorf("of a Lab that is closed: %v", err)
		}
	})
}
