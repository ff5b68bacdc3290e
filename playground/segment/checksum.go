package segment

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// The Internet checksum is a sum in one's complement (RFC 1071), in which words may be added in any width whose
// carry comes back in at the low end. Eight bytes at a time keep up with a fast wire; gopacket's goes by two.

// add adds b to a sum. All but the last piece of what is summed must have an even length.
func add(sum uint64, b []byte) uint64 {
	var carry uint64
	be := binary.BigEndian
	for ; len(b) >= 64; b = b[64:] { // eight in one chain of carries
		sum, carry = bits.Add64(sum, be.Uint64(b), carry)
		sum, carry = bits.Add64(sum, be.Uint64(b[8:]), carry)
		sum, carry = bits.Add64(sum, be.Uint64(b[16:]), carry)
		sum, carry = bits.Add64(sum, be.Uint64(b[24:]), carry)
		sum, carry = bits.Add64(sum, be.Uint64(b[32:]), carry)
		sum, carry = bits.Add64(sum, be.Uint64(b[40:]), carry)
		sum, carry = bits.Add64(sum, be.Uint64(b[48:]), carry)
		sum, carry = bits.Add64(sum, be.Uint64(b[56:]), carry)
	}
	for ; len(b) >= 8; b = b[8:] {
		sum, carry = bits.Add64(sum, be.Uint64(b), carry)
	}
	if len(b) > 0 {
		var rest [8]byte // the sum is the same with zeros behind
		copy(rest[:], b)
		sum, carry = bits.Add64(sum, be.Uint64(rest[:]), carry)
	}
	for carry != 0 {
		sum, carry = bits.Add64(sum, 0, carry)
	}
	return sum
}

// fold brings a sum to 16 bits.
func fold(sum uint64) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// pseudoHeader sums what RFC 9293 §3.1 (IPv4) and RFC 8200 §8.1 (IPv6) put before the header.
// n is the length of header and payload.
func pseudoHeader(src, dst netip.Addr, protocol uint8, n int) uint64 {
	a, b := src.As16(), dst.As16()
	if src.Is4() { // the rest of the mapped form is not part of the sum
		clear(a[:12])
		clear(b[:12])
	}
	return add(add(uint64(n)+uint64(protocol), a[:]), b[:])
}
