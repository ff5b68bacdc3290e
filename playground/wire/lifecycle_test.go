package wire_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"socketplayground/playground/wire"
)

// TestEndsWithPacketsInFlight: Run returns and leaves no goroutine (the bubble would not end), and no packet.
func TestEndsWithPacketsInFlight(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{ToServer: wire.Impairment{Delay: time.Minute}})
		r.send(wire.ToServer, data("a"), data("b"))
		r.ok(r.Hold(1))
		told := len(r.seen.lines)
		r.stop()
		synctest.Wait()
		if left := r.Flying(); len(left) != 0 {
			t.Errorf("%d packets are left", len(left))
		}
		refused(t, r.Deliver(1), wire.CodeNotFound, "segment")
		r.pass(time.Hour)
		if len(r.seen.lines) != told {
			t.Errorf("after the end the Observer was told %q", r.seen.lines[told:])
		}
		for _, p := range []*port{r.client, r.server} {
			if _, err := p.ReadPacket(nil); err == nil {
				t.Error("a Port was left open")
			}
		}
	})
}

// lastWord is a Port that has something else happen while it closes.
type lastWord struct {
	*port
	say func()
}

func (p lastWord) Close() error {
	p.say()
	return p.port.Close()
}

// TestNothingIsTreatedAtTheEnd: one Port is closed before the other, whose packets can go nowhere any more.
func TestNothingIsTreatedAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server, seen := newPort(), newPort(), newRecorder()
		w := wire.New(lastWord{client, func() { server.in <- data("late") }}, server, seen)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := w.Run(ctx); err != nil {
			t.Error(err)
		}
		if len(seen.lines) != 0 {
			t.Errorf("the Observer was told %q, want nothing", seen.lines)
		}
	})
}

func TestEndsWithAPort(t *testing.T) {
	t.Parallel()
	for _, d := range []wire.Direction{wire.ToServer, wire.ToClient} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ports := [2]*port{newPort(), newPort()}
				w := wire.New(ports[0], ports[1], newRecorder())
				done := make(chan error)
				go func() { done <- w.Run(t.Context()) }()
				ports[d].Close()
				err := <-done
				if !errors.Is(err, io.ErrClosedPipe) || !strings.Contains(err.Error(), d.String()) {
					t.Errorf("Run returned %v, want the Port's error and %s", err, d)
				}
			})
		})
	}
}

// TestFromAnyGoroutine calls everything at once while packets go both ways; the race detector and the Observer look on.
func TestFromAnyGoroutine(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		var all sync.WaitGroup
		often := func(f func(n uint64)) {
			all.Go(func() {
				for n := range uint64(200) {
					f(n)
					<-time.After(ms)
				}
			})
		}
		for _, p := range []*port{r.client, r.server} {
			often(func(uint64) { p.in <- data("some text") })
		}
		often(func(n uint64) {
			m := wire.Impairment{Delay: time.Duration(n%7) * ms, Jitter: 3 * ms, Duplicate: 20, Reorder: 20, RateKbps: int(n%3) * 1000}
			if err := r.SetSettings(wire.Settings{ToServer: m, ToClient: m, Step: n%5 == 0}); err != nil {
				t.Error(err)
			}
		})
		often(func(uint64) {
			rule, err := r.AddRule(wire.Rule{On: true, Action: wire.ActionHold, Next: 1})
			if err != nil {
				t.Error(err)
			}
			r.SetRule(rule.ID, false)
			r.RemoveRule(rule.ID)
		})
		// That a packet is gone already is no fault here.
		often(func(n uint64) { r.Hold(2 * n) })
		often(func(n uint64) { r.Deliver(2 * n) })
		often(func(n uint64) { r.Drop(3 * n) })
		often(func(n uint64) { r.Duplicate(4 * n) })
		often(func(uint64) { r.DeliverOldest() })
		often(func(uint64) { r.Flying(); r.Rules(); r.Settings() })
		all.Wait()
		r.set(wire.Settings{})
		for {
			if _, err := r.DeliverOldest(); err != nil {
				break
			}
		}
		r.pass(time.Minute)
		if left := r.Flying(); len(left) != 0 {
			t.Errorf("%d packets are still on the wire", len(left))
		}
		checkEnds(t, r)
	})
}

// TestBetween: while f runs, nothing is told.
func TestBetween(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.Between(func() {
			r.client.in <- data("a")
			if len(r.seen.lines) != 0 {
				t.Errorf("meanwhile the Observer was told %q", r.seen.lines)
			}
		})
		synctest.Wait()
		r.want("0ms 1 sent", "0ms 1 landed")
	})
}
