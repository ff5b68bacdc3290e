package playground

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"socketplayground/playground/segment"
)

// trace is what the session knows of segments. Whoever reads them from a wire or from this machine's loopback writes
// into it and never waits for the actor: a segment that is listed becomes a fact in its queue, the others are added up
// for the next summary. The actor takes the queue before anything else, so that the log has segments in their order.
type trace struct {
	s *Session

	mu      sync.Mutex
	queue   []func()
	told    uint64 // the newest segment of this machine that the actor has taken in
	lost    int64  // facts that found the queue full
	taps    []*tap // on Labs' wires
	kept    packetRing
	machine *segment.Tracker // of this machine's connections; a Lab's tap has its own
	flows   map[flowKey]*segmentFlow
	recent  *segmentFlow // of the segment before: most often also that of the next
	listed  bucket       // data and plain ACKs, over all connections
	marked  bucket       // what opens and ends connections
}

// flowKey names a connection whichever way a segment goes. A Lab that was closed and opened again is another one.
type flowKey struct {
	lab  *labRun // nil: this machine
	a, b netip.AddrPort
}

// segmentFlow is a connection as its segments show it.
type segmentFlow struct {
	key    flowKey
	shared bool // it was taken from the session's share of flows
	detail bucket
	looks  bucket // on this machine, where the sockets have gone on by the time that one looks
	// quiet: both ends are in states that only SYN, FIN or RST end, so that looking at the sockets would show nothing new.
	// It is set under mu.
	quiet   atomic.Bool
	control uint64 // the newest SYN, FIN or RST
	opened  int64  // when the newest SYN that asks for a connection left
	sum     segmentSum
	implied implied // of a connection of this machine
}

// endAt is which of the two ends has an address.
func (f *segmentFlow) endAt(a netip.AddrPort) int {
	if a == f.key.a {
		return 0
	}
	return 1
}

// segmentSum adds up segments that come too fast to list.
type segmentSum struct {
	from                   segmentEnd
	first, last            uint64
	firstNS, lastNS        int64
	count, data            int64
	bytes                  int64
	dropped, retransmitted int64
}

// segmentEnd is where a segment leaves: a place and the addresses as its sender has them.
type segmentEnd struct {
	place         *place
	local, remote netip.AddrPort
}

func (e segmentEnd) target() target {
	return target{place: e.place, local: e.local, remote: e.remote}
}

// leaves is the end at a place where a segment leaves. An ICMP error is about a connection of whom it is sent to.
func leaves(at *place, seg *segment.Segment) segmentEnd {
	if seg.ICMP != nil {
		return segmentEnd{place: at, local: seg.ICMP.About[1], remote: seg.ICMP.About[0]}
	}
	return segmentEnd{place: at, local: seg.Src, remote: seg.Dst}
}

// lands is the end at a place where it lands.
func lands(at *place, seg *segment.Segment) segmentEnd {
	e := leaves(at, seg)
	e.local, e.remote = e.remote, e.local
	return e
}

// ends are the sockets where a segment leaves and where it lands, as far as they are known. The actor's.
func (s *Session) ends(e segmentEnd) (near, far *socket) {
	t := e.target()
	return s.byPair[t.pair()], s.byPair[t.mirror().pair()]
}

// record takes a segment in that leaves at a place: k is its new entry, of which size and times are filled in. watched:
// somebody looks at single segments. The caller holds mu.
func (t *trace) record(k *keptPacket, at *place, seg *segment.Segment, by *segment.Tracker, data []byte, watched bool) {
	f := t.flowOf(at.lab, seg)
	if k.control = seg.Flags&(segment.SYN|segment.FIN|segment.RST) != 0; k.control {
		f.control = k.number
		if seg.Flags.Has(segment.SYN) && !seg.Flags.Has(segment.ACK) {
			f.opened = k.leftNS
		}
		f.quiet.Store(false)
	}
	k.rst = seg.Flags.Has(segment.RST)
	k.aborts = seg.Flags.Has(segment.RST | segment.ACK)
	k.listed = t.lists(f, seg, k.control, k.leftNS, watched)
	t.enter(f, k, at, seg, by, data)
}

// enter takes a segment in of which is known whether it is listed. The caller holds mu.
func (t *trace) enter(f *segmentFlow, k *keptPacket, at *place, seg *segment.Segment, by *segment.Tracker, data []byte) {
	k.flow, k.tracked = f, by.Track(k.number, k.leftNS, seg)
	k.other = seg.Other != ""
	if !k.listed {
		data = data[:min(len(data), max(summarisedBytes, seg.IPHeader+seg.TCPHeader))]
		f.sum.add(k, at, seg)
	}
	t.kept.store(k, data)
}

// queueLimit bounds the facts that wait for the actor, which takes some hundred thousand a second.
const queueLimit = 50_000

func newTrace(s *Session) *trace {
	t := &trace{
		s: s, flows: map[flowKey]*segmentFlow{}, machine: segment.NewTrackerWithin(trackedRoom{s.shares.tracked}),
		listed: newBucket(segmentRate, segmentBurst),
		marked: newBucket(segmentMarkedRate, segmentMarkedBurst),
	}
	return t
}

// shed lets the oldest packets go.
func (t *trace) shed() (lost int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept.chunks) < 2 {
		return t.kept.trim()
	}
	return t.kept.dropOldest()
}

// tell queues a fact for the actor. The caller holds mu.
func (t *trace) tell(fact func()) {
	if len(t.queue) >= queueLimit || t.s.shares.facts.Take(1) != Enough {
		t.lost++
		return
	}
	t.queue = append(t.queue, fact)
	t.s.poke()
}

// take empties the queue. The actor's.
func (t *trace) take() (facts []func(), lost int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catchUp()
	facts, lost = t.queue, t.lost
	t.s.shares.facts.Give(int64(len(facts)))
	t.queue, t.lost = nil, 0
	return facts, lost
}

// flow finds the connection of a segment, or begins it. The caller holds mu.
func (t *trace) flow(l *labRun, a, b netip.AddrPort) *segmentFlow {
	k := flowOf(l, a, b)
	f := t.flows[k]
	if f == nil {
		taken := t.s.shares.flows.Take(1) == Enough
		if !taken {
			t.forgetQuietest()
			taken = t.s.shares.flows.Take(1) == Enough // where none of them is quiet, each of its packets is soon told, and then it is
		}
		f = &segmentFlow{key: k, shared: taken, detail: newBucket(segmentFlowRate, segmentFlowBurst), looks: newBucket(lookRate, lookBurst)}
		t.flows[k] = f
	}
	t.recent = f
	return f
}

// flowOf is flow, for a segment: most often it is of the same connection as the one before.
func (t *trace) flowOf(l *labRun, seg *segment.Segment) *segmentFlow {
	if seg.ICMP != nil {
		return t.flow(l, seg.ICMP.About[0], seg.ICMP.About[1])
	}
	if f := t.recent; f != nil && f.key.lab == l && (f.key.a == seg.Src && f.key.b == seg.Dst || f.key.a == seg.Dst && f.key.b == seg.Src) {
		return f
	}
	return t.flow(l, seg.Src, seg.Dst)
}

func flowOf(l *labRun, a, b netip.AddrPort) flowKey {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return flowKey{lab: l, a: a, b: b}
}

// forgetQuietest makes room: what has nothing to tell goes, and a connection that is still alive begins anew.
func (t *trace) forgetQuietest() {
	t.recent = nil
	for _, f := range t.flows {
		if f.sum.count == 0 {
			t.forget(f)
			if len(t.flows) < maxSegmentFlows/2 {
				return
			}
		}
	}
}

// forgetLab drops the connections of a Lab that was closed. Its packets are kept.
func (t *trace) forgetLab(run *labRun) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catchUp()
	t.recent = nil
	for k, f := range t.flows {
		if k.lab == run {
			t.forget(f)
		}
	}
}

// forget lets a connection begin anew. The caller holds mu.
func (t *trace) forget(f *segmentFlow) {
	delete(t.flows, f.key)
	if f.shared {
		t.s.shares.flows.Give(1)
	}
	f.quiet.Store(false) // for a tap that still has it
}

// lists says whether a segment gets an event of its own. The caller holds mu.
func (t *trace) lists(f *segmentFlow, seg *segment.Segment, control bool, at int64, watched bool) bool {
	if seg.ICMP != nil || seg.Other != "" || control || watched {
		return t.marked.take(at)
	}
	return f.detail.take(at) && t.listed.take(at)
}

// settle says whether a connection's segments need no look at its sockets, as the log has them up to a segment. A SYN, FIN
// or RST that crossed since then needs one, and so does what answers it. The actor's.
func (t *trace) settle(c *socket, number uint64) {
	p := c.peer
	if p == nil || p == c {
		return
	}
	g := c.target.Load()
	if g == nil || !g.remote.IsValid() {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.flows[flowOf(c.place.lab, unmapped(g.local), unmapped(g.remote))]; f != nil {
		f.quiet.Store(f.control <= number && c.state.lasting() && p.state.lasting())
	}
}

// lasting says whether only SYN, FIN or RST ends the state, as long as no call of the program does.
func (s State) lasting() bool {
	return s == StateEstablished || s == StateFinWait2 || s == StateCloseWait
}

// summaries gives what was added up since the last time. The actor's.
func (t *trace) summaries() []segmentSum {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catchUp()
	var out []segmentSum
	for _, f := range t.flows {
		if f.sum.count > 0 {
			out = append(out, f.sum)
			f.sum = segmentSum{}
		}
	}
	return out
}

// pending says whether there is something to summarise. The actor's.
func (t *trace) pending() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.catchUp()
	for _, f := range t.flows {
		if f.sum.count > 0 {
			return true
		}
	}
	return false
}

// add counts a segment that is not listed.
func (m *segmentSum) add(k *keptPacket, at *place, seg *segment.Segment) {
	if m.count == 0 {
		m.from, m.first, m.firstNS = leaves(at, seg), k.number, k.leftNS
	}
	m.count++
	m.bytes += int64(seg.PayloadLen)
	m.last, m.lastNS = k.number, k.leftNS
	if seg.PayloadLen > 0 {
		m.data++
	}
	if k.tracked.Marks&(segment.Retransmission|segment.SpuriousRetransmission) != 0 {
		m.retransmitted++
	}
}

// event spells a kept packet out. The segment must be decoded from its data.
func (k *keptPacket) event(seg *segment.Segment) *SegmentSent {
	e := &SegmentSent{
		Segment: k.number, Network: k.network(), From: k.from, LeftNS: k.leftNS, Bytes: int64(k.size),
		Raw: k.raw(), Of: k.of(),
		IPHeader: int64(seg.IPHeader), TTL: int64(seg.TTL),
		DSCP: int64(seg.DSCP()), DF: seg.DontFragment, IPID: int64(seg.IPID), FlowLabel: int64(seg.FlowLabel),
	}
	if ecn := seg.ECN(); ecn != notECT {
		e.ECN = ecn
	}
	if seg.Other != "" {
		e.Other, e.Src, e.Dst = seg.Other, otherEnd(seg.Src), otherEnd(seg.Dst)
		return e
	}
	if i := seg.ICMP; i != nil {
		e.ICMP = i.Text
		e.Src, e.Dst = seg.Src.Addr().String(), seg.Dst.Addr().String()
		e.About = []string{addressText(i.About[0]), addressText(i.About[1])}
		return e
	}
	e.Src, e.Dst = addressText(seg.Src), addressText(seg.Dst)
	e.Flags = seg.Flags.String()
	e.SeqRel, e.AckRel = int64(k.tracked.RelSeq), int64(k.tracked.RelAck)
	e.SeqAbs, e.AckAbs = int64(seg.Seq), int64(seg.Ack)
	e.Win, e.WScale = int64(seg.Window), int64(max(k.tracked.WindowShift, 0))
	e.Len, e.TCPHeader = int64(seg.PayloadLen), int64(seg.TCPHeader)
	e.Checksum, e.ChecksumValue = seg.ChecksumState.String(), int64(seg.Checksum)
	e.Urgent, e.Reserved = int64(seg.Urgent), int64(seg.Reserved)
	if ace := int64(k.tracked.ACE); ace >= 0 {
		e.ACE = &ace
	}
	e.OptionsBroken = int64(seg.OptionsBroken)
	for _, o := range seg.OptionValues(k.tracked) {
		e.Options = append(e.Options, SegmentOption{Kind: int64(o.Kind), Name: o.Name, Value: o.Value})
	}
	e.Marks = k.tracked.Marks.Names()
	e.DupAcks = int64(k.tracked.DupAcks)
	return e
}

// raw is the beginning of the packet, by itself where there is much more: the event is kept for longer.
func (k *keptPacket) raw() []byte {
	if len(k.data) <= 2*rawBytes {
		return k.data[:min(len(k.data), rawBytes)]
	}
	return slices.Clone(k.data[:rawBytes])
}

// notECT is the codepoint of packets that have nothing to do with ECN.
const notECT = "Not-ECT"

// otherEnd is an end of a packet that is no segment: with its port, without one, or not known at all.
func otherEnd(a netip.AddrPort) string {
	switch {
	case !a.IsValid():
		return ""
	case a.Port() == 0:
		return a.Addr().String()
	}
	return addressText(a)
}

// of is the segment that this one repeats or is a copy of.
func (k *keptPacket) of() uint64 {
	if k.copyOf != 0 {
		return k.copyOf
	}
	return k.tracked.Of
}
