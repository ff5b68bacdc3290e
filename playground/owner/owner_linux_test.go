package owner_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"socketplayground/playground/owner"
)

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

	here, there := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- owner.Serve(there) }()
	client := owner.NewClient(here)
	for name, find := range map[string]func([]uint32) map[uint32]owner.Process{"direct": owner.Find, "asked": client.Find} {
		for range 2 {
			got := find([]uint32{uint32(stat.Ino), 1})
			if len(got) != 1 || got[uint32(stat.Ino)] != want {
				t.Errorf("%s: got %+v, want %+v", name, got, want)
			}
		}
	}
	here.Close()
	if err := <-served; err != nil {
		t.Errorf("Serve ended with %v when its client went", err)
	}
	if got := client.Find([]uint32{uint32(stat.Ino)}); len(got) != 0 {
		t.Errorf("over a closed connection: %+v", got)
	}
	if filepath.Base(os.Args[0])[:5] != want.Name[:5] {
		t.Errorf("the process is called %q, want %q", want.Name, os.Args[0])
	}
}
