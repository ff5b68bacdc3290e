package playground

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"

	"socketplayground/playground/sockdiag"
)

// stateOfDescriptor asks the socket itself, getsockopt(TCP_INFO) in tcp(7).
func stateOfDescriptor(raw syscall.RawConn) (State, bool) {
	var state State
	err := onDescriptor(raw, func(fd uintptr) error {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err == nil {
			state = kernelState(sockdiag.State(info.State))
		}
		return err
	})
	return state, err == nil
}

// localOf asks for the socket's local address, getsockname(2).
func localOf(raw syscall.RawConn) (netip.AddrPort, bool) {
	var at netip.AddrPort
	err := onDescriptor(raw, func(fd uintptr) error {
		sa, err := unix.Getsockname(int(fd))
		switch sa := sa.(type) {
		case *unix.SockaddrInet4:
			at = netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
		case *unix.SockaddrInet6:
			at = netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port))
		}
		return err
	})
	return at, err == nil && at.IsValid()
}
