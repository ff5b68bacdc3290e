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
		"descriptor_closed", "transfer_started", "transfer_finished", "digest_computed", "socket_removed"} {
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

// record plays the tutorial and a transfer through an echo, and writes down what the log and the snapshot are then.
func record(t *testing.T) {
	s := open(t)
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

func indented(t *testing.T, s *playground.Snapshot) string {
	t.Helper()
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}
