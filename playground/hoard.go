package playground

import (
	"context"
	"sync"
	"sync/atomic"
)

// hoards bound what the sessions keep of their past, all together. What is kept is no use that can be refused: it is
// what happened anyway. So a session is never told no; the one that keeps most loses its oldest, and is told how much.
type hoards struct {
	limit   int64
	total   atomic.Int64
	peak    atomic.Int64  // what the largest held when run looked last
	pressed chan struct{} // has a token while total may be above limit

	mu  sync.Mutex
	all map[*hoard]bool
	n   atomic.Int64 // of all
}

// hoard is one thing that a session keeps: its log, its packets, its payloads. Any goroutine may ask it.
type hoard struct {
	of   *hoards
	held atomic.Int64
	lost atomic.Int64        // how many of what it keeps went because of the others
	shed func() (lost int64) // lets the oldest go; 0 where nothing can

	mu   sync.Mutex // so that what is counted while the session ends is counted once
	left bool
}

func newHoards(limit int64) *hoards {
	return &hoards{limit: limit, pressed: make(chan struct{}, 1), all: map[*hoard]bool{}}
}

// join adds a hoard; leave ends it. shed may take locks of the hoard's, and is called without any.
func (h *hoards) join(shed func() int64) *hoard {
	one := &hoard{of: h, shed: shed}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all[one] = true
	h.n.Add(1)
	return one
}

func (o *hoard) leave() {
	h := o.of
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all[o] {
		delete(h.all, o)
		h.n.Add(-1)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.left = true
		h.total.Add(-o.held.Load())
	}
}

// add counts bytes that are kept now, or not any more.
func (o *hoard) add(n int64) {
	if o == nil { // a test's
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.left {
		return
	}
	o.held.Add(n)
	if o.of.total.Add(n) > o.of.limit && n > 0 {
		select {
		case o.of.pressed <- struct{}{}:
		default:
		}
	}
}

// greedy says whether the hoard must let something go before it keeps more: all together keep too much, and it has more
// than its part, and is among the largest. A smaller one may grow; run takes from the largest for it.
func (o *hoard) greedy() bool {
	return o != nil && o.of.total.Load() > o.of.limit && o.held.Load() > max(o.of.limit/max(o.of.n.Load(), 1), o.of.peak.Load()/2)
}

// run makes room whenever too much is kept, at the largest first, until ctx is over.
func (h *hoards) run(ctx context.Context) {
	for {
		select {
		case <-h.pressed:
		case <-ctx.Done():
			return
		}
		spared := map[*hoard]bool{}
		for h.total.Load() > h.limit {
			largest := h.largest(spared)
			if largest == nil {
				break
			}
			lost := largest.shed()
			if lost == 0 {
				spared[largest] = true
			}
			largest.lost.Add(lost)
		}
	}
}

// largest is the hoard that holds most, of those that are not spared.
func (h *hoards) largest(spared map[*hoard]bool) (largest *hoard) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for o := range h.all {
		if !spared[o] && (largest == nil || o.held.Load() > largest.held.Load()) {
			largest = o
		}
	}
	if largest != nil {
		h.peak.Store(largest.held.Load())
	}
	return largest
}
