package owner

import (
	"os"

	"golang.org/x/sys/unix"
)

// Descriptor asks the kernel: LOCAL_PEERCRED of a socket, fstat(2) of anything else.
func (*Local) Descriptor(fd uintptr) error {
	var stat unix.Stat_t
	if err := unix.Fstat(int(fd), &stat); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	uid := stat.Uid
	if stat.Mode&unix.S_IFMT == unix.S_IFSOCK {
		peer, err := unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
		if err != nil {
			return os.NewSyscallError("getsockopt", err)
		}
		uid = peer.Uid
	}
	if int(uid) != os.Getuid() {
		return ErrAnother
	}
	return nil
}
