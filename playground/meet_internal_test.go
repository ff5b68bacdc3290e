package playground

import (
	"context"
	"errors"
	"testing"
	"time"

	"socketplayground/playground/sockdiag"
)

// A handshake that was looked at before Accept, and is told after it, makes no second connection.
func TestLateRequest(t *testing.T) {
	m, err := NewManager(Config{Network: NewMachine(Policy{}), NoCapture: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, leave, err := m.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	wait := func(socket string, state State) {
		t.Helper()
		if _, err := s.Log().Wait(ctx, 0, func(e Event) bool {
			c, ok := e.(*StateChanged)
			return ok && c.Socket == socket && c.To == state
		}); err != nil {
			t.Fatal(err)
		}
	}
	_, listening := s.Do(ctx, &Listen{Address: "127.0.0.1:0", Behavior: BehaviorEcho})
	wait("S1", StateListen)
	_, dialling := s.Do(ctx, &Dial{Address: "S1"})
	wait("S1.1", StateEstablished)
	if err := errors.Join(listening, dialling); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Log().Wait(ctx, 0, func(e Event) bool {
		a, ok := e.(*CallReturned)
		return ok && a.Op == "Accept"
	}); err != nil {
		t.Fatal(err)
	}
	var got, want *socket
	var others int
	s.ask(func() {
		want = s.sockets["S1.1"]
		at := *want.target.Load()
		got = s.meet(s.machine, sockdiag.Socket{Family: at.family, State: sockdiag.NewSynRecv, Local: at.local, Remote: at.remote, Cookie: 12345})
		others = len(s.sockets) - 3 // S1, C1, S1.1
		// Its port pair in TIME_WAIT is no hindrance for a new connection.
		want.state = StateTimeWait
		if next := s.meet(s.machine, sockdiag.Socket{Family: at.family, State: sockdiag.NewSynRecv, Local: at.local, Remote: at.remote, Cookie: 12346}); next == want {
			t.Error("a new connection is taken for the remains of the old one")
		}
		want.state = StateEstablished
	})
	if got != want || others != 0 {
		t.Errorf("the request is %v and not S1.1, and there are %d more sockets", got.label(), others)
	}
}
