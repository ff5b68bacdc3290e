package segment_test

import (
	"net/netip"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"socketplayground/playground/segment"
)

var (
	client4 = netip.MustParseAddrPort("192.0.2.1:40000")
	server4 = netip.MustParseAddrPort("192.0.2.2:8330")
	client6 = netip.MustParseAddrPort("[2001:db8::1]:40000")
	server6 = netip.MustParseAddrPort("[2001:db8::2]:8330")
)

// serialize builds a packet with right lengths and checksums.
func serialize(t testing.TB, all ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	options := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(b, options, all...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// network is the IP header for a packet from src to dst.
func network(src, dst netip.Addr, protocol layers.IPProtocol) interface {
	gopacket.SerializableLayer
	gopacket.NetworkLayer
} {
	if src.Is4() {
		return &layers.IPv4{Version: 4, TTL: 64, Protocol: protocol, Flags: layers.IPv4DontFragment, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
	}
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: protocol, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
}

// packet builds the packet of a segment from its addresses, numbers, flags, window, options and payload.
func packet(t testing.TB, s segment.Segment) []byte {
	t.Helper()
	ip := network(s.Src.Addr(), s.Dst.Addr(), layers.IPProtocolTCP)
	return serialize(t, ip, tcpLayer(t, s, ip), gopacket.Payload(s.Payload))
}

func tcpLayer(t testing.TB, s segment.Segment, ip gopacket.NetworkLayer) *layers.TCP {
	t.Helper()
	tcp := &layers.TCP{
		SrcPort: layers.TCPPort(s.Src.Port()), DstPort: layers.TCPPort(s.Dst.Port()), Seq: s.Seq, Ack: s.Ack,
		FIN: s.Flags.Has(segment.FIN), SYN: s.Flags.Has(segment.SYN), RST: s.Flags.Has(segment.RST), PSH: s.Flags.Has(segment.PSH),
		ACK: s.Flags.Has(segment.ACK), URG: s.Flags.Has(segment.URG), ECE: s.Flags.Has(segment.ECE), CWR: s.Flags.Has(segment.CWR), NS: s.Flags.Has(segment.AE),
		Window: s.Window, Urgent: s.Urgent,
	}
	for _, o := range s.Options {
		tcp.Options = append(tcp.Options, layers.TCPOption{OptionType: layers.TCPOptionKind(o.Kind), OptionData: o.Data})
	}
	if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
		t.Fatal(err)
	}
	return tcp
}

// synOptions are those of a Linux SYN.
var synOptions = []segment.Option{
	{Kind: 2, Data: []byte{0x05, 0xb4}}, {Kind: 4}, {Kind: 8, Data: []byte{0xe9, 0x7b, 0x4c, 0x9e, 0, 0, 0, 0}}, {Kind: 1}, {Kind: 3, Data: []byte{7}},
}

// dataOptions are those of a Linux segment with data that has received out of order.
var dataOptions = []segment.Option{
	{Kind: 1}, {Kind: 1}, {Kind: 8, Data: []byte{0xe9, 0x7b, 0x4c, 0x9e, 0x2b, 0x7e, 0x15, 0x1a}},
	{Kind: 1}, {Kind: 1}, {Kind: 5, Data: []byte{0, 0, 0x19, 0x38, 0, 0, 0x1e, 0xe0}},
}

// icmp4 and icmp6 build errors about a quoted packet; rest is the second word of the header.
func icmp4(t testing.TB, typ, code uint8, rest uint16, quoted []byte) []byte {
	t.Helper()
	return serialize(t, network(server4.Addr(), client4.Addr(), layers.IPProtocolICMPv4),
		&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(typ, code), Seq: rest}, gopacket.Payload(quoted))
}

func icmp6(t testing.TB, typ, code uint8, rest uint32, quoted []byte) []byte {
	t.Helper()
	ip := network(server6.Addr(), client6.Addr(), layers.IPProtocolICMPv6)
	icmp := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(typ, code)}
	if err := icmp.SetNetworkLayerForChecksum(ip); err != nil {
		t.Fatal(err)
	}
	payload := append([]byte{byte(rest >> 24), byte(rest >> 16), byte(rest >> 8), byte(rest)}, quoted...)
	return serialize(t, ip, icmp, gopacket.Payload(payload))
}
