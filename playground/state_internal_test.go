package playground

import (
	"slices"
	"testing"
)

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

// TestHeldBetween: what was seen is told in its order; a CLOSED that a later look saw, whose answer came first, is no step on
// the way to what an earlier look saw.
func TestHeldBetween(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		held     []State
		from, to State
		want     []State
	}{
		{[]State{StateEstablished}, StateSynRcvd, StateCloseWait, []State{StateEstablished}},
		{[]State{StateClosed}, StateSynRcvd, StateEstablished, nil},
		{[]State{StateEstablished, StateClosed}, StateSynRcvd, StateCloseWait, []State{StateEstablished}},
		{[]State{StateEstablished, StateFinWait1}, StateSynSent, StateClosed, []State{StateEstablished, StateFinWait1}},
		{[]State{StateFinWait2}, StateFinWait2, StateTimeWait, nil},
	} {
		if got := heldBetween(tt.held, tt.from, tt.to); !slices.Equal(got, tt.want) {
			t.Errorf("%v between %s and %s: got %v, want %v", tt.held, tt.from, tt.to, got, tt.want)
		}
	}
}
