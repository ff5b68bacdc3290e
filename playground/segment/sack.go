package segment

import (
	"encoding/binary"
	"slices"
)

// sacked is what an end has said, by SACK, to have arrived beyond its acknowledgment: ranges of sequence numbers that
// neither overlap nor touch.
type sacked [][2]uint32

// sack takes the option SACK of s into account. It says whether that tells of something new, beyond the acknowledgment
// (RFC 6675 §2), and marks where it tells of something that came twice.
func (e *end) sack(s *Segment, peer *end, tr *Tracked) (news bool) {
	blocks := tr.SACK
	if len(blocks) == 0 || !s.Flags.Has(ACK) {
		return false
	}
	if cameTwice(blocks, tr.RelAck) {
		tr.Marks |= DSACK
		blocks = blocks[1:]
	}
	for _, b := range blocks {
		b[0], b[1] = b[0]+peer.base, b[1]+peer.base
		if before(b[0], b[1]) && !before(b[0], s.Ack) && e.sacked.add(b) {
			news = true
		}
	}
	return news
}

// cameTwice says whether the first block is a D-SACK: it begins below the acknowledgment, or lies within the second
// (RFC 2883 §4; Linux, net/ipv4/tcp_input.c, tcp_check_dsack).
func cameTwice(blocks [][2]uint32, ack uint32) bool {
	first := blocks[0]
	return before(first[0], ack) ||
		len(blocks) > 1 && !before(first[0], blocks[1][0]) && !before(blocks[1][1], first[1])
}

// add says whether any of b is new.
func (a *sacked) add(b [2]uint32) bool {
	if slices.ContainsFunc(*a, func(k [2]uint32) bool { return !before(b[0], k[0]) && !before(k[1], b[1]) }) {
		return false
	}
	*a = slices.DeleteFunc(*a, func(k [2]uint32) bool {
		if before(k[1], b[0]) || before(b[1], k[0]) {
			return false
		}
		if before(k[0], b[0]) {
			b[0] = k[0]
		}
		if before(b[1], k[1]) {
			b[1] = k[1]
		}
		return true
	})
	*a = append(*a, b)
	*a = slices.Delete(*a, 0, max(0, len(*a)-maxGaps))
	return true
}

// acknowledge forgets what the acknowledgment says by itself.
func (a *sacked) acknowledge(ack uint32) {
	if len(*a) > 0 {
		*a = slices.DeleteFunc(*a, func(k [2]uint32) bool { return !before(ack, k[1]) })
	}
}

// sack reads the blocks of the option SACK (RFC 2018 §3), relative to base.
func (s *Segment) sack(base uint32) [][2]uint32 {
	o, ok := s.option(kindSACK)
	if !ok || len(o.Data)%8 != 0 {
		return nil
	}
	blocks := make([][2]uint32, 0, 4)
	for b := o.Data; len(b) > 0; b = b[8:] {
		blocks = append(blocks, [2]uint32{binary.BigEndian.Uint32(b) - base, binary.BigEndian.Uint32(b[4:]) - base})
	}
	return blocks
}
