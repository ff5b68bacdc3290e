package lab

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listen is net.Listen on this host, with its errors. An address without a host is that of a dual-stack listener.
func (h *Host) Listen(ctx context.Context, address string, o SocketOptions) (*net.TCPListener, error) {
	addresses, err := resolve("listen", address)
	if err != nil {
		return nil, err
	}
	lc := net.ListenConfig{KeepAlive: o.KeepAlive, Control: func(network, address string, c syscall.RawConn) error {
		return h.take(network, address, c, o)
	}}
	lc.SetMultipathTCP(false)                                    // Go listens with MPTCP by default, whose options and TCP_INFO differ
	l, err := lc.Listen(ctx, "tcp", addresses[len(addresses)-1]) // of localhost's, Go takes the IPv4 one
	if err != nil {
		return nil, err
	}
	ln := l.(*net.TCPListener)
	if o.Backlog > 0 {
		if err := relisten(ln, o.Backlog); err != nil {
			ln.Close()
			return nil, err
		}
	}
	return ln, nil
}

// relisten changes the backlog of a listener: Linux takes a second listen(2) for that.
func relisten(ln *net.TCPListener, backlog int) error {
	raw, err := ln.SyscallConn()
	if err != nil {
		return err
	}
	return onDescriptor(raw, func(fd int) error { return os.NewSyscallError("listen", unix.Listen(fd, backlog)) })
}

// Dial is net.Dialer.DialContext on this host, with its errors; local is empty or where to dial from.
func (h *Host) Dial(ctx context.Context, address, local string, o SocketOptions) (*net.TCPConn, error) {
	addresses, err := resolve("dial", address)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{KeepAlive: o.KeepAlive}
	d.SetMultipathTCP(false)
	if local != "" {
		from, err := resolve("dial", local)
		if err != nil {
			return nil, err
		}
		a, err := net.ResolveTCPAddr("tcp", from[len(from)-1])
		if err != nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}
		d.LocalAddr = a
	}
	d.Control = func(network, address string, c syscall.RawConn) error {
		if err := h.take(network, address, c, o); err != nil {
			return err
		}
		if o.Connecting != nil {
			o.Connecting(c, reached(network, address))
		}
		return nil
	}
	var first error
	for _, a := range addresses {
		c, err := d.DialContext(ctx, "tcp", a)
		if err == nil {
			return c.(*net.TCPConn), nil
		}
		if first == nil {
			first = err // Go tells the first one, too
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, first
}

// take replaces the socket that Go has just made, of this machine, by one of the host, and then calls o.Control.
// A socket belongs for its whole life to the namespace in which it was made, and nothing has happened to this one yet:
// package net calls Control before bind(2), connect(2) and its poller. All that follows is Go's own code, so timeouts,
// cancellation and every error are as a program on the host would have them.
func (h *Host) take(network, address string, c syscall.RawConn, o SocketOptions) error {
	if err := onDescriptor(c, h.replace); err != nil {
		return err
	}
	if o.Control != nil {
		return o.Control(network, address, c)
	}
	return nil
}

// replace puts a new socket of the host's under the number of an old one, with what Go sets on a new socket.
func (h *Host) replace(old int) error {
	domain, err := unix.GetsockoptInt(old, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return os.NewSyscallError("getsockopt", err)
	}
	fd := -1
	if err := h.Do(func() (err error) {
		fd, err = unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
		return os.NewSyscallError("socket", err)
	}); err != nil {
		return err
	}
	defer unix.Close(fd)
	options := [][2]int{{unix.SOL_SOCKET, unix.SO_BROADCAST}, {unix.SOL_SOCKET, unix.SO_REUSEADDR}}
	if domain == unix.AF_INET6 {
		options = append(options, [2]int{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY})
	}
	for _, o := range options {
		value, err := unix.GetsockoptInt(old, o[0], o[1])
		if err == nil {
			err = unix.SetsockoptInt(fd, o[0], o[1], value)
		}
		if err != nil {
			return os.NewSyscallError("setsockopt", err)
		}
	}
	return os.NewSyscallError("dup3", unix.Dup3(fd, old, unix.O_CLOEXEC))
}

// reached is where a connect(2) to address ends up: for the unspecified address, at the loopback one of its family.
func reached(network, address string) netip.AddrPort {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}
	}
	a, err := netip.ParseAddr(host)
	if err != nil || a.IsUnspecified() {
		a = netip.IPv6Loopback()
		if network == "tcp4" {
			a = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
	}
	n, err := net.LookupPort(network, port)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, uint16(n))
}

// onDescriptor runs f on the descriptor and gives f's error.
func onDescriptor(raw syscall.RawConn, f func(fd int) error) error {
	var err error
	if e := raw.Control(func(fd uintptr) { err = f(int(fd)) }); e != nil {
		return errors.Join(e, err)
	}
	return err
}
