package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"socketplayground/playground/lag"
)

// receiveBuffer is what the kernel may hold for us (it doubles the number for its own overhead): 0.6 s of small
// packets at 100,000 a second, while this program waits for a processor. Nothing is taken until packets wait.
const receiveBuffer = 32 << 20

// Capture takes the packets of the loopback interface of the network namespace that it was opened in.
type Capture struct {
	snapLen int
	exclude []uint16
	file    *os.File
	raw     syscall.RawConn
	filter  atomic.Pointer[filter] // the one that the kernel runs
	lag     lag.Reader
	over    context.Context // until Close
	end     context.CancelFunc

	mu    sync.Mutex
	drops uint64 // the kernel forgets its count when it has told it
}

// filter is what the kernel runs, and since when at the latest.
type filter struct {
	vm    *bpf.VM
	since time.Time
}

// Supported is nil where Open would succeed, and otherwise says what to do.
func Supported() error {
	fd, err := open()
	if err != nil {
		return err
	}
	_ = unix.Close(fd)
	return nil
}

func open() (int, error) {
	// Protocol 0: no packet reaches it before it is bound (packet(7)). SOCK_DGRAM: from the IP header on. It blocks, so
	// that Go's poller lets it be (see reader).
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	switch {
	case errors.Is(err, os.ErrPermission):
		return -1, fmt.Errorf("this machine's segments are only shown to who may capture; run the playground as root, "+
			"or allow it with setcap cap_net_raw+ep, or open the Lab: %w", err)
	case err != nil:
		return -1, fmt.Errorf("this kernel offers no packet sockets to this program; load its module af_packet, "+
			"or open the Lab: %w (%w)", err, errors.ErrUnsupported)
	}
	return fd, nil
}

// Open begins to capture, with nothing passing until SetPorts. The descriptor is close-on-exec.
func Open(cfg Config) (*Capture, error) {
	if cfg.SnapLen == 0 {
		cfg.SnapLen = MaxSnapLen
	}
	if cfg.SnapLen < MinSnapLen || cfg.SnapLen > MaxSnapLen {
		return nil, fmt.Errorf("capture: a snap length of %d bytes is out of range; choose from %d to %d", cfg.SnapLen, MinSnapLen, MaxSnapLen)
	}
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		return nil, fmt.Errorf("capture: there is no loopback interface lo: %w", err)
	}
	fd, err := open()
	if err != nil {
		return nil, err
	}
	c := &Capture{snapLen: cfg.SnapLen, exclude: distinct(cfg.Exclude), file: os.NewFile(uintptr(fd), "loopback")}
	c.lag.Waiting = func() bool { return lag.Readable(c.raw) }
	c.over, c.end = context.WithCancel(context.Background())
	if err := c.prepare(fd, lo.Index); err != nil {
		_ = c.file.Close()
		return nil, err
	}
	stamped()
	return c, nil
}

// prepare sets the options, then the filter, and binds at last, so that nothing is ever taken that should not be.
func (c *Capture) prepare(fd, index int) (err error) {
	if c.raw, err = c.file.SyscallConn(); err != nil {
		return err
	}
	for _, o := range []struct {
		level, name int
		what        string
	}{
		{unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, "PACKET_IGNORE_OUTGOING (Linux 4.20)"},
		{unix.SOL_PACKET, unix.PACKET_AUXDATA, "PACKET_AUXDATA"},
		{unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, "SO_TIMESTAMPNS"},
	} {
		if err := unix.SetsockoptInt(fd, o.level, o.name, 1); err != nil {
			return fmt.Errorf("capture: this kernel refuses %s: %w", o.what, err)
		}
	}
	// Past net.core.rmem_max with CAP_NET_ADMIN, up to it without.
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) != nil {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer); err != nil {
			return fmt.Errorf("capture: the receive buffer: %w", err)
		}
	}
	if err := c.SetPorts(nil); err != nil {
		return err
	}
	// Of all protocols, since PACKET_IGNORE_OUTGOING tells departure from arrival there (dev_queue_xmit_nit,
	// net/core/dev.c); the filter picks.
	all := binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL}) // network order in memory
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index}); err != nil {
		return fmt.Errorf("capture: bind to the loopback interface: %w", err)
	}
	return nil
}

// SetPorts lets only these TCP ports pass, at either end; without any, nothing passes. It replaces the filter of
// the live socket: the kernel exchanges the two at once, so no packet of a port that both pass is lost. Packets
// that the old one had passed, and that wait to be read, are held against the new one: after SetPorts has
// returned none that it denies is handed over, but for the call that is under way.
func (c *Capture) SetPorts(ports []uint16) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	program, err := filterProgram(ports, c.exclude, c.snapLen)
	if err != nil {
		return err
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		return err
	}
	assembled, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	code := make([]unix.SockFilter, len(assembled))
	for i, r := range assembled {
		code[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	err = c.control(func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
	})
	if err != nil {
		return fmt.Errorf("capture: the filter for %d ports: %w", len(ports), err)
	}
	c.filter.Store(&filter{vm: vm, since: time.Now()})
	return nil
}

// Drops is how many packets passed the filter and were lost, since Open, because the receive buffer was full.
func (c *Capture) Drops() (uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.control(func(fd int) error {
		s, err := unix.GetsockoptTpacketStats(fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
		if err == nil {
			c.drops += uint64(s.Drops)
		}
		return err
	})
	if err != nil {
		return c.drops, fmt.Errorf("capture: PACKET_STATISTICS: %w", err)
	}
	return c.drops, nil
}

func (c *Capture) control(f func(fd int) error) (err error) {
	if e := c.raw.Control(func(fd uintptr) { err = f(int(fd)) }); e != nil {
		return e
	}
	return err
}

// Close ends the capture, and Run.
func (c *Capture) Close() error {
	c.end()
	return c.file.Close()
}

// CaughtUp returns when Run has handed on all packets that were sent before it was called.
func (c *Capture) CaughtUp(ctx context.Context) error {
	_ = crossed(ctx) // where it fails, what has arrived is waited for still
	return lag.Wait(ctx, &c.lag)
}
