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

// followed says whether every segment of a socket is read, so that what was not seen was not sent.
func (s *Session) followed(c *socket) bool { return !c.place.machine() || c.traced }

// targetOf names the socket of a row. The cookie of a request is left out: where somebody asks for it after the kernel
// has begun to make the connection, that gets another one (inet_csk_clone_lock, net/ipv4/inet_connection_sock.c).
func targetOf(in *place, r sockdiag.Socket) target {
	t := target{place: in, family: r.Family, local: r.Local, remote: r.Remote, iface: r.Interface}
	if kernelState(r.State) != StateSynRcvd {
		t.cookie = uint64(r.Cookie)
	}
	return t
}
