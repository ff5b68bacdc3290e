package wire_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// TestOffMeansOff sends 100,000 random packets each way at once: no byte differs, and none is added, lost or reordered.
func TestOffMeansOff(t *testing.T) {
	t.Parallel()
	const packets = 100_000
	for _, tt := range []struct {
		name    string
		prepare func(*testing.T, *wire.Wire)
	}{
		{"as it is made", func(*testing.T, *wire.Wire) {}},
		{"switched on and off again", func(t *testing.T, w *wire.Wire) {
			all := wire.Impairment{Delay: time.Second, Jitter: time.Second, Loss: 50, Duplicate: 50, Reorder: 50, Corrupt: 50, RateKbps: 1}
			rule, err := w.AddRule(wire.Rule{On: true, Action: wire.ActionDrop})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.SetRule(rule.ID, false); err != nil {
				t.Fatal(err)
			}
			for _, s := range []wire.Settings{{ToServer: all, ToClient: all, Step: true, Cut: true, Seed: 5}, {Seed: 5}} {
				if err := w.SetSettings(s); err != nil {
					t.Fatal(err)
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, server := newPort(), newPort()
			o := &counter{}
			w := wire.New(client, server, o)
			tt.prepare(t, w)
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			done := make(chan error, 1)
			go func() { done <- w.Run(ctx) }()
			var all sync.WaitGroup
			for _, way := range []struct {
				from, to *port
				seed     uint64
			}{{client, server, 1}, {server, client, 2}} {
				random, again := rand.New(rand.NewPCG(way.seed, 0)), rand.New(rand.NewPCG(way.seed, 0))
				landed := 0
				arrived := make(chan struct{})
				way.to.write = func(got []byte) error {
					if want := randomPacket(again); !bytes.Equal(got, want) {
						t.Errorf("packet %d differs: %d bytes, want %d", landed, len(got), len(want))
					}
					if landed++; landed == packets {
						close(arrived)
					}
					return nil
				}
				all.Go(func() {
					for range packets {
						select {
						case way.from.in <- randomPacket(random):
						case <-ctx.Done():
							t.Error("the packets did not get through in time")
							return
						}
					}
					select {
					case <-arrived:
					case <-ctx.Done():
						t.Error("some packets did not land in time")
					}
				})
			}
			all.Wait()
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if o.sent != 2*packets || o.landed != 2*packets || o.intervened != 0 {
				t.Errorf("told of %d sent, %d landed, %d interventions; want %d, %d, 0", o.sent, o.landed, o.intervened, 2*packets, 2*packets)
			}
		})
	}
}

// randomPacket has 1 to 1500 random bytes, most often few.
func randomPacket(r *rand.Rand) []byte {
	p := make([]byte, 0, 1504)
	for len(p) < cap(p) && r.IntN(20) > 0 {
		p = binary.NativeEndian.AppendUint64(p, r.Uint64())
	}
	return p[:min(max(len(p)-r.IntN(8), 1), 1500)]
}

// counter is an Observer that counts, and decodes if it has a decoder.
type counter struct {
	sent, landed, intervened uint64
	decoder                  *segment.Decoder
}

func (c *counter) Sent(p *wire.Packet) {
	c.sent++
	p.Number = c.sent
	if c.decoder == nil {
		return
	}
	if p.Segment == nil {
		p.Segment = new(segment.Segment)
	}
	if c.decoder.Decode(p.Data, p.Segment) != nil {
		p.Segment = nil
	}
}

func (c *counter) Landed(*wire.Packet, error) { c.landed++ }

func (c *counter) Intervened(_ *wire.Packet, i wire.Intervention) {
	c.intervened++
	if i.Copy != nil {
		c.sent++
		i.Copy.Number = c.sent
	}
}
