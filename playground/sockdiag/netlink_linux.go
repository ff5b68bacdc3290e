package sockdiag

import (
	"syscall"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// netlinkSocket is the transport to the kernel. Package netlink opens, binds and closes the socket;
// reading and writing go to its descriptor directly, because netlink.Conn allocates and copies every message
// and asks twice for each, which costs more than the kernel's part of a lookup.
type netlinkSocket struct {
	*netlink.Conn
	raw syscall.RawConn

	// Arguments and results of the two functions, which are made once so that a call allocates nothing.
	buf         []byte
	n           int
	err         error
	read, write func(fd uintptr) (done bool)
}

// dialNetlink opens the socket in the network namespace of the calling thread.
func dialNetlink() (*netlinkSocket, error) {
	conn, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, nil)
	if err != nil {
		return nil, err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	s := &netlinkSocket{Conn: conn, raw: raw}
	s.read = func(fd uintptr) bool { return s.transfer(unix.Read, fd) }
	s.write = func(fd uintptr) bool { return s.transfer(unix.Write, fd) }
	return s, nil
}

// transfer makes one call; it reports false if the poller has to wait first.
// The kernel answers sock_diag within the write, so a read finds its answer there.
func (s *netlinkSocket) transfer(call func(fd int, b []byte) (int, error), fd uintptr) bool {
	for {
		s.n, s.err = call(int(fd), s.buf)
		if s.err != unix.EINTR {
			return s.err != unix.EAGAIN
		}
	}
}

// send writes one datagram. A netlink socket that is not connected sends to the kernel.
func (s *netlinkSocket) send(b []byte) error {
	s.buf = b
	if err := s.raw.Write(s.write); err != nil {
		return err
	}
	return s.err
}

// recv reads one datagram.
func (s *netlinkSocket) recv(b []byte) (int, error) {
	s.buf = b
	if err := s.raw.Read(s.read); err != nil {
		return 0, err
	}
	return s.n, s.err
}
