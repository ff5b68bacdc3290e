package segment

import (
	"net/netip"
	"strings"

	"github.com/gopacket/gopacket/layers"
)

// Segment is one TCP segment, or an ICMP error about one, as its packet's headers say; or what was read of another packet.
type Segment struct {
	Src, Dst  netip.AddrPort // an ICMP packet has the port 0
	Protocol  uint8          // that the packet carries; the number is IANA's
	TTL       uint8          // hop limit in IPv6
	IPHeader  int            // bytes, with options or extension headers
	TCPHeader int            // bytes, with options
	TotalLen  int            // bytes of the whole packet

	TrafficClass uint8  // the byte of DSCP and ECN (RFC 2474 §3, RFC 3168 §5)
	IPID         uint16 // identification, in IPv4
	DontFragment bool   // in IPv4
	FlowLabel    uint32 // in IPv6

	Seq, Ack uint32
	Flags    Flags
	Reserved uint8  // the bits between data offset and flags
	Window   uint16 // as in the header, not scaled
	Urgent   uint16 // from Seq to behind the last urgent byte, where the flag URG is set

	Checksum      uint16
	ChecksumState Checksum

	Options []Option // alias the packet; the next Decode uses the slice again
	// OptionsBroken is where in the TCP header an option contradicts its length, 0 where none does. It is the last of
	// Options, and its Data is all that is left: whether there are more options in there, nobody knows.
	OptionsBroken int
	Payload       []byte // aliases the packet
	PayloadLen    int    // what the headers say; Payload is shorter where the packet was cut off

	ICMP *ICMP // not nil for an ICMP or ICMPv6 error about a segment: then there are no TCP fields
	// Other is what the packet is where it is neither: "UDP", "broken TCP header: data offset 4, less than 5". There are no
	// TCP fields then.
	Other string
}

// IsTCP says whether the packet carries TCP, be it a piece of it or broken.
func (s *Segment) IsTCP() bool { return s.Protocol == uint8(layers.IPProtocolTCP) }

// DSCP is the differentiated services codepoint (RFC 2474 §3).
func (s *Segment) DSCP() uint8 { return s.TrafficClass >> 2 }

// ECN is the name of the codepoint of explicit congestion notification (RFC 3168 §5).
func (s *Segment) ECN() string {
	return [...]string{"Not-ECT", "ECT(1)", "ECT(0)", "CE"}[s.TrafficClass&3]
}

// Flags are the control bits of the header (RFC 9293 §3.1), with the bits that they have there. AE is the ninth
// (RFC 9768 §3.1; once NS, RFC 3540).
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
	AE
)

// Has says whether all the flags of f are set.
func (g Flags) Has(f Flags) bool { return g&f == f }

// ace reads AE, CWR and ECE as a number, as accurate ECN does (RFC 9768 §3.2.2).
func (g Flags) ace() uint8 { return uint8(g >> 6 & 7) }

// String lists the flags as people say them: the ones that make a segment what it is come first.
func (g Flags) String() string {
	var names [9]string
	set := names[:0]
	for _, f := range [...]struct {
		flag Flags
		name string
	}{{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"}, {PSH, "PSH"}, {ACK, "ACK"}, {URG, "URG"}, {ECE, "ECE"}, {CWR, "CWR"}, {AE, "AE"}} {
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

// option finds the first option of a kind, but for one that is broken.
func (s *Segment) option(kind uint8) (Option, bool) {
	whole := s.Options
	if s.OptionsBroken != 0 {
		whole = whole[:len(whole)-1]
	}
	for _, o := range whole {
		if o.Kind == kind {
			return o, true
		}
	}
	return Option{}, false
}
