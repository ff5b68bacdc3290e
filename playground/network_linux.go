package playground

import (
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// loopbackDevice is the device that a wildcard listener is bound to.
const loopbackDevice = "lo"

// bindToLoopback keeps a socket to the loopback device; since Linux 5.7 this needs no privilege (socket(7)).
func bindToLoopback(fd uintptr) error {
	return os.NewSyscallError("setsockopt SO_BINDTODEVICE", unix.BindToDevice(int(fd), loopbackDevice))
}

// relisten changes the backlog of a listener: Linux takes a second listen(2) for that.
func relisten(ln *net.TCPListener, backlog int) error {
	raw, err := ln.SyscallConn()
	if err != nil {
		return err
	}
	return onDescriptor(raw, func(fd uintptr) error {
		return os.NewSyscallError("listen", unix.Listen(int(fd), backlog))
	})
}

// cookieOf asks for the socket's identity, SO_COOKIE; 0 where it cannot be had.
func cookieOf(raw syscall.RawConn) uint64 {
	var cookie uint64
	_ = onDescriptor(raw, func(fd uintptr) (err error) {
		cookie, err = unix.GetsockoptUint64(int(fd), unix.SOL_SOCKET, unix.SO_COOKIE)
		return err
	})
	return cookie
}

// loopbackIndex is the interface index of the loopback device, 0 if there is none.
func loopbackIndex() uint32 {
	i, err := net.InterfaceByName(loopbackDevice)
	if err != nil {
		return 0
	}
	return uint32(i.Index)
}

// waitReadable blocks until a Read would not, without holding a buffer: a thousand waiting connections would
// hold as many. waiting is called once if it has to wait. It asks poll(2) and not recv(2) with MSG_PEEK, which would
// take the socket's pending error: the Read after it would get EOF where a reset was.
func waitReadable(raw syscall.RawConn, waiting func()) error {
	asked := false
	return raw.Read(func(fd uintptr) bool {
		if asked { // and woken by the runtime's poller since
			return true
		}
		asked = true
		ready, _ := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0) // an error comes again from Read
		if ready == 0 {
			waiting()
		}
		return ready != 0
	})
}
