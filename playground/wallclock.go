package playground

import "time"

// wallClock turns times of the wall clock, in which the kernel stamps captured packets (SO_TIMESTAMPNS, socket(7)), into
// ones of the monotonic clock, in which a session counts. time.Now reads both, but one after the other: a program that is
// interrupted in between has them a tenth of a millisecond apart. And they part for good when the wall clock is set, or the
// machine sleeps.
type wallClock struct {
	at   time.Time     // of the monotonic clock
	wall time.Time     // the same moment
	off  time.Duration // by how much that may be wrong
}

// pairEvery is how old a pairing may be.
const pairEvery = time.Second

// pairClocks reads both clocks until they were read close together: the wall clock between two readings of the other.
func pairClocks() wallClock {
	var best wallClock
	before := time.Now()
	for i := range 8 {
		now := time.Now()
		if off := now.Sub(before) / 2; i == 0 || off < best.off {
			best = wallClock{at: before.Add(off), wall: now.Round(0), off: off}
		}
		before = now
	}
	return best
}

// monotonic is the moment of a stamp of now, or of a little earlier. The caller asks from one goroutine.
func (c *wallClock) monotonic(stamp time.Time) time.Time {
	since := stamp.Sub(c.wall)
	if since < -pairEvery || since > pairEvery {
		*c = pairClocks()
		since = stamp.Sub(c.wall)
	}
	return c.at.Add(since)
}
