package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"socketplayground/playground/lag"
)

// Host is one of a Lab's two hosts.
type Host struct {
	name      string
	addresses []netip.Addr
	system    *System
	ns        *os.File
	port      port
}

// devices is how a backend makes a host's network device and its Port.
type devices interface {
	// attach is called on a thread in the new host's namespace ns. It makes the device called deviceName.
	attach(ns *os.File, mtu int) (port, error)
}

// port is a Port that knows what it missed.
type port interface {
	Port
	behind() *lag.Reader
	drops(*Host) (uint64, error)
}

// newHost makes a namespace with a device, addresses and routes.
func (s *System) newHost(name string, addresses []netip.Addr, o Options) (*Host, error) {
	h := &Host{name: name, addresses: addresses, system: s}
	err := s.build.in(s.build.home, func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return errNamespace(err)
		}
		if h.ns, err = ownNamespace(); err != nil {
			return err
		}
		if !hasIPv6() {
			h.addresses = addresses[:1]
		}
		keepToItself()
		if h.port, err = s.devices.attach(h.ns, o.MTU); err != nil {
			return err
		}
		return h.configure(o)
	})
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// Name is client or server.
func (h *Host) Name() string { return h.name }

// Addresses are the host's addresses on the cable, IPv4 first.
func (h *Host) Addresses() []netip.Addr { return slices.Clone(h.addresses) }

// Port is the host's end of the cable. The Lab closes it.
func (h *Host) Port() Port { return h.port }

// Drops is how many packets of the host the kernel has dropped because they were not read from the Port in time. They
// were never on the wire.
func (h *Host) Drops() (uint64, error) { return h.port.drops(h) }

// Do runs f on a thread that is in the host's namespace: descriptors it makes belong to the host. All hosts share that
// thread, so f must not wait for anything, nor call Do. A goroutine started by f is not in the namespace.
func (h *Host) Do(f func() error) error { return h.system.visit.in(h.ns, f) }

// Start starts a program in the host's network: its sockets are the host's, and /proc/net shows them. Its files,
// users and processes are this machine's. The caller waits for it, and ends it before the Lab is closed: a process
// keeps its namespace. It ends with us, however we end.
func (h *Host) Start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL // comes when the thread ends that starts it: that of Do, with the System
	err := h.Do(cmd.Start)
	if errors.Is(err, ErrClosed) {
		return err
	}
	if err != nil {
		return fmt.Errorf("lab: %s cannot be started on the %s: %w", cmd.Path, h.name, err)
	}
	return nil
}
