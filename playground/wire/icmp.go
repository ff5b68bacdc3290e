package wire

import (
	"encoding/binary"
	"net/netip"
)

const (
	ipv4Header = 20
	ipv6Header = 40
	icmpHeader = 8

	protocolICMP   = 1
	protocolICMPv6 = 58

	// minMTUv6: a link that carries less must cut and join packets by itself (RFC 8200 §5), so these pass at any MTU.
	// Linux believes in no smaller path MTU either (net/ipv6/route.c, rt6_do_update_pmtu).
	minMTUv6 = 1280
	// How much of the packet an error quotes: RFC 1812 §4.3.2.3 and RFC 4443 §2.4 (c) ask for as much as fits in these.
	maxErrorV4 = 576
	maxErrorV6 = minMTUv6
)

// tooBig says whether a packet does not go through a link of that MTU.
func tooBig(packet []byte, mtu int) bool {
	if len(packet) > 0 && packet[0]>>4 == 6 {
		mtu = max(mtu, minMTUv6)
	}
	return len(packet) > mtu
}

// bounce drops p, which is too big, and answers its sender as a router before that link would. A packet without DF is
// dropped as well, without an answer: this wire does not fragment, and Linux sets DF on all of TCP unless told not to.
func (w *Wire) bounce(p *Packet, mtu int) {
	i := Intervention{Action: Dropped, By: ByMTU}
	if data := fragmentationNeeded(p.Data, mtu); data != nil {
		i.Answer = &Packet{Direction: p.Direction.Other(), Data: data, LeftAt: w.clock()}
	}
	w.observer.Intervened(p, i)
	if i.Answer != nil {
		w.land(i.Answer)
	}
}

// fragmentationNeeded is the ICMP error that tells a packet's sender the MTU, nil where there must be none. It comes
// from the address that the packet was for: the wire has none of its own.
func fragmentationNeeded(packet []byte, mtu int) []byte {
	switch {
	case len(packet) >= ipv4Header && packet[0]>>4 == 4:
		return fragmentationNeededV4(packet, mtu)
	case len(packet) >= ipv6Header && packet[0]>>4 == 6:
		return packetTooBigV6(packet, max(mtu, minMTUv6))
	}
	return nil
}

// fragmentationNeededV4 is type 3 code 4 (RFC 792, with the MTU of RFC 1191 §4). There is none about an ICMP error, a
// fragment other than the first, or a packet to many (RFC 1122 §3.2.2).
func fragmentationNeededV4(packet []byte, mtu int) []byte {
	const dontFragment, offset = 0x4000, 0x1fff
	fragment := binary.BigEndian.Uint16(packet[6:])
	header := headerLen(packet)
	to := netip.AddrFrom4([4]byte(packet[16:20]))
	if fragment&dontFragment == 0 || fragment&offset != 0 || to.IsMulticast() || header >= len(packet) ||
		packet[9] == protocolICMP && !echoV4(packet[header]) {
		return nil
	}
	quote := packet[:min(len(packet), maxErrorV4-ipv4Header-icmpHeader)]
	out := make([]byte, ipv4Header+icmpHeader, ipv4Header+icmpHeader+len(quote))
	out = append(out, quote...)
	out[0], out[1] = 0x45, 0xc0 // version and length; precedence "internetwork control" (RFC 1812 §4.3.2.5)
	binary.BigEndian.PutUint16(out[2:], uint16(len(out)))
	out[8], out[9] = 64, protocolICMP
	copy(out[12:16], packet[16:20])
	copy(out[16:20], packet[12:16])
	binary.BigEndian.PutUint16(out[10:], checksum(0, out[:ipv4Header]))
	icmp := out[ipv4Header:]
	icmp[0], icmp[1] = 3, 4
	binary.BigEndian.PutUint16(icmp[6:], uint16(mtu))
	binary.BigEndian.PutUint16(icmp[2:], checksum(0, icmp))
	return out
}

// echoV4 says whether an ICMP type is not an error's: an echo or its reply.
func echoV4(kind byte) bool { return kind == 0 || kind == 8 }

// packetTooBigV6 is type 2 (RFC 4443 §3.2). There is none about an ICMPv6 error, which has a type below 128 (§2.4 (e)).
func packetTooBigV6(packet []byte, mtu int) []byte {
	if len(packet) > ipv6Header && packet[6] == protocolICMPv6 && packet[ipv6Header] < 128 {
		return nil
	}
	if netip.AddrFrom16([16]byte(packet[24:40])).IsMulticast() { // an answer may not come from such an address
		return nil
	}
	quote := packet[:min(len(packet), maxErrorV6-ipv6Header-icmpHeader)]
	out := make([]byte, ipv6Header+icmpHeader, ipv6Header+icmpHeader+len(quote))
	out = append(out, quote...)
	length := len(out) - ipv6Header
	out[0] = 0x60
	binary.BigEndian.PutUint16(out[4:], uint16(length))
	out[6], out[7] = protocolICMPv6, 64
	copy(out[8:24], packet[24:40])
	copy(out[24:40], packet[8:24])
	icmp := out[ipv6Header:]
	icmp[0] = 2
	binary.BigEndian.PutUint32(icmp[4:], uint32(mtu))
	pseudo := sum(uint32(length)+protocolICMPv6, out[8:40]) // RFC 8200 §8.1
	binary.BigEndian.PutUint16(icmp[2:], checksum(pseudo, icmp))
	return out
}

// checksum is the Internet checksum (RFC 1071), on top of what was summed before.
func checksum(before uint32, data []byte) uint16 {
	s := sum(before, data)
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

func sum(s uint32, data []byte) uint32 {
	for len(data) >= 2 {
		s += uint32(binary.BigEndian.Uint16(data))
		data = data[2:]
	}
	if len(data) == 1 {
		s += uint32(data[0]) << 8
	}
	return s
}
