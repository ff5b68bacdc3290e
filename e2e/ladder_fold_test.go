package e2e

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

// Idle ends ask each other every 15 s; that stands in one row, which opens.
func TestKeepAlivesFold(t *testing.T) {
	p := lab(t)
	p.by("radio", "Echo").click()
	p.listenAndConnect()
	c1 := p.by("article", "Socket C1")
	c1.by("textbox", "Data to send from C1").fill("hello")
	c1.by("button", "Send").click()
	p.told("SYN", "PSH, ACK", "PSH, ACK")

	folded := regexp.MustCompile(`[2-9] keep-alives.*, each answered: .*from C1`)
	probe := regexp.MustCompile(`ACK ack=\d+ keep-alive$`)
	shows := func(what string, fold, probes bool) {
		t.Helper()
		p.within(40*time.Second, what, func() (bool, error) {
			rows := p.ladder()
			return slices.ContainsFunc(rows, folded.MatchString) == fold && slices.ContainsFunc(rows, probe.MatchString) == probes, nil
		})
	}
	shows("one row for the keep-alives", true, false)
	eval[bool](p, `(document.querySelector('[data-fold]').click(), true)`)
	shows("the keep-alives below their row", true, true)
	eval[bool](p, `(document.querySelector('[data-fold]').click(), true)`)
	shows("one row again", true, false)
}
