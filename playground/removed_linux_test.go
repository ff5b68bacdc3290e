package playground_test

import (
	"fmt"
	"strings"
	"testing"

	"socketplayground/playground"
)

// TestKeptAfterRemoval: what is kept of a socket that was removed stays reachable by the names that the log shows: the
// bytes of its calls and of its segments, its segments in a file, and its lines in the generated program.
func TestKeptAfterRemoval(t *testing.T) {
	s := open(t)
	capturing(t, s)
	c, server := s.connected()
	s.write(c, "hello there")
	s.arrives(server, "hello there")
	s.do(&playground.Reset{Socket: c})
	s.inState(server, playground.StateClosed)
	s.do(&playground.Close{Socket: server})
	before := s.do(&playground.Programs{Language: "go", Sockets: []string{c}})
	s.leaves(c, server)
	var wrote, segment uint64
	for _, e := range s.Log().Events(0) {
		switch e := e.(type) {
		case *playground.CallReturned:
			if e.Op == "Write" {
				wrote = e.Seq
			}
		case *playground.SegmentSent:
			if e.Len > 0 {
				segment = e.Segment
			}
		}
	}
	if r := s.do(&playground.Payload{Seq: wrote}).Payload; !r.Complete || string(r.Data) != "hello there" {
		t.Errorf("the payload of the Write is %q, complete: %t", r.Data, r.Complete)
	}
	if r := s.do(&playground.Payload{Segment: segment}).Payload; !r.Complete || !strings.HasSuffix(string(r.Data), "hello there") {
		t.Errorf("the segment is %q, complete: %t", r.Data, r.Complete)
	}
	for _, cmd := range []*playground.SavePcapng{{}, {Sockets: []string{c}}, {Sockets: []string{server}}} {
		if r := s.do(cmd); r.Download == "" {
			t.Errorf("no file of %v", cmd.Sockets)
		}
	}
	for _, sockets := range [][]string{nil, {c}} {
		if after := s.do(&playground.Programs{Language: "go", Sockets: sockets}); len(after.Files) == 0 || fmt.Sprint(after.Files[0]) != fmt.Sprint(before.Files[0]) {
			t.Errorf("the program of %v was\n%v\nand is\n%v", sockets, before.Files, after.Files)
		}
	}
}
