//go:build !linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"

	"socketplayground/playground/owner"
)

var errNoLab = fmt.Errorf("lab: only Linux has network namespaces, in which the Lab's hosts live; "+
	"run the playground on Linux, a container or virtual machine included: %w", errors.ErrUnsupported)

// Probe says that there is no Lab on this system.
func Probe() Support {
	return Support{Reason: "Only Linux has network namespaces, in which the Lab's hosts live; run the playground on Linux, a container or virtual machine included."}
}

// Reexec does nothing here.
func Reexec() (handled bool, code int) { return false, 0 }

// Witness looks itself here.
func Witness() owner.Witness { return owner.NewLocal() }

// System makes Labs; on this system it cannot be had.
type System struct{}

// New fails with errors.ErrUnsupported.
func New(Config) (*System, error) { return nil, errNoLab }

// Missing are all of SettingsList: they are Linux's.
func Missing() []string {
	var names []string
	for _, s := range settings {
		names = append(names, s.Name)
	}
	return names
}

// Missing is as the function.
func (s *System) Missing() []string { return Missing() }

// Backend is none.
func (s *System) Backend() Backend { return "" }

// Settings is SettingsList here.
func (s *System) Settings() []Setting { return SettingsList() }

// Open fails with errors.ErrUnsupported.
func (s *System) Open(context.Context, Options) (*Lab, error) { return nil, errNoLab }

// Close fails with errors.ErrUnsupported.
func (s *System) Close() error { return errNoLab }

// Lab is two hosts with a cable between them.
type Lab struct{ Client, Server *Host }

// Close does nothing.
func (l *Lab) Close() {}

// SetQuickACK fails with errors.ErrUnsupported.
func (l *Lab) SetQuickACK(bool) error { return errNoLab }

// CaughtUp fails with errors.ErrUnsupported.
func (l *Lab) CaughtUp(context.Context) error { return errNoLab }

// Host is one of a Lab's two hosts.
type Host struct{}

// Name is empty.
func (h *Host) Name() string { return "" }

// Addresses are none.
func (h *Host) Addresses() []netip.Addr { return nil }

// Port is none.
func (h *Host) Port() Port { return nil }

// Drops fails with errors.ErrUnsupported.
func (h *Host) Drops() (uint64, error) { return 0, errNoLab }

// Do fails with errors.ErrUnsupported.
func (h *Host) Do(func() error) error { return errNoLab }

// Start fails with errors.ErrUnsupported.
func (h *Host) Start(*exec.Cmd) error { return errNoLab }

// Listen fails with errors.ErrUnsupported.
func (h *Host) Listen(context.Context, string, SocketOptions) (*net.TCPListener, error) {
	return nil, errNoLab
}

// Dial fails with errors.ErrUnsupported.
func (h *Host) Dial(context.Context, string, string, SocketOptions) (*net.TCPConn, error) {
	return nil, errNoLab
}

// Settings fails with errors.ErrUnsupported.
func (h *Host) Settings() ([]Setting, error) { return nil, errNoLab }

// Setting fails with errors.ErrUnsupported.
func (h *Host) Setting(string) (string, error) { return "", errNoLab }

// SetSetting fails with errors.ErrUnsupported.
func (h *Host) SetSetting(string, string) (string, error) { return "", errNoLab }
