package e2e

import (
	"strings"
	"testing"
)

// On a small screen too the list tells when, which bytes, and what is in them, and the filter finds what it tells.
func TestSegmentsTellWhatTheyCarry(t *testing.T) { everywhere(t, segmentsTellWhatTheyCarry) }

func segmentsTellWhatTheyCarry(t *testing.T, in launch) {
	p := in.browse(t, start(t, "-capture=true"))
	p.size(1280, 720)
	p.connect(p.serve("Discard"))
	c1 := p.by("article", "Socket C1")
	c1.by("textbox", "Data to send from C1").fill(`GET /big.txt HTTP/1.1\r\nHost: <b>\r\n\r\n`)
	c1.by("button", "Send").click()
	c1.by("textbox", "Data to send from C1").fill("hello\u202e")
	c1.by("button", "Send").click()
	p.by("tab", "Segments").click()
	p.by("tabpanel", "Segments").shows("GET /big.txt HTTP/1.1", `"hello\u202e"`)

	columns := eval[[]string](p, `[...document.querySelectorAll('.segs-head > span')].filter((c) => {
		const at = c.getBoundingClientRect();
		return at.width > 20 && at.right <= document.querySelector('.segs').getBoundingClientRect().right;
	}).map((c) => c.textContent)`)
	if all := strings.Join(columns, " | "); !containsAll(all, "Time, ms", "Seq", "Ack", "Len", "Info") {
		t.Errorf("the columns in sight are %s", all)
	}
	// Each row is as far from the one above as it says.
	wrong := eval[[]string](p, `(() => {
		const of = (row, column) => row.querySelector('[data-column="' + column + '"]').textContent;
		const rows = [...document.querySelectorAll('.segs-body > .segs-row')];
		return rows.slice(1).filter((row, i) => Math.abs(of(row, 'time') - of(rows[i], 'time') - of(row, 'delta').replace('−', '-')) > 0.0021).map((row) => row.textContent);
	})()`)
	if len(wrong) > 0 {
		t.Errorf("rows are wrong about the one above: %q", wrong)
	}

	p.by("searchbox", "Filter segments").fill("big.txt")
	p.eventually("the one segment with these words", func() (bool, error) {
		rows := eval[[]string](p, `[...document.querySelectorAll('.segs-body > .segs-row')].map((row) => row.textContent)`)
		return len(rows) == 1 && strings.Contains(rows[0], "GET /big.txt HTTP/1.1"), nil
	})
}
