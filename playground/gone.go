package playground

import (
	"time"

	"socketplayground/playground/sockdiag"
)

// gone decides what it means that the kernel no longer has the socket. That it is gone is seen; by which way it went
// is inferred from the state it was in and from what we did.
func (s *Session) gone(c *socket, why cause) {
	if c.state == StateClosed && c.closedAt == 0 && c.open && c.raw == nil {
		return // Dial has not got to connect(2) yet
	}
	held := time.Duration(s.now() - c.stateAt)
	peerWaits := c.peer != nil && (c.peer.state == StateTimeWait || c.peer.reason == ReasonTimeWaitOver)
	reason := ReasonUnknown
	switch c.state {
	case StateListen:
		reason = ReasonClosed
		if c.open && c.kind == KindListener {
			reason = ReasonDestroyed // nobody called Close
		}
	case StateTimeWait:
		reason = ReasonTimeWaitOver
		left, ok := c.waitEnds()
		switch {
		case c.skipped:
			reason = ReasonAborted
		case held < 55*time.Second && !(ok && left <= slowSample): // TCP_TIMEWAIT_LEN is 60 s; it may have been met late
			reason = ReasonUnknown
			// Else it was destroyed, or its addresses were taken, by whom is seen where segments are.
			if p := s.byPair[c.target.Load().pair()]; ok && s.followed(c) && (p == nil || p == c) && !s.trace.takenSince(c, c.stateAt) {
				reason = ReasonDestroyed
			}
		}
	case StateLastAck, StateClosing:
		reason = ReasonAcknowledged
		switch m := c.metrics; {
		case c.place.machine() || why.segment != 0: // in the Lab the ACK is there when the socket goes
		case m != nil && m.Timer != nil && m.Timer.Retransmits > 1:
			reason = ReasonTimedOut
		default:
			reason = ReasonDestroyed // in silence, unlike from other states (tcp_need_reset, net/ipv4/tcp.c)
		}
	case StateFinWait2:
		reason = s.unlessReset(c)
		left, ok := c.waitEnds()
		switch {
		case ok && left <= slowSample, !ok && !c.open && held > 10*time.Second:
			reason = ReasonTimedOut // tcp_fin_timeout of an orphan, tcp(7)
		case c.sendsReset():
			reason = ReasonResetSent
		case ok && reason == ReasonUnknown && s.followed(c):
			reason = ReasonDestroyed // nothing else ends it early and sends nothing (tcp_abort, net/ipv4/tcp.c)
		}
	case StateSynSent, StateSynRcvd:
		if c.open && c.raw == nil && !why.rst {
			return // Dial is about to say why
		}
		reason = s.unlessReset(c)
		switch left, ok := c.answersAgain(); {
		case c.open && c.raw == nil:
			reason = ReasonRefused
		case reason == ReasonUnknown && s.followed(c) && ok && left > 0 && !c.sendsReset():
			reason = ReasonDestroyed // the kernel itself gives a request up when its timer fires (reqsk_timer_handler, net/ipv4/inet_connection_sock.c)
		}
	case StateCloseWait:
		switch {
		case c.reset:
			reason = ReasonResetSent
		case c.open:
			reason = s.unlessReset(c)
		default:
			reason = ReasonAcknowledged
		}
	default:
		reason = s.whyReset(c, peerWaits)
	}
	switch {
	case c.timedOut:
		reason = ReasonTimedOut
	case c.destroyed:
		reason = ReasonDestroyed
	case why.rst && why.edge == edgeLeft:
		reason = ReasonResetSent
		switch {
		case c.gaveUp():
			reason = ReasonTimedOut
		case c.unasked: // of a socket that a program has, only that sends a RST by itself
			reason = ReasonDestroyed
		}
	case why.rst && reason != ReasonRefused:
		reason = ReasonResetReceived
	}
	if timer := c.timerOf(reason); timer != "" && why.segment == 0 {
		why = cause{timer: timer} // whichever call was told of it
	}
	if reason == ReasonAcknowledged && c.state == StateEstablished {
		s.change(c, StateCloseWait, SourceInferred, why, "")
	}
	if reason == ReasonResetSent || reason == ReasonResetReceived || reason == ReasonDestroyed {
		// No LAST_ACK stood between: RST ends a connection from any state (RFC 9293 §3.10.7.4).
		if c.state != StateClosed {
			s.change(c, StateClosed, SourceInferred, why, reason)
		}
	}
	s.closed(c, SourceInferred, why, reason)
	if c.open && c.raw != nil && reason != ReasonClosed {
		c.next = wholeHour + s.now() // the descriptor stays until the user closes it
	}
}

// gaveUp says whether unanswered keepalive probes are what ended the connection: the kernel then sends a RST before it
// fails with ETIMEDOUT (tcp_keepalive_timer, net/ipv4/tcp_timer.c).
func (c *socket) gaveUp() bool {
	m := c.metrics
	return (c.open || c.inAcceptQueue()) && (c.unasked || !c.sendsReset()) && m != nil && m.Timer != nil && m.Timer.Kind == sockdiag.TimerKeepalive.String() && m.Timer.Retransmits > 0
}

// waitEnds is how long the kernel still keeps a socket that only waits for time to pass, by what it said of its timer at the
// last look; false for any other. An orphan in FIN_WAIT_2 has that timer as TIME_WAIT has it (tcp_time_wait,
// net/ipv4/tcp_minisocks.c), or, where tcp_fin_timeout is above 60 s, at first the one of keep-alives (tcp_close).
func (c *socket) waitEnds() (left time.Duration, ok bool) {
	waits := c.state == StateTimeWait || c.state == StateFinWait2
	if !waits || c.metrics == nil || c.metrics.Timer == nil || c.metrics.Timer.Kind != sockdiag.TimerTimeWait.String() {
		return 0, false
	}
	return time.Duration(c.metricsAt + c.metrics.Timer.ExpiresMS*1e6 - c.s.now()), true
}

// answersAgain is how long it is until a request's SYN, ACK is sent again, by what the kernel said at the last look.
func (c *socket) answersAgain() (left time.Duration, ok bool) {
	if c.state != StateSynRcvd || c.metrics == nil || c.metrics.Timer == nil {
		return 0, false
	}
	return time.Duration(c.metricsAt + c.metrics.Timer.ExpiresMS*1e6 - c.s.now()), true
}

// timerOf is the kernel's timer that ended a socket for a reason; empty where none did.
func (c *socket) timerOf(reason string) string {
	switch reason {
	case ReasonTimeWaitOver:
		return sockdiag.TimerTimeWait.String()
	case ReasonTimedOut:
		if c.metrics != nil && c.metrics.Timer != nil {
			return c.metrics.Timer.name()
		}
	}
	return ""
}

// whyReset says why a socket vanished from ESTABLISHED or FIN_WAIT_1.
func (s *Session) whyReset(c *socket, peerWaits bool) string {
	switch m := c.metrics; {
	case c.sendsReset():
		return ReasonResetSent
	case c.peer != nil && c.peer.reset:
		return ReasonResetReceived
	case peerWaits:
		return ReasonAcknowledged
	case m != nil && m.Timer != nil && m.Timer.Retransmits > 1:
		return ReasonTimedOut
	case c.open:
		return s.unlessReset(c)
	}
	return ReasonUnknown
}

// unlessReset is the guess that the other end sent a RST: none where its segments are read and there was none, nor where
// the other end is ours and nothing done to it sends one.
func (s *Session) unlessReset(c *socket) string {
	switch p := c.peer; {
	case p != nil && p.reset:
		return ReasonResetReceived
	case s.followed(c) || p != nil && p.kind != KindOther:
		return ReasonUnknown
	}
	return ReasonResetReceived
}

// resetGrace is how long a socket that is gone, and of which nothing says why, waits for a RST to be read, or for a call of
// its program to return.
const resetGrace = 100 * time.Millisecond

// resetComes says whether why a socket is gone may be known in a moment.
func (s *Session) resetComes(c *socket, why *cause) bool {
	known := why.segment != 0 || c.timedOut || c.destroyed || c.sendsReset() || c.peer != nil && c.peer.reset || c.closedAt != 0
	switch c.state {
	case StateSynRcvd, StateLastAck, StateClosing:
		if !s.followed(c) {
			return false
		}
	case StateListen, StateSynSent, StateTimeWait, StateClosed:
		return false
	}
	if known {
		return false
	}
	now := s.now()
	if c.awaits == 0 {
		c.awaits = now
	}
	if until := c.awaits + int64(resetGrace); now < until {
		c.next = until
		return true
	}
	return false
}

// sentReset takes in that a RST of this end was read. A socket that nobody has any more answers data with one; that it sends
// one by itself after its FIN, or while it waits for an Accept, is not its program's doing (tcp_abort, net/ipv4/tcp.c).
func (c *socket) sentReset(aborts bool) {
	orphan := c.state == StateFinWait1 || c.state == StateFinWait2
	c.unasked = c.unasked || (c.open || aborts && (orphan || c.inAcceptQueue())) && !c.sendsReset()
	c.reset = true
}

// inAcceptQueue says whether the connection waits in the accept queue of a listener that is open.
func (c *socket) inAcceptQueue() bool {
	return c.listener != nil && !c.accepted && c.listener.open && (c.state == StateEstablished || c.state == StateCloseWait)
}

// sendsReset says whether the kernel ends the socket with a RST, as far as what we did shows.
func (c *socket) sendsReset() bool {
	return c.reset || c.listener != nil && !c.accepted && !c.listener.open
}

// failed remembers what a call's error says of the connection's end, before anybody finds the socket gone.
func (c *socket) failed(e *CallError) {
	switch {
	case e == nil:
	case e.Kind == ErrTimedOut:
		c.timedOut = true
	case e.Errno == errnoDestroyed:
		c.destroyed = true
	}
}

// errnoDestroyed is what calls on a socket return that was destroyed (tcp_abort, net/ipv4/tcp.c). Nothing else of TCP sets it.
const errnoDestroyed = "ECONNABORTED"

// blame corrects the reason of a CLOSED that a call's error explains.
func (s *Session) blame(c *socket, e *CallError) {
	if e == nil || c.state == StateClosed || c.closedAt != 0 {
		return
	}
	switch e.Kind {
	case ErrReset:
		if c.failed(e); c.destroyed {
			c.next = s.now()
			return
		}
		c.peerReset()
	case ErrTimedOut:
		s.closed(c, SourceCall, cause{}, ReasonTimedOut)
	}
}

// peerReset remembers that the other end sent RST, for when the socket is found gone.
func (c *socket) peerReset() {
	if c.peer != nil {
		c.peer.reset = true
	}
	c.next = c.s.now()
}
