package web

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"socketplayground/playground"
)

// TestUserIsGreetedFirst: however many guests wait for their snapshots or do not read them, the user's own viewer has its.
func TestUserIsGreetedFirst(t *testing.T) {
	m, err := playground.NewManager(playground.Config{NoCapture: true, Network: playground.NewMachine(playground.Policy{Local: netip.Addr.IsLoopback})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	session, leave, err := m.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leave)
	s := &Server{greeting: newGreetings()}
	user, guest := &viewer{server: s, trusted: true}, &viewer{server: s}

	ctx, stop := context.WithCancel(t.Context())
	if err := s.greeting.guestsMaking.Acquire(ctx, 1); err != nil { // a guest's is made, or waits to be
		t.Fatal(err)
	}
	const guests = 100
	ended := make(chan error, guests)
	for range guests {
		go func() { // ends with ctx
			_, _, err := guest.base(ctx, session.Log())
			ended <- err
		}()
	}
	within, done := context.WithTimeout(t.Context(), 20*time.Second)
	defer done()
	if _, frame, err := user.base(within, session.Log()); err != nil || len(frame) == 0 {
		t.Errorf("the user's is made behind those of guests: %v", err)
	}
	stop()
	for range guests {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("a guest who must wait: %v", err)
		}
	}

	room, most := guest.room()
	if !room.TryAcquire(most) || room.TryAcquire(1) {
		t.Fatal("guests have more room than they are to have")
	}
	if room, most := user.room(); !room.TryAcquire(most) {
		t.Error("guests who do not read take the user's room")
	}
}
