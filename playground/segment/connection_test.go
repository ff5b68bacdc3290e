package segment_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"socketplayground/playground/segment"
)

// play tracks segments and fails where the marks are not those that are wanted.
type play struct {
	t       *testing.T
	tracker *segment.Tracker
	number  uint64
}

func newPlay(t *testing.T) *play { return &play{t: t, tracker: segment.NewTracker()} }

func (p *play) track(s segment.Segment, want string) segment.Tracked {
	p.t.Helper()
	p.number++
	s.PayloadLen = len(s.Payload)
	tr := p.tracker.Track(p.number, int64(p.number), &s)
	if got := render(tr); got != want {
		p.t.Errorf("segment %d: got %q, want %q", p.number, got, want)
	}
	return tr
}

func (p *play) numbers(tr segment.Tracked, seq, ack uint32) {
	p.t.Helper()
	if tr.RelSeq != seq || tr.RelAck != ack {
		p.t.Errorf("segment %d: seq %d, ack %d, want %d, %d", p.number, tr.RelSeq, tr.RelAck, seq, ack)
	}
}

// one is a segment of an IPv4 connection from the client, back one from the server.
func one(f segment.Flags, seq, ack uint32, payload string) segment.Segment {
	return segment.Segment{Src: client4, Dst: server4, Flags: f, Seq: seq, Ack: ack, Window: 500, Payload: []byte(payload)}
}

func back(f segment.Flags, seq, ack uint32, payload string) segment.Segment {
	s := one(f, seq, ack, payload)
	s.Src, s.Dst = s.Dst, s.Src
	return s
}

func scaled(s segment.Segment, shift byte) segment.Segment {
	s.Options = []segment.Option{{Kind: 3, Data: []byte{shift}}}
	return s
}

func TestWindowShift(t *testing.T) {
	tests := []struct {
		name      string
		syn, back segment.Segment
		want      [4]int8 // of SYN, SYN ACK, and then one of each
	}{
		{"both", scaled(one(syn, 0, 0, ""), 7), scaled(back(syn|ack, 0, 1, ""), 9), [4]int8{-1, -1, 7, 9}},
		{"of nothing", scaled(one(syn, 0, 0, ""), 0), scaled(back(syn|ack, 0, 1, ""), 3), [4]int8{-1, -1, 0, 3}},
		{"too large", scaled(one(syn, 0, 0, ""), 255), scaled(back(syn|ack, 0, 1, ""), 15), [4]int8{-1, -1, 14, 14}},
		{"client only", scaled(one(syn, 0, 0, ""), 7), back(syn|ack, 0, 1, ""), [4]int8{-1, -1, -1, -1}},
		{"server only", one(syn, 0, 0, ""), scaled(back(syn|ack, 0, 1, ""), 7), [4]int8{-1, -1, -1, -1}},
		{"no SYN seen", one(ack, 0, 1, ""), scaled(back(syn|ack, 0, 1, ""), 7), [4]int8{-1, -1, -1, -1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tracker := segment.NewTracker()
			for i, s := range []segment.Segment{test.syn, test.back, one(ack, 1, 1, ""), back(ack, 1, 1, "")} {
				if got := tracker.Track(uint64(i+1), 0, &s).WindowShift; got != test.want[i] {
					t.Errorf("segment %d: got %d, want %d", i+1, got, test.want[i])
				}
			}
		})
	}
}

func TestPortsUsedAgain(t *testing.T) {
	p := newPlay(t)
	p.track(scaled(one(syn, 1000, 0, ""), 7), "")
	p.track(scaled(back(syn|ack, 5000, 1001, ""), 7), "")
	p.numbers(p.track(one(ack, 1001, 5001, "hello"), ""), 1, 1)
	p.numbers(p.track(one(syn, 900, 0, ""), ""), 0, 0) // below the old ones, and no retransmission
	// The server is still in the old connection, and says so; the client resets it and tries again.
	p.track(back(ack, 5001, 1006, ""), "")
	p.track(one(rst, 1006, 0, ""), "")
	p.numbers(p.track(one(syn, 900, 0, ""), "retransmission of 4"), 0, 0)
	p.numbers(p.track(back(syn|ack, 7000, 901, ""), ""), 0, 1)
	if tr := p.track(one(ack, 901, 7001, ""), ""); tr.WindowShift != -1 {
		t.Errorf("the window's shift %d is the old connection's", tr.WindowShift)
	}
	p.numbers(p.track(back(ack, 7001, 901, "data"), ""), 1, 1)
	// The other end may begin the next one.
	p.numbers(p.track(back(syn, 9000, 0, ""), ""), 0, 0)
	p.numbers(p.track(one(syn|ack, 100, 9001, ""), ""), 0, 1)
}

// TestListenerForgot: a listener whose first answer was lost may answer a later SYN with another number.
func TestListenerForgot(t *testing.T) {
	p := newPlay(t)
	p.track(one(syn, 1000, 0, ""), "")
	p.track(back(syn|ack, 5000, 1001, ""), "")
	p.track(one(syn, 1000, 0, ""), "retransmission+spurious_retransmission of 1")
	p.numbers(p.track(back(syn|ack, 6000, 1001, ""), ""), 0, 1)
	p.numbers(p.track(one(ack, 1001, 6001, ""), ""), 1, 1)
}

// TestSimultaneousOpen is figure 7 of RFC 9293 §3.5.
func TestSimultaneousOpen(t *testing.T) {
	p := newPlay(t)
	p.track(scaled(one(syn, 100, 0, ""), 7), "")
	p.track(scaled(back(syn, 300, 0, ""), 8), "")
	p.numbers(p.track(scaled(one(syn|ack, 100, 301, ""), 7), ""), 0, 1)
	p.numbers(p.track(scaled(back(syn|ack, 300, 101, ""), 8), ""), 0, 1)
	p.track(back(syn|ack, 300, 101, ""), "retransmission+spurious_retransmission of 4")
	if tr := p.track(one(ack, 101, 301, "x"), ""); tr.RelSeq != 1 || tr.RelAck != 1 {
		t.Errorf("after it: %+v", tr)
	}
}

// TestSelfConnect: a socket connected to itself sends both ways what is one direction.
func TestSelfConnect(t *testing.T) {
	p := newPlay(t)
	self := func(s segment.Segment) segment.Segment { s.Dst = s.Src; return s }
	p.track(self(one(syn, 100, 0, "")), "")
	p.numbers(p.track(self(one(syn|ack, 100, 101, "")), ""), 0, 1)
	p.numbers(p.track(self(one(ack, 101, 101, "echo")), ""), 1, 1)
	p.numbers(p.track(self(one(ack, 105, 105, "")), ""), 5, 5)
	p.track(self(one(fin|ack, 105, 105, "")), "")
	p.track(self(one(ack, 106, 106, "")), "")
}

func TestJoinedInTheMiddle(t *testing.T) {
	p := newPlay(t)
	p.numbers(p.track(one(psh|ack, 1000, 5000, "hello"), ""), 1, 1)
	p.numbers(p.track(back(ack, 5000, 1005, ""), ""), 1, 6)
	p.numbers(p.track(one(psh|ack, 990, 5000, "before"), "retransmission+spurious_retransmission"), 1<<32-9, 1)
	p.numbers(p.track(one(ack, 1004, 5000, ""), "keepalive"), 5, 1)
}

func TestICMPTracked(t *testing.T) {
	p := newPlay(t)
	about := func(seq uint32) segment.Segment {
		s := back(0, 0, 0, "")
		s.ICMP = &segment.ICMP{Type: 3, Code: 3, About: [2]netip.AddrPort{client4, server4}, Seq: seq}
		return s
	}
	p.track(one(syn, 1000, 0, ""), "")
	p.numbers(p.track(about(1000), " of 1"), 0, 0)
	p.numbers(p.track(about(1500), ""), 500, 0)
	p.track(one(syn, 1000, 0, ""), "retransmission of 1")
}

// TestBounds: what the tracker remembers is bounded: segments, gaps and connections.
func TestBounds(t *testing.T) {
	p := newPlay(t)
	p.track(one(syn, 0, 0, ""), "")
	for i := range uint32(5000) {
		p.track(one(ack, 1+2*i, 1, "xy"), "")
	}
	p.track(one(ack, 1, 1, "xy"), "retransmission") // the first of 5000 is forgotten
	p.track(one(ack, 9999, 1, "xy"), "retransmission of 5001")
	p.track(back(ack, 1, 10001, ""), "")
	p.track(one(ack, 9999, 1, "xy"), "retransmission+spurious_retransmission of 5001")

	// Gaps, of which the first six of seventy are taken for filled.
	for i := range uint32(70) {
		p.track(back(ack, 101+10*i, 10001, "xy"), "")
	}
	p.track(back(ack, 143, 10001, "xy"), "retransmission")
	p.track(back(ack, 153, 10001, "xy"), "out_of_order")

	// Other connections, until the first is the one that was silent longest and is forgotten.
	for port := range uint16(1100) {
		s := one(syn, 7, 0, "")
		s.Src = netip.AddrPortFrom(client4.Addr(), 1+port)
		p.track(s, "")
	}
	p.numbers(p.track(one(ack, 9999, 1, "xy"), ""), 1, 1)
	last := one(syn, 7, 0, "")
	last.Src = netip.AddrPortFrom(client4.Addr(), 1100)
	p.track(last, "retransmission of 6177")
}

// TestManyGaps: gaps in any order are told from repetitions by a tracker that knows only the segments.
func TestManyGaps(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		tracker := segment.NewTracker()
		isn := random.Uint32()
		s := one(syn, isn, 0, "")
		tracker.Track(1, 0, &s)
		seen, edge := map[int]uint64{}, 0
		for number := uint64(2); number < 100; number++ {
			piece := random.IntN(60)
			s := one(ack, isn+1+uint32(10*piece), 1, "ten bytes.")
			s.PayloadLen = 10
			tr := tracker.Track(number, 0, &s)
			switch {
			case seen[piece] != 0:
				if tr.Marks != segment.Retransmission || tr.Of != seen[piece] {
					t.Fatalf("piece %d again: %v of %d, want of %d", piece, tr.Marks.Names(), tr.Of, seen[piece])
				}
				continue
			case piece < edge:
				if tr.Marks != segment.OutOfOrder || tr.Of != 0 {
					t.Fatalf("piece %d late: %v of %d", piece, tr.Marks.Names(), tr.Of)
				}
			case tr.Marks != 0:
				t.Fatalf("piece %d: %v", piece, tr.Marks.Names())
			}
			seen[piece] = number
			edge = max(edge, piece+1)
		}
	}
}
