package lab_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"socketplayground/playground/lab"
)

// deadline is how long a test waits for what will happen.
const deadline = 20 * time.Second

// newSystem makes a System with the backend and closes it with the test.
func newSystem(t testing.TB, backend lab.Backend) *lab.System {
	t.Helper()
	s, err := lab.New(lab.Config{Backend: backend, Logger: testLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// open makes a Lab whose two ports are joined by a plain copy loop.
func open(t testing.TB, s *lab.System, o lab.Options) *lab.Lab {
	t.Helper()
	l, err := s.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	wait := join(l)
	t.Cleanup(func() { l.Close(); wait() })
	return l
}

// join carries packets both ways until the Lab is closed; the function it returns waits for the end.
func join(l *lab.Lab) (wait func()) {
	var both sync.WaitGroup
	both.Go(func() { carry(l.Client.Port(), l.Server.Port()) })
	both.Go(func() { carry(l.Server.Port(), l.Client.Port()) })
	return both.Wait
}

func carry(from, to lab.Port) {
	p := make([]byte, 1<<16)
	for {
		n, err := from.ReadPacket(p)
		if err != nil {
			return
		}
		if to.WritePacket(p[:n]) != nil {
			return
		}
	}
}

// connect opens a connection from one host to a listener of the other.
func connect(t testing.TB, from, to *lab.Host, address string) (client, server *net.TCPConn) {
	t.Helper()
	ln, err := to.Listen(t.Context(), address, lab.SocketOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	client, err = from.Dial(soon(t), ln.Addr().String(), "", lab.SocketOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	server, err = ln.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return client, server
}

// soon is over at the deadline.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	return ctx
}

// exchange sends text one way and back.
func exchange(t testing.TB, a, b net.Conn, text string) {
	t.Helper()
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		got := make([]byte, len(text))
		way[1].SetReadDeadline(time.Now().Add(deadline))
		if _, err := io.WriteString(way[0], text); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(way[1], got); err != nil || string(got) != text {
			t.Fatalf("got %q, %v; want %q", got, err, text)
		}
	}
}

// eventually polls for a fact.
func eventually(t testing.TB, fact string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !holds(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("after %v it is still not so that %s", deadline, fact)
		}
	}
}

func addrPort(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }

// pass carries packets until cut, and from then on takes them in.
func pass(from, to lab.Port, cut <-chan struct{}) {
	p := make([]byte, 1<<16)
	for {
		n, err := from.ReadPacket(p)
		if err != nil {
			return
		}
		select {
		case <-cut:
		default:
			_ = to.WritePacket(p[:n]) // fails when that host is closed first
		}
	}
}

// fill writes until nothing more goes.
func fill(c *net.TCPConn) error {
	b := make([]byte, 1<<16)
	for {
		if err := c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			return err
		}
		if _, err := c.Write(b); errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
