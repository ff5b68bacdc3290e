package capture_test

import (
	"net/netip"
	"testing"

	"socketplayground/playground/capture"
)

// TestCaughtUp: what was sent is handed on when CaughtUp has returned, and one that is closed is waited for by nobody.
func TestCaughtUp(t *testing.T) {
	port := freePort(t)
	r := record(t, capture.Config{}, port)
	in := inject(t)
	for i := range 200 {
		in.send(netip.MustParseAddr("127.0.0.1"), 1, port, uint32(i), 100)
		if err := r.CaughtUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.mu.Lock()
		n := len(r.packets)
		r.mu.Unlock()
		if n != i+1 {
			t.Fatalf("%d packets are handed on, want %d", n, i+1)
		}
	}
	l := listen(t, "tcp4", "127.0.0.1:0")
	if err := r.SetPorts([]uint16{l.port}); err != nil {
		t.Fatal(err)
	}
	l.exchange(t, []byte("hello"))
	if err := r.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := r.packets[len(r.packets)-1]; last.flags()&4 != 0 {
		t.Error("none of a connection's segments is handed on")
	}
}
