//go:build unix && !aix && !solaris

package kernel

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// this asks uname(2).
func this() Kernel {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return Kernel{System: runtime.GOOS}
	}
	return Kernel{System: unix.ByteSliceToString(u.Sysname[:]), Release: unix.ByteSliceToString(u.Release[:])}
}
