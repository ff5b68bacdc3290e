package playground_test

import (
	"fmt"
	"testing"

	"socketplayground/playground"
)

// silent checks the log: nothing tells of a socket once it was removed, and what was begun on it has ended before.
func (s *session) silent() {
	s.t.Helper()
	removed := map[string]bool{}
	calls := map[uint64]string{}
	transfers := map[uint64]string{}
	for _, e := range s.Log().Events(0) {
		h := headerOf(e)
		if removed[h.Socket] {
			s.t.Errorf("after %s was removed: %s", h.Socket, playground.AppendEvent(nil, e))
		}
		switch e := e.(type) {
		case *playground.CallStarted:
			calls[e.Call] = h.Socket
		case *playground.CallReturned:
			delete(calls, e.Call)
		case *playground.TransferStarted:
			transfers[e.Transfer] = h.Socket
		case *playground.TransferFinished:
			delete(transfers, e.Transfer)
		case *playground.SegmentSent:
			if removed[e.Peer] {
				s.t.Errorf("segment %d is for %s, which was removed", e.Segment, e.Peer)
			}
		case *playground.SegmentsSummarised:
			if removed[e.Peer] {
				s.t.Errorf("segments to %d are for %s, which was removed", e.Last, e.Peer)
			}
		case *playground.SocketRemoved:
			removed[h.Socket] = true
			for what, of := range map[string]map[uint64]string{"call": calls, "transfer": transfers} {
				for number, socket := range of {
					if socket == h.Socket {
						s.t.Errorf("%s was removed while %s %d was under way", socket, what, number)
					}
				}
			}
		}
	}
}

// leaves removes what is closed until a socket is gone.
func (s *session) leaves(ids ...string) {
	s.t.Helper()
	eventually(s.t, fmt.Sprint(ids, " are removed"), func() error {
		s.do(&playground.Remove{AllClosed: true})
		now := s.Log().Now()
		for _, id := range ids {
			if v := now.Sockets[id]; v != nil {
				return fmt.Errorf("%s is in %s, its descriptor %s", id, v.State, v.Descriptor)
			}
		}
		return nil
	})
}

// TestNothingAfterRemoval: the kernel has let a socket go before our own call returns, and the user removes it at once.
func TestNothingAfterRemoval(t *testing.T) {
	s := open(t)
	discard, _ := s.listen(playground.Listen{Behavior: playground.BehaviorDiscard})
	slow, _ := s.listen(playground.Listen{Behavior: playground.BehaviorSlowRead, Settings: &playground.BehaviorSettings{IntervalMS: 60_000}})
	manual, _ := s.listen(playground.Listen{})
	for i := range 200 {
		to := []string{discard, slow, manual}[i%3]
		c := s.dial(playground.Dial{Address: to, ReadMode: []playground.ReadMode{playground.ReadAuto, playground.ReadManual}[i%2]})
		switch i % 4 {
		case 0: // a transfer that sleeps
			s.do(&playground.Write{Socket: c, Data: "0123", Chunk: 1, IntervalMS: 60_000})
		case 1: // writes that wait behind one that blocks
			s.do(&playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: 64 << 20})
			s.do(&playground.Write{Socket: c, Data: "waits"})
		case 3: // a Read that blocks
			if i%2 == 1 {
				s.do(&playground.Read{Socket: c})
			}
		}
		s.do(&playground.Reset{Socket: c})
		s.do(&playground.Remove{AllClosed: true})
		if i%10 == 0 {
			_, _ = s.WriteBytes(c, []byte("late")) // refused, or an error: it is closed
		}
		s.leaves(c)
	}
	// A listener goes while it accepts, and while somebody has its Accept wait.
	s.do(&playground.Accept{Socket: manual})
	for _, l := range []string{discard, slow, manual} {
		s.do(&playground.Close{Socket: l})
		s.do(&playground.Remove{AllClosed: true})
		s.leaves(l)
	}
	s.silent()
}

// TestNothingAfterTheLab: a Lab is closed with calls of every kind under way in it.
func TestNothingAfterTheLab(t *testing.T) {
	for range 5 {
		s := openLab(t)
		l := s.listenLab(playground.Listen{Behavior: playground.BehaviorSlowRead, Settings: &playground.BehaviorSettings{IntervalMS: 60_000}})
		manual := s.listenLab(playground.Listen{Address: ":8331"})
		c := s.dial(playground.Dial{Address: l})
		s.do(&playground.Write{Socket: c, Data: "0123", Chunk: 1, IntervalMS: 60_000})
		d := s.dial(playground.Dial{Address: manual, ReadMode: playground.ReadManual})
		a := s.accept(manual)
		s.do(&playground.Read{Socket: d})
		s.fill(a)
		s.do(&playground.Write{Socket: a, Data: "waits"})
		s.do(&playground.Accept{Socket: manual})
		cut := true
		s.do(&playground.SetWire{Cut: &cut})
		dials := s.do(&playground.Dial{Address: l, Count: 3})
		s.do(&playground.CloseLab{})
		for _, call := range dials.Calls {
			s.returned(call)
		}
		s.until("no socket and no call is left", func(now *playground.Snapshot) bool {
			return len(now.Sockets) == 0 && len(now.Calls) == 0 && len(now.Transfers) == 0
		})
		s.silent()
	}
}
