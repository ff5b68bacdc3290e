package playground

import (
	"syscall"
)

// place is where a socket lives: this machine, or one host of the session's Lab.
type place struct {
	network  Network
	observer *observer
	lab      *labRun // nil on this machine
	host     string  // in the Lab: client or server

	scannedAt int64 // the actor's: when all its sockets were looked at last
}

// machine says whether it is this machine, where other programs live too and no wire of ours lies between.
func (p *place) machine() bool { return p.lab == nil }

// facing is the place of the other end of a connection with that remote address: of a Lab's two hosts, the one that
// has it. A host that talks to itself, and this machine, face themselves.
func (p *place) facing(t target) *place {
	if p.lab == nil {
		return p
	}
	if far := p.lab.far(p); far.has(t.remote.Addr()) {
		return far
	}
	return p
}

// steady runs f, which looks at sockets, while nothing is being put on a Lab's wire or taken from it: so what f sees
// was brought about by segments that the log already has, or will have before what f saw.
func (p *place) steady(f func()) {
	if p.lab == nil {
		f()
		return
	}
	p.lab.wire.Between(f)
}

// cause is what brought a change of state about, as far as that is known.
type cause struct {
	call    uint64 // ours
	segment uint64
	edge    string // edgeLeft or edgeLanded, where there is a segment
	timer   string // the kernel's, by its name in Timer.Kind
	starts  bool   // the segment is a SYN or FIN
	rst     bool   // the segment is a RST
	aborts  bool   // that a socket sends by itself
}

func byCall(call uint64) cause { return cause{call: call} }

// The values of StateChanged.Edge.
const (
	edgeLeft   = "left"
	edgeLanded = "landed"
)

// both looks at a socket and at its other end, if that is within reach. Any goroutine may call it.
func (s *Session) both(t target, raw syscall.RawConn) (seen bothEnds) {
	t.place.steady(func() {
		seen.own = s.observe(t, raw)
		if t.remote.IsValid() {
			seen.peer = s.observe(t.mirror(), nil)
		}
	})
	return seen
}

func (s *Session) bothOf(c *socket) bothEnds {
	return s.both(*c.target.Load(), c.descriptor())
}
