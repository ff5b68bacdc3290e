package playground

import (
	"net/netip"
	"slices"
	"time"
)

// A dial that is refused on this machine is over before anybody can ask the kernel for its port. The capture still tells
// it, a little later: the SYN to that address, if one dial alone can have sent it.

// refusedFor is how long a refused dial may wait for its captured segments.
const refusedFor = time.Second

// stampSlack is by how much a captured segment's time may be wrong in the session's clock (wallClock).
const stampSlack = time.Millisecond

// maxRefused bounds how many wait.
const maxRefused = 256

// refusedDial is a dial that failed before its port was known.
type refusedDial struct {
	socket   *socket
	remote   netip.AddrPort
	from, at int64 // ns: when Dial was called, and when it returned
}

// refused remembers a dial that failed. The actor's.
func (s *Session) refused(d *socket, from, at int64) {
	remote := d.dialTo.Load()
	if remote == nil || !d.place.machine() || d.target.Load() != nil {
		return
	}
	s.refusals = slices.DeleteFunc(s.refusals, func(r refusedDial) bool { return at-r.at > int64(refusedFor) })
	if len(s.refusals) < maxRefused {
		s.refusals = append(s.refusals, refusedDial{d, *remote, from, at})
	}
}

// dialPorts are the ports that are dialled, or were refused a moment ago: their segments are waited for.
func (s *Session) dialPorts() (ports []uint16) {
	now := s.now()
	for _, k := range s.running {
		if k.op == "Dial" && k.socket != nil && k.socket.place.machine() {
			ports = append(ports, k.socket.dialPort)
		}
	}
	for _, r := range s.refusals {
		if now-r.at <= int64(refusedFor) {
			ports = append(ports, r.remote.Port())
		}
	}
	return ports
}

// dialOf finds the one dial that can have sent a captured SYN of which nobody knows whose it is, and gives it its port:
// inferred, since another program may have dialled the same address in the same moment. nil where there is none, or more.
func (s *Session) dialOf(end segmentEnd, left int64) *socket {
	var found []*socket
	for _, r := range s.refusals {
		if r.remote == end.remote && r.from-int64(stampSlack) <= left && left <= r.at+int64(stampSlack) && r.socket.target.Load() == nil {
			found = append(found, r.socket)
		}
	}
	for _, k := range s.running {
		if k.op != "Dial" || k.socket == nil || !k.socket.place.machine() || k.socket.target.Load() != nil {
			continue
		}
		if to := k.socket.dialTo.Load(); to != nil && *to == end.remote {
			found = append(found, k.socket)
		}
	}
	if len(found) != 1 {
		return nil
	}
	s.identifyBy(found[0], end.target(), SourceInferred)
	return found[0]
}
