package e2e

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// lab switches the page to the Lab, listens there and leaves the page ready to connect.
func lab(t *testing.T) *page {
	t.Helper()
	return launch(inChromium).lab(t)
}

func (in launch) lab(t *testing.T) *page {
	t.Helper()
	p := in.browse(t, start(t))
	p.dark()
	p.by("radio", "Lab").click()
	p.by("button", "Close the demos").click()
	p.by("button", "On the wire: no delay, no loss").appears()
	return p
}

// listenAndConnect opens a listener and a connection in the Lab, at the addresses that the page proposes.
func (p *page) listenAndConnect() {
	p.t.Helper()
	p.by("form", "Listen").by("button", "Listen").click()
	p.by("article", "Listener S1").shows("LISTEN")
	p.by("form", "Connect").by("button", "Connect").click()
}

// ladder is what the ladder tells a screen reader, a row each.
func (p *page) ladder() []string {
	return eval[[]string](p, `[...document.querySelectorAll('[aria-label="Events in time order"] li button')]
		.map((b) => b.getAttribute('aria-label') ?? b.textContent)`)
}

// told waits until rows of the ladder match the patterns, one after the other.
func (p *page) told(patterns ...string) {
	p.t.Helper()
	var rows []string
	defer func() {
		if p.t.Failed() {
			p.t.Logf("the ladder told:\n%s", strings.Join(rows, "\n"))
		}
	}()
	p.eventually("the ladder to tell "+strings.Join(patterns, " … "), func() (bool, error) {
		rows = p.ladder()
		at := 0
		for _, pattern := range patterns {
			re := regexp.MustCompile(pattern)
			i := slices.IndexFunc(rows[at:], re.MatchString)
			if i < 0 {
				return false, nil
			}
			at += i // the next may stand in the same row
		}
		return true, nil
	})
}

// A handshake and a close in slow motion: each state on the row of the segment that brought it about.
func TestLabSlowMotion(t *testing.T) { everywhere(t, labSlowMotion) }

func labSlowMotion(t *testing.T, in launch) {
	p := in.lab(t)
	p.by("radio", "Slow motion").click()
	p.by("button", "On the wire: 300 ms").appears()
	p.listenAndConnect()
	c1, s11 := p.by("article", "Socket C1"), p.by("article", "Connection S1.1")
	c1.shows("ESTABLISHED")
	s11.shows("ESTABLISHED")
	p.by("article", "Listener S1").by("button", "Accept").click()
	c1.by("textbox", "Data to send from C1").fill("hello")
	c1.by("button", "Send").click()
	s11.by("button", "Read").click()
	s11.shows("Read 5 B", "hello")

	c1.by("button", "Close").click()
	s11.shows("CLOSE_WAIT")
	c1.shows("FIN_WAIT_2")
	s11.by("button", "Close").click()
	c1.shows("TIME_WAIT")
	s11.shows("CLOSED")

	// Where a call returns while the segment travels, its landing has a row of its own.
	p.told(
		`Segment \d+, C1 to S1\.1: SYN .*C1: CLOSED to SYN_SENT`,
		`Segment \d+.*S1\.1: CLOSED to SYN_RCVD`,
		`Segment \d+, S1\.1 to C1: SYN, ACK `,
		`Segment \d+.*C1: SYN_SENT to ESTABLISHED`,
		`Segment \d+, C1 to S1\.1: ACK `,
		`Segment \d+.*S1\.1: SYN_RCVD to ESTABLISHED`,
		`Segment \d+, C1 to S1\.1: PSH, ACK .*"hello"`,
		`Segment \d+, S1\.1 to C1: ACK `,
		`Segment \d+, C1 to S1\.1: FIN, ACK .*C1: ESTABLISHED to FIN_WAIT_1`,
		`Segment \d+.*S1\.1: ESTABLISHED to CLOSE_WAIT`,
		`Segment \d+, S1\.1 to C1: ACK `,
		`Segment \d+.*C1: FIN_WAIT_1 to FIN_WAIT_2`,
		`Segment \d+, S1\.1 to C1: FIN, ACK .*S1\.1: CLOSE_WAIT to LAST_ACK`,
		`Segment \d+.*C1: FIN_WAIT_2 to TIME_WAIT`,
		`Segment \d+, C1 to S1\.1: ACK `,
		`Segment \d+.*S1\.1: LAST_ACK to CLOSED`,
	)

	p.screenshot("screenshot") // the README's, with make screenshots

	p.by("tab", "Segments").click()
	p.by("tabpanel", "Segments").shows("SYN, ACK", "FIN, ACK", "9 segments")
	p.by("tab", "States").click()
	p.by("tabpanel", "States").shows("TIME_WAIT", "FIN_WAIT_2")
}

// The handshake held still: the kernel's own timer sends what the user does not deliver.
func TestLabStepMode(t *testing.T) { everywhere(t, labStepMode) }

func labStepMode(t *testing.T, in launch) {
	p := in.lab(t)
	p.press("e")
	p.by("dialog", "The wire").by("switch", "Step mode").click()
	p.by("button", "On the wire: step mode").appears()
	p.press("e")
	p.by("dialog", "The wire").vanishes()
	p.listenAndConnect()
	c1, s11 := p.by("article", "Socket C1"), p.by("article", "Connection S1.1")
	c1.shows("SYN_SENT")
	p.told(`Segment 1, C1 to server: SYN .*held`)

	// The oldest that is held has its tools without a selection. Slow motion and back lets nothing go, and the arrows are the
	// stage's after a click on it; All off asks first.
	p.by("toolbar", "Segment 1 on the wire").by("button", "Deliver").appears()
	p.by("radio", "Slow motion").click()
	p.by("button", "On the wire: 300 ms, step mode").appears()
	p.press(kb.ArrowUp)
	p.by("button", "On the wire: 300 ms, step mode").appears()
	p.by("radio", "1×").click()
	p.by("button", "On the wire: step mode").appears()
	p.press("e")
	p.by("dialog", "The wire").by("button", "All off").click()
	p.by("dialog", "All off?").by("button", "Keep holding").click()
	p.by("dialog", "The wire").by("switch", "Step mode").click()
	p.by("dialog", "Step mode off?").by("button", "Keep holding").click()
	p.by("button", "On the wire: step mode").appears()
	p.press("e")
	p.told(`Segment 1, C1 to server: SYN .*held`)

	p.press(".") // deliver the SYN; its answer is held in turn
	s11.shows("SYN_RCVD")
	c1.shows("SYN_SENT")
	p.told(`Segment \d+, S1\.1 to C1: SYN, ACK .*held`)
	p.told(`Segment \d+, \S+ to \S+: SYN.*again`) // after a second, by the kernel's timer
	c1.shows("SYN_SENT")
	s11.shows("SYN_RCVD")

	p.press("e")
	wire := p.by("dialog", "The wire")
	wire.by("switch", "Step mode").click()
	p.by("dialog", "Step mode off?").by("button", "Let go").click()
	c1.shows("ESTABLISHED")
	s11.shows("ESTABLISHED")
	wire.by("button", "All off").click()
	p.by("button", "On the wire: no delay, no loss").appears()
}

// The page says which kernel it sees: the one that uname names.
func TestKernelIsNamed(t *testing.T) {
	out, err := exec.Command("uname", "-sr").Output()
	if err != nil {
		t.Fatal(err)
	}
	p := lab(t)
	p.by("button", "On the wire: no delay, no loss").click()
	p.by("dialog", "The wire").shows("Kernel settings of each host", strings.TrimSpace(string(out)))
}

// Who holds one SYN, ACK has it for a second: the kernel's copy passes. The page says so at the packet, and a press holds those.
func TestLabHoldsCopies(t *testing.T) {
	p := lab(t)
	p.press("e")
	form := p.by("dialog", "The wire").by("form", "New rule")
	for _, choice := range [][2]string{{"What to do", "hold"}, {"How often", "next"}, {"Which segments", "SYN,ACK"}} {
		var ok bool
		if _, err := form.by("combobox", choice[0]).call(`function() { this.value = '`+choice[1]+`'; this.dispatchEvent(new Event('change', {bubbles: true})); return true; }`, &ok); err != nil || !ok {
			t.Fatal(choice, err)
		}
	}
	form.by("button", "Add the rule").click()
	p.by("dialog", "The wire").shows("Hold the next SYN, ACK")
	p.listenAndConnect()
	tools := p.by("toolbar", "Segment 2 on the wire")
	tools.shows("A copy of it would not be held.")
	tools.by("button", "Hold copies too").click()
	p.by("dialog", "The wire").shows("Hold every SYN, ACK")
	p.eventually("the line to go", func() (bool, error) { return !containsAll(tools.text(), "A copy"), nil })
}
