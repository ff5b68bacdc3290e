package sockdiag_test

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"socketplayground/playground/sockdiag"
)

func TestListen(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	for want := range 3 {
		if want > 0 {
			connect(t, ln)
		}
		var s sockdiag.Socket
		eventually(t, "the accept queue holds every connection", func() bool {
			s = reaches(t, c, ln.query(), sockdiag.Listen)
			return s.RecvQ == uint32(want)
		})
		if s.SendQ != 16 {
			t.Errorf("got backlog %d, want 16", s.SendQ)
		}
		if s.Cookie != ln.cookie(t) {
			t.Errorf("got cookie %v, want SO_COOKIE %v", s.Cookie, ln.cookie(t))
		}
		if s.Local != ln.local || s.Remote.Port() != 0 || !s.Remote.Addr().IsUnspecified() {
			t.Errorf("got %v and %v, want %v and nothing", s.Local, s.Remote, ln.local)
		}
		if s.Info == nil || s.Info.State != sockdiag.Listen || s.Info.Unacked != uint32(want) || s.Info.Sacked != 16 {
			t.Errorf("got TCP_INFO %+v, want LISTEN with queue %d and backlog 16", s.Info, want)
		}
		if int(s.UID) != unix.Getuid() || s.Inode == 0 {
			t.Errorf("got uid %d, inode %d", s.UID, s.Inode)
		}
	}
}

func TestSynSentBehindFullAcceptQueue(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	if err := unix.Listen(ln.fd, 0); err != nil {
		t.Fatal(err)
	}
	connect(t, ln) // a backlog of 0 holds one
	s := reaches(t, c, start(t, ln.local).query(), sockdiag.SynSent)
	if s.Timer != sockdiag.TimerRetransmit || s.Expires <= 0 || s.Expires > time.Minute {
		t.Errorf("got timer %q in %v, want the SYN's retransmission", s.Timer, s.Expires)
	}
	if s.Info == nil || s.Info.State != sockdiag.SynSent || s.Info.Unacked != 1 {
		t.Errorf("got TCP_INFO %+v, want SYN_SENT with the SYN not acknowledged", s.Info)
	}
}

func TestEstablished(t *testing.T) {
	for _, tt := range []struct{ name, network, address string }{
		{"IPv4", "tcp4", "127.0.0.1:0"},
		{"IPv6", "tcp6", "[::1]:0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t)
			ln := listen(t, tt.network, tt.address)
			active := connect(t, ln)
			passive := ln.accept(t)
			active.write(t, make([]byte, 1000))

			var in, out sockdiag.Socket
			eventually(t, "all is received and acknowledged", func() bool {
				out = reaches(t, c, active.query(), sockdiag.Established)
				in = reaches(t, c, passive.query(), sockdiag.Established)
				return in.RecvQ == 1000 && out.SendQ == 0
			})
			if in.Local != out.Remote || in.Remote != out.Local {
				t.Errorf("got %v–%v and %v–%v, want one connection", in.Local, in.Remote, out.Local, out.Remote)
			}
			if got, want := out.Cookie, active.cookie(t); got != want {
				t.Errorf("got cookie %v, want SO_COOKIE %v", got, want)
			}
			if got, want := in.Cookie, passive.cookie(t); got != want {
				t.Errorf("got cookie %v, want SO_COOKIE %v", got, want)
			}
			if i := out.Info; i == nil || i.State != sockdiag.Established || i.BytesSent != 1000 || i.SndCwnd == 0 || i.RTO <= 0 || i.RTT <= 0 || i.SndMSS == 0 {
				t.Errorf("got TCP_INFO %+v, want 1000 bytes sent", i)
			}
			if i := in.Info; i == nil || i.BytesReceived != 1000 || i.DataSegsIn == 0 {
				t.Errorf("got TCP_INFO %+v, want 1000 bytes received", i)
			}
			if m := in.Mem; m == nil || m.RMemAlloc < 1000 || m.RcvBuf < m.RMemAlloc {
				t.Errorf("got memory %+v, want 1000 bytes in the receive buffer", m)
			}
			name, err := unix.GetsockoptString(active.fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION)
			if err != nil || out.Congestion != name {
				t.Errorf("got congestion control %q, want %q (%v)", out.Congestion, name, err)
			}
		})
	}
}

// TestRequestSocket follows one connection from the request socket to the accepted one.
func TestRequestSocket(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0", func(fd int) error {
		return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT, 30)
	})
	active := connect(t, ln)
	q := sockdiag.Query{Local: ln.local, Remote: active.local}

	request := reaches(t, c, q, sockdiag.SynRecv)
	if request.Info != nil || request.Mem != nil || request.Congestion != "" {
		t.Errorf("got %+v, want no attributes: it is no full socket yet", request)
	}
	if request.Timer != sockdiag.TimerRetransmit || request.Cookie == 0 || request.Inode != 0 {
		t.Errorf("got %+v, want a SYN,ACK timer, a cookie and no inode", request)
	}
	listed, err := c.Dump(sockdiag.Filter{States: sockdiag.States(sockdiag.SynRecv), LocalPort: ln.local.Port()})
	if err != nil || len(listed) != 1 || listed[0].Cookie != request.Cookie || listed[0].State != sockdiag.SynRecv {
		t.Errorf("got %+v (%v), want the request socket alone", listed, err)
	}

	active.write(t, []byte("x"))
	q.Cookie = request.Cookie
	full := reaches(t, c, q, sockdiag.Established)
	if full.Info == nil || full.Inode != 0 {
		t.Errorf("got %+v, want a full socket that nobody has accepted", full)
	}
	if got := ln.accept(t).cookie(t); got != request.Cookie {
		t.Errorf("got SO_COOKIE %v, want that of SYN_RCVD, %v", got, request.Cookie)
	}
}

// TestActiveClose walks both ends through the four-way close (RFC 9293 §3.6).
func TestActiveClose(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	active := connect(t, ln)
	passive := ln.accept(t)
	q := active.query()
	q.Cookie = active.cookie(t)

	active.closeWrite(t)
	reaches(t, c, q, sockdiag.FinWait2)
	reaches(t, c, passive.query(), sockdiag.CloseWait)

	passive.closeWrite(t)
	wait := reaches(t, c, q, sockdiag.TimeWait)
	if wait.Info != nil || wait.Mem != nil || wait.Inode != 0 {
		t.Errorf("got %+v, want no TCP_INFO, no memory and no inode", wait)
	}
	if wait.Timer != sockdiag.TimerTimeWait || wait.Expires < 50*time.Second || wait.Expires > 61*time.Second {
		t.Errorf("got timer %q in %v, want time_wait in 60 s", wait.Timer, wait.Expires)
	}
	if wait.Cookie != q.Cookie {
		t.Errorf("got cookie %v, want that of the open connection, %v", wait.Cookie, q.Cookie)
	}
	eventually(t, "the passive end is gone", func() bool {
		_, err := c.Lookup(passive.query())
		return errors.Is(err, sockdiag.ErrNotFound)
	})
}

// TestFinBehindZeroWindow holds the four states in which a FIN waits to be sent or acknowledged.
func TestFinBehindZeroWindow(t *testing.T) {
	c := dial(t)
	pair := func(t *testing.T) (active, passive *socket) {
		ln := listen(t, "tcp4", "127.0.0.1:0")
		active = connect(t, ln)
		return active, ln.accept(t)
	}
	fill := func(t *testing.T, s *socket) {
		if err := unix.SetNonblock(s.fd, true); err != nil {
			t.Fatal(err)
		}
		chunk := make([]byte, 64<<10)
		// The window is shut when the kernel has something left to send and waits to probe it.
		eventually(t, "the window is shut", func() bool {
			for {
				if _, err := unix.Write(s.fd, chunk); err != nil {
					break
				}
			}
			got, err := c.Lookup(s.query())
			return err == nil && got.Timer == sockdiag.TimerPersist && got.SendQ > 0
		})
	}
	drain := func(t *testing.T, s *socket) func() bool {
		if err := unix.SetNonblock(s.fd, true); err != nil {
			t.Fatal(err)
		}
		chunk := make([]byte, 64<<10)
		return func() bool {
			for {
				if n, err := unix.Read(s.fd, chunk); n <= 0 {
					return err == nil
				}
			}
		}
	}

	t.Run("FIN_WAIT_1", func(t *testing.T) {
		active, _ := pair(t)
		fill(t, active)
		active.closeWrite(t)
		reaches(t, c, active.query(), sockdiag.FinWait1)
	})
	t.Run("LAST_ACK", func(t *testing.T) {
		active, passive := pair(t)
		fill(t, passive)
		active.closeWrite(t)
		reaches(t, c, passive.query(), sockdiag.CloseWait)
		passive.closeWrite(t)
		reaches(t, c, passive.query(), sockdiag.LastAck)
	})
	t.Run("CLOSING", func(t *testing.T) {
		active, passive := pair(t)
		fill(t, active)
		fill(t, passive)
		active.closeWrite(t)
		passive.closeWrite(t)
		eventually(t, "the active end has read all and the FIN", drain(t, active))
		reaches(t, c, active.query(), sockdiag.Closing)
	})
}

func TestNotFound(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	conn := connect(t, ln)
	bound := newSocket(t, "tcp4", 0)
	bound.bind(t, "127.0.0.1:0")
	gone := listen(t, "tcp4", "127.0.0.1:0")
	gone.close()

	stale := conn.query()
	stale.Cookie = conn.cookie(t) + 1
	tests := []struct {
		name string
		q    sockdiag.Query
	}{
		{"no such port", gone.query()},
		{"stale cookie", stale},
		{"stale cookie of a listener", sockdiag.Query{Local: ln.local, Cookie: conn.cookie(t)}},
		{"connection that never was, to a port with a listener", sockdiag.Query{Local: ln.local, Remote: gone.local}},
		{"bound only", bound.query()},
		{"other family", sockdiag.Query{Family: sockdiag.AFInet6, Local: netip.MustParseAddrPort("[::1]:1")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s, err := c.Lookup(tt.q); !errors.Is(err, sockdiag.ErrNotFound) {
				t.Errorf("got %+v, %v; want ErrNotFound", s, err)
			}
			// The Client is as good as before.
			if s, err := c.Lookup(conn.query()); err != nil || s.Cookie != conn.cookie(t) {
				t.Errorf("got %+v, %v; want the connection", s, err)
			}
		})
	}
}

func TestInvalidQuery(t *testing.T) {
	c := dial(t)
	local := netip.MustParseAddrPort("[::1]:80")
	for _, q := range []sockdiag.Query{
		{},
		{Local: netip.MustParseAddrPort("127.0.0.1:0")},
		{Local: local, Family: sockdiag.AFInet},
		{Local: local, Family: 1},
	} {
		if s, err := c.Lookup(q); err == nil || errors.Is(err, sockdiag.ErrNotFound) {
			t.Errorf("%+v: got %+v, %v; want a refusal", q, s, err)
		}
	}
	if _, err := c.Dump(sockdiag.Filter{Family: 1}); err == nil {
		t.Error("dumped family 1")
	}
	if err := c.Destroy(sockdiag.Query{Local: local}); err == nil || errors.Is(err, sockdiag.ErrNotFound) {
		t.Errorf("got %v; want a refusal to destroy without a cookie", err)
	}
}

// TestDualStack has an IPv4 client at an IPv6 listener: the accepted socket is AF_INET6.
func TestDualStack(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp6", "[::]:0")
	active := connect(t, ln)
	passive := ln.accept(t)
	if !passive.local.Addr().Is4In6() || !active.local.Addr().Is4() {
		t.Fatalf("the ends are %v and %v, want v4-mapped and IPv4", passive.local, active.local)
	}
	want := passive.cookie(t)
	for _, q := range []sockdiag.Query{
		{Local: passive.local, Remote: passive.remote},
		{Local: active.remote, Remote: active.local},
		{Local: passive.local, Remote: active.local},
		{Family: sockdiag.AFInet, Local: passive.local, Remote: passive.remote},
		{Family: sockdiag.AFInet6, Local: passive.local, Remote: passive.remote},
		{Family: sockdiag.AFInet6, Local: active.remote, Remote: active.local},
	} {
		s, err := c.Lookup(q)
		if err != nil || s.Cookie != want {
			t.Errorf("%+v: got %v, %v; want cookie %v", q, s.Cookie, err, want)
			continue
		}
		local, remote := s.Unmapped()
		if s.Family != sockdiag.AFInet6 || s.Local != passive.local || local != active.remote || remote != active.local {
			t.Errorf("%+v: got family %d, %v, unmapped %v and %v", q, s.Family, s.Local, local, remote)
		}
		if again, err := c.Lookup(s.Query()); err != nil || again.Cookie != want {
			t.Errorf("%+v: got %v, %v; want the same socket by its own Query", s.Query(), again.Cookie, err)
		}
	}
	for _, address := range []string{"[::]", "0.0.0.0", "127.0.0.1", "[::1]"} {
		local := netip.AddrPortFrom(netip.MustParseAddrPort(address+":1").Addr(), ln.local.Port())
		if s, err := c.Lookup(sockdiag.Query{Local: local}); err != nil || s.Cookie != ln.cookie(t) {
			t.Errorf("%v: got %v, %v; want the listener", local, s.Cookie, err)
		}
	}
}

func TestIPv6OnlyListener(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp6", "[::]:0", func(fd int) error {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	})
	if s, err := c.Lookup(ln.query()); err != nil || s.Cookie != ln.cookie(t) {
		t.Errorf("got %v, %v; want the listener", s.Cookie, err)
	}
	v4 := netip.AddrPortFrom(netip.IPv4Unspecified(), ln.local.Port())
	if s, err := c.Lookup(sockdiag.Query{Local: v4}); !errors.Is(err, sockdiag.ErrNotFound) {
		t.Errorf("got %+v, %v; want nothing on IPv4", s, err)
	}
}

func TestInterface(t *testing.T) {
	c := dial(t)
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	ln := listen(t, "tcp4", "127.0.0.1:0", func(fd int) error { return unix.BindToDevice(fd, lo.Name) })
	connect(t, ln)
	q := ln.accept(t).query()
	if s, err := c.Lookup(q); !errors.Is(err, sockdiag.ErrNotFound) {
		t.Errorf("got %+v, %v; want nothing that is bound to no interface", s, err)
	}
	q.Interface = uint32(lo.Index)
	if s, err := c.Lookup(q); err != nil || s.Interface != q.Interface {
		t.Errorf("got interface %d, %v; want %d", s.Interface, err, q.Interface)
	}
}

func TestBoundInactive(t *testing.T) {
	c := dial(t)
	bound := newSocket(t, "tcp4", 0)
	bound.bind(t, "127.0.0.1:0")
	sockets, err := c.Dump(sockdiag.Filter{LocalPort: bound.local.Port(), States: sockdiag.States(sockdiag.BoundInactive)})
	if err != nil {
		t.Fatal(err)
	}
	if len(sockets) == 0 {
		t.Skip("listing sockets that are only bound needs Linux 6.8")
	}
	if s := sockets[0]; len(sockets) != 1 || s.State != sockdiag.Close || s.Cookie != bound.cookie(t) {
		t.Errorf("got %+v, want the bound socket, CLOSED", sockets)
	}
}

func TestDump(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	active := connect(t, ln)
	passive := ln.accept(t)
	bound := newSocket(t, "tcp4", 0)
	bound.bind(t, "127.0.0.1:0")
	port := ln.local.Port()

	tests := []struct {
		name string
		f    sockdiag.Filter
		want []*socket
	}{
		{"local port", sockdiag.Filter{LocalPort: port}, []*socket{ln, passive}},
		{"remote port", sockdiag.Filter{RemotePort: port}, []*socket{active}},
		{"both ports", sockdiag.Filter{LocalPort: port, RemotePort: active.local.Port()}, []*socket{passive}},
		{"state", sockdiag.Filter{LocalPort: port, States: sockdiag.States(sockdiag.Listen)}, []*socket{ln}},
		{"family", sockdiag.Filter{LocalPort: port, Family: sockdiag.AFInet}, []*socket{ln, passive}},
		{"other family", sockdiag.Filter{LocalPort: port, Family: sockdiag.AFInet6}, nil},
		{"bound only, by default", sockdiag.Filter{LocalPort: bound.local.Port()}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sockets, err := c.Dump(tt.f)
			if err != nil {
				t.Fatal(err)
			}
			got := map[sockdiag.Cookie]bool{}
			for _, s := range sockets {
				got[s.Cookie] = true
			}
			if len(sockets) != len(tt.want) {
				t.Errorf("got %d sockets, want %d: %+v", len(sockets), len(tt.want), sockets)
			}
			for _, s := range tt.want {
				if !got[s.cookie(t)] {
					t.Errorf("%v is missing", s.local)
				}
			}
		})
	}
}

// TestDumpLong lists more than fits into one datagram.
func TestDumpLong(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	want := map[sockdiag.Cookie]bool{}
	for range 100 {
		want[connect(t, ln).cookie(t)] = true
		ln.accept(t)
	}
	sockets, err := c.Dump(sockdiag.Filter{RemotePort: ln.local.Port()})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sockets {
		if s.Info == nil || s.State != sockdiag.Established {
			t.Errorf("got %+v, want ESTABLISHED with TCP_INFO", s)
		}
		delete(want, s.Cookie)
	}
	if len(want) != 0 {
		t.Errorf("%d of 100 connections are missing", len(want))
	}
}
