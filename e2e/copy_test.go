package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// followed is a page with a connection in the Lab on which both ends have sent, its stream followed.
func followed(t *testing.T) *page {
	t.Helper()
	p := lab(t)
	p.listenAndConnect()
	c1 := p.by("article", "Socket C1")
	c1.shows("ESTABLISHED")
	c1.by("textbox", "Data to send from C1").fill("ping 你好")
	c1.by("button", "Send").click()
	p.by("tab", "Segments").click()
	if !eval[bool](p, `document.querySelector('.stream-head input').checked`) {
		p.by("switch", "Follow stream").click()
	}
	p.by("button", "Copy stream").appears()
	p.eventually("the stream", func() (bool, error) {
		return eval[bool](p, `document.querySelector('.stream').textContent.includes('ping')`), nil
	})
	return p
}

// A followed stream is saved as what either end sent, byte for byte, and as the text that stands there; and copied.
func TestStreamIsKept(t *testing.T) {
	p := followed(t)
	dir := t.TempDir()
	if _, err := chromedp.Call(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ item, suffix, holds string }{{"What C1 sent", "-client.bin", "ping 你好"}, {"Both, as shown", ".txt", "→ C1: ping 你好"}} {
		p.by("button", "Save stream").click()
		p.eventually("the item "+c.item, func() (bool, error) {
			return eval[bool](p, `(() => { const item = [...document.querySelectorAll('[role=menuitem]')].find((i) => i.textContent.startsWith('`+c.item+`') && i.checkVisibility()); item?.click(); return item !== undefined; })()`), nil
		})
		p.eventually("the file of "+c.item, func() (bool, error) {
			files, err := filepath.Glob(filepath.Join(dir, "*"+c.suffix))
			if err != nil || len(files) != 1 {
				return false, err
			}
			b, err := os.ReadFile(files[0])
			return strings.HasPrefix(string(b), c.holds), err
		})
	}
	eval[bool](p, `(navigator.clipboard.writeText = async (text) => { window.copied = text; }, true)`)
	p.by("button", "Copy stream").click()
	p.eventually("the copied stream", func() (bool, error) {
		return strings.HasPrefix(eval[string](p, `window.copied ?? ''`), "→ C1: ping 你好"), nil
	})
	p.by("region", "Stream of C1 ⇄ S1.1").shows("Copied")
}

// Where the browser does not let the page copy, every button that copies says so, and none says that it did. A page that
// has no clipboard at all, since it came by http from another name, copies the older way.
func TestCopyIsRefused(t *testing.T) {
	p := followed(t)
	buttons := []struct{ tab, selector string }{
		{"Segments", `[...document.querySelectorAll('.stream button')].find((b) => b.textContent === 'Copy stream')`},
		{"Log", `[...document.querySelectorAll('button')].find((b) => b.textContent === 'Copy as text')`},
		{"Go code", `document.querySelector('[aria-label^="Copy "][aria-label$=".go"]')`},
		{"Go code", `document.querySelector('[aria-label^="Copy the command that runs"]')`},
		{"netstat", `document.querySelector('[aria-label^="Copy the command"]')`},
	}
	press := func(tab, selector string) {
		t.Helper()
		p.by("tab", tab).click()
		p.eventually("a button to copy in "+tab, func() (bool, error) { return eval[bool](p, `(`+selector+`)?.checkVisibility() ?? false`), nil })
		eval[bool](p, `((`+selector+`).focus(), (`+selector+`).click(), true)`)
	}
	eval[bool](p, `(navigator.clipboard.writeText = async () => { window.asked = (window.asked ?? 0) + 1; throw new DOMException('Write permission denied.', 'NotAllowedError'); }, true)`)
	for _, b := range buttons {
		eval[bool](p, `(document.querySelector('#toasts').replaceChildren(), document.querySelector('#assertive').textContent = '', true)`)
		press(b.tab, b.selector)
		p.eventually("the refusal in "+b.tab, func() (bool, error) {
			return eval[bool](p, `['#toasts', '#assertive'].every((region) => document.querySelector(region).textContent.includes('does not let this page copy: Write permission denied.'))`), nil
		})
		if eval[bool](p, `[...document.querySelectorAll('button span, .stream-said, button')].some((e) => e.textContent === 'Copied')`) {
			t.Errorf("%s says that it copied", b.tab)
		}
	}
	eval[bool](p, `(Object.defineProperty(navigator, 'clipboard', { value: undefined }), document.addEventListener('copy', () => { window.copied = document.activeElement.value; }), true)`)
	for _, b := range buttons {
		eval[bool](p, `(window.copied = '', true)`)
		press(b.tab, b.selector)
		p.eventually("a copy in "+b.tab, func() (bool, error) { return eval[bool](p, `window.copied.length > 5`), nil })
		if !eval[bool](p, `document.activeElement instanceof HTMLButtonElement`) {
			t.Errorf("%s: the focus is elsewhere after copying", b.tab)
		}
	}
}
