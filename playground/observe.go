package playground

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"socketplayground/playground/sockdiag"
)

// target names a socket of the kernel: by its addresses, and for certain by its cookie.
type target struct {
	place         *place
	family        uint8
	local, remote netip.AddrPort // as the kernel has them, v4-mapped included
	iface         uint32
	cookie        uint64 // 0: any
}

// mirror is the other end of a connection, if that is within reach. Its family is left open: a dual-stack
// listener's connection is AF_INET6 at one end and AF_INET at the other, and the kernel finds either.
func (t target) mirror() target {
	local, remote := unmapped(t.remote), unmapped(t.local)
	return target{place: t.place.facing(t), local: local, remote: remote}
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// observation is what was seen of a socket at one moment.
type observation struct {
	place   *place
	at      int64 // session clock, taken before the kernel was asked
	found   bool
	source  Source
	state   State
	row     sockdiag.Socket // where source is SourceSockDiag
	err     error           // nothing could be learned
	asked   bool            // somebody waits for what is seen
	crowded bool            // to find the listener among those that share its port took a dump
}

// observer asks the kernel about sockets. Any goroutine may use it; the netlink sockets are pooled.
type observer struct {
	dumping chan time.Time        // whose turn it is to dump, and from when on
	pool    chan *sockdiag.Client // closed with the observer
	clients int                   // in the pool or lent
	closing sync.Once
	iface   uint32 // bound sockets are only found with their device; unbound ones with any
	err     error  // why there is nothing to ask
}

// observerClients is how many goroutines may ask about this machine at the same time; the rest wait some microseconds.
const observerClients = 4

// newObserver makes an observer for the namespace of the calling thread, for n goroutines at the same time.
func newObserver(n int) *observer {
	o := &observer{pool: make(chan *sockdiag.Client, n), dumping: make(chan time.Time, 1), iface: loopbackIndex()}
	o.dumping <- time.Time{}
	for range n {
		c, err := sockdiag.Dial()
		if err != nil {
			o.err = err // Manager.Close closes those there are
			return o
		}
		o.pool <- c
		o.clients++
	}
	return o
}

// close waits for the lookups under way. A later one, such as after a Write that the end of its session cut short,
// gets an error.
func (o *observer) close() {
	o.closing.Do(func() {
		for range o.clients {
			(<-o.pool).Close()
		}
		close(o.pool)
	})
}

// longestRest bounds how long nobody dumps, on a machine that was busy with something else.
const longestRest = 20 * time.Millisecond

// lookup asks for one socket.
func (o *observer) lookup(t target) (sockdiag.Socket, error) {
	if o.err != nil {
		return sockdiag.Socket{}, o.err
	}
	c, ok := <-o.pool
	if !ok {
		return sockdiag.Socket{}, net.ErrClosed
	}
	defer func() { o.pool <- c }()
	return c.Lookup(sockdiag.Query{
		Family: t.family, Local: t.local, Remote: t.remote,
		Interface: cmp.Or(t.iface, o.iface), Cookie: sockdiag.Cookie(t.cookie),
	})
}

// dump asks for all sockets with a local or remote port; 0 is any. It may take long, so it is not the actor's; ctx gives up
// waiting for the turn.
func (o *observer) dump(ctx context.Context, local, remote uint16) ([]sockdiag.Socket, error) {
	if o.err != nil {
		return nil, o.err
	}
	// One at a time, and half of the time none: a dump walks the kernel's whole table, and hundreds of sessions that look
	// for others' sockets must not keep those who look at their own waiting.
	var from time.Time
	select {
	case from = <-o.dumping:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if rest := time.Until(from); rest > 0 && !wait(ctx, rest) { // as long as the dump before took
		o.dumping <- from
		return nil, ctx.Err()
	}
	began := time.Now()
	defer func() { end := time.Now(); o.dumping <- end.Add(min(end.Sub(began), longestRest)) }()
	c, ok := <-o.pool
	if !ok {
		return nil, net.ErrClosed
	}
	defer func() { o.pool <- c }()
	return c.Dump(sockdiag.Filter{LocalPort: local, RemotePort: remote})
}

// destroy has the kernel abort a socket. It must be named by its cookie: without one, the kernel could take a listener
// for a connection that is gone.
func (o *observer) destroy(t target) error {
	if o.err != nil {
		return o.err
	}
	c, ok := <-o.pool
	if !ok {
		return net.ErrClosed
	}
	defer func() { o.pool <- c }()
	return c.Destroy(sockdiag.Query{Family: t.family, Local: t.local, Remote: t.remote, Cookie: sockdiag.Cookie(t.cookie)})
}

// observe looks at a socket; raw is its descriptor while the program has one, else nil. Of a crowded one that may take long.
func (s *Session) observe(t target, raw syscall.RawConn) observation {
	o, ok := s.observeAtOnce(t, raw)
	if ok {
		return o
	}
	row, err := s.findListener(t)
	o.saw(row, err, raw)
	o.crowded = true
	return o
}

// observeAtOnce is observe without a dump. It is false for a listener that is not found: of several on a port
// (SO_REUSEPORT) the exact lookup finds one, not always ours.
func (s *Session) observeAtOnce(t target, raw syscall.RawConn) (o observation, ok bool) {
	o = observation{place: t.place, at: s.now(), source: SourceSockDiag}
	row, err := t.place.observer.lookup(t)
	if errors.Is(err, sockdiag.ErrNotFound) {
		if !t.remote.IsValid() {
			return o, false
		}
		// The kernel swaps a closing socket for a TIME_WAIT one; a look between the two finds neither.
		row, err = t.place.observer.lookup(t)
	}
	o.saw(row, err, raw)
	return o, true
}

// saw takes in what the kernel's tables have of the socket.
func (o *observation) saw(row sockdiag.Socket, err error, raw syscall.RawConn) {
	switch {
	case err == nil:
		o.found, o.state, o.row = true, kernelState(row.State), row
		return
	case !errors.Is(err, sockdiag.ErrNotFound):
		o.err = err
		return
	}
	// Not in the kernel's tables. A descriptor still knows: the socket of a refused or reset connection is CLOSE.
	if raw != nil {
		if state, ok := stateOfDescriptor(raw); ok && state == StateClosed {
			o.found, o.source, o.state = true, SourceCall, state
			return
		}
	}
	o.source, o.state = SourceInferred, StateClosed
}

// observeListener looks at a new listener. A crowded one says itself that it listens; its numbers wait for the sampler.
func (s *Session) observeListener(t target, raw syscall.RawConn) observation {
	at := s.now()
	if o, ok := s.observeAtOnce(t, raw); ok {
		return o
	}
	if state, ok := stateOfDescriptor(raw); ok {
		return observation{place: t.place, at: at, found: true, source: SourceCall, state: state}
	}
	return s.observe(t, raw)
}

func (s *Session) findListener(t target) (sockdiag.Socket, error) {
	rows, err := t.place.observer.dump(s.ctx, t.local.Port(), 0)
	if err != nil {
		return sockdiag.Socket{}, err
	}
	for _, r := range rows {
		if r.State == sockdiag.Listen && uint64(r.Cookie) == t.cookie {
			return r, nil
		}
	}
	return sockdiag.Socket{}, sockdiag.ErrNotFound
}

// metricsOf takes from a row what the playground shows.
func metricsOf(r sockdiag.Socket) *Metrics {
	m := &Metrics{RecvQ: int64(r.RecvQ), SendQ: int64(r.SendQ), Inode: r.Inode, Congestion: r.Congestion}
	if r.Info != nil { // of TIME_WAIT and of requests the kernel says 0, which would read as root
		m.UID = r.UID
	}
	m.Timer = timerOf(r)
	if r.Mem != nil {
		m.RcvBuf, m.SndBuf = int64(r.Mem.RcvBuf), int64(r.Mem.SndBuf)
		m.RMem, m.WMem = int64(r.Mem.RMemAlloc), int64(r.Mem.WMemQueued)
		m.Drops = int64(r.Mem.Drops)
	}
	if i := r.Info; i != nil && r.State != sockdiag.Listen {
		m.Info = infoOf(i)
	}
	return m
}

// noSsthresh is TCP_INFINITE_SSTHRESH (include/net/tcp.h): no loss yet, so there is no threshold.
const noSsthresh = 0x7fffffff

func infoOf(i *sockdiag.TCPInfo) *TCPInfo {
	t := &TCPInfo{
		RTTUS: i.RTT.Microseconds(), RTOUS: i.RTO.Microseconds(),
		ATOUS: i.ATO.Microseconds(), Cwnd: int64(i.SndCwnd), MSS: int64(i.SndMSS), RcvMSS: int64(i.RcvMSS),
		PMTU: int64(i.PMTU), Unacked: int64(i.Unacked), Retrans: int64(i.Retrans), TotalRetrans: int64(i.TotalRetrans),
		Lost: int64(i.Lost), Sacked: int64(i.Sacked), Backoff: int64(i.Backoff), SndWnd: int64(i.SndWnd),
		Retransmits: int64(i.Retransmits), Probes: int64(i.Probes),
		RcvWnd: offeredWindow(i), RcvSpace: int64(i.RcvSpace), RcvSsthresh: int64(i.RcvSsthresh),
		BytesSent: int64(i.BytesSent), BytesAcked: int64(i.BytesAcked), BytesReceived: int64(i.BytesReceived),
		BytesRetrans: int64(i.BytesRetrans), SegsOut: int64(i.SegsOut), SegsIn: int64(i.SegsIn),
		DataSegsOut: int64(i.DataSegsOut), DataSegsIn: int64(i.DataSegsIn), NotsentBytes: int64(i.NotsentBytes),
		MinRTTUS: i.MinRTT.Microseconds(), BusyUS: i.BusyTime.Microseconds(), RwndLimitedUS: i.RwndLimited.Microseconds(),
		SndbufLimitedUS: i.SndbufLimited.Microseconds(), SndWscale: int64(i.SndWScale), RcvWscale: int64(i.RcvWScale),
		Options: i.Options.Names(),
	}
	// What stands there while nothing was measured is where the kernel begins (tcp_init_sock, net/ipv4/tcp.c): a deviation
	// of 250 ms, and data last seen when the clock began.
	if i.RTT > 0 {
		t.RTTVarUS = i.RTTVar.Microseconds()
	}
	if i.DataSegsOut > 0 {
		t.LastDataSentMS = i.LastDataSent.Milliseconds()
	}
	if i.DataSegsIn > 0 {
		t.LastDataRecvMS = i.LastDataRecv.Milliseconds()
	}
	if i.SndSsthresh < noSsthresh {
		t.Ssthresh = int64(i.SndSsthresh)
	}
	if i.DeliveryRate < 1<<56 {
		t.DeliveryRateBPS, t.DeliveryRateAppLimited = 8*int64(i.DeliveryRate), i.DeliveryRate > 0 && i.DeliveryRateAppLimited
	}
	if i.PacingRate < 1<<56 { // all ones is unlimited
		t.PacingRateBPS = 8 * int64(i.PacingRate)
	}
	return t
}

// offeredWindow is the window in the newest segment that a socket sent. TCP_INFO has what the kernel would have offered:
// it keeps that before it cuts it to what the header's 16 bits say in the agreed scale (tcp_select_window,
// net/ipv4/tcp_output.c; RFC 7323 §2.2).
func offeredWindow(i *sockdiag.TCPInfo) int64 {
	scale := uint8(0)
	if i.Options&sockdiag.OptWScale != 0 {
		scale = i.RcvWScale
	}
	return min(int64(i.RcvWnd), 0xffff<<scale)
}

// settled says whether two samples differ in nothing but what runs by itself: a countdown, the time since the last
// data, the busy time. Those the viewer counts on.
func settled(a, b *Metrics, elapsed time.Duration) bool {
	if a == nil {
		return false
	}
	x, y := *a, *b
	if (x.Timer == nil) != (y.Timer == nil) {
		return false
	}
	if x.Timer != nil {
		drift := x.Timer.ExpiresMS - elapsed.Milliseconds() - y.Timer.ExpiresMS
		if x.Timer.Kind != y.Timer.Kind || !slices.Equal(x.Timer.For, y.Timer.For) || x.Timer.Retransmits != y.Timer.Retransmits || drift < -50 || drift > 50 {
			return false
		}
	}
	if (x.Info == nil) != (y.Info == nil) {
		return false
	}
	if x.Info != nil {
		i, j := *x.Info, *y.Info
		i.LastDataSentMS, j.LastDataSentMS, i.LastDataRecvMS, j.LastDataRecvMS = 0, 0, 0, 0
		i.BusyUS, j.BusyUS, i.RwndLimitedUS, j.RwndLimitedUS = 0, 0, 0, 0
		i.SndbufLimitedUS, j.SndbufLimitedUS = 0, 0
		i.Options, j.Options = nil, nil // fixed by the handshake
		if !equalInfo(&i, &j) {
			return false
		}
	}
	x.Timer, y.Timer, x.Info, y.Info = nil, nil, nil, nil
	return x == y
}

// equalInfo compares all fields but Options.
func equalInfo(a, b *TCPInfo) bool {
	w, v := jsonWriter{buf: make([]byte, 0, 1024)}, jsonWriter{buf: make([]byte, 0, 1024)}
	a.appendFields(&w)
	b.appendFields(&v)
	return string(w.buf) == string(v.buf)
}

// wait pauses for d or until ctx is over; it says whether the pause was whole.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

var errNotConnecting = errors.New("connect(2) has not chosen a local port yet")

// target names the socket of a connect(2) under way: getsockname tells the port that the kernel chose.
func (a *dialAttempt) target(in *place) (target, bool) {
	local, ok := localOf(a.raw)
	if !ok || local.Port() == 0 {
		return target{}, false
	}
	family := sockdiag.AFInet
	if a.v6 {
		family = sockdiag.AFInet6
	}
	return target{place: in, family: family, local: local, remote: a.remote, cookie: cookieOf(a.raw)}, true
}
