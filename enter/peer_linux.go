package enter

import "golang.org/x/sys/unix"

// peer is the user at the other end, as this user namespace numbers it; one it does not know is 65534.
func peer(fd int) (uid int, err error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return -1, err
	}
	return int(c.Uid), nil
}
