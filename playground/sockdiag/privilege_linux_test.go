package sockdiag_test

import (
	"errors"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"socketplayground/playground/sockdiag"
)

// TestUnprivileged does on a thread without any capability, and of another user if we may become one,
// what the package promises to everybody, and what it does not.
func TestUnprivileged(t *testing.T) {
	conn := connect(t, listen(t, "tcp4", "127.0.0.1:0"))
	q := conn.query()
	q.Cookie = conn.cookie(t)

	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread dies with what was taken from it
		const nobody = 65534
		if unix.Getuid() == 0 {
			// The raw call changes this thread alone.
			if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
				t.Error(errno)
				return
			}
		}
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			t.Error(err)
			return
		}
		c, err := sockdiag.Dial()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		if s, err := c.Lookup(q); err != nil || s.Info == nil || s.Mem == nil {
			t.Errorf("got %+v, %v; want all there is to know", s, err)
		}
		if sockets, err := c.Dump(sockdiag.Filter{LocalPort: q.Local.Port()}); err != nil || len(sockets) != 1 {
			t.Errorf("got %d sockets, %v; want one", len(sockets), err)
		}
		if err := c.Destroy(q); !errors.Is(err, os.ErrPermission) {
			t.Errorf("got %v, want a permission error", err)
		}
		if _, err := c.Lookup(q); err != nil {
			t.Errorf("the client does not work after the refusal: %v", err)
		}
	}()
	<-done
}

// TestNamespace checks that a Client stays in the namespace of the thread that dialed.
func TestNamespace(t *testing.T) {
	here := dial(t)
	var there *sockdiag.Client
	var ln *socket
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread dies in its namespace
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		var err error
		there, err = sockdiag.Dial()
		if err == nil {
			fd, _ := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			ln = &socket{fd: fd}
			err = unix.Listen(fd, 1) // on any address and a port of the kernel's choice
		}
		done <- err
	}()
	if err := <-done; errors.Is(err, os.ErrPermission) {
		t.Skip("a network namespace needs CAP_SYS_ADMIN")
	} else if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	defer ln.close()
	ln.local = localOf(t, ln.fd)
	q := ln.query()
	q.Cookie = ln.cookie(t)
	if s, err := there.Lookup(q); err != nil || s.State != sockdiag.Listen {
		t.Errorf("got %+v, %v; want the listener of that namespace", s, err)
	}
	if s, err := here.Lookup(q); !errors.Is(err, sockdiag.ErrNotFound) {
		t.Errorf("got %+v, %v; want nothing in this namespace", s, err)
	}
}

func TestDestroy(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	conn := connect(t, ln)
	passive := ln.accept(t)
	q := conn.query()
	q.Cookie = conn.cookie(t)

	switch err := c.Destroy(q); {
	case errors.Is(err, os.ErrPermission):
		t.Skip("destroying a socket needs CAP_NET_ADMIN")
	case errors.Is(err, errors.ErrUnsupported):
		t.Skip("destroying a socket needs a kernel with CONFIG_INET_DIAG_DESTROY")
	case err != nil:
		t.Fatal(err)
	}
	if _, err := unix.Read(conn.fd, make([]byte, 1)); err != unix.ECONNABORTED {
		t.Errorf("the owner got %v, want ECONNABORTED", err)
	}
	if _, err := unix.Read(passive.fd, make([]byte, 1)); err != unix.ECONNRESET {
		t.Errorf("the peer got %v, want ECONNRESET", err)
	}
	if err := c.Destroy(q); !errors.Is(err, sockdiag.ErrNotFound) {
		t.Errorf("destroying it again: got %v, want ErrNotFound", err)
	}
	if _, err := c.Lookup(ln.query()); err != nil {
		t.Errorf("the listener is gone too: %v", err)
	}
}

func TestDestroyTimeWait(t *testing.T) {
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	active := connect(t, ln)
	q := active.query()
	active.close()
	ln.accept(t).close()
	wait := reaches(t, c, q, sockdiag.TimeWait)

	if err := c.Destroy(wait.Query()); errors.Is(err, os.ErrPermission) {
		t.Skip("destroying a socket needs CAP_NET_ADMIN")
	} else if err != nil {
		t.Fatal(err)
	}
	if s, err := c.Lookup(q); !errors.Is(err, sockdiag.ErrNotFound) {
		t.Errorf("got %+v, %v; want TIME_WAIT gone", s, err)
	}
}

// TestDescriptors checks that Dial leaves one descriptor, close-on-exec, and Close none.
func TestDescriptors(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	dial(t) // the runtime's poller opens its own with the first
	before := count()
	c, err := sockdiag.Dial()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := count(), before+1; got != want {
		t.Errorf("got %d descriptors after Dial, want %d", got, want)
	}
	found := 0
	for fd := range before + 8 {
		protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
		domain, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
		if err != nil || domain != unix.AF_NETLINK || protocol != unix.NETLINK_SOCK_DIAG {
			continue
		}
		found++
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("descriptor %d is not close-on-exec (%v)", fd, err)
		}
	}
	if found != 2 {
		t.Errorf("found %d sock_diag sockets, want those of both Clients", found)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != before {
		t.Errorf("got %d descriptors after Close, want %d", got, before)
	}
	if _, err := c.Lookup(sockdiag.Query{Local: listen(t, "tcp4", "127.0.0.1:0").local}); err == nil {
		t.Error("a closed Client answered")
	}
}
