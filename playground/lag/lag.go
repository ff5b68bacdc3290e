// Package lag tells when packets that wait in a descriptor have all been read. Kernels hand packets over through a queue:
// what has crossed is seen some time later, by whatever goroutine reads it.
package lag

import (
	"context"
	"sync/atomic"
	"time"
)

// Reader is what a goroutine that reads packets says about itself while it reads.
type Reader struct {
	// Waiting says whether packets wait in the descriptor; false once it is closed.
	Waiting func() bool

	idle  atomic.Bool
	empty atomic.Uint64 // how often nothing was left
}

// Reads says that the goroutine is about to read.
func (r *Reader) Reads() { r.idle.Store(false) }

// Empty says that there was nothing left to read, and that all that had been read is handed on.
func (r *Reader) Empty() {
	r.empty.Add(1)
	r.idle.Store(true)
}

// caughtUp: nothing waits, and then nothing is under way either. The order matters: what is read after the first question
// came after it.
func (r *Reader) caughtUp() bool { return !r.Waiting() && r.idle.Load() }

// lookAgain is how long Wait lets a goroutine read before it asks anew.
const lookAgain = 100 * time.Microsecond

// Wait returns when the readers have handed on all that had come before it was called. Where what one hands on brings
// packets to another, those are waited for too, unless they never end. The error is that of ctx.
func Wait(ctx context.Context, readers ...*Reader) error {
	begun := counts(readers)
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for !allCaughtUp(readers) && !passed(readers, begun) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func counts(readers []*Reader) []uint64 {
	list := make([]uint64, len(readers))
	for i, r := range readers {
		list[i] = r.empty.Load()
	}
	return list
}

// allCaughtUp says whether all were at one moment: the first must not have read again until the last was asked.
func allCaughtUp(readers []*Reader) bool {
	before := counts(readers)
	for range 2 {
		for _, r := range readers {
			if !r.caughtUp() {
				return false
			}
		}
	}
	for i, n := range counts(readers) {
		if n != before[i] {
			return false
		}
	}
	return true
}

// passed says whether each reader has found nothing left since then. Once is not enough: that may have been found before,
// and only said since.
func passed(readers []*Reader, begun []uint64) bool {
	for i, n := range counts(readers) {
		if n < begun[i]+2 {
			return false
		}
	}
	return true
}
