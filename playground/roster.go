package playground

import (
	"net/netip"
	"slices"

	"socketplayground/playground/sockdiag"
)

// pair is a connection's two ends as one of them sees it, IPv4 unmapped.
type pair struct {
	place         *place
	local, remote netip.AddrPort
}

// find gives a socket of the session.
func (s *Session) find(id string) (*socket, *Error) {
	if id == "" {
		return nil, invalid("socket", "Say which socket, such as C1.")
	}
	c, ok := s.sockets[id]
	if !ok {
		return nil, refuse(CodeNotFound, "socket", "There is no socket %s in this session.", clip(id, 20))
	}
	return c, nil
}

// findConn gives a connection whose descriptor the program has.
func (s *Session) findConn(id string) (*socket, *Error) {
	c, err := s.find(id)
	switch {
	case err != nil:
		return nil, err
	case c.kind == KindOther:
		return nil, conflict("%s belongs to another program; the playground only looks at it.", id)
	case c.kind == KindListener:
		return nil, conflict("%s is a listener; that works on connections such as %s.1.", id, id)
	case c.raw == nil && c.listener != nil:
		return nil, conflict("%s still waits in the accept queue of %s; accept it first.", id, c.listener.id)
	case c.raw == nil && c.open:
		return nil, conflict("%s is still connecting; wait for it, or cancel the Dial.", id)
	case c.raw == nil:
		return nil, conflict("%s never opened; dial again.", id)
	}
	return c, nil
}

// add makes a socket part of the session. What came without being asked for, as connections that were accepted do, has
// the place of what has been closed for longest, where there is no other.
func (s *Session) add(c *socket) {
	for c.counted = s.shares.sockets.Take(1) == Enough; !c.counted; c.counted = s.shares.sockets.Take(1) == Enough {
		i := slices.IndexFunc(s.order, func(old *socket) bool { return old.over() && old.counted && old.work.Load() == 0 })
		if i < 0 {
			break // what is open is bounded by descriptors, and what others have open by MaxOthers
		}
		s.crowded++
		s.remove(s.order[i])
	}
	s.sockets[c.id] = c
	s.order = append(s.order, c)
	s.handles.Store(c.id, c)
}

// forget takes a socket out of the session, of which nothing more is to be told (see remove).
func (s *Session) forget(c *socket) {
	s.refusals = slices.DeleteFunc(s.refusals, func(r refusedDial) bool { return r.socket == c })
	delete(s.sockets, c.id)
	s.former.add(c, s.now())
	s.handles.Delete(c.id)
	s.unindex(c)
	if c.kind == KindOther {
		s.others--
	}
	if c.counted {
		s.shares.sockets.Give(1)
	}
	if i := slices.Index(s.order, c); i >= 0 {
		s.order = slices.Delete(s.order, i, i+1)
	}
	s.emit(c.id, "", &SocketRemoved{})
	if run := c.place.lab; run != nil && run == s.closing {
		if run.sockets--; run.sockets == 0 {
			close(run.left)
		}
	}
}

func (s *Session) unindex(c *socket) {
	t := c.target.Load()
	if t == nil {
		return
	}
	if s.byCookie[t.cookie] == c {
		delete(s.byCookie, t.cookie)
		s.ours.Delete(t.cookie)
	}
	if p := t.pair(); s.byPair[p] == c {
		delete(s.byPair, p)
	}
}

// room refuses what would pass MaxSockets.
func (s *Session) room(n int) *Error {
	if free := MaxSockets + s.others - len(s.sockets); n > free {
		return refuse(CodeQuotaExceeded, "", "A session holds at most %d sockets and has room for %d more; remove closed ones first.", MaxSockets, max(free, 0))
	}
	if s.shares.sockets.Room() < int64(n) {
		return refuse(CodeQuotaExceeded, "", "All sessions together remember as many sockets as they may; remove closed ones first.")
	}
	return nil
}

// slot takes a descriptor from the budget.
func (s *Session) slot() *Error {
	if s.shares.descriptors.Take(1) == Enough {
		return nil
	}
	return refuse(CodeQuotaExceeded, "", "No descriptor is left for another socket: close some, or start the playground after a larger ulimit -n.")
}

// identify records the kernel's names of a socket, once they are known, and tells them.
func (s *Session) identify(c *socket, t target) { s.identifyBy(c, t, SourceSockDiag) }

func (s *Session) identifyBy(c *socket, t target, source Source) {
	old := c.target.Load()
	if old != nil && *old == t {
		return
	}
	s.unindex(c)
	c.target.Store(&t)
	if t.cookie != 0 {
		s.byCookie[t.cookie] = c
		s.ours.Store(t.cookie, c)
	}
	s.byPair[t.pair()] = c
	e := &AddressAssigned{Family: familyName(t.family), Local: addressText(t.local), Remote: addressText(t.remote), Cookie: cookieText(t.cookie)}
	if e.Family == c.told.Family && e.Local == c.told.Local && e.Remote == c.told.Remote && e.Cookie == c.told.Cookie {
		return
	}
	c.told = *e
	s.emit(c.id, source, e)
}

// linkPeer tells that both ends of a connection are seen here.
func (s *Session) linkPeer(c *socket) {
	t := c.target.Load()
	if c.peer != nil || t == nil || !t.remote.IsValid() {
		return
	}
	other := s.byPair[t.mirror().pair()]
	if other == nil || other.state == StateClosed && other.closedAt != 0 {
		return
	}
	c.peer = other
	s.emit(c.id, SourceSockDiag, &PeerFound{Peer: other.id})
	if other.peer != c && other != c {
		other.peer = c
		s.emit(other.id, SourceSockDiag, &PeerFound{Peer: c.id})
	}
}

func (t target) pair() pair { return pair{t.place, unmapped(t.local), unmapped(t.remote)} }

func familyName(family uint8) string {
	switch family {
	case sockdiag.AFInet:
		return "tcp4"
	case sockdiag.AFInet6:
		return "tcp6"
	}
	return ""
}

// cookieText spells a cookie; empty where there is none.
func cookieText(cookie uint64) string {
	if cookie == 0 {
		return ""
	}
	return sockdiag.Cookie(cookie).String()
}

// addressText spells an address as Go does; the family already says where IPv4 came through an IPv6 socket.
func addressText(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return unmapped(a).String()
}
