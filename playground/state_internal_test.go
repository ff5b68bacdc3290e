package playground

import "testing"

var allStates = []State{StateListen, StateSynSent, StateSynRcvd, StateEstablished, StateFinWait1, StateFinWait2,
	StateCloseWait, StateClosing, StateLastAck, StateTimeWait, StateClosed}

// TestReachable: a socket goes on, never back.
func TestReachable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to State
		want     bool
	}{
		{StateClosed, StateEstablished, true},
		{StateSynSent, StateTimeWait, true},
		{StateSynRcvd, StateLastAck, true},
		{StateEstablished, StateEstablished, true},
		{StateEstablished, StateClosing, true},
		{StateFinWait1, StateClosed, true},
		{StateFinWait1, StateEstablished, false},
		{StateFinWait2, StateFinWait1, false},
		{StateFinWait1, StateCloseWait, false},
		{StateCloseWait, StateTimeWait, false},
		{StateLastAck, StateCloseWait, false},
		{StateTimeWait, StateFinWait2, false},
		{StateEstablished, StateSynRcvd, false},
	}
	for _, test := range tests {
		if got := reachable(test.from, test.to); got != test.want {
			t.Errorf("%s → %s: got %v, want %v", test.from, test.to, got, test.want)
		}
	}
}

// TestBetween: what is filled in between two states is a way through the diagram.
func TestBetween(t *testing.T) {
	t.Parallel()
	for _, from := range allStates {
		for _, to := range allStates {
			for _, passive := range []bool{false, true} {
				at := from
				for _, mid := range between(from, to, passive) {
					if _, ok := TransitionSection(at, mid); !ok && !(passive && at == StateClosed && mid == StateSynRcvd) {
						t.Errorf("%s → %s: %s → %s is no edge", from, to, at, mid)
					}
					at = mid
				}
				if at != from && !reachable(at, to) {
					t.Errorf("%s → %s: %s leads nowhere", from, to, at)
				}
			}
		}
	}
	for edge := range transitions {
		if mid := between(edge.From, edge.To, false); mid != nil {
			t.Errorf("%s → %s is an edge, but %v is put between", edge.From, edge.To, mid)
		}
	}
}
