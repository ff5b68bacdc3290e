package segment_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"socketplayground/playground/segment"
)

const (
	fin, syn, rst, psh = segment.FIN, segment.SYN, segment.RST, segment.PSH
	ack, urg, ece, cwr = segment.ACK, segment.URG, segment.ECE, segment.CWR
	ae                 = segment.AE
)

func TestDecode(t *testing.T) {
	d := segment.NewDecoder()
	for _, hosts := range []struct {
		name     string
		src, dst netip.AddrPort
		ipHeader int
	}{{"IPv4", client4, server4, 20}, {"IPv6", server6, client6, 40}} {
		tests := []struct {
			name      string
			want      segment.Segment // what a packet is built from
			tcpHeader int
		}{
			{"SYN", segment.Segment{Seq: 1000, Flags: syn | ece | cwr | ae, Window: 64240, Options: synOptions}, 40},
			{"data", segment.Segment{Seq: 1<<32 - 2, Ack: 5001, Flags: psh | ack, Window: 502, Payload: []byte("hello")}, 20},
			{"data with SACK", segment.Segment{Seq: 1, Ack: 2, Flags: ack, Window: 502, Options: dataOptions, Payload: []byte("hell")}, 44},
			{"FIN", segment.Segment{Seq: 7, Ack: 8, Flags: fin | ack}, 20},
			{"RST", segment.Segment{Seq: 9, Flags: rst}, 20},
			{"urgent", segment.Segment{Seq: 9, Ack: 9, Flags: urg | ack, Urgent: 1, Payload: []byte{1}}, 20},
			{"large", segment.Segment{Flags: ack, Payload: bytes.Repeat([]byte{0xff, 0x0f, 3}, 20_000)}, 20},
		}
		for _, test := range tests {
			t.Run(hosts.name+" "+test.name, func(t *testing.T) {
				want := test.want
				want.Src, want.Dst, want.TTL, want.Protocol = hosts.src, hosts.dst, 64, 6
				want.DontFragment = hosts.src.Addr().Is4()
				p := packet(t, want)
				want.IPHeader, want.TCPHeader, want.TotalLen, want.PayloadLen = hosts.ipHeader, test.tcpHeader, len(p), len(want.Payload)
				want.Checksum = binary.BigEndian.Uint16(p[hosts.ipHeader+16:])
				want.ChecksumState = segment.ChecksumValid
				for _, trailer := range []int{0, 6} { // short Ethernet frames are filled up
					var got segment.Segment
					if err := d.Decode(append(slices.Clip(p), make([]byte, trailer)...), &got); err != nil {
						t.Fatal(err)
					}
					same(t, got, want)
				}
			})
		}
	}
}

// same compares segments; an empty slice is the same as none.
func same(t *testing.T, got, want segment.Segment) {
	t.Helper()
	for _, s := range []*segment.Segment{&got, &want} {
		s.Payload = append([]byte{}, s.Payload...)
		options := []segment.Option{}
		for _, o := range s.Options {
			options = append(options, segment.Option{Kind: o.Kind, Data: append([]byte{}, o.Data...)})
		}
		s.Options = options
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestCutOff(t *testing.T) {
	d := segment.NewDecoder()
	for _, src := range []netip.AddrPort{client4, client6} {
		dst := server4
		if src == client6 {
			dst = server6
		}
		whole := packet(t, segment.Segment{Src: src, Dst: dst, Seq: 5, Flags: syn, Options: synOptions, Payload: []byte("fast open")})
		ip := len(whole) - 49 // bytes of IP header
		for n := range len(whole) {
			var s segment.Segment
			err := d.Decode(whole[:n:n], &s)
			if n < ip+20 {
				if err == nil {
					t.Errorf("%d bytes of %d were decoded", n, len(whole))
				}
				continue
			}
			if err != nil {
				t.Errorf("%d bytes of %d: %v", n, len(whole), err)
				continue
			}
			options := 0
			if n >= ip+40 {
				options = len(synOptions)
			}
			if s.Seq != 5 || s.PayloadLen != 9 || len(s.Payload) != max(0, n-ip-40) || len(s.Options) != options ||
				s.TotalLen != len(whole) || s.IPHeader != ip || s.TCPHeader != 40 || s.ChecksumState != segment.ChecksumUnknown {
				t.Errorf("%d bytes of %d: %+v", n, len(whole), s)
			}
		}
	}
}

func TestChecksum(t *testing.T) {
	for _, hosts := range [][2]netip.AddrPort{{client4, server4}, {client6, server6}} {
		right := packet(t, segment.Segment{Src: hosts[0], Dst: hosts[1], Flags: ack, Payload: []byte("odd")})
		at := len(right) - 3 - 20 + 16
		wrong := slices.Clone(right)
		wrong[len(wrong)-1] ^= 1
		// What Linux leaves where the hardware is to sum: the sum of the pseudo header alone.
		offloaded := slices.Clone(right)
		var sum uint32
		for _, a := range hosts {
			for b := a.Addr().AsSlice(); len(b) > 0; b = b[2:] {
				sum += uint32(binary.BigEndian.Uint16(b))
			}
		}
		sum += 6 + 23
		binary.BigEndian.PutUint16(offloaded[at:], uint16(sum>>16+sum&0xffff))
		tests := []struct {
			name   string
			packet []byte
			on     bool
			want   segment.Checksum
		}{
			{"right", right, false, segment.ChecksumValid},
			{"right although it need not", right, true, segment.ChecksumValid},
			{"wrong", wrong, false, segment.ChecksumWrong},
			{"wrong and not offloaded", wrong, true, segment.ChecksumWrong},
			{"not filled in", offloaded, true, segment.ChecksumOffload},
			{"not filled in where it should be", offloaded, false, segment.ChecksumWrong},
			{"cut off", right[:len(right)-1], false, segment.ChecksumUnknown},
			{"not filled in, cut off", offloaded[:len(right)-1], true, segment.ChecksumOffload},
			{"cut off, and not the pseudo header's sum", right[:len(right)-1], true, segment.ChecksumUnknown},
		}
		for _, test := range tests {
			t.Run(hosts[0].Addr().String()+" "+test.name, func(t *testing.T) {
				d := segment.NewDecoder()
				d.Offload(test.on)
				var s segment.Segment
				if err := d.Decode(test.packet, &s); err != nil {
					t.Fatal(err)
				}
				if s.ChecksumState != test.want {
					t.Errorf("got %v, want %v", s.ChecksumState, test.want)
				}
			})
		}
	}
}

// TestSuperSegment: lo carries packets whose length the IPv4 header cannot say, or leaves to a jumbo option.
func TestSuperSegment(t *testing.T) {
	payload := make([]byte, 70_000)
	d := segment.NewDecoder()
	p := append(packet(t, segment.Segment{Src: client4, Dst: server4, Flags: ack}), payload...)
	p[2], p[3] = 0, 0
	var s segment.Segment
	if err := d.Decode(p, &s); err != nil {
		t.Fatal(err)
	}
	if s.PayloadLen != len(payload) || s.TotalLen != len(p) {
		t.Errorf("IPv4: payload %d in %d bytes, want %d in %d", s.PayloadLen, s.TotalLen, len(payload), len(p))
	}

	plain := packet(t, segment.Segment{Src: client6, Dst: server6, Flags: ack})
	jumbo := binary.BigEndian.AppendUint32([]byte{6, 0, 0xc2, 4}, uint32(8+20+len(payload))) // RFC 2675 §2
	p = slices.Concat(plain[:40], jumbo, plain[40:], payload)
	p[4], p[5], p[6] = 0, 0, 0
	for _, cut := range []int{0, 50_000} {
		if err := d.Decode(p[:len(p)-cut], &s); err != nil {
			t.Fatal(err)
		}
		if s.PayloadLen != len(payload) || len(s.Payload) != len(payload)-cut || s.TotalLen != len(p) || s.IPHeader != 48 {
			t.Errorf("IPv6: payload %d (%d here) in %d bytes behind %d", s.PayloadLen, len(s.Payload), s.TotalLen, s.IPHeader)
		}
	}
}

func TestICMP(t *testing.T) {
	quoted4 := packet(t, segment.Segment{Src: client4, Dst: server4, Seq: 77, Flags: syn, Options: synOptions})
	quoted6 := packet(t, segment.Segment{Src: client6, Dst: server6, Seq: 78, Flags: syn})
	about4, about6 := [2]netip.AddrPort{client4, server4}, [2]netip.AddrPort{client6, server6}
	tests := []struct {
		name   string
		packet []byte
		want   segment.ICMP
	}{
		{"port", icmp4(t, 3, 3, 0, quoted4[:28]), segment.ICMP{Type: 3, Code: 3, Text: "destination unreachable: port", About: about4, Seq: 77}},
		{"fragmentation needed", icmp4(t, 3, 4, 1280, quoted4), segment.ICMP{Type: 3, Code: 4, Text: "destination unreachable: fragmentation needed", About: about4, Seq: 77, MTU: 1280}},
		{"new code", icmp4(t, 3, 99, 0, quoted4), segment.ICMP{Type: 3, Code: 99, Text: "destination unreachable: code 99", About: about4, Seq: 77}},
		{"time to live", icmp4(t, 11, 0, 0, quoted4), segment.ICMP{Type: 11, Text: "time exceeded: time to live", About: about4, Seq: 77}},
		{"no route", icmp6(t, 1, 0, 0, quoted6), segment.ICMP{Type: 1, Text: "destination unreachable: no route", About: about6, Seq: 78}},
		{"too big", icmp6(t, 2, 0, 1280, quoted6[:48]), segment.ICMP{Type: 2, Text: "packet too big", About: about6, Seq: 78, MTU: 1280}},
		{"too big with a code", icmp6(t, 2, 1, 1280, quoted6), segment.ICMP{Type: 2, Code: 1, Text: "packet too big: code 1", About: about6, Seq: 78, MTU: 1280}},
	}
	d := segment.NewDecoder()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s segment.Segment
			if err := d.Decode(test.packet, &s); err != nil {
				t.Fatal(err)
			}
			if s.ICMP == nil || *s.ICMP != test.want {
				t.Errorf("got %+v, want %+v", s.ICMP, test.want)
			}
			if s.ChecksumState != segment.ChecksumValid || s.Flags != 0 || s.TotalLen != len(test.packet) || s.Src.Addr() != test.want.About[1].Addr() {
				t.Errorf("the segment around it: %+v", s)
			}
			test.packet[len(test.packet)-1] ^= 1
			if err := d.Decode(test.packet, &s); err != nil || s.ChecksumState != segment.ChecksumWrong {
				t.Errorf("with a bit flipped: checksum %v, %v", s.ChecksumState, err)
			}
			if err := d.Decode(test.packet[:len(test.packet)-1], &s); err == nil && s.ChecksumState != segment.ChecksumUnknown {
				t.Errorf("cut off: checksum %v", s.ChecksumState)
			}
		})
	}
}

func TestNotDecoded(t *testing.T) {
	tcp := packet(t, segment.Segment{Src: client4, Dst: server4, Flags: syn, Options: synOptions})
	tcp6 := packet(t, segment.Segment{Src: client6, Dst: server6, Flags: syn})
	change := func(p []byte, at int, b byte) []byte {
		p = slices.Clone(p)
		p[at] = b
		return p
	}
	tests := []struct {
		name   string
		packet []byte
		want   error
		other  string
		ports  bool // they are known
	}{
		{"nothing", nil, segment.ErrNotTCP, "an empty packet", false},
		{"no IP version", make([]byte, 40), segment.ErrNotTCP, "no IP packet: version 0", false},
		{"UDP", change(tcp, 9, 17), segment.ErrNotTCP, "UDP", true},
		{"UDP over IPv6", change(tcp6, 6, 17), segment.ErrNotTCP, "UDP", true},
		{"ping", icmp4(t, 8, 0, 0, tcp), segment.ErrNotTCP, "ICMP EchoRequest", false},
		{"neighbour solicitation", icmp6(t, 135, 0, 0, make([]byte, 16)), segment.ErrNotTCP, "ICMPv6 NeighborSolicitation", false},
		{"error about UDP", icmp4(t, 3, 3, 0, change(tcp, 9, 17)), segment.ErrNotTCP, "ICMP DestinationUnreachable(Port)", false},
		{"error about UDP over IPv6", icmp6(t, 1, 4, 0, change(tcp6, 6, 17)), segment.ErrNotTCP, "ICMPv6 DestinationUnreachable(PortUnreachable)", false},
		{"error that quotes too little", icmp4(t, 3, 3, 0, tcp[:27]), segment.ErrNotTCP, "ICMP DestinationUnreachable(Port)", false},
		{"error that quotes another version", icmp4(t, 3, 3, 0, tcp6), segment.ErrNotTCP, "ICMP DestinationUnreachable(Port)", false},
		{"first fragment", change(tcp, 6, 0x20), segment.ErrFragment, "IP fragment of TCP from byte 0, more follow", true},
		{"later fragment", change(tcp, 7, 1), segment.ErrFragment, "IP fragment of TCP from byte 8, the last", false},
		{"IPv6 fragment", slices.Concat(tcp6[:4], []byte{0, 28, 44}, tcp6[7:40], []byte{6, 0, 0, 9, 0, 0, 0, 1}, tcp6[40:]), segment.ErrFragment, "IP fragment of TCP from byte 8, more follow", false},
		{"first fragment of UDP", change(change(tcp, 9, 17), 6, 0x20), segment.ErrFragment, "IP fragment of UDP from byte 0, more follow", true},
		{"an IPv6 extension header that is longer than its packet", slices.Concat(tcp6[:6], []byte{60}, tcp6[7:40], []byte{6, 9}, tcp6[42:]), segment.ErrMalformed, "broken IPv6 extension header 60: longer than its packet", false},
		{"an IPv6 packet without anything", slices.Concat(tcp6[:4], []byte{0, 8, 60}, tcp6[7:40], []byte{59, 0, 0, 0, 0, 0, 0, 0}), segment.ErrNotTCP, "NoNextHeader", false},
		{"encrypted", change(tcp6, 6, 50), segment.ErrNotTCP, "IPSecESP", false},
		{"SCTP", change(tcp, 9, 132), segment.ErrNotTCP, "SCTP", true},
		{"an IP protocol that nobody has heard of", change(tcp, 9, 200), segment.ErrNotTCP, "IP protocol 200", false},
		{"tunnel", serialize(t, network(client4.Addr(), server4.Addr(), layers.IPProtocolIPv4), gopacket.Payload(tcp)), segment.ErrNotTCP, "a tunnel of IPv4", false},
		{"tunnel of IPv6", serialize(t, network(client6.Addr(), server6.Addr(), layers.IPProtocolIPv6), gopacket.Payload(tcp6)), segment.ErrNotTCP, "a tunnel of IPv6", false},
		{"IP header shorter than allowed", change(tcp, 0, 0x44), segment.ErrMalformed, "broken IPv4 header: Invalid (too small) IP header length (4 < 5)", false},
		{"IP header cut off", tcp[:19], segment.ErrMalformed, "broken IPv4 header: Invalid ip4 header. Length 19 less than 20", false},
		{"IPv6 header cut off", tcp6[:39], segment.ErrMalformed, "broken IPv6 header: 39 bytes, fewer than 40", false},
		{"nothing behind the IP header", serialize(t, network(client4.Addr(), server4.Addr(), layers.IPProtocolTCP)), segment.ErrMalformed, "broken TCP header: 0 bytes, fewer than 20", false},
		{"TCP header shorter than allowed", change(tcp, 32, 0x40), segment.ErrMalformed, "broken TCP header: data offset 4, less than 5", true},
		{"TCP header longer than its packet", change(tcp6, 52, 0xf0), segment.ErrMalformed, "broken TCP header: data offset 15, 60 bytes, in a segment of 20", true},
		{"TCP header longer than its cut packet", change(tcp, 32, 0xf0)[:50], segment.ErrMalformed, "broken TCP header: data offset 15, 60 bytes, in a segment of 40", true},
	}
	d := segment.NewDecoder()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := segment.Segment{Seq: 1}
			if err := d.Decode(test.packet, &s); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if s.Other != test.other || (s.Src.Port() != 0) != test.ports || (s.Dst.Port() != 0) != test.ports {
				t.Errorf("it is %q, from %v to %v; want %q, ports %v", s.Other, s.Src, s.Dst, test.other, test.ports)
			}
			if len(test.packet) >= 40 && test.packet[0]>>4 != 0 && !s.Src.Addr().IsValid() {
				t.Error("its addresses are lost")
			}
			if s.Seq != 0 || s.Flags != 0 || s.TCPHeader != 0 || s.ICMP != nil || s.ChecksumState != segment.ChecksumUnknown {
				t.Errorf("left behind: %+v", s)
			}
		})
	}
}

// TestSourceRoute: the sum of a source-routed packet is over an address that is still to come.
func TestSourceRoute(t *testing.T) {
	ip := network(client4.Addr(), server4.Addr(), layers.IPProtocolTCP).(*layers.IPv4)
	ip.Options = []layers.IPv4Option{{OptionType: 131, OptionLength: 7, OptionData: []byte{4, 198, 51, 100, 1}}}
	p := serialize(t, ip, tcpLayer(t, segment.Segment{Src: client4, Dst: server4, Flags: syn}, ip), gopacket.Payload(nil))
	var s segment.Segment
	if err := segment.NewDecoder().Decode(p, &s); err != nil {
		t.Fatal(err)
	}
	if s.ChecksumState != segment.ChecksumUnknown || s.IPHeader != 28 {
		t.Errorf("checksum %v, IP header %d; want unknown, 28", s.ChecksumState, s.IPHeader)
	}
}

func TestOptionValues(t *testing.T) {
	options := []segment.Option{
		{Kind: 2, Data: []byte{0x05, 0xb4}}, {Kind: 3, Data: []byte{7}}, {Kind: 4}, {Kind: 1},
		{Kind: 8, Data: []byte{0xe9, 0x7b, 0x4c, 0x9e, 0x2b, 0x7e, 0x15, 0x1a}},
		{Kind: 5, Data: []byte{0, 0, 0, 10, 0, 0, 0, 20, 0, 0, 0, 30, 0, 0, 0, 40}},
		{Kind: 34, Data: []byte{0xab, 0xcd}}, {Kind: 34}, {Kind: 254, Data: []byte{0xf9, 0x89, 1, 2}}, {Kind: 254, Data: []byte{1, 2, 3}},
		{Kind: 99, Data: []byte{0xde, 0xad}}, {Kind: 2, Data: []byte{1}}, {Kind: 5, Data: []byte{1, 2, 3}},
		{Kind: 19, Data: make([]byte, 16)}, {Kind: 28, Data: []byte{0, 30}}, {Kind: 28, Data: []byte{0x80, 5}}, {Kind: 29, Data: []byte{1, 2, 0xaa, 0xbb}},
		{Kind: 30, Data: []byte{0x10, 1}}, {Kind: 30, Data: []byte{0x20, 1}}, {Kind: 30, Data: []byte{0x80, 1}}, {Kind: 69, Data: []byte{0x21}},
		{Kind: 172, Data: []byte{0, 0, 1, 0, 1, 0, 1, 0, 0}}, {Kind: 174, Data: []byte{0, 0, 1, 0, 0, 2}}, {Kind: 174}, {Kind: 172, Data: []byte{1}},
		{Kind: 253, Data: []byte{0x45, 0x4e, 1}}, {Kind: 254, Data: []byte{0xe2, 0xd4, 0xc3, 0xd9}}, {Kind: 254, Data: []byte{1}}, {Kind: 0},
	}
	s := segment.Segment{Options: options}
	got := s.OptionValues(segment.Tracked{SACK: [][2]uint32{{1449, 2897}, {4345, 5793}}})
	want := []segment.OptionValue{
		{2, "mss", "1460"}, {3, "wscale", "7"}, {4, "sack_permitted", ""}, {1, "nop", ""},
		{8, "timestamps", "3917171870 729683226"}, {5, "sack", "1449-2897 4345-5793"},
		{34, "fast_open", "abcd"}, {34, "fast_open", ""}, {254, "fast_open", "0102"}, {254, "experiment", "0102 03"},
		{99, "unknown", "dead"}, {2, "broken", "01"}, {5, "broken", "010203"},
		{19, "md5", "00000000000000000000000000000000"}, {28, "user_timeout", "30 s"}, {28, "user_timeout", "5 min"}, {29, "ao", "1 2 aabb"},
		{30, "mptcp", "MP_JOIN 1001"}, {30, "mptcp", "DSS 2001"}, {30, "mptcp", "MP_TCPRST 8001"}, {69, "encryption_negotiation", "21"},
		{172, "accecn0", "EE0B 1 ECEB 256 EE1B 65536"}, {174, "accecn1", "EE1B 1 ECEB 2"}, {174, "accecn1", ""}, {172, "broken", "01"},
		{253, "experiment", "454e 01"}, {254, "experiment", "e2d4 c3d9"}, {254, "broken", "01"}, {0, "eol", ""},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestFlags(t *testing.T) {
	for f, want := range map[segment.Flags]string{
		0: "", syn: "SYN", syn | ack: "SYN, ACK", fin | psh | ack: "FIN, PSH, ACK", rst | ack: "RST, ACK",
		fin | syn | rst | psh | ack | urg | ece | cwr: "SYN, FIN, RST, PSH, ACK, URG, ECE, CWR", syn | ece | cwr | ae: "SYN, ECE, CWR, AE",
	} {
		if got := f.String(); got != want {
			t.Errorf("%#x: got %q, want %q", uint16(f), got, want)
		}
	}
	if (syn | ack).Has(syn|fin) || !(syn | ack).Has(syn) {
		t.Error("Has must ask for all of the flags")
	}
}

func TestNames(t *testing.T) {
	var states []string
	for c := range segment.ChecksumOffload + 1 {
		states = append(states, c.String())
	}
	if got := strings.Join(states, " "); got != "unknown valid wrong offload" {
		t.Errorf("checksum states: %s", got)
	}
	all := segment.Marks(1<<11 - 1)
	if got := strings.Join(all.Names(), " "); got != "retransmission duplicate_ack out_of_order zero_window window_probe window_update keepalive keepalive_ack spurious_retransmission dsack window_full" {
		t.Errorf("marks: %s", got)
	}
	if got := segment.Marks(0).Names(); got != nil {
		t.Errorf("no marks: %v", got)
	}
}
