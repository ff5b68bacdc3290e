package playground

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestWireChanges: what the wire became is said as what the user does to bring it there.
func TestWireChanges(t *testing.T) {
	t.Parallel()
	ten, no := 10, false
	plain := WireSettings{Rules: []WireRule{{Rule: 1, On: true, Action: "drop", Next: 1}, {Rule: 2, On: true, Action: "hold"}}}
	tests := []struct {
		name     string
		was, now WireSettings
		want     []string
	}{
		{"the cable", WireSettings{}, WireSettings{Cut: true}, []string{"cut the cable"}},
		{"and back, in step mode", WireSettings{Cut: true}, WireSettings{Step: true}, []string{"join the cable", "switch step mode on"}},
		{"delay is left out", WireSettings{}, WireSettings{ToServer: Impairment{DelayMS: 400, JitterMS: 5}, Preset: "own"}, nil},
		{"loss", WireSettings{}, WireSettings{ToServer: Impairment{LossPct: 2.5}}, []string{"set the wire's loss to the server to 2.5 %"}},
		{"a new rule", WireSettings{}, WireSettings{Rules: []WireRule{{Rule: 1, On: true, Direction: "to_server", Flags: "FIN", Action: "drop"}}},
			[]string{"add a rule: drop every segment to the server with FIN"}},
		{"bare ACKs of a socket", WireSettings{}, WireSettings{Rules: []WireRule{{Rule: 1, On: true, Direction: "both", Flags: "ACK", Next: 2, Socket: "C3", Action: "hold"}}},
			[]string{"add a rule: hold the next 2 bare ACKs of C3"}},
		{"all that a rule can say", WireSettings{}, WireSettings{Rules: []WireRule{{Rule: 1, On: true, Direction: "to_client", Flags: "DATA", Every: 3, MinLen: &ten, Text: "GET",
			Retransmission: &no, Action: "delay", DelayMS: 20}}},
			[]string{`add a rule: delay one in 3 segments to the client with data, the text "GET", at least 10 bytes, sent for the first time by 20 ms`}},
		{"switched off", plain, WireSettings{Rules: []WireRule{plain.Rules[0], {Rule: 2, Action: "hold"}}}, []string{"switch rule 2 off"}},
		{"used up", plain, WireSettings{Rules: []WireRule{{Rule: 1, Action: "drop", Next: 1, Hits: 1}, plain.Rules[1]}}, nil},
		{"removed", plain, WireSettings{Rules: plain.Rules[:1]}, []string{"remove rule 2"}},
	}
	for _, test := range tests {
		var got []string
		for _, p := range changes(test.was, test.now) {
			got = append(got, p.EN)
			if !strings.ContainsFunc(p.ZH, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || strings.Contains(p.ZH, "%!") {
				t.Errorf("%s: the Chinese of %q is %q", test.name, p.EN, p.ZH)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestRuleInChinese: the words stand in the order of the language.
func TestRuleInChinese(t *testing.T) {
	t.Parallel()
	again := true
	for want, r := range map[string]WireRule{
		"丢弃每个到服务端的纯 ACK":              {Action: "drop", Direction: "to_server", Flags: "ACK"},
		"扣留接下来 2 个带 FIN 的报文段":         {Action: "hold", Direction: "both", Flags: "FIN", Next: 2},
		"延迟下一个带数据的属于 C1 的重传的报文段，5 ms": {Action: "delay", Flags: "DATA", Next: 1, Socket: "C1", Retransmission: &again, DelayMS: 5},
	} {
		if got := r.sentence().ZH; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestTurnsMatter: where the wire did nothing to a segment and no kernel setting was made, the story has no turns.
func TestTurnsMatter(t *testing.T) {
	t.Parallel()
	rule := []Event{
		&LabOpened{Header: Header{Seq: 1}, QuickAck: true},
		&WireChanged{Header: Header{Seq: 2}},
		&WireChanged{Header: Header{Seq: 3}, Wire: WireSettings{Cut: true}},
	}
	both := []Event{
		&KernelSettingsRead{Header: Header{Seq: 4}, Host: "client", Settings: map[string]string{"tcp_sack": "0"}},
		&KernelSettingsRead{Header: Header{Seq: 5}, Host: "server", Settings: map[string]string{"tcp_sack": "0"}},
	}
	tests := []struct {
		name   string
		events []Event
		want   []string // the words of its turns
	}{
		{"a cut that nobody met", rule, nil},
		{"a cut that a segment met", append(rule[:3:3], &WireIntervened{Header: Header{Seq: 4}, Action: "dropped", By: "cut"}), []string{"cut the cable"}},
		{"a segment dropped by hand", append(rule[:2:2], &WireIntervened{Header: Header{Seq: 3}, Action: "dropped", By: "user"}), []string{"drop the oldest held segment"}},
		{"a setting on both hosts", both, []string{"set tcp_sack to 0 on both hosts"}},
		{"two settings apart", []Event{both[0], &KernelSettingsRead{Header: Header{Seq: 6}, Host: "server", Settings: map[string]string{"tcp_sack": "0"}}}, []string{"set tcp_sack to 0 on the client", "set tcp_sack to 0 on the server"}},
	}
	for _, test := range tests {
		story := storyOf(NewSnapshot(), test.events, nil)
		var words []string
		for _, turn := range story.Turns {
			for _, p := range turn.Words {
				words = append(words, p.EN)
			}
		}
		if !slices.Equal(words, test.want) || story.Wire != (test.want != nil) {
			t.Errorf("%s: the turns are %q, wire %v; want %q", test.name, words, story.Wire, test.want)
		}
	}
}
