package segment

import (
	"fmt"
	"strings"

	"github.com/gopacket/gopacket/layers"
)

// other says what a packet is that is no segment, and of which kind that is.
func (s *Segment) other(kind error, format string, args ...any) error {
	s.Other = fmt.Sprintf(format, args...)
	return fmt.Errorf("%w: %s", kind, s.Other)
}

// fragment says which piece of what s is.
func (s *Segment) fragment(offset int, more bool) error {
	what := protocolName(s.Protocol)
	if more {
		return s.other(ErrFragment, "IP fragment of %s from byte %d, more follow", what, offset)
	}
	return s.other(ErrFragment, "IP fragment of %s from byte %d, the last", what, offset)
}

func hasPorts(protocol uint8) bool {
	switch layers.IPProtocol(protocol) {
	case layers.IPProtocolTCP, layers.IPProtocolUDP, layers.IPProtocolSCTP, layers.IPProtocolUDPLite, dccp:
		return true
	}
	return false
}

const dccp layers.IPProtocol = 33 // RFC 4340 §5.1

// protocolName is the name of what an IP packet carries, of those with one in gopacket.
func protocolName(protocol uint8) string {
	switch p := layers.IPProtocol(protocol); {
	case p == layers.IPProtocolICMPv4:
		return "ICMP"
	case p == layers.IPProtocolIPv4, p == layers.IPProtocolIPv6:
		return "a tunnel of " + p.String()
	case !strings.HasPrefix(p.String(), "Unknown"):
		return p.String()
	}
	return fmt.Sprintf("IP protocol %d", protocol)
}

// icmpName says what an ICMP message is.
func icmpName(typ, code uint8, v6 bool) string {
	if v6 {
		return "ICMPv6 " + layers.CreateICMPv6TypeCode(typ, code).String()
	}
	return "ICMP " + layers.CreateICMPv4TypeCode(typ, code).String()
}
