package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"time"

	"github.com/chromedp/chromedp"
)

const (
	drawingWarmUp = time.Second
	drawingTime   = 5 * time.Second

	shortHistory = 1_000
	longHistory  = 100_000
)

// drawn is what a tab did for a while.
type drawn struct {
	FPS          float64
	Gap          float64 // between frames, ms, 95th percentile
	Lag50, Lag95 float64 // how far the newest event on the screen is behind the newest there is, ms
	Nodes        float64 // that are drawn in the tab's list
	InSight      float64 // those of them that the list's box shows
	Left         float64 // 1 if the tab no longer follows the end
}

// newestShown is a JavaScript function: the number of the newest event that a tab shows.
const newestShown = `(tab) => {
  const last = (list) => Number([...document.querySelectorAll(list)].at(-1)?.dataset.seq ?? 0);
  switch (tab) {
    case 'ladder': return last('ladder-view ol > li[data-seq]');
    case 'log': return last('log-view .log-rows > [data-seq]');
    case 'netstat': return Math.max(0, ...[...document.querySelectorAll('netstat-view td.num')].map((cell) => Number(cell.textContent) || 0));
  }
}`

// historyShown waits until the tab shows what there was before: of twenty events, each tab shows one at least.
const historyShown = `(tab, history) => new Promise((shown) => {
  const newest = ` + newestShown + `;
  const look = () => newest(tab) > history - 20 ? shown({}) : setTimeout(look, 50);
  look();
})`

// watchDrawing counts frames by requestAnimationFrame. Between two tasks the document is what was painted last, so a
// timer finds there what is on the screen; began is when event number history was due, on the clock of both programs.
const watchDrawing = `(tab, ms, history, rate, began) => new Promise((done) => {
  const newest = ` + newestShown + `;
  const gaps = [], lags = [];
  let first, last;
  const frame = (now) => {
    if (first === undefined) first = now;
    else gaps.push(now - last);
    last = now;
    request = requestAnimationFrame(frame);
  };
  let request = requestAnimationFrame(frame);
  const look = setInterval(() => {
    lags.push(performance.timeOrigin + performance.now() - began - (newest(tab) - history) * 1000 / rate);
  }, 37); // in no step with the 16 and 90 ms after which things come and are drawn
  const quantile = (list, q) => list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))] ?? 0;
  setTimeout(() => {
    cancelAnimationFrame(request);
    clearInterval(look);
    const [list, of] = { ladder: ['.ladder', '.ladder-grid *'], netstat: ['.term', '.term tbody *'], log: ['.log', '.log-rows *'] }[tab];
    const box = document.querySelector(tab + '-view ' + list).getBoundingClientRect();
    const nodes = [...document.querySelectorAll(tab + '-view ' + of)].filter((node) => node.checkVisibility());
    const inSight = nodes.filter((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return bottom > box.top && top < box.bottom;
    });
    done({
      FPS: gaps.length * 1000 / (last - first), Gap: quantile(gaps, 0.95),
      Lag50: quantile(lags, 0.5), Lag95: quantile(lags, 0.95), Nodes: nodes.length, InSight: inSight.length,
      Left: document.getElementById('go-live').hidden ? 0 : 1,
    });
  }, ms);
})`

// drawing is row 10: the page in a browser while 20,000 events a second come.
func drawing(b *bench) error {
	if _, err := exec.LookPath("chromium"); err != nil {
		b.add("10", "the page at 20 k events/s", "≥ 50 fps", notMeasured, "chromium is not installed")
		return nil
	}
	static, err := staticDir(b.ctx)
	if err != nil {
		return err
	}
	tabs := []string{"ladder", "netstat", "log"}
	s := series{}
	key := func(figure, tab string, history int) string { return fmt.Sprint(figure, " ", tab, " ", history) }
	for range b.reps {
		for _, tab := range tabs {
			for _, history := range []int{shortHistory, longHistory} {
				quiet, d, err := draw(b.ctx, static, tab, history)
				if err != nil {
					return fmt.Errorf("%s, history of %d: %w", tab, history, err)
				}
				for figure, v := range map[string]float64{"quiet": quiet.FPS, "fps": d.FPS, "gap": d.Gap, "lag50": d.Lag50, "lag95": d.Lag95, "nodes": d.Nodes, "in sight": d.InSight, "left": d.Left} {
					s.add(key(figure, tab, history), v)
				}
			}
		}
	}
	for _, tab := range tabs {
		few := func(figure string) float64 { return s.median(key(figure, tab, shortHistory)) }
		many := func(figure string) float64 { return s.median(key(figure, tab, longHistory)) }
		what, note := "20 k events/s, "+tab, drawnRarely[tab]
		still, frames := "", judge
		if left := sum(s[key("left", tab, shortHistory)]) + sum(s[key("left", tab, longHistory)]); left > 0 {
			// A view that stands still costs nothing, so its frames tell nothing.
			still = "; the view stood still"
			frames = func(bool) verdict { return notMeasured }
			note += fmt.Sprintf("; it stopped following the end in %.0f of %d runs", left, 2*b.reps)
		}
		b.add("10", what, "≥ 50 fps", frames(few("fps") >= 50), "%.1f fps (%.1f without events)%s", few("fps"), few("quiet"), still)
		b.add("10", what, "p95 frame gap ≤ 34 ms", frames(few("gap") <= 34), "%.1f ms (%.1f with 100 k of history)%s", few("gap"), many("gap"), still)
		b.add("10", what, "p95 lag ≤ 100 ms", judge(few("lag95") <= 100), "p50 %.0f, p95 %.0f ms (%.0f and %.0f with 100 k of history)%s",
			few("lag50"), few("lag95"), many("lag50"), many("lag95"), note)
		r := s.ratio(key("fps", tab, longHistory), key("fps", tab, shortHistory))
		b.add("10", what, "100 k of history ≥ 0.9 × 1 k's fps", frames(r >= 0.9), "%.2f × (%.1f fps)%s", r, many("fps"), still)
		r = s.ratio(key("nodes", tab, shortHistory), key("in sight", tab, shortHistory))
		b.add("10", what, "drawn nodes ≤ 2 × those in sight", judge(r <= 2), "%.2f × (%.0f and %.0f)%s", r, few("nodes"), few("in sight"), still)
	}
	return nil
}

// drawnRarely says which tabs are late on purpose; their figure is told all the same.
var drawnRarely = map[string]string{"netstat": "; its numbers are drawn every 500 ms, on purpose"}

func sum(v []float64) (total float64) {
	for _, x := range v {
		total += x
	}
	return total
}

// draw opens the page on a tab, shows it the history, watches it without events, and then with them.
func draw(ctx context.Context, static, tab string, history int) (quiet, busy drawn, err error) {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	t := newTraffic(ctx, history)
	mux := files(static)
	mux.Handle("/ws", t)
	server := httptest.NewServer(mux)
	defer server.Close()
	ctx, stop := browser(ctx)
	defer stop()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(server.URL+"/#tab="+tab+"&pair=C1~S1.1")); err != nil {
		return quiet, busy, err
	}
	call := func(function string, args string) chromedp.Action[drawn] {
		return chromedp.Evaluate[drawn]("("+function+")("+args+")", chromedp.EvalAwaitPromise)
	}
	if _, err := chromedp.Run(ctx, call(historyShown, fmt.Sprintf("%q, %d", tab, history))); err != nil {
		return quiet, busy, fmt.Errorf("the history does not show: %w", err)
	}
	watch := func(d time.Duration, began time.Time) chromedp.Action[drawn] {
		return call(watchDrawing, fmt.Sprintf("%q, %d, %d, %d, %f", tab, d.Milliseconds(), history, trafficRate, float64(began.UnixMicro())/1e3))
	}
	if quiet, err = chromedp.Run(ctx, watch(drawingWarmUp, time.Now())); err != nil {
		return quiet, busy, err
	}
	began := t.start()
	time.Sleep(drawingWarmUp)
	if busy, err = chromedp.Run(ctx, watch(drawingTime, began)); err != nil {
		return quiet, busy, err
	}
	select {
	case err = <-t.stopped:
	default:
	}
	return quiet, busy, err
}
