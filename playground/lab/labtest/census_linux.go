// Package labtest helps tests to see that a Lab is gone.
package labtest

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"socketplayground/playground/lab"
)

// Census knows which of the namespaces it was told of are still there, without keeping them: a namespace gives others
// numbers (RTM_NEWNSID), and the kernel strikes a number when what it stands for ends (cleanup_net,
// net/core/net_namespace.c). The census is a namespace that gives such numbers.
type Census struct {
	handle *netlink.Handle
	fd     int // of a netlink socket
	next   int
}

// NewCensus makes one that ends with the test. It needs root.
func NewCensus(t testing.TB) *Census {
	t.Helper()
	c := &Census{}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends in its namespace
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			c.handle, err = netlink.NewHandle(unix.NETLINK_ROUTE)
		}
		if err == nil {
			c.fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
		}
		made <- err
	}()
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.handle.Close(); unix.Close(c.fd) })
	c.Alive(t) // from the second list on, the kernel uses a buffer as large as ours
	return c
}

// add counts a namespace from now on.
func (c *Census) add(t testing.TB, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := c.handle.SetNetNsIdByFd(int(f.Fd()), c.next); err != nil && err != unix.EEXIST {
		t.Fatal(err)
	}
	c.next++
}

// AddLab counts a Lab's hosts.
func (c *Census) AddLab(t testing.TB, l *lab.Lab) {
	t.Helper()
	for _, h := range []*lab.Host{l.Client, l.Server} {
		if err := h.Do(func() error { c.add(t, "/proc/thread-self/ns/net"); return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

// AddProcess counts the namespaces that a process holds by descriptors, and says how many they are.
func (c *Census) AddProcess(t testing.TB, dir string) (n int) {
	t.Helper()
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "fd/*"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, path := range found {
		if to, err := os.Readlink(path); err == nil && strings.HasPrefix(to, "net:[") && to != own && !seen[to] {
			seen[to] = true
			c.add(t, path)
			n++
		}
	}
	return n
}

// Alive is how many are left.
func (c *Census) Alive(t testing.TB) int {
	t.Helper()
	const newNSID, getNSID = 88, 90 // include/uapi/linux/rtnetlink.h
	request := make([]byte, unix.NLMSG_HDRLEN+4)
	binary.NativeEndian.PutUint32(request, uint32(len(request)))
	binary.NativeEndian.PutUint16(request[4:], getNSID)
	binary.NativeEndian.PutUint16(request[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	if _, err := unix.Write(c.fd, request); err != nil {
		t.Fatal(err)
	}
	// The list ends with the first buffer, so it has to be large enough.
	for n, buffer := 0, make([]byte, 32<<10); ; {
		size, err := unix.Read(c.fd, buffer)
		if err != nil {
			t.Fatal(err)
		}
		messages, err := syscall.ParseNetlinkMessage(buffer[:size])
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			switch m.Header.Type {
			case newNSID:
				n++
			case unix.NLMSG_DONE:
				return n
			default:
				t.Fatalf("the kernel answered with message %d", m.Header.Type)
			}
		}
	}
}
