package playground_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"socketplayground/playground"
)

// other waits for another program's socket on a listener's port.
func (s *session) other(address string) *playground.SocketView {
	s.t.Helper()
	var id string
	s.until("another program's socket is seen", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && v.Remote == address && v.Process != nil && v.Peer != "" {
				id = v.Socket
			}
		}
		return id != ""
	})
	return s.Log().Now().Sockets[id]
}

// own are the names of the session's own sockets. Whoever used a port shortly before, another test say, may have left
// sockets in TIME_WAIT on it, which are sockets of another program then; the kernel gives out such a port again.
func own(now *playground.Snapshot) []string {
	var names []string
	for _, v := range now.Sockets {
		if v.Kind != playground.KindOther {
			names = append(names, v.Socket)
		}
	}
	return names
}

// portWithRemains is an address that nobody listens on, and to which a connection in TIME_WAIT still leads.
func portWithRemains(t *testing.T) (address string) {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	if _, err := server.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("Read gave %v, want EOF", err)
	}
	server.Close()
	return ln.Addr().String()
}

// TestRemains: what an earlier connection has left on a port is shown, as nobody's of ours.
func TestRemains(t *testing.T) {
	s := open(t)
	_, address := s.listen(playground.Listen{Address: portWithRemains(t)})
	s.until("the remains are seen", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && v.State == playground.StateTimeWait && v.Remote == address && v.Host == "client" {
				return true
			}
		}
		return false
	})
	if now := own(s.Log().Now()); len(now) != 1 {
		t.Errorf("the session's own sockets are %v, want its listener", now)
	}
}

// TestNetcat: a program that is not the playground's appears with its name, and its connection waits to be accepted.
func TestNetcat(t *testing.T) {
	s := open(t)
	l, address := s.listen(playground.Listen{})
	host, port, _ := net.SplitHostPort(address)
	nc := exec.CommandContext(s.ctx, "nc", host, port)
	stdin, err := nc.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	nc.Stdout = &out
	if err := nc.Start(); err != nil {
		t.Fatal(err)
	}
	x := s.other(address)
	if x.Process.Name != "nc" || x.Process.PID != nc.Process.Pid || x.Host != "client" || x.Descriptor != "none" {
		t.Errorf("it appears as %+v, process %+v", x, x.Process)
	}
	if x.Peer != l+".1" {
		t.Errorf("its peer is %q, want %s.1", x.Peer, l)
	}
	if v := s.inState(l+".1", playground.StateEstablished); v.Accepted {
		t.Error("its connection counts as accepted")
	}
	s.agrees(portOf(t, address))
	if err := s.refused(&playground.Close{Socket: x.Socket}); err.Code != playground.CodeConflict {
		t.Errorf("closing another program's socket: %s", err.Code)
	}

	if got := s.accept(l); got != l+".1" {
		t.Fatalf("Accept gave %s", got)
	}
	if _, err := io.WriteString(stdin, "from nc"); err != nil {
		t.Fatal(err)
	}
	if e := s.read(l + ".1"); string(e.Data) != "from nc" {
		t.Errorf("got %q", e.Data)
	}
	s.write(l+".1", "to nc")
	s.do(&playground.Close{Socket: l + ".1"}) // nc leaves when the server closes
	stdin.Close()
	if err := nc.Wait(); err != nil || out.String() != "to nc" {
		t.Errorf("nc ended with %v, having got %q", err, out.String())
	}
	s.socket(x.Socket, "ends", func(v *playground.SocketView) bool { return v.State == playground.StateClosed })
}

// TestAnotherGoProgram: any net.Dial on this machine is seen; here the test's own.
func TestAnotherGoProgram(t *testing.T) {
	s := open(t)
	l, address := s.listen(playground.Listen{})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	x := s.other(address)
	if x.Process.PID != os.Getpid() || x.Local != conn.LocalAddr().String() || x.Peer != l+".1" {
		t.Errorf("it appears as %+v, process %+v", x, x.Process)
	}
}

// TestAnotherServer: a port that the playground dials is another program's.
func TestAnotherServer(t *testing.T) {
	s := open(t)
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c := s.dial(playground.Dial{Address: ln.Addr().String()})
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	v := s.socket(c, "knows its peer", func(v *playground.SocketView) bool { return v.Peer != "" })
	s.socket(v.Peer, "is another program's server", func(v *playground.SocketView) bool {
		return v.Kind == playground.KindOther && v.Host == "server" && v.State == playground.StateEstablished
	})
	s.until("its listener is seen", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && v.State == playground.StateListen && v.Local == ln.Addr().String() {
				return true
			}
		}
		return false
	})
	s.agrees(portOf(t, ln.Addr().String()))
}
