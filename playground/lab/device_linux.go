package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// deviceName is the name of a host's device.
const deviceName = "wire"

// queueLen is how many packets wait in a host's device for us to read them. The kernel drops what finds it full, and
// nobody would see that on the wire, so it is more than connections send in one go.
const queueLen = 4096

// keepToItself undoes what a new namespace takes over from this machine and a host at the end of a cable must not do:
// pass on packets that are for others (container engines switch that on), or go without IPv6. Where /proc/sys is
// read-only, it stays as it is.
func keepToItself() {
	_ = os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("0"), 0)
	_ = os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("0"), 0)
}

// hasIPv6 says whether this kernel has IPv6 at all.
func hasIPv6() bool {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	unix.Close(fd)
	return true
}

// silence keeps IPv6 from talking by itself on a device that is not up yet: without a link-local address the kernel
// looks for no routers, and without address resolution (IFF_NOARP) it asks and reports nothing about its own addresses
// (addrconf_join_solict, net/ipv6/addrconf.c).
func silence(n *netlink.Handle, link netlink.Link) error {
	err := n.LinkSetARPOff(link)
	if err == nil && hasIPv6() {
		const none = 1 // IN6_ADDR_GEN_MODE_NONE, include/uapi/linux/if_link.h
		err = n.LinkSetIP6AddrGenMode(link, none)
	}
	if err != nil {
		return refused("a silent device", err)
	}
	return nil
}

// withoutDiscipline takes the queueing discipline off the device. None has anything to decide here: the device itself has
// a queue as long, and what finds that full is dropped whether or not there is one before it (tun_net_xmit,
// drivers/net/tun.c), so that packets only pass through, at the cost of its locks. Where the kernel keeps it, all goes on.
func withoutDiscipline(n *netlink.Handle, link netlink.Link) {
	_ = n.QdiscReplace(&netlink.GenericQdisc{QdiscType: "noqueue",
		QdiscAttrs: netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Parent: netlink.HANDLE_ROOT}})
}

// configure brings lo and the device up and gives it the host's addresses and routes.
func (h *Host) configure(o Options) error {
	n, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return refused("a netlink socket", err)
	}
	defer n.Close()
	lo, err := n.LinkByName("lo")
	if err == nil {
		err = n.LinkSetUp(lo)
	}
	if err != nil {
		return refused("the device lo", err)
	}
	link, err := n.LinkByName(deviceName)
	if err == nil {
		err = n.LinkSetMTU(link, o.MTU)
	}
	if err == nil {
		err = n.LinkSetTxQLen(link, queueLen)
	}
	if err == nil {
		err = silence(n, link)
	}
	if err == nil {
		err = n.LinkSetUp(link)
	}
	if err != nil {
		return refused("the device "+deviceName, err)
	}
	withoutDiscipline(n, link)
	for _, a := range h.addresses {
		// The routes are ours: setRoutes gives them an attribute that those which come with an address lack.
		err := n.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{IP: a.AsSlice(), Mask: subnet(a).Mask},
			Flags: unix.IFA_F_NODAD | unix.IFA_F_NOPREFIXROUTE})
		if err != nil {
			return refused("the address "+a.String(), err)
		}
	}
	if err := h.setRoutes(o.QuickACK); err != nil {
		return err
	}
	for _, a := range h.addresses {
		if err := awaitLocal(n, a); err != nil {
			return err
		}
	}
	return nil
}

// localTime bounds how long a Lab is not handed out because the kernel does not know a host's address yet.
const localTime = time.Second

// awaitLocal waits until the kernel delivers what is for an address. It puts a new IPv6 address into its table of local
// ones later, from a queue (addrconf_dad_start and __ipv6_ifa_notify, net/ipv6/addrconf.c), and until then a first SYN
// gets no answer.
func awaitLocal(n *netlink.Handle, a netip.Addr) error {
	for begun := time.Now(); ; time.Sleep(100 * time.Microsecond) {
		routes, err := n.RouteGet(a.AsSlice())
		if err == nil && len(routes) > 0 && routes[0].Type == unix.RTN_LOCAL {
			return nil
		}
		if time.Since(begun) > localTime {
			return fmt.Errorf("lab: the kernel does not take %v for an address of the host within %v: %w", a, localTime,
				errors.Join(err, os.ErrDeadlineExceeded))
		}
	}
}

// setRoutes makes or changes the routes to the other host. It runs on a thread in the host's namespace.
func (h *Host) setRoutes(quickACK bool) error {
	n, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return refused("a netlink socket", err)
	}
	defer n.Close()
	link, err := n.LinkByName(deviceName)
	if err != nil {
		return refused("the device "+deviceName, err)
	}
	for _, a := range h.addresses {
		r := &netlink.Route{LinkIndex: link.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: subnet(a), Src: a.AsSlice()}
		if quickACK {
			r.QuickACK = 1
		}
		if err := n.RouteReplace(r); err != nil {
			return refused("the route to "+r.Dst.String(), err)
		}
	}
	return nil
}

// subnet is the network on the cable that an address is in.
func subnet(a netip.Addr) *net.IPNet {
	bits := Network.Bits()
	if a.Is6() {
		bits = 64
	}
	p := netip.PrefixFrom(a, bits).Masked()
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(bits, a.BitLen())}
}

func refused(what string, err error) error {
	return fmt.Errorf("lab: the system refuses %s in a namespace of ours: %w", what, err)
}
