package playground

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"socketplayground/playground/sockdiag"
)

// dialTimeout is how long a Dial may take, 0 for as long as the kernel tries.
func dialTimeout(c *Dial) (time.Duration, *Error) {
	timeout, ok := ofMS(c.TimeoutMS, MaxDuration)
	if !ok {
		return 0, invalid("timeout_ms", "The timeout is a number of milliseconds up to %d; 0 is none of our own.", MaxDuration.Milliseconds())
	}
	return timeout, nil
}

func checkDialCount(n int) *Error {
	if n < 0 || n > MaxDialCount {
		return refuse(CodeQuotaExceeded, "count", "At most %d connections can be dialled at once.", MaxDialCount)
	}
	return nil
}

func (s *Session) doDial(c *Dial) (Reply, *Error) {
	host, refusal := hostOr(c.Host, "client")
	if refusal != nil {
		return Reply{}, refusal
	}
	address := normalAddress(c.Address)
	in, refusal := s.where(c.Network, host)
	if refusal != nil {
		return Reply{}, refusal
	}
	if l, ok := s.sockets[address]; ok && l.kind == KindListener {
		if !l.open {
			return Reply{}, conflict("%s is closed; listen again.", l.id)
		}
		in = s.sameNetwork(l.place, host)
		address = dialable(in, l)
	}
	if err := checkAddress("address", address, false); err != nil {
		return Reply{}, err
	}
	if to, ok := literal(address); ok {
		if err := in.network.Policy().MayDial(to); err != nil {
			return Reply{}, err
		}
	}
	local := c.Local
	if local != "" {
		local = normalAddress(local)
		if err := checkAddress("local", local, false); err != nil {
			return Reply{}, err
		}
		if err := in.network.Policy().MayBind("local", portOf(local)); err != nil {
			return Reply{}, err
		}
	}
	timeout, refusal := dialTimeout(c)
	if refusal != nil {
		return Reply{}, refusal
	}
	if err := checkDialCount(c.Count); err != nil {
		return Reply{}, err
	}
	mode, refusal := checkReadMode(c.ReadMode, ReadAuto)
	if refusal != nil {
		return Reply{}, refusal
	}
	options, refusal := checkOptions(c.Options)
	if refusal != nil {
		return Reply{}, refusal
	}
	count := max(c.Count, 1)
	if err := s.room(2 * count); err != nil { // the other end is likely to be ours too
		return Reply{}, err
	}
	if in.machine() {
		s.interest(portOf(address)) // before the first SYN
	}
	var reply Reply
	for range count {
		if err := s.slot(); err != nil {
			if len(reply.Calls) == 0 {
				return Reply{}, err
			}
			s.notice("", "warning", "descriptors", fmt.Sprintf("Only %d of %d connections were dialled: %s", len(reply.Calls), count, err.Message))
			break
		}
		s.clients++
		d := s.newSocket(fmt.Sprintf("C%d", s.clients), KindConn, host, in)
		d.open, d.readMode = true, mode
		d.slotted.Store(true)
		s.add(d)
		k := s.dial(d, address, local, timeout, options)
		reply.Calls = append(reply.Calls, k.id)
		reply.Sockets = append(reply.Sockets, d.id)
	}
	return reply, nil
}

// sameNetwork is the place in p's network that a host's socket is to live in.
func (s *Session) sameNetwork(p *place, host string) *place {
	if p.lab == nil {
		return p
	}
	return p.lab.on(host)
}

// dialable is an address at which a listener can be reached from a place.
func dialable(from *place, l *socket) string {
	a := l.target.Load().local
	if h, ok := l.place.network.(labHost); ok && a.Addr().IsUnspecified() && from != l.place {
		return netip.AddrPortFrom(h.host.Addresses()[0], a.Port()).String()
	}
	if a.Addr().IsUnspecified() {
		return fmt.Sprintf(":%d", a.Port()) // Go dials the loopback address
	}
	return addressText(a)
}

// dial starts one Dial.
func (s *Session) dial(d *socket, address, local string, timeout time.Duration, options Options) *call {
	ctx, cancel := context.WithCancel(s.ctx)
	open := &SocketOpened{Kind: KindConn, Host: d.host, Network: d.place.network.Name(), ReadMode: d.readMode}
	if to, ok := literal(address); ok && !to.Addr().IsUnspecified() {
		open.Remote = addressText(to)
		d.told.Remote = open.Remote
	}
	s.emit(d.id, "", open)
	k := s.start(call{socket: d, op: "Dial", host: d.host, args: argsOf("tcp", address), by: s.asker,
		asked: DialSpec{Local: local, Options: options}, timeout: timeout,
		cancel: func() bool { cancel(); return true }}, 0, nil)
	open.Call = k.id
	d.acting, d.dialPort, d.dialCall, d.opened = k, portOf(address), k.id, math.MaxInt64
	d.hot()
	s.work(d, func() {
		defer cancel()
		if s.dialing.Acquire(ctx, 1) != nil {
			s.post(func() { s.dialFailed(d, k, s.now(), context.Canceled, describe("Dial", context.Canceled, true)) })
			return
		}
		k.started = s.now()
		dialCtx := ctx
		if timeout > 0 {
			var stop context.CancelFunc
			dialCtx, stop = context.WithTimeout(ctx, timeout)
			defer stop()
		}
		conn, err := d.place.network.Dial(dialCtx, DialSpec{Address: address, Local: local, Options: options,
			Connecting: func(raw syscall.RawConn, to netip.AddrPort) {
				if cookie := cookieOf(raw); cookie != 0 {
					s.ours.Store(cookie, d)
				}
				d.dialTo.Store(&to)
				d.dialRaw.Store(&dialAttempt{raw: raw, remote: to, v6: to.Addr().Is6()})
			}})
		at := s.now()
		s.dialing.Release(1)
		d.dialRaw.Store(nil)
		if err != nil {
			d.place.steady(func() {}) // so that the segment that said no is told first
			e := describe("Dial", err, ctx.Err() != nil)
			users := s.dialUsers(d, local, e)
			s.post(func() {
				s.refused(d, k.started, at)
				s.explainDial(d, local, err, users, e)
				s.dialFailed(d, k, at, err, e)
			})
			return
		}
		raw, err := conn.SyscallConn()
		if err != nil {
			conn.Close()
			s.post(func() { s.dialFailed(d, k, at, err, describe("Dial", err, false)) })
			return
		}
		t := connTarget(d.place, conn, raw)
		seen := s.both(t, raw)
		if !s.ask(func() { s.dialled(d, k, conn, raw, t, at, seen) }) {
			conn.Close()
		}
	})
	return k
}

func (s *Session) dialFailed(d *socket, k *call, at int64, err error, e *CallError) {
	d.opened = at
	reason := ReasonNeverOpened
	switch e.Kind {
	case ErrRefused:
		reason = ReasonRefused
	case ErrTimedOut, ErrDeadline:
		reason = ReasonTimedOut
	case ErrReset: // the listener was there, and reset the connection before connect(2) had told
		reason = ReasonResetReceived
	case ErrCancelled:
		reason = ReasonAborted
	}
	if e.Errno == errnoDestroyed {
		reason = ReasonDestroyed
	}
	d.open = false
	d.closing.Store(true)
	d.releaseSlot()
	if d.closedAt == 0 { // else it was seen to go
		d.failing = &failedDial{call: k.id, reason: reason, until: s.now() + int64(captureGrace),
			answered: e.Kind == ErrRefused || e.Kind == ErrReset && reason != ReasonDestroyed, sent: e.Kind == ErrRefused || e.Kind == ErrTimedOut || e.Kind == ErrReset}
		s.dialEnded(d, !d.failing.answered || !s.dialTraced(d))
	}
	s.returned(k, at, resultOf("nil", err), e)
	s.emit(d.id, SourceCall, &DescriptorClosed{Call: k.id})
}

// dialled makes a connected descriptor the socket's.
func (s *Session) dialled(d *socket, k *call, conn *net.TCPConn, raw syscall.RawConn, t target, at int64, seen bothEnds) {
	if s.left(d.place) { // it was given up when the Lab was closed
		conn.Close()
		s.returned(k, at, resultOf("conn", nil), nil)
		return
	}
	d.conn, d.raw, d.opened = conn, raw, at
	d.reads.attach(conn.SetReadDeadline)
	d.writes.attach(conn.SetWriteDeadline)
	d.ready.Store(true)
	s.identify(d, t)
	if d.state == StateClosed && !s.traces(d) {
		s.transition(d, StateSynSent, SourceInferred, byCall(k.id), "") // RFC 9293 §3.10.1: no other way leads on
	}
	s.tookBoth(d, seen, byCall(k.id))
	s.believe(d, StateEstablished, byCall(k.id))
	s.returned(k, at, resultOf("conn", nil), nil)
	s.readBackOptions(d)
	d.hot()
	if d.readMode == ReadAuto {
		s.startReader(d)
	}
}

// connTarget names an open connection.
func connTarget(in *place, conn *net.TCPConn, raw syscall.RawConn) target {
	t := target{place: in, family: familyOf(conn.LocalAddr()), local: addrPort(conn.LocalAddr()), remote: addrPort(conn.RemoteAddr())}
	if raw != nil {
		t.cookie = cookieOf(raw)
	}
	return t
}

// familyOf tells the socket's family by the form of its address: Go keeps IPv4 in an IPv6 socket as 16 bytes.
func familyOf(a net.Addr) uint8 {
	if addrPort(a).Addr().Is4() {
		return sockdiag.AFInet
	}
	return sockdiag.AFInet6
}

// isTimeout says whether a deadline ended the call.
func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
