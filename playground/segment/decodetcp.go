package segment

import (
	"encoding/binary"
	"net/netip"
)

// minTCPHeader is the length of a TCP header without options (RFC 9293 §3.1).
const minTCPHeader = 20

// readPorts reads the ports, which TCP, UDP, SCTP and DCCP have in the same place.
func (s *Segment) readPorts(transport []byte) {
	if hasPorts(s.Protocol) && len(transport) >= 4 {
		s.Src = netip.AddrPortFrom(s.Src.Addr(), binary.BigEndian.Uint16(transport))
		s.Dst = netip.AddrPortFrom(s.Dst.Addr(), binary.BigEndian.Uint16(transport[2:]))
	}
}

// decodeTCP reads a segment. complete: the packet was not cut off.
func (d *Decoder) decodeTCP(tcp []byte, complete bool, s *Segment) error {
	s.readPorts(tcp)
	if len(tcp) < minTCPHeader {
		if complete {
			return s.other(ErrMalformed, "broken TCP header: %d bytes, fewer than 20", len(tcp))
		}
		return s.other(ErrMalformed, "TCP header cut off")
	}
	header := int(tcp[12]>>4) * 4
	payload := s.TotalLen - s.IPHeader - header
	switch {
	case header < minTCPHeader:
		return s.other(ErrMalformed, "broken TCP header: data offset %d, less than 5", header/4)
	case payload < 0:
		return s.other(ErrMalformed, "broken TCP header: data offset %d, %d bytes, in a segment of %d", header/4, header, payload+header)
	}
	be := binary.BigEndian
	s.Seq, s.Ack = be.Uint32(tcp[4:]), be.Uint32(tcp[8:])
	s.Flags, s.Reserved = Flags(be.Uint16(tcp[12:])&0x1ff), tcp[12]>>1&7
	s.Window, s.Checksum, s.Urgent = be.Uint16(tcp[14:]), be.Uint16(tcp[16:]), be.Uint16(tcp[18:])
	s.TCPHeader, s.PayloadLen = header, payload
	if len(tcp) >= header {
		s.Payload = tcp[header:]
		d.readOptions(tcp[minTCPHeader:header], s)
	}
	d.unverified = !d.routed
	return nil
}

// readOptions reads all options up to the end of the list, or up to one that contradicts its length: what is behind that
// can be anything, and is kept as it is (RFC 9293 §3.1; Linux, net/ipv4/tcp_input.c, tcp_parse_options, stops there too).
func (d *Decoder) readOptions(b []byte, s *Segment) {
	d.options = d.options[:0]
	for at := 0; at < len(b); {
		one := Option{Kind: b[at]}
		switch {
		case one.Kind == kindNop:
			at++
		case one.Kind == kindEnd:
			at++
			for i, padding := range b[at:] {
				if padding != 0 { // it has to be zeros
					one.Data = b[at+i:]
					break
				}
			}
			at = len(b)
		case at+1 == len(b) || b[at+1] < 2 || at+int(b[at+1]) > len(b):
			s.OptionsBroken = minTCPHeader + at
			one.Data, at = b[at+1:], len(b)
		default:
			n := int(b[at+1])
			one.Data, at = b[at+2:at+n], at+n
		}
		d.options = append(d.options, one)
	}
	s.Options = d.options
}
