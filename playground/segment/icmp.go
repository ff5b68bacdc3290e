package segment

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/gopacket/gopacket/layers"
)

// ICMP is an error about a segment, which quotes the segment's beginning.
type ICMP struct {
	Type, Code uint8
	Text       string            // "destination unreachable: port"
	About      [2]netip.AddrPort // source and destination of the quoted segment
	Seq        uint32            // of the quoted segment
	MTU        int               // of the link that it did not fit through, else 0
}

// decodeICMP reads an error; ok is false for all that is none, or is not about TCP.
func decodeICMP(typ, code uint8, message []byte, v6 bool) (_ *ICMP, ok bool) {
	e := &ICMP{Type: typ, Code: code}
	kinds := icmpErrors
	if v6 {
		kinds = icmpv6Errors
	}
	kind, ok := kinds[typ]
	if !ok || len(message) < 8 {
		return nil, false
	}
	e.Text = kind.name
	if int(code) < len(kind.codes) {
		e.Text += ": " + kind.codes[code]
	} else if kind.codes != nil || code != 0 {
		e.Text += fmt.Sprintf(": code %d", code)
	}
	switch {
	case v6 && typ == layers.ICMPv6TypePacketTooBig: // RFC 4443 §3.2
		e.MTU = int(binary.BigEndian.Uint32(message[4:]))
	case !v6 && typ == layers.ICMPv4TypeDestinationUnreachable && code == layers.ICMPv4CodeFragmentationNeeded: // RFC 1191 §4
		e.MTU = int(binary.BigEndian.Uint16(message[6:]))
	}
	return e, e.decodeQuoted(message[8:], v6)
}

// decodeQuoted reads who the quoted segment was from and for. An error quotes at least 8 bytes behind
// the IP header (RFC 792), which are TCP's ports and sequence number.
func (e *ICMP) decodeQuoted(ip []byte, v6 bool) bool {
	var src, dst netip.Addr
	var tcp []byte
	be := binary.BigEndian
	switch {
	case v6 && len(ip) >= 40 && ip[0]>>4 == 6 && ip[6] == uint8(layers.IPProtocolTCP):
		src, dst, tcp = netip.AddrFrom16([16]byte(ip[8:])), netip.AddrFrom16([16]byte(ip[24:])), ip[40:]
	case !v6 && len(ip) >= 20 && ip[0]>>4 == 4 && ip[9] == uint8(layers.IPProtocolTCP) && be.Uint16(ip[6:])&0x1fff == 0:
		header := 4 * int(ip[0]&0xf)
		src, dst, tcp = netip.AddrFrom4([4]byte(ip[12:])), netip.AddrFrom4([4]byte(ip[16:])), ip[min(max(header, 20), len(ip)):]
	}
	if len(tcp) < 8 {
		return false
	}
	e.About = [2]netip.AddrPort{netip.AddrPortFrom(src, be.Uint16(tcp)), netip.AddrPortFrom(dst, be.Uint16(tcp[2:]))}
	e.Seq = be.Uint32(tcp[4:])
	return true
}

// icmpKind names a type of error and its codes.
type icmpKind struct {
	name  string
	codes []string
}

// RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1.
var icmpErrors = map[uint8]icmpKind{
	layers.ICMPv4TypeDestinationUnreachable: {"destination unreachable", []string{
		"network", "host", "protocol", "port", "fragmentation needed", "source route failed", "network unknown",
		"host unknown", "source host isolated", "network administratively prohibited", "host administratively prohibited",
		"network for this type of service", "host for this type of service", "communication administratively prohibited",
		"host precedence violation", "precedence cutoff"}},
	layers.ICMPv4TypeTimeExceeded:     {"time exceeded", []string{"time to live", "reassembly"}},
	layers.ICMPv4TypeParameterProblem: {"parameter problem", []string{"pointer", "missing option", "bad length"}},
}

// RFC 4443 §3.
var icmpv6Errors = map[uint8]icmpKind{
	layers.ICMPv6TypeDestinationUnreachable: {"destination unreachable", []string{
		"no route", "administratively prohibited", "beyond scope of source address", "address", "port",
		"source address failed policy", "reject route"}},
	layers.ICMPv6TypePacketTooBig: {"packet too big", nil},
	layers.ICMPv6TypeTimeExceeded: {"time exceeded", []string{"hop limit", "reassembly"}},
	layers.ICMPv6TypeParameterProblem: {"parameter problem", []string{
		"erroneous header field", "unrecognized next header", "unrecognized option"}},
}
