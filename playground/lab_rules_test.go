package playground_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
)

// hits waits until the wire tells of a rule that it has acted that often.
func (s *session) hits(rule, want int, on bool) {
	s.t.Helper()
	await(s, "the rule's hits", func(e *playground.WireChanged) bool {
		i := slices.IndexFunc(e.Wire.Rules, func(r playground.WireRule) bool { return r.Rule == rule })
		return i >= 0 && e.Wire.Rules[i].Hits == want && e.Wire.Rules[i].On == on
	})
}

// byRule checks that a rule did it.
func (s *session) byRule(number uint64, action string, rule int) *playground.WireIntervened {
	s.t.Helper()
	e := s.intervened(number, action)
	if e.By != "rule" || e.Rule != int64(rule) {
		s.t.Errorf("segment %d was %s by %s %d, want rule %d", number, action, e.By, e.Rule, rule)
	}
	return e
}

// arrives reads until text has come, and nothing else.
func (s *session) arrives(id, text string) {
	s.t.Helper()
	got := ""
	for len(got) < len(text) {
		e := s.read(id)
		if e.Error != nil {
			s.t.Fatalf("Read: %s", e.Error.Text)
		}
		if e.N > int64(len(e.Data)) { // the event has only the beginning
			e.Data = s.do(&playground.Payload{Seq: e.Seq}).Payload.Data
		}
		got += string(e.Data)
	}
	if got != text {
		s.t.Errorf("%s read %q, want %q", id, got, text)
	}
}

func TestLabRuleDrop(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	r := s.rule(playground.AddRule{Flags: "DATA", Text: `drop\x20me`, Action: "drop", Next: 1})
	s.write(c, "passes")
	s.arrives(server, "passes")
	s.write(c, "please drop me")
	first := s.data("please drop me")
	s.byRule(first.Segment, "dropped", r)
	s.again(first)
	s.arrives(server, "please drop me")
	s.hits(r, 1, false) // used up
	s.do(&playground.SetRule{Rule: r, On: true})
	s.write(c, "also drop me")
	s.byRule(s.data("also drop me").Segment, "dropped", r)
	s.arrives(server, "also drop me")
	s.hits(r, 2, false)
	if e := s.Log().Now().Lab.Wire.Rules[0]; e.Text != `drop\x20me` || e.Action != "drop" || e.Flags != "DATA" || e.Direction != "both" {
		t.Errorf("the rule is told as %+v", e)
	}
}

func TestLabRuleEveryDuplicates(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	r := s.rule(playground.AddRule{Direction: "to_server", Flags: "DATA", Every: 2, Action: "duplicate"})
	for i, text := range []string{"one", "two", "three", "four"} {
		s.write(c, text)
		s.arrives(server, text)
		e := s.data(text)
		if i%2 == 0 {
			continue
		}
		copied := s.byRule(e.Segment, "duplicated", r).Copy
		if copied == 0 || copied == e.Segment {
			t.Errorf("the copy of segment %d has the number %d", e.Segment, copied)
		}
		s.landed(copied) // and TCP delivered its bytes once
	}
	s.hits(r, 2, true)
}

func TestLabRuleDelay(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	short, long := 4, 6
	r := s.rule(playground.AddRule{Direction: "to_server", MinLen: &short, MaxLen: &long, Action: "delay", DelayMS: 150, Next: 1})
	s.write(c, "hello")
	e := s.data("hello")
	if d := s.byRule(e.Segment, "delayed", r); d.DelayMS != 150 {
		t.Errorf("delayed by %d ms, want 150", d.DelayMS)
	}
	if took := time.Duration(s.landed(e.Segment).LandedNS - e.LeftNS); took < 150*time.Millisecond {
		t.Errorf("it landed after %v", took)
	}
	s.arrives(server, "hello")
	s.hits(r, 1, false)
}

// TestLabRuleCorrupt: the checksum is wrong where it arrives, so that kernel drops it and counts it, and TCP repairs it.
func TestLabRuleCorrupt(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	before := s.badChecksums("server")
	r := s.rule(playground.AddRule{Direction: "to_server", Flags: "DATA", Action: "corrupt", Next: 1})
	s.write(c, "hello, and more than a few bytes")
	first := s.data("hello, and more than a few bytes")
	s.byRule(first.Segment, "corrupted", r)
	s.landed(first.Segment)
	s.again(first)
	s.arrives(server, "hello, and more than a few bytes")
	s.hits(r, 1, false)
	if first.Checksum != "valid" {
		t.Errorf("as it left, its checksum was %s", first.Checksum)
	}
	if after := s.badChecksums("server"); after != before+1 {
		t.Errorf("the server's kernel has counted %d wrong checksums, before %d", after, before)
	}
}

// badChecksums is what a host's kernel counts (proc(5), /proc/net/snmp).
func (s *session) badChecksums(host string) int {
	s.t.Helper()
	fields := strings.Fields(s.output(host, "sh", "-c", "grep ^Tcp: /proc/self/net/snmp"))
	half := len(fields) / 2
	i := slices.Index(fields[:half], "InCsumErrors")
	if i < 0 {
		s.t.Fatalf("the kernel says %q", fields)
	}
	n, err := strconv.Atoi(fields[half+i])
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// output is what a program writes that runs on a host of the Lab.
func (s *session) output(host, name string, args ...string) string {
	s.t.Helper()
	var out strings.Builder
	cmd := exec.CommandContext(s.ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &out, s.t.Output()
	_, done, err := s.manager.Start(s.Number(), host, cmd)
	if err != nil {
		s.t.Fatal(err)
	}
	defer done()
	if err := cmd.Wait(); err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	return out.String()
}

// TestLabRuleHold: what is held can be delivered out of turn, duplicated, dropped; bytes arrive in their order all the same.
func TestLabRuleHold(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	fresh := false
	r := s.rule(playground.AddRule{Direction: "to_server", Flags: "DATA", Retransmission: &fresh, Action: "hold", Next: 2})
	again := true
	s.rule(playground.AddRule{Direction: "to_server", Retransmission: &again, Action: "drop"}) // this is about what is held
	s.write(c, "first ")
	first := s.data("first ")
	s.held(first)
	s.byRule(first.Segment, "held", r)
	s.write(c, "second")
	second := s.data("second")
	s.held(second)
	s.hits(r, 2, false)

	s.do(&playground.DuplicateSegment{Segment: second.Segment})
	copied := s.intervened(second.Segment, "duplicated").Copy
	s.intervened(copied, "held") // as the original is
	s.deliver(copied)
	s.do(&playground.DropSegment{Segment: second.Segment})
	if e := s.intervened(second.Segment, "dropped"); e.By != "user" {
		t.Errorf("dropped by %s", e.By)
	}
	ack := s.segment("server", "ACK", func(e *playground.SegmentSent) bool { return e.DupAcks == 1 })
	if i := slices.IndexFunc(ack.Options, func(o playground.SegmentOption) bool { return o.Name == "sack" }); i < 0 || ack.Options[i].Value != "7-13" {
		t.Errorf("the answer to what came out of turn has the options %+v, want SACK 7-13", ack.Options)
	}
	s.deliver(first.Segment)
	s.arrives(server, "first second")
	if err := s.refused(&playground.DropSegment{Segment: first.Segment}); err.Code != playground.CodeNotFound || err.Field != "segment" {
		t.Errorf("dropping what has landed: %s %s", err.Code, err.Field)
	}
}

// TestLabHoldInFlight: a segment on its way is held by hand, and let go.
func TestLabHoldInFlight(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	delay := 1000.0
	s.do(&playground.SetWire{ToServer: &playground.ImpairmentChange{DelayMS: &delay}})
	if w := s.Log().Now().Lab.Wire; w.Preset != "own" || w.ToServer.DelayMS != 1000 || w.ToClient.DelayMS != 0 {
		t.Errorf("the wire is told as %+v", w)
	}
	s.write(c, "hello")
	e := s.data("hello")
	s.do(&playground.HoldSegment{Segment: e.Segment})
	s.held(e)
	if err := s.refused(&playground.HoldSegment{Segment: e.Segment}); err.Code != playground.CodeConflict {
		t.Errorf("holding it once more: %s", err.Code)
	}
	s.do(&playground.SetWire{Preset: "off"})
	s.deliver(e.Segment)
	s.arrives(server, "hello")
}

// TestLabRuleOfASocket: a rule for one connection leaves the others alone.
func TestLabRuleOfASocket(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	other := s.dial(playground.Dial{Address: "S1", ReadMode: playground.ReadManual})
	otherServer := s.accept("S1")
	r := s.rule(playground.AddRule{Flags: "DATA", Socket: c, Action: "hold"})
	s.write(other, "passes")
	s.arrives(otherServer, "passes")
	s.write(server, "is held")
	s.byRule(s.data("is held").Segment, "held", r)
	s.do(&playground.RemoveRule{Rule: r})
	s.do(&playground.DeliverSegment{Oldest: true})
	s.arrives(c, "is held")
	if n := len(s.Log().Now().Lab.Wire.Rules); n != 0 {
		t.Errorf("%d rules are left", n)
	}
}

// TestLabChance: what the wire does by chance says so.
func TestLabChance(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	all, none := 100.0, 0.0
	for _, test := range []struct {
		name, action string
		on, off      playground.ImpairmentChange
	}{
		{"loss", "dropped", playground.ImpairmentChange{LossPct: &all}, playground.ImpairmentChange{LossPct: &none}},
		{"duplicate", "duplicated", playground.ImpairmentChange{DuplicatePct: &all}, playground.ImpairmentChange{DuplicatePct: &none}},
		{"corrupt", "corrupted", playground.ImpairmentChange{CorruptPct: &all}, playground.ImpairmentChange{CorruptPct: &none}},
	} {
		s.do(&playground.SetWire{ToServer: &test.on})
		s.write(c, test.name+" by chance")
		e := s.intervened(s.data(test.name+" by chance").Segment, test.action)
		if e.By != test.name || e.Rule != 0 {
			t.Errorf("%s: it was %s by %s", test.name, e.Action, e.By)
		}
		s.do(&playground.SetWire{ToServer: &test.off})
		s.arrives(server, test.name+" by chance")
	}
}

// TestLabMTU: what is too big is dropped, and the wire says so as a router does; TCP then sends smaller segments
// (RFC 1191).
func TestLabMTU(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	mtu := 700
	s.do(&playground.SetWire{ToServer: &playground.ImpairmentChange{MTU: &mtu}})
	text := strings.Repeat("0123456789", 120)
	s.write(c, text)
	big := s.segment("client", "PSH, ACK", nil)
	if e := s.intervened(big.Segment, "dropped"); e.By != "mtu" {
		t.Errorf("dropped by %s", e.By)
	}
	icmp := await(s, "the ICMP error", func(e *playground.SegmentSent) bool { return e.ICMP != "" })
	if icmp.From != "wire" || icmp.Of != big.Segment || !slices.Equal(icmp.About, []string{big.Src, big.Dst}) || icmp.Peer != c {
		t.Errorf("the ICMP error is %s", playground.AppendEvent(nil, icmp))
	}
	s.landed(icmp.Segment)
	s.arrives(server, text)
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.SegmentSent); ok && e.Segment > icmp.Segment && e.Bytes > 700 {
			t.Errorf("segment %d has still %d bytes", e.Segment, e.Bytes)
		}
	}
}

// TestLabOff: one click, and nothing is left.
func TestLabOff(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	r := s.rule(playground.AddRule{Flags: "DATA", Action: "hold"})
	yes := true
	s.do(&playground.SetWire{Preset: "satellite", Step: &yes, Cut: &yes})
	w := s.Log().Now().Lab.Wire
	if w.Preset != "satellite" || w.ToServer.DelayMS != 270 || w.ToClient.LossPct != 0.5 || !w.Step || !w.Cut {
		t.Errorf("the wire is told as %+v", w)
	}
	s.do(&playground.SetWire{Preset: "off"})
	off := playground.Impairment{Queue: 1000, MTU: 1500}
	if w = s.Log().Now().Lab.Wire; w.ToServer != off || w.ToClient != off || w.Step || w.Cut || w.Preset != "off" || len(w.Rules) != 1 || w.Rules[0].On {
		t.Errorf("the wire is told as %+v", w)
	}
	s.write(c, "hello")
	s.arrives(server, "hello")
	if got := w.Rules[0]; got.Rule != r || got.Hits != 0 {
		t.Errorf("the rule is %+v", got)
	}
}

// TestLabSaysNo: what cannot be is refused with a sentence that names the field.
func TestLabSaysNo(t *testing.T) {
	s := openLab(t)
	c, _ := s.connectedLab()
	negative, huge, tooLong := -1.0, 1e300, 60_001.0
	small, zero := 10, 0
	for _, test := range []struct {
		cmd   playground.Command
		code  playground.Code
		field string
	}{
		{&playground.SetWire{Preset: "teleport"}, playground.CodeInvalidArgument, "preset"},
		{&playground.SetWire{ToServer: &playground.ImpairmentChange{DelayMS: &negative}}, playground.CodeInvalidArgument, "to_server.delay_ms"},
		{&playground.SetWire{ToServer: &playground.ImpairmentChange{DelayMS: &huge}}, playground.CodeInvalidArgument, "to_server.delay_ms"},
		{&playground.SetWire{ToClient: &playground.ImpairmentChange{DelayMS: &tooLong}}, playground.CodeInvalidArgument, "to_client.delay_ms"},
		{&playground.SetWire{ToClient: &playground.ImpairmentChange{LossPct: &huge}}, playground.CodeInvalidArgument, "to_client.loss_pct"},
		{&playground.SetWire{ToClient: &playground.ImpairmentChange{MTU: &small}}, playground.CodeInvalidArgument, "to_client.mtu"},
		{&playground.SetWire{ToClient: &playground.ImpairmentChange{MTU: &zero}}, playground.CodeInvalidArgument, "to_client.mtu"},
		{&playground.SetWire{ToServer: &playground.ImpairmentChange{Queue: &zero}}, playground.CodeInvalidArgument, "to_server.queue"},
		{&playground.AddRule{Action: "explode"}, playground.CodeInvalidArgument, "action"},
		{&playground.AddRule{Action: "drop", Flags: "SIN"}, playground.CodeInvalidArgument, "flags"},
		{&playground.AddRule{Action: "drop", Direction: "up"}, playground.CodeInvalidArgument, "direction"},
		{&playground.AddRule{Action: "drop", Next: -1}, playground.CodeInvalidArgument, "next"},
		{&playground.AddRule{Action: "drop", Every: -1}, playground.CodeInvalidArgument, "every"},
		{&playground.AddRule{Action: "delay"}, playground.CodeInvalidArgument, "delay_ms"},
		{&playground.AddRule{Action: "drop", Text: `\q`}, playground.CodeInvalidArgument, "text"},
		{&playground.AddRule{Action: "drop", Socket: "C99"}, playground.CodeNotFound, "socket"},
		{&playground.AddRule{Action: "drop", Socket: "S1"}, playground.CodeConflict, ""},
		{&playground.SetRule{Rule: 99}, playground.CodeNotFound, "rule"},
		{&playground.RemoveRule{Rule: 99}, playground.CodeNotFound, "rule"},
		{&playground.HoldSegment{Segment: 9999}, playground.CodeNotFound, "segment"},
		{&playground.DeliverSegment{Segment: 1}, playground.CodeNotFound, "segment"},
		{&playground.Segments{First: 2, Last: 1}, playground.CodeInvalidArgument, "last"},
		{&playground.Segments{First: 1, Last: 501}, playground.CodeInvalidArgument, "last"},
		{&playground.Segments{First: 1, Last: 10, Socket: "C99"}, playground.CodeNotFound, "socket"},
		{&playground.SavePcapng{Sockets: []string{"C99"}}, playground.CodeNotFound, "socket"},
		{&playground.SavePcapng{Segments: []uint64{9999}}, playground.CodeNotFound, ""},
		{&playground.Payload{Segment: 9999}, playground.CodeNotFound, "segment"},
		{&playground.SkipTimeWait{Socket: c}, playground.CodeConflict, ""},
		{&playground.SetKernel{Name: "tcp_nonesuch", Value: "1"}, playground.CodeInvalidArgument, "name"},
		{&playground.SetKernel{Name: "../../kernel/hostname", Value: "x"}, playground.CodeInvalidArgument, "name"},
		{&playground.SetKernel{Name: "tcp_syn_retries", Value: "many"}, playground.CodeInvalidArgument, "value"},
		{&playground.SetKernel{Name: "tcp_syn_retries"}, playground.CodeInvalidArgument, "value"},
		{&playground.SetKernel{Host: "router", Name: "tcp_syn_retries", Value: "1"}, playground.CodeInvalidArgument, "host"},
		{&playground.Listen{Network: "mars", Address: ":0"}, playground.CodeInvalidArgument, "network"},
	} {
		if err := s.refused(test.cmd); err.Code != test.code || err.Field != test.field {
			text, _ := json.Marshal(test.cmd)
			t.Errorf("%T %s: refused with %s %q (%s), want %s %q", test.cmd, text, err.Code, err.Field, err.Message, test.code, test.field)
		}
	}
	for range playground.MaxRules {
		s.rule(playground.AddRule{Action: "drop", Text: "never"})
	}
	if err := s.refused(&playground.AddRule{Action: "drop"}); err.Code != playground.CodeQuotaExceeded {
		t.Errorf("one rule too many: %s", err.Code)
	}
}

// TestWithoutLab: commands about a Lab that is not there say so, and where there can be none, why.
func TestWithoutLab(t *testing.T) {
	s := open(t)
	on := true
	for _, cmd := range []playground.Command{
		&playground.CloseLab{}, &playground.SetQuickAck{}, &playground.SetKernel{Name: "tcp_syn_retries", Value: "1"},
		&playground.SetWire{Step: &on}, &playground.AddRule{Action: "drop"}, &playground.SetRule{Rule: 1}, &playground.RemoveRule{Rule: 1},
		&playground.HoldSegment{Segment: 1}, &playground.DeliverSegment{Oldest: true}, &playground.DropSegment{Segment: 1}, &playground.DuplicateSegment{Segment: 1},
	} {
		if err := s.refused(cmd); err.Code != playground.CodeConflict || !strings.Contains(err.Message, "Lab") {
			t.Errorf("%T: refused with %s: %s", cmd, err.Code, err.Message)
		}
	}
	for _, cmd := range []playground.Command{
		&playground.OpenLab{}, &playground.Listen{Network: inLab, Address: ":8330"}, &playground.Dial{Network: inLab, Address: "192.0.2.2:8330"},
	} {
		if err := s.refused(cmd); err.Code != playground.CodeUnsupported {
			t.Errorf("%T: refused with %s: %s", cmd, err.Code, err.Message)
		}
	}
	if n := len(s.Log().Now().Sockets); n != 0 {
		t.Errorf("%d sockets came of what was refused", n)
	}
}

// TestDelayAlone: a delay that comes and goes leaves the rest of the wire as it is, and the wire is called what it is.
func TestDelayAlone(t *testing.T) {
	s := openLab(t)
	step := true
	s.do(&playground.SetWire{Step: &step})
	s.listenLab(playground.Listen{})
	s.do(&playground.Dial{Host: "client", Network: "lab", Address: "192.0.2.2:8330"})
	syn := s.held(s.segment("client", "SYN", nil))
	for _, tt := range []struct {
		delay, loss float64
		preset      string
	}{{300, 0, "slow_motion"}, {0, 0, "off"}, {0.25, 0, "own"}, {0, 5, "own"}, {300, 5, "own"}, {0, 0, "off"}} {
		way := &playground.ImpairmentChange{DelayMS: &tt.delay, LossPct: &tt.loss}
		s.do(&playground.SetWire{ToServer: way, ToClient: way})
		w := await(s, "the wire", func(e *playground.WireChanged) bool {
			return e.Wire.ToClient.DelayMS == tt.delay && e.Wire.ToClient.LossPct == tt.loss
		}).Wire
		if now := s.Log().Now().Lab.Wire; now.Preset != tt.preset || !now.Step {
			t.Errorf("with a delay of %v ms and %v %% of loss the wire is %q, step mode %v; it was told as %q", tt.delay, tt.loss, now.Preset, now.Step, w.Preset)
		}
	}
	s.deliver(syn)
	s.segment("server", "SYN, ACK", nil)
}
