package playground

import (
	"context"
	"testing"
	"time"
)

// openInternal starts a session whose inside a test looks at. Its manager is closed with the test.
func openInternal(t *testing.T, cfg Config) *Session {
	t.Helper()
	cfg.Network = NewMachine(Policy{})
	m, err := NewManager(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	s, leave, err := m.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leave)
	return s
}

// happens waits for an event.
func happens[E Event](t *testing.T, s *Session, what string, holds func(E) bool) E {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	e, err := s.Log().Wait(ctx, 0, func(e Event) bool {
		typed, ok := e.(E)
		return ok && holds(typed)
	})
	if err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
	return e.(E)
}

func becomes(t *testing.T, s *Session, id string, to State) *StateChanged {
	t.Helper()
	return happens(t, s, id+" in "+string(to), func(e *StateChanged) bool { return e.Socket == id && e.To == to })
}
