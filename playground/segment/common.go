package segment

import (
	"encoding/binary"
	"net/netip"
)

const (
	ipv4Header = 20 // without options
	ipv6Header = 40
	protoTCP   = 6
	kindMPTCP  = 30 // gopacket takes it apart differently
)

// common reads a packet as nearly all are: a whole TCP header behind an IP header without options or extensions, no
// fragment, and its options as they should be. On a fast wire gopacket, which can read all others, would be half of
// what it costs to know a segment. Of those others it says false, and s is then undefined.
func (d *Decoder) common(packet []byte, s *Segment) bool {
	be := binary.BigEndian
	if len(packet) < ipv4Header+minTCPHeader {
		return false
	}
	var src, dst netip.Addr
	switch packet[0] {
	case 0x45:
		const moreOrOffset = 0x3fff // of the field with the fragment's place (RFC 791 §3.1)
		if packet[9] != protoTCP || be.Uint16(packet[6:])&moreOrOffset != 0 {
			return false
		}
		s.IPHeader, s.TTL, s.TotalLen = ipv4Header, packet[8], int(be.Uint16(packet[2:]))
		src, dst = netip.AddrFrom4([4]byte(packet[12:])), netip.AddrFrom4([4]byte(packet[16:]))
	default:
		if packet[0]>>4 != 6 || len(packet) < ipv6Header+minTCPHeader || packet[6] != protoTCP || be.Uint16(packet[4:]) == 0 {
			return false
		}
		s.IPHeader, s.TTL, s.TotalLen = ipv6Header, packet[7], ipv6Header+int(be.Uint16(packet[4:]))
		src, dst = netip.AddrFrom16([16]byte(packet[8:])), netip.AddrFrom16([16]byte(packet[24:]))
	}
	ip := packet[:min(len(packet), s.TotalLen)] // without what a link layer put behind
	if len(ip) < s.IPHeader+minTCPHeader {
		return false
	}
	t := ip[s.IPHeader:]
	if s.TCPHeader = int(t[12]>>4) * 4; s.TCPHeader < minTCPHeader || s.TCPHeader > len(t) || !d.commonOptions(t[minTCPHeader:s.TCPHeader]) {
		return false
	}
	s.Src, s.Dst = netip.AddrPortFrom(src, be.Uint16(t)), netip.AddrPortFrom(dst, be.Uint16(t[2:]))
	s.Seq, s.Ack = be.Uint32(t[4:]), be.Uint32(t[8:])
	s.Flags, s.Window, s.Checksum, s.Urgent = Flags(t[13]), be.Uint16(t[14:]), be.Uint16(t[16:]), be.Uint16(t[18:])
	s.Options, s.Payload, s.PayloadLen = d.options, t[s.TCPHeader:], s.TotalLen-s.IPHeader-s.TCPHeader
	return true
}

// commonOptions reads options into d.
func (d *Decoder) commonOptions(b []byte) bool {
	d.options = d.options[:0]
	for len(b) > 0 {
		switch kind := b[0]; {
		case kind == kindNop:
			d.options, b = append(d.options, Option{Kind: kindNop}), b[1:]
		case kind == kindEnd, kind == kindMPTCP, len(b) < 2, b[1] < 2, int(b[1]) > len(b):
			return false
		default:
			d.options, b = append(d.options, Option{Kind: kind, Data: b[2:b[1]]}), b[b[1]:]
		}
	}
	return true
}
