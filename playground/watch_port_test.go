package playground_test

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"socketplayground/playground"
)

// foreign is a listener that the playground has nothing to do with, and a connection to it on demand.
type foreign struct {
	net.Listener
	t    testing.TB
	port uint16
}

func listenForeign(t testing.TB) *foreign {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return &foreign{ln, t, portOf(t, ln.Addr().String())}
}

func (f *foreign) connect() (client, server net.Conn) {
	f.t.Helper()
	client, err := net.Dial("tcp4", f.Addr().String())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { client.Close() })
	if server, err = f.Accept(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { server.Close() })
	return client, server
}

// at waits for another program's socket with that local address.
func (s *session) at(local string, holds func(*playground.SocketView) bool) *playground.SocketView {
	s.t.Helper()
	var found *playground.SocketView
	s.until("another program's socket at "+local+" is as it should be", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && v.Local == local && holds(v) {
				found = v
			}
		}
		return found != nil
	})
	return found
}

func in(state playground.State) func(*playground.SocketView) bool {
	return func(v *playground.SocketView) bool { return v.State == state }
}

// TestWatchPort: the tutorial's watch -d netstat -nat | grep 8330. What other programs do on a port is seen, and not
// touched.
func TestWatchPort(t *testing.T) {
	s := open(t)
	f := listenForeign(t)
	address := f.Addr().String()
	s.do(&playground.WatchPort{Port: int(f.port), On: true})
	if !s.Log().Now().Ports[int(f.port)] {
		t.Error("the port is not told to be watched")
	}
	l := s.at(address, func(v *playground.SocketView) bool { return v.State == playground.StateListen && v.Process != nil })
	if l.Host != "server" || l.Process.PID != os.Getpid() || l.Network != "machine" || l.Descriptor != "none" {
		t.Errorf("the listener appears as %+v, process %+v", l, l.Process)
	}

	client, server := f.connect()
	x := s.at(client.LocalAddr().String(), in(playground.StateEstablished))
	y := s.at(address, in(playground.StateEstablished))
	for _, v := range []*playground.SocketView{x, y} {
		s.socket(v.Socket, "knows its peer and its program", func(v *playground.SocketView) bool {
			return v.Peer != "" && v.Process != nil && v.Process.PID == os.Getpid()
		})
		if err := s.refused(&playground.Close{Socket: v.Socket}); err.Code != playground.CodeConflict {
			t.Errorf("closing it: %s", err.Code)
		}
	}
	if x.Host != "client" || y.Host != "server" {
		t.Errorf("the ends are on the %s and the %s", x.Host, y.Host)
	}
	if _, err := io.WriteString(client, "unread"); err != nil {
		t.Fatal(err)
	}
	s.socket(y.Socket, "has 6 bytes in its queue", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.RecvQ == 6 })
	s.agrees(f.port)
	client.Close()
	s.inState(y.Socket, playground.StateCloseWait)
	s.inState(x.Socket, playground.StateFinWait2)
	if got, err := io.ReadAll(server); string(got) != "unread" || err != nil {
		t.Errorf("the server's program read %q, %v", got, err)
	}
	server.Close()
	s.inState(y.Socket, playground.StateClosed)
	s.inState(x.Socket, playground.StateTimeWait)

	// Watched no longer: what comes now is not seen, while another port's is.
	s.do(&playground.WatchPort{Port: int(f.port)})
	if s.Log().Now().Ports[int(f.port)] {
		t.Error("the port is still told to be watched")
	}
	unseen, _ := f.connect()
	g := listenForeign(t)
	s.do(&playground.WatchPort{Port: int(g.port), On: true})
	seen, _ := g.connect()
	s.at(seen.LocalAddr().String(), in(playground.StateEstablished))
	for id, v := range s.Log().Now().Sockets {
		if v.Local == unseen.LocalAddr().String() {
			t.Errorf("%s is seen, though its port is not watched", id)
		}
	}
}

// TestWatchPortSaysNo: a port is a number, not too many of them, and never the page's.
func TestWatchPortSaysNo(t *testing.T) {
	f := listenForeign(t)
	s := openWith(t, playground.Config{Exclude: []uint16{f.port}})
	for _, port := range []int{0, -1, 65536} {
		if err := s.refused(&playground.WatchPort{Port: port, On: true}); err.Code != playground.CodeInvalidArgument || err.Field != "port" {
			t.Errorf("port %d: %s", port, err.Code)
		}
	}
	if err := s.refused(&playground.WatchPort{Port: int(f.port), On: true}); err.Code != playground.CodeDenied || !strings.Contains(err.Message, "page") {
		t.Errorf("the page's port: %s %s", err.Code, err.Message)
	}
	for i := range playground.MaxWatchedPorts {
		s.do(&playground.WatchPort{Port: 60_001 + i, On: true})
	}
	if err := s.refused(&playground.WatchPort{Port: 60_000, On: true}); err.Code != playground.CodeQuotaExceeded {
		t.Errorf("one port too many: %s", err.Code)
	}
}
