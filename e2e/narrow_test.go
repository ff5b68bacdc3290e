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

// TestNarrowStates: on a telephone the whole diagram is in sight, in type that can be read.
func TestNarrowStates(t *testing.T) { everywhere(t, narrowStates) }

func narrowStates(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	p.size(420, 900)
	p.connected()
	p.by("tab", "States").click()
	p.eventually("the whole diagram in sight", func() (bool, error) {
		return eval[bool](p, `(() => {
			const box = document.querySelector('.states-scroll');
			const parts = [...box.querySelectorAll('.st-node, .st-edge text')].map((x) => x.getBoundingClientRect());
			const map = document.querySelector('.states-map');
			const scale = map.getScreenCTM().a;
			const small = [...map.querySelectorAll('.st-edge text.st-halo, .st-name')].map((x) => parseFloat(getComputedStyle(x).fontSize) * scale);
			return box.scrollWidth <= box.clientWidth && parts.length > 20 && parts.every((r) => r.left >= 0 && r.right <= innerWidth) && Math.min(...small) > 10.9;
		})()`), nil
	})
}
