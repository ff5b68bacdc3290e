package lab

import (
	"errors"
	"log/slog"
	"net/netip"
	"syscall"
	"time"
)

// Backend is a way to make hosts.
type Backend string

// The backends, in the order in which they are tried.
const (
	Capabilities  Backend = "capabilities"   // own CAP_SYS_ADMIN and CAP_NET_ADMIN, TUN devices
	UserNamespace Backend = "user_namespace" // those capabilities in a user namespace, TUN devices
	Veth          Backend = "veth"           // either of the two without /dev/net/tun: veth devices and packet sockets
)

// Support says whether this system can make hosts.
type Support struct {
	Available bool
	Backend   Backend   // the one that works
	Reason    string    // one sentence: why this backend, or why none and what would allow one
	Tried     []Attempt // the others, in order
}

// Attempt is a backend that does not work here.
type Attempt struct {
	Backend Backend
	Err     error // one sentence: what was refused, and what would allow it
}

// Config is what a System is made of.
type Config struct {
	Backend Backend
	// Guardian has a second process of this program clean up if it is killed. The program must call Reexec first.
	Guardian bool
	Logger   *slog.Logger // for what goes wrong in the background; nil: nowhere
}

// Options are those of a Lab.
type Options struct {
	QuickACK bool // see Lab.SetQuickACK
	MTU      int  // of both hosts' devices; 0 is DefaultMTU
}

// MTUs. IPv6 is switched off by the kernel on a link below 1280 bytes (RFC 8200 §5).
const (
	DefaultMTU = 1500
	MinMTU     = 1280
	MaxMTU     = 65535 // IPv4's longest packet
)

// Port is a host's end of the cable. It has the methods of wire.Port, so that neither package needs the other.
type Port interface {
	// ReadPacket reads one IP packet that the host sent. It blocks until there is one, or the Port is closed.
	ReadPacket(p []byte) (int, error)
	// WritePacket gives the host one IP packet. The host's TCP has seen it when WritePacket returns.
	WritePacket(p []byte) error
	Close() error
}

// SocketOptions say how to open a socket. The zero value is Go's defaults.
type SocketOptions struct {
	Backlog int // of a listener; 0: the system's
	// Control, if set, is called with the socket before bind(2), as net.ListenConfig.Control and net.Dialer.Control are.
	Control func(network, address string, c syscall.RawConn) error
	// Connecting, if set, is called with the socket and the resolved address before connect(2).
	Connecting func(c syscall.RawConn, to netip.AddrPort)
	// KeepAlive means what it means in net.ListenConfig and net.Dialer.
	KeepAlive time.Duration
}

// Setting is one of a host's kernel settings (sysctl, Documentation/networking/ip-sysctl.rst).
type Setting struct {
	Name     string // as the kernel calls it, without net.ipv4.
	Sentence string // what it does
	Values   string // what it takes
	Numbers  int    // how many numbers it takes; 0: one
	Word     bool   // it takes a name, and no number
	Value    string // what it is
	Since    string // the Linux that it came with, such as 6.5; empty: older than all that the Lab was tried on
}

// The addresses, the same in every Lab: TEST-NET-1 (RFC 5737) and the documentation prefix (RFC 3849), which no real
// host has.
var (
	clientAddresses = []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	serverAddresses = []netip.Addr{netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::2")}
	// Network is the IPv4 network on the cable.
	Network = netip.MustParsePrefix("192.0.2.0/24")
)

// ErrClosed is the error of a Lab, Host or System that was closed.
var ErrClosed = errors.New("lab: the Lab is closed; open a new one")
