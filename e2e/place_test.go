package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// selected waits until a tab is the one that is open.
func (p *page) selected(tab string) {
	p.t.Helper()
	p.eventually(tab+" to be the tab", func() (bool, error) {
		var on string
		_, err := p.by("tab", tab).call(`function() { return this.getAttribute('aria-selected'); }`, &on)
		return on == "true", err
	})
}

// travel goes through the browser's history, as its buttons do.
func (p *page) travel(by int) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(history.go(%d), true)`, by))
}

// The demos stand in the place of the tabs: what leaves them brings the tabs, and Back leads to them again.
func TestDemosInPlaceOfTabs(t *testing.T) { everywhere(t, demosInPlaceOfTabs) }

func demosInPlaceOfTabs(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	p.by("searchbox", "Search demos").appears()
	p.by("tab", "Ladder").vanishes()
	p.press("4")
	p.selected("netstat")
	p.by("region", "Demos").vanishes()
	p.travel(-1)
	p.by("region", "Demos").by("button", "Run the handshake demo").appears()
	p.by("tab", "netstat").vanishes()
	p.travel(1)
	p.selected("netstat")

	p.by("button", "Demos").click()
	p.by("button", "Close the demos").click()
	p.selected("netstat")
	if focused := eval[string](p, `document.activeElement.id`); focused != "open-demos" {
		t.Errorf("the focus is on %q, want the button that opened the demos", focused)
	}
}

// Back from a run leads to the demo that was opened and to the gallery, never into a session that was before it.
func TestBackFromADemo(t *testing.T) { everywhere(t, backFromADemo) }

func backFromADemo(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	p.at("?pace=0", "")
	p.by("region", "Demos").by("button", "Run the handshake demo").appears()
	p.drop("knock.yaml", knock(freePort(t)))
	sheet := p.by("region", "Opened demo")
	sheet.by("button", "Run").click()
	p.passes(3, ", passed")

	tuple := func() string {
		return eval[string](p, `document.querySelector('[data-socket="C1"] .card-tuple')?.textContent ?? ''`)
	}
	before := tuple()
	p.story(3, 3).by("button", "Run again").click()
	p.by("button", "Close and run").click()
	p.eventually("another C1", func() (bool, error) { now := tuple(); return now != "" && now != before, nil })
	p.passes(3, ", passed")
	c1 := p.by("article", "Socket C1")
	c1.appears()
	session := key(eval[string](p, "location.hash"))
	same := func(where string) {
		t.Helper()
		c1.appears()
		if now := key(eval[string](p, "location.hash")); now != session {
			t.Errorf("%s the session is %s, want %s", where, now, session)
		}
	}

	p.travel(-1)
	sheet.shows("Somebody knocks")
	same("back at the demo")
	p.travel(-1)
	p.by("region", "Demos").by("button", "Run the handshake demo").appears()
	same("back at the gallery")
	p.travel(2)
	p.by("list", "Events in time order").shows("Dial")
	same("forward again")

	p.reload()
	c1.appears()
	p.travel(-2)
	p.by("region", "Demos").by("button", "Run the handshake demo").appears()
	same("after a reload, back at the gallery")
	if said := eval[string](p, `document.getElementById('toasts').innerText`); said != "" {
		t.Errorf("the page says %q", said)
	}
}

// Folding a column outlives the change of the language.
func TestFoldedColumnsStay(t *testing.T) {
	p := browse(t, start(t))
	p.connected()
	p.press("[")
	p.by("form", "Connect").vanishes()
	p.by("button", "中文").click()
	p.by("form", "监听").appears()
	p.by("form", "连接").vanishes()
	p.by("button", "展开“客户端主机”一栏").click()
	p.by("form", "连接").appears()
}

// Where the browser keeps nothing, the language can be changed all the same.
func TestLanguageWithoutStorage(t *testing.T) {
	p := browse(t, start(t))
	err := chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: `
			for (const name of ['localStorage', 'sessionStorage']) {
				Object.defineProperty(window, name, {get() { throw new DOMException('no storage here', 'SecurityError'); }});
			}`})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	p.at("", "")
	p.by("radiogroup", "Language").by("radio", "中文").click()
	p.by("button", "监听").appears()
	p.by("button", "关闭演示列表").click()
	p.by("button", "EN, English").click()
	p.by("button", "Listen").appears()
	p.reload()
	p.by("button", "Listen").appears()
}
