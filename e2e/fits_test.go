package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// outside is what stands out of the box it belongs to, and whether the page itself can be scrolled.
const outside = `(() => {
	const out = [];
	const {scrollWidth, scrollHeight} = document.documentElement;
	if (scrollWidth > innerWidth) out.push('the page is ' + scrollWidth + ' px wide');
	if (scrollHeight > innerHeight) out.push('the page is ' + scrollHeight + ' px high');
	for (const box of document.querySelectorAll('.topbar, .viewbar, .card, .form, .story-head, demo-story footer, .inspector-head')) {
		if (!box.checkVisibility()) continue;
		const {left, right} = box.getBoundingClientRect();
		for (const part of box.querySelectorAll('button, input:not(.sr-only), label, select, .chip, .tag')) {
			const r = part.getBoundingClientRect();
			if (part.checkVisibility() && r.width > 0 && (r.right > right + 1 || r.left < left - 1)) out.push('"' + part.textContent + '" in ' + (box.className || box.localName));
		}
	}
	return out;
})()`

// On a laptop and at a projector's size everything stands in its box, and only columns and views scroll.
func TestEverythingFits(t *testing.T) {
	s := start(t)
	for _, size := range []struct {
		width, height int64
		scale         string
	}{{1440, 900, ""}, {1280, 720, ""}, {1440, 900, "large"}, {1280, 720, "large"}} {
		t.Run(fmt.Sprint(size.width, "x", size.height, size.scale), func(t *testing.T) {
			p := browse(t, s)
			p.size(size.width, size.height)
			eval[bool](p, fmt.Sprintf(`(localStorage.setItem('scale', %q), true)`, size.scale))
			fits := func(where string) {
				t.Helper()
				var out []string
				defer func() {
					if t.Failed() {
						t.Logf("%s: %s", where, strings.Join(out, "\n"))
					}
				}()
				p.eventually("everything to fit, "+where, func() (bool, error) {
					out = eval[[]string](p, outside)
					return len(out) == 0, nil
				})
			}
			p.at("?pace=0", "")
			p.by("region", "Demos").by("button", "Run the handshake demo").appears()
			fits("in the gallery")
			p.drop("knock.yaml", knock(freePort(t)))
			p.by("region", "Opened demo").by("button", "Run").click()
			p.passes(3, ", passed")
			fits("on the ladder")
			p.by("button", "Step back").click() // it selects what the step did
			for _, tab := range []string{"States", "Segments", "netstat", "Go code", "Log", "Ladder"} {
				p.by("tab", tab).click()
				fits("on " + tab)
			}
			if small := eval[[]string](p, `[...document.querySelectorAll('#demo li button')].filter((b) => b.getBoundingClientRect().width < 24).map((b) => b.ariaLabel)`); len(small) > 0 {
				t.Errorf("%q are too small to be hit", small)
			}
		})
	}
}

// TestFoldedColumn: a column folds and opens by mouse as by key; folded it says which sockets it has, in which state. At
// projector size on the commonest projector both are folded, and netstat shows its states.
func TestFoldedColumn(t *testing.T) { everywhere(t, foldedColumn) }

func foldedColumn(t *testing.T, in launch) {
	p := in.lab(t)
	p.listenAndConnect()
	p.by("article", "Socket C1").shows("ESTABLISHED")
	p.by("button", "Fold the column Client host").click()
	rail := p.by("button", "Open the column Client host")
	rail.shows("C1", "ESTABLISHED")
	p.by("article", "Socket C1").vanishes()
	rail.click()
	p.by("article", "Socket C1").shows("ESTABLISHED")
	p.press("[")
	rail.shows("C1")
	p.press("[")

	p.size(1280, 720)
	p.press("p")
	rail.shows("C1", "ESTABLISHED")
	p.by("button", "Open the column Server host").shows("S1", "LISTEN", "S1.1", "ESTABLISHED")
	p.by("tab", "netstat").click()
	p.eventually("the states in sight", func() (bool, error) {
		return eval[bool](p, `(() => {
			const term = document.querySelector('netstat-view .term').getBoundingClientRect();
			const states = [...document.querySelectorAll('netstat-view .term *')].filter((x) => x.children.length === 0 && x.textContent === 'ESTABLISHED');
			return states.length >= 2 && states.every((x) => x.getBoundingClientRect().right <= term.right);
		})()`), nil
	})
	p.press("p")
	p.by("article", "Socket C1").shows("ESTABLISHED")
}

// TestNextIsNeverCovered: in every window and every view, what stands where Next is drawn is Next.
func TestNextIsNeverCovered(t *testing.T) { everywhere(t, nextIsNeverCovered) }

func nextIsNeverCovered(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	p.at("?pace=9", "")
	p.by("region", "Demos").by("button", "Run the handshake demo").click()
	p.story(1, 8).by("button", "Pause").appears()
	for _, width := range []int64{1440, 1280, 1100, 960, 720, 420} {
		p.size(width, 768)
		for _, tab := range []string{"Ladder", "States", "Segments", "netstat", "Go code", "Log"} {
			eval[bool](p, fmt.Sprintf(`([...document.querySelectorAll('[role="tab"]')].find((x) => x.textContent === %q).click(), true)`, tab))
			p.eventually(fmt.Sprintf("Next to be what one hits, %d wide, %s", width, tab), func() (bool, error) {
				return eval[bool](p, `(() => {
					const next = [...document.querySelectorAll('demo-story .btn-primary')].find((b) => b.checkVisibility() && b.textContent.startsWith('Next'));
					next.scrollIntoView({block: 'nearest'});
					const box = next.getBoundingClientRect();
					return next.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
				})()`), nil
			})
		}
	}
}

// TestProjector: on the commonest projector what the lesson is about is in sight: the whole diagram in type that can be read,
// every tab, the columns that a lesson points at, and the ladder beside the wire. With both columns open as without.
func TestProjector(t *testing.T) {
	p := lab(t)
	p.size(1280, 720)
	p.listenAndConnect()
	p.told("S1.1: SYN_RCVD to ESTABLISHED")
	p.press("p")
	holds := func(what, js string) {
		t.Helper()
		p.eventually(what, func() (bool, error) { return eval[bool](p, js), nil })
	}
	for _, columns := range []string{"folded", "open"} {
		if columns == "open" {
			p.by("button", "Open the column Client host").click()
			p.by("button", "Open the column Server host").click()
		}
		holds("every tab in sight, columns "+columns, `(() => {
			const row = document.querySelector('.tablist');
			return row.scrollWidth <= row.clientWidth && !row.dataset.more;
		})()`)
		p.by("tab", "States").click()
		holds("the whole diagram in sight, columns "+columns, `(() => {
			const box = document.querySelector('.states-scroll');
			const seen = box.getBoundingClientRect();
			const parts = [...box.querySelectorAll('.st-node, .st-edge text')].map((x) => x.getBoundingClientRect());
			const inside = parts.every((r) => r.top >= seen.top && r.bottom <= seen.bottom && r.left >= seen.left && r.right <= seen.right);
			const name = box.querySelector('.st-name').getBoundingClientRect();
			return parts.length > 20 && inside && name.height > 11 && box.scrollHeight <= box.clientHeight;
		})()`)
		p.by("tab", "Segments").click()
		holds("time and Ack in sight, columns "+columns, `(() => {
			const seen = document.querySelector('.segs').getBoundingClientRect();
			return ['time', 'flags', 'ack'].every((name) => {
				const cell = document.querySelector('.segs-body [data-column="' + name + '"]');
				return cell.checkVisibility() && cell.getBoundingClientRect().right <= seen.right;
			});
		})()`)
		p.by("tab", "netstat").click()
		holds("the states in sight, columns "+columns, `(() => {
			const term = document.querySelector('netstat-view .term').getBoundingClientRect();
			const states = [...document.querySelectorAll('netstat-view .state-cell')].filter((x) => x.textContent === 'ESTABLISHED');
			return states.length === 2 && states.every((x) => x.getBoundingClientRect().right <= term.right);
		})()`)
		p.by("tab", "Ladder").click()
		p.by("button", "On the wire: no delay, no loss").click()
		holds("the ladder beside the wire, columns "+columns, `(() => {
			const ladder = document.querySelector('ladder-view').getBoundingClientRect();
			const wire = document.getElementById('wire').getBoundingClientRect();
			const stage = document.querySelector('.stage').getBoundingClientRect();
			return (ladder.right <= wire.left || ladder.bottom <= wire.top) && ladder.height > 200 && wire.height > 200 && wire.bottom <= stage.bottom;
		})()`)
		p.by("button", "Close the wire").click()
	}
	// What the strip shows is a press away, by key as by mouse.
	p.by("tab", "States").click()
	p.by("button", "In time").click()
	p.by("region", "Timeline of states").shows("SYN_SENT")
}

// Who speaks to the page says what stands on a button: its name holds that. And the payload on the wire is what is read
// there, also beside the wide columns of calls.
func TestNamesAndLabels(t *testing.T) {
	p := browse(t, start(t))
	check := func(where string) {
		t.Helper()
		wrong := eval[[]string](p, `(() => {
			const seen = (e) => e.innerText ?? [...e.querySelectorAll('text')].map((text) => text.textContent).join('');
			const plain = (text) => text.replace(/\s+/g, ' ').trim().toLowerCase();
			return [...document.querySelectorAll(':is(button, a, [role=button])[aria-label]')].filter((e) => e.checkVisibility())
				.filter((e) => /\p{L}{2}/u.test(seen(e)) && !plain(e.getAttribute('aria-label')).includes(plain(seen(e))))
				.map((e) => e.getAttribute('aria-label') + ' | ' + plain(seen(e)));
		})()`)
		for _, w := range wrong {
			t.Errorf("%s: the name of a button has not what stands on it: %s", where, w)
		}
	}
	check("the first screen")
	c1, _ := p.connected()
	c1.by("textbox", "Data to send from C1").fill("0123456789")
	c1.by("button", "Send").click()
	p.by("list", "Events in time order").shows("Write")
	for _, width := range []int64{1440, 1280} {
		p.size(width, 900)
		p.eventually(fmt.Sprintf("the payload at %d px", width), func() (bool, error) {
			return eval[bool](p, `[...document.querySelectorAll('.seg-label > span')].some((e) => e.innerText.includes('"0123456789"') && e.scrollWidth <= e.clientWidth)`), nil
		})
	}
	for _, tab := range []string{"Ladder", "States", "Go code"} {
		p.by("tab", tab).click()
		p.by("tabpanel", tab).appears()
		check(tab)
	}
}
