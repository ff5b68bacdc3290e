package sockdiag

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// TCPInfo is struct tcp_info (include/uapi/linux/tcp.h, filled by tcp_get_info in net/ipv4/tcp.c).
// Counts are of segments unless a field says bytes. A field the kernel is too old for is zero: Size tells.
// In LISTEN the kernel sets only few: Unacked is the accept queue's length and Sacked the backlog.
type TCPInfo struct {
	Size int // bytes the kernel sent

	// Every kernel: Size ≥ 104.
	State                  State // NewSynRecv is never seen here
	CAState                CAState
	Retransmits            uint8 // of the oldest segment not acknowledged
	Probes                 uint8 // keepalive or window probes not answered
	Backoff                uint8 // doublings of the RTO or of the probe interval
	Options                TCPOptions
	SndWScale              uint8         // shift count the peer announced (RFC 7323 §2)
	RcvWScale              uint8         // shift count we announced
	DeliveryRateAppLimited bool          // DeliveryRate is what the program wrote, not what the path can carry
	FastOpenClientFail     uint8         // why Fast Open failed (enum tcp_fastopen_client_fail)
	RTO                    time.Duration // retransmission timeout (RFC 6298)
	ATO                    time.Duration // delayed ACK timeout
	SndMSS                 uint32        // bytes
	RcvMSS                 uint32        // bytes; an estimate from the segments received
	Unacked                uint32        // sent and not acknowledged
	Sacked                 uint32
	Lost                   uint32        // presumed lost
	Retrans                uint32        // retransmitted and not acknowledged
	Fackets                uint32        // zero since Linux 4.15
	LastDataSent           time.Duration // ago
	LastDataRecv           time.Duration // ago
	LastAckRecv            time.Duration // ago
	PMTU                   uint32        // bytes
	RcvSsthresh            uint32        // bytes; limit of the window we announce
	RTT                    time.Duration // smoothed (RFC 6298)
	RTTVar                 time.Duration
	SndSsthresh            uint32        // slow start threshold; 0x7fffffff while there is none
	SndCwnd                uint32        // congestion window
	AdvMSS                 uint32        // bytes; the MSS we announced
	Reordering             uint32        // degree of reordering that is not taken for loss
	RcvRTT                 time.Duration // the receiver's own estimate
	RcvSpace               uint32        // bytes the program reads per RTT, for buffer tuning
	TotalRetrans           uint32

	// Linux 3.15: Size ≥ 120.
	PacingRate    uint64 // bytes a second; all ones is unlimited
	MaxPacingRate uint64 // bytes a second; all ones is unlimited

	// Linux 4.2: Size ≥ 144.
	BytesAcked    uint64 // of the sequence space: a FIN counts as one, and so does the SYN of an active open
	BytesReceived uint64 // of the sequence space: a FIN counts as one
	SegsOut       uint32 // pure ACKs and SYN included
	SegsIn        uint32

	// Linux 4.6: Size ≥ 160.
	NotsentBytes uint32
	MinRTT       time.Duration // least RTT of late; zero while there is no sample
	DataSegsIn   uint32
	DataSegsOut  uint32

	// Linux 4.9 and 4.10: Size ≥ 192.
	DeliveryRate  uint64        // bytes a second
	BusyTime      time.Duration // had data in flight or to send
	RwndLimited   time.Duration // held up by the peer's window
	SndbufLimited time.Duration // held up by the send buffer

	// Linux 4.18 and 4.19: Size ≥ 224.
	Delivered    uint32
	DeliveredCE  uint32 // of these, acknowledged with ECE (RFC 3168)
	BytesSent    uint64 // payload, retransmissions included
	BytesRetrans uint64 // payload
	DSACKDups    uint32 // duplicates the peer reported (RFC 2883)
	ReordSeen    uint32 // reordering events

	// Linux 5.4: Size ≥ 232.
	RcvOOOPack uint32 // arrived out of order
	SndWnd     uint32 // bytes; the window the peer announced, scaled

	// Linux 6.2: Size ≥ 240.
	RcvWnd uint32 // bytes; the window we announced, scaled
	Rehash uint32 // times the flow was moved to another path after timeouts

	// Linux 6.7: Size ≥ 248.
	TotalRTO           uint16 // retransmission timeouts
	TotalRTORecoveries uint16
	TotalRTOTime       time.Duration // in RTO recovery

	// Linux 6.18: Size ≥ 276. Accurate ECN (RFC 9768). The four bytes behind these are left alone:
	// their layout is not the same in every release.
	ReceivedCE       uint32
	DeliveredE1Bytes uint32
	DeliveredE0Bytes uint32
	DeliveredCEBytes uint32
	ReceivedE1Bytes  uint32
	ReceivedE0Bytes  uint32
	ReceivedCEBytes  uint32
}

// CAState is the state of the sender's loss recovery (enum tcp_ca_state).
type CAState uint8

// The states of loss recovery.
const (
	CAOpen     CAState = iota // nothing suspicious
	CADisorder                // duplicate ACKs or SACKs came
	CACWR                     // the congestion window is being reduced, without loss
	CARecovery                // fast retransmit (RFC 6675)
	CALoss                    // retransmission timeout
)

// String names the state.
func (s CAState) String() string {
	switch s {
	case CAOpen:
		return "open"
	case CADisorder:
		return "disorder"
	case CACWR:
		return "cwr"
	case CARecovery:
		return "recovery"
	case CALoss:
		return "loss"
	default:
		return fmt.Sprintf("CAState(%d)", uint8(s))
	}
}

// TCPOptions is the set of options and features in use on a connection (TCPI_OPT_*).
type TCPOptions uint8

// The options and features.
const (
	OptTimestamps TCPOptions = 1 << iota // RFC 7323 §3
	OptSACK                              // RFC 2018
	OptWScale                            // RFC 7323 §2
	OptECN                               // negotiated (RFC 3168)
	OptECNSeen                           // a packet with ECT came
	OptSynData                           // the SYN carried data that was acknowledged (RFC 7413)
	OptUsecTS                            // timestamps in microseconds
	OptTFOChild                          // opened by Fast Open on the passive side
)

var optionNames = [8]string{"timestamps", "sack", "wscale", "ecn", "ecn_seen", "syn_data", "usec_ts", "tfo_child"}

// Names lists the options in the order of the constants; it is nil if there are none.
func (o TCPOptions) Names() []string {
	var names []string
	for i, name := range optionNames {
		if o&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// minTCPInfo covers the single-byte fields. Everything behind them may be missing:
// getsockopt(TCP_INFO) cuts the struct to the caller's buffer.
const minTCPInfo = 8

// noMinRTT is what the kernel's filter of the least RTT starts from (tcp_init_sock, net/ipv4/tcp.c).
const noMinRTT = math.MaxUint32 * time.Microsecond

var errShortTCPInfo = errors.New("sockdiag: a struct tcp_info has at least 8 bytes; give getsockopt(TCP_INFO) a buffer of 512")

// ParseTCPInfo decodes a struct tcp_info, as sock_diag and getsockopt(TCP_INFO) give it.
// It takes the shorter struct of an older kernel and the longer one of a newer.
func ParseTCPInfo(b []byte) (TCPInfo, error) {
	if len(b) < minTCPInfo {
		return TCPInfo{}, errShortTCPInfo
	}
	t := TCPInfo{
		Size:        len(b),
		State:       State(b[0]),
		CAState:     CAState(b[1]),
		Retransmits: b[2],
		Probes:      b[3],
		Backoff:     b[4],
		Options:     TCPOptions(b[5]),
		SndWScale:   bits(b[6], 0, 4),
		RcvWScale:   bits(b[6], 4, 4),

		DeliveryRateAppLimited: bits(b[7], 0, 1) == 1,
		FastOpenClientFail:     bits(b[7], 1, 2),
	}
	f := fields(b[minTCPInfo:])
	t.RTO, t.ATO = f.micros32(), f.micros32()
	t.SndMSS, t.RcvMSS = f.uint32(), f.uint32()
	t.Unacked, t.Sacked, t.Lost, t.Retrans, t.Fackets = f.uint32(), f.uint32(), f.uint32(), f.uint32(), f.uint32()
	t.LastDataSent = f.millis32()
	f.uint32() // tcpi_last_ack_sent: "Not remembered, sorry."
	t.LastDataRecv, t.LastAckRecv = f.millis32(), f.millis32()
	t.PMTU, t.RcvSsthresh = f.uint32(), f.uint32()
	t.RTT, t.RTTVar = f.micros32(), f.micros32()
	t.SndSsthresh, t.SndCwnd = f.uint32(), f.uint32()
	t.AdvMSS, t.Reordering = f.uint32(), f.uint32()
	t.RcvRTT, t.RcvSpace = f.micros32(), f.uint32()
	t.TotalRetrans = f.uint32()

	t.PacingRate, t.MaxPacingRate = f.uint64(), f.uint64()
	t.BytesAcked, t.BytesReceived = f.uint64(), f.uint64()
	t.SegsOut, t.SegsIn = f.uint32(), f.uint32()
	t.NotsentBytes = f.uint32()
	if t.MinRTT = f.micros32(); t.MinRTT == noMinRTT {
		t.MinRTT = 0
	}
	t.DataSegsIn, t.DataSegsOut = f.uint32(), f.uint32()
	t.DeliveryRate = f.uint64()
	t.BusyTime, t.RwndLimited, t.SndbufLimited = f.micros64(), f.micros64(), f.micros64()
	t.Delivered, t.DeliveredCE = f.uint32(), f.uint32()
	t.BytesSent, t.BytesRetrans = f.uint64(), f.uint64()
	t.DSACKDups, t.ReordSeen = f.uint32(), f.uint32()
	t.RcvOOOPack, t.SndWnd = f.uint32(), f.uint32()
	t.RcvWnd, t.Rehash = f.uint32(), f.uint32()
	t.TotalRTO, t.TotalRTORecoveries, t.TotalRTOTime = f.uint16(), f.uint16(), f.millis32()
	t.ReceivedCE = f.uint32()
	t.DeliveredE1Bytes, t.DeliveredE0Bytes, t.DeliveredCEBytes = f.uint32(), f.uint32(), f.uint32()
	t.ReceivedE1Bytes, t.ReceivedE0Bytes, t.ReceivedCEBytes = f.uint32(), f.uint32(), f.uint32()
	return t, nil
}

// bits takes a C bit-field of width bits that starts after offset bits.
// Compilers fill a byte from the end that comes first in the machine's byte order.
func bits(b byte, offset, width int) uint8 {
	if bigEndian {
		offset = 8 - offset - width
	}
	return b >> offset & (1<<width - 1)
}

var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// fields is the rest of a struct, read from its start. Behind its end, and in a field that is cut, all is zero.
type fields []byte

func (f *fields) take(n int) []byte {
	if len(*f) < n {
		*f = nil
		return nil
	}
	b := (*f)[:n]
	*f = (*f)[n:]
	return b
}

func (f *fields) uint16() uint16 {
	if b := f.take(2); b != nil {
		return binary.NativeEndian.Uint16(b)
	}
	return 0
}

func (f *fields) uint32() uint32 {
	if b := f.take(4); b != nil {
		return binary.NativeEndian.Uint32(b)
	}
	return 0
}

func (f *fields) uint64() uint64 {
	if b := f.take(8); b != nil {
		return binary.NativeEndian.Uint64(b)
	}
	return 0
}

func (f *fields) millis32() time.Duration { return time.Duration(f.uint32()) * time.Millisecond }
func (f *fields) micros32() time.Duration { return time.Duration(f.uint32()) * time.Microsecond }

// micros64 stops at what a Duration holds, 292 years.
func (f *fields) micros64() time.Duration {
	return time.Duration(min(f.uint64(), math.MaxInt64/uint64(time.Microsecond))) * time.Microsecond
}
