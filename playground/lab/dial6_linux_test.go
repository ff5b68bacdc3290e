package lab_test

import (
	"testing"
	"time"

	"socketplayground/playground/lab"
)

// TestFirstDial: the hosts of a Lab that was just opened answer at once, over IPv6 too, in each of 200 Labs. A segment
// that came before the kernel knew the address as its own would be sent again, a second later.
func TestFirstDial(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		const labs = 200
		for i := range labs {
			l := open(t, s, lab.Options{})
			if len(l.Client.Addresses()) < 2 {
				t.Skip("this kernel has no IPv6")
			}
			start := time.Now()
			from, to := l.Client, l.Server
			if i%2 == 1 {
				from, to = to, from
			}
			a, b := connect(t, from, to, "["+to.Addresses()[1].String()+"]:8330")
			if took := time.Since(start); took > 900*time.Millisecond { // the first retransmission, RFC 6298 §2
				t.Errorf("Lab %d: the connection took %v", i, took)
			}
			a.Close()
			b.Close()
			l.Close()
		}
	})
}
