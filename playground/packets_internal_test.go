package playground

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestPacketRing: the newest packets are kept, each under its number and with its bytes, as many as the budget holds.
func TestPacketRing(t *testing.T) {
	const count, size = 200_000, 300
	var r packetRing
	for i := uint64(1); i <= count; i++ {
		k := r.next()
		if k.number != i {
			t.Fatalf("got number %d, want %d", k.number, i)
		}
		k.listed = i%3 == 0
		r.store(k, fmt.Appendf(nil, "%-*d", size, i))
	}
	kept := r.between(0, r.last, func(*keptPacket) bool { return true })
	if r.bytes > PacketBudget || r.bytes < PacketBudget-packetChunkLen*(size+keptOverhead) {
		t.Errorf("%d bytes are kept, want the budget of %d", r.bytes, PacketBudget)
	}
	if got := uint64(len(kept)); got+r.gone != count || r.bytes != len(kept)*(size+keptOverhead) {
		t.Errorf("%d packets are kept in %d bytes and %d gone, want %d together", got, r.bytes, r.gone, count)
	}
	for i, k := range kept {
		want := r.gone + 1 + uint64(i)
		var got uint64
		if _, err := fmt.Sscan(string(k.data), &got); err != nil || got != want || k.number != want || len(k.data) != size {
			t.Fatalf("packet %d has the number %d and the bytes of %d, %v", want, k.number, got, err)
		}
	}
	for _, number := range []uint64{0, r.gone, count + 1} {
		if k := r.get(number); k != nil {
			t.Errorf("packet %d is there: %d", number, k.number)
		}
	}
}

// TestPages: who walks the packets that are kept holds the lock for exportBatch of them, and counts those that went
// before or meanwhile.
func TestPages(t *testing.T) {
	const count = 4 * packetChunkLen
	var tr trace
	for range count {
		tr.kept.store(tr.kept.next(), nil)
	}
	tr.kept.dropOldest() // before
	last := tr.kept.last
	tr.kept.store(tr.kept.next(), nil) // none of the walk's
	var numbers []uint64
	var gone uint64
	for first := uint64(1); first <= last; {
		before := len(numbers)
		next, lost := tr.page(first, last, func(k *keptPacket) {
			if tr.mu.TryLock() {
				t.Fatal("packets are read without the lock")
			}
			numbers = append(numbers, k.number)
		})
		if read := len(numbers) - before; read > exportBatch || next <= first {
			t.Fatalf("from %d to %d, %d packets are read under one lock", first, next, read)
		}
		if !tr.mu.TryLock() {
			t.Fatal("the lock is held between pages")
		}
		if first == 1 {
			tr.kept.dropOldest() // read already
			tr.kept.dropOldest()
		}
		tr.mu.Unlock()
		first, gone = next, gone+lost
	}
	want := slices.Concat(numbersFrom(packetChunkLen+1, packetChunkLen), numbersFrom(3*packetChunkLen+1, packetChunkLen))
	if gone != 2*packetChunkLen || !slices.Equal(numbers, want) {
		t.Errorf("%d gone, read %v, want %d and %v", gone, numbers, 2*packetChunkLen, want)
	}
}

func numbersFrom(first, count uint64) (numbers []uint64) {
	for i := range count {
		numbers = append(numbers, first+i)
	}
	return numbers
}

func TestBucket(t *testing.T) {
	b := newBucket(10, 3)
	taken := func(at time.Duration) (n int) {
		for b.take(int64(at)) {
			n++
		}
		return n
	}
	for _, step := range []struct {
		at   time.Duration
		want int
	}{{0, 3}, {50 * time.Millisecond, 0}, {100 * time.Millisecond, 1}, {50 * time.Millisecond, 0}, {350 * time.Millisecond, 2}, {time.Hour, 3}} {
		if got := taken(step.at); got != step.want {
			t.Errorf("at %v: got %d tokens, want %d", step.at, got, step.want)
		}
	}
}
