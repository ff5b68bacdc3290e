package playground

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// TestPool: nobody has more than it may, nobody can take another's own part, and what is given back can be had again.
func TestPool(t *testing.T) {
	t.Parallel()
	const most, own, common = 100, 10, 150
	p := NewPool(most, own, common)
	a, b, c := p.Share(), p.Share(), p.Share()
	for _, step := range []struct {
		name  string
		share *Share
		n     int64
		want  Shortage
	}{
		{"its most", a, most, Enough},
		{"more than its most", a, 1, ShareUsed},
		{"what is left of the common part, and its own", b, 70, Enough},
		{"more than there is", b, 1, PoolUsed},
		{"its own part, of which nobody can take any", c, own, Enough},
		{"more than its own part", c, 1, PoolUsed},
	} {
		if got := step.share.Take(step.n); got != step.want {
			t.Errorf("%s: got %d, want %d", step.name, got, step.want)
		}
	}
	if got := a.Room() + b.Room() + c.Room(); got != 0 {
		t.Errorf("there is room for %d", got)
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Wait(over, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for what there is not: %v", err)
	}
	waited := make(chan error)
	go func() { waited <- c.Wait(context.Background(), 20) }()
	a.Give(30)
	if err := <-waited; err != nil || c.Held() != 30 {
		t.Errorf("after some was given back: %v, %d held", err, c.Held())
	}
	for _, s := range []*Share{a, b, c} {
		s.End()
		s.End()
		s.Give(5) // too late to count
	}
	if p.common != common || a.Take(1) == Enough {
		t.Errorf("%d of %d are back, or an ended share takes", p.common, common)
	}
}

// TestHoards: where all together keep too much, the largest lets go of its oldest, even if nothing happens in it; and it
// counts what it lost.
func TestHoards(t *testing.T) {
	t.Parallel()
	const limit = 8 << 20
	h := newHoards(limit)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); h.run(ctx) }()
	defer func() { cancel(); <-ended }()

	fill := func(l *Log, bytes int64) {
		for l.hoard.held.Load() < bytes {
			l.append([]Event{&Notice{Message: fmt.Sprintf("%1000d", l.now.Seq)}})
		}
	}
	idle, other := newLog(), newLog()
	idle.hoard, other.hoard = h.join(idle.shed), h.join(other.shed)
	fill(idle, limit-limit/8)
	before := idle.Kept()
	fill(other, limit/4)
	for end := time.After(10 * time.Second); h.total.Load() > limit; {
		select {
		case h.pressed <- struct{}{}: // as the next event would
		case <-end:
			t.Fatalf("%d bytes are kept, of %d", h.total.Load(), limit)
		}
	}
	if lost := idle.hoard.lost.Load(); lost == 0 || int64(before-idle.Kept()) != lost || other.hoard.lost.Load() != 0 {
		t.Errorf("the large one keeps %d of %d events and counts %d lost; the small one lost %d", idle.Kept(), before, lost, other.hoard.lost.Load())
	}
	if idle.Base().Seq == 0 || !idle.Reaches(idle.Base().Seq) {
		t.Error("its base does not lead to what is left")
	}
	idle.hoard.leave()
	other.hoard.leave()
	if h.total.Load() != 0 || h.n.Load() != 0 {
		t.Errorf("%d bytes are counted for nobody", h.total.Load())
	}
}
