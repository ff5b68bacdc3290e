//go:build !linux

package capture

import (
	"context"
	"errors"
	"fmt"
)

// Capture takes the packets of the loopback interface; on this system it cannot be had.
type Capture struct{}

var errNoCapture = fmt.Errorf("this machine's segments are only shown on Linux; "+
	"run the playground there, a container or virtual machine included: %w", errors.ErrUnsupported)

// Supported fails with errors.ErrUnsupported.
func Supported() error { return errNoCapture }

// Open fails with errors.ErrUnsupported.
func Open(Config) (*Capture, error) { return nil, errNoCapture }

// SetPorts fails with errors.ErrUnsupported.
func (c *Capture) SetPorts([]uint16) error { return errNoCapture }

// Run fails with errors.ErrUnsupported.
func (c *Capture) Run(context.Context, func(Packet)) error { return errNoCapture }

// CaughtUp fails with errors.ErrUnsupported.
func (c *Capture) CaughtUp(context.Context) error { return errNoCapture }

// Drops fails with errors.ErrUnsupported.
func (c *Capture) Drops() (uint64, error) { return 0, errNoCapture }

// Close fails with errors.ErrUnsupported.
func (c *Capture) Close() error { return errNoCapture }
