package segment

import (
	"slices"
	"sort"
)

// before compares sequence numbers, which begin again at 0 after 2³² (RFC 9293 §3.4).
func before(a, b uint32) bool { return int32(a-b) < 0 }

const (
	// maxHistory bounds what is remembered of one direction. A window of 6 MB, the most that Linux gives by itself
	// (tcp_rmem), has as many segments of 1448 bytes on the way.
	maxHistory = 4096
	// keptHistory is what is remembered of acknowledged segments, so that one that is needlessly sent again is found.
	keptHistory = 64
	// maxGaps bounds the gaps of one direction; with more, the oldest is taken for filled.
	maxGaps = 64
)

// sent is a segment that took sequence numbers from seq to before end.
type sent struct {
	seq, end uint32
	number   uint64
}

// history remembers which segment carried which sequence numbers first, and which were never seen.
type history struct {
	all  []sent // in the order of seq, without overlaps; the first gone are forgotten
	gone int
	gaps [][2]uint32
}

func (h *history) live() []sent { return h.all[h.gone:] }

// add remembers a segment that goes on where the newest ended, or later.
func (h *history) add(s sent) {
	if len(h.live()) == maxHistory {
		h.gone++
	}
	if len(h.all) == cap(h.all) && h.gone > len(h.all)/2 {
		h.all = h.all[:copy(h.all, h.live())]
		h.gone = 0
	}
	h.all = append(h.all, s)
}

// search gives the index in live of the segment that seq belongs to, or of the next one.
func (h *history) search(seq uint32) int {
	live := h.live()
	return sort.Search(len(live), func(i int) bool { return before(seq, live[i].end) })
}

// find gives the number of the first segment that carried any of what s carries.
func (h *history) find(s sent) (number uint64, exact bool) {
	live := h.live()
	if i := h.search(s.seq); i < len(live) && before(live[i].seq, s.end) {
		return live[i].number, live[i].seq == s.seq && live[i].end == s.end
	}
	return 0, false
}

// replace lets s stand for the segment that carried its first number.
func (h *history) replace(s sent) {
	live := h.live()
	if i := h.search(s.seq); i < len(live) {
		live[i].number = s.number
	}
}

// acknowledge forgets what is no longer needed below ack.
func (h *history) acknowledge(ack uint32) {
	for len(h.live()) > keptHistory && !before(ack, h.all[h.gone].end) {
		h.gone++
	}
	if len(h.live()) <= keptHistory && cap(h.all) > 4*keptHistory {
		h.all, h.gone = slices.Clone(h.live()), 0 // a burst is over: give its room back
	}
	h.gaps = slices.DeleteFunc(h.gaps, func(g [2]uint32) bool { return !before(ack, g[1]) })
	for i := range h.gaps {
		if before(h.gaps[i][0], ack) {
			h.gaps[i][0] = ack
		}
	}
}

// skip remembers that nothing between from and to was seen.
func (h *history) skip(from, to uint32) {
	h.gaps = append(h.gaps, [2]uint32{from, to})
	h.gaps = slices.Delete(h.gaps, 0, max(0, len(h.gaps)-maxGaps)) // filling one may have made two of it
}

// fill takes s out of the gaps and remembers it there. It says whether s begins in one.
func (h *history) fill(s sent) bool {
	if len(h.gaps) == 0 {
		return false
	}
	var left [][2]uint32
	begins := false
	for _, gap := range h.gaps {
		if !before(s.seq, gap[1]) || !before(gap[0], s.end) {
			left = append(left, gap)
			continue
		}
		part := s
		if before(part.seq, gap[0]) {
			part.seq = gap[0]
		} else {
			begins = true
		}
		if before(gap[1], part.end) {
			part.end = gap[1]
		}
		if gap[0] != part.seq {
			left = append(left, [2]uint32{gap[0], part.seq})
		}
		if part.end != gap[1] {
			left = append(left, [2]uint32{part.end, gap[1]})
		}
		if len(h.live()) < maxHistory {
			h.all = slices.Insert(h.all, h.gone+h.search(part.seq), part)
		}
	}
	h.gaps = left
	return begins
}
