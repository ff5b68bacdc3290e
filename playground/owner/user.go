package owner

import (
	"errors"
	"fmt"
	"net/netip"
)

// Witness says what a process may not see of itself from where it runs: in a user namespace, the process outside does.
type Witness interface {
	// Find is the function Find.
	Find(inodes []uint32) map[uint32]Process
	// Peer says of a TCP connection between two sockets of this machine whether the one at the first address was opened
	// by the user who runs this program: nil if so, ErrAnother if another user opened it, any other error if nobody can
	// tell. What nobody can tell is to be treated as another's.
	Peer(of, other netip.AddrPort) error
	// Descriptor says the same of the other end of a Unix connection, or of a file or directory: whose it is.
	Descriptor(fd uintptr) error
}

// ErrAnother says that another user has it.
var ErrAnother = errors.New("it is another user's")

// errAmbiguous: see certain, in user_linux.go.
var errAmbiguous = errors.New("in this user namespace the number of this user also stands for every user that has none here; " +
	"run the program as another user, or outside of the namespace")

// errPeer is why nobody can tell whose socket it is.
func errPeer(of netip.AddrPort, reason error) error {
	return fmt.Errorf("whose socket %s is cannot be known: %w", of, reason)
}
