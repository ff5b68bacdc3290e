package owner

import (
	"errors"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"socketplayground/playground/sockdiag"
)

// Local is the Witness that looks itself. It must be used in the network namespace in which it was made.
type Local struct {
	mu   sync.Mutex // the client is for one at a time
	diag *sockdiag.Client
	err  error // why there is no client
}

// NewLocal makes a Local. It asks nothing yet, and needs no Close: it is there as long as its program.
func NewLocal() *Local {
	l := &Local{}
	l.diag, l.err = sockdiag.Dial()
	return l
}

// Find is the function Find.
func (*Local) Find(inodes []uint32) map[uint32]Process { return Find(inodes) }

// Peer looks the socket up by both addresses, which takes microseconds. The kernel says whose it is only while a program
// holds it and it is no more than connected: for a socket in TIME_WAIT it gives user 0 (inet_csk_diag_fill and
// inet_twsk_diag_fill, net/ipv4/inet_diag.c), and so it did for one that its program has closed until Linux 6.17
// (sock_i_uid, net/core/sock.c). Those are nobody's.
func (l *Local) Peer(of, other netip.AddrPort) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return errPeer(of, l.err)
	}
	s, err := l.diag.Lookup(sockdiag.Query{Local: of, Remote: other})
	switch {
	case err != nil:
		return errPeer(of, err)
	case s.State != sockdiag.Established || s.Inode == 0 || s.Info == nil:
		return errPeer(of, errors.New("it is not open any more"))
	}
	return ours(s.UID)
}

// Descriptor asks the kernel: SO_PEERCRED (unix(7)) of a socket, fstat(2) of anything else.
func (*Local) Descriptor(fd uintptr) error {
	var stat unix.Stat_t
	if err := unix.Fstat(int(fd), &stat); err != nil {
		return os.NewSyscallError("fstat", err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return ours(stat.Uid)
	}
	peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return os.NewSyscallError("getsockopt", err)
	}
	return ours(peer.Uid)
}

func ours(uid uint32) error {
	switch {
	case int(uid) != os.Getuid():
		return ErrAnother
	case !certain(uid):
		return errAmbiguous
	}
	return nil
}

// certain says whether a user's number, as the kernel tells it to this process, can mean that user only. In a user
// namespace every user without a number there is shown as the overflow uid (user_namespaces(7), from_kuid_munged in
// kernel/user_namespace.c), even if that is somebody's number too.
func certain(uid uint32) bool {
	return uid != overflow() || allMapped()
}

// overflow is the number of those who have none: 65534 if it cannot be read, which is its default.
func overflow() uint32 {
	b, _ := os.ReadFile("/proc/sys/kernel/overflowuid")
	if n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 32); err == nil {
		return uint32(n)
	}
	return 65534
}

// allMapped says whether every user has a number here, as outside of all user namespaces. The number -1 is none.
func allMapped() bool {
	b, _ := os.ReadFile("/proc/self/uid_map") // unreadable: not known
	return mapsAll(string(b))
}

// mapsAll reads a uid_map: lines of the first number inside, the first outside, and how many.
func mapsAll(text string) bool {
	sum := uint64(0)
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) != 3 {
			return false
		}
		n, err := strconv.ParseUint(f[2], 10, 32)
		if err != nil {
			return false
		}
		sum += n // the kernel lets no two overlap
	}
	return sum == 1<<32-1
}
