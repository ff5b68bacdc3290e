package demo

import (
	"cmp"
	"slices"
	"strings"
)

// Mark is what a segment is said to be: the protocol's name for it (web/PROTOCOL.md, segment.Marks), and what a check calls
// a segment that has it, in its own words and in Chinese.
type Mark struct{ Name, Noun, Chinese string }

// Marks are all of them; a test of package playground holds them to the protocol's.
var Marks = []Mark{
	{"retransmission", SegRetransmitted, "重传"},
	{"duplicate_ack", SegDuplicateACK, "重复 ACK"},
	{"out_of_order", "out-of-order segment", "乱序报文段"},
	{"zero_window", SegZeroWindow, "零窗口"},
	{"window_probe", SegWindowProbe, "窗口探测"},
	{"window_update", "window update", "窗口更新"},
	{"keepalive", SegKeepalive, "保活探测"},
	{"keepalive_ack", "keepalive ACK", "对保活的应答"},
	{"spurious_retransmission", "spurious retransmission", "不必要的重传"},
	{"dsack", "DSACK", "DSACK"},
	{"window_full", "window full", "填满窗口的数据段"},
}

// MarkOf is the protocol's name of a mark that is a kind of Seg; empty for the other kinds.
func MarkOf(kind string) string {
	if i := markAt(kind); i >= 0 {
		return Marks[i].Name
	}
	return ""
}

func markAt(kind string) int {
	return slices.IndexFunc(Marks, func(m Mark) bool { return m.Noun == kind })
}

// nouns are the kinds of segment that have a name of their own, in the singular.
var nouns = func() []string {
	list := []string{SegAny, SegDropped}
	for _, m := range Marks {
		list = append(list, m.Noun)
	}
	return list
}()

// spelled are the ways to write the nouns, and which one each is; a longer one comes before those that it begins with. A
// mark may be written as the protocol has it and as it stands on the ladder.
var spelled = func() (list [][2]string) {
	for _, n := range nouns {
		list = append(list, [2]string{n, n})
	}
	for _, m := range Marks {
		list = append(list, [2]string{m.Name, m.Noun}, [2]string{strings.ReplaceAll(m.Name, "_", " "), m.Noun})
	}
	slices.SortStableFunc(list, func(a, b [2]string) int { return cmp.Compare(len(b[0]), len(a[0])) })
	return list
}()
