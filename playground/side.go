package playground

import (
	"sync"
	"time"
)

// side is one blocking direction of a socket: its Reads, its Writes, or a listener's Accepts. A blocked call is ended
// from outside by moving its deadline into the past, which is how Go's net package lets one do it; the user's own
// deadline is put back afterwards.
type side struct {
	mu       sync.Mutex
	set      func(time.Time) error // SetReadDeadline, SetWriteDeadline or SetDeadline; nil before there is a descriptor
	deadline time.Time             // the user's
	call     uint64                // under way
	aborted  bool                  // that call was cancelled
}

func (d *side) attach(set func(time.Time) error) {
	d.mu.Lock()
	d.set = set
	d.mu.Unlock()
}

// begin says that a call starts.
func (d *side) begin(call uint64) {
	d.mu.Lock()
	d.call, d.aborted = call, false
	d.mu.Unlock()
}

// end says that it returned, and tells whether it had been cancelled.
func (d *side) end() (cancelled bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	cancelled = d.aborted
	if cancelled {
		_ = d.set(d.deadline) // fails only where the descriptor is closed, and then it does not matter
	}
	d.call, d.aborted = 0, false
	return cancelled
}

// cancel ends the call under way; 0 is any.
func (d *side) cancel(call uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.set == nil || d.call == 0 || call != 0 && d.call != call {
		return false
	}
	d.aborted = true
	return d.set(time.Unix(1, 0)) == nil
}

// setDeadline sets the user's deadline; the zero time clears it.
func (d *side) setDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deadline = t
	if d.set == nil || d.aborted {
		return nil
	}
	return d.set(t)
}
