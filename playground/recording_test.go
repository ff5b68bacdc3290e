package playground_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"

	"socketplayground/playground"
)

var update = flag.Bool("update", false, "record testdata/recording.json and testdata/snapshot.json anew")

// TestRecording holds Snapshot.Apply against a recording of a real session. The page's own reduction has to get the same
// out of the same two files (static/test/reduce-recording.test.js).
func TestRecording(t *testing.T) {
	if *update {
		record(t)
	}
	recording, err := os.ReadFile("testdata/recording.json")
	if err != nil {
		t.Fatal(err)
	}
	var events []json.RawMessage
	if err := json.Unmarshal(recording, &events); err != nil {
		t.Fatal(err)
	}
	if len(events) < 100 {
		t.Fatalf("the recording has only %d events", len(events))
	}
	got := playground.NewSnapshot()
	kinds := map[string]bool{}
	for _, raw := range events {
		e, err := playground.DecodeEvent(raw)
		if err != nil {
			t.Fatal(err)
		}
		again, err := playground.DecodeEvent(playground.AppendEvent(nil, e))
		if err != nil || !reflect.DeepEqual(again, e) {
			t.Fatalf("an event changes when it is written and read (%v):\n%s\n%s", err, raw, playground.AppendEvent(nil, again))
		}
		kinds[headerOf(e).Type] = true
		got.Apply(e)
	}
	for _, kind := range []string{"socket_opened", "address_assigned", "conn_accepted", "peer_found", "call_started", "call_returned",
		"calls_summarised", "state_changed", "metrics_sampled", "options_read", "behavior_changed", "read_mode_changed", "deadline_set",
		"descriptor_closed", "transfer_started", "transfer_finished", "digest_computed", "socket_removed",
		"port_watched", "lab_opened", "quick_ack_set", "kernel_settings_read", "wire_changed", "segment_sent", "segment_landed",
		"wire_intervened", "segments_summarised", "lab_closed", "demo_started", "demo_step_started", "demo_asked", "demo_predicted",
		"demo_check_decided", "demo_paused", "demo_resumed", "demo_finished"} {
		if !kinds[kind] {
			t.Errorf("the recording has no %s", kind)
		}
	}
	want, err := os.ReadFile("testdata/snapshot.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := indented(t, got); got != string(want) {
		t.Errorf("the events add up to\n%s\nwant\n%s", got, want)
	}
}

// record plays the tutorial, a transfer through an echo, and a Lab, and writes down what the log and the snapshot are
// then.
func record(t *testing.T) {
	s := openWith(t, playground.Config{Labs: needLabs(t)})
	tutorial(s)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	c := s.dial(playground.Dial{Address: l})
	s.socket(c, "knows its peer", func(v *playground.SocketView) bool { return v.Peer != "" })
	const size = 8 << 20
	s.do(&playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: size, Digest: true})
	for _, id := range []string{c, l + ".1"} {
		s.socket(id, "has both digests", func(v *playground.SocketView) bool {
			return v.Digests["written"].Bytes == size && v.Digests["read"].Bytes == size
		})
	}
	after := int64(60_000)
	s.do(&playground.SetDeadline{Socket: c, AfterMS: &after})
	s.do(&playground.SetDeadline{Socket: c, Kind: "write"})
	s.do(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorSlowRead})
	s.do(&playground.SetReadMode{Socket: c, ReadMode: playground.ReadManual})
	d := s.dial(playground.Dial{Address: l})
	s.do(&playground.Reset{Socket: d})
	s.inState(d, playground.StateClosed)
	_, address := closedPort(s)
	s.failed(s.do(&playground.Dial{Address: address}).Calls[0])
	s.do(&playground.Remove{Socket: d})
	s.running(s.do(&playground.Read{Socket: c}).Calls[0])
	s.fill(l + ".1")
	recordLab(s)
	recordDemo(s)

	var lines []byte
	snapshot := playground.NewSnapshot()
	for i, e := range s.Log().Events(0) {
		if i > 0 {
			lines = append(lines, ",\n"...)
		}
		lines = playground.AppendEvent(lines, e)
		snapshot.Apply(e)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/recording.json", append(append([]byte("[\n"), lines...), "\n]\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/snapshot.json", []byte(indented(t, snapshot)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// recordLab plays what there is to do with a wire, and leaves segments on it: one held by a rule, its copy held too, and
// one on its way.
func recordLab(s *session) {
	s.t.Helper()
	s.do(&playground.WatchPort{Port: 8330, On: true})
	s.do(&playground.WatchPort{Port: 8331, On: true})
	s.do(&playground.WatchPort{Port: 8331})
	s.do(&playground.OpenLab{})
	s.do(&playground.CloseLab{})
	c, server := s.connectedLab()
	s.do(&playground.SetQuickAck{})
	s.do(&playground.SetQuickAck{On: true})
	s.do(&playground.SetKernel{Host: "client", Name: "tcp_syn_retries", Value: "2"})
	drop := s.rule(playground.AddRule{Flags: "DATA", Action: "drop", Next: 1})
	s.write(c, "lost once")
	s.again(s.data("lost once"))
	s.arrives(server, "lost once")
	s.hits(drop, 1, false)
	s.do(&playground.SetReadMode{Socket: server, ReadMode: playground.ReadAuto})
	const size = 1 << 20
	s.do(&playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: size})
	s.socket(server, "has read all", func(v *playground.SocketView) bool { return v.Read > size })
	await(s, "a summary", func(e *playground.SegmentsSummarised) bool { return e.Count > 0 })
	s.rule(playground.AddRule{Direction: "to_server", Text: "held", Action: "hold"})
	s.write(c, "held")
	held := s.data("held")
	s.held(held)
	s.do(&playground.DuplicateSegment{Segment: held.Segment})
	slow := 10_000.0
	s.do(&playground.SetWire{ToClient: &playground.ImpairmentChange{DelayMS: &slow}})
	s.write(server, "on its way")
	s.data("on its way")
}

// recordDemo plays a demo to its end, and another until it is paused where it asks.
func recordDemo(s *session) {
	s.t.Helper()
	cmd := playground.RunDemo{Text: demoFile("machine", waits), Language: "zh", Predict: true, Step: true}
	asks := func() (seq uint64) {
		seq = s.start(cmd)
		for range 2 {
			seq = s.paused(seq)
			s.control("step")
		}
		awaitAfter(s, seq, "the question", func(*playground.DemoAsked) bool { return true })
		return seq
	}
	seq := asks()
	s.do(&playground.PredictDemo{Step: 1, Choice: 2})
	s.ends(seq)
	asks()
	s.control("pause")
}

func indented(t *testing.T, s *playground.Snapshot) string {
	t.Helper()
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}
