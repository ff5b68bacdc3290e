package playground

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"socketplayground/playground/wire"
)

// newTestTap is a tap on the wire of a Lab, whose connections' sockets nobody can be asked about.
func newTestTap() *tap {
	s := &Session{started: time.Now(), inbox: make(chan func(), 1), shares: newPools(1000).shares()}
	s.trace = newTrace(s)
	unasked := &observer{err: errors.ErrUnsupported}
	run := &labRun{client: &place{host: "client", observer: unasked}, server: &place{host: "server", observer: unasked}}
	run.client.lab, run.server.lab = run, run
	return newTap(s, run)
}

// settle makes the connection of a packet quiet: both ends are known to be in a state that lasts.
func (t *tap) settle(p *wire.Packet) {
	src, dst := tapEnd(p.Data[12:], p.Data[20:]), tapEnd(p.Data[16:], p.Data[22:])
	t.s.trace.flow(t.run, src, dst).quiet.Store(true)
}

func tapEnd(address, port []byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(address)), binary.BigEndian.Uint16(port))
}

// tapPacket is a segment between the hosts of a Lab, with the options that Linux gives it.
func tapPacket(d wire.Direction, payload int) *wire.Packet {
	b := make([]byte, 20+32+payload)
	copy(b, []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6})
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	client, server := []byte{192, 0, 2, 1, 0x9c, 0x40}, []byte{192, 0, 2, 2, 0x20, 0x8a}
	if d == wire.ToClient {
		client, server = server, client
	}
	copy(b[12:], client[:4])
	copy(b[16:], server[:4])
	copy(b[20:], client[4:])
	copy(b[22:], server[4:])
	copy(b[32:], []byte{8 << 4, 0x18, 1, 0xf6, 0, 0, 0, 0, 1, 1, 8, 10})
	return &wire.Packet{Direction: d, Data: b, Straight: true}
}

// TestCountedLater: what a tap only counts as it crosses is, to whoever asks, what it would be if each segment had been
// worked out at once: the packets kept, the sums, the facts that are told and their order.
func TestCountedLater(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	atOnce, later := newTestTap(), newTestTap()
	both := [2]*tap{atOnce, later}
	later.s.started = atOnce.s.started
	conn, deferred := 0, 0
	at := atOnce.s.started
	sent := [2][2]uint32{} // by connection and direction
	for range 20_000 {
		at = at.Add(time.Duration(random.IntN(2_000_000)))
		if random.IntN(50) == 0 {
			conn = 1 - conn
		}
		d := wire.Direction(random.IntN(2))
		p := tapPacket(d, random.IntN(3)*100)
		if conn == 1 {
			p.Data[20+2*int(d)+1]++ // the client's port
		}
		seq := &sent[conn][d]
		binary.BigEndian.PutUint32(p.Data[24:], *seq-100*uint32(random.IntN(20)/19)) // sometimes again
		binary.BigEndian.PutUint32(p.Data[28:], sent[conn][1-d])
		*seq += uint32(len(p.Data) - 52)
		what := random.IntN(1000)
		switch what {
		case 0:
			p.Data[33] |= 1 // FIN
		case 1:
			p.Data[6] |= 0x20 // a fragment
		case 2:
			p.Data[9] = 17 // UDP
		}
		p.LeftAt, p.LandedAt = at, at.Add(time.Microsecond)
		var refused error
		if what == 3 {
			refused = errors.New("refused")
		}
		for i, tap := range both {
			q := *p
			q.Straight = i == 1
			tap.Sent(&q)
			tap.Landed(&q, refused)
			if what >= 10 && what < 100 {
				tap.settle(p)
			}
			if tap.counting {
				deferred++
			}
		}
		if what%200 != 4 {
			continue
		}
		sums, wantSums := later.s.trace.summaries(), atOnce.s.trace.summaries()
		for _, s := range [][]segmentSum{sums, wantSums} {
			slices.SortFunc(s, func(a, b segmentSum) int { return cmp.Compare(a.first, b.first) })
			for i := range s {
				s[i].from.place = nil
			}
		}
		if !reflect.DeepEqual(sums, wantSums) {
			t.Fatalf("sums\n%+v, want\n%+v", sums, wantSums)
		}
		facts, _ := later.s.trace.take()
		if want, _ := atOnce.s.trace.take(); len(facts) != len(want) {
			t.Fatalf("%d facts, want %d", len(facts), len(want))
		}
	}
	later.s.trace.leave(later)
	kept := func(tap *tap) []keptPacket {
		all := tap.s.trace.kept.between(0, tap.s.trace.kept.last, func(*keptPacket) bool { return true })
		for i := range all {
			all[i].flow = nil
		}
		return all
	}
	got, want := kept(later), kept(atOnce)
	if len(got) != len(want) {
		t.Fatalf("%d packets are kept, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("packet\n%+v, want\n%+v", got[i], want[i])
		}
	}
	if deferred < 1000 || len(later.s.trace.taps) != 0 {
		t.Errorf("%d segments were counted and worked out later; %d taps are left", deferred, len(later.s.trace.taps))
	}
}

// BenchmarkTap is what the tap costs of a segment that is neither listed nor looked at, as are nearly all of a fast
// connection. Two carry data, each answered by the other.
func BenchmarkTap(b *testing.B) {
	for _, bb := range []struct {
		name    string
		payload int
	}{{"64B", 64}, {"1448B", 1448}} {
		b.Run(bb.name, func(b *testing.B) {
			packets := [2]*wire.Packet{tapPacket(wire.ToServer, bb.payload), tapPacket(wire.ToClient, bb.payload)}
			t := newTestTap()
			t.settle(packets[0])
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				p := packets[n&1]
				binary.BigEndian.PutUint32(p.Data[24:], uint32(n/2*bb.payload+1))
				binary.BigEndian.PutUint32(p.Data[28:], uint32((n+1)/2*bb.payload+1))
				p.LeftAt, p.LandedAt = t.s.started, t.s.started
				t.Sent(p)
				t.Landed(p, nil)
			}
			if len(t.s.trace.flows) != 1 || t.s.trace.pending() != (b.N > segmentFlowBurst) {
				b.Errorf("%d connections", len(t.s.trace.flows))
			}
		})
	}
}
