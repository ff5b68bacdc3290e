package playground_test

import (
	"strings"
	"testing"

	"socketplayground/playground"
)

// TestPayload: an event shows the beginning of its bytes, and the whole of them is there on request.
func TestPayload(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	sent := strings.Repeat("0123456789", 100)
	for _, e := range []*playground.CallReturned{s.write(c, sent), s.read(server)} {
		if len(e.Data) != playground.PreviewBytes || e.Bytes != int64(len(sent)) {
			t.Errorf("%s: the event carries %d of %d bytes, want %d of %d", e.Op, len(e.Data), e.Bytes, playground.PreviewBytes, len(sent))
		}
		p := s.do(&playground.Payload{Seq: e.Seq}).Payload
		if string(p.Data) != sent || !p.Complete || p.Bytes != int64(len(sent)) {
			t.Errorf("%s: the payload has %d of %d bytes, complete %v", e.Op, len(p.Data), p.Bytes, p.Complete)
		}
	}
	short := s.write(c, "short")
	if p := s.do(&playground.Payload{Seq: short.Seq}).Payload; string(p.Data) != "short" || !p.Complete {
		t.Errorf("a short payload is %q, complete %v", p.Data, p.Complete)
	}
	large := s.write(c, strings.Repeat("x", 100_000))
	if p := s.do(&playground.Payload{Seq: large.Seq}).Payload; len(p.Data) != 64<<10 || p.Complete || p.Bytes != 100_000 {
		t.Errorf("of a large payload %d of %d bytes are kept, complete %v", len(p.Data), p.Bytes, p.Complete)
	}
	if err := s.refused(&playground.Payload{Seq: 1 << 40}); err.Code != playground.CodeNotFound || err.Field != "seq" {
		t.Errorf("an event that is not there: %s %s", err.Code, err.Field)
	}
	opened := await(s, "an event without payload", func(e *playground.SocketOpened) bool { return true })
	if err := s.refused(&playground.Payload{Seq: opened.Seq}); err.Code != playground.CodeInvalidArgument {
		t.Errorf("an event without payload: %s", err.Code)
	}
}

func TestRemove(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Address: portWithRemains(t)})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	server := s.accept(l)
	if err := s.refused(&playground.Remove{Socket: c}); err.Code != playground.CodeConflict {
		t.Errorf("an open one: %s", err.Code)
	}
	s.returned(s.do(&playground.Close{Socket: c}).Calls[0])
	s.returned(s.do(&playground.Close{Socket: server}).Calls[0])
	s.inState(c, playground.StateTimeWait)
	if err := s.refused(&playground.Remove{Socket: c}); err.Code != playground.CodeConflict || !strings.Contains(err.Message, "TIME_WAIT") {
		t.Errorf("one in TIME_WAIT: %s %s", err.Code, err.Message)
	}
	s.inState(server, playground.StateClosed)
	s.do(&playground.Remove{Socket: server})
	if err := s.refused(&playground.Remove{Socket: server}); err.Code != playground.CodeNotFound {
		t.Errorf("a removed one: %s", err.Code)
	}
	s.do(&playground.Close{Socket: l})
	s.inState(l, playground.StateClosed)
	s.do(&playground.Remove{AllClosed: true})
	left := own(s.until("only the one in TIME_WAIT is left", func(now *playground.Snapshot) bool { return len(own(now)) == 1 }))
	if left[0] != c {
		t.Errorf("what is left is %v", left)
	}
}
