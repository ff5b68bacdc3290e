package lag

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Readable says whether something waits to be read from a descriptor; false where it is closed.
func Readable(raw syscall.RawConn) (readable bool) {
	_ = raw.Control(func(fd uintptr) { // fails where it is closed
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, 0)
		readable = n > 0 && err == nil
	})
	return readable
}
