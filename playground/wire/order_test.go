package wire_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"socketplayground/playground/wire"
)

// numbers are the order in which packets of a direction landed.
func (r *recorder) numbers(d wire.Direction) []uint64 {
	var out []uint64
	for _, p := range r.landed {
		if p.Direction == d {
			out = append(out, p.Number)
		}
	}
	return out
}

// TestNothingOvertakes sends packets with pauses through one setting after the other: they land in the order sent.
func TestNothingOvertakes(t *testing.T) {
	t.Parallel()
	slow := wire.Impairment{Delay: 200 * ms}
	tests := []struct {
		name     string
		settings []wire.Impairment
	}{
		{"jitter", []wire.Impairment{{Delay: 50 * ms, Jitter: 50 * ms}}},
		{"jitter larger than the delay", []wire.Impairment{{Delay: 5 * ms, Jitter: 500 * ms}}},
		{"jitter alone", []wire.Impairment{{Jitter: 30 * ms}}},
		{"rate with jitter", []wire.Impairment{{Jitter: 30 * ms, RateKbps: 100}}},
		{"a delay that is switched off", []wire.Impairment{slow, {}}},
		{"a delay that shrinks", []wire.Impairment{slow, {Delay: 100 * ms}, {Delay: 10 * ms}, {}}},
		{"a rate that is switched off", []wire.Impairment{{RateKbps: 8}, {}}},
		{"a rate that grows", []wire.Impairment{{RateKbps: 8}, {RateKbps: 10_000}, {Delay: 1 * ms}}},
		{"a delay, then jitter", []wire.Impairment{slow, {Delay: 100 * ms, Jitter: 100 * ms}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				for _, m := range tt.settings {
					r.set(wire.Settings{Seed: 3, ToServer: m})
					for range 50 {
						r.send(wire.ToServer, data("x"))
						r.pass(ms)
					}
				}
				r.pass(time.Minute)
				got := r.seen.numbers(wire.ToServer)
				if len(got) != 50*len(tt.settings) || !slices.IsSorted(got) {
					t.Errorf("%d landed, as %v; want %d in their order", len(got), got, 50*len(tt.settings))
				}
			})
		})
	}
}

// TestOrderProperty changes everything but reorder at random while packets go both ways at random times. Whatever
// happens, what was neither held nor a copy lands in the order sent, each is accounted for once, and the bytes are those sent.
func TestOrderProperty(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				random := rand.New(rand.NewPCG(seed, 0))
				chance := func(n int) float64 { return float64(max(0, random.IntN(2*n)-n)) }
				span := func(n int) time.Duration { return time.Duration(max(0, random.IntN(2*n)-n)) * ms }
				impairment := func() wire.Impairment {
					return wire.Impairment{Delay: span(100), Jitter: span(100), Loss: chance(30), Duplicate: chance(30),
						RateKbps: max(0, random.IntN(400)-200), Queue: 1 + random.IntN(20)}
				}
				for i := range 600 {
					switch random.IntN(12) {
					case 0:
						r.set(wire.Settings{Seed: 1, ToServer: impairment(), ToClient: impairment(), Step: random.IntN(8) == 0, Cut: random.IntN(20) == 0})
					case 1:
						for _, old := range r.Rules() {
							if !old.On {
								r.ok(r.RemoveRule(old.ID))
							}
						}
						r.rule(wire.Rule{Next: 1, Action: wire.ActionDelay, Delay: 1 + span(50)})
					default:
						text := string(binary.BigEndian.AppendUint32(nil, uint32(i)))
						r.send(wire.Direction(random.IntN(2)), data(text))
						r.pass(span(10))
					}
				}
				r.set(wire.Settings{Seed: 1})
				r.pass(time.Hour)
				if left := r.Flying(); len(left) > 0 {
					t.Errorf("%d packets are still on the wire", len(left))
				}
				checkOrder(t, r)
			})
		})
	}
}

// checkEnds says which packets were held, and whether each landed or was dropped, and that once.
func checkEnds(t *testing.T, r *rig) (held map[uint64]bool) {
	t.Helper()
	held = map[uint64]bool{}
	ends := map[uint64]int{}
	for _, line := range r.seen.lines {
		var at, number uint64
		var what string
		if _, err := fmt.Sscanf(line, "%dms %d %s", &at, &number, &what); err != nil {
			t.Fatal(err)
		}
		switch what {
		case wire.Held:
			held[number] = true
		case wire.Dropped, "landed":
			ends[number]++
		}
	}
	for n := range r.seen.last {
		if ends[n+1] != 1 {
			t.Errorf("packet %d ended %d times, want once", n+1, ends[n+1])
		}
	}
	return held
}

func checkOrder(t *testing.T, r *rig) {
	t.Helper()
	held := checkEnds(t, r)
	var before [2]uint64
	for _, p := range r.seen.landed {
		if held[p.Number] || p.CopyOf != 0 {
			continue
		}
		if p.Number < before[p.Direction] {
			t.Errorf("packet %d landed behind %d", p.Number, before[p.Direction])
		}
		before[p.Direction] = p.Number
	}
	if before[0] == 0 || before[1] == 0 {
		t.Error("nothing landed: this run shows nothing")
	}
}

// TestSameSeedSameFate: chance is that of the seed, and starts anew when it is switched on anew.
func TestSameSeedSameFate(t *testing.T) {
	t.Parallel()
	everything := wire.Impairment{Delay: 10 * ms, Jitter: 10 * ms, Loss: 20, Duplicate: 20, Reorder: 20, Corrupt: 20}
	run := func(t *testing.T, seed int64, before func(*rig)) (lines []string, bytes string) {
		inBubble(t, func(r *rig) {
			before(r)
			r.set(wire.Settings{Seed: seed, ToServer: everything})
			r.seen.start, r.seen.lines, r.seen.landed, r.seen.last = time.Now(), nil, nil, 0
			for range 200 {
				r.send(wire.ToServer, data("some text"))
				r.pass(ms)
			}
			r.pass(time.Second)
			lines = r.seen.lines
			for _, p := range r.seen.landed {
				bytes += string(p.Data)
			}
		})
		return lines, bytes
	}
	fresh := func(*rig) {}
	used := func(r *rig) {
		r.set(wire.Settings{Seed: 1, ToServer: everything})
		r.send(wire.ToServer, data("x"), data("y"))
		r.pass(time.Second)
		r.set(wire.Settings{Seed: 1})
	}
	lines, bytes := run(t, 1, fresh)
	for name, before := range map[string]func(*rig){"the same again": fresh, "off and on again": used} {
		if again, same := run(t, 1, before); !slices.Equal(lines, again) || bytes != same {
			t.Errorf("%s: another fate with the same seed", name)
		}
	}
	if other, _ := run(t, 2, fresh); slices.Equal(lines, other) {
		t.Error("another seed has the same fate")
	}
}

// TestChancesStrikeAsOftenAsTheySay allows five standard deviations.
func TestChancesStrikeAsOftenAsTheySay(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{Seed: 1, ToServer: wire.Impairment{Loss: 10}})
		for range 5000 {
			r.send(wire.ToServer, data("x"))
		}
		if lost := 5000 - len(r.seen.landed); lost < 394 || lost > 606 {
			t.Errorf("%d of 5000 were lost, want about 500", lost)
		}
	})
}
