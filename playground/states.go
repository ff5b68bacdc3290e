package playground

import (
	"errors"
	"net/netip"
	"time"

	"socketplayground/playground/sockdiag"
)

// bothEnds is what was seen of a connection's two ends in one go.
type bothEnds struct{ own, peer observation }

// tookBoth takes both observations into the log. The peer's may be the first that is known of it.
func (s *Session) tookBoth(c *socket, seen bothEnds, why cause) {
	var peer *socket
	if seen.peer.found && seen.peer.source == SourceSockDiag {
		peer = s.meet(seen.peer.place, seen.peer.row)
	} else if c.peer != nil {
		c.peer.next = s.now() // gone, or going: look at it by its own name
	}
	// Both were seen at once. Of a handshake, the end that dialled went first.
	if peer != nil && !peer.passive && peer.state == StateClosed {
		s.took(peer, seen.peer, cause{})
	}
	s.took(c, seen.own, why)
	if peer != nil {
		s.took(peer, seen.peer, why)
	}
	s.linkPeer(c)
}

// took takes an observation of a socket into the log: addresses, state, metrics. why is what brought
// it about, empty if nothing that we know did.
func (s *Session) took(c *socket, o observation, why cause) {
	switch {
	case o.at < c.seen || c.closedAt != 0 || c.failing != nil || s.sockets[c.id] != c:
		return // an older look, or nothing more can happen
	case o.err != nil:
		s.unseen(o.err)
		return
	case o.found && !reachable(c.state, o.state):
		c.next = s.now() // of two looks at the same time, the one that began later asked the kernel earlier
		return
	case s.segmentComes(c, o, &why):
		return
	}
	c.seen = o.at
	if o.found && o.state == c.state && c.traced {
		s.trace.refute(c, c.state, o.at)
	}
	if !o.found && s.doubtful(c, why) {
		return
	}
	if c.doubt != nil && why == (cause{}) {
		why = *c.doubt // what the look that found nothing was after
	}
	c.doubt = nil
	if !o.found {
		s.gone(c, why)
		return
	}
	if o.source == SourceSockDiag {
		s.fileFound(c, o.row.Inode)
		t := targetOf(c.place, o.row)
		if old := c.target.Load(); t.cookie == 0 && old != nil {
			t.cookie = old.cookie
		}
		if o.state == StateListen {
			t.remote = netip.AddrPort{} // the kernel says 0.0.0.0:0
		}
		s.identify(c, t)
	}
	if o.state == StateClosed && (c.kind == KindConn || c.state == StateListen) {
		s.gone(c, why)
		return
	}
	s.transition(c, o.state, o.source, why, "")
	if o.source == SourceSockDiag {
		s.measured(c, o)
	}
}

// doubtful says whether a socket that was not found must be looked at once more. The kernel swaps a socket that comes into
// TIME_WAIT for a smaller one (inet_twsk_hashdance_schedule, net/ipv4/inet_timewait_sock.c), and a processor that is
// interrupted in between leaves neither to be found for longer than two looks take.
func (s *Session) doubtful(c *socket, why cause) bool {
	swaps := c.state == StateFinWait1 || c.state == StateFinWait2 || c.state == StateClosing
	if !swaps || why.rst || c.doubt != nil {
		return false
	}
	c.doubt, c.next = &why, s.now()+int64(time.Millisecond)
	return true
}

// segmentGrace is how long a state that a segment of the socket itself goes with waits for that segment to be read off a
// Lab's wire, where it has been sent: however busy this machine is. A FIN that stands behind data which the peer's window
// does not take is not waited for; queuedGrace is for one that is only paced.
const (
	segmentGrace = time.Second
	queuedGrace  = 20 * time.Millisecond
)

// segmentComes says whether the state that was seen is about to be seen again, with its segment. Any other segment
// that crosses meanwhile has not brought it about.
func (s *Session) segmentComes(c *socket, o observation, why *cause) bool {
	if c.place.machine() {
		waits := s.captureComes(c, o, why)
		if !waits {
			c.held = nil
		}
		return waits
	}
	if o.state == c.state {
		return false
	}
	switch o.state {
	case StateSynSent, StateFinWait1, StateLastAck:
		if why.starts && why.edge == edgeLeft {
			return false
		}
	case StateClosed:
		if why.rst || !c.sendsReset() {
			return !why.rst && s.resetComes(c, why)
		}
	default:
		return false
	}
	now := s.now()
	if c.awaits == 0 {
		c.awaits = now
	}
	until := c.awaits + int64(segmentGrace)
	if i := o.row.Info; i != nil && i.NotsentBytes > 0 {
		until = c.awaits + int64(queuedGrace)
	}
	if now < until {
		c.next = until
		return true
	}
	*why = cause{call: why.call}
	if c.acting != nil {
		why.call = c.acting.id
	}
	return false
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

// unseen tells once that states cannot be observed.
func (s *Session) unseen(err error) {
	if s.blind {
		return
	}
	s.blind = true
	s.notice("", "warning", "states_unobserved", "The kernel's states cannot be observed here: "+err.Error())
}

// believe sets a state that a call's success implies, where the kernel cannot be asked. With an observer it does nothing.
func (s *Session) believe(c *socket, state State, why cause) {
	if !errors.Is(c.place.observer.err, errors.ErrUnsupported) {
		return
	}
	if state == StateClosed {
		s.closed(c, SourceInferred, why, ReasonUnknown)
		return
	}
	s.transition(c, state, SourceCall, why, "")
}

// transition tells a change of state, and before it the states that must have been between.
func (s *Session) transition(c *socket, to State, source Source, why cause, reason string) {
	if c.state == to {
		return
	}
	for _, mid := range between(c.state, to, c.passive) {
		s.change(c, mid, SourceInferred, cause{call: why.call}, "") // the segment has brought about the last one
	}
	s.change(c, to, source, why, reason)
}

func (s *Session) change(c *socket, to State, source Source, why cause, reason string) {
	s.emit(c.id, source, &StateChanged{From: c.state, To: to, Cause: why.call, Segment: why.segment, Edge: why.edge, Timer: why.timer, Reason: reason})
	c.state, c.stateAt, c.reason, c.awaits = to, s.lastAt, reason, 0
	c.hot()
}

// closed tells the end.
func (s *Session) closed(c *socket, source Source, why cause, reason string) {
	if c.state != StateClosed {
		s.transition(c, StateClosed, source, why, reason)
	}
	if c.closedAt == 0 {
		c.closedAt = max(s.lastAt, 1)
		if p := c.peer; p != nil && p.closedAt == 0 {
			p.hot()
		}
	}
}

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

// followed says whether every segment of a socket is read, so that what was not seen was not sent.
func (s *Session) followed(c *socket) bool { return !c.place.machine() || c.traced }

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

// targetOf names the socket of a row. The cookie of a request is left out: where somebody asks for it after the kernel
// has begun to make the connection, that gets another one (inet_csk_clone_lock, net/ipv4/inet_connection_sock.c).
func targetOf(in *place, r sockdiag.Socket) target {
	t := target{place: in, family: r.Family, local: r.Local, remote: r.Remote, iface: r.Interface}
	if kernelState(r.State) != StateSynRcvd {
		t.cookie = uint64(r.Cookie)
	}
	return t
}
