package playground

import (
	"slices"
	"time"
)

// On this machine a segment is read when the sockets have gone on. What was seen of a socket therefore says that it is in
// a state, and the segment that implies this state (see placement) since when.

// captureGrace is how long a state waits for its segment to be read from loopback, where it was, while this machine is busy.
const captureGrace = 300 * time.Millisecond

// captureComes says whether the state that was seen is about to be seen again, with the segment that has brought it about.
// Otherwise why is filled in where that segment was read, and states that lie before it, which nobody saw, are told.
func (s *Session) captureComes(c *socket, o observation, why *cause) bool {
	if o.state == c.state && (o.state != StateClosed || len(c.held) == 0) {
		c.awaits = 0
		return false
	}
	if c.target.Load() == nil && o.found && o.source == SourceSockDiag { // its Dial has not returned yet
		s.identify(c, targetOf(c.place, o.row))
	}
	if !s.traces(c) {
		return o.state == StateClosed && !why.rst && s.resetComes(c, why)
	}
	path, found := s.trace.placements(c, o.state, false)
	if !found && s.awaitsCapture(c, o) {
		return true
	}
	if found {
		*why = c.causeOf(path[len(path)-1])
		path = path[:len(path)-1]
	} else {
		path, _ = s.trace.placements(c, o.state, true)
	}
	for _, p := range path {
		if p.to != c.state && reachable(c.state, p.to) && reachable(p.to, o.state) {
			s.transition(c, p.to, SourceInferred, c.causeOf(p), "")
		}
	}
	for _, h := range heldBetween(c.held, c.state, o.state) {
		s.transition(c, h, SourceSockDiag, cause{}, "")
	}
	return false
}

// heldBetween is which states that were seen, and their segments never, an end went through on its way to the one seen now.
// That it is CLOSED was seen by a later look, whose answer came first: it comes again.
func heldBetween(held []State, from, to State) (list []State) {
	for _, h := range held {
		if h != from && h != to && h != StateClosed && reachable(from, h) && reachable(h, to) {
			list = append(list, h)
			from = h
		}
	}
	return list
}

// causeOf is what a placement says of why. Of what the socket sent, the call is told too.
func (c *socket) causeOf(p placement) cause {
	why := cause{segment: p.segment, edge: p.edge, starts: p.starts, rst: p.rst}
	switch k := c.acting; {
	case p.edge != edgeLeft:
	case p.to == StateSynSent:
		why.call = c.dialCall
	case k != nil && k.op != "Dial" && k.started <= p.at+int64(stampSlack):
		why.call = k.id
	}
	return why
}

// traces says whether a socket's segments cross this machine's loopback and are read there.
func (s *Session) traces(c *socket) bool {
	t := c.target.Load()
	if t == nil || !t.remote.IsValid() || !c.place.machine() || !s.captures.runs() {
		return false
	}
	local, remote := unmapped(t.local), unmapped(t.remote)
	c.traced = local != remote && (remote.Addr().IsLoopback() || remote.Addr() == local.Addr())
	return c.traced
}

// awaitsCapture says whether a state waits for its segment a little longer.
func (s *Session) awaitsCapture(c *socket, o observation) bool {
	if left, ok := c.waitEnds(); c.state == StateListen || c.state == StateTimeWait && !(ok && left > slowSample) {
		return false // a call ends it, or a timer; before that, a SYN may be what took its addresses
	}
	now := s.now()
	if c.awaits == 0 {
		c.awaits = now
	}
	until := c.awaits + int64(captureGrace)
	if i := o.row.Info; i != nil && i.NotsentBytes > 0 { // its FIN stands behind data that the peer's window does not take
		until = c.awaits + int64(queuedGrace)
	}
	if now >= until {
		return false
	}
	c.next = until
	if o.found && !slices.Contains(c.held, o.state) {
		c.held = append(c.held, o.state)
	}
	return true
}

// failedDial is a Dial that has returned, and whose socket's states are not told yet.
type failedDial struct {
	call     uint64
	reason   string
	until    int64 // ns: how long the segments that said no are waited for
	sent     bool  // the kernel itself gave up, so a SYN had been sent
	answered bool  // by a segment
}

// dialTraced says whether the segments of a Dial are read on this machine's loopback, even where its port is not known yet.
func (s *Session) dialTraced(d *socket) bool {
	to := d.dialTo.Load()
	return s.traces(d) || d.place.machine() && d.target.Load() == nil && to != nil && to.Addr().IsLoopback() && s.captures.runs()
}

// dialEnded tells the states of a Dial that failed, each with its segment, once they were read; or now, without.
func (s *Session) dialEnded(d *socket, now bool) {
	path, found := s.trace.placements(d, StateClosed, now)
	if !found && !now {
		return
	}
	f := d.failing
	d.failing, d.awaits = nil, 0
	why := byCall(f.call)
	if i := slices.IndexFunc(path, func(p placement) bool { return p.to == StateClosed }); i >= 0 {
		why.segment, why.edge, why.rst = path[i].segment, path[i].edge, path[i].rst
		path = path[:i]
	}
	for _, p := range path {
		s.transition(d, p.to, SourceInferred, d.causeOf(p), "")
	}
	// The socket is gone before anybody could look. Where the kernel itself answered, a SYN had been sent.
	if d.state == StateClosed && f.sent {
		s.transition(d, StateSynSent, SourceInferred, byCall(f.call), "")
	}
	if d.state != StateClosed {
		s.transition(d, StateClosed, SourceCall, why, f.reason)
	} else {
		d.reason = f.reason
	}
	d.closedAt = s.now()
}
