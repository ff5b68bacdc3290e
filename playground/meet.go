package playground

import (
	"fmt"
	"net/netip"

	"socketplayground/playground/sockdiag"
)

// meet finds the socket of a row, or makes one for it: a connection that waits in a listener's accept queue, or
// another program's socket. nil where the row is none of the session's business, or was seen in a Lab that is closed now.
func (s *Session) meet(in *place, r sockdiag.Socket) *socket {
	if s.left(in) {
		return nil
	}
	if c := s.byCookie[uint64(r.Cookie)]; c != nil && c.place == in {
		return c
	}
	t := targetOf(in, r)
	if c := s.byPair[t.pair()]; c != nil && c.closedAt == 0 {
		// A request has no cookie to compare. It may have been seen before Accept and be told after it: an old look at
		// what is known, and no second connection; unless that one's remains only wait.
		if c.target.Load().cookie == 0 || t.cookie == 0 && c.state != StateTimeWait {
			return c
		}
	}
	if d, ok := s.ours.Load(uint64(r.Cookie)); ok && d.(*socket).place == in {
		return d.(*socket) // its Dial has not returned yet
	}
	if r.State == sockdiag.Listen {
		return s.meetOther(r, t)
	}
	if l := s.listenerFor(t); l != nil && alive(r.State) && len(s.sockets)-s.others < MaxSockets {
		c := s.newChild(l, t, false, 0)
		s.identify(c, t)
		return c
	}
	return s.meetOther(r, t)
}

// alive says whether a row may be a connection that waits to be accepted, not the remains of an older one.
func alive(state sockdiag.State) bool {
	switch state {
	case sockdiag.NewSynRecv, sockdiag.SynRecv, sockdiag.Established, sockdiag.CloseWait:
		return true
	}
	return false
}

// listenerFor is our open listener that a connection's local address belongs to.
func (s *Session) listenerFor(t target) *socket {
	local := unmapped(t.local)
	for _, l := range s.order {
		if l.place != t.place || l.kind != KindListener || !l.open {
			continue
		}
		at := unmapped(l.target.Load().local)
		if at.Port() == local.Port() && (at.Addr() == local.Addr() || at.Addr().IsUnspecified()) {
			return l
		}
	}
	return nil
}

// meetOther makes a socket of another program's row.
func (s *Session) meetOther(r sockdiag.Socket, t target) *socket {
	if s.others >= MaxOthers {
		return nil
	}
	s.otherNames++
	s.others++
	serves := r.State == sockdiag.Listen || s.dialledPort(t) || s.listenerFor(t) != nil || s.watched[t.local.Port()] && t.place.machine()
	host := t.place.host
	switch {
	case host != "": // in the Lab
	case serves:
		host = "server"
	default:
		host = "client"
	}
	c := s.newSocket(fmt.Sprintf("X%d", s.otherNames), KindOther, host, t.place)
	c.passive, c.absentAt = serves, t.place.scannedAt
	s.add(c)
	e := &SocketOpened{Kind: KindOther, Host: host, Network: t.place.network.Name(), Family: familyName(t.family), Local: addressText(t.local), Cookie: cookieText(t.cookie)}
	if r.State != sockdiag.Listen {
		e.Remote = addressText(t.remote)
	} else {
		t.remote = netip.AddrPort{}
	}
	s.emit(c.id, SourceSockDiag, e)
	c.told = AddressAssigned{Family: e.Family, Local: e.Local, Remote: e.Remote, Cookie: e.Cookie}
	s.identify(c, t)
	s.linkPeer(c)
	s.fileFound(c, r.Inode)
	if r.Inode == 0 && closedByProgram(r.State) && !s.former.had(t) {
		s.inferOwner(c)
	}
	return c
}

// fileFound takes in the inode of a socket's file, and has its owner looked for. A connection has no file, 0, until a
// program accepts it.
func (s *Session) fileFound(c *socket, inode uint32) {
	if c.kind == KindOther && inode != 0 && inode != c.inode {
		s.unowned[inode] = c
	}
	c.inode = inode
}

// dialledPort says whether one of our sockets has dialled the port: then the other program serves. In the Lab, another
// program's listener says it too.
func (s *Session) dialledPort(at target) bool {
	port := at.local.Port()
	for _, c := range s.order {
		t := c.target.Load()
		switch {
		case t == nil && c.dialPort == port && c.place.machine() && c.place == at.place: // Dial is about to return
			return true
		case t == nil:
		case c.kind == KindConn && c.listener == nil && t.mirror().place == at.place && t.remote.Port() == port,
			c.kind == KindOther && c.state == StateListen && c.place == at.place && t.local.Port() == port:
			return true
		}
	}
	return false
}
