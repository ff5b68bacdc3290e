package e2e

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// contrasts decides what axe leaves open about colours, mostly because something stands over or behind a text: the text's
// colour on those of its ancestors, drawn as the browser draws them. WCAG 2.2, 1.4.3 gives the ratio and the formula.
const contrasts = `(nodes) => {
	const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
	const drawn = (colors) => {
		canvas.clearRect(0, 0, 1, 1);
		for (const color of colors) {
			canvas.fillStyle = color;
			canvas.fillRect(0, 0, 1, 1);
		}
		return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
	};
	const luminance = (rgb) => {
		const [r, g, b] = rgb.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const low = [];
	for (const node of nodes) {
		if (!node.checkVisibility({opacityProperty: true, visibilityProperty: true}) || node.matches(':disabled, [aria-disabled="true"], :disabled *, [aria-disabled="true"] *')) continue;
		const style = getComputedStyle(node), grounds = [];
		for (let at = node; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
		const [ground, text] = [drawn(['white', ...grounds]), drawn(['white', ...grounds, style.color])].map(luminance);
		const ratio = (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
		if (ratio < (large ? 3 : 4.5)) low.push('contrast ' + ratio.toFixed(2) + ' of ' + node.outerHTML.slice(0, 160));
	}
	return low;
}`

// obeysAxe has axe look at the whole page as it is now.
func (p *page) obeysAxe(where string) {
	p.t.Helper()
	if !eval[bool](p, `'axe' in window`) {
		source, err := os.ReadFile("../static/node_modules/axe-core/axe.min.js")
		if err != nil {
			p.t.Fatal("axe-core is missing, make test gets it: ", err)
		}
		eval[bool](p, string(source)+"; true")
	}
	// In forced colours axe takes -webkit-text-fill-color for a text's colour, of which Chromium tells the one that is not forced.
	for _, fault := range eval[[]string](p, `(async () => {
		const contrasts = `+contrasts+`;
		const forced = matchMedia('(forced-colors: active)').matches;
		const {violations, incomplete} = await axe.run(document, {resultTypes: ['violations', 'incomplete'], rules: {'color-contrast': {enabled: !forced}}});
		const texts = () => [...document.body.querySelectorAll('*')].filter((x) => [...x.childNodes].some((y) => y.nodeType === Node.TEXT_NODE && y.data.trim() !== ''));
		const open = () => incomplete.filter((v) => v.id === 'color-contrast').flatMap((v) => v.nodes.map((n) => document.querySelector(n.target.join(' ')))).filter(Boolean);
		return [
			...violations.flatMap((v) => v.nodes.map((n) => v.id + ' (' + v.help + '): ' + n.target.join(' ') + ' ' + n.html.slice(0, 160))),
			...contrasts(forced ? texts() : open()),
		];
	})()`) {
		p.t.Errorf("%s: %s", where, fault)
	}
}

// TestAxe: no view breaks a rule that axe-core knows, in both themes and languages, at 200 % zoom and in forced colours.
func TestAxe(t *testing.T) {
	for _, look := range []struct {
		theme, language, forced string
		width, height           int64
	}{
		{"dark", "en", "none", 1440, 900}, {"light", "zh", "none", 1440, 900},
		{"light", "en", "none", 720, 450}, {"dark", "zh", "none", 420, 800}, {"dark", "en", "active", 1280, 720},
	} {
		t.Run(fmt.Sprint(look.theme, "-", look.language, "-forced-", look.forced, "-", look.width), func(t *testing.T) {
			p := browse(t, start(t))
			p.must(p.driver.(*chromium).media(map[string]string{"prefers-color-scheme": look.theme, "forced-colors": look.forced, "prefers-reduced-motion": "reduce"}))
			p.size(look.width, look.height)
			p.at("?pace=0&lang="+look.language, "")
			there := func(selector string) {
				t.Helper()
				p.eventually(selector+" to be there", func() (bool, error) {
					return eval[bool](p, fmt.Sprintf(`[...document.querySelectorAll(%q)].some((x) => x.checkVisibility())`, selector)), nil
				})
			}
			there(".demo-card")
			p.obeysAxe("the gallery")
			eval[bool](p, `(document.querySelector('.demo-card').click(), true)`)
			there(".demos .btn-primary")
			p.obeysAxe("a demo's page")
			eval[bool](p, `(document.querySelector('#network input[value="lab"]').click(), true)`)
			p.eventually("the Lab to be chosen", func() (bool, error) {
				return eval[bool](p, `document.querySelector('#network input[value="lab"]').checked`), nil
			})
			p.press(kb.Escape)
			p.press(kb.Escape)

			p.press("l")
			there("[data-socket='S1']")
			p.press("c")
			there("[data-socket='S1.1']")
			there("ladder-view .event-mark")
			p.obeysAxe("the ladder")
			p.press(kb.ArrowDown)
			there("#inspector")
			p.obeysAxe("the inspector")
			for n, view := range []string{"states-view", "segments-view", "netstat-view", "code-view", "log-view", "ladder-view"} {
				p.press(fmt.Sprint((n+1)%6 + 1))
				there(view)
				p.obeysAxe(view)
			}
			p.press("e")
			there("dialog[open]")
			p.obeysAxe("the wire")
			p.press(kb.Escape)
			p.press("?")
			there("dialog[open]")
			p.obeysAxe("the help")
			p.press(kb.Escape)
			p.must(p.driver.control("k"))
			there("dialog[open]")
			p.obeysAxe("the commands")
		})
	}
}
