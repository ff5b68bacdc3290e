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
	// ErrNotTCP says that a packet is neither a TCP segment nor an ICMP error about one. Neither is a fragment, nor a
	// segment behind an IPv6 extension header other than hop-by-hop options.
	ErrNotTCP = errors.New("segment: the packet is neither TCP nor an ICMP error about TCP")
	// ErrMalformed says that a packet's headers contradict themselves, or were cut off before the TCP header's 20 bytes.
	ErrMalformed = errors.New("segment: the packet's headers are broken or cut off")
)

// minTCPHeader is the length of a TCP header without options (RFC 9293 §3.1).
const minTCPHeader = 20

// Decoder decodes packets. It keeps no state between them, only room: decoding a segment does not allocate.
// (Multipath TCP options, IP options and ICMP errors do.)
type Decoder struct {
	offload    bool
	unverified bool // of the packet last read, the checksum
	v4, v6     *gopacket.DecodingLayerParser
	decoded    []gopacket.LayerType
	options    []Option

	ip4   outerIPv4
	ip6   outerIPv6
	tcp   layers.TCP
	icmp4 layers.ICMPv4
	icmp6 layers.ICMPv6
}

// outerIPv4 and outerIPv6 do not lead into a tunnel: the parser would decode the inner header over the outer one.
type (
	outerIPv4 struct{ layers.IPv4 }
	outerIPv6 struct{ layers.IPv6 }
)

func (ip *outerIPv4) NextLayerType() gopacket.LayerType {
	return unless(layers.LayerTypeIPv4, ip.IPv4.NextLayerType())
}

func (ip *outerIPv6) NextLayerType() gopacket.LayerType {
	return unless(layers.LayerTypeIPv6, ip.IPv6.NextLayerType())
}

func unless(inner, next gopacket.LayerType) gopacket.LayerType {
	if next == inner {
		return gopacket.LayerTypeZero
	}
	return next
}

// NewDecoder makes a Decoder.
func NewDecoder() *Decoder {
	d := &Decoder{}
	d.v4 = newParser(layers.LayerTypeIPv4, &d.ip4, &d.tcp, &d.icmp4)
	d.v6 = newParser(layers.LayerTypeIPv6, &d.ip6, &d.tcp, &d.icmp6)
	return d
}

func newParser(first gopacket.LayerType, known ...gopacket.DecodingLayer) *gopacket.DecodingLayerParser {
	var container gopacket.DecodingLayerContainer = gopacket.DecodingLayerSparse(nil)
	for _, layer := range known {
		container = container.Put(layer)
	}
	p := gopacket.NewDecodingLayerParser(first)
	p.SetDecodingLayerContainer(container)
	p.IgnoreUnsupported = true // what follows TCP is payload
	return p
}

// Offload says whether the packets that follow may have checksums that are not filled in: the kernel leaves them to
// hardware that lo does not have. Such a checksum holds the sum of the pseudo header (net/ipv4/tcp_ipv4.c,
// __tcp_v4_send_check), and is then said to be offloaded; any other one that is not right is wrong.
func (d *Decoder) Offload(on bool) { d.offload = on }

// Decode reads the packet, which begins with its IPv4 or IPv6 header, into s. It never panics.
// The packet may be cut off behind the TCP header's first 20 bytes; where its options are cut, there are none.
// The error is [ErrNotTCP] or [ErrMalformed], and s is then empty.
func (d *Decoder) Decode(packet []byte, s *Segment) error {
	err := d.Headers(packet, s)
	d.Verify(packet, s)
	return err
}

// Headers is Decode but for the checksum, which is judged by Verify: that reads every byte, for longer than all else
// takes. Until then it may be said to be unknown.
func (d *Decoder) Headers(packet []byte, s *Segment) error {
	*s = Segment{}
	d.unverified = false
	if len(packet) == 0 {
		return ErrNotTCP
	}
	var err error
	switch packet[0] >> 4 {
	case 4:
		err = d.decode4(packet, s)
	case 6:
		err = d.decode6(packet, s)
	default:
		err = ErrNotTCP
	}
	if err != nil {
		*s = Segment{}
	}
	return err
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
	err := d.v4.DecodeLayers(packet, &d.decoded)
	if len(d.decoded) == 0 {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	s.TTL = ip.TTL
	s.TotalLen = int(binary.BigEndian.Uint16(packet[2:]))
	if s.TotalLen == 0 { // longer than the field can say: a super-segment that the kernel has not cut up yet
		s.TotalLen = len(packet)
	}
	src, dst := netip.AddrFrom4([4]byte(ip.SrcIP)), netip.AddrFrom4([4]byte(ip.DstIP))
	return d.decodeTransport(packet, src, dst, ip.NextLayerType(), err, s)
}

func (d *Decoder) decode6(packet []byte, s *Segment) error {
	ip := &d.ip6
	err := d.v6.DecodeLayers(packet, &d.decoded)
	if len(d.decoded) == 0 {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	s.TTL = ip.HopLimit
	s.TotalLen = len(ip.Contents) + int(ip.Length)
	if ip.Length == 0 { // a jumbogram (RFC 2675), or gopacket had refused it
		for _, o := range ip.HopByHop.Options {
			if o.OptionType == layers.IPv6HopByHopOptionJumbogram {
				s.TotalLen = len(ip.Contents) + int(binary.BigEndian.Uint32(o.OptionData))
				break
			}
		}
	}
	src, dst := netip.AddrFrom16([16]byte(ip.SrcIP)), netip.AddrFrom16([16]byte(ip.DstIP))
	return d.decodeTransport(packet, src, dst, ip.NextLayerType(), err, s)
}

// decodeTransport reads what the IP packet carries. err is what the parser said of it.
func (d *Decoder) decodeTransport(packet []byte, src, dst netip.Addr, next gopacket.LayerType, err error, s *Segment) error {
	ip := packet[:min(len(packet), s.TotalLen)] // without what a link layer put behind
	complete := len(ip) == s.TotalLen
	last := d.decoded[len(d.decoded)-1]
	switch {
	case next == layers.LayerTypeTCP && last == layers.LayerTypeTCP:
	case next == layers.LayerTypeTCP && err != nil && !complete && d.cutInOptions(ip):
	case next == layers.LayerTypeTCP && err == nil:
		return fmt.Errorf("%w: there is nothing behind the IP header", ErrMalformed)
	case next == layers.LayerTypeTCP:
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	case last == layers.LayerTypeICMPv4:
		code := d.icmp4.TypeCode
		return icmpSegment(ip, code.Type(), code.Code(), len(d.icmp4.Contents)+len(d.icmp4.Payload), src, dst, s)
	case last == layers.LayerTypeICMPv6:
		code := d.icmp6.TypeCode
		return icmpSegment(ip, code.Type(), code.Code(), len(d.icmp6.Contents)+len(d.icmp6.Payload), src, dst, s)
	default:
		return ErrNotTCP
	}
	return d.decodeTCP(ip, src, dst, s)
}

// decodeTCP fills s from the header that the parser has read.
func (d *Decoder) decodeTCP(ip []byte, src, dst netip.Addr, s *Segment) error {
	t := &d.tcp
	s.Src, s.Dst = netip.AddrPortFrom(src, uint16(t.SrcPort)), netip.AddrPortFrom(dst, uint16(t.DstPort))
	s.IPHeader = len(ip) - len(t.Contents) - len(t.Payload)
	s.TCPHeader = 4 * int(t.DataOffset)
	s.PayloadLen = s.TotalLen - s.IPHeader - s.TCPHeader
	if s.PayloadLen < 0 {
		return fmt.Errorf("%w: the TCP header is longer than its packet", ErrMalformed)
	}
	s.Seq, s.Ack, s.Window, s.Urgent = t.Seq, t.Ack, t.Window, t.Urgent
	s.Flags = Flags(t.Contents[13])
	s.Payload = t.Payload
	d.options = d.options[:0]
	for i := range t.Options {
		d.options = append(d.options, Option{Kind: uint8(t.Options[i].OptionType), Data: t.Options[i].OptionData})
	}
	s.Options = d.options

	s.Checksum = t.Checksum
	d.unverified = !(src.Is4() && d.sourceRouted()) // else the sum is over the last destination, not the next
	return nil
}

// cutInOptions says whether the parser refused the TCP header only because the packet ends within its options.
// The layer then has all but those.
func (d *Decoder) cutInOptions(ip []byte) bool {
	rest := d.ip4.Payload
	if ip[0]>>4 == 6 {
		rest = d.ip6.Payload
	}
	return len(rest) >= minTCPHeader && d.tcp.DataOffset*4 > minTCPHeader
}

// sourceRouted finds the options loose and strict source route (RFC 791 §3.1).
func (d *Decoder) sourceRouted() bool {
	for _, o := range d.ip4.Options {
		if o.OptionType == 131 || o.OptionType == 137 {
			return true
		}
	}
	return false
}

// icmpSegment fills s with an ICMP error; n bytes of the packet are ICMP's.
func icmpSegment(ip []byte, typ, code uint8, n int, src, dst netip.Addr, s *Segment) error {
	message := ip[len(ip)-n:]
	e, ok := decodeICMP(typ, code, message, src.Is6())
	if !ok {
		return ErrNotTCP
	}
	s.Src, s.Dst, s.ICMP = netip.AddrPortFrom(src, 0), netip.AddrPortFrom(dst, 0), e
	s.IPHeader = len(ip) - n
	s.Checksum = binary.BigEndian.Uint16(message[2:])
	if len(ip) < s.TotalLen {
		return nil
	}
	var sum uint64 // ICMP has no pseudo header; ICMPv6 has (RFC 4443 §2.3)
	if src.Is6() {
		sum = pseudoHeader(src, dst, uint8(layers.IPProtocolICMPv6), n)
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
