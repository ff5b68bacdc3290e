package segment

// Marks say what is unusual about a segment, given those before it on its connection. A segment may have several.
//
// Segments are judged where they leave their sender: "sent" is not "arrived". Nothing is judged by time.
// "Pure ACK" is a segment with ACK, without SYN, FIN, RST and payload. "Edge" is the sequence number behind the last
// one that this end has sent. SYN and FIN take a sequence number each. An RST has no marks.
// Wireshark's rules are in its User's Guide, "TCP Analysis"; where ours differ, it says so.
type Marks uint16

const (
	// Retransmission: what it carries (payload, SYN or FIN) begins below the edge, and was seen before.
	// [Tracked.Of] is the segment that carried its first byte first, as long as that is remembered.
	// The SYN, ACK by which an end answers a SYN that crossed its own (simultaneous open, RFC 9293 §3.5) repeats the
	// SYN's number but is no retransmission.
	// Wireshark calls a repeated single byte a keep-alive; here it is a retransmission if it repeats a segment of one byte.
	Retransmission Marks = 1 << iota

	// DuplicateACK: a pure ACK that acknowledges nothing new, whose window is not 0, and that either tells by SACK of
	// something new that has arrived (RFC 6675 §2), or changes nothing at all while data of the other end is outstanding
	// (RFC 5681 §2). It does not answer a keepalive or a window probe.
	// [Tracked.DupAcks] counts them since the acknowledgment last moved; [Tracked.Of] is the segment that moved it.
	// To Wireshark data need not be outstanding, and any SACK block will do.
	DuplicateACK

	// OutOfOrder: what it carries begins below the edge, but in a gap: it was not seen before, nor acknowledged.
	// Wireshark guesses by time whether it was; here it is remembered.
	OutOfOrder

	// ZeroWindow: it says that its sender takes no more data. Not judged in a SYN. Wireshark leaves out FIN too.
	ZeroWindow

	// WindowProbe: sent against a window of 0, to learn whether it has opened (RFC 9293 §3.8.6.1). It is numbered one below
	// the edge and carries nothing (Linux, net/ipv4/tcp_output.c, tcp_xmit_probe_skb) or one byte that has arrived long ago
	// (gVisor), or it carries the one byte at the edge (BSD, lwIP); all below the edge is acknowledged. The window counts
	// as 0 while that is the last one the other end has sent; and once more where probes were already running, for it may
	// have opened without this end knowing. Wireshark calls those below the edge keep-alives.
	WindowProbe

	// WindowUpdate: a pure ACK that acknowledges nothing new and whose window, scaled, is larger than the one before.
	// Wireshark takes any change for an update, also that from the SYN, ACK's window, which is not scaled, to a scaled one.
	WindowUpdate

	// KeepAlive: numbered one below the edge, with no payload or one byte (RFC 9293 §3.8.4), all below the edge
	// acknowledged, and neither [WindowProbe] nor [Retransmission].
	KeepAlive

	// KeepAliveACK: a pure ACK that acknowledges nothing new, and tells of nothing new by SACK, while a keepalive of the
	// other end waits for its answer. What crosses the keepalive, data or a keepalive the other way, is not its answer. One
	// that was not answered by the time that the other end acknowledges what was sent later is taken for lost.
	KeepAliveACK

	// SpuriousRetransmission: a retransmission of what the other end has already acknowledged, every byte of it
	// (the ACK may be on its way). It is marked Retransmission as well. Wireshark asks so of payload only, not of SYN and FIN.
	SpuriousRetransmission

	// DSACK: its first SACK block tells of what has come twice (RFC 2883 §4): it begins below the acknowledgment, or lies
	// within the second block. That alone makes no duplicate ACK.
	DSACK

	// WindowFull: data that ends exactly where the newest window ends that the other end has sent (it may be on its way).
	// Only where both SYNs were seen, for they say how windows are scaled.
	WindowFull
)

// markNames are in the order of the bits.
var markNames = [...]string{"retransmission", "duplicate_ack", "out_of_order", "zero_window", "window_probe",
	"window_update", "keepalive", "keepalive_ack", "spurious_retransmission", "dsack", "window_full"}

// Has says whether all the marks of n are set.
func (m Marks) Has(n Marks) bool { return m&n == n }

// Names gives the marks the protocol's names; nil where there are none.
func (m Marks) Names() []string {
	var names []string
	for i, name := range markNames {
		if m.Has(1 << i) {
			names = append(names, name)
		}
	}
	return names
}
