package playground

import (
	"errors"
	"testing"

	"socketplayground/playground/sockdiag"
)

// A handshake that was looked at before Accept, and is told after it, makes no second connection.
func TestLateRequest(t *testing.T) {
	s := openInternal(t, Config{NoCapture: true})
	_, listening := s.Do(t.Context(), &Listen{Address: "127.0.0.1:0", Behavior: BehaviorEcho})
	becomes(t, s, "S1", StateListen)
	_, dialling := s.Do(t.Context(), &Dial{Address: "S1"})
	becomes(t, s, "S1.1", StateEstablished)
	if err := errors.Join(listening, dialling); err != nil {
		t.Fatal(err)
	}
	happens(t, s, "Accept returns", func(e *CallReturned) bool { return e.Op == "Accept" })
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
