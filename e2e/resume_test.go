package e2e

import (
	"fmt"
	"testing"
)

// A second tab with the same URL sees the same; a fresh URL gets a fresh session.
func TestTwoTabs(t *testing.T) { everywhere(t, twoTabs) }

func twoTabs(t *testing.T, in launch) {
	s := start(t)
	first := in.browse(t, s)
	port := freePort(t)
	first.listen(fmt.Sprintf("127.0.0.1:%d", port))
	first.by("article", "Listener S1").shows("LISTEN")

	second := first.another(eval[string](first, "location.href"))
	second.by("article", "Listener S1").shows("LISTEN")
	second.connect(fmt.Sprintf("127.0.0.1:%d", port))
	first.by("article", "Socket C1").shows("ESTABLISHED")

	third := first.another(s.url)
	third.by("button", "Listen").appears()
	third.by("article", "Listener S1").vanishes()
}

// When the server is gone, what was seen stays, and what acts is switched off.
func TestServerLost(t *testing.T) { everywhere(t, serverLost) }

func serverLost(t *testing.T, in launch) {
	s := start(t)
	p := in.browse(t, s)
	c1, _ := p.connected()
	p.allow("WebSocket connection")
	p.allow("connection to the server") // Firefox
	s.stop()
	p.by("alert", "").shows("The server was stopped; it has closed every socket.")
	c1.shows("C1")
	p.eventually("Send to be switched off", func() (bool, error) {
		var off bool
		found, err := c1.by("button", "Send").call(`function() { return this.disabled || this.getAttribute('aria-disabled') === 'true' || this.matches(':disabled') || this.closest('[inert]') !== null; }`, &off)
		return found && off, err
	})
	p.by("tab", "Log").click()
	p.by("tab", "States").click()
}

// The program is killed in the middle of a demo: its story can be read on, and nothing pretends to act.
func TestServerLostInADemo(t *testing.T) {
	s := start(t)
	p := browse(t, s)
	p.at("?pace=0", "")
	p.drop("knock.yaml", knock(freePort(t)))
	p.by("switch", "Step by step").click()
	p.by("region", "Opened demo").by("button", "Run").click()
	p.story(1, 3).by("button", "Next").click()
	p.story(1, 3).by("button", "Next").click()
	p.by("article", "Socket C1").shows("ESTABLISHED")
	p.story(2, 3).shows("paused")
	p.allow("WebSocket connection")
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	p.by("alert", "").shows("Lost the server")
	disabled := func(x *thing) {
		t.Helper()
		p.eventually(x.String()+" to be switched off", func() (bool, error) {
			var off bool
			found, err := x.call(`function() { return this.disabled || this.getAttribute('aria-disabled') === 'true'; }`, &off)
			return found && off, err
		})
	}
	disabled(p.story(2, 3).by("button", "Next"))
	disabled(p.story(2, 3).by("button", "Go on"))
	disabled(p.by("button", "Play"))
	disabled(p.by("button", "Step forward"))
	disabled(p.by("article", "Socket C1").by("radiogroup", "Read mode"))
	disabled(p.by("article", "Socket C1").by("button", "More ways to send"))
	p.story(2, 3).by("button", "Back").click()
	p.story(1, 3).shows("The port opens")
	p.story(1, 3).by("button", "Next").click()
	p.story(2, 3).shows("Somebody comes")
}
