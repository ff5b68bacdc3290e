package playground_test

import (
	"testing"

	"socketplayground/playground"
)

// TestWhoseCalls: a call is the person's or the demo's that asked for it, and one that a Close of this end ended while it
// waited says whose Close that was; one that was made after it is an error as before.
func TestWhoseCalls(t *testing.T) {
	s := open(t)
	l, address := s.listen(playground.Listen{})
	waits := s.do(&playground.Accept{Socket: l}).Calls[0]
	c := s.dial(playground.Dial{Address: address, ReadMode: playground.ReadManual})
	if r := s.returned(waits); r.By != "user" {
		t.Errorf("the Accept is %q's", r.By)
	}
	read := s.do(&playground.Read{Socket: c}).Calls[0]
	accept := s.do(&playground.Accept{Socket: l}).Calls[0]
	s.running(read)
	s.running(accept)
	s.do(&playground.Close{Socket: c})
	s.do(&playground.Close{Socket: l})
	for _, call := range []uint64{read, accept} {
		if r := s.returned(call); r.Error == nil || r.Error.Kind != playground.ErrClosed || r.Error.EndedBy != "user" {
			t.Errorf("%s ended with %+v", r.Op, r.Error)
		}
	}

	demo := open(t)
	demo.do(&playground.RunDemo{Text: `demo: 1
id: closes
title: It closes what waits
summary: A Close ends a Read.
steps:
  - title: All of it
    story: The client waits in a Read, and closes.
    do:
      - listen: {as: S1, address: "127.0.0.1:0"}
      - dial: {as: C1, address: S1, read_mode: manual}
      - go: {read: C1}
      - write: {socket: C1, data: x}
      - close: C1
      - wait: C1 read returns closed
      - read: C1
`})
	await(demo, "the end", func(*playground.DemoFinished) bool { return true })
	reads := 0
	for _, e := range demo.Log().Events(0) {
		r, ok := e.(*playground.CallReturned)
		if !ok {
			continue
		}
		if r.By != "demo" {
			t.Errorf("%s is %q's", r.Op, r.By)
		}
		if r.Op == "Read" {
			if want := []string{"demo", ""}[reads]; r.Error == nil || r.Error.EndedBy != want {
				t.Errorf("read %d ended with %+v, want by %q", reads, r.Error, want)
			}
			reads++
		}
	}
	if reads != 2 {
		t.Errorf("%d Reads returned, want 2", reads)
	}
}
