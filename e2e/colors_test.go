package e2e

import "testing"

// With the system's own few colours, what was told by a colour is told by a border or by the colour of a selection.
func TestForcedColors(t *testing.T) {
	p := browse(t, start(t))
	p.must(p.driver.(*chromium).media(map[string]string{"forced-colors": "active"}))
	p.connected()
	p.by("list", "Events in time order").shows("Accept")
	for what, differs := range map[string]string{
		"a full meter from an empty one":  `getComputedStyle(document.querySelector('.meter')).borderTopWidth === '1px'`,
		"a call from no call":             `getComputedStyle(document.querySelector('ladder-view .call'), '::after').borderTopWidth === '3px'`,
		"a state's band from the next":    `getComputedStyle(document.querySelector('ladder-view .band')).borderTopWidth === '1px'`,
		"the active card from the others": `getComputedStyle(document.querySelector('.card[data-active]')).outlineStyle === 'solid'`,
	} {
		if !eval[bool](p, differs) {
			t.Error("one cannot tell ", what)
		}
	}
	p.by("tab", "Log").click()
	p.by("button", "Calls").appears()
	if !eval[bool](p, `(() => {
		const color = (pressed) => getComputedStyle(document.querySelector('log-view .chipbtn[aria-pressed="' + pressed + '"]')).backgroundColor;
		return color(true) !== color(false);
	})()`) {
		t.Error("one cannot tell a pressed chip from the others")
	}
}
