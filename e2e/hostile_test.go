package e2e

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// corpus would run script, break out of an attribute, or turn the text around, in a page that trusts its input.
var corpus = []string{
	`<script>canary()</script>`,
	`<img src=x onerror=canary()>`,
	`"><svg onload=canary()>`,
	`'-canary()-'`,
	`javascript:canary()`,
	`{{constructor.constructor('canary()')()}}`,
	"</textarea><iframe srcdoc='<script>parent.canary()</script>'>",
	"\u202e\u2066<b onmouseover=canary()>\u0000\x1b[31m",
	"\xff\xfe<style onload=canary()>",
}

// What a socket sends is text on the page and nothing else, in every view.
func TestBytesAreText(t *testing.T) { everywhere(t, bytesAreText) }

func bytesAreText(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	eval[bool](p, `(window.canaries = 0, window.canary = () => window.canaries++, true)`)
	port := freePort(t)
	p.by("radio", "Discard").click()
	p.listen(fmt.Sprintf("127.0.0.1:%d", port))
	p.by("article", "Listener S1").shows("LISTEN")
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s11 := p.by("article", "Connection S1.1")
	total := 0
	for _, text := range corpus {
		n, err := conn.Write([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		total += n
		s11.shows(fmt.Sprintf("Read %d B", total))
	}
	for _, tab := range []string{"States", "netstat", "Log", "Ladder"} {
		p.by("tab", tab).click()
	}
	p.by("list", "Events in time order").shows("canary()")
	if n := eval[int](p, `window.canaries`); n != 0 {
		t.Errorf("%d of the payloads ran", n)
	}
	if n := eval[int](p, `document.querySelectorAll('iframe, script:not([src]), [onerror], [onload], [onmouseover]').length`); n != 0 {
		t.Errorf("%d elements came out of the payloads", n)
	}
}

// Rubbish in every field is answered with a sentence under it, and what was typed stays.
func TestRubbishIsExplained(t *testing.T) { everywhere(t, rubbishIsExplained) }

func rubbishIsExplained(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	for _, text := range []string{"", "nonsense", "127.0.0.1", "127.0.0.1:99999", "1.2.3.4:5:6", "10.0.0.1:80", strings.Repeat("x", 500) + ":1", "<b>:1"} {
		p.connect(text)
		p.eventually(fmt.Sprintf("a sentence about %.40q", text), func() (bool, error) {
			var message string
			found, err := p.by("textbox", "Address to connect to").call(`function() {
				const id = this.getAttribute('aria-describedby') || this.getAttribute('aria-errormessage');
				return this.getAttribute('aria-invalid') === 'true' && id ? id.split(' ').map((i) => document.getElementById(i)?.textContent ?? '').join(' ') : '';
			}`, &message)
			return found && len(message) > 10, err
		})
		if got := eval[string](p, `document.activeElement.getAttribute('aria-label')`); got != "Address to connect to" {
			t.Errorf("after %.40q the focus is on %q", text, got)
		}
		if got := eval[string](p, `document.activeElement.value`); got != text {
			t.Errorf("after %.40q the field holds %q", text, got)
		}
	}
}
