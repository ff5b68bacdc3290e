package segment

import (
	"encoding/binary"
	"net/netip"

	"github.com/gopacket/gopacket/layers"
)

const ipv6Header = 40

// jumboPayload is the hop-by-hop option that says how long a packet is whose header cannot (RFC 2675 §2).
const jumboPayload = 0xc2

func (d *Decoder) decode6(packet []byte, s *Segment) error {
	if len(packet) < ipv6Header {
		return s.other(ErrMalformed, "broken IPv6 header: %d bytes, fewer than 40", len(packet))
	}
	first := binary.BigEndian.Uint32(packet)
	s.TrafficClass, s.FlowLabel = uint8(first>>20), first&0xfffff
	s.Protocol, s.TTL, s.IPHeader = packet[6], packet[7], ipv6Header
	src, dst := netip.AddrFrom16([16]byte(packet[8:])), netip.AddrFrom16([16]byte(packet[24:]))
	s.Src, s.Dst = netip.AddrPortFrom(src, 0), netip.AddrPortFrom(dst, 0)
	if n := int(binary.BigEndian.Uint16(packet[4:])); n != 0 {
		s.TotalLen = ipv6Header + n
	} else if n, ok := jumbo(packet); ok { // else longer than the field can say, and the kernel has not cut it up yet
		s.TotalLen = ipv6Header + n
	}
	// The extension headers (RFC 8200 §4), of which all but two say how long they are in the same way.
	for {
		rest := packet[min(s.IPHeader, len(packet)):]
		length := 0
		switch layers.IPProtocol(s.Protocol) {
		case layers.IPProtocolIPv6Fragment:
			if len(rest) < 8 || s.IPHeader+8 > s.TotalLen {
				return s.other(ErrMalformed, "IPv6 header cut off")
			}
			field := binary.BigEndian.Uint16(rest[2:])
			s.Protocol, s.IPHeader = rest[0], s.IPHeader+8
			if field&^6 == 0 { // an atomic fragment is the whole (RFC 6946)
				continue
			}
			return d.decodeTransport(packet, src, dst, int(field&^7), true, field&1 != 0, s)
		case layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Routing, layers.IPProtocolIPv6Destination, mobility, hostIdentity, shim6:
			if len(rest) >= 2 {
				length = 8 * (1 + int(rest[1]))
			}
		case layers.IPProtocolAH: // RFC 4302 §2.2
			if len(rest) >= 2 {
				length = 4 * (2 + int(rest[1]))
			}
		default:
			return d.decodeTransport(packet, src, dst, 0, false, false, s)
		}
		if length == 0 || s.IPHeader+length > s.TotalLen {
			return s.other(ErrMalformed, "broken IPv6 extension header %d: longer than its packet", s.Protocol)
		}
		if len(rest) < length {
			return s.other(ErrMalformed, "IPv6 header cut off")
		}
		if layers.IPProtocol(s.Protocol) == layers.IPProtocolIPv6Routing && rest[3] > 0 { // segments left
			d.routed = true
		}
		s.Protocol, s.IPHeader = rest[0], s.IPHeader+length
	}
}

// Extension headers that gopacket has no names for (RFC 6275 §6.1, RFC 7401 §5.1, RFC 5533 §5.1).
const (
	mobility     layers.IPProtocol = 135
	hostIdentity layers.IPProtocol = 139
	shim6        layers.IPProtocol = 140
)

// jumbo finds the length of a jumbogram's payload.
func jumbo(packet []byte) (n int, ok bool) {
	if layers.IPProtocol(packet[6]) != layers.IPProtocolIPv6HopByHop || len(packet) < ipv6Header+8 {
		return 0, false
	}
	options := packet[ipv6Header+2 : min(len(packet), ipv6Header+8*(1+int(packet[ipv6Header+1])))]
	for len(options) >= 2 {
		switch {
		case options[0] == 0: // Pad1 (RFC 8200 §4.2)
			options = options[1:]
			continue
		case options[0] == jumboPayload && options[1] == 4 && len(options) >= 6:
			return int(binary.BigEndian.Uint32(options[2:])), true
		}
		options = options[min(len(options), 2+int(options[1])):]
	}
	return 0, false
}
