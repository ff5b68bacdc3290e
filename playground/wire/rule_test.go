package wire_test

import (
	"net/netip"
	"slices"
	"testing"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// TestMatch drops what matches: nothing of it lands.
func TestMatch(t *testing.T) {
	t.Parallel()
	const (
		syn, fin, rst, psh, ack = segment.SYN, segment.FIN, segment.RST, segment.PSH, segment.ACK
	)
	client, server := netip.MustParseAddrPort("192.0.2.1:40000"), netip.MustParseAddrPort("192.0.2.2:8330")
	other := netip.MustParseAddrPort("192.0.2.2:8331")
	up := func(flags segment.Flags, payload string) []byte { return tcp4(wire.ToServer, flags, payload) }
	tests := []struct {
		name   string
		match  wire.Match
		packet []byte
		want   bool
	}{
		{"anything", wire.Match{}, up(ack, ""), true},
		{"its direction", wire.Match{Direction: ptr(wire.ToServer)}, up(ack, ""), true},
		{"the other direction", wire.Match{Direction: ptr(wire.ToClient)}, up(ack, ""), false},
		{"SYN", wire.Match{Flags: "SYN"}, up(syn, ""), true},
		{"SYN that asks for ECN", wire.Match{Flags: "SYN"}, up(syn|segment.ECE|segment.CWR, ""), true},
		{"SYN, not SYN,ACK", wire.Match{Flags: "SYN"}, up(syn|ack, ""), false},
		{"SYN,ACK", wire.Match{Flags: "SYN,ACK"}, up(syn|ack, ""), true},
		{"SYN,ACK as a person writes it", wire.Match{Flags: " syn, ack "}, up(syn|ack, ""), true},
		{"SYN,ACK, not SYN", wire.Match{Flags: "SYN,ACK"}, up(syn, ""), false},
		{"FIN", wire.Match{Flags: "FIN"}, up(fin|ack, ""), true},
		{"FIN with data", wire.Match{Flags: "FIN"}, up(fin|psh|ack, "x"), true},
		{"FIN, not ACK", wire.Match{Flags: "FIN"}, up(ack, ""), false},
		{"RST", wire.Match{Flags: "RST"}, up(rst, ""), true},
		{"RST with ACK", wire.Match{Flags: "RST"}, up(rst|ack, ""), true},
		{"ACK", wire.Match{Flags: "ACK"}, up(ack, ""), true},
		{"ACK, not with data", wire.Match{Flags: "ACK"}, up(psh|ack, "x"), false},
		{"ACK, not with FIN", wire.Match{Flags: "ACK"}, up(fin|ack, ""), false},
		{"ACK, not with SYN", wire.Match{Flags: "ACK"}, up(syn|ack, ""), false},
		{"ACK, not with RST", wire.Match{Flags: "ACK"}, up(rst|ack, ""), false},
		{"DATA", wire.Match{Flags: "DATA"}, up(ack, "x"), true},
		{"DATA, not without", wire.Match{Flags: "DATA"}, up(psh|ack, ""), false},
		{"FIN with DATA", wire.Match{Flags: "FIN,DATA"}, up(fin|ack, ""), false},
		{"ACK with DATA", wire.Match{Flags: "ACK,DATA"}, up(ack, "x"), true},
		{"PSH", wire.Match{Flags: "PSH"}, up(psh|ack, "x"), true},
		{"all the flags named", wire.Match{Flags: "FIN,PSH"}, up(fin|ack, "x"), false},
		{"at least so long", wire.Match{MinLen: ptr(3)}, up(ack, "abc"), true},
		{"too short", wire.Match{MinLen: ptr(4)}, up(ack, "abc"), false},
		{"at most so long", wire.Match{MaxLen: ptr(3)}, up(ack, "abc"), true},
		{"too long", wire.Match{MaxLen: ptr(2)}, up(ack, "abc"), false},
		{"no payload", wire.Match{MaxLen: ptr(0)}, up(ack, ""), true},
		{"text", wire.Match{Text: []byte("lo, w")}, up(ack, "hello, world"), true},
		{"no such text", wire.Match{Text: []byte("World")}, up(ack, "hello, world"), false},
		{"not a retransmission", wire.Match{Retransmission: ptr(false)}, up(ack, "x"), true},
		{"a retransmission", wire.Match{Retransmission: ptr(true)}, up(ack, "x"), false},
		{"its connection", wire.Match{Conn: &[2]netip.AddrPort{client, server}}, up(ack, ""), true},
		{"its connection, the other way round", wire.Match{Conn: &[2]netip.AddrPort{server, client}}, up(ack, ""), true},
		{"another connection", wire.Match{Conn: &[2]netip.AddrPort{client, other}}, up(ack, ""), false},
		{"all at once", wire.Match{Direction: ptr(wire.ToServer), Flags: "DATA", MinLen: ptr(1), MaxLen: ptr(9), Text: []byte("e"),
			Retransmission: ptr(false), Conn: &[2]netip.AddrPort{client, server}}, up(psh|ack, "hey"), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.rule(wire.Rule{Action: wire.ActionDrop, Match: tt.match})
				r.send(wire.ToServer, tt.packet)
				if got := len(r.seen.landed) == 0; got != tt.want {
					t.Errorf("matched: %v, want %v", got, tt.want)
				}
				if hits := r.Rules()[0].Hits; (hits == 1) != tt.want {
					t.Errorf("%d hits", hits)
				}
			})
		})
	}
}

func TestMatchRetransmission(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.rule(wire.Rule{Action: wire.ActionDrop, Match: wire.Match{Retransmission: ptr(true)}})
		r.send(wire.ToServer, data("a"))
		r.seen.again = true
		r.send(wire.ToServer, data("a"))
		r.want("0ms 1 sent", "0ms 1 landed", "0ms 2 sent", "0ms 2 dropped by rule 1")
	})
}

// A rule about flags leaves an ICMP error alone; one about its connection does not.
func TestMatchICMP(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		big := data(string(make([]byte, 1000)))
		r.set(wire.Settings{ToServer: wire.Impairment{MTU: wire.MinMTU}})
		r.send(wire.ToServer, big)
		answer := r.client.written()[0]
		r.seen.lines = nil
		r.rule(wire.Rule{Action: wire.ActionHold, Match: wire.Match{Flags: "ACK"}})
		r.rule(wire.Rule{Action: wire.ActionDrop, Match: wire.Match{Conn: &[2]netip.AddrPort{
			netip.MustParseAddrPort("192.0.2.1:40000"), netip.MustParseAddrPort("192.0.2.2:8330")}}})
		r.send(wire.ToClient, answer)
		r.want("0ms 3 sent", "0ms 3 dropped by rule 2")
	})
}

func TestRuleCounts(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		rule := r.rule(wire.Rule{Action: wire.ActionDrop, Next: 2, Every: 3})
		for range 12 {
			r.send(wire.ToServer, data("x"))
		}
		dropped := func() (out []string) {
			for _, line := range r.seen.lines {
				if slices.Contains([]string{"0ms 3 dropped by rule 1", "0ms 6 dropped by rule 1, used up", "0ms 15 dropped by rule 1"}, line) {
					out = append(out, line)
				}
			}
			return out
		}
		if got := dropped(); len(got) != 2 || len(r.seen.landed) != 10 {
			t.Errorf("%v, and %d landed; want the third and the sixth dropped", got, len(r.seen.landed))
		}
		if got := r.Rules()[0]; got.On || got.Hits != 2 {
			t.Errorf("used up it is %+v, want it off with 2 hits", got)
		}
		again, err := r.SetRule(rule.ID, true)
		if err != nil || !again.On || again.Hits != 2 {
			t.Errorf("switched on it is %+v, %v", again, err)
		}
		r.send(wire.ToServer, data("x"), data("x"), data("x"))
		if got := dropped(); len(got) != 3 {
			t.Errorf("%v; want the third after it was switched on dropped as well", got)
		}
		if got := r.Rules()[0]; !got.On || got.Hits != 3 {
			t.Errorf("then it is %+v, want it on with 3 hits", got)
		}
	})
}

func TestRulesRefused(t *testing.T) {
	t.Parallel()
	w := wire.New(newPort(), newPort(), &counter{})
	drop := func(m wire.Match) wire.Rule { return wire.Rule{Action: wire.ActionDrop, Match: m} }
	tests := []struct {
		name, field string
		rule        wire.Rule
	}{
		{"no action", "action", wire.Rule{}},
		{"unknown action", "action", wire.Rule{Action: "explode"}},
		{"delay of nothing", "delay_ms", wire.Rule{Action: wire.ActionDelay}},
		{"delay too long", "delay_ms", wire.Rule{Action: wire.ActionDelay, Delay: wire.MaxDelay + 1}},
		{"next below nothing", "next", wire.Rule{Action: wire.ActionDrop, Next: -1}},
		{"next too large", "next", wire.Rule{Action: wire.ActionDrop, Next: wire.MaxCount + 1}},
		{"every below nothing", "every", wire.Rule{Action: wire.ActionDrop, Every: -1}},
		{"unknown direction", "direction", drop(wire.Match{Direction: ptr(wire.Direction(2))})},
		{"unknown flag", "flags", drop(wire.Match{Flags: "SYN,BIG"})},
		{"an empty name", "flags", drop(wire.Match{Flags: "SYN,"})},
		{"negative length", "min_len", drop(wire.Match{MinLen: ptr(-1)})},
		{"endless length", "max_len", drop(wire.Match{MaxLen: ptr(1 << 20)})},
		{"least above greatest", "max_len", drop(wire.Match{MinLen: ptr(5), MaxLen: ptr(4)})},
		{"long text", "text", drop(wire.Match{Text: make([]byte, wire.MaxText+1)})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.AddRule(tt.rule)
			refused(t, err, wire.CodeInvalidArgument, tt.field)
		})
	}
	_, err := w.SetRule(1, true)
	refused(t, err, wire.CodeNotFound, "rule")
	refused(t, w.RemoveRule(1), wire.CodeNotFound, "rule")
	for range wire.MaxRules {
		if _, err := w.AddRule(drop(wire.Match{})); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.AddRule(drop(wire.Match{}))
	refused(t, err, wire.CodeQuotaExceeded, "")
	if err := w.RemoveRule(2); err != nil {
		t.Error(err)
	}
	if r, err := w.AddRule(drop(wire.Match{})); err != nil || r.ID != wire.MaxRules+1 {
		t.Errorf("another rule is %+v, %v; want a number that was never used", r, err)
	}
	if rules := w.Rules(); len(rules) != wire.MaxRules || rules[0].ID != 1 || rules[1].ID != 3 {
		t.Errorf("%d rules, beginning with %d, %d", len(rules), rules[0].ID, rules[1].ID)
	}
}
