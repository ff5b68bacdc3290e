//go:build !linux

package sockdiag

import (
	"errors"
	"fmt"
)

// Client asks the kernel about sockets; on this system it cannot be had.
type Client struct{}

var errNoSockDiag = fmt.Errorf("sockdiag: only Linux tells the states, queues and timers of TCP sockets through sock_diag; "+
	"run the playground on Linux, a container or virtual machine included: %w", errors.ErrUnsupported)

// Dial fails with errors.ErrUnsupported.
func Dial() (*Client, error) { return nil, errNoSockDiag }

// Close fails with errors.ErrUnsupported.
func (c *Client) Close() error { return errNoSockDiag }

// Lookup fails with errors.ErrUnsupported.
func (c *Client) Lookup(Query) (Socket, error) { return Socket{}, errNoSockDiag }

// Dump fails with errors.ErrUnsupported.
func (c *Client) Dump(Filter) ([]Socket, error) { return nil, errNoSockDiag }

// Destroy fails with errors.ErrUnsupported.
func (c *Client) Destroy(Query) error { return errNoSockDiag }
