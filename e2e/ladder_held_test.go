package e2e

import (
	"testing"
)

// TestHeldHasItsTools: the tools of what is held longest cover no text of the ladder, and once they are scrolled out of
// sight, a line below the ladder delivers it and leads to it.
func TestHeldHasItsTools(t *testing.T) { everywhere(t, heldHasItsTools) }

func heldHasItsTools(t *testing.T, in launch) {
	p := in.lab(t)
	p.size(1440, 560)
	p.press("e")
	p.by("dialog", "The wire").by("button", "hold every SYN, ACK").click()
	p.press("e")
	p.listenAndConnect()
	holds := func(what, js string) {
		t.Helper()
		p.eventually(what, func() (bool, error) { return eval[bool](p, js), nil })
	}
	p.told(`SYN, ACK .*held`, `SYN again`, `SYN, ACK again`)
	holds("the tools over no text", `(() => {
		const tools = document.querySelector('.wire-tools');
		if (!tools.checkVisibility()) return false;
		const at = tools.getBoundingClientRect();
		const texts = [...document.querySelectorAll('ladder-view :is(.seg-label > span, .event-time, .call, .gap span, .seg-arrow)')].filter((x) => x.checkVisibility());
		return texts.length > 5 && texts.every((x) => {
			const r = x.getBoundingClientRect();
			return r.bottom <= at.top + 6 || r.top >= at.bottom - 1 || r.right <= at.left || r.left >= at.right;
		});
	})()`)
	line := p.by("group", "Held longest")
	line.shows("held, the oldest: 2 SYN, ACK")
	holds("the tools out of sight", `(() => {
		const ladder = document.querySelector('.ladder').getBoundingClientRect();
		return document.querySelector('.wire-tools').getBoundingClientRect().bottom < ladder.top + 40;
	})()`)
	line.by("button", "Show").click()
	line.vanishes()
	p.by("toolbar", "Segment 2 on the wire").by("button", "Deliver").appears()
	p.press("\x1b")
	p.press("f") // follow what is newest
	line.by("button", "Deliver").click()
	p.by("article", "Socket C1").shows("ESTABLISHED")
}
