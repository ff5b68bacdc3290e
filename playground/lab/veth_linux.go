package lab

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"socketplayground/playground/lag"
)

// vethDevices makes pairs of veth devices (veth(4)): one end is the host's device, the other lies in the base namespace
// and is read and written by a packet socket (packet(7)). Nobody has an address there.
type vethDevices struct{ base *os.File }

// packetBuffer is how many bytes of packets wait in a packet socket for us to read them. The kernel counts some
// 2300 bytes for one of 1500.
const packetBuffer = 8 << 20

func (v vethDevices) attach(ns *os.File, mtu int) (port, error) {
	n, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, refused("a netlink socket", err)
	}
	defer n.Close()
	pair := netlink.NewVeth(netlink.LinkAttrs{Name: deviceName, MTU: mtu})
	pair.PeerName, pair.PeerMTU = "cable%d", uint32(mtu) // the kernel chooses a number
	pair.PeerNamespace = netlink.NsFd(v.base.Fd())
	if err := n.LinkAdd(pair); err != nil {
		return nil, refused("a pair of veth devices", err)
	}
	end, err := n.LinkByName(deviceName)
	if err == nil {
		err = offloadOff()
	}
	if err != nil {
		return nil, refused("the device "+deviceName, err)
	}
	// IFLA_LINK of one end is the index of the other in its own namespace.
	cable := end.Attrs().ParentIndex
	if err := enter(int(v.base.Fd())); err != nil {
		return nil, err
	}
	p, err := newPacketPort(cable, end.Attrs().HardwareAddr)
	if back := enter(int(ns.Fd())); err == nil && back != nil {
		_ = p.Close()
		err = back
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// offloadOff has the kernel finish checksums and cut segments to size before they leave the device, since no hardware
// will do it later. It runs in the device's namespace.
func offloadOff() error {
	// What this kernel lets nobody change it does not do either: of checksums we hear from the last step.
	for _, command := range []uint32{unix.ETHTOOL_STSO, unix.ETHTOOL_SGSO, unix.ETHTOOL_SGRO, unix.ETHTOOL_SSG, unix.ETHTOOL_STXCSUM} {
		if err := ethtool(deviceName, command, 0); err != nil && command == unix.ETHTOOL_STXCSUM {
			return err
		}
	}
	return nil
}

// ethtool sets a feature of a device of the thread's namespace (ethtool(8), include/uapi/linux/ethtool.h).
func ethtool(device string, command, on uint32) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	value := struct{ command, on uint32 }{command, on}
	request := struct { // struct ifreq
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte
	}{data: unsafe.Pointer(&value)}
	copy(request.name[:], device)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
	runtime.KeepAlive(&value)
	if errno != 0 {
		return os.NewSyscallError("ioctl SIOCETHTOOL", errno)
	}
	return nil
}

// inOrder keeps what a host sends in one queue. Otherwise each CPU has its own, and what leaves the host on two of them
// can overtake (netif_rx, net/core/dev.c). A veth device has a queue where it collects segments (GRO; veth_xmit,
// drivers/net/veth.c); but it is to collect none, so none may grow. It runs in the namespace of the cable's end. A kernel
// that cannot do it (before 6.3) leaves the order as it is.
func inOrder(n *netlink.Handle, link netlink.Link) {
	const none = 1 // byte; 0 would mean the default
	if n.LinkSetGROMaxSize(link, none) != nil || n.LinkSetGROIPv4MaxSize(link, none) != nil {
		return
	}
	_ = ethtool(link.Attrs().Name, unix.ETHTOOL_SGRO, 1)
}

// packetPort is a packet socket on the far end of a host's veth device. SOCK_DGRAM: the kernel takes the Ethernet header
// off and puts it on.
type packetPort struct {
	file *os.File
	raw  syscall.RawConn
	lag  lag.Reader

	mu      sync.Mutex // guards to, in which package unix prepares the call, and dropped
	to      unix.SockaddrLinklayer
	dropped uint64
}

// newPacketPort brings the cable's end up and opens its socket. It runs in their namespace.
func newPacketPort(index int, host []byte) (*packetPort, error) {
	n, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, refused("a netlink socket", err)
	}
	defer n.Close()
	link, err := n.LinkByIndex(index)
	if err != nil {
		return nil, refused("a pair of veth devices", err)
	}
	if err := silence(n, link); err != nil {
		return nil, err
	}
	inOrder(n, link)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0) // 0: no packets before bind
	if err != nil {
		return nil, refused("a packet socket", os.NewSyscallError("socket", err))
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, packetBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, packetBuffer) // as far as net.core.rmem_max allows
	}
	err = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1) // what we write is not for us
	if err == nil {
		// Past the queue of the device: that of one just brought up swallows packets until the kernel has noticed that the
		// other end is up too, as late as a second after (linkwatch, net/core/link_watch.c).
		err = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1)
	}
	if err == nil {
		err = n.LinkSetUp(link) // before bind: a socket on a device that is down reads ENETDOWN
	}
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: index})
	}
	if err != nil {
		unix.Close(fd)
		return nil, refused("a packet socket", err)
	}
	p := &packetPort{file: os.NewFile(uintptr(fd), "cable"), to: unix.SockaddrLinklayer{Ifindex: index, Halen: uint8(len(host))}}
	copy(p.to.Addr[:], host)
	if p.raw, err = p.file.SyscallConn(); err != nil {
		_ = p.file.Close()
		return nil, err
	}
	p.lag.Waiting = func() bool { return lag.Readable(p.raw) }
	return p, nil
}

// ReadPacket may be called again and again by one goroutine, which has handed the packet on that it got before.
func (p *packetPort) ReadPacket(b []byte) (n int, err error) {
	closed := p.raw.Read(func(fd uintptr) (done bool) {
		p.lag.Reads()
		for {
			switch n, err = unix.Read(int(fd), b); err {
			case unix.EAGAIN:
				p.lag.Empty()
				return false // come again when there is another
			case unix.EINTR:
			default:
				return true
			}
		}
	})
	if closed != nil {
		p.lag.Empty() // nobody reads any more
		return 0, portError(closed)
	}
	return n, os.NewSyscallError("read", err)
}

func (p *packetPort) WritePacket(b []byte) error {
	if len(b) == 0 {
		return unix.EINVAL // as a TUN device says
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to.Protocol = networkOrder(unix.ETH_P_IP)
	if b[0]>>4 == 6 {
		p.to.Protocol = networkOrder(unix.ETH_P_IPV6)
	}
	var err error
	closed := p.raw.Write(func(fd uintptr) bool {
		err = unix.Sendto(int(fd), b, 0, &p.to)
		return err != unix.EAGAIN
	})
	if closed != nil {
		return portError(closed)
	}
	return os.NewSyscallError("sendto", err)
}

func (p *packetPort) Close() error { return p.file.Close() }

// behind is the reader's lag behind what the host has sent.
func (p *packetPort) behind() *lag.Reader { return &p.lag }

// drops is what the device has dropped, whose queue was full, and the packet socket, of which the kernel counts from one
// question to the next.
func (p *packetPort) drops(h *Host) (uint64, error) {
	device, err := h.deviceDrops()
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	err = onDescriptor(p.raw, func(fd int) error {
		stats, err := unix.GetsockoptTpacketStats(fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
		if err == nil {
			p.dropped += uint64(stats.Drops)
		}
		return os.NewSyscallError("getsockopt", err)
	})
	if err != nil {
		return 0, fmt.Errorf("lab: the kernel does not tell what it dropped: %w", portError(err))
	}
	return device + p.dropped, nil
}

// networkOrder gives a 16 bit number whose bytes in memory are in network order.
func networkOrder(n uint16) uint16 {
	var b [2]byte
	b[0], b[1] = byte(n>>8), byte(n)
	return *(*uint16)(unsafe.Pointer(&b))
}
