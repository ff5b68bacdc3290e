package lab_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"socketplayground/playground/lab"
)

// TestErrors: the texts are those of package net.
func TestErrors(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l := open(t, s, lab.Options{})
		ln, err := l.Server.Listen(t.Context(), "192.0.2.2:8330", lab.SocketOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		listen := func(address string) error {
			ln, err := l.Server.Listen(t.Context(), address, lab.SocketOptions{})
			if err == nil {
				ln.Close()
			}
			return err
		}
		dial := func(address, local string) error {
			c, err := l.Client.Dial(soon(t), address, local, lab.SocketOptions{})
			if err == nil {
				c.Close()
			}
			return err
		}
		for _, tt := range []struct {
			name string
			err  error
			is   error
			text string
		}{
			{"in use", listen("192.0.2.2:8330"), syscall.EADDRINUSE, "listen tcp 192.0.2.2:8330: bind: address already in use"},
			{"in use by a wildcard", listen(":8330"), syscall.EADDRINUSE, "listen tcp :8330: bind: address already in use"},
			{"not ours", listen("192.0.2.1:8331"), syscall.EADDRNOTAVAIL, "listen tcp 192.0.2.1:8331: bind: cannot assign requested address"},
			{"no name", listen("example.com:1"), nil, "listen tcp: lookup example.com: no such host in the Lab; its names are client, server and localhost"},
			{"refused", dial("192.0.2.2:1", ""), syscall.ECONNREFUSED, "dial tcp 192.0.2.2:1: connect: connection refused"},
			{"refused, IPv6", dial("[2001:db8::2]:1", ""), syscall.ECONNREFUSED, "dial tcp [2001:db8::2]:1: connect: connection refused"},
			{"refused by itself", dial(":1", ""), syscall.ECONNREFUSED, "dial tcp :1: connect: connection refused"},
			{"unreachable", dial("203.0.113.1:80", ""), syscall.ENETUNREACH, "dial tcp 203.0.113.1:80: connect: network is unreachable"},
			{"unreachable, IPv6", dial("[2001:db8:1::1]:80", ""), syscall.ENETUNREACH, "dial tcp [2001:db8:1::1]:80: connect: network is unreachable"},
			{"from elsewhere", dial("server:8330", "server:2000"), syscall.EADDRNOTAVAIL, "dial tcp 192.0.2.2:2000->192.0.2.2:8330: bind: cannot assign requested address"},
			{"no port", dial("192.0.2.2", ""), nil, "dial tcp: address 192.0.2.2: missing port in address"},
			{"no such name", dial("nowhere:1", ""), nil, "dial tcp: lookup nowhere: no such host in the Lab; its names are client, server and localhost"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				if tt.err == nil || tt.err.Error() != tt.text {
					t.Errorf("got %v, want %s", tt.err, tt.text)
				}
				if tt.is != nil && !errors.Is(tt.err, tt.is) {
					t.Errorf("%v is not %v", tt.err, tt.is)
				}
				if _, ok := tt.err.(*net.OpError); !ok {
					t.Errorf("got a %T, want an OpError", tt.err)
				}
			})
		}
	})
}

// TestUnanswered dials where nobody answers: the Lab's packets are not carried.
func TestUnanswered(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l, err := s.Open(t.Context(), lab.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err = l.Client.Dial(ctx, "192.0.2.2:8330", "", lab.SocketOptions{})
		var netErr net.Error
		if !errors.As(err, &netErr) || !netErr.Timeout() || err.Error() != "dial tcp 192.0.2.2:8330: i/o timeout" {
			t.Errorf("got %v, want a timeout", err)
		}

		ctx, cancel = context.WithCancel(t.Context())
		var told netip.AddrPort
		_, err = l.Client.Dial(ctx, "192.0.2.2:8330", "", lab.SocketOptions{Connecting: func(c syscall.RawConn, to netip.AddrPort) {
			told = to
			go func() { // once connect(2) has sent the SYN
				_, _ = l.Client.Port().ReadPacket(make([]byte, 2000))
				_, _ = l.Client.Port().ReadPacket(make([]byte, 2000))
				cancel()
			}()
		}})
		if err == nil || err.Error() != "dial tcp 192.0.2.2:8330: operation was canceled" {
			t.Errorf("got %v, want it cancelled", err)
		}
		if told != netip.MustParseAddrPort("192.0.2.2:8330") {
			t.Errorf("Connecting was told %v", told)
		}
	})
}

// TestNamespaces: of many sockets made at the same time, each is on its host.
func TestNamespaces(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		var hosts []*lab.Host
		cookies := map[*lab.Host]uint64{}
		for range 4 {
			l := open(t, s, lab.Options{})
			for _, h := range []*lab.Host{l.Client, l.Server} {
				hosts = append(hosts, h)
				if err := h.Do(func() error {
					fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
					if err != nil {
						return err
					}
					defer unix.Close(fd)
					cookies[h], err = unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
		}
		check := func(h *lab.Host, c syscall.Conn) error {
			raw, err := c.SyscallConn()
			if err != nil {
				return err
			}
			var cookie uint64
			if e := raw.Control(func(fd uintptr) {
				cookie, err = unix.GetsockoptUint64(int(fd), unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
			}); e != nil {
				return e
			}
			if err == nil && cookie != cookies[h] {
				err = errors.New("a socket of another namespace")
			}
			return err
		}
		var all errgroup.Group
		const count = 400
		for i := range count {
			all.Go(func() error {
				h := hosts[i%len(hosts)]
				ln, err := h.Listen(t.Context(), ":"+strconv.Itoa(10000+i), lab.SocketOptions{})
				if err != nil {
					return err
				}
				defer ln.Close()
				peer := hosts[(i%len(hosts))^1] // the other host of its Lab
				c, err := peer.Dial(soon(t), net.JoinHostPort(h.Addresses()[i/8%2].String(), strconv.Itoa(10000+i)), "", lab.SocketOptions{})
				if err != nil {
					return err
				}
				defer c.Close()
				a, err := ln.AcceptTCP()
				if err != nil {
					return err
				}
				defer a.Close()
				return errors.Join(check(h, ln), check(peer, c), check(h, a))
			})
		}
		if err := all.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// TestDefaults: sockets are set up as package net sets them up.
func TestDefaults(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l := open(t, s, lab.Options{})
		var controlled []string
		o := lab.SocketOptions{Control: func(network, address string, _ syscall.RawConn) error {
			controlled = append(controlled, network+" "+address)
			return nil
		}, Backlog: 7}
		ln, err := l.Server.Listen(t.Context(), ":8330", o)
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		client, err := l.Client.Dial(soon(t), "server:8330", "", o)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		server, err := ln.AcceptTCP()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		if len(controlled) != 2 || controlled[0] != "tcp6 :8330" || controlled[1] != "tcp4 192.0.2.2:8330" {
			t.Errorf("Control was called with %q", controlled)
		}

		own, err := net.Listen("tcp4", "127.0.0.1:0") // what Go does by itself
		if err != nil {
			t.Fatal(err)
		}
		defer own.Close()
		ownClient, err := net.Dial("tcp4", own.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer ownClient.Close()
		for name, option := range map[string][2]int{
			"SO_KEEPALIVE": {unix.SOL_SOCKET, unix.SO_KEEPALIVE}, "SO_REUSEADDR": {unix.SOL_SOCKET, unix.SO_REUSEADDR},
			"SO_BROADCAST": {unix.SOL_SOCKET, unix.SO_BROADCAST}, "SO_PROTOCOL": {unix.SOL_SOCKET, unix.SO_PROTOCOL},
			"TCP_NODELAY": {unix.IPPROTO_TCP, unix.TCP_NODELAY}, "TCP_KEEPIDLE": {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
			"TCP_KEEPINTVL": {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}, "TCP_KEEPCNT": {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
		} {
			got, want := getOption(t, client, option), getOption(t, ownClient.(syscall.Conn), option)
			if got != want {
				t.Errorf("%s of a connection is %d, Go's own %d", name, got, want)
			}
			if got := getOption(t, server, option); name != "SO_REUSEADDR" && got != want {
				t.Errorf("%s of an accepted connection is %d, Go's own %d", name, got, want)
			}
		}
		if getOption(t, ln, [2]int{unix.SOL_SOCKET, unix.SO_REUSEADDR}) != 1 ||
			getOption(t, ln, [2]int{unix.SOL_SOCKET, unix.SO_PROTOCOL}) != unix.IPPROTO_TCP ||
			getOption(t, ln, [2]int{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY}) != 0 {
			t.Error("the listener is not a dual-stack TCP listener with SO_REUSEADDR")
		}
	})
}

func getOption(t *testing.T, c syscall.Conn, option [2]int) (value int) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if e := raw.Control(func(fd uintptr) { value, err = unix.GetsockoptInt(int(fd), option[0], option[1]) }); e != nil || err != nil {
		t.Fatal(e, err)
	}
	return value
}
