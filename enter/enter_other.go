//go:build !linux && !darwin

package enter

import (
	"context"
	"errors"
	"fmt"
)

var errNoEnter = fmt.Errorf("programs can be run in a host only on Linux; "+
	"run the playground there, a container or virtual machine included: %w", errors.ErrUnsupported)

// Serve fails with errors.ErrUnsupported.
func Serve(context.Context, string, Resolve) error { return errNoEnter }

// Exec fails with errors.ErrUnsupported.
func Exec(string, Command) (int, error) { return ExitRefused, errNoEnter }
