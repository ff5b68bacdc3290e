package owner_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"socketplayground/playground/owner"
)

// asked is a Client that asks the witness; served ends that and checks that Serve ended well.
func asked(t *testing.T, witness owner.Witness) (client *owner.Client, served func()) {
	t.Helper()
	here, there := unixPair(t)
	ended := make(chan error, 1)
	go func() { ended <- owner.Serve(there, witness) }()
	return owner.NewClient(here), func() {
		here.Close()
		if err := <-ended; err != nil {
			t.Errorf("Serve ended with %v when its client went", err)
		}
	}
}

// unixPair is a connection between two sockets of this process.
func unixPair(t *testing.T) (a, b *net.UnixConn) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err = net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = l.AcceptUnix(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// TestFind: this process holds its own socket, asked directly and over a connection; a number that no socket has is
// nobody's.
func TestFind(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var stat syscall.Stat_t
	if e := raw.Control(func(fd uintptr) { err = syscall.Fstat(int(fd), &stat) }); e != nil || err != nil {
		t.Fatal(e, err)
	}
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	want := owner.Process{PID: os.Getpid(), Name: strings.TrimSpace(string(comm))}

	client, served := asked(t, owner.NewLocal())
	for name, find := range map[string]func([]uint32) map[uint32]owner.Process{"direct": owner.Find, "asked": client.Find} {
		for range 2 {
			got := find([]uint32{uint32(stat.Ino), 1})
			if len(got) != 1 || got[uint32(stat.Ino)] != want {
				t.Errorf("%s: got %+v, want %+v", name, got, want)
			}
		}
	}
	served()
	if got := client.Find([]uint32{uint32(stat.Ino)}); len(got) != 0 {
		t.Errorf("over a closed connection: %+v", got)
	}
	if err := client.Descriptor(0); err == nil || errors.Is(err, owner.ErrAnother) {
		t.Errorf("over a closed connection a descriptor is judged: %v", err)
	}
	if filepath.Base(os.Args[0])[:5] != want.Name[:5] {
		t.Errorf("the process is called %q, want %q", want.Name, os.Args[0])
	}
}

// TestClientGoesWithAnAnswerUnread: the kernel then resets the connection; Serve ends, as with one that closed it.
func TestClientGoesWithAnAnswerUnread(t *testing.T) {
	here, there := unixPair(t)
	ended := make(chan error, 1)
	go func() { ended <- owner.Serve(there, owner.NewLocal()) }()
	if _, err := here.Write([]byte(`{"inodes":[1]}`)); err != nil {
		t.Fatal(err)
	}
	raw, err := here.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Read(func(fd uintptr) bool { // until the answer has come, which stays
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err == nil
	}); err != nil {
		t.Fatal(err)
	}
	here.Close()
	if err := <-ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
}
