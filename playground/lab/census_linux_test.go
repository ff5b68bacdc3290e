package lab_test

import (
	"context"
	"encoding/binary"
	"net"
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

// census knows which of the namespaces it was told of are still there, without keeping them: a namespace gives others
// numbers (RTM_NEWNSID), and the kernel strikes a number when what it stands for ends (cleanup_net,
// net/core/net_namespace.c). The census is a namespace that gives such numbers.
type census struct {
	handle *netlink.Handle
	fd     int // of a netlink socket
	next   int
}

func newCensus(t testing.TB) *census {
	t.Helper()
	c := &census{}
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
	c.alive(t) // from the second list on, the kernel uses a buffer as large as ours
	return c
}

// add counts a namespace from now on.
func (c *census) add(t testing.TB, path string) {
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

// addLab counts a Lab's hosts.
func (c *census) addLab(t testing.TB, l *lab.Lab) {
	t.Helper()
	for _, h := range []*lab.Host{l.Client, l.Server} {
		if err := h.Do(func() error { c.add(t, "/proc/thread-self/ns/net"); return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

// addProcess counts the namespaces that a process holds by descriptors, and says how many they are.
func (c *census) addProcess(t testing.TB, dir string) (n int) {
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

// alive is how many are left.
func (c *census) alive(t testing.TB) int {
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

// entangle opens a Lab with open connections, and with closed ones whose last data nobody acknowledges: orphans in
// FIN_WAIT_1, of which the kernel lets go when it has sent often enough: by default after 106 s, here after the first
// time.
func entangle(s *lab.System) error {
	l, err := s.Open(context.Background(), lab.Options{QuickACK: true})
	if err != nil {
		return err
	}
	for _, h := range []*lab.Host{l.Client, l.Server} {
		if _, err := h.SetSetting("tcp_orphan_retries", "1"); err != nil {
			return err
		}
	}
	return tangle(l)
}

// tangle makes the connections. The Lab does not carry packets afterwards.
func tangle(l *lab.Lab) error {
	cut := make(chan struct{})
	go pass(l.Client.Port(), l.Server.Port(), cut)
	go pass(l.Server.Port(), l.Client.Port(), cut)
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	ln, err := l.Server.Listen(ctx, ":8330", lab.SocketOptions{})
	if err != nil {
		return err
	}
	defer ln.Close()
	var ends []*net.TCPConn
	for _, address := range []string{"server:8330", "[2001:db8::2]:8330", "server:8330"} {
		c, err := l.Client.Dial(ctx, address, "", lab.SocketOptions{})
		if err != nil {
			return err
		}
		a, err := ln.AcceptTCP()
		if err != nil {
			return err
		}
		ends = append(ends, c, a)
	}
	// The third one has a closed window in front of it: its orphan probes for ever, RFC 9293 §3.8.6.1.
	if err := ends[4].SetWriteBuffer(1 << 20); err != nil {
		return err
	}
	if err := fill(ends[4]); err != nil {
		return err
	}
	close(cut) // from now on nothing arrives
	for _, c := range ends {
		if _, err := c.Write([]byte("last words")); err != nil && c != ends[4] {
			return err
		}
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}
