//go:build !linux && !darwin

package owner

import "errors"

// Descriptor fails with errors.ErrUnsupported.
func (*Local) Descriptor(uintptr) error { return errors.ErrUnsupported }
