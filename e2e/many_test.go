package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// A thousand connections are opened, shown and closed, and the page stays small.
func TestThousandConnections(t *testing.T) {
	p := browse(t, start(t))
	address := p.serve("Echo")
	p.by("form", "Connect").by("DisclosureTriangle", "").click()
	p.by("textbox", "Sockets at once").fill("1000")
	p.connect(address)
	p.by("complementary", "Client host").shows("1,000 sockets", "more ESTABLISHED")
	p.by("article", "Socket C1").shows("ESTABLISHED")
	p.by("tab", "netstat").click()
	p.by("grid", "Sockets").shows("C1", "ESTABLISHED")
	if n := eval[int](p, `document.querySelectorAll('article').length`); n > 300 {
		t.Errorf("%d cards are drawn for 1,000 connections", n)
	}

	p.must(p.driver.control("k"))
	p.press("close all sockets")
	p.enter()
	p.by("article", "Listener S1").shows("CLOSED")
	p.by("article", "Socket C1").shows("TIME_WAIT")
	p.eventually("every socket to be closed", func() (bool, error) {
		text := p.by("complementary", "Client host").text() + p.by("complementary", "Server host").text()
		return !containsAny(text, "more ESTABLISHED", "more FIN_WAIT_1", "more FIN_WAIT_2", "more CLOSE_WAIT"), nil
	})
	p.press(kb.Escape)
}
