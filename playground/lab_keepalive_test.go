package playground_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
)

// TestKeepalivesCross: both ends are idle for as long, so that their probes cross on a slow wire. Each answer is told to
// be one, and nothing is told to be a duplicate; data that crosses them changes nothing.
func TestKeepalivesCross(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{Behavior: playground.BehaviorEcho})
	c := s.dial(playground.Dial{Address: l})
	server := s.socket(c, "knows its peer", func(v *playground.SocketView) bool { return v.Peer != "" }).Peer
	s.socket(server, "is accepted", func(v *playground.SocketView) bool { return v.Descriptor == "open" })
	for _, end := range []string{c, server} { // Accept sets Go's own of 15 s, so the listener's would not do
		for _, name := range []string{"KeepAliveInterval", "KeepAliveIdle"} {
			s.do(&playground.SetOption{Socket: end, Name: name, Value: json.RawMessage("1")})
		}
	}
	delay := 700.0
	slow := &playground.ImpairmentChange{DelayMS: &delay}
	s.do(&playground.SetWire{ToServer: slow, ToClient: slow})

	nth := func(host, mark string, n int) *playground.SegmentSent {
		return s.segment(host, "ACK", func(e *playground.SegmentSent) bool {
			if slices.Contains(e.Marks, mark) {
				n--
			}
			return n < 0
		})
	}
	nth("client", "keepalive_ack", 0)
	nth("server", "keepalive_ack", 0)
	nth("server", "keepalive", 2)
	s.write(c, "crosses it")
	s.segment("client", "ACK", func(e *playground.SegmentSent) bool { return e.AckRel == 11 }) // of the echo
	nth("client", "keepalive_ack", 2)
	nth("server", "keepalive_ack", 2)

	crossed := 0
	var asked *playground.SegmentSent
	for _, e := range s.Log().Events(0) {
		sent, ok := e.(*playground.SegmentSent)
		if !ok {
			continue
		}
		if slices.Contains(sent.Marks, "duplicate_ack") {
			t.Errorf("segment %d is called a duplicate: %+v", sent.Segment, sent)
		}
		if slices.Contains(sent.Marks, "keepalive") {
			if asked != nil && asked.From != sent.From && sent.LeftNS-asked.LeftNS < int64(delay*1e6) {
				crossed++
			}
			asked = sent
		}
	}
	if crossed < 2 {
		t.Errorf("%d probes crossed, want more", crossed)
	}
	comments := strings.Join(dissect(t, s.saved(playground.SavePcapng{}), "", "frame.comment"), "\n")
	if strings.Contains(comments, "duplicate") || !strings.Contains(comments, "keepalive ack") {
		t.Errorf("the comments of the saved file are\n%s", comments)
	}
}
