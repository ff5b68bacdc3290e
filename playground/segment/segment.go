package segment

import (
	"net/netip"
	"strings"
)

// Segment is one TCP segment, or an ICMP error about one, as its packet's headers say.
type Segment struct {
	Src, Dst  netip.AddrPort // an ICMP packet has the port 0
	TTL       uint8          // hop limit in IPv6
	IPHeader  int            // bytes, with options or extension headers
	TCPHeader int            // bytes, with options
	TotalLen  int            // bytes of the whole packet

	Seq, Ack uint32
	Flags    Flags
	Window   uint16 // as in the header, not scaled
	Urgent   uint16

	Checksum      uint16
	ChecksumState Checksum

	Options    []Option // alias the packet; the next Decode uses the slice again
	Payload    []byte   // aliases the packet
	PayloadLen int      // what the headers say; Payload is shorter where the packet was cut off

	ICMP *ICMP // not nil for an ICMP or ICMPv6 error about a segment: then there are no TCP fields
}

// Flags are the control bits of the header (RFC 9293 §3.1), with the bits that they have there.
type Flags uint16

// The control bits.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has says whether all the flags of f are set.
func (g Flags) Has(f Flags) bool { return g&f == f }

// String lists the flags as people say them: the ones that make a segment what it is come first.
func (g Flags) String() string {
	var names [8]string
	set := names[:0]
	for _, f := range [...]struct {
		flag Flags
		name string
	}{{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {PSH, "PSH"}, {ACK, "ACK"}, {URG, "URG"}, {ECE, "ECE"}, {CWR, "CWR"}} {
		if g.Has(f.flag) {
			set = append(set, f.name)
		}
	}
	return strings.Join(set, ", ")
}

// Checksum is what became of verifying a checksum.
type Checksum uint8

// The states of a checksum.
const (
	ChecksumUnknown Checksum = iota // the packet was cut off
	ChecksumValid
	ChecksumWrong
	ChecksumOffload // left to hardware that is not there; see [Decoder.Offload]
)

func (c Checksum) String() string {
	switch c {
	case ChecksumValid:
		return "valid"
	case ChecksumWrong:
		return "wrong"
	case ChecksumOffload:
		return "offload"
	}
	return "unknown"
}

// sequenceLen is how much of the sequence space the segment takes: SYN and FIN count like a byte each (RFC 9293 §3.4).
func (s *Segment) sequenceLen() uint32 {
	n := uint32(s.PayloadLen)
	if s.Flags.Has(SYN) {
		n++
	}
	if s.Flags.Has(FIN) {
		n++
	}
	return n
}

// option finds the first option of a kind.
func (s *Segment) option(kind uint8) (Option, bool) {
	for _, o := range s.Options {
		if o.Kind == kind {
			return o, true
		}
	}
	return Option{}, false
}
