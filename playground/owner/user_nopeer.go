//go:build !linux

package owner

import (
	"errors"
	"fmt"
	"net/netip"
)

// Local is the Witness that looks itself.
type Local struct{}

// NewLocal makes a Local.
func NewLocal() *Local { return &Local{} }

// Find is the function Find.
func (*Local) Find(inodes []uint32) map[uint32]Process { return Find(inodes) }

// Peer fails with errors.ErrUnsupported.
func (*Local) Peer(of, _ netip.AddrPort) error {
	return errPeer(of, fmt.Errorf("only Linux tells the user of a TCP socket: %w", errors.ErrUnsupported))
}
