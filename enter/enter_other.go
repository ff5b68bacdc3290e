//go:build !linux && !darwin

package enter

import (
	"context"
	"errors"
	"fmt"
)

var errNoEnter = fmt.Errorf("programs can be run in a host only on Linux; "+
	"run the playground there, a container or virtual machine included: %w", errors.ErrUnsupported)

// Server runs commands; on this system it cannot be had.
type Server struct{}

// Listen fails with errors.ErrUnsupported.
func Listen(string, Judge) (*Server, error) { return nil, errNoEnter }

// Serve does nothing.
func (s *Server) Serve(context.Context, Start) error { return errNoEnter }

// Exec fails with errors.ErrUnsupported.
func Exec(string, Command) (int, error) { return ExitRefused, errNoEnter }
