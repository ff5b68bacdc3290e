package playground

import (
	"testing"
	"time"
)

// TestWallClock: a stamp lies between the monotonic readings around it, also after the wall clock was set.
func TestWallClock(t *testing.T) {
	t.Parallel()
	set := pairClocks()
	set.wall = set.wall.Add(-3 * time.Hour) // and then it was put forward
	slept := pairClocks()
	slept.wall = slept.wall.Add(time.Minute)
	for name, c := range map[string]*wallClock{"new": {}, "paired": new(pairClocks()), "set": &set, "put back": &slept} {
		for range 1000 {
			before := time.Now()
			stamp := time.Now().Round(0) // without the monotonic clock, as the kernel gives it
			after := time.Now()
			got := c.monotonic(stamp)
			if early, late := before.Sub(got), got.Sub(after); early > c.off || late > c.off {
				t.Fatalf("%s: a stamp is %v before the moment before it, %v after the one after; the pairing is good to %v", name, early, late, c.off)
			}
		}
	}
}
