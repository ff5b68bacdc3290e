package playground

import (
	"net"
	"testing"
	"time"
)

// TestFast: few sockets are looked at as often as may be, many at the same cost for all together, and none too seldom.
func TestFast(t *testing.T) {
	for _, test := range []struct {
		sockets int
		want    time.Duration
	}{{0, fastSample}, {2, fastSample}, {30, fastSample}, {100, 50 * time.Millisecond}, {200, slowSample}, {MaxSockets, slowSample}} {
		if got := fastFor(test.sockets); got != test.want {
			t.Errorf("%d sockets: got %v, want %v", test.sockets, got, test.want)
		}
	}
}

// TestOwnSocketsFirst: while others have their turn to look for sockets, a session sees its own, listens on a port that
// others have too, and can end.
func TestOwnSocketsFirst(t *testing.T) {
	s := openInternal(t, Config{NoCapture: true})
	if s.machine.observer.err != nil {
		t.Skip(s.machine.observer.err)
	}
	foreign, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	turn := <-s.machine.observer.dumping
	defer func() { s.machine.observer.dumping <- turn }()
	do := func(cmd Command) {
		t.Helper()
		if _, err := s.Do(t.Context(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	do(&Dial{Address: foreign.Addr().String()})
	conn, err := foreign.Accept()
	if err != nil {
		t.Fatal(err)
	}
	becomes(t, s, "C1", StateEstablished)
	var searches bool
	for end := time.Now().Add(10 * time.Second); !searches; {
		if !s.ask(func() { searches = s.scanning }) || time.Now().After(end) {
			t.Fatal("the session does not look for others' sockets")
		}
	}
	conn.Close()
	becomes(t, s, "C1", StateCloseWait)

	shared := RawOptions{"ReusePort": []byte("true")}
	do(&Listen{Address: "127.0.0.1:0", Options: shared})
	at := happens(t, s, "S1", func(e *SocketOpened) bool { return e.Socket == "S1" }).Local
	do(&Listen{Address: at, Options: shared})
	becomes(t, s, "S2", StateListen)
	do(&Close{Socket: "C1"})
	becomes(t, s, "C1", StateClosed)
}

// TestAloneAgain: a listener that is found only among those that share its port is looked at directly again once those
// have gone.
func TestAloneAgain(t *testing.T) {
	s := openInternal(t, Config{NoCapture: true})
	if s.machine.observer.err != nil {
		t.Skip(s.machine.observer.err)
	}
	do := func(cmd Command) {
		t.Helper()
		if _, err := s.Do(t.Context(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	crowded := func() (ids []string) {
		s.ask(func() {
			for _, c := range s.order {
				if c.crowded.Load() && !c.over() {
					ids = append(ids, c.id)
				}
			}
		})
		return ids
	}
	until := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !holds(); {
			if time.Now().After(end) {
				t.Fatalf("%s: crowded are %v", what, crowded())
			}
		}
	}
	shared := RawOptions{"ReusePort": []byte("true")}
	do(&Listen{Address: "127.0.0.1:0", Options: shared})
	do(&Listen{Address: happens(t, s, "S1", func(e *SocketOpened) bool { return e.Socket == "S1" }).Local, Options: shared})
	until("two share a port", func() bool { return len(crowded()) == 1 })
	gone := "S1"
	if crowded()[0] == "S1" {
		gone = "S2"
	}
	do(&Close{Socket: gone})
	until("one is left", func() bool { return len(crowded()) == 0 })
}
