package segment

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

var (
	// ErrNotTCP says that a packet is neither a TCP segment nor an ICMP error about one.
	ErrNotTCP = errors.New("segment: the packet is neither TCP nor an ICMP error about TCP")
	// ErrFragment says that a packet is a piece of a larger one: whether the rest ever comes, nobody knows.
	ErrFragment = fmt.Errorf("%w: it is an IP fragment", ErrNotTCP)
	// ErrMalformed says that a packet's headers contradict themselves, or were cut off before the TCP header's 20 bytes.
	ErrMalformed = errors.New("segment: the packet's headers are broken or cut off")
)

// Decoder decodes packets. It keeps no state between them, only room: decoding a segment does not allocate.
// (IP options and ICMP errors do, and what is no segment.)
type Decoder struct {
	offload    bool
	unverified bool // of the packet last read, the checksum
	routed     bool // by a list of addresses: the checksum is over the last destination, not the next
	options    []Option
	ip4        layers.IPv4
}

// NewDecoder makes a Decoder.
func NewDecoder() *Decoder { return &Decoder{} }

// Offload says whether the packets that follow may have checksums that are not filled in: the kernel leaves them to
// hardware that lo does not have. Such a checksum holds the sum of the pseudo header (net/ipv4/tcp_ipv4.c,
// __tcp_v4_send_check), and is then said to be offloaded; any other one that is not right is wrong.
func (d *Decoder) Offload(on bool) { d.offload = on }

// Decode reads the packet, which begins with its IPv4 or IPv6 header, into s. It never panics.
// The packet may be cut off behind the TCP header's first 20 bytes; where its options are cut, there are none.
// The error is [ErrNotTCP], [ErrFragment] or [ErrMalformed]. [Segment.Other] then says what the packet is, and s has what
// could be read of it: at least TotalLen, mostly the IP header's fields, with luck the ports.
func (d *Decoder) Decode(packet []byte, s *Segment) error {
	err := d.Headers(packet, s)
	d.Verify(packet, s)
	return err
}

// Headers is Decode but for the checksum, which is judged by Verify: that reads every byte, for longer than all else
// takes. Until then it may be said to be unknown.
func (d *Decoder) Headers(packet []byte, s *Segment) error {
	*s = Segment{TotalLen: len(packet)}
	d.unverified, d.routed = false, false
	switch {
	case len(packet) == 0:
		return s.other(ErrNotTCP, "an empty packet")
	case packet[0]>>4 == 4:
		return d.decode4(packet, s)
	case packet[0]>>4 == 6:
		return d.decode6(packet, s)
	}
	return s.other(ErrNotTCP, "no IP packet: version %d", packet[0]>>4)
}

// Verify judges the checksum of the packet that was last given to Headers.
func (d *Decoder) Verify(packet []byte, s *Segment) {
	if d.unverified {
		d.unverified = false
		d.judge(packet[:min(len(packet), s.TotalLen)], s)
	}
}

// judge says how it stands with the checksum of a TCP segment.
func (d *Decoder) judge(ip []byte, s *Segment) {
	pseudo := pseudoHeader(s.Src.Addr(), s.Dst.Addr(), uint8(layers.IPProtocolTCP), s.TCPHeader+s.PayloadLen)
	switch {
	case d.offload && s.Checksum == fold(pseudo):
		s.ChecksumState = ChecksumOffload
	case len(ip) == s.TotalLen:
		s.ChecksumState = verdict(add(pseudo, ip[s.IPHeader:]))
	}
}

func (d *Decoder) decode4(packet []byte, s *Segment) error {
	ip := &d.ip4
	if err := ip.DecodeFromBytes(packet, gopacket.NilDecodeFeedback); err != nil {
		if len(packet) >= 20 {
			s.Src, s.Dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte(packet[12:])), 0), netip.AddrPortFrom(netip.AddrFrom4([4]byte(packet[16:])), 0)
		}
		return s.other(ErrMalformed, "broken IPv4 header: %v", err)
	}
	if n := int(binary.BigEndian.Uint16(packet[2:])); n != 0 { // else longer than the field can say: a super-segment that the kernel has not cut up yet
		s.TotalLen = n
	}
	s.TTL, s.TrafficClass, s.Protocol = ip.TTL, ip.TOS, uint8(ip.Protocol)
	s.IPID, s.DontFragment = ip.Id, ip.Flags&layers.IPv4DontFragment != 0
	s.IPHeader = len(ip.Contents)
	src, dst := netip.AddrFrom4([4]byte(ip.SrcIP)), netip.AddrFrom4([4]byte(ip.DstIP))
	for _, o := range ip.Options { // loose and strict source route (RFC 791 §3.1)
		d.routed = d.routed || o.OptionType == 131 || o.OptionType == 137
	}
	more := ip.Flags&layers.IPv4MoreFragments != 0
	return d.decodeTransport(packet, src, dst, 8*int(ip.FragOffset), more || ip.FragOffset != 0, more, s)
}

// decodeTransport reads what the IP packet carries: a whole, or a piece that begins at an offset.
func (d *Decoder) decodeTransport(packet []byte, src, dst netip.Addr, offset int, piece, more bool, s *Segment) error {
	s.Src, s.Dst = netip.AddrPortFrom(src, 0), netip.AddrPortFrom(dst, 0)
	ip := packet[:min(len(packet), s.TotalLen)] // without what a link layer put behind
	rest := ip[min(len(ip), s.IPHeader):]
	switch protocol := layers.IPProtocol(s.Protocol); {
	case piece:
		if offset == 0 {
			s.readPorts(rest)
		}
		return s.fragment(offset, more)
	case protocol == layers.IPProtocolTCP:
		return d.decodeTCP(rest, len(ip) == s.TotalLen, s)
	case protocol == layers.IPProtocolICMPv4 && src.Is4(), protocol == layers.IPProtocolICMPv6 && src.Is6():
		return icmpSegment(rest, len(ip) == s.TotalLen, s)
	}
	s.readPorts(rest)
	return s.other(ErrNotTCP, "%s", protocolName(s.Protocol))
}

// icmpSegment fills s with an ICMP error.
func icmpSegment(message []byte, complete bool, s *Segment) error {
	v6 := s.Src.Addr().Is6()
	if len(message) < 4 {
		return s.other(ErrNotTCP, "%s, cut off", protocolName(s.Protocol))
	}
	e, ok := decodeICMP(message[0], message[1], message, v6)
	if !ok {
		return s.other(ErrNotTCP, "%s", icmpName(message[0], message[1], v6))
	}
	s.ICMP = e
	s.Checksum = binary.BigEndian.Uint16(message[2:])
	if !complete {
		return nil
	}
	var sum uint64 // ICMP has no pseudo header; ICMPv6 has (RFC 4443 §2.3)
	if v6 {
		sum = pseudoHeader(s.Src.Addr(), s.Dst.Addr(), uint8(layers.IPProtocolICMPv6), len(message))
	}
	s.ChecksumState = verdict(add(sum, message))
	return nil
}

// verdict judges the sum over all bytes, the checksum's own included: it is all ones where the checksum is right.
func verdict(sum uint64) Checksum {
	if fold(sum) == 0xffff {
		return ChecksumValid
	}
	return ChecksumWrong
}
