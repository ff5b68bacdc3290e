package e2e

import (
	"strings"
	"testing"
)

// The Go code tab writes what was clicked, as it is clicked; a line leads to its event, and the other languages say the same.
func TestCodeTab(t *testing.T) { everywhere(t, codeTab) }

func codeTab(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	c1, _ := p.connected()
	p.by("tab", "Go code").click()
	code := p.by("tabpanel", "Go code")
	code.shows("client.go", "server.go", "net.Dial", "net.Listen", "Accept")
	c1.by("textbox", "Data to send from C1").fill("hello")
	c1.by("button", "Send").click()
	code.shows(`"hello"`)

	p.eventually("the Write to be a line", func() (bool, error) {
		return eval[bool](p, `([...document.querySelectorAll('code-view li')].find((line) => line.textContent.includes('Write('))?.click(), true)`), nil
	})
	p.eventually("the line of the Write to be marked", func() (bool, error) {
		marked := eval[string](p, `document.querySelector('code-view li[data-selected="call"]')?.textContent ?? ''`)
		return strings.Contains(marked, "Write("), nil
	})

	// Each number of a segment can be hit on 24 px each way.
	if small := eval[string](p, `[...document.querySelectorAll('.segrefs a')].map((a) => [a.offsetWidth, a.offsetHeight + 2 * -parseFloat(getComputedStyle(a, '::after').top), a.closest('li').offsetHeight]).filter((size) => size.some((px) => px < 24)).join('; ')`); small != "" {
		t.Errorf("numbers of segments are too small to hit: %s", small)
	}

	languages := p.by("radiogroup", "Language of the programs")
	for _, l := range []struct{ name, file, call string }{
		{"Python", "client.py", "sendall"}, {"C", "client.c", "connect("}, {"shell (nc)", "client.sh", "nc "}, {"Go", "client.go", "Write("},
	} {
		languages.by("radio", l.name).click()
		code.shows(l.file, l.call)
	}

	// The server could not run beside our own: it says so, and who is in the way goes at a press.
	code.shows("S1 is still open on port ")
	code.by("button", "Close S1").click()
	p.by("article", "Listener S1").shows("CLOSED")
	code.by("button", "Close S1").vanishes()
}
