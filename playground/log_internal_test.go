package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// applyBatch reduces encoded events on top of a snapshot, as the browser does.
func applyBatch(t *testing.T, s *Snapshot, b Batch) {
	t.Helper()
	var raws []json.RawMessage
	if err := json.Unmarshal(append(append([]byte{'['}, b.JSON...), ']'), &raws); err != nil {
		t.Fatalf("a batch is no list of JSON: %v", err)
	}
	if len(raws) != b.Count {
		t.Fatalf("a batch of %d holds %d events", b.Count, len(raws))
	}
	for _, raw := range raws {
		e, err := DecodeEvent(raw)
		if err != nil {
			t.Fatal(err)
		}
		if e.header().Seq != s.Seq+1 {
			t.Fatalf("event %d follows %d", e.header().Seq, s.Seq)
		}
		s.Apply(e)
	}
	if s.Seq != b.Last {
		t.Fatalf("the batch says it ends at %d, its last event is %d", b.Last, s.Seq)
	}
}

func asJSON(t *testing.T, s *Snapshot) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	// Once more, since encoding/json spells bytes that are no UTF-8 in a way of its own.
	if b, err = json.Marshal(decoded(t, b)); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestLogLeadsToNow: whatever was logged and whatever fell off the old end, base and events together are now;
// for events at random, some of them so large that the log must let go of old ones.
func TestLogLeadsToNow(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	l := newLog()
	l.limit.bytes, l.limit.events = 2<<20, 3000
	large := strings.Repeat("x", 100<<10)
	for range 4000 {
		events := make([]Event, 1+random.IntN(4))
		for i := range events {
			events[i] = randomEvent(random)
			if n, ok := events[i].(*Notice); ok {
				n.Message = large[:random.IntN(len(large))]
			}
		}
		l.append(events)
	}
	if l.Reaches(0) || l.Base().Seq == 0 {
		t.Fatal("nothing fell off the old end; the test is too small")
	}
	if l.bytes > l.limit.bytes || l.events > l.limit.events {
		t.Errorf("the log holds %d bytes and %d events", l.bytes, l.events)
	}
	got := l.Base()
	for {
		b, ok := l.Next(context.Background(), got.Seq, 1+random.IntN(1<<20))
		if !ok {
			t.Fatalf("the log ends at %d", got.Seq)
		}
		applyBatch(t, got, b)
		if b.CaughtUp {
			break
		}
	}
	if got, want := asJSON(t, got), asJSON(t, l.Now()); got != want {
		at := 0
		for got[at] == want[at] {
			at++
		}
		t.Errorf("base and events do not add up to now: …%.200s, want …%.200s", got[max(0, at-100):], want[max(0, at-100):])
	}
	if _, ok := l.Next(context.Background(), l.Base().Seq-1, 1); ok {
		t.Error("a reader from before the base was served")
	}
	if _, ok := l.Next(context.Background(), l.Now().Seq+1, 1); ok {
		t.Error("a reader from the future was served")
	}
}

// randomEvent is an event about one of a few sockets.
func randomEvent(random *rand.Rand) Event {
	kinds := eventKinds()
	e := kinds[random.IntN(len(kinds))]()
	fill(e, random)
	h := e.header()
	*h = Header{AtNS: int64(random.Uint32()), Socket: fmt.Sprintf("C%d", random.IntN(5)), Source: SourceCall}
	return e
}

func TestLogReaders(t *testing.T) {
	t.Parallel()
	l := newLog()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if !l.Reaches(0) || l.Reaches(1) {
		t.Error("an empty log reaches back to 0 and no further")
	}
	got := make(chan Batch)
	go func() { // ends with Next, which ctx bounds
		b, _ := l.Next(ctx, 0, 1<<20)
		got <- b
	}()
	l.append(nil)
	l.append([]Event{&Notice{Code: "a"}, &Notice{Code: "b"}})
	if b := <-got; b.Count != 2 || b.Last != 2 || !b.CaughtUp {
		t.Errorf("the reader that waited got %+v", b)
	}
	b, ok := l.Next(ctx, 0, 1) // a limit smaller than any event still gives one
	if !ok || b.Count != 1 || b.CaughtUp {
		t.Errorf("with a small limit: %+v, %v", b, ok)
	}
	// What a reader holds stays as it is while the log grows.
	before := string(b.JSON)
	for range 5000 {
		l.append([]Event{&Notice{Message: strings.Repeat("y", 200)}})
	}
	if string(b.JSON) != before {
		t.Error("a batch changed under its reader")
	}
	if len(l.chunks) < 2 || l.event(1) == nil || l.event(5002) == nil || l.event(5003) != nil {
		t.Errorf("%d chunks; events 1, 5002, 5003: %v %v %v", len(l.chunks), l.event(1), l.event(5002), l.event(5003))
	}
	over, stop := context.WithCancel(ctx)
	stop()
	if _, ok := l.Next(over, 5002, 1); ok {
		t.Error("a reader whose time is over got something")
	}
	l.finish()
	l.finish()
	if _, ok := l.Next(ctx, 5002, 1); ok {
		t.Error("a finished log has more")
	}
	if b, ok := l.Next(ctx, 5001, 1<<20); !ok || b.Count != 1 {
		t.Error("a finished log can be read to its end")
	}
	if _, err := l.Wait(ctx, 5002, func(Event) bool { return true }); err == nil {
		t.Error("waiting on a finished log succeeded")
	}
}

// TestSnapshotClone: a snapshot that somebody holds does not change.
func TestSnapshotClone(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	s := NewSnapshot()
	for range 300 {
		s.Apply(randomEvent(random))
	}
	clone := s.Clone()
	before := asJSON(t, clone)
	for range 300 {
		s.Apply(randomEvent(random))
	}
	if asJSON(t, clone) != before {
		t.Error("the clone changed with the original")
	}
	if bytes.Contains([]byte(asJSON(t, NewSnapshot())), []byte("null")) {
		t.Error("an empty snapshot has null where the page expects a list")
	}
}
