package lab

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"socketplayground/playground/lag"
)

// tunDevices makes TUN devices (Documentation/networking/tuntap.rst). The kernel's side is the host's network device,
// ours a descriptor. Without IFF_VNET_HDR the kernel finishes checksums and cuts segments to size before we read them,
// and verifies what we write. write(2) runs the host's TCP before it returns (tun_get_user, drivers/net/tun.c).
type tunDevices struct{}

func (tunDevices) attach(*os.File, int) (port, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("lab: TUN devices cannot be used; give this user access to /dev/net/tun, "+
			"or load the module tun: %w", &os.PathError{Op: "open", Path: "/dev/net/tun", Err: err})
	}
	request, err := unix.NewIfreq(deviceName)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		unix.Close(fd)
		return nil, refused("a TUN device", os.NewSyscallError("ioctl TUNSETIFF", err))
	}
	// Only now: polling a TUN descriptor without a device gives EPOLLERR, and Go would not wait for it.
	p, err := newTunPort(os.NewFile(uintptr(fd), "/dev/net/tun"))
	if err != nil {
		return nil, err
	}
	return p, nil
}

// tunPort is the descriptor of a TUN device.
//
// It makes its system calls without telling Go's scheduler: they do not wait, and to say that one begins and ends costs
// a fair part of what the call does. The longest, a write that lets the host send a window full of segments, keeps the
// processor for some ten microseconds, which is little to a scheduler that lets a goroutine run for ten milliseconds.
type tunPort struct {
	file *os.File
	raw  syscall.RawConn
	lag  lag.Reader

	mu     sync.RWMutex // held while a packet is written, so that the descriptor is not closed meanwhile
	fd     uintptr
	closed bool
}

func newTunPort(file *os.File) (*tunPort, error) {
	raw, err := file.SyscallConn()
	p := &tunPort{file: file, raw: raw}
	p.lag.Waiting = func() bool { return lag.Readable(raw) }
	if err == nil {
		err = onDescriptor(raw, func(fd int) error { p.fd = uintptr(fd); return nil })
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return p, nil
}

// transfer makes one system call for a packet.
func transfer(call, fd uintptr, b []byte) (int, unix.Errno) {
	for {
		n, _, errno := unix.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

func (p *tunPort) ReadPacket(b []byte) (n int, err error) {
	err = p.ReadPackets(b, func(got int) bool { n = got; return false })
	return n, err
}

// ReadPackets implements wire.Stream.
func (p *tunPort) ReadPackets(b []byte, f func(n int) (more bool)) (err error) {
	closed := p.raw.Read(func(fd uintptr) (done bool) {
		p.lag.Reads()
		for {
			n, errno := transfer(unix.SYS_READ, fd, b)
			switch {
			case errno == unix.EAGAIN:
				p.lag.Empty()
				return false // come again when there is another
			case errno != 0:
				err = os.NewSyscallError("read", errno)
				return true
			case !f(n):
				return true
			}
		}
	})
	if closed != nil || err != nil {
		p.lag.Empty() // nobody reads any more
	}
	if closed != nil { // in words of Go's own, which os.ErrClosed does not match
		return ErrClosed
	}
	return err
}

func (p *tunPort) WritePacket(b []byte) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return ErrClosed
	}
	if _, errno := transfer(unix.SYS_WRITE, p.fd, b); errno != 0 {
		return os.NewSyscallError("write", errno)
	}
	return nil
}

func (p *tunPort) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	return p.file.Close()
}

// behind is the reader's lag behind what the host has sent.
func (p *tunPort) behind() *lag.Reader { return &p.lag }

// drops asks the device, whose queue is all there is.
func (p *tunPort) drops(h *Host) (uint64, error) { return h.deviceDrops() }

// deviceDrops is how many packets of the host its device has dropped.
func (h *Host) deviceDrops() (dropped uint64, err error) {
	err = h.Do(func() error {
		n, err := netlink.NewHandle(unix.NETLINK_ROUTE)
		if err != nil {
			return refused("a netlink socket", err)
		}
		defer n.Close()
		link, err := n.LinkByName(deviceName)
		if err != nil {
			return refused("the device "+deviceName, err)
		}
		if s := link.Attrs().Statistics; s != nil {
			dropped = s.TxDropped
		}
		return nil
	})
	return dropped, err
}

// portError says of a closed Port that its Lab is.
func portError(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return ErrClosed
	}
	return err
}
