package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// The whole of a connection's life without a mouse.
func TestKeyboard(t *testing.T) {
	p := browse(t, start(t))
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
