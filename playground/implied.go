package playground

import (
	"slices"
	"time"

	"socketplayground/playground/segment"
)

// placement is a state to which a segment brings one end of a connection, by RFC 9293 §3.10. It says when, and not that it
// is so: whether the kernel went along is seen by asking it.
type placement struct {
	to      State
	segment uint64
	at      int64 // ns of the session's clock, when the segment was on loopback
	edge    string
	starts  bool // the segment is a SYN or FIN that this end sent
	rst     bool
}

// maxPlacements bounds what waits to be seen of one end.
const maxPlacements = 16

// impliedEnd is one end of a connection as its segments show it.
type impliedEnd struct {
	state   State // empty: nothing is known yet
	iss     uint32
	hasISS  bool
	syn     stamp  // the newest SYN that landed here
	fin     uint32 // behind the FIN that it sent
	sentFIN bool
	waiting []placement // that nobody has seen yet, in their order
}

// stamp names a segment and says when it was there.
type stamp struct {
	number uint64
	at     int64
}

func (e *impliedEnd) goTo(to State, by stamp, edge string, starts bool) {
	e.state = to
	e.waiting = append(e.waiting, placement{to: to, segment: by.number, at: by.at, edge: edge, starts: starts})
	if len(e.waiting) > maxPlacements {
		e.waiting = slices.Delete(e.waiting, 0, 1)
	}
}

// implied follows a connection of this machine, whose sockets have gone on by the time that a segment of theirs is read.
type implied struct {
	ends  [2]impliedEnd
	began int64 // when its first SYN was on loopback; 0: that was not read
	// before is the connection between the same addresses before it, of which there are states that nobody has seen yet; or nil.
	before *impliedBefore
}

type impliedBefore struct {
	waiting [2][]placement
	began   int64
}

// segment takes in the next segment, from one of the ends. It says whether that brings one of them to another state.
func (f *implied) segment(from int, by stamp, seg *segment.Segment) bool {
	x, y := &f.ends[from], &f.ends[1-from]
	before := [2]State{x.state, y.state}
	switch {
	case seg.Flags.Has(segment.RST):
		x.reset(by, edgeLeft)
		y.reset(by, edgeLanded)
	case seg.Flags.Has(segment.SYN):
		f.synchronize(x, y, by, seg)
	default:
		f.synchronized(x, y, by, seg)
	}
	return before != [2]State{x.state, y.state}
}

func (e *impliedEnd) reset(by stamp, edge string) {
	if e.state == StateClosed || e.state == StateTimeWait {
		return
	}
	e.goTo(StateClosed, by, edge, false)
	e.waiting[len(e.waiting)-1].rst = true
}

// synchronize takes a segment with SYN that x sends to y (RFC 9293 §3.5).
func (f *implied) synchronize(x, y *impliedEnd, by stamp, seg *segment.Segment) {
	ack := seg.Flags.Has(segment.ACK)
	if !ack && (x.hasISS && x.iss != seg.Seq || x.state == StateClosed) { // a new connection between the same addresses
		var before *impliedBefore
		if len(x.waiting)+len(y.waiting) > 0 {
			before = &impliedBefore{[2][]placement{f.ends[0].waiting, f.ends[1].waiting}, f.began}
		}
		*f = implied{before: before}
	}
	if !ack && f.began == 0 {
		f.began = by.at
	}
	x.iss, x.hasISS = seg.Seq, true
	switch {
	case !ack:
		y.syn = by
		if x.state == "" {
			x.goTo(StateSynSent, by, edgeLeft, true)
		}
		if y.state == StateSynSent { // simultaneous open
			y.goTo(StateSynRcvd, by, edgeLanded, false)
		}
		return
	case x.state == "" && x.syn.number != 0: // which SYN a listener took shows when it answers
		x.goTo(StateSynRcvd, x.syn, edgeLanded, false)
	case x.state == "":
		x.goTo(StateSynRcvd, by, edgeLeft, true)
	}
	if y.state == "" || (y.state == StateSynSent || y.state == StateSynRcvd) && after(seg.Ack, y.iss) {
		y.goTo(StateEstablished, by, edgeLanded, false)
	}
}

// synchronized takes any other segment that x sends to y (RFC 9293 §3.10.7.4).
func (f *implied) synchronized(x, y *impliedEnd, by stamp, seg *segment.Segment) {
	fin := seg.Flags.Has(segment.FIN)
	to := y.state
	if seg.Flags.Has(segment.ACK) {
		acked := y.sentFIN && !after(y.fin, seg.Ack)
		switch {
		case to == StateSynRcvd && y.hasISS && after(seg.Ack, y.iss):
			to = StateEstablished
		case to == StateFinWait1 && acked:
			to = StateFinWait2
		case to == StateClosing && acked:
			to = StateTimeWait
		case to == StateLastAck && acked:
			to = StateClosed
		}
	}
	if fin && !x.sentFIN {
		x.sentFIN, x.fin = true, seg.Seq+uint32(seg.PayloadLen)+1
		if x.state == StateCloseWait {
			x.goTo(StateLastAck, by, edgeLeft, true)
		} else {
			x.goTo(StateFinWait1, by, edgeLeft, true)
		}
	}
	if fin {
		switch to {
		case "", StateSynRcvd, StateEstablished:
			to = StateCloseWait
		case StateFinWait1:
			to = StateClosing
		case StateFinWait2:
			to = StateTimeWait
		}
	}
	if to != y.state {
		y.goTo(to, by, edgeLanded, false)
	}
}

// after says whether a sequence number lies behind another (RFC 9293 §3.4).
func after(a, b uint32) bool { return int32(a-b) > 0 }

// impliedOf is what the segments of a socket's connection show of its end that nobody has seen yet, and the end, unless
// another connection between the same addresses has begun since; nil where no segment was read. The caller holds mu.
func (t *trace) impliedOf(c *socket) (waiting *[]placement, e *impliedEnd) {
	g := c.target.Load()
	if g == nil || !g.remote.IsValid() || !c.place.machine() {
		return nil, nil
	}
	local, remote := unmapped(g.local), unmapped(g.remote)
	f := t.flows[flowOf(nil, local, remote)]
	if f == nil || local == remote {
		return nil, nil
	}
	end := f.endAt(local)
	if b := f.implied.before; b != nil && c.opened-b.began < f.implied.began-c.opened { // the stamps of both may be a little off
		return &b.waiting[end], nil
	}
	return &f.implied.ends[end].waiting, &f.implied.ends[end]
}

// takenSince says whether somebody has begun a connection between a socket's addresses after a moment. The actor's.
func (t *trace) takenSince(c *socket, at int64) bool {
	g := c.target.Load()
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.flows[flowOf(c.place.lab, unmapped(g.local), unmapped(g.remote))]
	return f != nil && f.opened > at
}

// refute takes placements of a socket's end back: after its segment, at a moment, the socket was still in a state. A listener
// that defers Accept and one with a full queue let the last ACK of a handshake pass (tcp_check_req, net/ipv4/tcp_minisocks.c).
// The actor's.
func (t *trace) refute(c *socket, still State, at int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting, e := t.impliedOf(c)
	if waiting == nil {
		return
	}
	n := len(*waiting)
	*waiting = slices.DeleteFunc(*waiting, func(p placement) bool { return p.at+int64(processing) < at })
	if len(*waiting) == 0 && n > 0 && e != nil {
		e.state = still
	}
}

// processing is how long the kernel may take to act on a segment of loopback, such as while a program is in a call on the
// socket (sk_backlog, include/net/sock.h).
const processing = 5 * time.Millisecond

// placements are the states that segments, as far as the log has them, have shown of a socket's end and that nobody has
// seen yet, up to the newest that is one state. Without one, found is false, and they are all there are if all are wanted.
// They are taken away. The actor's.
func (t *trace) placements(c *socket, upTo State, all bool) (list []placement, found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting, _ := t.impliedOf(c)
	if waiting == nil {
		return nil, false
	}
	n, told := 0, 0
	for i, p := range *waiting {
		if p.segment > t.told {
			break
		}
		told = i + 1
		if p.to == upTo {
			n, found = i+1, true
		}
	}
	if !found && all {
		n = told
	}
	list = slices.Clone((*waiting)[:n])
	*waiting = slices.Delete(*waiting, 0, n)
	return list, found
}
