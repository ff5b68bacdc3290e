// Package capture shows the TCP segments that cross this machine's loopback interface, as the kernel hands them
// from one socket to the other. It needs Linux and CAP_NET_RAW.
//
// Every packet is seen once: loopback shows a packet when it leaves and again when it arrives, and only the arrival
// is taken (PACKET_IGNORE_OUTGOING). A filter in the kernel passes the TCP ports that are asked for and nothing
// else, so other programs' traffic never reaches this process; the excluded ports never pass, whatever is asked for.
//
// What loopback shows is not what a cable would: segments are as large as the sender's offload makes them, up to
// 64 KB, and their checksums are often left for hardware that never comes (Packet.ChecksumOffloaded).
// Fragments but the first, which carry no ports, and IPv6 packets with extension headers do not pass.
package capture

import "time"

// Config says what a Capture takes.
type Config struct {
	Exclude []uint16 // TCP ports never seen, at either end: the page's own
	SnapLen int      // bytes kept of each packet, from MinSnapLen to MaxSnapLen; 0 is MaxSnapLen
}

const (
	// MinSnapLen holds the ports that an ICMP error quotes, behind two IPv4 headers full of options (RFC 792).
	MinSnapLen = 60 + 8 + 60 + 4
	// MaxSnapLen holds any packet there is, one larger than IPv4's 64 KB (BIG TCP) included.
	MaxSnapLen = 256 << 10
	// MaxPorts is how many different ports may be asked for and excluded, together: two filters, the old one and
	// the new one, must fit into net.core.optmem_max while they are exchanged (20 KB on older kernels).
	MaxPorts = 500
)

// Packet is one IP packet that arrived on the loopback interface.
type Packet struct {
	Data              []byte    // from the IP header on; valid during the callback
	OriginalLen       int       // how long it was; Data is shorter where SnapLen cut it off
	At                time.Time // the kernel's time stamp; wall clock
	ChecksumOffloaded bool      // the sender left the TCP checksum for the hardware to fill in
}
