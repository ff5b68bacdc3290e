package e2e

import (
	"testing"
	"time"
)

// In a narrow ladder a time in seconds says so within its gutter, and a gap cuts no name of a state: after 15 s of
// silence the ends ask each other, and that silence stands beside ESTABLISHED.
func TestNarrowLadderAfterSilence(t *testing.T) {
	p := narrowLadder(t)
	p.within(40*time.Second, "a time in seconds", func() (bool, error) {
		return eval[bool](p, `document.querySelector('.event-time [data-unit=" s"]') !== null && document.querySelector('.gap') !== null`), nil
	})
	for _, cut := range eval[[]string](p, `[...document.querySelectorAll('.event-time:has([data-unit=" s"])')].filter((time) => {
		const words = document.createRange();
		words.selectNodeContents(time);
		const at = words.getBoundingClientRect(), room = time.getBoundingClientRect();
		return !time.querySelector('[data-unit]').checkVisibility() || at.left < 0 || at.right > room.right + 0.5;
	}).map((time) => time.textContent)`) {
		t.Errorf("the gutter cuts %q", cut)
	}

	// Where a name and the line of a gap meet, the name is on top.
	const met = `[...document.querySelectorAll('.gap')].flatMap((gap) => {
		gap.scrollIntoView({ block: 'center' });
		const line = gap.getBoundingClientRect(), y = (line.top + line.bottom) / 2;
		return [...document.querySelectorAll('.band > span')].filter((name) => {
			const at = name.getBoundingClientRect();
			return at.top < y && y < at.bottom;
		}).map((name) => {
			const at = name.getBoundingClientRect();
			return { name: name.textContent, whole: document.elementFromPoint((at.left + at.right) / 2, y) === name };
		});
	})`
	names := eval[[]struct {
		Name  string
		Whole bool
	}](p, met)
	if len(names) == 0 {
		t.Error("no gap is beside the name of a state")
	}
	for _, name := range names {
		if !name.Whole {
			t.Errorf("a gap cuts %s", name.Name)
		}
	}
}
