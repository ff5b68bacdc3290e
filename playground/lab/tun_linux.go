package lab

import (
	"errors"
	"fmt"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
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
	return tunPort{os.NewFile(uintptr(fd), "/dev/net/tun")}, nil
}

// tunPort is the descriptor of a TUN device.
type tunPort struct{ file *os.File }

func (p tunPort) ReadPacket(b []byte) (int, error) {
	n, err := p.file.Read(b)
	return n, portError(err)
}

func (p tunPort) WritePacket(b []byte) error {
	_, err := p.file.Write(b)
	return portError(err)
}

func (p tunPort) Close() error { return p.file.Close() }

// drops asks the device, whose queue is all there is.
func (p tunPort) drops(h *Host) (uint64, error) { return h.deviceDrops() }

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
