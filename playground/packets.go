package playground

import (
	"slices"

	"socketplayground/playground/segment"
)

// keptPacket is a packet of the session's trace: what the commands segments and payload and a pcapng file are made of.
type keptPacket struct {
	number   uint64
	from     string // host that it left; empty on this machine
	flow     *segmentFlow
	leftNS   int64
	landedNS int64 // 0: not yet, or never
	size     int   // of the packet; data is shorter where it was not listed
	data     []byte
	offload  bool
	tracked  segment.Tracked
	copyOf   uint64
	dropped  string // by what; empty: it was not
	rule     int    // that dropped it
	listed   bool
	rst      bool
	aborts   bool // RST that a socket sends by itself: what answers a segment with ACK has no ACK (RFC 9293 §3.10.7.1)
	control  bool // SYN, FIN or RST: what a call of its sender causes
	toClient bool // in the Lab, which way it goes
	other    bool // no segment that can be read, nor an ICMP error about one
}

// keptOverhead is about what an entry takes beside its bytes.
const keptOverhead = 240

// packetRing keeps the newest packets: numbers are consecutive, so a number is an index. It makes room, and forgets, in
// chunks: with hundreds of thousands of packets a second, an allocation for each and a last look at each that goes
// would cost as much as to decode it.
type packetRing struct {
	chunks []*packetChunk
	last   uint64 // number of the newest packet
	gone   uint64 // packets that fell off
	bytes  int
	room   []byte       // for the bytes of packets that are not listed, one after the other
	spare  *packetChunk // that fell off, to be used again
	hoard  *hoard
	untold int // of bytes: not counted by the hoard yet
}

type packetChunk struct {
	packets [packetChunkLen]keptPacket
	bytes   int
}

const (
	packetChunkLen = 256
	packetRoom     = 64 << 10
)

// next is the entry of one more packet, which has its number. It is the packet's for as long as the lock is held under
// which it was asked for: later, it may be that of another.
func (r *packetRing) next() *keptPacket {
	i := r.last % packetChunkLen
	if i == 0 {
		c := r.spare
		if r.spare = nil; c == nil {
			c = new(packetChunk)
		}
		r.chunks = append(r.chunks, c)
	}
	r.last++
	k := &r.chunks[len(r.chunks)-1].packets[i]
	k.number = r.last
	return k
}

// store keeps bytes for the newest packet, and forgets the oldest packets where there are too many. What is listed has
// its bytes for itself, since its event keeps them too, and longer.
func (r *packetRing) store(k *keptPacket, data []byte) {
	if k.listed {
		k.data = slices.Clone(data)
	} else {
		if cap(r.room)-len(r.room) < len(data) {
			r.room = make([]byte, 0, max(packetRoom, len(data)))
		}
		from := len(r.room)
		r.room = append(r.room, data...)
		k.data = r.room[from:len(r.room):len(r.room)]
	}
	r.count(len(data))
}

// count adds the newest packet to the budget.
func (r *packetRing) count(n int) {
	n += keptOverhead
	r.chunks[len(r.chunks)-1].bytes += n
	r.bytes += n
	if r.untold += n; r.untold > packetRoom {
		r.hoard.add(int64(r.untold))
		r.untold = 0
	}
	for r.bytes > PacketBudget && len(r.chunks) > 1 {
		r.dropOldest()
	}
	for len(r.chunks) > 1 && r.hoard.greedy() {
		r.hoard.lost.Add(r.dropOldest())
	}
	if r.bytes > trimAbove && len(r.chunks) == 1 && r.hoard.greedy() {
		r.hoard.lost.Add(r.trim())
	}
}

// trim cuts what is left, where no chunk can go, to what is kept of packets that have no event.
func (r *packetRing) trim() (packets int64) {
	for number := r.gone + 1; number <= r.last; number++ {
		k := r.get(number)
		if n := len(k.data) - summarisedBytes; n > 0 {
			k.data = slices.Clone(k.data[:summarisedBytes])
			c := r.chunks[len(r.chunks)-1]
			c.bytes -= n
			r.bytes -= n
			r.untold -= n
			packets++
		}
	}
	r.hoard.add(int64(r.untold))
	r.untold = 0
	return packets
}

// dropOldest forgets the oldest chunk.
func (r *packetRing) dropOldest() (packets int64) {
	old := r.chunks[0]
	r.bytes -= old.bytes
	r.hoard.add(int64(-old.bytes))
	r.gone += packetChunkLen
	r.spare, r.chunks[0] = old, nil
	*r.spare = packetChunk{}
	r.chunks = r.chunks[1:]
	return packetChunkLen
}

// get gives a packet, nil where it is not kept (any more).
func (r *packetRing) get(number uint64) *keptPacket {
	if number <= r.gone || number > r.last {
		return nil
	}
	i := number - r.gone - 1
	return &r.chunks[i/packetChunkLen].packets[i%packetChunkLen]
}

// each calls f with every packet that is kept of those with the numbers from first to last.
func (r *packetRing) each(first, last uint64, f func(*keptPacket)) {
	for number := max(first, r.gone+1); number <= min(last, r.last); number++ {
		f(r.get(number))
	}
}

// between is the packets kept of those with the numbers from first to last, as they are now. The entries are copies,
// since landing changes them.
func (r *packetRing) between(first, last uint64, wanted func(*keptPacket) bool) []keptPacket {
	var out []keptPacket
	r.each(first, last, func(k *keptPacket) {
		if wanted(k) {
			out = append(out, *k)
		}
	})
	return slices.Clip(out)
}

// decode reads a kept packet. What is no segment says so in [segment.Segment.Other].
func (k *keptPacket) decode(d *segment.Decoder, into *segment.Segment) {
	d.Offload(k.offload)
	_ = d.Decode(k.data, into)
}

// network is where the packet was seen.
func (k *keptPacket) network() string {
	if k.flow.key.lab == nil {
		return networkMachine
	}
	return networkLab
}
