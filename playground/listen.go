package playground

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"
)

func hostOr(host, otherwise string) (string, *Error) {
	switch host {
	case "":
		return otherwise, nil
	case "client", "server":
		return host, nil
	}
	return "", invalid("host", "The host is client or server, not %q.", clip(host, 20))
}

func checkBacklog(n int) *Error {
	if n < 0 || n > MaxBacklog {
		return invalid("backlog", "The backlog is a number from 1 to %d; leave it out for the system's.", MaxBacklog)
	}
	return nil
}

func (s *Session) doListen(c *Listen) (Reply, *Error) {
	host, refusal := hostOr(c.Host, "server")
	if refusal != nil {
		return Reply{}, refusal
	}
	in, refusal := s.where(c.Network, host)
	if refusal != nil {
		return Reply{}, refusal
	}
	address := normalAddress(c.Address)
	if err := checkAddress("address", address, true); err != nil {
		return Reply{}, err
	}
	if err := in.network.Policy().MayBind("address", portOf(address)); err != nil {
		return Reply{}, err
	}
	if at, ok := literal(address); ok {
		if err := in.network.Policy().MayListen(at); err != nil {
			return Reply{}, err
		}
	}
	if err := checkBacklog(c.Backlog); err != nil {
		return Reply{}, err
	}
	behavior, settings, refusal := checkBehavior(c.Behavior, c.Settings)
	if refusal != nil {
		return Reply{}, refusal
	}
	options, refusal := checkOptions(c.Options)
	if refusal != nil {
		return Reply{}, refusal
	}
	if err := s.room(1); err != nil {
		return Reply{}, err
	}
	if err := s.slot(); err != nil {
		return Reply{}, err
	}
	k := s.start(call{op: "Listen", host: host, args: argsOf("tcp", address), by: s.asker, asked: DialSpec{Options: options}}, 0, nil)
	s.spawn(func() {
		ln, err := in.network.Listen(s.ctx, ListenSpec{Address: address, Backlog: c.Backlog, Options: options})
		at := s.now()
		if err != nil {
			s.shares.descriptors.Give(1)
			e := describe("Listen", err, false)
			var users []portUser
			if e.Kind == ErrAddressInUse {
				users = s.portUsers(in, portOf(address))
			}
			s.post(func() {
				switch e.Kind {
				case ErrAddressInUse:
					s.explainInUse(in, address, users, e)
				case ErrAddressUnavailable:
					s.explainForeign(in, address, e)
				}
				s.returned(k, at, resultOf("nil", err), e)
			})
			return
		}
		t, raw, err := listenerTarget(in, ln)
		var seen observation
		if err == nil {
			in.steady(func() { seen = s.observeListener(t, raw) })
		}
		s.post(func() {
			switch {
			case err != nil: // only for a closed listener
				s.shares.descriptors.Give(1)
				s.returned(k, at, resultOf("nil", err), describe("Listen", err, false))
				return
			case s.left(in):
				ln.Close()
				s.shares.descriptors.Give(1)
				s.returned(k, at, resultOf("listener", nil), nil)
				return
			}
			l := s.newSocket(fmt.Sprintf("S%d", s.listeners+1), KindListener, host, in)
			l.behavior, l.settings = behavior, settings
			l.slotted.Store(true)
			l.ln, l.raw, l.open = ln, raw, true
			s.listening(l, t, seen, k, c.Backlog, at)
		})
	})
	return Reply{Calls: []uint64{k.id}}, nil
}

// listenerTarget names the socket of an open listener.
func listenerTarget(in *place, ln *net.TCPListener) (target, syscall.RawConn, error) {
	raw, err := ln.SyscallConn()
	if err != nil {
		return target{}, nil, err
	}
	t := target{place: in, family: familyOf(ln.Addr()), local: addrPort(ln.Addr()), cookie: cookieOf(raw)}
	if t.onLoopback() {
		t.iface = in.observer.iface
	}
	return t, raw, nil
}

// onLoopback says whether a listener is bound to the loopback device, so that nobody from elsewhere reaches it.
func (t target) onLoopback() bool {
	return t.local.Addr().IsUnspecified() && t.place.network.Policy().loopbackOnly()
}

// listening takes an open listener into the log, as it was just seen.
func (s *Session) listening(l *socket, t target, seen observation, k *call, backlog int, at int64) {
	s.listeners++
	l.reads.attach(l.ln.SetDeadline)
	device := ""
	if t.onLoopback() {
		device = loopbackDevice
	}
	s.add(l)
	if l.place.machine() {
		s.interest(t.local.Port())
	}
	s.emit(l.id, SourceCall, &SocketOpened{Kind: KindListener, Host: l.host, Network: l.place.network.Name(),
		Family: familyName(t.family), Local: addressText(t.local), Device: device, Behavior: l.behavior,
		Settings: l.settings, Backlog: backlog, Call: k.id, Cookie: cookieText(t.cookie)})
	l.told = AddressAssigned{Family: familyName(t.family), Local: addressText(t.local), Cookie: cookieText(t.cookie)}
	s.identify(l, t)
	s.took(l, seen, byCall(k.id))
	s.believe(l, StateListen, byCall(k.id))
	s.readBackOptions(l)
	k.socket = l
	s.returned(k, at, resultOf("listener", nil), nil)
	if low, high, ok := ephemeralPorts(); ok && t.local.Port() >= low && t.local.Port() <= high && !strings.HasSuffix(k.args, `:0"`) {
		s.notice(l.id, "warning", "ephemeral_port", fmt.Sprintf(
			"Port %d lies in the range that the kernel hands out to outgoing connections (%d to %d); a port below it is never taken by chance.", t.local.Port(), low, high))
	}
	s.obey(l)
}

// obey starts or stops the accept loop, as the behaviour asks.
func (s *Session) obey(l *socket) {
	switch {
	case l.behavior.accepts() && l.stopAccept == nil:
		ctx, stop := context.WithCancel(s.ctx)
		l.stopAccept = stop
		s.work(l, func() {
			listens := s.acceptLoop(ctx, l)
			s.post(func() {
				stop()
				l.stopAccept = nil
				if listens && l.open && l.behavior.accepts() { // changed back while the loop was ending
					s.obey(l)
				}
			})
		})
	case !l.behavior.accepts() && l.stopAccept != nil:
		l.stopAccept()
		l.reads.cancel(0)
	}
}

// acceptLoop accepts until ctx is over, the listener is closed, or it no longer listens: it was destroyed then, and every
// Accept fails at once (inet_csk_accept, net/ipv4/inet_connection_sock.c).
func (s *Session) acceptLoop(ctx context.Context, l *socket) (listens bool) {
	warned := false
	for ctx.Err() == nil {
		if s.shares.descriptors.Take(1) != Enough {
			if !warned {
				warned = true
				s.post(func() {
					s.notice(l.id, "warning", "descriptors", "No descriptor is left: accepting pauses, and connections wait in the accept queue until a socket is closed.")
				})
			}
			if s.shares.descriptors.Wait(ctx, 1) != nil {
				return true
			}
		}
		warned = false
		var k *call
		if !s.ask(func() { k = s.startAccept(l, byBehavior) }) {
			s.shares.descriptors.Give(1)
			return true
		}
		if ctx.Err() != nil { // stopped before the side knew of the call
			l.reads.cancel(k.id)
		}
		if err := s.acceptOnce(l, k); err != nil {
			if errors.Is(err, syscall.EINVAL) {
				return false
			}
			if errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) {
				return true
			}
			if !wait(ctx, 50*time.Millisecond) { // EMFILE and the like: the queue keeps, there is no hurry
				return true
			}
		}
	}
	return true
}

func (s *Session) doAccept(c *Accept) (Reply, *Error) {
	l, err := s.find(c.Socket)
	switch {
	case err != nil:
		return Reply{}, err
	case l.kind != KindListener:
		return Reply{}, conflict("%s is not a listener; Accept works on sockets such as S1.", l.id)
	case l.open && l.behavior.accepts():
		return Reply{}, conflict("%s accepts by itself (%s); set it to manual to accept by hand.", l.id, l.behavior)
	case l.accepting:
		return Reply{}, conflict("An Accept on %s is waiting already; connect to it, or cancel that one.", l.id)
	}
	if err := s.room(1); err != nil {
		return Reply{}, err
	}
	if err := s.slot(); err != nil {
		return Reply{}, err
	}
	k := s.startAccept(l, s.asker)
	s.work(l, func() { _ = s.acceptOnce(l, k) }) // the error is in the log
	return Reply{Calls: []uint64{k.id}}, nil
}

// startAccept tells that an Accept began. The caller has a descriptor slot, and goes on with acceptOnce.
func (s *Session) startAccept(l *socket, by string) *call {
	l.accepting = true
	k := call{socket: l, op: "Accept", host: l.host, by: by}
	k.id = s.calls.Add(1) // the side must know the call before anybody can cancel it
	l.reads.begin(k.id)
	k.cancel = func() bool { return l.reads.cancel(0) }
	return s.start(k, 0, nil)
}

// acceptOnce is one Accept, and what follows from it.
func (s *Session) acceptOnce(l *socket, k *call) error {
	conn, err := l.ln.AcceptTCP()
	at := s.now()
	cancelled := l.reads.end()
	if err != nil {
		s.shares.descriptors.Give(1)
		s.post(func() {
			l.accepting = false
			e := describe("Accept", err, cancelled)
			s.explainEnded(l, e, k.id, k.started)
			s.returned(k, at, resultOf("nil", err), e)
		})
		return err
	}
	raw, rawErr := conn.SyscallConn()
	t := connTarget(l.place, conn, raw)
	if rawErr != nil || !l.place.network.Policy().MayServe(t.remote.Addr()) {
		s.ask(func() {
			if c := s.byPair[t.pair()]; c != nil {
				c.reset = true // by us, before its RST is read
			}
		})
		_ = conn.SetLinger(0)
		conn.Close()
		s.shares.descriptors.Give(1)
		s.post(func() {
			l.accepting = false
			s.returned(k, at, resultOf(t.remote.String(), nil), nil)
			s.notice(l.id, "warning", "stranger", fmt.Sprintf("%s is not on this machine; its connection was reset at once.", t.remote.Addr()))
		})
		return nil
	}
	seen := s.both(t, raw)
	var c *socket
	if !s.ask(func() {
		l.accepting = false
		c = s.adoptAccepted(l, conn, t, k, at, seen)
	}) {
		conn.Close()
		s.shares.descriptors.Give(1)
		return net.ErrClosed
	}
	if c == nil {
		return net.ErrClosed
	}
	if c.behavior != BehaviorManual {
		s.work(c, func() { s.serve(c) })
	}
	return nil
}

// adoptAccepted makes an accepted connection the program's; nil where its Lab was closed meanwhile.
func (s *Session) adoptAccepted(l *socket, conn *net.TCPConn, t target, k *call, at int64, seen bothEnds) *socket {
	if s.left(l.place) {
		conn.Close()
		s.shares.descriptors.Give(1)
		s.returned(k, at, resultOf(addressText(t.remote), nil), nil)
		return nil
	}
	c := s.byCookie[t.cookie]
	if c == nil || t.cookie == 0 {
		c = s.byPair[t.pair()]
	}
	// A connection that its peer has reset while it waited is accepted all the same; it stays CLOSED.
	aborted := c != nil && c == s.byCookie[t.cookie] && !c.open && !c.accepted && c.closedAt != 0
	fresh := c == nil || c.listener != l || c.open || c.closedAt != 0 && !aborted
	if fresh {
		c = s.newChild(l, t, true, k.id)
	}
	raw, _ := conn.SyscallConn() // worked a moment ago; conn is ours alone
	c.conn, c.raw, c.open, c.accepted = conn, raw, true, true
	c.slotted.Store(true)
	c.reads.attach(conn.SetReadDeadline)
	c.writes.attach(conn.SetWriteDeadline)
	c.ready.Store(true)
	c.behavior, c.settings = l.behavior, l.settings
	c.readMode = ReadManual
	if l.behavior.readsByItself() {
		c.readMode = ReadAuto
	}
	if fresh {
		s.emit(c.id, "", &ReadModeChanged{ReadMode: c.readMode})
	} else {
		s.emit(c.id, SourceCall, &ConnAccepted{Listener: l.id, Call: k.id, ReadMode: c.readMode})
	}
	s.identify(c, t)
	s.tookBoth(c, seen, byCall(k.id))
	if !aborted {
		s.believe(c, StateEstablished, byCall(k.id))
	}
	s.readBackOptions(c)
	s.returned(k, at, resultOf(addressText(t.remote), nil), nil)
	c.hot()
	l.hot()
	return c
}

// newChild makes the socket of a connection that a listener got.
func (s *Session) newChild(l *socket, t target, accepted bool, callID uint64) *socket {
	l.children++
	c := s.newSocket(fmt.Sprintf("%s.%d", l.id, l.children), KindConn, l.host, l.place)
	c.listener, c.passive = l, true
	c.behavior = l.behavior
	s.add(c)
	s.emit(c.id, SourceSockDiag, &SocketOpened{Kind: KindConn, Host: l.host, Network: l.place.network.Name(),
		Family: familyName(t.family), Local: addressText(t.local), Remote: addressText(t.remote), Listener: l.id,
		Behavior: l.behavior, Call: callID, Accepted: accepted, Cookie: cookieText(t.cookie)})
	c.told = AddressAssigned{Family: familyName(t.family), Local: addressText(t.local), Remote: addressText(t.remote), Cookie: cookieText(t.cookie)}
	return c
}

func (s *Session) doSetBehavior(c *SetBehavior) (Reply, *Error) {
	l, err := s.find(c.Socket)
	switch {
	case err != nil:
		return Reply{}, err
	case l.kind != KindListener:
		return Reply{}, conflict("%s is not a listener; only listeners have a behaviour for later connections.", l.id)
	case !l.open:
		return Reply{}, conflict("%s is closed; listen again.", l.id)
	}
	behavior, settings, err := checkBehavior(c.Behavior, c.Settings)
	if err != nil {
		return Reply{}, err
	}
	l.behavior, l.settings = behavior, settings
	s.emit(l.id, "", &BehaviorChanged{Behavior: behavior, Settings: settings})
	s.obey(l)
	return Reply{}, nil
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort()
	}
	return netip.AddrPort{}
}
