package segment_test

import (
	"testing"

	"socketplayground/playground/segment"
)

// bulk are two segments with data and the ACK of both, as a fast stream sends them; the numbers go on with each round.
func bulk(t testing.TB) (all [3][]byte) {
	data := make([]byte, 1448)
	for i := range all[:2] {
		all[i] = packet(t, segment.Segment{Src: client4, Dst: server4, Seq: uint32(1 + i*len(data)), Ack: 1, Flags: ack, Window: 502, Options: dataOptions[:3], Payload: data})
	}
	all[2] = packet(t, segment.Segment{Src: server4, Dst: client4, Seq: 1, Ack: uint32(1 + 2*len(data)), Flags: ack, Window: 509, Options: dataOptions[:3]})
	return all
}

// round decodes and tracks them.
func round(t testing.TB, d *segment.Decoder, tracker *segment.Tracker, packets [3][]byte, n int) {
	for i, p := range packets {
		var s segment.Segment
		if err := d.Decode(p, &s); err != nil {
			t.Fatal(err)
		}
		moved := uint32(n * 2 * 1448)
		if i < 2 {
			s.Seq += moved
		} else {
			s.Ack += moved
		}
		number := uint64(3*n + i + 1)
		if tr := tracker.Track(number, int64(number), &s); tr.Marks != 0 || s.ChecksumState != segment.ChecksumValid {
			t.Fatalf("segment %d: marks %v, checksum %v", number, tr.Marks.Names(), s.ChecksumState)
		}
	}
}

// TestAllocations: a segment costs no memory. The history gives and takes a little now and then.
func TestAllocations(t *testing.T) {
	d, tracker, packets := segment.NewDecoder(), segment.NewTracker(), bulk(t)
	n := 0
	if got := testing.AllocsPerRun(10_000, func() { round(t, d, tracker, packets, n); n++ }); got != 0 {
		t.Errorf("%v allocations for three segments, want none", got)
	}
}

// BenchmarkDecodeTrack is the cost of a segment on the wire's way: two of three carry 1448 bytes.
func BenchmarkDecodeTrack(b *testing.B) {
	d, tracker, packets := segment.NewDecoder(), segment.NewTracker(), bulk(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		round(b, d, tracker, packets, n)
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(3*n), "ns/segment")
}

// BenchmarkDecode is one segment with 1448 bytes.
func BenchmarkDecode(b *testing.B) {
	d, p := segment.NewDecoder(), bulk(b)[0]
	b.ReportAllocs()
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		var s segment.Segment
		if err := d.Decode(p, &s); err != nil {
			b.Fatal(err)
		}
	}
}
