package segment_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground/segment"
)

// side is an end of the connection that a story is about.
type side int

const (
	client side = iota
	server
)

// step is one segment of a story. Its numbers are relative; the ends' first ones are chosen by who plays the story.
type step struct {
	from     side
	flags    segment.Flags
	seq, ack uint32
	len      int
	win      uint16
	scale    []byte      // the option wscale of a SYN
	sack     [][2]uint32 // relative
	want     string      // the marks, "(2)" for the second duplicate ACK in a row, "of 3" for the third segment
	shark    string      // Wireshark's marks where they differ from want's: "none" or their names
}

type story struct {
	name  string
	steps []step
}

// handshake opens a connection. Windows are scaled by 7 from then on.
var handshake = []step{
	{from: client, flags: syn, win: 64240, scale: []byte{7}},
	{from: server, flags: syn | ack, ack: 1, win: 65160, scale: []byte{7}},
	{from: client, flags: ack, seq: 1, ack: 1, win: 502},
}

func opened(steps ...step) []step { return slices.Concat(handshake, steps) }

// c and s are segments of client and server in an open connection; their window is 502 and 509.
func c(flags segment.Flags, seq, ack uint32, n int, want string) step {
	return step{from: client, flags: flags, seq: seq, ack: ack, len: n, win: 502, want: want}
}

func s(flags segment.Flags, seq, ack uint32, n int, want string) step {
	return step{from: server, flags: flags, seq: seq, ack: ack, len: n, win: 509, want: want}
}

// but changes what is unusual about a step.
func (x step) window(w uint16) step           { x.win = w; return x }
func (x step) sacks(blocks ...[2]uint32) step { x.sack = blocks; return x }
func (x step) wireshark(marks string) step    { x.shark = marks; return x }

var stories = []story{
	{"open, talk, close", opened(
		c(psh|ack, 1, 1, 5, ""), s(ack, 1, 6, 0, ""), s(psh|ack, 1, 6, 5, ""), c(ack, 6, 6, 0, ""),
		c(fin|ack, 6, 6, 0, ""), s(ack, 6, 7, 0, ""), s(fin|ack, 6, 7, 0, ""), c(ack, 7, 7, 0, ""),
	)},
	{"lost data", opened(
		c(psh|ack, 1, 1, 5, ""), c(psh|ack, 1, 1, 5, "retransmission of 4"), c(psh|ack, 1, 1, 5, "retransmission of 4"), s(ack, 1, 6, 0, ""),
	)},
	{"sent again in other pieces", opened(
		c(ack, 1, 1, 100, ""), c(ack, 101, 1, 100, ""),
		c(psh|ack, 51, 1, 100, "retransmission of 4").wireshark("out_of_order"), // begins within the first
		c(psh|ack, 101, 1, 200, "retransmission of 5"),                          // and goes on behind the second
		c(psh|ack, 201, 1, 100, "retransmission of 7"), s(ack, 1, 301, 0, ""),
	)},
	{"one lost byte is no keepalive", opened(
		c(psh|ack, 1, 1, 1, ""), c(psh|ack, 1, 1, 1, "retransmission of 4").wireshark("keepalive"), s(ack, 1, 2, 0, ""),
		c(psh|ack, 1, 1, 1, "retransmission+spurious_retransmission of 4").wireshark("keepalive"),
	)},
	{"the ACK was late", opened(
		c(psh|ack, 1, 1, 5, ""), s(ack, 1, 6, 0, ""), c(psh|ack, 1, 1, 5, "retransmission+spurious_retransmission of 4"),
		s(ack, 1, 6, 0, "dsack").sacks([2]uint32{1, 6}).wireshark("duplicate_ack"),
	)},
	{"lost SYN", []step{
		{from: client, flags: syn, win: 64240, scale: []byte{7}},
		{from: client, flags: syn, win: 64240, scale: []byte{7}, want: "retransmission of 1"},
		{from: server, flags: syn | ack, ack: 1, win: 65160, scale: []byte{7}},
		c(ack, 1, 1, 0, ""),
	}},
	{"lost SYN, ACK", []step{
		{from: client, flags: syn, win: 64240, scale: []byte{7}},
		{from: server, flags: syn | ack, ack: 1, win: 65160, scale: []byte{7}},
		// It was acknowledged as far as the server knows. Wireshark asks so of payload only, not of SYN and FIN.
		{from: client, flags: syn, win: 64240, scale: []byte{7}, want: "retransmission+spurious_retransmission of 1", shark: "retransmission"},
		{from: server, flags: syn | ack, ack: 1, win: 65160, scale: []byte{7}, want: "retransmission of 2"},
		c(ack, 1, 1, 0, ""),
	}},
	{"lost third ACK", opened(
		step{from: server, flags: syn | ack, ack: 1, win: 65160, scale: []byte{7}, want: "retransmission+spurious_retransmission of 2", shark: "retransmission"},
		c(ack, 1, 1, 0, "dsack").sacks([2]uint32{0, 1}).wireshark("duplicate_ack"),
	)},
	{"lost FIN", opened(
		c(fin|ack, 1, 1, 0, ""), c(fin|ack, 1, 1, 0, "retransmission of 4"), s(ack, 1, 2, 0, ""),
		s(fin|ack, 1, 2, 0, ""), c(ack, 2, 2, 0, ""),
		s(fin|ack, 1, 2, 0, "retransmission+spurious_retransmission of 7").wireshark("retransmission"), c(ack, 2, 2, 0, "").wireshark("duplicate_ack"), // nothing is outstanding
	)},
	{"fast retransmit", opened(
		c(ack, 1, 1, 100, ""), c(ack, 101, 1, 100, ""), c(ack, 201, 1, 100, ""), c(ack, 301, 1, 100, ""),
		s(ack, 1, 101, 0, ""), // 101 is lost
		s(ack, 1, 101, 0, "duplicate_ack (1) of 8").sacks([2]uint32{201, 301}),
		s(ack, 1, 101, 0, "duplicate_ack (2) of 8").sacks([2]uint32{201, 401}),
		s(ack, 1, 101, 0, "duplicate_ack (3) of 8").sacks([2]uint32{201, 401}),
		c(ack, 101, 1, 100, "retransmission of 5"),
		s(ack, 1, 401, 0, ""), s(ack, 1, 401, 0, "").wireshark("duplicate_ack"), // nothing is outstanding
	)},
	{"duplicate ACKs without SACK", opened(
		c(ack, 1, 1, 100, ""), c(ack, 101, 1, 100, ""), c(ack, 201, 1, 100, ""), c(ack, 301, 1, 100, ""),
		s(ack, 1, 101, 0, ""), s(ack, 1, 101, 0, "duplicate_ack (1) of 8"), s(ack, 1, 101, 0, "duplicate_ack (2) of 8"),
		s(ack, 1, 101, 0, "").window(500).wireshark("window_update"), // the window says something new
		c(ack, 101, 1, 100, "retransmission of 5"), s(ack, 1, 401, 0, "").window(500),
	)},
	{"what came twice is told beside what is missing", opened(
		c(ack, 1, 1, 100, ""), c(ack, 101, 1, 100, ""), c(ack, 201, 1, 100, ""), c(ack, 301, 1, 100, ""),
		s(ack, 1, 101, 0, ""), // 101 is lost
		s(ack, 1, 101, 0, "duplicate_ack (1) of 8").sacks([2]uint32{201, 301}),
		s(ack, 1, 101, 0, "dsack").sacks([2]uint32{201, 301}, [2]uint32{201, 301}).wireshark("duplicate_ack"),
		s(ack, 1, 101, 0, "dsack").sacks([2]uint32{1, 101}, [2]uint32{201, 301}).wireshark("duplicate_ack"),
		s(ack, 1, 101, 0, "dsack").window(508).sacks([2]uint32{1, 101}).wireshark("window_update"),
		s(ack, 1, 101, 0, "duplicate_ack+dsack (2) of 8").window(508).sacks([2]uint32{201, 301}, [2]uint32{201, 401}).wireshark("duplicate_ack"),
		s(ack, 1, 101, 0, "duplicate_ack (3) of 8").window(508).sacks([2]uint32{201, 401}).wireshark("duplicate_ack"),
		c(ack, 101, 1, 100, "retransmission of 5").wireshark("retransmission"), s(ack, 1, 401, 0, "").window(508),
	)},
	{"a duplicate ACK whose window moves is one by what its SACK blocks tell", opened(
		c(ack, 1, 1, 100, ""), c(ack, 101, 1, 100, ""),
		s(ack, 1, 1, 0, "").wireshark("window_update"), // the SYN, ACK had 65160, and 8 bytes cannot be said with this scale
		s(ack, 1, 1, 0, "duplicate_ack (1) of 2").window(508).sacks([2]uint32{101, 201}).wireshark("window_update"),
		s(ack, 1, 1, 0, "window_update").window(510).sacks([2]uint32{101, 201}), // which tell nothing new
		s(ack, 1, 1, 0, "duplicate_ack+window_update (2) of 2").window(511).sacks([2]uint32{301, 401}, [2]uint32{101, 201}).wireshark("window_update"),
		s(ack, 1, 1, 0, "").window(507).wireshark("window_update"), // smaller: neither
	)},
	{"data with an old acknowledgment is no duplicate ACK", opened(
		s(psh|ack, 1, 1, 5, ""), s(psh|ack, 6, 1, 5, ""), c(ack, 1, 11, 0, ""),
	)},
	{"not seen in order", opened(
		c(ack, 201, 1, 100, ""), // a gap, of which Wireshark has a mark and we have none
		c(ack, 1, 1, 100, "out_of_order"), c(ack, 51, 1, 100, "retransmission of 5"),
		c(ack, 151, 1, 50, "out_of_order").wireshark("retransmission"), c(ack, 1, 1, 100, "retransmission of 5"), s(ack, 1, 301, 0, ""),
	)},
	{"a gap that was acknowledged is no gap", opened(
		c(ack, 101, 1, 100, ""), s(ack, 1, 201, 0, ""), c(ack, 1, 1, 100, "retransmission+spurious_retransmission"),
	)},
	{"zero window, probes of Linux, update", opened(
		c(ack, 1, 1, 1000, ""), s(ack, 1, 1001, 0, "zero_window").window(0),
		c(ack, 1000, 1, 0, "window_probe").wireshark("keepalive"), s(ack, 1, 1001, 0, "zero_window").window(0),
		c(ack, 1000, 1, 0, "window_probe").wireshark("keepalive"), s(ack, 1, 1001, 0, "zero_window").window(0),
		s(ack, 1, 1001, 0, "window_update").window(400), c(ack, 1001, 1, 1000, ""), s(ack, 1, 2001, 0, "").window(392),
	)},
	{"the window update was lost", opened(
		c(ack, 1, 1, 1000, ""), s(ack, 1, 1001, 0, "zero_window").window(0), c(ack, 1000, 1, 0, "window_probe").wireshark("keepalive"),
		s(ack, 1, 1001, 0, "zero_window").window(0),
		s(ack, 1, 1001, 0, "window_update").window(400),                                  // does not arrive
		c(ack, 1000, 1, 0, "window_probe").wireshark("keepalive"),                        // so it asks once more
		s(ack, 1, 1001, 0, "").window(400).wireshark("keepalive_ack"),                    // no duplicate: it was asked for
		c(ack, 1000, 1, 0, "keepalive"), s(ack, 1, 1001, 0, "keepalive_ack").window(400), // the run of probes was over
	)},
	{"zero window, probes of one byte", opened(
		c(ack, 1, 1, 1000, ""), s(ack, 1, 1001, 0, "zero_window").window(0),
		c(ack, 1001, 1, 1, "window_probe"), s(ack, 1, 1001, 0, "zero_window").window(0),
		c(ack, 1001, 1, 1, "window_probe"), s(ack, 1, 1001, 0, "zero_window").window(0),
		s(ack, 1, 1001, 0, "window_update").window(400), c(ack, 1001, 1, 1000, ""), s(ack, 1, 2001, 0, "").window(392),
	)},
	{"a probe's byte is taken", opened(
		c(ack, 1, 1, 1000, ""), s(ack, 1, 1001, 0, "zero_window").window(0),
		c(ack, 1001, 1, 1, "window_probe"), s(ack, 1, 1002, 0, "").window(400),
		c(ack, 1002, 1, 100, ""), s(ack, 1, 1102, 0, "").window(399),
	)},
	{"a probe's byte was ordinary data", opened(
		c(ack, 1, 1, 1000, ""), s(ack, 1, 1001, 0, "zero_window").window(0),
		c(ack, 1001, 1, 1, "window_probe"), c(ack, 1002, 1, 100, ""), c(ack, 1001, 1, 1, "retransmission of 6").wireshark("out_of_order"),
	)},
	{"data against a window that closed meanwhile", opened(
		c(ack, 1, 1, 1000, ""), c(ack, 1001, 1, 1000, ""), s(ack, 1, 1001, 0, "zero_window").window(0), c(ack, 1001, 1, 1000, "retransmission of 5"),
	)},
	{"a FIN may close the window too", opened(
		s(fin|ack, 1, 1, 0, "zero_window").window(0).wireshark("none"), c(ack, 1, 2, 0, ""),
	)},
	{"keepalive", opened(
		c(psh|ack, 1, 1, 5, ""), s(ack, 1, 6, 0, ""),
		c(ack, 5, 1, 0, "keepalive"), s(ack, 1, 6, 0, "keepalive_ack"),
		c(ack, 5, 1, 1, "keepalive"), s(ack, 1, 6, 0, "keepalive_ack"), // with a byte of no meaning
		c(ack, 5, 1, 0, "keepalive"), c(ack, 5, 1, 0, "keepalive"), s(ack, 1, 6, 0, "keepalive_ack"),
		s(ack, 1, 6, 0, "keepalive_ack"),                               // each has its answer
		s(ack, 1, 6, 0, "").wireshark("keepalive_ack"),                 // not asked for
		s(ack, 0, 6, 0, "keepalive"), c(ack, 6, 1, 0, "keepalive_ack"), // the other way
	)},
	{"keepalives cross", opened(
		c(psh|ack, 1, 1, 5, ""), s(ack, 1, 6, 0, ""),
		c(ack, 5, 1, 0, "keepalive"), s(ack, 0, 6, 0, "keepalive"),
		c(ack, 6, 1, 0, "keepalive_ack"), s(ack, 1, 6, 0, "keepalive_ack").wireshark("duplicate_ack"),
		s(ack, 0, 6, 0, "keepalive"), c(ack, 5, 1, 0, "keepalive"),
		s(ack, 1, 6, 0, "keepalive_ack"), c(ack, 6, 1, 0, "keepalive_ack").wireshark("duplicate_ack"),
		c(ack, 5, 1, 1, "keepalive"), s(ack, 0, 6, 1, "keepalive"), // with a byte of no meaning
		c(ack, 6, 1, 0, "keepalive_ack+dsack").sacks([2]uint32{0, 1}).wireshark("keepalive_ack"),
		s(ack, 1, 6, 0, "keepalive_ack+dsack").sacks([2]uint32{5, 6}).wireshark("duplicate_ack"),
	)},
	{"a keepalive with a byte, after FIN", opened(
		c(fin|ack, 1, 1, 0, ""), s(ack, 1, 2, 0, ""), c(ack, 1, 1, 1, "keepalive"), s(ack, 1, 2, 0, "keepalive_ack"),
		c(fin|ack, 1, 1, 0, "retransmission+spurious_retransmission of 4").wireshark("retransmission"),
	)},
	{"a keepalive crosses data", opened(
		c(psh|ack, 1, 1, 5, ""), s(ack, 1, 6, 0, ""),
		c(ack, 5, 1, 0, "keepalive"), s(psh|ack, 1, 6, 5, ""),
		c(ack, 6, 6, 0, ""), s(ack, 6, 6, 0, "keepalive_ack").wireshark("duplicate_ack"),
		c(ack, 5, 6, 0, "keepalive"), c(psh|ack, 6, 6, 5, ""), // and goes before data
		s(ack, 6, 6, 0, "keepalive_ack").wireshark("duplicate_ack"), s(ack, 6, 11, 0, ""),
	)},
	{"a keepalive was lost", opened(
		c(psh|ack, 1, 1, 5, ""), s(ack, 1, 6, 0, ""),
		c(ack, 5, 1, 0, "keepalive"), c(psh|ack, 6, 1, 5, ""), s(ack, 1, 11, 0, ""), // what came later was acknowledged
		c(ack, 11, 1, 100, ""), c(ack, 111, 1, 100, ""), s(ack, 1, 11, 0, "duplicate_ack (1) of 8"),
		s(ack, 1, 211, 0, ""),
	)},
	{"lost behind a keepalive", opened(
		c(psh|ack, 1, 1, 5, ""), s(ack, 1, 6, 0, ""),
		c(ack, 5, 1, 0, "keepalive"), c(ack, 6, 1, 100, ""), c(ack, 106, 1, 100, ""),
		s(ack, 1, 6, 0, "duplicate_ack (1) of 5").sacks([2]uint32{106, 206}), // what it tells has to do with the data
		c(ack, 6, 1, 100, "retransmission of 7"), s(ack, 1, 206, 0, ""),
	)},
	{"a window probe crosses a keepalive", opened(
		c(ack, 1, 1, 1000, ""), s(ack, 1, 1001, 0, "zero_window").window(0),
		c(ack, 1000, 1, 0, "window_probe").wireshark("keepalive"), s(ack, 0, 1001, 0, "zero_window+keepalive").window(0),
		c(ack, 1001, 1, 0, "keepalive_ack"), s(ack, 1, 1001, 0, "zero_window").window(0),
		s(ack, 0, 1001, 0, "zero_window+keepalive").window(0), c(ack, 1000, 1, 0, "window_probe").wireshark("keepalive"),
		s(ack, 1, 1001, 0, "window_update").window(400), c(ack, 1001, 1, 0, "keepalive_ack").wireshark("duplicate_ack"),
	)},
	{"zero window, probes of an old byte", opened(
		c(ack, 1, 1, 1000, ""), s(ack, 1, 1001, 0, "zero_window").window(0),
		c(ack, 1000, 1, 1, "window_probe").wireshark("keepalive+window_full"),
		s(ack, 1, 1001, 0, "zero_window+dsack").window(0).sacks([2]uint32{1000, 1001}).wireshark("zero_window"),
		c(ack, 1000, 1, 1, "window_probe").wireshark("keepalive+window_full"), s(ack, 1, 1001, 0, "window_update").window(400),
		c(ack, 1000, 1, 1, "window_probe").wireshark("keepalive"), s(ack, 1, 1001, 0, "").window(400).wireshark("keepalive_ack"),
		c(ack, 1000, 1, 1, "keepalive"), s(ack, 1, 1001, 0, "keepalive_ack").window(400),
	)},
	{"the window is full", opened(
		s(ack, 1, 1, 0, "").window(16).wireshark("window_update"),
		c(ack, 1, 1, 2000, ""), c(psh|ack, 2001, 1, 48, "window_full"), s(ack, 1, 2049, 0, "zero_window").window(0),
		s(ack, 1, 2049, 0, "window_update").window(1), c(ack, 2049, 1, 127, ""), c(ack, 2176, 1, 1, "window_full"),
		c(ack, 2049, 1, 128, "retransmission+window_full of 9"),
	)},
	{"the window may be full, but nobody saw how it is scaled", []step{
		c(ack, 1, 1, 100, ""), s(ack, 1, 101, 0, "").window(100), c(ack, 101, 1, 100, ""), s(ack, 1, 201, 0, "").window(100),
	}},
	{"the window is full before it is scaled", []step{
		{from: client, flags: syn, win: 64240, scale: []byte{7}}, {from: server, flags: syn | ack, ack: 1, win: 1000, scale: []byte{7}},
		c(ack, 1, 1, 0, ""), c(ack, 1, 1, 1000, "window_full"), s(ack, 1, 1001, 0, ""),
	}},
	{"keepalive before any data", opened(c(ack, 0, 1, 0, "keepalive"), s(ack, 1, 1, 0, "keepalive_ack").wireshark("window_update"))},
	{"refused", []step{
		{from: client, flags: syn, win: 64240, scale: []byte{7}},
		{from: server, flags: rst | ack, seq: 0, ack: 1},
	}},
	{"reset", opened(
		c(psh|ack, 1, 1, 5, ""), s(rst|ack, 1, 6, 0, "").window(0), s(rst, 1, 0, 0, "").window(0),
	)},
	{"no window scale at one end", []step{
		{from: client, flags: syn, win: 64240, scale: []byte{7}}, {from: server, flags: syn | ack, ack: 1, win: 65160},
		c(psh|ack, 1, 1, 5, ""), s(ack, 1, 6, 0, ""),
	}},
}

// render says what was tracked in the words of step.want.
func render(tr segment.Tracked) string {
	text := strings.Join(tr.Marks.Names(), "+")
	if tr.DupAcks != 0 {
		text += fmt.Sprintf(" (%d)", tr.DupAcks)
	}
	if tr.Of != 0 {
		text += fmt.Sprintf(" of %d", tr.Of)
	}
	return text
}

// segments gives the story's segments; isn are the first numbers of client and server.
func (x story) segments(src, dst netip.AddrPort, isn [2]uint32) []segment.Segment {
	var all []segment.Segment
	for _, step := range x.steps {
		me, peer := isn[step.from], isn[1-step.from]
		one := segment.Segment{
			Src: src, Dst: dst, Flags: step.flags, Seq: step.seq + me, Window: step.win,
			Payload: make([]byte, step.len), PayloadLen: step.len,
		}
		if step.flags.Has(ack) {
			one.Ack = step.ack + peer
		}
		if step.from == server {
			one.Src, one.Dst = dst, src
		}
		if step.scale != nil {
			one.Options = append(one.Options, segment.Option{Kind: 3, Data: step.scale})
		}
		if step.sack != nil {
			var data []byte
			for _, b := range step.sack {
				data = binary.BigEndian.AppendUint32(data, b[0]+peer)
				data = binary.BigEndian.AppendUint32(data, b[1]+peer)
			}
			one.Options = append(one.Options, segment.Option{Kind: 5, Data: data})
		}
		all = append(all, one)
	}
	return all
}

// TestStories plays each story from several first numbers, so that the numbers begin again in its middle.
func TestStories(t *testing.T) {
	for _, x := range stories {
		t.Run(x.name, func(t *testing.T) {
			for _, isn := range [][2]uint32{{1000, 5000}, {0, 1<<32 - 1}, {1<<32 - 1, 1<<31 - 1}, {1<<32 - 150, 1<<32 - 3}, {1<<31 - 500, 0}} {
				tracker := segment.NewTracker()
				for i, one := range x.segments(client4, server4, isn) {
					want := x.steps[i]
					got := tracker.Track(uint64(i+1), int64(i), &one)
					if render(got) != want.want {
						t.Errorf("numbers from %d: segment %d: got %q, want %q", isn, i+1, render(got), want.want)
					}
					seq := want.seq
					if x.name == "refused" && i == 1 {
						seq = 1 // nothing of the server's was seen before: its first number counts as 1
					}
					if got.RelSeq != seq || got.RelAck != want.ack || !slices.Equal(got.SACK, want.sack) {
						t.Errorf("numbers from %d: segment %d: got %d, %d, SACK %v; want %d, %d, %v", isn, i+1, got.RelSeq, got.RelAck, got.SACK, seq, want.ack, want.sack)
					}
				}
			}
		})
	}
}
