package playground

import "socketplayground/playground/sockdiag"

// State is one of the eleven states of RFC 9293 §3.3.2, spelled as everywhere in the playground.
type State string

// The states.
const (
	StateListen      State = "LISTEN"
	StateSynSent     State = "SYN_SENT"
	StateSynRcvd     State = "SYN_RCVD"
	StateEstablished State = "ESTABLISHED"
	StateFinWait1    State = "FIN_WAIT_1"
	StateFinWait2    State = "FIN_WAIT_2"
	StateCloseWait   State = "CLOSE_WAIT"
	StateClosing     State = "CLOSING"
	StateLastAck     State = "LAST_ACK"
	StateTimeWait    State = "TIME_WAIT"
	StateClosed      State = "CLOSED"
)

// kernelState gives the RFC's name for a state of the kernel (include/net/tcp_states.h).
// Bound sockets that neither listen nor connect are CLOSED in the RFC's sense.
func kernelState(s sockdiag.State) State {
	switch s {
	case sockdiag.Established:
		return StateEstablished
	case sockdiag.SynSent:
		return StateSynSent
	case sockdiag.SynRecv, sockdiag.NewSynRecv:
		return StateSynRcvd
	case sockdiag.FinWait1:
		return StateFinWait1
	case sockdiag.FinWait2:
		return StateFinWait2
	case sockdiag.TimeWait:
		return StateTimeWait
	case sockdiag.CloseWait:
		return StateCloseWait
	case sockdiag.LastAck:
		return StateLastAck
	case sockdiag.Listen:
		return StateListen
	case sockdiag.Closing:
		return StateClosing
	default:
		return StateClosed
	}
}

// Transition is an edge of the diagram in RFC 9293 §3.3.2, figure 5.
type Transition struct{ From, To State }

// transitions maps every edge to the section of RFC 9293 that asks for it.
// The edges to CLOSED by RST or timeout (§3.10.7, §3.8.3) lead there from every state and are not listed.
var transitions = map[Transition]string{
	{StateClosed, StateListen}:         "3.10.1",
	{StateClosed, StateSynSent}:        "3.10.1",
	{StateListen, StateSynRcvd}:        "3.10.7.2",
	{StateListen, StateSynSent}:        "3.10.2",
	{StateListen, StateClosed}:         "3.10.4",
	{StateSynSent, StateSynRcvd}:       "3.10.7.3",
	{StateSynSent, StateEstablished}:   "3.10.7.3",
	{StateSynSent, StateClosed}:        "3.10.4",
	{StateSynRcvd, StateEstablished}:   "3.10.7.4",
	{StateSynRcvd, StateFinWait1}:      "3.10.4",
	{StateSynRcvd, StateListen}:        "3.10.7.4",
	{StateEstablished, StateFinWait1}:  "3.10.4",
	{StateEstablished, StateCloseWait}: "3.10.7.4",
	{StateFinWait1, StateFinWait2}:     "3.10.7.4",
	{StateFinWait1, StateClosing}:      "3.10.7.4",
	{StateFinWait1, StateTimeWait}:     "3.10.7.4",
	{StateFinWait2, StateTimeWait}:     "3.10.7.4",
	{StateCloseWait, StateLastAck}:     "3.10.4",
	{StateClosing, StateTimeWait}:      "3.10.7.4",
	{StateLastAck, StateClosed}:        "3.10.7.4",
	{StateTimeWait, StateClosed}:       "3.10.8",
}

// TransitionSection names the section of RFC 9293 for an edge, and whether it is one.
func TransitionSection(from, to State) (section string, ok bool) {
	section, ok = transitions[Transition{from, to}]
	return section, ok
}

// reachable says whether a socket can come from one state to another without being CLOSED between. There is no way back.
func reachable(from, to State) bool {
	if from == to || from == StateClosed || to == StateClosed {
		return true
	}
	for t := range transitions {
		if t.From == from && t.To != StateClosed && t.To != StateListen && reachable(t.To, to) {
			return true
		}
	}
	return false
}

// between lists the states that a socket must have been in on its way from one state to the next one seen,
// where the kernel was faster than we could look. It names only what the diagram makes certain:
// of several ways it takes none, and the caller shows the jump as it was seen.
func between(from, to State, passive bool) []State {
	if _, ok := transitions[Transition{from, to}]; ok || from == to {
		return nil
	}
	switch (Transition{from, to}) {
	case Transition{StateClosed, StateEstablished}:
		if passive {
			return []State{StateSynRcvd}
		}
		return []State{StateSynSent}
	case Transition{StateClosed, StateCloseWait}:
		if passive {
			return []State{StateSynRcvd, StateEstablished}
		}
		return []State{StateSynSent, StateEstablished}
	case Transition{StateSynSent, StateCloseWait}, Transition{StateSynRcvd, StateCloseWait},
		Transition{StateSynSent, StateFinWait1}:
		return []State{StateEstablished}
	case Transition{StateSynSent, StateFinWait2}, Transition{StateSynRcvd, StateFinWait2}:
		return []State{StateEstablished, StateFinWait1}
	case Transition{StateEstablished, StateFinWait2}, Transition{StateEstablished, StateClosing}:
		return []State{StateFinWait1}
	case Transition{StateEstablished, StateTimeWait}:
		// FIN_WAIT_2 or CLOSING may have stood between, or neither.
		return []State{StateFinWait1}
	case Transition{StateEstablished, StateLastAck}:
		return []State{StateCloseWait}
	case Transition{StateCloseWait, StateClosed}:
		return []State{StateLastAck}
	}
	return nil
}
