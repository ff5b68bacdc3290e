package playground_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/lab"
)

// labSystem makes the Labs of all tests, nil until the first one needs it. TestMain closes it.
var labSystem closer

type closer struct{ *lab.System }

func (c closer) Close() error {
	if c.System == nil {
		return nil
	}
	return c.System.Close()
}

// labs probes once, and makes one System with the backend that works here.
var labs = sync.OnceValue(func() playground.Labs {
	support := lab.Probe()
	if support.Available {
		var err error
		if labSystem.System, err = lab.New(lab.Config{Backend: support.Backend}); err != nil {
			support.Available, support.Reason = false, err.Error()
		}
	}
	return playground.Labs{System: labSystem.System, Support: support}
})

// needLabs skips a test where no Lab can be made. CI must be able to.
func needLabs(t testing.TB) playground.Labs {
	t.Helper()
	l := labs()
	switch {
	case l.Support.Available:
	case os.Getenv("CI") != "":
		t.Fatalf("CI must be able to make a Lab: %s %+v", l.Support.Reason, l.Support.Tried)
	default:
		t.Skip(l.Support.Reason)
	}
	return l
}

// openLab starts a session with an open Lab. Where the test ends everything is closed, and nothing may be left.
func openLab(t testing.TB) *session {
	t.Helper()
	s := openWith(t, playground.Config{Labs: needLabs(t)})
	s.do(&playground.OpenLab{})
	return s
}

// inLab is the network of a command whose socket is to live in the Lab.
const inLab = "lab"

// listenLab opens a listener on the Lab's server.
func (s *session) listenLab(cmd playground.Listen) (id string) {
	s.t.Helper()
	cmd.Network = inLab
	if cmd.Address == "" {
		cmd.Address = ":8330"
	}
	id, _ = s.listen(cmd)
	return id
}

// connectedLab is a client and the server end of its connection through the wire, both read by hand. The wire is
// at rest when it returns: the third ACK has landed.
func (s *session) connectedLab() (client, server string) {
	s.t.Helper()
	l := s.listenLab(playground.Listen{})
	client = s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	server = s.accept(l)
	s.inState(server, playground.StateEstablished)
	return client, server
}

// step switches step mode.
func (s *session) step(on bool) { s.t.Helper(); s.do(&playground.SetWire{Step: &on}) }

// rule adds a rule and gives its number.
func (s *session) rule(r playground.AddRule) int { s.t.Helper(); return s.do(&r).Rule }

// segment waits for a segment.
func (s *session) segment(from, flags string, holds func(*playground.SegmentSent) bool) *playground.SegmentSent {
	s.t.Helper()
	return await(s, fmt.Sprintf("a segment %s from the %s", flags, from), func(e *playground.SegmentSent) bool {
		return e.From == from && e.Flags == flags && (holds == nil || holds(e))
	})
}

// again waits for a segment that is marked as sent again, and is linked to the first.
func (s *session) again(first *playground.SegmentSent) *playground.SegmentSent {
	s.t.Helper()
	return s.segment(first.From, first.Flags, func(e *playground.SegmentSent) bool {
		return e.Of == first.Segment && slices.Contains(e.Marks, "retransmission")
	})
}

// data waits for the first segment that carries text.
func (s *session) data(text string) *playground.SegmentSent {
	s.t.Helper()
	return await(s, fmt.Sprintf("a segment with %q", text), func(e *playground.SegmentSent) bool {
		return strings.HasSuffix(string(e.Raw), text) && len(text) == int(e.Len)
	})
}

// landed waits until a segment has landed.
func (s *session) landed(number uint64) *playground.SegmentLanded {
	s.t.Helper()
	return await(s, fmt.Sprintf("segment %d lands", number), func(e *playground.SegmentLanded) bool { return e.Segment == number })
}

// intervened waits for what the wire does to a segment.
func (s *session) intervened(number uint64, action string) *playground.WireIntervened {
	s.t.Helper()
	return await(s, fmt.Sprintf("segment %d is %s", number, action), func(e *playground.WireIntervened) bool {
		return e.Segment == number && e.Action == action
	})
}

// held waits until a segment is held, which the snapshot says too.
func (s *session) held(e *playground.SegmentSent) uint64 {
	s.t.Helper()
	s.intervened(e.Segment, "held")
	if f := s.Log().Now().Lab.Flying[e.Segment]; f == nil || f.Held == nil {
		s.t.Fatalf("segment %d was held, but the snapshot has it as %+v", e.Segment, f)
	}
	return e.Segment
}

// deliver lands a segment now.
func (s *session) deliver(number uint64) {
	s.t.Helper()
	s.do(&playground.DeliverSegment{Segment: number})
	s.landed(number)
}

// changes are a socket's changes of state.
func (s *session) changes(id string) (all []*playground.StateChanged) {
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.StateChanged); ok && e.Socket == id {
			all = append(all, e)
		}
	}
	return all
}

// histories say in words how each socket's state changed, such as "FIN_WAIT_1 by Close as FIN, ACK left". That a state
// before CLOSED was only inferred is said.
func (s *session) histories() map[string][]string {
	ops, flags, all := map[uint64]string{}, map[uint64]string{}, map[string][]string{}
	for _, e := range s.Log().Events(0) {
		switch e := e.(type) {
		case *playground.CallStarted:
			ops[e.Call] = e.Op
		case *playground.SegmentSent:
			flags[e.Segment] = e.Flags
		case *playground.StateChanged:
			said := string(e.To)
			if e.Cause != 0 {
				said += " by " + ops[e.Cause]
			}
			if e.Segment != 0 {
				said += " as " + flags[e.Segment] + " " + e.Edge
			}
			if e.Timer != "" {
				said += " at the timer " + e.Timer
			}
			if e.Reason != "" {
				said += ": " + e.Reason
			}
			if e.Source == playground.SourceInferred && e.To != playground.StateClosed {
				said += ", inferred"
			}
			all[e.Socket] = append(all[e.Socket], said)
		}
	}
	return all
}

// lived holds a socket's history against what it has to be.
func (s *session) lived(id string, want ...string) {
	s.t.Helper()
	if got := s.histories()[id]; !slices.Equal(got, want) {
		s.t.Errorf("%s went through\n\t%s\nwant\n\t%s", id, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// ended is the end of a history, for what goes before does not matter.
func (s *session) ended(id string, want ...string) {
	s.t.Helper()
	got := s.histories()[id]
	if got = got[max(0, len(got)-len(want)):]; !slices.Equal(got, want) {
		s.t.Errorf("%s went at last through\n\t%s\nwant\n\t%s", id, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
