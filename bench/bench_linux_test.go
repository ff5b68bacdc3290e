package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"socketplayground/playground"
)

// contestants starts what is compared, for as long as the test lasts.
func contestants(tb testing.TB) []bridge {
	tb.Helper()
	b, err := prepare(tb.Context(), tb.TempDir(), 1)
	if err != nil {
		tb.Fatal(err)
	}
	all, stop, err := b.contest()
	tb.Cleanup(stop)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// TestBridges: a measurement is worth nothing if what it measures does not work.
func TestBridges(t *testing.T) {
	for _, c := range contestants(t) {
		t.Run(c.name(), func(t *testing.T) {
			for _, watched := range []bool{true, false} {
				if d, err := c.stream(8<<20, watched); err != nil || d <= 0 {
					t.Errorf("stream, watched %t: %v, %v", watched, d, err)
				}
			}
			if times, err := c.pingPong(10); err != nil || len(times) != 10 {
				t.Errorf("pingPong: %d times, %v; want 10", len(times), err)
			}
			if n, err := c.many(10, 50*time.Millisecond); err != nil || n < 10 {
				t.Errorf("many: %d round trips, %v; want one of each connection at least", n, err)
			}
			if o, ok := c.(*ours); ok && o.echo.open.Load() != 0 {
				t.Errorf("%d connections are left of what was measured", o.echo.open.Load())
			}
			n, leave, err := c.open(20)
			defer leave()
			if err != nil || n != 20 {
				t.Errorf("open: %d connections, %v; want 20", n, err)
			}
			if c.server().cpu() < 0 || c.server().memory() <= 0 {
				t.Errorf("cpu %v, memory %d", c.server().cpu(), c.server().memory())
			}
		})
	}
}

// TestTraffic: the page takes only events without a gap, and what it shows has to have come in the mix.
func TestTraffic(t *testing.T) {
	for name, frame := range map[string]string{"hello": fmt.Sprintf(trafficHello, "2026-01-01T00:00:00Z", 0), "snapshot": trafficSnapshot} {
		if !json.Valid([]byte(frame)) {
			t.Errorf("%s is no JSON: %s", name, frame)
		}
	}
	var f struct {
		Events   []json.RawMessage
		CaughtUp bool `json:"caught_up"`
	}
	if err := json.Unmarshal(appendFrame(nil, 41, 60, 7, true), &f); err != nil {
		t.Fatal(err)
	}
	if !f.CaughtUp || len(f.Events) != 20 {
		t.Fatalf("caught up: %t, %d events; want true, 20", f.CaughtUp, len(f.Events))
	}
	kinds := map[string]int{}
	for i, raw := range f.Events {
		if _, err := playground.DecodeEvent(raw); err != nil {
			t.Fatal(err)
		}
		var h playground.Header
		if err := json.Unmarshal(raw, &h); err != nil {
			t.Fatal(err)
		}
		seq := uint64(41 + i)
		if at := int64(seq)*eventNS + 7; h.Seq != seq || h.AtNS != at {
			t.Errorf("event %d: seq %d at %d ns, want seq %d at %d", i, h.Seq, h.AtNS, seq, at)
		}
		kinds[h.Type+" "+h.Socket]++
	}
	want := map[string]int{"call_returned C1": 7, "call_returned S1.1": 7, "calls_summarised C1": 2, "calls_summarised S1.1": 2,
		"metrics_sampled C1": 1, "metrics_sampled S1.1": 1}
	if !maps.Equal(kinds, want) {
		t.Errorf("the mix of twenty: got %v, want %v", kinds, want)
	}
}

func TestMedian(t *testing.T) {
	tests := []struct {
		name string
		in   []float64
		want float64
	}{
		{"none", nil, 0},
		{"odd", []float64{3, 1, 2}, 2},
		{"even", []float64{4, 1, 3, 2}, 2.5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := slices.Clone(tt.in)
			if got := median(tt.in); got != tt.want {
				t.Errorf("median(%v): got %v, want %v", tt.in, got, tt.want)
			}
			if !slices.Equal(in, tt.in) {
				t.Errorf("median changed its argument to %v", tt.in)
			}
		})
	}
	s := series{"a": {1, 20, 3}, "b": {1, 10, 1}}
	if got := s.ratio("a", "b"); got != 2 {
		t.Errorf("the ratio is taken repetition by repetition: got %v, want 2", got)
	}
}

func BenchmarkStream(b *testing.B) {
	for _, c := range contestants(b) {
		b.Run(c.name(), func(b *testing.B) {
			const size = 16 << 20
			b.SetBytes(size)
			for b.Loop() {
				if _, err := c.stream(size, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	for _, c := range contestants(b) {
		b.Run(c.name(), func(b *testing.B) {
			times, err := c.pingPong(max(b.N, 1))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(quantile(times, 0.5)), "p50-ns")
			b.ReportMetric(float64(quantile(times, 0.99)), "p99-ns")
		})
	}
}

func BenchmarkEncodeEvent(b *testing.B) {
	e := sample()
	b.Run("playground", func(b *testing.B) {
		b.ReportAllocs()
		buf := make([]byte, 0, 4<<10)
		for b.Loop() {
			buf = playground.AppendEvent(buf[:0], e)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(e); err != nil {
				b.Fatal(err)
			}
		}
	})
}
