package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdpio "github.com/chromedp/cdproto/io"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// longestTask is the most that one task of the page's main thread worked while f ran: the thread's own time, not what it
// waited for a core. Between tasks the browser draws and hears keys.
func (p *page) longestTask(f func()) time.Duration {
	p.t.Helper()
	complete := chromedp.Events(p.ctx, tracing.TracingComplete)
	_, err := chromedp.Call(p.ctx, tracing.Start, tracing.StartParams{
		TransferMode: tracing.StartTransferModeReturnAsStream, TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"toplevel", "__metadata"}}})
	p.must(err)
	f()
	_, err = chromedp.Call(p.ctx, tracing.End, cdp.Empty{})
	p.must(err)
	var text []byte
	for e, err := range complete {
		p.must(err)
		for {
			part, err := chromedp.Call(p.ctx, cdpio.Read, cdpio.ReadParams{Handle: e.Stream})
			p.must(err)
			text = append(text, part.Data...)
			if part.EOF {
				break
			}
		}
		break
	}
	type event struct {
		Name     string
		PID, TID int
		TDur     float64 // in microseconds
		Args     struct{ Name string }
	}
	type thread struct{ pid, tid int }
	var trace struct{ TraceEvents []json.RawMessage }
	p.must(json.Unmarshal(text, &trace))
	longest, drawing := map[thread]float64{}, map[thread]bool{}
	for _, raw := range trace.TraceEvents {
		var v event
		if json.Unmarshal(raw, &v) != nil { // another kind's name or arguments
			continue
		}
		at := thread{v.PID, v.TID}
		drawing[at] = drawing[at] || v.Name == "thread_name" && v.Args.Name == "CrRendererMain"
		longest[at] = max(longest[at], v.TDur)
	}
	most := -1.0
	for at := range drawing {
		if drawing[at] {
			most = max(most, longest[at])
		}
	}
	if most < 0 {
		p.t.Fatal("Chromium's trace has no main thread of the page")
	}
	return time.Duration(most * float64(time.Microsecond))
}

// tooLong is half as long again as the 100 ms that a person begins to notice: on a machine with other work a thread's own time
// grows too.
const tooLong = 150 * time.Millisecond

// smooth holds the page to short tasks.
func (p *page) smooth(what string, f func()) {
	p.t.Helper()
	took := p.longestTask(f)
	p.t.Logf("%s: the longest task %v", what, took.Round(time.Millisecond))
	if took > tooLong {
		p.t.Errorf("%s: one task worked %v, want at most %v", what, took.Round(time.Millisecond), tooLong)
	}
}

// view opens a view by its key and waits until it has drawn.
func (p *page) view(n int) {
	p.t.Helper()
	p.press(fmt.Sprint(n))
	eval[bool](p, `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))`)
}

// Four thousand connections at once leave the page usable.
func TestFourThousandConnections(t *testing.T) {
	p := browse(t, start(t))
	address := p.serve("Echo")
	for n := range 4 {
		p.smooth(fmt.Sprintf("to open connections %d to %d", n*1000+1, (n+1)*1000), func() {
			p.by("form", "Connect").by("DisclosureTriangle", "").click()
			p.by("textbox", "Sockets at once").fill("1000")
			p.connect(address)
			p.by("complementary", "Client host").shows(fmt.Sprintf("%d,000 sockets", n+1))
		})
	}
	p.press(kb.Escape)
	for n := range 6 {
		p.smooth(fmt.Sprint("view ", n+1), func() { p.view(n + 1) })
	}
	p.smooth("the picker", func() {
		eval[bool](p, `(document.getElementById('picker').click(), true)`)
		p.by("listbox", "Connections").shows("C4000")
		p.press(kb.Escape)
	})
	p.smooth("the commands", func() {
		p.must(p.driver.control("k"))
		p.press("c3999")
		p.by("option", "").shows("C3999")
		p.press(kb.Escape)
	})
}

// A hundred thousand segments do too: 60 MiB through the Lab are some 87,000.
func TestManySegments(t *testing.T) {
	p := lab(t)
	p.by("radio", "Discard").click()
	p.listenAndConnect()
	c1 := p.by("article", "Socket C1")
	c1.shows("ESTABLISHED")
	c1.by("button", "More ways to send").click()
	p.by("menuitem", "Generate").click()
	p.by("textbox", "How many bytes to generate for C1").fill("60 MiB")
	p.smooth("60 MiB", func() {
		c1.by("button", "Start").click()
		p.within(time.Minute, "60 MiB to be written", func() (bool, error) { return strings.Contains(c1.text(), "Wrote 60"), nil })
	})
	p.press(kb.Escape)
	p.smooth("the segments", func() {
		p.view(3)
		p.by("tabpanel", "Segments").shows(",", "segments")
	})
	p.smooth("to go through them", func() {
		eval[bool](p, `new Promise((done) => {
			let box = document.querySelector('segments-view [role="row"]');
			while (box.scrollHeight <= box.clientHeight || getComputedStyle(box).overflowY === 'visible') box = box.parentElement;
			let n = 0;
			const go = () => { box.scrollTop = box.scrollHeight * (1 - ++n / 20); if (n < 20) requestAnimationFrame(go); else done(true); };
			go();
		})`)
	})
	for n := range 6 {
		p.smooth(fmt.Sprint("view ", n+1), func() { p.view(n + 1) })
	}
}
