package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// The whole of a connection's life without a mouse.
func TestKeyboard(t *testing.T) { everywhere(t, keyboard) }

func keyboard(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	port := freePort(t)
	p.by("button", "Listen").appears()

	// A letter acts, except while one types; Escape leaves the field.
	p.by("textbox", "Port to listen on").fill(fmt.Sprintf("127.0.0.1:%d", port))
	p.press(kb.Escape + "l")
	p.by("article", "Listener S1").shows("LISTEN")

	p.by("textbox", "Address to connect to").fill(fmt.Sprintf("127.0.0.1:%d", port))
	p.press(kb.Escape + "c")
	c1 := p.by("article", "Socket C1")
	c1.shows("ESTABLISHED")

	p.by("textbox", "Data to send from C1").fill("")
	p.press("hello")
	p.enter()
	c1.shows("Wrote 5 B")
	p.press("scwxr")
	p.enter()
	c1.shows("ESTABLISHED", "Wrote 10 B")

	p.press(kb.Escape)
	p.press("w")
	c1.shows("FIN_WAIT_2")
	p.press("x")
	c1.shows("Redial")

	for n, name := range []string{"Ladder", "States", "Segments", "netstat", "Go code", "Log"} {
		p.press(fmt.Sprint(n + 1))
		p.eventually(name+" to be the tab", func() (bool, error) {
			var on string
			_, err := p.by("tab", name).call(`function() { return this.getAttribute('aria-selected'); }`, &on)
			return on == "true", err
		})
	}
	p.press("?")
	p.by("dialog", "").shows("Shortcuts")
	p.press(kb.Escape)
	p.by("dialog", "").vanishes()
}

// What opens in front of the page gives the focus back, and a key that changes what is shown says so.
func TestFocusComesBack(t *testing.T) { everywhere(t, focusComesBack) }

func focusComesBack(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	c1, _ := p.connected()
	for _, opener := range []string{"More ways to close", "More ways to send"} {
		button := c1.by("button", opener)
		back := func(how string) {
			t.Helper()
			p.eventually(opener+" to have the focus again after "+how, func() (bool, error) {
				return eval[string](p, `document.activeElement.getAttribute('aria-label') ?? ''`) == opener, nil
			})
		}
		button.focus()
		p.enter()
		p.eventually("the first item to have the focus", func() (bool, error) {
			return eval[string](p, `document.activeElement.getAttribute('role') ?? ''`) == "menuitem", nil
		})
		p.press(kb.Escape)
		back("Escape")
	}
	p.press(kb.Escape)
	p.press("]")
	p.eventually("the fold to be said", func() (bool, error) {
		return strings.Contains(eval[string](p, `document.getElementById('polite').textContent`), "server column is folded"), nil
	})
	p.press("]")

	// The same sentence again is no second notice.
	p.press("e")
	p.press("e")
	p.eventually("one notice", func() (bool, error) {
		return eval[int](p, `document.querySelectorAll('#toasts > *').length`) == 1, nil
	})
}

// focused gives what has the focus, once it is not lost: the page's body has it then, and who uses the keyboard begins at
// the top of the page again.
func (p *page) focused(after string) string {
	p.t.Helper()
	var on string
	p.eventually("something to have the focus after "+after, func() (bool, error) {
		on = eval[string](p, `((e) => e && e !== document.body && e.checkVisibility() ? e.getAttribute('aria-label') ?? e.innerText : '')(document.activeElement)`)
		return on != "", nil
	})
	return on
}

// What goes away under the focus hands it on: to the next control of its card, to the next card, to the button that opened it.
func TestFocusIsKept(t *testing.T) {
	p := browse(t, start(t))
	c1, s11 := p.connected()
	is := func(want, after string) {
		t.Helper()
		if got := p.focused(after); !strings.HasPrefix(got, want) {
			t.Errorf("after %s %q has the focus, want %q", after, got, want)
		}
	}
	c1.by("button", "Close").focus()
	p.enter()
	c1.shows("FIN_WAIT_2")
	p.focused("Close on C1")
	s11.by("button", "Close").focus()
	p.enter()
	s11.by("button", "Remove").appears()
	p.focused("Close on S1.1")
	s11.by("button", "Remove").focus()
	p.enter()
	s11.vanishes()
	is("Inspect S1", "Remove on S1.1")
	s1 := p.by("article", "Listener S1")
	s1.by("button", "Close").focus()
	p.enter()
	s1.by("button", "Remove").appears()
	is("Remove", "Close on S1")
	p.enter()
	s1.vanishes()
	is("Listen", "Remove of the last card")

	p.by("button", "Demos").focus()
	p.enter()
	p.eventually("the search to have the focus", func() (bool, error) {
		return eval[string](p, `document.activeElement.getAttribute('aria-label') ?? ''`) == "Search demos", nil
	})
	p.press(kb.Escape)
	p.by("region", "Demos").vanishes()
	is("Demos", "Escape in the gallery")
}
