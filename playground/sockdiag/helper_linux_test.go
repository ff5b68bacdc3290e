package sockdiag_test

import (
	"errors"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"socketplayground/playground/sockdiag"
)

// deadline is how long a test waits for the kernel to do what it will do; on loopback that is microseconds.
const deadline = 10 * time.Second

func dial(t testing.TB) *sockdiag.Client {
	t.Helper()
	c, err := sockdiag.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// socket is a TCP socket the test holds by its descriptor, so that no library changes its options or queues.
type socket struct {
	fd            int
	local, remote netip.AddrPort
}

func (s *socket) query() sockdiag.Query {
	return sockdiag.Query{Local: s.local, Remote: s.remote}
}

// newSocket opens a socket that is closed with the test.
func newSocket(t testing.TB, network string, flags int) *socket {
	t.Helper()
	family := unix.AF_INET
	if network == "tcp6" {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|flags, unix.IPPROTO_TCP)
	if err != nil {
		t.Fatal(err)
	}
	s := &socket{fd: fd}
	t.Cleanup(s.close)
	return s
}

func (s *socket) close() {
	if s.fd >= 0 {
		unix.Close(s.fd)
		s.fd = -1
	}
}

func (s *socket) bind(t testing.TB, address string) {
	t.Helper()
	if err := unix.Bind(s.fd, sockaddr(netip.MustParseAddrPort(address))); err != nil {
		t.Fatal(err)
	}
	s.local = localOf(t, s.fd)
}

// listen opens a listener; the network "tcp6" on [::] is dual-stack.
func listen(t testing.TB, network, address string, options ...func(fd int) error) *socket {
	t.Helper()
	s := newSocket(t, network, 0)
	for _, option := range options {
		if err := option(s.fd); err != nil {
			t.Fatal(err)
		}
	}
	s.bind(t, address)
	if err := unix.Listen(s.fd, 16); err != nil {
		t.Fatal(err)
	}
	return s
}

// start begins a connection to address and does not wait for it.
func start(t testing.TB, address netip.AddrPort) *socket {
	t.Helper()
	network := "tcp4"
	if address.Addr().Is6() {
		network = "tcp6"
	}
	s := newSocket(t, network, unix.SOCK_NONBLOCK)
	if err := unix.Connect(s.fd, sockaddr(address)); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		t.Fatal(err)
	}
	s.local, s.remote = localOf(t, s.fd), address
	return s
}

// connect opens a connection to a listener that has room in its queue.
func connect(t testing.TB, ln *socket) *socket {
	t.Helper()
	address := ln.local
	if address.Addr().IsUnspecified() {
		address = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), address.Port())
	}
	s := start(t, address)
	eventually(t, "the connection is open", func() bool {
		_, err := unix.Getpeername(s.fd)
		return err == nil
	})
	return s
}

// accept takes the next connection, which has to be there already.
func (s *socket) accept(t testing.TB) *socket {
	t.Helper()
	fd, _, err := unix.Accept4(s.fd, unix.SOCK_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	remote, err := unix.Getpeername(fd)
	if err != nil {
		t.Fatal(err)
	}
	a := &socket{fd: fd, local: localOf(t, fd), remote: addrPort(remote)}
	t.Cleanup(a.close)
	return a
}

func (s *socket) cookie(t testing.TB) sockdiag.Cookie {
	t.Helper()
	c, err := unix.GetsockoptUint64(s.fd, unix.SOL_SOCKET, unix.SO_COOKIE)
	if err != nil {
		t.Fatal(err)
	}
	return sockdiag.Cookie(c)
}

func (s *socket) write(t testing.TB, b []byte) {
	t.Helper()
	n, err := unix.Write(s.fd, b)
	if err != nil || n != len(b) {
		t.Fatalf("wrote %d of %d bytes: %v", n, len(b), err)
	}
}

func (s *socket) closeWrite(t testing.TB) {
	t.Helper()
	if err := unix.Shutdown(s.fd, unix.SHUT_WR); err != nil {
		t.Fatal(err)
	}
}

// eventually polls for a fact.
func eventually(t testing.TB, fact string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !holds(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("after %v it is still not so that %s", deadline, fact)
		}
	}
}

// reaches waits until a socket is in a state and gives it.
func reaches(t testing.TB, c *sockdiag.Client, q sockdiag.Query, want sockdiag.State) sockdiag.Socket {
	t.Helper()
	var s sockdiag.Socket
	eventually(t, q.Local.String()+" is in "+want.String(), func() bool {
		var err error
		s, err = c.Lookup(q)
		if err != nil && !errors.Is(err, sockdiag.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil && s.State == want
	})
	return s
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
	}
	return &unix.SockaddrInet6{Addr: a.Addr().As16(), Port: int(a.Port())}
}

func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port))
	default:
		return netip.AddrPort{}
	}
}

func localOf(t testing.TB, fd int) netip.AddrPort {
	t.Helper()
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return addrPort(sa)
}
