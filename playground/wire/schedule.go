package wire

import (
	"container/heap"
	"context"
	"time"
)

// flight is a packet that waits: for its time in the queue of its direction, or held.
type flight struct {
	*Packet
	due   time.Time
	order uint64        // breaks the tie of equal times
	index int           // in the heap
	extra time.Duration // held by step mode: a rule's delay that is still to come
}

// queue is what is scheduled in a direction.
type queue struct {
	due   byTime
	last  time.Time // the latest due of all in it: who comes next is not earlier, or would overtake
	order uint64
}

// byTime is a heap (container/heap).
type byTime []*flight

func (h byTime) Len() int { return len(h) }
func (h byTime) Less(i, j int) bool {
	return h[i].due.Before(h[j].due) || h[i].due.Equal(h[j].due) && h[i].order < h[j].order
}
func (h byTime) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *byTime) Push(x any) {
	f := x.(*flight)
	f.index = len(*h)
	*h = append(*h, f)
}
func (h *byTime) Pop() any {
	end := len(*h) - 1
	f := (*h)[end]
	(*h)[end] = nil
	*h = (*h)[:end]
	return f
}

// push adds f and says whether it is now the first.
func (q *queue) push(f *flight) bool {
	q.order++
	f.order = q.order
	if f.due.After(q.last) {
		q.last = f.due
	}
	heap.Push(&q.due, f)
	return f.index == 0
}

// remove takes f out of its turn; nobody has to wait behind it any more.
func (q *queue) remove(f *flight) {
	heap.Remove(&q.due, f.index)
	q.last = time.Time{}
	for _, other := range q.due {
		if other.due.After(q.last) {
			q.last = other.due
		}
	}
}

func (q *queue) pop() *flight {
	f := heap.Pop(&q.due).(*flight)
	if len(q.due) == 0 {
		q.last = time.Time{}
	}
	return f
}

// enter and leave count what flies.
func (w *Wire) enter(f *flight) {
	w.flying[f.Number] = f
	w.bytes += len(f.Data)
	w.room.Add(len(f.Data))
}

func (w *Wire) leave(f *flight) {
	delete(w.flying, f.Number)
	w.bytes -= len(f.Data)
	w.room.Add(-len(f.Data))
}

// full says whether nothing more may wait.
func (w *Wire) full() bool {
	return len(w.flying) >= MaxFlying || w.bytes >= MaxFlyingBytes || w.room.Full()
}

// schedule is the scheduler of a direction: one heap and one timer, since timers of their own would not keep the order
// of packets that are due at the same time.
func (w *Wire) schedule(ctx context.Context, d Direction) {
	l := &w.lines[d]
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var due <-chan time.Time
		if wait, ok := w.landDue(l); ok {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-due:
		case <-l.wake:
		case <-ctx.Done():
			return
		}
	}
}

// landDue lands what is due and says how long to wait for the next; ok is false where there is none.
func (w *Wire) landDue(l *line) (wait time.Duration, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(l.queue.due) > 0 && !w.ended.Load() {
		if wait = time.Until(l.queue.due[0].due); wait > 0 {
			return wait, true
		}
		f := l.queue.pop()
		w.leave(f)
		w.land(f.Packet)
	}
	return 0, false
}

// push schedules f and wakes the scheduler where that waits for a later one.
func (w *Wire) push(f *flight) {
	w.enter(f)
	l := &w.lines[f.Direction]
	if !l.queue.push(f) {
		return
	}
	select {
	case l.wake <- struct{}{}:
	default: // it has been told, and will look
	}
}
