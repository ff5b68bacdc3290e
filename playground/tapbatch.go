package playground

import (
	"encoding/binary"
	"slices"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// A connection that moves many segments a second tells of most of them in sums alone. Such a segment is let through with
// no more than a look at whose it is; what it was is worked out later, many in a row: with the next segment that is more
// than a number, when there are many, or when anybody asks what crossed. Whoever asks learns the same as if each had been
// worked out as it crossed.

// passedLimit is how many segments wait to be worked out. More would be kept from a tap's other work for longer.
const passedLimit = 64

// passed is a segment that went straight through the wire and was not worked out yet.
type passed struct {
	direction        wire.Direction
	leftNS, landedNS int64
	refused          bool
	size, kept       int
	data             [summarisedBytes]byte
}

// lane is a connection whose segments need no more than to be counted, and until when.
type lane struct {
	flow    *segmentFlow // nil: there is none
	untilNS int64        // from then on one may be listed
	names   [2]laneName  // of the connection in a packet's headers, by wire.Direction
}

// laneName is addresses and ports as they stand in the packet of a segment that can be read.
type laneName [36]byte

// nameOf gives a packet's addresses and ports, and its flags. Only those are told apart that are TCP right behind an IP
// header without options, and whose TCP header is one: others have no name.
func nameOf(packet []byte) (name laneName, flags segment.Flags, ok bool) {
	const fragment = 0x3fff
	switch {
	case len(packet) >= 40 && packet[0] == 0x45 && packet[9] == 6 && binary.BigEndian.Uint16(packet[6:])&fragment == 0 &&
		int(binary.BigEndian.Uint16(packet[2:])) == len(packet) && headerFits(packet[20:]):
		copy(name[:], packet[12:24])
		return name, segment.Flags(packet[33]), true
	case len(packet) >= 60 && packet[0]>>4 == 6 && packet[6] == 6 && ipv6Header+int(binary.BigEndian.Uint16(packet[4:])) == len(packet) && headerFits(packet[ipv6Header:]):
		copy(name[:], packet[8:44])
		return name, segment.Flags(packet[53]), true
	}
	return name, 0, false
}

const ipv6Header = 40

// headerFits says whether a segment's data offset is one.
func headerFits(tcp []byte) bool {
	n := int(tcp[12]>>4) * 4
	return n >= 20 && n <= len(tcp)
}

// follow makes a lane of the connection of a segment that was neither listed nor looked at. The caller holds mu.
func (t *tap) follow(f *segmentFlow, p *wire.Packet) {
	name, _, ok := nameOf(p.Data)
	if !ok {
		return
	}
	if t.lane.flow != f {
		t.lane = lane{flow: f}
	}
	t.lane.names[p.Direction] = name
	t.lane.untilNS = f.detail.next()
}

// counts says whether a segment needs no more than to be counted: it goes straight through, of a connection both ends of
// which only SYN, FIN or RST can move on, and is none; and it would not be listed.
func (t *tap) counts(p *wire.Packet) bool {
	l := &t.lane
	if l.flow == nil || !p.Straight || !l.flow.quiet.Load() || t.attentive.Load() || t.s.at(p.LeftAt) >= l.untilNS {
		return false
	}
	name, flags, ok := nameOf(p.Data)
	return ok && flags&(segment.SYN|segment.FIN|segment.RST) == 0 && name == l.names[p.Direction]
}

// count keeps a segment for later. The caller holds mu.
func (t *tap) count(p *wire.Packet, refused bool) {
	if len(t.passed) == cap(t.passed) {
		t.catchUp()
	}
	t.passed = t.passed[:len(t.passed)+1]
	e := &t.passed[len(t.passed)-1]
	e.direction, e.refused, e.size = p.Direction, refused, len(p.Data)
	e.leftNS, e.landedNS = t.s.at(p.LeftAt), t.s.at(p.LandedAt)
	e.kept = copy(e.data[:], p.Data)
}

// catchUp works out what was only counted, in the order in which it crossed. The caller holds mu.
func (t *tap) catchUp() {
	tr := t.s.trace
	for i := range t.passed {
		e := &t.passed[i]
		data, at := e.data[:e.kept], t.sender(e.direction)
		_ = t.late.Headers(data, &t.segment) // it has a name, and so can be read
		k := tr.kept.next()
		k.from, k.toClient, k.leftNS, k.landedNS, k.size = at.host, e.direction == wire.ToClient, e.leftNS, e.landedNS, e.size
		if e.refused {
			k.landedNS, k.dropped = 0, wire.ByCut
		}
		tr.enter(tr.flowOf(at.lab, &t.segment), k, at, &t.segment, t.tracker, data)
	}
	t.passed = t.passed[:0]
}

// catchUp works out what taps have only counted. The caller holds mu.
func (t *trace) catchUp() {
	for _, tap := range t.taps {
		tap.catchUp()
	}
}

// leave lets a tap go whose wire has ended.
func (t *trace) leave(gone *tap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	gone.catchUp()
	gone.tracker.End()
	t.taps = slices.DeleteFunc(t.taps, func(tap *tap) bool { return tap == gone })
}
