package lab

import (
	"errors"
	"fmt"
	"os"

	"socketplayground/playground/sockdiag"
)

// close gives the host up. Sockets that no program has any more but that still wait for an ACK keep their namespace for
// as long as their retransmissions last, minutes if nobody answers, so they are destroyed. TIME_WAIT ends with the
// namespace.
func (h *Host) close() error {
	var errs []error
	var diag *sockdiag.Client
	if h.ns != nil {
		errs = append(errs, h.Do(func() (err error) { diag, err = sockdiag.Dial(); return err }))
		errs = append(errs, h.ns.Close()) // from now on Do gives ErrClosed, so there will be no new sockets
	}
	if diag != nil {
		errs = append(errs, destroyAll(diag), diag.Close())
	}
	if h.port != nil {
		if err := h.port.Close(); !errors.Is(err, os.ErrClosed) { // whoever read it may have closed it
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("lab: taking down the %s: %w", h.name, err)
	}
	return nil
}

// destroyAll ends all sockets of a namespace, those of programs included.
func destroyAll(diag *sockdiag.Client) error {
	sockets, err := diag.Dump(sockdiag.Filter{States: sockdiag.AllStates &^ sockdiag.States(sockdiag.TimeWait)})
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range sockets {
		// A half-open connection goes with its listener; others may end by themselves meanwhile.
		if err := diag.Destroy(s.Query()); err != nil && !errors.Is(err, sockdiag.ErrNotFound) {
			errs = append(errs, fmt.Errorf("%v → %v in %v: %w", s.Local, s.Remote, s.State, err))
		}
	}
	return errors.Join(errs...)
}
