//go:build !linux

package playground

import (
	"net/netip"
	"syscall"
)

func stateOfDescriptor(syscall.RawConn) (State, bool) { return "", false }

func localOf(syscall.RawConn) (netip.AddrPort, bool) { return netip.AddrPort{}, false }
