package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"socketplayground/playground/kernel"
	"socketplayground/playground/lab"
	"socketplayground/playground/sockdiag"
)

// facts are what a kernel answered.
type facts struct {
	Kernel   kernel.Kernel     `json:"kernel"`
	Settings map[string]string `json:"settings"` // of TCP, in a new host of a Lab
	// UserSomaxconn: whether a network namespace of an ordinary user shows net.core.somaxconn.
	UserSomaxconn bool `json:"user_somaxconn"`
	TCPInfo       int  `json:"tcp_info_bytes"` // of 512 that were asked for
	BoundInactive bool `json:"bound_inactive"` // sock_diag lists a socket that is only bound (Linux 6.8)

	SYN      []float64 `json:"syn_seconds"`       // when SYNs leave that nobody answers, in the first 12 s
	SYNACK   []float64 `json:"syn_ack_seconds"`   // when SYN, ACKs leave that nobody answers, in the first 8 s
	TimeWait float64   `json:"time_wait"`         // seconds, as its timer says
	FinWait2 float64   `json:"orphan_fin_wait_2"` // seconds, as its timer says
}

// nameSettings is the argument with which the program runs itself in a user namespace.
const nameSettings = "-settings"

// measure asks the kernel. It takes some 20 s, since it waits for SYNs.
func measure() (*facts, error) {
	f := &facts{Kernel: kernel.This(), Settings: map[string]string{}}
	system, err := lab.New(lab.Config{Backend: lab.Capabilities})
	if err != nil {
		return nil, err
	}
	defer system.Close()
	l, err := system.Open(context.Background(), lab.Options{QuickACK: true})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.Client.Do(func() error { return f.readSettings() }); err != nil {
		return nil, err
	}
	f.UserSomaxconn = userSomaxconn()
	if f.TCPInfo, err = tcpInfoSize(); err != nil {
		return nil, err
	}
	if err := f.waits(l.Server); err != nil {
		return nil, err
	}
	return f, f.repeats(l)
}

// readSettings reads those of the calling thread's namespace.
func (f *facts) readSettings() error {
	paths, err := filepath.Glob("/proc/sys/net/ipv4/tcp_*")
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("no settings of TCP are there: %w", err)
	}
	for _, path := range append(paths, "/proc/sys/net/ipv4/ip_local_port_range", "/proc/sys/net/core/somaxconn") {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // one that can only be written, as route/flush
		}
		f.Settings[filepath.Base(path)] = strings.Join(strings.Fields(string(b)), " ")
	}
	return nil
}

func settingsHere(name string) bool {
	_, err := os.Stat("/proc/sys/" + name)
	return err == nil
}

// userSomaxconn looks from a user namespace.
func userSomaxconn() bool {
	cmd := exec.Command("/proc/self/exe", nameSettings)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET}
	out, err := cmd.Output()
	return err == nil && strings.TrimSpace(string(out)) == "true"
}

// tcpInfoSize is how many bytes the kernel gives of struct tcp_info.
func tcpInfoSize() (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	return rawTCPInfo(fd, make([]byte, 512))
}

// waits opens a connection on a host's loopback and closes it: first one end, which then waits for the other, then that.
func (f *facts) waits(h *lab.Host) error {
	ctx := context.Background()
	ln, err := h.Listen(ctx, "127.0.0.1:0", lab.SocketOptions{})
	if err != nil {
		return err
	}
	defer ln.Close()
	timer := func(state sockdiag.State, port uint16) (seconds float64, err error) {
		for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
			err = h.Do(func() error {
				c, err := sockdiag.Dial()
				if err != nil {
					return err
				}
				defer c.Close()
				list, err := c.Dump(sockdiag.Filter{LocalPort: port, States: sockdiag.States(state)})
				if err == nil && len(list) > 0 {
					seconds = list[0].Expires.Seconds()
				}
				return err
			})
			if err != nil || seconds > 0 {
				return seconds, err
			}
		}
		return 0, fmt.Errorf("no socket came to %v", state)
	}
	conn, err := h.Dial(ctx, ln.Addr().String(), "", lab.SocketOptions{})
	if err != nil {
		return err
	}
	accepted, err := ln.Accept()
	if err != nil {
		conn.Close()
		return err
	}
	port := uint16(conn.LocalAddr().(*net.TCPAddr).Port)
	conn.Close()
	if f.FinWait2, err = timer(sockdiag.FinWait2, port); err != nil {
		return err
	}
	accepted.Close()
	if f.TimeWait, err = timer(sockdiag.TimeWait, port); err != nil {
		return err
	}
	return h.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			return err
		}
		c, err := sockdiag.Dial()
		if err != nil {
			return err
		}
		defer c.Close()
		list, err := c.Dump(sockdiag.Filter{States: sockdiag.States(sockdiag.BoundInactive)})
		f.BoundInactive = len(list) > 0
		return err
	})
}
