package playground

import (
	"testing"
	"time"
)

// TestFast: few sockets are looked at as often as may be, many at the same cost for all together, and none too seldom.
func TestFast(t *testing.T) {
	for _, test := range []struct {
		sockets int
		want    time.Duration
	}{{0, fastSample}, {2, fastSample}, {30, fastSample}, {100, 50 * time.Millisecond}, {200, slowSample}, {MaxSockets, slowSample}} {
		if got := fastFor(test.sockets); got != test.want {
			t.Errorf("%d sockets: got %v, want %v", test.sockets, got, test.want)
		}
	}
}
