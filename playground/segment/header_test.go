package segment_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/gopacket/gopacket/layers"

	"socketplayground/playground/segment"
)

// TestExtensionHeaders: TCP is found behind whatever extension headers there are.
func TestExtensionHeaders(t *testing.T) {
	plain := packet(t, segment.Segment{Src: client6, Dst: server6, Flags: ack, Payload: []byte("hello")})
	behind := func(headers ...[]byte) []byte { // each begins with the number of what follows it, as the IP header does
		p := slices.Concat(plain[:40], slices.Concat(headers...), plain[40:])
		binary.BigEndian.PutUint16(p[4:], uint16(len(p)-40))
		return p
	}
	tests := []struct {
		name     string
		first    byte
		packet   []byte
		checksum segment.Checksum
	}{
		{"hop by hop", 0, behind([]byte{6, 0, 1, 4, 0, 0, 0, 0}), segment.ChecksumValid},
		{"destination options, two words", 60, behind([]byte{6, 1, 1, 12, 15: 0}), segment.ChecksumValid},
		{"routing, at the last address", 43, behind([]byte{6, 0, 4, 0, 0, 0, 0, 0}), segment.ChecksumValid},
		{"routing, on the way", 43, behind([]byte{6, 2, 4, 1, 23: 0}), segment.ChecksumUnknown},
		{"a fragment that is the whole", 44, behind([]byte{6, 0, 0, 0, 0, 0, 0, 7}), segment.ChecksumValid},
		{"authentication", 51, behind([]byte{6, 4, 23: 1}), segment.ChecksumValid},
		{"three of them", 0, behind([]byte{60, 0, 1, 4, 0, 0, 0, 0}, []byte{43, 0, 1, 4, 0, 0, 0, 0}, []byte{6, 0, 4, 0, 0, 0, 0, 0}), segment.ChecksumValid},
	}
	d := segment.NewDecoder()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.packet[6] = test.first
			var s segment.Segment
			if err := d.Decode(test.packet, &s); err != nil {
				t.Fatal(err)
			}
			if string(s.Payload) != "hello" || s.IPHeader != len(test.packet)-25 || s.ChecksumState != test.checksum || s.Src != client6 {
				t.Errorf("got %+v, want the checksum %v", s, test.checksum)
			}
			for n := range len(test.packet) - 5 {
				if err := d.Decode(test.packet[:n], &s); n < len(test.packet)-5 && err == nil {
					t.Errorf("%d bytes of %d were decoded", n, len(test.packet))
				}
			}
		})
	}
}

// TestIPHeader: what the IP header says beside the addresses.
func TestIPHeader(t *testing.T) {
	ip4 := &layers.IPv4{Version: 4, TTL: 9, TOS: 46<<2 | 3, Id: 4711, Protocol: layers.IPProtocolTCP, SrcIP: client4.Addr().AsSlice(), DstIP: server4.Addr().AsSlice()}
	ip6 := &layers.IPv6{Version: 6, HopLimit: 8, TrafficClass: 10<<2 | 1, FlowLabel: 0xabcde, NextHeader: layers.IPProtocolTCP, SrcIP: client6.Addr().AsSlice(), DstIP: server6.Addr().AsSlice()}
	d := segment.NewDecoder()
	var s segment.Segment
	if err := d.Decode(serialize(t, ip4, tcpLayer(t, segment.Segment{Src: client4, Dst: server4}, ip4)), &s); err != nil {
		t.Fatal(err)
	}
	if s.TTL != 9 || s.DSCP() != 46 || s.ECN() != "CE" || s.IPID != 4711 || s.DontFragment {
		t.Errorf("IPv4: %+v", s)
	}
	if err := d.Decode(serialize(t, ip6, tcpLayer(t, segment.Segment{Src: client6, Dst: server6}, ip6)), &s); err != nil {
		t.Fatal(err)
	}
	if s.TTL != 8 || s.DSCP() != 10 || s.ECN() != "ECT(1)" || s.FlowLabel != 0xabcde || s.DontFragment {
		t.Errorf("IPv6: %+v", s)
	}
	for class, want := range []string{"Not-ECT", "ECT(1)", "ECT(0)", "CE"} {
		s.TrafficClass = uint8(class)
		if got := s.ECN(); got != want {
			t.Errorf("codepoint %d is called %s, want %s", class, got, want)
		}
	}
}

// withOptions is a SYN whose options are these bytes.
func withOptions(t *testing.T, options []byte) []byte {
	t.Helper()
	s := segment.Segment{Src: client4, Dst: server4, Flags: syn}
	for range len(options) {
		s.Options = append(s.Options, segment.Option{Kind: 1})
	}
	p := packet(t, s)
	copy(p[40:], options)
	return p
}

// TestBrokenOptions: what can be read of options is, and where they contradict themselves is told.
func TestBrokenOptions(t *testing.T) {
	mss := []byte{2, 4, 5, 0xb4}
	tests := []struct {
		name    string
		options []byte
		broken  int
		want    []segment.OptionValue
	}{
		{"MPTCP of length 4", slices.Concat([]byte{30, 4, 0x01, 0x81}, mss), 0, []segment.OptionValue{{Kind: 30, Name: "mptcp", Value: "MP_CAPABLE 0181"}, {Kind: 2, Name: "mss", Value: "1460"}}},
		{"MPTCP of a subtype to come", slices.Concat([]byte{30, 4, 0xf1, 0x81}, mss), 0, []segment.OptionValue{{Kind: 30, Name: "mptcp", Value: "subtype 15 f181"}, {Kind: 2, Name: "mss", Value: "1460"}}},
		{"length 0", slices.Concat(mss, []byte{8, 0, 1, 1}), 24, []segment.OptionValue{{Kind: 2, Name: "mss", Value: "1460"}, {Kind: 8, Name: "broken", Value: "000101"}}},
		{"length 1", slices.Concat(mss, []byte{3, 1, 7, 1}), 24, []segment.OptionValue{{Kind: 2, Name: "mss", Value: "1460"}, {Kind: 3, Name: "broken", Value: "010701"}}},
		{"past the end", slices.Concat(mss, []byte{1, 8, 10, 1}), 25, []segment.OptionValue{{Kind: 2, Name: "mss", Value: "1460"}, {Kind: 1, Name: "nop"}, {Kind: 8, Name: "broken", Value: "0a01"}}},
		{"a kind and the end", slices.Concat(mss, []byte{1, 1, 1, 5}), 27, []segment.OptionValue{{Kind: 2, Name: "mss", Value: "1460"}, {Kind: 1, Name: "nop"}, {Kind: 1, Name: "nop"}, {Kind: 1, Name: "nop"}, {Kind: 5, Name: "broken"}}},
		{"a length that the kind has not", []byte{2, 3, 1, 3, 3, 7, 1, 1}, 0, []segment.OptionValue{{Kind: 2, Name: "broken", Value: "01"}, {Kind: 3, Name: "wscale", Value: "7"}, {Kind: 1, Name: "nop"}, {Kind: 1, Name: "nop"}}},
		{"something behind the end", []byte{0, 0, 5, 6}, 0, []segment.OptionValue{{Kind: 0, Name: "eol", Value: "0506"}}},
		{"zeros behind the end", slices.Concat(mss, []byte{0, 0, 0, 0}), 0, []segment.OptionValue{{Kind: 2, Name: "mss", Value: "1460"}, {Kind: 0, Name: "eol"}}},
	}
	d := segment.NewDecoder()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s segment.Segment
			if err := d.Headers(withOptions(t, test.options), &s); err != nil {
				t.Fatal(err)
			}
			if got := s.OptionValues(segment.NewTracker().Track(1, 1, &s)); !slices.Equal(got, test.want) || s.OptionsBroken != test.broken {
				t.Errorf("got %v, broken at %d\nwant %v, broken at %d", got, s.OptionsBroken, test.want, test.broken)
			}
		})
	}
}

// TestAccECN: AE, CWR and ECE are a counter where SYN and SYN, ACK agreed on accurate ECN (RFC 9768 §3.1, table 2).
func TestAccECN(t *testing.T) {
	all := syn | ae | cwr | ece
	tests := []struct {
		name      string
		syn, back segment.Flags
		data      segment.Flags
		want      int8
	}{
		{"agreed, the SYN came without ECN", all, syn | ack | cwr, ack | ae | ece, 5},
		{"agreed, the SYN came as ECT(1)", all, syn | ack | cwr | ece, ack, 0},
		{"agreed, the SYN came as ECT(0)", all, syn | ack | ae, ack | ae | cwr | ece, 7},
		{"agreed, the SYN came with CE", all, syn | ack | ae | cwr, ack | cwr, 2},
		{"only classic ECN", all, syn | ack | ece, ack | cwr, -1},
		{"no ECN", all, syn | ack, ack | ece, -1},
		{"all bits came back", all, syn | ack | ae | cwr | ece, ack | ece, -1},
		{"asked for classic ECN", syn | cwr | ece, syn | ack | cwr, ack | cwr, -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPlay(t)
			for i, s := range []segment.Segment{one(test.syn, 0, 0, ""), back(test.back, 0, 1, "")} {
				if tr := p.track(s, ""); tr.ACE != -1 {
					t.Errorf("segment %d has the counter %d", i+1, tr.ACE)
				}
			}
			if tr := p.track(one(test.data, 1, 1, ""), ""); tr.ACE != test.want {
				t.Errorf("the client's counter is %d, want %d", tr.ACE, test.want)
			}
			if tr := p.track(back(test.data|psh, 1, 1, "x"), ""); tr.ACE != test.want {
				t.Errorf("the server's counter is %d, want %d", tr.ACE, test.want)
			}
		})
	}
}
