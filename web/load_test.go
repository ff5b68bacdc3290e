package web_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// watcher reads events frames as fast as they come, without decoding them, and checks their order.
type watcher struct {
	c        *client
	frames   int
	first    time.Time // of the first frame
	latest   time.Time
	delays   []time.Duration // from an event's own time to its arrival, the newest event of each frame
	problems []string
}

// follow reads until the event with number last.
func (w *watcher) follow(started time.Time, last uint64) {
	for w.c.last < last {
		_ = w.c.ws.SetReadDeadline(time.Now().Add(patience))
		kind, b, err := w.c.ws.ReadMessage()
		if err != nil {
			w.problems = append(w.problems, fmt.Sprintf("after event %d: %v", w.c.last, err))
			return
		}
		if kind != websocket.TextMessage || !strings.HasPrefix(string(b[:min(len(b), 40)]), `{"type":"events"`) {
			continue
		}
		w.latest = time.Now()
		if w.frames++; w.frames == 1 {
			w.first = w.latest
		}
		seqs(b, func(seq uint64) {
			if seq != w.c.last+1 {
				w.problems = append(w.problems, fmt.Sprintf("event %d follows %d", seq, w.c.last))
			}
			w.c.last = seq
		})
		if i := strings.LastIndex(string(b), `"at_ns":`); i >= 0 {
			var at int64
			if _, err := fmt.Sscanf(string(b[i:]), `"at_ns":%d`, &at); err == nil {
				w.delays = append(w.delays, w.latest.Sub(started)-time.Duration(at))
			}
		}
	}
}

// p99 is the 99th percentile of all watchers' delays.
func p99(watchers []*watcher) time.Duration {
	var all []time.Duration
	for _, w := range watchers {
		all = append(all, w.delays...)
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)*99/100]
}

// watchAll has n viewers follow a session until event last, while work goes on. It gives them when all are done.
func watchAll(t *testing.T, r *running, key string, n int, last uint64, work func()) []*watcher {
	t.Helper()
	session, leave, err := r.sessions.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	watchers := make([]*watcher, n)
	for i := range watchers {
		watchers[i] = &watcher{c: r.dial(t, key)}
	}
	var wg sync.WaitGroup
	for _, w := range watchers {
		wg.Go(func() { w.follow(session.Started(), last) })
	}
	work()
	wg.Wait()
	for i, w := range watchers {
		if len(w.problems) > 0 {
			t.Errorf("viewer %d: %s (of %d problems)", i, w.problems[0], len(w.problems))
		}
	}
	return watchers
}

// settled is the number of the last event of a session that has come to rest.
func settled(t *testing.T, r *running, c *client) uint64 {
	t.Helper()
	session, leave, err := r.sessions.Open(c.key)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	return session.Log().Now().Seq
}

// TestFrameRate: 20,000 events a second arrive each once, in order, in at most about 60 frames a second.
func TestFrameRate(t *testing.T) {
	r := serve(t)
	c := r.dial(t, "")
	c.listen("manual")
	const n = 40_000
	w := watchAll(t, r, c.key, 1, settled(t, r, c)+n, func() { flood(t, r, c.key, n, 200) })[0]
	took := w.latest.Sub(w.first)
	rate := float64(w.frames-1) / took.Seconds()
	t.Logf("%d events in %v: %.0f a second, %d frames, %.0f frames a second, p99 %v", n, took.Round(time.Millisecond), n/took.Seconds(), w.frames, rate, p99([]*watcher{w}))
	if rate > 80 {
		t.Errorf("%.0f frames a second, want 80 at most", rate)
	}
}

// TestFanOut: 50 viewers of a session each get every event once and in order.
func TestFanOut(t *testing.T) {
	goroutinesSettle(t)
	r := serve(t)
	c := r.dial(t, "")
	c.listen("manual")
	const n = 4000
	watchers := watchAll(t, r, c.key, 50, settled(t, r, c)+n, func() { flood(t, r, c.key, n, 20) })
	t.Logf("50 viewers, %d events each: p99 %v", n, p99(watchers))
}

// TestManyViewers: 300 viewers, 40 rounds of 2 KiB of events, all in order.
func TestManyViewers(t *testing.T) {
	goroutinesSettle(t)
	r := serve(t)
	c := r.dial(t, "")
	c.listen("manual")
	const rounds, each = 40, 15 // an event is about 140 bytes
	watchers := watchAll(t, r, c.key, 300, settled(t, r, c)+rounds*each, func() { flood(t, r, c.key, rounds*each, each/3) })
	frames := 0
	for _, w := range watchers {
		frames += w.frames
	}
	t.Logf("300 viewers, %d frames in all, p99 %v", frames, p99(watchers))
}

// TestDeadViewers: viewers that stop reading are cut after a while; those beside them notice nothing.
func TestDeadViewers(t *testing.T) {
	goroutinesSettle(t)
	r := serve(t)
	c := r.dial(t, "")
	c.listen("manual")
	dead := make([]*client, 10)
	for i := range dead {
		dead[i] = r.dialRaw(t)
		_ = dead[i].ws.NetConn().(*net.TCPConn).SetReadBuffer(4 << 10)
		dead[i].hello(c.key)
	}
	const n = 60_000 // some 6 MB: more than a send buffer takes, which may grow to 4 MiB (tcp_wmem, tcp(7))
	watchers := watchAll(t, r, c.key, 10, settled(t, r, c)+n, func() { flood(t, r, c.key, n, 200) })
	delay := p99(watchers)
	t.Logf("10 live viewers beside 10 dead ones: p99 %v", delay)

	// A dead viewer's connection is cut in the middle of a frame, where no close frame fits.
	begun := time.Now()
	for _, d := range dead {
		eventually(t, "the dead viewer is cut", func() bool {
			return d.ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)) != nil
		})
	}
	t.Logf("the last dead viewer was cut %v after the last event", time.Since(begun).Round(time.Millisecond))
	back := r.dial(t, c.key, dead[0].last)
	if back.snapped {
		t.Error("a viewer that was cut came back to a snapshot, want the next event")
	}
	back.wait("the next event", func(e event) bool { return e.Seq == dead[0].last+1 })
}

// TestTooSlowForTheLog: a viewer whose next event is no longer in the log is told 4001, and gets a snapshot when it
// comes back.
func TestTooSlowForTheLog(t *testing.T) {
	r := serve(t)
	c := r.dial(t, "")
	c.listen("manual")
	slow := r.dial(t, c.key)
	session, leave, err := r.sessions.Open(c.key)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	banner := strings.Repeat(`\x41`, playground.MaxBanner) // 20 KiB in an event's JSON, so that few events fill the log
	var end error
	for i := 1; end == nil; i++ {
		if _, err := session.Do(ctx, &playground.SetBehavior{Socket: "S1", Behavior: playground.BehaviorGreet,
			Settings: &playground.BehaviorSettings{Banner: banner}}); err != nil {
			t.Fatal(err)
		}
		if i%100 == 0 { // takes half a MiB for every 2 MiB: not dead, but too slow
			_, end = slow.tryRead()
		}
	}
	if got := closeCode(end); got != codeSlow {
		t.Errorf("ended with %v, want close code %d", end, codeSlow)
	}
	since := slow.last
	back := r.dialRaw(t)
	back.send(map[string]any{"type": "hello", "version": 1, "session": c.key, "since": since})
	back.read()
	back.snapshot()
	if back.base <= since {
		t.Errorf("the snapshot is of event %d, want one after %d", back.base, since)
	}
}
