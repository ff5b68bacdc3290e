package e2e

import (
	"fmt"
	"testing"
)

// TestStoryIsWhole: with the width of the window, no line of the story of the first demo is covered by its buttons.
func TestStoryIsWhole(t *testing.T) {
	s := start(t)
	for _, l := range []struct {
		language, run, back string
		width, height       int64
	}{{"en", "Run the handshake demo", "Back", 1280, 720}, {"zh", "运行三次握手演示", "上一步", 1440, 900}} {
		t.Run(l.language, func(t *testing.T) {
			p := browse(t, s)
			p.size(l.width, l.height)
			p.at("?pace=0&lang="+l.language, "")
			p.by("button", l.run).click()
			p.eventually("the end", func() (bool, error) {
				return eval[bool](p, `document.querySelector('demo-story .story-result').innerText !== ''`), nil
			})
			p.press("\x1b") // nothing selected: the story has the width
			for step := 8; step >= 1; step-- {
				p.eventually(fmt.Sprintf("all of step %d in sight", step), func() (bool, error) {
					return eval[bool](p, `(() => {
						const body = document.querySelector('demo-story .story-body');
						return body.scrollHeight <= body.clientHeight;
					})()`), nil
				})
				if step > 1 {
					p.by("button", l.back).click()
					p.press("\x1b")
				}
			}
		})
	}
}

// TestStoryLine: at 200 % zoom of a laptop the page scrolls, and the story's step and its Next stay in sight of the ladder.
func TestStoryLine(t *testing.T) {
	p := browse(t, start(t))
	p.size(720, 450)
	p.at("?pace=9", "")
	p.by("button", "Run the handshake demo").click()
	p.story(1, 8).by("button", "Pause").appears()
	eval[bool](p, `(scrollTo(0, 0), true)`)
	line := p.by("group", "Story in one line")
	line.shows("Step 1 of 8")
	line.by("button", "Next").click()
	line.shows("Step 2 of 8", "Accept takes what is ready")
	p.eventually("the ladder above the line", func() (bool, error) {
		return eval[bool](p, `(() => {
			const ladder = document.querySelector('ladder-view .event').getBoundingClientRect();
			const line = document.querySelector('.story-line').getBoundingClientRect();
			const row = document.querySelector('ladder-view .event-mark').getBoundingClientRect();
			return ladder !== null && row.bottom < line.top && line.bottom <= innerHeight;
		})()`), nil
	})
	line.by("button", "Step 2 of 8 Accept takes what is ready").click()
	line.vanishes()
	p.story(2, 8).by("button", "Next").appears()
}
