package segment

import (
	"math"
	"net/netip"
)

// MaxConnections bounds the tracker: beyond it, the connection that has been silent longest is forgotten.
const MaxConnections = 1024

// Room is what several trackers have together, in connections. Its methods must not block.
type Room interface {
	Take() bool // false: one of the tracker's own must go first
	Give(connections int)
}

// ample is room without end.
type ample struct{}

func (ample) Take() bool { return true }
func (ample) Give(int)   {}

// Tracked is what the segments before it tell about a segment.
type Tracked struct {
	// RelSeq and RelAck count from the SYN of the direction they belong to, which is 0. Where no SYN was seen, they
	// count so that the first number seen is 1, as it would be after a SYN. RelAck is 0 without the flag ACK.
	RelSeq, RelAck uint32
	// WindowShift is how far the window is to be shifted: −1 where that is not known, was not agreed,
	// or does not apply, which it does not in a SYN (RFC 7323 §2.2).
	WindowShift int8
	// ACE is the counter that AE, CWR and ECE are on a connection whose ends agreed on accurate ECN: how many packets have
	// arrived with CE, modulo 8 and beginning with 5; in the ACK of the SYN, ACK it is what ECN codepoint that had
	// (RFC 9768 §3.2). −1 where they did not, or that was not seen, and in a SYN.
	ACE   int8
	Marks Marks
	// Of is the segment that this one repeats or duplicates (for an ICMP error: that it quotes); 0: none, or forgotten.
	Of uint64
	// DupAcks is which one in its row a duplicate ACK is: 1, 2, 3 …
	DupAcks int
	// SACK are the blocks of the option SACK, relative to the other direction's SYN.
	SACK [][2]uint32
}

// Tracker follows connections. The rules by which it marks segments stand at [Marks].
//
// A SYN begins a connection. One with another sequence number than that before it begins it anew (the ports are used
// again); so does a SYN from an end that was already seen without one. A SYN, ACK with another number begins its own
// direction anew: a listener that has forgotten the first SYN answers the next one so.
type Tracker struct {
	room  Room
	conns map[connKey]*conn
	last  *conn // the one of the segment before: most often also that of the next
}

// connKey is the pair of endpoints in ascending order.
type connKey [2]netip.AddrPort

type conn struct {
	key  connKey
	at   int64
	ends [2]end // of key[0] and of key[1]; a socket connected to itself has but one end
}

// end is what one end of a connection has sent.
type end struct {
	seen   bool   // base and next are known
	base   uint32 // what counts as 0
	next   uint32 // the edge
	syn    bool   // its SYN was seen: base is its number
	synAck bool   // and it, or one that repeats it, had ACK
	fin    bool   // its FIN was seen: it has the number before next
	shift  int8   // its window scale option; −1: none
	// synACE and synAckACE are the bits AE, CWR and ECE of its SYN and of its SYN, ACK.
	synACE, synAckACE uint8

	acked     bool   // it has sent an ACK
	ack       uint32 // the highest number it has acknowledged
	ackNumber uint64 // the segment that did
	window    uint32 // the newest one it has sent, scaled
	dupAcks   int

	// keepAlives and probes are its keepalives and window probes that the other end has not answered yet. One of them is 0.
	keepAlives, probes int
	probing            bool   // it has probed the window and sent nothing else since
	probe1             uint64 // the segment by which it did so with a byte, which is not counted as sent: most likely it is refused

	history history
	sacked  sacked // what it has said to have arrived beyond ack
}

// NewTracker makes a Tracker that has seen nothing.
func NewTracker() *Tracker { return NewTrackerWithin(ample{}) }

// NewTrackerWithin makes one whose connections are also bounded by room, of which End gives its part back.
func NewTrackerWithin(room Room) *Tracker {
	return &Tracker{room: room, conns: make(map[connKey]*conn)}
}

// End forgets all connections.
func (t *Tracker) End() {
	t.room.Give(len(t.conns))
	t.conns, t.last = make(map[connKey]*conn), nil
}

// Track tells what the segments tracked so far say about s, and takes it into account for those to come.
// number is the segment's; at is when it was sent, in nanoseconds of any one clock.
func (t *Tracker) Track(number uint64, at int64, s *Segment) Tracked {
	switch {
	case s.ICMP != nil:
		return t.trackError(at, s.ICMP)
	case s.Other != "":
		return Tracked{WindowShift: -1, ACE: -1}
	}
	me, peer := t.ends(at, s.Src, s.Dst, s.Flags&(SYN|ACK) == SYN, s.Seq)
	tr := Tracked{WindowShift: -1, ACE: -1}
	switch {
	case s.Flags.Has(SYN):
		me.begin(s)
	case !me.seen:
		me.know(s.Seq)
	}
	if s.Flags.Has(ACK) && !peer.seen {
		peer.know(s.Ack)
	}
	if !s.Flags.Has(SYN) && me.syn && peer.syn && me.shift >= 0 && peer.shift >= 0 {
		tr.WindowShift = me.shift
	}
	if !s.Flags.Has(SYN) && (me.agreedOnAccECN(peer) || peer.agreedOnAccECN(me)) {
		tr.ACE = int8(s.Flags.ace())
	}
	tr.RelSeq = s.Seq - me.base
	if s.Flags.Has(ACK) {
		tr.RelAck = s.Ack - peer.base
	}
	tr.SACK = s.sack(peer.base)
	if s.Flags.Has(RST) {
		return tr
	}
	news := me.sack(s, peer, &tr)

	window := uint32(s.Window) << max(tr.WindowShift, 0)
	if s.Window == 0 && !s.Flags.Has(SYN) {
		tr.Marks |= ZeroWindow
	}
	asked := me.probe(number, s, peer)
	tr.Marks |= asked
	switch {
	case asked != 0:
		me.ask(asked)
	case s.sequenceLen() > 0:
		if me.fills(s, peer) {
			tr.Marks |= WindowFull
		}
		me.send(number, s, peer, &tr)
	case s.Flags.Has(ACK):
		me.repeatACK(s, peer, window, news, &tr)
	}
	if s.Flags.Has(ACK) {
		me.acknowledge(number, s.Ack, peer)
		me.window = window
	}
	return tr
}

// ends gives the two ends of the connection from src to dst, of which there is a new one if need be.
func (t *Tracker) ends(at int64, src, dst netip.AddrPort, syn bool, isn uint32) (me, peer *end) {
	key, i := connKey{src, dst}, 0
	c := t.last
	switch {
	case c != nil && c.key == key:
	case c != nil && c.key == connKey{dst, src}:
		key, i = c.key, 1
	default:
		if dst.Compare(src) < 0 {
			key, i = connKey{dst, src}, 1
		}
		c = t.conns[key]
	}
	if c != nil && syn {
		if known := &c.ends[i]; known.seen && known.base != isn {
			t.forget(key)
			c = nil
		}
	}
	if c == nil {
		c = t.add(key)
	}
	t.last, c.at = c, at
	if src == dst {
		return &c.ends[0], &c.ends[0]
	}
	return &c.ends[i], &c.ends[1-i]
}

func (t *Tracker) add(key connKey) *conn {
	for len(t.conns) >= MaxConnections || !t.room.Take() {
		if len(t.conns) == 0 {
			t.room.Give(-1) // one there must be
			break
		}
		oldest, at := connKey{}, int64(math.MaxInt64)
		for key, c := range t.conns {
			if c.at <= at {
				oldest, at = key, c.at
			}
		}
		t.forget(oldest)
	}
	c := &conn{key: key}
	t.conns[key] = c
	return c
}

func (t *Tracker) forget(key connKey) {
	delete(t.conns, key)
	t.room.Give(1)
}

// begin takes an end's SYN, or SYN, ACK, into account.
func (e *end) begin(s *Segment) {
	if !e.syn || e.base != s.Seq {
		*e = end{seen: true, syn: true, base: s.Seq, next: s.Seq}
	}
	if s.Flags.Has(ACK) {
		e.synAckACE = s.Flags.ace()
	} else {
		e.synACE = s.Flags.ace()
	}
	e.shift = -1
	if o, ok := s.option(kindWindowScale); ok && len(o.Data) == 1 {
		e.shift = int8(min(o.Data[0], 14)) // more is not allowed and taken for 14 (RFC 7323 §2.3)
	}
}

// know takes the first number seen of a direction whose SYN was not.
func (e *end) know(seq uint32) {
	e.seen, e.base, e.next, e.shift = true, seq-1, seq, -1
}

// probe says whether s asks for an answer without sending anything: KeepAlive or WindowProbe.
func (e *end) probe(number uint64, s *Segment, peer *end) Marks {
	if s.Flags.Has(SYN) || s.Flags.Has(FIN) || !s.Flags.Has(ACK) || !peer.acked || peer.ack != e.next || s.PayloadLen > 1 {
		return 0
	}
	closed := peer.window == 0
	switch s.Seq {
	case e.next:
		if s.PayloadLen == 1 && closed {
			e.probing, e.probe1 = true, number
			return WindowProbe
		}
		return 0
	case e.next - 1:
	default:
		return 0
	}
	if s.PayloadLen == 1 && !e.probing && e.oneByte(s.Seq) {
		return 0 // sent again
	}
	if closed || e.probing {
		e.probing = closed
		return WindowProbe
	}
	return KeepAlive
}

// oneByte says whether a segment of one byte was sent under a number, which is not that of SYN or FIN.
func (e *end) oneByte(seq uint32) bool {
	_, exact := e.history.find(sent{seq: seq, end: seq + 1})
	return exact && !(e.syn && seq == e.base) && !(e.fin && seq == e.next-1)
}

// ask notes a question. One of the other kind that was not answered until now was lost, or will not be answered.
func (e *end) ask(kind Marks) {
	if kind == KeepAlive {
		e.keepAlives, e.probes = e.keepAlives+1, 0
	} else {
		e.keepAlives, e.probes = 0, e.probes+1
	}
}

// fills says whether s ends where the other end's window does. Until both SYNs were seen nobody knows how a window is scaled.
func (e *end) fills(s *Segment, peer *end) bool {
	return s.PayloadLen > 0 && s.Flags&(SYN|FIN) == 0 && e.syn && peer.syn && peer.acked && peer.window != 0 &&
		s.Seq+uint32(s.PayloadLen) == peer.ack+peer.window
}

// send judges a segment that takes sequence numbers.
func (e *end) send(number uint64, s *Segment, peer *end, tr *Tracked) {
	e.probing = false
	one := sent{seq: s.Seq, end: s.Seq + s.sequenceLen(), number: number}
	if e.probe1 != 0 && one.seq == e.next+1 { // the byte of the probe counts after all
		e.history.add(sent{seq: e.next, end: one.seq, number: e.probe1})
		e.next = one.seq
	}
	e.probe1 = 0
	var of uint64
	if before(one.seq, e.next) { // else there is none, as with most
		of, _ = e.history.find(one)
	}
	switch {
	case !before(one.seq, e.next):
		if one.seq != e.next {
			e.history.skip(e.next, one.seq)
		}
		e.history.add(one)
	case s.Flags.Has(SYN|ACK) && !e.synAck:
		e.history.replace(one)
	case e.history.fill(one):
		tr.Marks |= OutOfOrder
	default:
		tr.Marks |= Retransmission
		if peer.acked && !before(peer.ack, one.end) {
			tr.Marks |= SpuriousRetransmission
		}
		tr.Of = of
	}
	if before(e.next, one.end) {
		if before(one.seq, e.next) { // it repeats, and goes on
			e.history.add(sent{seq: e.next, end: one.end, number: number})
		}
		e.next = one.end
	}
	e.synAck = e.synAck || s.Flags.Has(SYN|ACK)
	e.fin = e.fin || s.Flags.Has(FIN)
}

// repeatACK judges a pure ACK. news: it tells by SACK of something that has arrived.
func (e *end) repeatACK(s *Segment, peer *end, window uint32, news bool, tr *Tracked) {
	if !e.acked || s.Ack != e.ack {
		return
	}
	if window > e.window {
		tr.Marks |= WindowUpdate
	}
	switch {
	case news: // so it is the answer to what has arrived
	case peer.keepAlives > 0:
		peer.keepAlives--
		tr.Marks |= KeepAliveACK
		return
	case peer.probes > 0:
		peer.probes--
		return
	case tr.Marks.Has(DSACK) || window != e.window || !before(s.Ack, peer.next):
		return
	}
	if window != 0 {
		tr.Marks |= DuplicateACK
		e.dupAcks++
		tr.DupAcks, tr.Of = e.dupAcks, e.ackNumber
	}
}

// acknowledge takes note of what s acknowledges.
func (e *end) acknowledge(number uint64, ack uint32, peer *end) {
	if e.acked && !before(e.ack, ack) {
		return
	}
	if !e.acked && peer.syn && (before(peer.next, ack) || !before(peer.base, ack)) {
		return // the answer to a SYN of an end that is still in an older connection (RFC 9293 §3.5.1)
	}
	if before(peer.next, ack) { // it acknowledges what was not seen
		peer.next = ack
	}
	e.acked, e.ack, e.ackNumber, e.dupAcks = true, ack, number, 0
	e.sacked.acknowledge(ack)
	peer.history.acknowledge(ack)
	peer.keepAlives, peer.probes = 0, 0 // what it has sent since was acknowledged: their answers have come, or were lost
}

// trackError finds what an ICMP error is about.
func (t *Tracker) trackError(at int64, e *ICMP) Tracked {
	tr := Tracked{WindowShift: -1, ACE: -1}
	me, _ := t.ends(at, e.About[0], e.About[1], false, 0)
	if !me.seen {
		me.know(e.Seq)
	}
	tr.RelSeq = e.Seq - me.base
	tr.Of, _ = me.history.find(sent{seq: e.Seq, end: e.Seq + 1})
	return tr
}
