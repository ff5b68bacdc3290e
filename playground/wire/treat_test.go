package wire_test

import (
	"errors"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// TestTreatments sends three segments at once, and looks at all that the Observer is told in the next ten seconds.
func TestTreatments(t *testing.T) {
	t.Parallel()
	toServer := func(m wire.Impairment) wire.Settings { return wire.Settings{Seed: 1, ToServer: m} }
	tests := []struct {
		name     string
		settings wire.Settings
		rules    []wire.Rule
		want     []string
	}{
		{"nothing", wire.Settings{}, nil,
			[]string{"0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 landed", "0ms 3 sent", "0ms 3 landed"}},
		{"only the other way", wire.Settings{ToClient: wire.Impairment{Loss: 100, Delay: time.Second}}, nil,
			[]string{"0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 landed", "0ms 3 sent", "0ms 3 landed"}},
		{"cut", wire.Settings{Cut: true, Step: true}, nil,
			[]string{"0ms 1 sent", "0ms 1 dropped by cut", "0ms 2 sent", "0ms 2 dropped by cut", "0ms 3 sent", "0ms 3 dropped by cut"}},
		{"delay", toServer(wire.Impairment{Delay: 20 * ms}), nil,
			[]string{"0ms 1 sent", "0ms 2 sent", "0ms 3 sent", "20ms 1 landed", "20ms 2 landed", "20ms 3 landed"}},
		{"loss", toServer(wire.Impairment{Loss: 100, Duplicate: 100}), nil,
			[]string{"0ms 1 sent", "0ms 1 dropped by loss", "0ms 2 sent", "0ms 2 dropped by loss", "0ms 3 sent", "0ms 3 dropped by loss"}},
		{"duplicate", toServer(wire.Impairment{Duplicate: 100}), nil, []string{
			"0ms 1 sent", "0ms 1 duplicated by duplicate, copy 2", "0ms 1 landed", "0ms 2 landed",
			"0ms 3 sent", "0ms 3 duplicated by duplicate, copy 4", "0ms 3 landed", "0ms 4 landed",
			"0ms 5 sent", "0ms 5 duplicated by duplicate, copy 6", "0ms 5 landed", "0ms 6 landed"}},
		{"corrupt", toServer(wire.Impairment{Corrupt: 100}), nil, []string{
			"0ms 1 sent", "0ms 1 corrupted by corrupt", "0ms 1 landed", "0ms 2 sent", "0ms 2 corrupted by corrupt", "0ms 2 landed",
			"0ms 3 sent", "0ms 3 corrupted by corrupt", "0ms 3 landed"}},
		{"reorder, past those that wait", toServer(wire.Impairment{Reorder: 100, Delay: 20 * ms}), nil, []string{
			"0ms 1 sent", "0ms 2 sent", "0ms 2 reordered by reorder", "0ms 2 landed", "0ms 3 sent", "0ms 3 reordered by reorder",
			"0ms 3 landed", "20ms 1 landed"}},
		{"reorder, with nothing to go past", toServer(wire.Impairment{Reorder: 100}), nil,
			[]string{"0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 landed", "0ms 3 sent", "0ms 3 landed"}},
		// 41 bytes are 328 bits: 10.25 ms each at 32 kbit/s.
		{"rate", toServer(wire.Impairment{RateKbps: 32}), nil,
			[]string{"0ms 1 sent", "0ms 2 sent", "0ms 3 sent", "10ms 1 landed", "20ms 2 landed", "30ms 3 landed"}},
		{"rate and delay", toServer(wire.Impairment{RateKbps: 32, Delay: 100 * ms}), nil,
			[]string{"0ms 1 sent", "0ms 2 sent", "0ms 3 sent", "110ms 1 landed", "120ms 2 landed", "130ms 3 landed"}},
		{"queue", toServer(wire.Impairment{RateKbps: 32, Queue: 1}), nil,
			[]string{"0ms 1 sent", "0ms 2 sent", "0ms 3 sent", "0ms 3 dropped by queue", "10ms 1 landed", "20ms 2 landed"}},
		{"step", wire.Settings{Step: true}, nil, []string{"0ms 1 sent", "0ms 1 held by step", "0ms 2 sent", "0ms 2 held by step",
			"0ms 3 sent", "0ms 3 held by step"}},
		{"rule: drop the second", wire.Settings{}, []wire.Rule{{Action: wire.ActionDrop, Match: wire.Match{Text: []byte("b")}}},
			[]string{"0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 dropped by rule 1", "0ms 3 sent", "0ms 3 landed"}},
		{"rule: hold the second", wire.Settings{}, []wire.Rule{{Action: wire.ActionHold, Match: wire.Match{Text: []byte("b")}}},
			[]string{"0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 held by rule 1", "0ms 3 sent", "0ms 3 landed"}},
		{"rule: delay the second, and the third waits behind", wire.Settings{},
			[]wire.Rule{{Action: wire.ActionDelay, Delay: 30 * ms, Match: wire.Match{Text: []byte("b")}}},
			[]string{"0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 delayed by rule 1, 30ms", "0ms 3 sent", "30ms 2 landed", "30ms 3 landed"}},
		{"rule: its delay is on top", toServer(wire.Impairment{Delay: 20 * ms}),
			[]wire.Rule{{Action: wire.ActionDelay, Delay: 30 * ms, Match: wire.Match{Text: []byte("c")}}},
			[]string{"0ms 1 sent", "0ms 2 sent", "0ms 3 sent", "0ms 3 delayed by rule 1, 30ms", "20ms 1 landed", "20ms 2 landed", "50ms 3 landed"}},
		{"rule: duplicate the next", wire.Settings{}, []wire.Rule{{Action: wire.ActionDuplicate, Next: 1}}, []string{
			"0ms 1 sent", "0ms 1 duplicated by rule 1, used up, copy 2", "0ms 1 landed", "0ms 2 landed",
			"0ms 3 sent", "0ms 3 landed", "0ms 4 sent", "0ms 4 landed"}},
		{"rule: step mode holds both of a duplicate", wire.Settings{Step: true},
			[]wire.Rule{{Action: wire.ActionDuplicate, Match: wire.Match{Text: []byte("c")}}},
			[]string{"0ms 1 sent", "0ms 1 held by step", "0ms 2 sent", "0ms 2 held by step", "0ms 3 sent",
				"0ms 3 duplicated by rule 1, copy 4", "0ms 3 held by step", "0ms 4 held by step"}},
		{"rule: corrupt every second", wire.Settings{}, []wire.Rule{{Action: wire.ActionCorrupt, Every: 2}}, []string{
			"0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 corrupted by rule 1", "0ms 2 landed", "0ms 3 sent", "0ms 3 landed"}},
		{"rules: the first that matches acts", wire.Settings{}, []wire.Rule{
			{Action: wire.ActionDrop, Next: 1}, {Action: wire.ActionHold, Every: 2}, {Action: wire.ActionDrop, Match: wire.Match{Flags: "SYN"}}},
			[]string{"0ms 1 sent", "0ms 1 dropped by rule 1, used up", "0ms 2 sent", "0ms 2 landed", "0ms 3 sent", "0ms 3 held by rule 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.set(tt.settings)
				for _, x := range tt.rules {
					r.rule(x)
				}
				r.send(wire.ToServer, data("a"), data("b"), data("c"))
				r.pass(10 * time.Second)
				r.want(tt.want...)
			})
		})
	}
}

func TestCorruptionIsOneBitBehindTheIPHeader(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{Seed: 7, ToServer: wire.Impairment{Corrupt: 100}})
		sent := data("The quick brown fox")
		original := slices.Clone(sent)
		for range 200 {
			r.send(wire.ToServer, sent)
		}
		places := map[int]bool{}
		for _, got := range r.server.written() {
			flipped := 0
			for i := range got {
				if n := bits.OnesCount8(got[i] ^ original[i]); n > 0 {
					flipped += n
					places[i] = true
					if i < 20 {
						t.Errorf("byte %d was changed, in the IP header", i)
					}
				}
			}
			if flipped != 1 || len(got) != len(original) {
				t.Errorf("%d bits of %d bytes differ, want 1 of %d", flipped, len(got), len(original))
			}
		}
		if n := len(r.server.written()); n != 200 || len(places) < 10 {
			t.Errorf("%d packets landed, changed in %d places; want 200, in many", n, len(places))
		}
	})
}

// Whatever it is that is corrupted, one bit of it is.
func TestCorruptionOfAnything(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		packet []byte
		from   int // no byte before is changed
	}{
		"IPv6":                {tcp6("text"), 40},
		"IPv4 header alone":   {data("")[:20], 0},
		"a header cut off":    {[]byte{0x45, 0}, 0},
		"not IP":              {[]byte("text"), 0},
		"IPv4 with an option": {append([]byte{0x46}, data("text")[1:]...), 24},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.set(wire.Settings{ToServer: wire.Impairment{Corrupt: 100}})
				for range 50 {
					r.send(wire.ToServer, tt.packet)
				}
				for _, got := range r.server.written() {
					flipped := 0
					for i := range got {
						n := bits.OnesCount8(got[i] ^ tt.packet[i])
						if flipped += n; n > 0 && i < tt.from {
							t.Errorf("byte %d was changed", i)
						}
					}
					if flipped != 1 || len(got) != len(tt.packet) {
						t.Errorf("%d bits differ, of %d bytes; want 1 of %d", flipped, len(got), len(tt.packet))
					}
				}
			})
		})
	}
}

// What is not TCP cannot be seen by the user, so it must not wait for the user; but it is on the same wire.
func TestOtherPacketsPassRulesAndStepMode(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.rule(wire.Rule{Action: wire.ActionDrop})
		r.set(wire.Settings{Step: true, ToServer: wire.Impairment{Delay: 5 * ms}})
		r.send(wire.ToServer, []byte("not even IP"))
		r.pass(time.Second)
		r.want("0ms 1 sent", "5ms 1 landed")
	})
}

func TestRefusedPacketIsLostAndTheWireGoesOn(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		refusals := 1
		r.server.write = func([]byte) error {
			if refusals--; refusals >= 0 {
				return errors.New("no buffer space available")
			}
			return nil
		}
		r.send(wire.ToServer, data("a"), data("b"))
		r.want("0ms 1 sent", "0ms 1 refused: no buffer space available", "0ms 2 sent", "0ms 2 landed")
	})
}

// A host answers while the packet is still being written to it, as a kernel does.
func TestCauseIsToldBeforeEffect(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		answered := make(chan struct{})
		r.server.write = func([]byte) error {
			go func() {
				r.server.in <- tcp4(wire.ToClient, segment.SYN|segment.ACK, "")
				close(answered)
			}()
			<-answered // it was read, and Landed is yet to come
			return nil
		}
		r.send(wire.ToServer, tcp4(wire.ToServer, segment.SYN, ""))
		r.want("0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 landed")
		if a, b := r.seen.landed[0], r.seen.landed[1]; b.LeftAt.Before(a.LandedAt) {
			t.Errorf("the answer left %v before that which it answers landed", a.LandedAt.Sub(b.LeftAt))
		}
	})
}

// A packet and its Segment stay as they are for as long as it is on the wire.
func TestWaitingPacketKeepsItsBytes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{Step: true})
		words := strings.Fields("one two three four five six seven")
		for _, word := range words {
			r.send(wire.ToServer, data(word))
		}
		for i, p := range r.Flying() {
			if got := string(p.Segment.Payload); got != words[i] || string(p.Data[40:]) != words[i] {
				t.Errorf("segment %d has the payload %q, in bytes %q; want %q", p.Number, got, p.Data[40:], words[i])
			}
		}
	})
}
