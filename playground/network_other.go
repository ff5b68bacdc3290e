//go:build !linux

package playground

import (
	"errors"
	"net"
	"syscall"
)

const loopbackDevice = ""

// bindToLoopback does nothing here; connections from elsewhere are closed as soon as they are accepted
// (Policy.MayServe).
func bindToLoopback(uintptr) error { return nil }

func relisten(*net.TCPListener, int) error {
	return errors.New("changing the backlog is built for Linux only; leave it empty")
}

func cookieOf(syscall.RawConn) uint64 { return 0 }

func loopbackIndex() uint32 { return 0 }

// waitReadable lets the Read itself wait.
func waitReadable(_ syscall.RawConn, waiting func()) error {
	waiting()
	return nil
}
