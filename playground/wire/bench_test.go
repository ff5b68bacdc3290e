package wire_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// source is a Port that gives the same packet so many times, and one that takes them.
type source struct {
	packet []byte
	left   int
	closed chan struct{}
}

func (s *source) ReadPacket(b []byte) (int, error) {
	if s.left == 0 {
		<-s.closed
		return 0, io.EOF
	}
	s.left--
	return copy(b, s.packet), nil
}
func (s *source) WritePacket([]byte) error { return nil }
func (s *source) Close() error             { close(s.closed); return nil }

// finish stops the wire with the last packet that lands or is dropped.
type finish struct {
	counter
	last uint64
	stop func()
}

func (f *finish) Landed(p *wire.Packet, err error) {
	f.counter.Landed(p, err)
	f.count()
}

func (f *finish) Intervened(p *wire.Packet, i wire.Intervention) {
	f.counter.Intervened(p, i)
	f.count()
}

func (f *finish) count() {
	if f.landed+f.intervened == f.last {
		f.stop()
	}
}

// BenchmarkWire carries packets of 1500 bytes one way.
func BenchmarkWire(b *testing.B) {
	for _, bb := range []struct {
		name     string
		decode   bool
		settings wire.Settings
		rule     bool
	}{
		{name: "Off"},
		{name: "OffDecoding", decode: true},
		{name: "RuleThatNeverMatches", decode: true, rule: true},
		{name: "Delay", decode: true, settings: wire.Settings{ToServer: wire.Impairment{Delay: time.Microsecond}}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			ctx, stop := context.WithCancel(b.Context())
			o := &finish{last: uint64(b.N), stop: stop}
			if bb.decode {
				o.decoder = segment.NewDecoder()
			}
			client := &source{packet: data(strings.Repeat("x", 1460)), left: b.N, closed: make(chan struct{})}
			w := wire.New(client, &source{closed: make(chan struct{})}, o)
			if err := w.SetSettings(bb.settings); err != nil {
				b.Fatal(err)
			}
			if bb.rule {
				if _, err := w.AddRule(wire.Rule{On: true, Action: wire.ActionDrop, Match: wire.Match{Flags: "SYN"}}); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(1500)
			b.ReportAllocs()
			b.ResetTimer()
			if err := w.Run(ctx); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(o.intervened)/float64(b.N), "dropped/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "packets/s")
		})
	}
}
