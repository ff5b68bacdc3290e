package playground

import (
	"os"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground/demo"
	"socketplayground/playground/segment"
)

// TestDemoMarksAndFlags: whatever the page says of a segment, a check can ask for: its marks, by the names of the protocol,
// of the ladder and of the grammar, its flags, and the fields of its headers with its options.
func TestDemoMarksAndFlags(t *testing.T) {
	var known []string
	for bit := segment.Marks(1); bit.Names() != nil; bit <<= 1 {
		known = append(known, bit.Names()...)
	}
	var names []string
	for _, m := range demo.Marks {
		names = append(names, m.Name)
	}
	if !slices.Equal(names, known) {
		t.Errorf("the marks of checks are %v, want %v", names, known)
	}
	matches := func(sentence string, s *SegmentSent) bool {
		t.Helper()
		c, err := demo.ParseCheck(sentence)
		if err != nil {
			t.Errorf("%s: %v", sentence, err)
			return false
		}
		if c.ZH() == "" || strings.Contains(c.ZH(), "个 ") && strings.HasSuffix(c.ZH(), "个 ") {
			t.Errorf("%s is %q in Chinese", sentence, c.ZH())
		}
		matches, _ := segMatches(c.Fact.(*demo.Count).Seg, s)
		return matches
	}
	plain := &SegmentSent{Flags: "ACK", Options: []SegmentOption{{Kind: 1, Name: "nop"}}}
	for _, m := range demo.Marks {
		name := m.Name
		s := &SegmentSent{Flags: "ACK", Marks: []string{name}}
		for _, spelling := range []string{name, strings.ReplaceAll(name, "_", " "), m.Noun, m.Noun + "s"} {
			if sentence := "at least 1 " + spelling + " from C1"; !matches(sentence, s) || matches(sentence, plain) {
				t.Errorf("%s: true of %v: %t, of no mark: %t", sentence, s.Marks, matches(sentence, s), matches(sentence, plain))
			}
			for _, other := range known {
				is := other == name || name == "retransmission" && other == "spurious_retransmission"
				if matches("no "+spelling+" of C1 so far", &SegmentSent{Flags: "ACK", Marks: []string{other}}) != is {
					t.Errorf("%s: of %s it is %t", spelling, other, !is)
				}
			}
		}
	}
	all := segment.Flags(0xfff)
	flags := strings.Split(all.String(), ", ")
	if len(flags) != 9 || !slices.Equal(demo.Flags, flags) {
		t.Errorf("the flags of checks are %v, want %v", demo.Flags, flags)
	}
	for _, f := range flags {
		if s := (&SegmentSent{Flags: f}); !matches("at least 1 "+f+" of C1", s) {
			t.Errorf("a segment with %s alone is none", f)
		}
	}
	ace := int64(5)
	for field, s := range map[string]*SegmentSent{
		"seq": {SeqRel: 7}, "ack": {AckRel: 7}, "len": {Len: 7}, "win": {Win: 7}, "ttl": {TTL: 7}, // plain has 0 in each
		"seq 7": {SeqRel: 7}, "ack 7": {AckRel: 7}, "len 7": {Len: 7}, "win 7": {Win: 7}, "ttl 7": {TTL: 7}, "urgent 7": {Urgent: 7}, "urgent": {Urgent: 7}, "ace 5": {ACE: &ace}, "ace": {ACE: &ace},
		"reserved 7": {Reserved: 7}, "reserved": {Reserved: 7}, "dscp 46": {DSCP: 46}, "dscp": {DSCP: 46}, "ecn": {ECN: "ECT(0)"}, "ecn CE": {ECN: "CE"}, "ecn ECT(0)": {ECN: "ECT(0)"}, "ecn ECT(1)": {ECN: "ECT(1)"},
		"df": {DF: true}, "id 7": {IPID: 7}, "id": {IPID: 7}, "flow_label 7": {FlowLabel: 7}, "flow_label": {FlowLabel: 7},
		"mss 1460": {Options: []SegmentOption{{Kind: 2, Name: "mss", Value: "1460"}}},
	} {
		if matches("no segment with "+field+" of C1", plain) || !matches("no segment with "+field+" of C1", s) || matches("no segment without "+field+" of C1", s) {
			t.Errorf("with %s: of %+v: %t", field, s, matches("no segment with "+field+" of C1", s))
		}
	}
	if !matches("no segment with ecn Not-ECT of C1", plain) {
		t.Error("no ECN is not Not-ECT")
	}
	protocol, err := os.ReadFile("../web/PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, options, _ := strings.Cut(string(protocol), "names `mss ")
	options, _, _ = strings.Cut("mss "+options, "`")
	if len(strings.Fields(options)) < 15 {
		t.Fatalf("the protocol's options are %q", options)
	}
	for _, o := range strings.Fields(options) {
		if !matches("no segment with "+o+" of C1", &SegmentSent{Options: []SegmentOption{{Name: o}}}) {
			t.Errorf("an option %s cannot be asked for", o)
		}
	}
}

// TestDemoWords: the words of demo files are the engine's.
func TestDemoWords(t *testing.T) {
	reasons := []string{ReasonRefused, ReasonTimedOut, ReasonResetSent, ReasonResetReceived, ReasonAborted, ReasonTimeWaitOver,
		ReasonAcknowledged, ReasonNeverOpened, ReasonClosed, ReasonDestroyed, ReasonUnknown}
	if !slices.Equal(demo.Reasons, reasons) {
		t.Errorf("the reasons are %v, want %v", demo.Reasons, reasons)
	}
	kinds := map[optionKind]string{boolOption: "bool", intOption: "number", stringOption: "word"}
	for _, o := range optionSpecs {
		if demo.Options[o.name] != kinds[o.kind] || len(demo.Options) != len(optionSpecs) {
			t.Errorf("option %s of a check is a %q", o.name, demo.Options[o.name])
		}
	}
	own := []string{"start_program", "kill"} // a demo's alone
	for _, c := range demo.Commands {
		if commands[c] == nil && !slices.Contains(own, c) {
			t.Errorf("%s is no command", c)
		}
	}
	page := []string{"payload", "segments", "save_pcapng", "close_lab", "hold_segment", "drop_segment", "duplicate_segment",
		"code", "run_demo", "control_demo", "predict_demo", "read_demo", "save_demo"} // the page's alone
	for c := range commands {
		if !slices.Contains(demo.Commands, c) && !slices.Contains(page, c) {
			t.Errorf("may a demo %s?", c)
		}
	}
}

// TestOptionRanges: a check takes every value that can be set.
func TestOptionRanges(t *testing.T) {
	for name, kind := range demo.Options {
		if kind != "number" {
			continue
		}
		least, most := demo.OptionRange(name)
		if spec, ok := findOption(name); !ok || spec.min < least || spec.max > most {
			t.Errorf("%s can be set from %d to %d, and a check takes %d to %d", name, spec.min, spec.max, least, most)
		}
	}
}
