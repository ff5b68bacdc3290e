package sockdiag

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// ErrNotFound says that no socket answers a Query: there is none with its addresses,
// or the one that has them now is another one than the Query's Cookie names.
var ErrNotFound = errors.New("sockdiag: no such socket; it is gone, or another socket has its addresses now")

// Address families, as Linux numbers them (include/linux/socket.h). The numbers differ on other systems.
const (
	AFInet  uint8 = 2
	AFInet6 uint8 = 10
)

// State is a TCP state as the kernel numbers it (include/net/tcp_states.h).
type State uint8

// The states. The kernel has two for SYN_RCVD: NewSynRecv is a request socket, which belongs to its listener
// until the handshake is complete, and SynRecv a full socket (simultaneous open, Fast Open).
// sock_diag reports both as SynRecv, and BoundInactive as Close.
const (
	Established State = iota + 1
	SynSent
	SynRecv
	FinWait1
	FinWait2
	TimeWait
	Close
	CloseWait
	LastAck
	Listen
	Closing
	NewSynRecv
	BoundInactive // has a local port, but neither listens nor connects; Linux 6.8
)

// String gives the name of RFC 9293 §3.3.2.
func (s State) String() string {
	switch s {
	case Established:
		return "ESTABLISHED"
	case SynSent:
		return "SYN_SENT"
	case SynRecv, NewSynRecv:
		return "SYN_RCVD"
	case FinWait1:
		return "FIN_WAIT_1"
	case FinWait2:
		return "FIN_WAIT_2"
	case TimeWait:
		return "TIME_WAIT"
	case Close, BoundInactive:
		return "CLOSED"
	case CloseWait:
		return "CLOSE_WAIT"
	case LastAck:
		return "LAST_ACK"
	case Listen:
		return "LISTEN"
	case Closing:
		return "CLOSING"
	default:
		return fmt.Sprintf("State(%d)", uint8(s))
	}
}

// StateMask is a set of states, for a Filter.
type StateMask uint32

// AllStates holds every state but BoundInactive, whose table costs the kernel a walk of its own.
const AllStates StateMask = 0xfff

// States gives the set of the states named.
func States(states ...State) StateMask {
	var m StateMask
	for _, s := range states {
		m |= 1 << s
	}
	return m
}

// TimerKind says which of a socket's timers is pending (idiag_timer).
type TimerKind uint8

// The timers. Linux has one timer for keepalive probes and for an orphan's FIN_WAIT_2 timeout
// (sk_timer, net/ipv4/tcp_timer.c), so in FIN_WAIT_2 TimerKeepalive may be the latter.
// TimerRetransmit also stands for the tail loss probe and the reordering timer of RACK (RFC 8985).
const (
	TimerNone TimerKind = iota
	TimerRetransmit
	TimerKeepalive
	TimerTimeWait
	TimerPersist
)

// String names the timer; it is empty when there is none.
func (k TimerKind) String() string {
	switch k {
	case TimerNone:
		return ""
	case TimerRetransmit:
		return "retransmit"
	case TimerKeepalive:
		return "keepalive"
	case TimerTimeWait:
		return "time_wait"
	case TimerPersist:
		return "persist"
	default:
		return fmt.Sprintf("TimerKind(%d)", uint8(k))
	}
}

// Cookie is the number the kernel gives a socket for its whole life and to no other one until it reboots.
// Zero is no cookie.
type Cookie uint64

// String gives 16 hexadecimal digits.
func (c Cookie) String() string { return fmt.Sprintf("%016x", uint64(c)) }

// Socket is what the kernel says about one socket at one moment.
type Socket struct {
	Family        uint8 // AFInet or AFInet6; a dual-stack socket is AFInet6 even if its peer uses IPv4
	State         State
	Timer         TimerKind
	Expires       time.Duration  // until Timer fires, in whole milliseconds
	Retransmits   uint8          // of the oldest segment; unanswered probes if Timer is keepalive or persist
	Local, Remote netip.AddrPort // as the kernel gave them, v4-mapped ones included: see Unmapped
	Interface     uint32         // index of the network interface it is bound to, else 0
	Cookie        Cookie
	RecvQ         uint32   // bytes received and not read; of a listener, connections in the accept queue
	SendQ         uint32   // bytes written and not acknowledged; of a listener, its backlog
	UID           uint32   // user who opened it; 0 where Info is nil, because the kernel does not say
	Inode         uint32   // of its file; 0 once closed, and before accept
	Info          *TCPInfo // nil in TIME_WAIT, and for a request socket; of a listener, nearly all zero
	Mem           *Mem     // nil where Info is nil
	Congestion    string   // congestion control algorithm, empty where Info is nil
}

// Unmapped gives both endpoints with v4-mapped IPv6 addresses (RFC 4291 §2.5.5.2) as the IPv4 addresses they stand for.
func (s Socket) Unmapped() (local, remote netip.AddrPort) {
	return unmap(s.Local), unmap(s.Remote)
}

func unmap(ap netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// Mem is a socket's memory in bytes (INET_DIAG_SKMEMINFO, sk_get_meminfo in net/core/sock.c).
// It counts whole buffers, headers and slack included, so it exceeds the payload.
type Mem struct {
	RMemAlloc  uint32 // receive buffer in use
	RcvBuf     uint32 // limit of RMemAlloc
	WMemAlloc  uint32 // handed to the network layer
	SndBuf     uint32 // limit of WMemQueued
	FwdAlloc   uint32 // reserved and not used yet
	WMemQueued uint32 // send buffer in use
	OptMem     uint32 // ancillary buffers, such as filters
	Backlog    uint32 // arrived while a program was in a call on the socket
	Drops      uint32 // segments dropped, in number
}

// Query names one socket.
type Query struct {
	// Family is the table to search; zero means AFInet for IPv4 and v4-mapped addresses, else AFInet6.
	// A connection between IPv4 addresses is found either way, whether its socket is AF_INET or a
	// dual-stack listener's AF_INET6. A listener on [::] that is not IPv6-only is found both by
	// [::]:port and by 0.0.0.0:port; one that is IPv6-only, by the former alone.
	Family uint8
	// Local is the socket's own endpoint. For a listener on the unspecified address, any of the addresses
	// it serves does as well, and the kernel picks one listener where several share a port (SO_REUSEPORT).
	Local netip.AddrPort
	// Remote is the peer's; leave it zero for a listener.
	Remote netip.AddrPort
	// Interface must be set for a socket bound to a network interface, and for IPv6 link-local addresses.
	Interface uint32
	// Cookie, unless zero, is the one socket meant.
	Cookie Cookie
}

// Query gives the Query that finds s again, and no other socket.
func (s Socket) Query() Query {
	return Query{Family: s.Family, Local: s.Local, Remote: s.Remote, Interface: s.Interface, Cookie: s.Cookie}
}

// Filter says which sockets to list. The kernel applies it. The zero Filter lists all.
type Filter struct {
	Family     uint8     // AFInet or AFInet6; zero is both. Dual-stack sockets are AFInet6
	States     StateMask // zero is AllStates
	LocalPort  uint16    // zero is any
	RemotePort uint16    // zero is any; else no listener is listed
}
