package e2e

import (
	"testing"
)

// narrowLadder is an open connection in a window of one column, where calls stand on the wire.
func narrowLadder(t *testing.T) *page {
	t.Helper()
	p := browse(t, start(t, "-capture=true"))
	p.size(800, 900)
	p.connect(p.serve("Echo"))
	return p
}

// In a narrow ladder, where calls stand on the wire, the order of reading is that of time: a call stands above the label
// of the segment that it sent, and what a segment brought about below that segment's label.
func TestNarrowLadderIsInOrder(t *testing.T) {
	p := narrowLadder(t)
	c1 := p.by("article", "Socket C1")
	c1.by("textbox", "Data to send from C1").fill("hello")
	c1.by("button", "Send").click()
	p.told("SYN", "PSH, ACK", "PSH, ACK")
	const rows = `[...document.querySelectorAll('.event[data-kind="segment"]')].flatMap((row) => {
		const label = row.querySelector('.seg-label > span').getBoundingClientRect();
		return [...row.querySelectorAll('.call')].filter((call) => call.checkVisibility()).map((call) => {
			const at = call.getBoundingClientRect();
			const lands = call.dataset.on === 'arrival';
			return { lands, right: lands ? at.top >= label.bottom - 2 : at.bottom <= label.top + 2, call: call.textContent };
		});
	})`
	p.eventually("a call that a landing ended", func() (bool, error) { return eval[bool](p, rows+`.some((call) => call.lands)`), nil })
	for _, call := range eval[[]struct {
		Lands, Right bool
		Call         string
	}](p, rows) {
		if !call.Right {
			t.Errorf("%s stands on the wrong side of its segment's label (a landing: %t)", call.Call, call.Lands)
		}
	}
}
