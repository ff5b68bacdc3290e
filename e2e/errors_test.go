package e2e

import (
	"fmt"
	"strings"
	"testing"
)

// Every way in which a call fails is shown with Go's text, the errno, and a sentence of why.
func TestErrorsAreShown(t *testing.T) {
	s := start(t)
	t.Run("refused", func(t *testing.T) {
		p := browse(t, s)
		port := freePort(t)
		p.connect(fmt.Sprintf("127.0.0.1:%d", port))
		p.by("article", "Socket C1").shows("CLOSED", "Refused.")
		p.by("form", "Connect").shows("connect: connection refused", "ECONNREFUSED", "Nothing listens on that address and port")
		p.by("button", fmt.Sprintf("Listen on %d", port)).appears()
		if n := eval[int](p, fmt.Sprintf(`[...document.querySelectorAll('button')].filter((b) => b.checkVisibility() && b.textContent.includes('Listen on %d')).length`, port)); n != 1 {
			t.Errorf("%d buttons listen there, want one", n)
		}
		p.by("list", "Events in time order").shows("Dial", "connection refused")
		p.by("button", fmt.Sprintf("Listen on %d", port)).click()
		p.by("article", "Listener S1").shows("LISTEN")

		// Now somebody listens there, and nothing says otherwise.
		stage := p.by("main", "Stage")
		stage.shows("Nobody listened on port", "Now S1 listens there.")
		p.by("button", fmt.Sprintf("Listen on %d", port)).vanishes()
		stage.by("button", "Redial").click()
		p.by("article", "Socket C2").shows("ESTABLISHED")
	})
	t.Run("timed out", func(t *testing.T) {
		p := browse(t, s)
		port := freePort(t)
		p.by("radio", "Never accept").click()
		p.by("form", "Listen").by("DisclosureTriangle", "").click()
		p.by("textbox", "Backlog").fill("1")
		p.listen(fmt.Sprintf("127.0.0.1:%d", port))
		p.by("article", "Listener S1").shows("LISTEN")
		address := fmt.Sprintf("127.0.0.1:%d", port)
		for _, c := range []string{"C1", "C2"} { // a backlog of 1 holds two (lessons, 18)
			p.connect(address)
			p.by("article", "Socket "+c).shows("ESTABLISHED")
		}
		p.by("form", "Connect").by("DisclosureTriangle", "").click()
		p.by("textbox", "Timeout").fill("700")
		p.connect(address)
		p.by("article", "Socket C3").shows("SYN_SENT")
		p.by("textbox", "Timeout").vanishes() // used, and out of the way of the cards
		if text := p.by("article", "Socket C3").text(); strings.Contains(text, "to read") {
			t.Errorf("nobody waits for a reader before there is a connection: %q", text)
		}
		p.by("article", "Socket C3").shows("CLOSED", "i/o timeout", "The timeout of this Dial passed")
	})
	t.Run("address in use", func(t *testing.T) {
		p := browse(t, s)
		port := freePort(t)
		p.listen(fmt.Sprintf("127.0.0.1:%d", port))
		p.by("article", "Listener S1").shows("LISTEN")
		p.listen(fmt.Sprintf("127.0.0.1:%d", port))
		p.by("form", "Listen").shows("bind: address already in use", "EADDRINUSE", "S1 already listens on")
	})
	t.Run("broken pipe", func(t *testing.T) {
		p := browse(t, s)
		c1, s11 := p.connected()
		s11.by("button", "Close").click()
		c1.shows("CLOSE_WAIT")
		send := func(text string) {
			c1.by("textbox", "Data to send from C1").fill(text)
			c1.by("button", "Send").click()
		}
		send("a")
		c1.shows("CLOSED")
		send("b")
		c1.shows("write: broken pipe", "EPIPE", "The peer's RST has ended this connection")
	})
	t.Run("reset", func(t *testing.T) {
		p := browse(t, s)
		c1, s11 := p.connected()
		s11.by("button", "More ways to close").click()
		p.by("menuitem", "Reset").click()
		c1.shows("CLOSED", "connection reset by peer", "ECONNRESET", "S1.1 sent RST instead of FIN")
		c1.by("button", "Redial").appears()
		if over := eval[[]string](p, `[...document.querySelectorAll('.card')].flatMap((card) => [...card.querySelectorAll('button')]
			.filter((b) => b.getBoundingClientRect().right > card.getBoundingClientRect().right).map((b) => b.textContent))`); len(over) > 0 {
			t.Errorf("%q stand out of their card", over)
		}
	})
	t.Run("deadline", func(t *testing.T) {
		p := browse(t, s)
		_, s11 := p.connected()
		s11.by("button", "More ways to close").click()
		p.by("menuitem", "Set a deadline").click()
		s11.by("textbox", "Deadline of S1.1 in milliseconds").fill("300")
		s11.by("button", "Set").click()
		s11.by("button", "Read").click()
		s11.shows("ESTABLISHED", "i/o timeout", "the connection itself is unharmed", "until you clear it")
		s11.by("button", "Clear").click()
		s11.by("button", "Read").click()
		s11.shows("Read is waiting")
	})
	t.Run("closed", func(t *testing.T) {
		p := browse(t, s)
		c1, _ := p.connected()
		c1.by("button", "Close").click()
		c1.shows("FIN_WAIT_2")
		p.by("list", "Events in time order").shows("ended by your Close")
	})
}

// TestTooMuchAtOnce: what fits into no frame is refused by the page, and the connection stays.
func TestTooMuchAtOnce(t *testing.T) {
	p := browse(t, start(t))
	c1, _ := p.connected()
	c1.by("textbox", "Data to send from C1").fill(strings.Repeat("x", 66_000))
	c1.by("button", "Send").click()
	c1.shows("64 KiB", "ESTABLISHED")
	p.by("textbox", "Address to connect to").fill(strings.Repeat("x", 70_000))
	p.by("form", "Connect").by("button", "Connect").click()
	p.by("form", "Connect").shows("64 KiB")
	c1.by("textbox", "Data to send from C1").fill("hello")
	c1.by("button", "Send").click()
	c1.shows("Wrote 5 B")
}

// connected gives the two ends of an accepted connection.
func (p *page) connected() (c1, s11 *thing) {
	p.t.Helper()
	p.connect(p.serve("Manual"))
	c1, s11 = p.by("article", "Socket C1"), p.by("article", "Connection S1.1")
	s11.shows("ESTABLISHED", "accept queue")
	p.by("article", "Listener S1").by("button", "Accept").click()
	s11.by("button", "Read").appears()
	return c1, s11
}
