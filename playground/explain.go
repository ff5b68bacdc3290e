package playground

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"socketplayground/playground/lab"
	"socketplayground/playground/owner"
)

// An errno says that an address is taken, or that a connection was reset, and not by whom. The session mostly knows, or
// the kernel's table does: then the sentence of a CallError says so in place of the possibilities (see why).

// portUser is a socket of the kernel's table that has a port, and the process that holds it.
type portUser struct {
	target  target
	state   State
	process owner.Process // PID 0: none that our rights let us see
}

// portUsers asks the kernel which sockets of a place have a local port, listeners first. It reads /proc for their
// processes, so it is not the actor's.
func (s *Session) portUsers(in *place, port uint16) []portUser {
	if port == 0 {
		return nil
	}
	rows, err := in.observer.dump(s.ctx, port, 0)
	if err != nil {
		return nil // nobody to ask; the sentence then names the possibilities
	}
	var inodes []uint32
	for _, r := range rows {
		if _, ours := s.ours.Load(uint64(r.Cookie)); !ours && r.Inode != 0 {
			inodes = append(inodes, r.Inode)
		}
	}
	var processes map[uint32]owner.Process
	if len(inodes) > 0 {
		processes = s.owners(inodes)
	}
	var listeners, others []portUser
	for _, r := range rows {
		u := portUser{targetOf(in, r), kernelState(r.State), processes[r.Inode]}
		if u.state == StateListen {
			listeners = append(listeners, u)
		} else {
			others = append(others, u)
		}
	}
	return append(listeners, others...)
}

// own is our socket that a row of the kernel's is of; nil for another session's and another program's.
func (s *Session) own(t target) *socket {
	c := s.byCookie[t.cookie]
	if c == nil || t.cookie == 0 {
		c = s.byPair[t.pair()] // the remains of a connection in TIME_WAIT too
	}
	if c == nil || c.kind == KindOther {
		return nil
	}
	return c
}

// explainInUse says who has a port that bind(2) was refused.
func (s *Session) explainInUse(in *place, address string, users []portUser, e *CallError) {
	if len(users) == 0 {
		if h := s.holder(in, address); h != nil { // where the kernel cannot be asked
			e.Holder = h.id
			e.Why = fmt.Sprintf("%s already listens there: close it, or choose another port.", h.id)
		} else if in.observer.err == nil {
			e.Why = "The kernel lists no socket with this port, so one is bound to it that neither listens nor is connected, which tools do not show: choose another port."
		}
		return
	}
	u := users[0]
	if c := s.own(u.target); c != nil {
		e.Holder = c.id
	}
	at, with := addressText(u.target.local), addressText(u.target.remote)
	switch {
	case u.state == StateListen && e.Holder != "":
		e.Why = fmt.Sprintf("%s already listens on %s: close it, or choose another port.", e.Holder, at)
	case u.state == StateListen && u.process.PID == os.Getpid():
		e.Why = fmt.Sprintf("Another session of this playground, such as one in another tab, listens on %s: close it there, or choose another port.", at)
	case u.state == StateListen && u.process.PID != 0:
		e.Why = fmt.Sprintf("%s (process %d) listens on %s: end it, or choose another port.", u.process.Name, u.process.PID, at)
	case u.state == StateListen:
		e.Why = fmt.Sprintf("Another program listens on %s: end it, or choose another port.", at)
	case u.state == StateTimeWait:
		e.Why = fmt.Sprintf("The connection of %s with %s is in TIME_WAIT and still has the port: wait until that is over, or set ReuseAddr.", at, with)
	case e.Holder != "":
		e.Why = fmt.Sprintf("%s has this port for its connection with %s (%s): close it, or choose another port.", e.Holder, with, u.state)
	default:
		e.Why = fmt.Sprintf("Another connection, of %s with %s (%s), has this port: choose another one.", at, with, u.state)
	}
}

// dialUsers are the sockets that a failed Dial may have met: those with its local port, or those that listen on the port
// that it wanted, wherever they do. Not the actor's.
func (s *Session) dialUsers(d *socket, local string, e *CallError) (users []portUser) {
	switch e.Kind {
	case ErrAddressInUse, ErrAddressUnavailable:
		if local != "" {
			users = s.portUsers(d.place, portOf(local))
		}
	case ErrRefused:
		places := []*place{d.place}
		if d.place.lab != nil {
			places = []*place{d.place.lab.client, d.place.lab.server}
		}
		for _, p := range places {
			for _, u := range s.portUsers(p, d.dialPort) {
				if u.state == StateListen {
					users = append(users, u)
				}
			}
		}
	}
	return users
}

// explainDial says why a Dial failed, as far as more is known than the errno.
func (s *Session) explainDial(d *socket, local string, err error, users []portUser, e *CallError) {
	var to netip.AddrPort
	if p := d.dialTo.Load(); p != nil {
		to = *p
	}
	system := systemCall(err)
	var unsuitable *net.AddrError // Go's own, of a name too, before there is a socket
	switch {
	case local != "" && errors.As(err, &unsuitable):
		e.Why = "One end is IPv6 and the other IPv4: both must be of one family, so choose another local address, or none."
	case e.Kind == ErrAddressInUse && len(users) > 0:
		s.explainInUse(d.place, local, users, e)
	case e.Kind == ErrAddressUnavailable && system == "bind":
		s.explainForeign(d.place, local, e)
	case e.Kind == ErrAddressUnavailable && system == "connect":
		s.explainNoPort(local, to, users, e)
	case e.Kind == ErrRefused && to.IsValid():
		s.explainRefused(d, to, users, e)
	case e.Errno == "ENETUNREACH" && to.Addr().IsMulticast():
		e.Why = fmt.Sprintf("%s is a multicast address, which stands for many hosts; a TCP connection has exactly two ends.", to.Addr())
	case e.Errno == "ENETUNREACH" && isBroadcast(d.place, to.Addr()):
		e.Why = fmt.Sprintf("%s is a broadcast address, which stands for many hosts; a TCP connection has exactly two ends.", to.Addr())
	}
}

// explainForeign says whose an address is that bind(2) was refused.
func (s *Session) explainForeign(in *place, address string, e *CallError) {
	host, ok := in.network.(labHost)
	at, literally := literal(address)
	if !ok || !literally {
		return
	}
	var own []string
	for _, a := range host.host.Addresses() {
		own = append(own, a.String())
	}
	has := strings.Join(own, ", ")
	switch listed := slices.Contains(own, at.Addr().String()) || at.Addr().IsLoopback(); {
	case listed && in.host == "client":
		e.Why = fmt.Sprintf("The client does not have %s now: the address was taken away there, or, if it is one of IPv6, IPv6 is switched off there (net.ipv6.conf.all.disable_ipv6).", at.Addr())
	case listed:
		e.Why = fmt.Sprintf("The server does not have %s now: the address was taken away there, or, if it is one of IPv6, IPv6 is switched off there (net.ipv6.conf.all.disable_ipv6).", at.Addr())
	case in.host == "client":
		e.Why = fmt.Sprintf("%s is no address of the client, which has %s, and its own 127.0.0.1 and ::1.", at.Addr(), has)
	default:
		e.Why = fmt.Sprintf("%s is no address of the server, which has %s, and its own 127.0.0.1 and ::1.", at.Addr(), has)
	}
}

// explainNoPort says why connect(2) found no pair of addresses: inet_hash_connect and __inet_check_established
// (net/ipv4/inet_hashtables.c) give EADDRNOTAVAIL both where the four numbers exist and where no port is left.
func (s *Session) explainNoPort(local string, to netip.AddrPort, users []portUser, e *CallError) {
	for _, u := range users {
		if unmapped(u.target.remote) != unmapped(to) {
			continue
		}
		if c := s.own(u.target); c != nil {
			e.Holder = c.id
			e.Why = fmt.Sprintf("%s has the same two addresses and ports (%s), and no two connections may have all four alike: choose another local port.", c.id, u.state)
		} else {
			e.Why = fmt.Sprintf("Another connection has the same two addresses and ports (%s), and no two may have all four alike: choose another local port.", u.state)
		}
		return
	}
	switch {
	case local != "" || !to.IsValid():
	case to.Addr().Unmap().Is4():
		e.Why = fmt.Sprintf("Every local port (net.ipv4.ip_local_port_range) is in use towards %s: close a connection first.", to)
	default:
		e.Why = fmt.Sprintf("There is no address to dial %s from, since IPv6 is off here, or every local port (net.ipv4.ip_local_port_range) is in use towards it.", to)
	}
}

// explainRefused says where somebody listens who was perhaps meant: on another address of the port, on the other host of
// the Lab, in the other network.
func (s *Session) explainRefused(d *socket, to netip.AddrPort, users []portUser, e *CallError) {
	in := d.place.facing(target{remote: unmapped(to)})
	for _, u := range users {
		if u.target.place == in && reaches(u.target.local, to) {
			e.Why = fmt.Sprintf("Somebody listens on %s, and yet the SYN was answered with RST: by a rule or a hand on the wire, by tcp_abort_on_overflow, or because Listen came only after it.", addressText(u.target.local))
			return
		}
	}
	if len(users) > 0 {
		u := users[0]
		at := addressText(u.target.local)
		switch c := s.own(u.target); {
		case u.target.place != in && c != nil && u.target.place.host == "client":
			e.Why = fmt.Sprintf("Nothing listens on %s: the SYN was answered with RST. %s listens on %s of the client.", to, c.id, at)
		case u.target.place != in && c != nil:
			e.Why = fmt.Sprintf("Nothing listens on %s: the SYN was answered with RST. %s listens on %s of the server.", to, c.id, at)
		case u.target.place != in:
			e.Why = fmt.Sprintf("Nothing listens on %s: the SYN was answered with RST. Another program listens on %s of the other host.", to, at)
		case c != nil:
			e.Why = fmt.Sprintf("Nothing listens on %s: the SYN was answered with RST. %s listens on %s.", to, c.id, at)
		default:
			e.Why = fmt.Sprintf("Nothing listens on %s: the SYN was answered with RST. Another program listens on %s.", to, at)
		}
		return
	}
	for _, l := range s.order {
		if t := l.target.Load(); l.kind == KindListener && l.open && t.local.Port() == to.Port() && l.place.machine() != d.place.machine() {
			if l.place.machine() {
				e.Why = fmt.Sprintf("Nothing listens on %s: the SYN was answered with RST. %s listens on %s of this machine, not in the Lab.", to, l.id, addressText(t.local))
			} else {
				e.Why = fmt.Sprintf("Nothing listens on %s: the SYN was answered with RST. %s listens on %s in the Lab, not on this machine.", to, l.id, addressText(t.local))
			}
			return
		}
	}
}

// reaches says whether a listener's address takes a SYN to another one; [::] is dual-stack, as Go opens it.
func reaches(listener, to netip.AddrPort) bool {
	at, addr := listener.Addr().Unmap(), to.Addr().Unmap()
	return at == addr || at.IsUnspecified() && (at.Is6() || addr.Is4())
}

// isBroadcast says whether an address is a broadcast one for a host: the limited one, or the last of a network that one
// of its own addresses is in, which 127.0.0.0/8 is too.
func isBroadcast(in *place, a netip.Addr) bool {
	if a = a.Unmap(); !a.Is4() {
		return false
	}
	for _, network := range in.networks() {
		if p := network.Masked(); p.Addr().Is4() && p.Bits() < 31 && p.Contains(a) && !p.Contains(a.Next()) {
			return true
		}
	}
	return a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// networks are those of a place's own addresses.
func (p *place) networks() (list []netip.Prefix) {
	if p.lab != nil {
		return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), lab.Network}
	}
	addresses, _ := net.InterfaceAddrs() // fails as a whole; then the sentence names the possibilities
	for _, a := range addresses {
		if network, err := netip.ParsePrefix(a.String()); err == nil {
			list = append(list, network)
		}
	}
	return list
}

// explainConn says why a Read or a Write failed, as far as the session knows what both ends did.
func (s *Session) explainConn(c *socket, e *CallError) {
	if e == nil {
		return
	}
	switch peer := c.peer; {
	case e.Errno == "EPIPE" && (c.destroyed || c.reason == ReasonDestroyed):
		e.Why = "The connection was destroyed on this machine, as ss -K does, so nothing can be sent any more."
	case e.Errno == "EPIPE" && c.reason == ReasonResetReceived:
		e.Why = "The peer's RST has ended this connection, so nothing can be sent any more."
	case e.Errno == "EPIPE" && c.closedSending():
		e.Why = "This end closed its sending side itself; it can only read."
	case e.Errno != "ECONNRESET" || peer == nil:
	case peer.listener != nil && !peer.accepted && !peer.listener.open:
		e.Why = fmt.Sprintf("%s was closed while this connection waited in its accept queue, and the kernel resets those that nobody accepted.", peer.listener.id)
	case peer.destroyed || peer.reason == ReasonDestroyed:
		e.Why = fmt.Sprintf("%s was destroyed, as ss -K does: its kernel sent RST for it.", peer.id)
	case peer.reset && !peer.open:
		e.Why = fmt.Sprintf("%s sent RST instead of FIN: it was closed with unread data, or reset by hand (linger 0).", peer.id)
	}
}

// explainEnded says of a call that one's own Close ended while it waited that it was that, and whose. It is how one stops
// a Read in Go, and no failure; a call that was made after the Close has the same error and no such excuse.
func (s *Session) explainEnded(c *socket, e *CallError, call uint64, started int64) {
	if k := s.running[call]; k != nil { // begun when it was asked for, though a goroutine makes it a moment later
		started = min(started, k.started)
	}
	if e != nil && e.Kind == ErrClosed && e.Errno == "" && c.ender != nil && started < c.ender.started {
		e.EndedBy = c.ender.by
		e.Why = "It waited when Close was called on this end, which ends it: nothing went wrong, and nothing of this went over the wire."
	}
}

// closedSending says whether this end has sent a FIN, or is to.
func (c *socket) closedSending() bool {
	switch c.state {
	case StateFinWait1, StateFinWait2, StateClosing, StateLastAck, StateTimeWait:
		return true
	}
	return false
}

// holder is our own listener in a place on the port of an address.
func (s *Session) holder(in *place, address string) *socket {
	for _, c := range s.order {
		if t := c.target.Load(); t != nil && c.place == in && c.kind == KindListener && c.open && t.local.Port() == portOf(address) {
			return c
		}
	}
	return nil
}
