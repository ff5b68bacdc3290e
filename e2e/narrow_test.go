package e2e

import (
	"testing"
)

// On a telephone's width everything is there, and the first click on a card that was not active counts.
func TestNarrow(t *testing.T) { everywhere(t, narrow) }

func narrow(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	p.size(420, 900)
	c1, s11 := p.connected()
	c1.by("button", "Close").click()
	c1.shows("FIN_WAIT_2")
	s11.by("button", "Close").click()
	c1.shows("TIME_WAIT")
	for _, tab := range []string{"States", "netstat", "Log", "Ladder"} {
		p.by("tab", tab).click()
		if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 420 {
			t.Errorf("%s makes the page %d px wide in a window of 420", tab, wide)
		}
	}
}
