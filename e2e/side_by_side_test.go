package e2e

import (
	"testing"
)

// TestSideBySide: ladder and diagram stand beside each other, both tabs say so, what is pointed at in one lights in the other,
// the wire opens over the diagram, and all that is found again.
func TestSideBySide(t *testing.T) { everywhere(t, sideBySide) }

func sideBySide(t *testing.T, in launch) {
	p := in.lab(t)
	p.listenAndConnect()
	p.told("S1.1: SYN_RCVD to ESTABLISHED")
	holds := func(what, js string) {
		t.Helper()
		p.eventually(what, func() (bool, error) { return eval[bool](p, js), nil })
	}
	const whole = `(() => {
		const ladder = document.querySelector('ladder-view').getBoundingClientRect();
		const states = document.querySelector('states-view').getBoundingClientRect();
		const box = document.querySelector('.states-scroll');
		const seen = box.getBoundingClientRect();
		const parts = [...box.querySelectorAll('.st-node, .st-edge text')].map((x) => x.getBoundingClientRect());
		const fits = (at) => at.scrollWidth <= at.clientWidth && at.scrollHeight <= at.clientHeight;
		return ladder.width > 300 && ladder.right <= states.left + 1 && fits(box) && fits(document.documentElement) &&
			parts.length > 20 && parts.every((r) => r.top >= seen.top && r.bottom <= seen.bottom && r.left >= seen.left && r.right <= seen.right);
	})()`
	const selected = `[...document.querySelectorAll('[role="tab"][aria-selected="true"]')].map((x) => x.innerText).join()`
	p.press("d")
	holds("both beside each other", whole)
	holds("both tabs selected", selected+` === 'Ladder,States' && document.querySelector('[role="tablist"]').ariaMultiSelectable === 'true'`)
	p.size(1280, 720)
	p.press("p")
	holds("both on a projector", whole)

	eval[bool](p, `([...document.querySelectorAll('.event-mark')].find((x) => x.ariaLabel.includes('C1: CLOSED to SYN_SENT')).focus(), true)`)
	holds("the edge of the call lit", `document.querySelector('.st-edge[data-hover]')?.ariaLabel.startsWith('CLOSED to SYN_SENT')`)
	eval[bool](p, `(document.querySelector('.st-edge[data-taken="right"]').dispatchEvent(new MouseEvent('click', {bubbles: true})), true)`)
	holds("the row of the edge selected", `document.querySelector('.event[data-selected]') !== null`)

	p.by("button", "On the wire: no delay, no loss").click()
	holds("the wire over the diagram", `(() => {
		const wire = document.getElementById('wire').getBoundingClientRect();
		const states = document.getElementById('panel-states').getBoundingClientRect();
		const ladder = document.querySelector('ladder-view').getBoundingClientRect();
		return wire.height > 200 && wire.left >= ladder.right && wire.right <= states.right + 1 && wire.bottom <= states.bottom + 1;
	})()`)
	p.by("button", "Close the wire").click()

	p.by("tab", "Segments").click()
	holds("one view alone", selected+` === 'Segments' && !document.querySelector('ladder-view').checkVisibility()`)
	p.by("tab", "States").click()
	holds("both again", whole)
	p.reload()
	holds("both after a reload", whole)
	p.by("button", "Side by side").click()
	holds("one view", selected+` === 'States' && !document.querySelector('ladder-view').checkVisibility()`)
	p.travel(-1)
	holds("both as before", whole)

	p.size(1000, 720)
	holds("one view where there is no room, and the reason", selected+` === 'States' && document.getElementById('side-by-side').title.includes('1,100')`)
	p.press("d")
	holds("the reason told", `document.getElementById('toasts').innerText.includes('1,100')`)
}
