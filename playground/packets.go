package playground

import (
	"slices"

	"socketplayground/playground/segment"
)

// keptPacket is a packet of the session's trace: what the commands segments and payload and a pcapng file are made of.
type keptPacket struct {
	number   uint64
	network  string
	from     string // host that it left
	flow     flowKey
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
	control  bool // SYN, FIN or RST: what a call of its sender causes
}

// keptOverhead is about what an entry takes beside its bytes.
const keptOverhead = 240

// packetRing keeps the newest packets: numbers are consecutive, so a number is an index.
type packetRing struct {
	first   uint64 // number of packets[0]
	packets []*keptPacket
	bytes   int
	gone    uint64 // packets that fell off
}

func (r *packetRing) put(k *keptPacket) {
	if len(r.packets) == 0 {
		r.first = k.number
	}
	r.packets = append(r.packets, k)
	r.bytes += k.sizeOf()
	drop := 0
	for r.bytes > PacketBudget {
		r.bytes -= r.packets[drop].sizeOf()
		r.packets[drop] = nil
		drop++
	}
	if drop > 0 {
		r.packets = r.packets[drop:]
		r.first += uint64(drop)
		r.gone += uint64(drop)
	}
}

// get gives a packet, nil where it is not kept (any more).
func (r *packetRing) get(number uint64) *keptPacket {
	if number < r.first || number >= r.first+uint64(len(r.packets)) {
		return nil
	}
	return r.packets[number-r.first]
}

// all is the packets kept, as they are now. The entries are copies, since landing changes them.
func (r *packetRing) all(wanted func(*keptPacket) bool) []keptPacket {
	var out []keptPacket
	for _, k := range r.packets {
		if wanted(k) {
			out = append(out, *k)
		}
	}
	return slices.Clip(out)
}

// decode reads a kept packet.
func (k *keptPacket) decode(d *segment.Decoder, into *segment.Segment) error {
	d.Offload(k.offload)
	return d.Decode(k.data, into)
}
