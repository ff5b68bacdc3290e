package playground

import (
	"context"
	"slices"
	"sync"
)

// Log is a session's ordered events. The session's actor is the only writer; any number of viewers read it,
// each at its own pace, from a position of their own. A viewer is a position and nothing more: a slow one holds
// up nobody, and an event is encoded once however many look on.
//
// The log is bounded (LogEvents, LogBytes). What falls off its old end is folded into the base snapshot, so that
// base and events together always lead to now.
type Log struct {
	mu      sync.Mutex
	base    *Snapshot // the state before chunks[0]
	now     *Snapshot
	chunks  []*logChunk
	bytes   int
	events  int
	limit   struct{ bytes, events int }
	encode  jsonWriter    // kept, since one made for each event would be garbage at once
	changed chan struct{} // closed and replaced at every append
	done    bool
	hoard   *hoard
}

// logChunk holds consecutive events and their JSON, comma separated. Its slices are only appended to within the
// capacity they were made with, so a reader may keep what it was given.
type logChunk struct {
	first  uint64 // seq of events[0]
	memory int64  // about what it takes
	events []Event
	ends   []int // json[:ends[i]] ends with the i-th event
	json   []byte
}

const (
	chunkEvents = 1024
	chunkBytes  = 128 << 10
	// firstBytes is for the first: most sessions are small.
	firstBytes = 16 << 10
	// eventMemory is about what an event takes beside its JSON: itself, and what it points to, which is no longer than
	// its JSON.
	eventMemory = 320
)

func newLog() *Log {
	l := &Log{base: NewSnapshot(), now: NewSnapshot(), changed: make(chan struct{})}
	l.limit.bytes, l.limit.events = LogBytes, LogEvents
	return l
}

// append gives the events their numbers and makes them visible, all at once.
func (l *Log) append(events []Event) {
	if len(events) == 0 {
		return
	}
	l.mu.Lock()
	for _, e := range events {
		h := e.header()
		h.Seq, h.Type = l.now.Seq+1, e.kind()
		l.now.Apply(e)
		l.push(e)
	}
	for len(l.chunks) > 1 && (l.events > l.limit.events || l.bytes > l.limit.bytes) {
		l.dropOldest()
	}
	for len(l.chunks) > 1 && l.hoard.greedy() {
		l.hoard.lost.Add(l.dropOldest())
	}
	close(l.changed)
	l.changed = make(chan struct{})
	l.mu.Unlock()
}

func (l *Log) push(e Event) {
	var c *logChunk
	if n := len(l.chunks); n > 0 {
		c = l.chunks[n-1]
	}
	// An event is far smaller than the room asked for here; one that is not gets a chunk that grew, and is not shared yet.
	if c == nil || len(c.events) == cap(c.events) || cap(c.json)-len(c.json) < 8<<10 || len(c.json) > chunkBytes {
		c = &logChunk{
			first:  e.header().Seq,
			events: make([]Event, 0, chunkEvents),
			ends:   make([]int, 0, chunkEvents),
			json:   make([]byte, 0, chunkBytes),
		}
		if len(l.chunks) == 0 {
			c.json = make([]byte, 0, firstBytes)
		}
		l.chunks = append(l.chunks, c)
		l.weigh(c, int64(cap(c.json)+cap(c.events)*16+cap(c.ends)*8))
	}
	before := len(c.json)
	if before > 0 {
		c.json = append(c.json, ',')
	}
	l.encode.buf = c.json
	l.encode.event(e)
	c.json = l.encode.buf
	c.events = append(c.events, e)
	c.ends = append(c.ends, len(c.json))
	l.events++
	l.bytes += len(c.json) - before
	l.weigh(c, int64(len(c.json)-before)+eventMemory)
}

// weigh counts memory of a chunk.
func (l *Log) weigh(c *logChunk, n int64) {
	c.memory += n
	l.hoard.add(n)
}

// shed lets the oldest events go.
func (l *Log) shed() (lost int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.chunks) < 2 {
		return 0
	}
	return l.dropOldest()
}

// dropOldest folds the oldest chunk into the base.
func (l *Log) dropOldest() (events int64) {
	c := l.chunks[0]
	l.chunks = l.chunks[1:]
	l.events -= len(c.events)
	l.bytes -= len(c.json)
	for _, e := range c.events {
		l.base.Apply(e)
	}
	l.hoard.add(-c.memory)
	return int64(len(c.events))
}

// finish wakes the readers for the last time.
func (l *Log) finish() {
	l.mu.Lock()
	if !l.done {
		l.done = true
		close(l.changed)
	}
	l.mu.Unlock()
}

// Base is the snapshot that the oldest kept event follows. A reader without a position starts there.
func (l *Log) Base() *Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.base.Clone()
}

// Whole is Base and the events that follow it, of one moment.
func (l *Log) Whole() (base *Snapshot, events []Event) {
	l.mu.Lock()
	base, parts := l.base.Clone(), l.since(0)
	l.mu.Unlock()
	return base, slices.Concat(parts...)
}

// Now is the snapshot after the newest event.
func (l *Log) Now() *Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.Clone()
}

// Newest is the seq of the newest event, 0 where there is none.
func (l *Log) Newest() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.Seq
}

// Kept is how many events are still there.
func (l *Log) Kept() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events
}

// Reaches says whether events from since+1 on are still there.
func (l *Log) Reaches(since uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return since >= l.base.Seq && since <= l.now.Seq
}

// Batch is a run of events, encoded.
type Batch struct {
	JSON     []byte // comma separated; shared: do not change
	Last     uint64 // seq of the last event in it
	Count    int
	CaughtUp bool // there is no newer one
}

// Next returns events after since, at most about limit bytes of them, or waits for one. ok is false where the log
// no longer reaches back to since, or has ended and there is nothing more; or ctx is over.
func (l *Log) Next(ctx context.Context, since uint64, limit int) (b Batch, ok bool) {
	for {
		l.mu.Lock()
		changed, done := l.changed, l.done
		b, ok = l.batch(since, limit)
		l.mu.Unlock()
		if !ok || b.Count > 0 {
			return b, ok
		}
		if done {
			return b, false
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return b, false
		}
	}
}

// batch stays within one chunk, whose bytes need no copy.
func (l *Log) batch(since uint64, limit int) (Batch, bool) {
	if since < l.base.Seq || since > l.now.Seq {
		return Batch{}, false
	}
	if since == l.now.Seq {
		return Batch{CaughtUp: true}, true
	}
	low := 0
	for low+1 < len(l.chunks) && l.chunks[low+1].first <= since+1 {
		low++
	}
	c := l.chunks[low]
	i := int(since + 1 - c.first)
	from := 0
	if i > 0 {
		from = c.ends[i-1] + 1 // past the comma
	}
	j := i
	for j+1 < len(c.ends) && c.ends[j+1]-from <= limit {
		j++
	}
	last := c.first + uint64(j)
	return Batch{JSON: c.json[from:c.ends[j]:c.ends[j]], Last: last, Count: j - i + 1, CaughtUp: last == l.now.Seq}, true
}

// Page gives kept events after since, as many as lie together, so that whoever follows the log pays for no copy; and a
// channel that is closed when there are more. ok is false where the log no longer reaches back to since, or has ended and
// there is nothing more.
func (l *Log) Page(since uint64) (events []Event, more <-chan struct{}, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if since < l.base.Seq || since > l.now.Seq {
		return nil, nil, false
	}
	for i := len(l.chunks) - 1; i >= 0 && since < l.now.Seq; i-- {
		if c := l.chunks[i]; c.first <= since+1 {
			return c.events[since+1-c.first : len(c.events) : len(c.events)], l.changed, true
		}
	}
	return nil, l.changed, !l.done
}

// event gives one event, nil if it is not there.
func (l *Log) event(seq uint64) Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.chunks {
		if seq >= c.first && seq < c.first+uint64(len(c.events)) {
			return c.events[seq-c.first]
		}
	}
	return nil
}

// Events returns the kept events after since, for tests and headless runs.
func (l *Log) Events(since uint64) []Event {
	l.mu.Lock()
	parts := l.since(since)
	l.mu.Unlock()
	return slices.Concat(parts...)
}

// since is Events, chunk by chunk: they are put together once mu is free again, since whoever appends waits for it. The
// caller holds mu.
func (l *Log) since(since uint64) (parts [][]Event) {
	for _, c := range l.chunks {
		seen := 0
		if since >= c.first {
			seen = int(min(since-c.first+1, uint64(len(c.events))))
		}
		parts = append(parts, c.events[seen:len(c.events):len(c.events)])
	}
	return parts
}

// Wait blocks until an event after since, or in the log already after it, satisfies f; it returns that event.
func (l *Log) Wait(ctx context.Context, since uint64, f func(Event) bool) (Event, error) {
	for {
		l.mu.Lock()
		changed, done := l.changed, l.done
		l.mu.Unlock()
		for _, e := range l.Events(since) {
			since = e.header().Seq
			if f(e) {
				return e, nil
			}
		}
		if done {
			return nil, context.Canceled
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
