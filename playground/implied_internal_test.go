package playground

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	"socketplayground/playground/segment"
	"socketplayground/playground/sockdiag"
)

// TestDialledAgainAtOnce: the segments of two connections between the same addresses are read before anybody has asked for
// the states of the first. Each socket gets its own.
func TestDialledAgainAtOnce(t *testing.T) {
	s := openInternal(t, Config{NoCapture: true})
	client, server := netip.MustParseAddrPort("127.0.0.1:5000"), netip.MustParseAddrPort("127.0.0.1:80")
	end := func(id string, local, remote netip.AddrPort, opened int64) *socket {
		c := s.newSocket(id, KindConn, "client", s.machine)
		c.opened = opened
		c.target.Store(&target{place: s.machine, family: sockdiag.AFInet, local: local, remote: remote})
		return c
	}
	first, second, served := end("C1", client, server, 15), end("C2", client, server, math.MaxInt64), end("S1.1", server, client, 11)
	again := end("S1.2", server, client, 31)
	s.trace.mu.Lock()
	f := s.trace.flow(nil, client, server)
	for i, e := range []struct {
		from       netip.AddrPort
		flags      segment.Flags
		seq, ack   uint32
		at, opened int64
	}{
		{client, segment.SYN, 100, 0, 10, 10}, {server, segment.SYN | segment.ACK, 500, 101, 12, 10}, {client, segment.ACK, 101, 501, 14, 10},
		{client, segment.RST | segment.ACK, 101, 501, 16, 10},
		{client, segment.SYN, 900, 0, 30, 30}, {server, segment.SYN | segment.ACK, 7000, 901, 32, 30}, {client, segment.ACK, 901, 7001, 34, 30},
	} {
		seg := &segment.Segment{Src: e.from, Flags: e.flags, Seq: e.seq, Ack: e.ack}
		f.implied.segment(f.endAt(e.from), stamp{uint64(i + 1), e.at}, seg)
		if f.implied.began != e.opened {
			t.Errorf("after segment %d the connection is said to have begun at %d ns, want %d", i+1, f.implied.began, e.opened)
		}
	}
	s.trace.told = 7
	s.trace.mu.Unlock()
	for _, test := range []struct {
		c    *socket
		upTo State
		want []State
		by   []uint64
	}{
		{first, StateClosed, []State{StateSynSent, StateEstablished, StateClosed}, []uint64{1, 2, 4}},
		{served, StateClosed, []State{StateSynRcvd, StateEstablished, StateClosed}, []uint64{1, 3, 4}},
		{second, StateEstablished, []State{StateSynSent, StateEstablished}, []uint64{5, 6}},
		{again, StateEstablished, []State{StateSynRcvd, StateEstablished}, []uint64{5, 7}},
	} {
		list, found := s.trace.placements(test.c, test.upTo, false)
		var states []State
		var by []uint64
		for _, p := range list {
			states, by = append(states, p.to), append(by, p.segment)
		}
		if !found || !slices.Equal(states, test.want) || !slices.Equal(by, test.by) {
			t.Errorf("%s went through %v by the segments %v, want %v by %v", test.c.id, states, by, test.want, test.by)
		}
	}
}
