package playground_test

import (
	"bufio"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/owner"
)

// program starts a program of the user's on a host of the Lab. It ends with the test, if not before.
func (s *session) program(host, name string, args ...string) (cmd *exec.Cmd, in io.WriteCloser, out *bufio.Reader) {
	s.t.Helper()
	cmd, in, out = s.piped(name, args...)
	_, done, err := s.manager.Start(s.Number(), host, cmd)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
		done()
	})
	return cmd, in, out
}

// piped is a program that is still to be started, with pipes to it and from it.
func (s *session) piped(name string, args ...string) (cmd *exec.Cmd, in io.WriteCloser, out *bufio.Reader) {
	s.t.Helper()
	cmd = exec.CommandContext(s.ctx, name, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	return cmd, in, bufio.NewReader(stdout)
}

// named waits for the socket of a program that has a peer, or listens.
func (s *session) named(program string) *playground.SocketView {
	s.t.Helper()
	var id string
	s.until("a socket of "+program+" is seen", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && v.Process != nil && v.Process.Name == program && (v.Peer != "" || v.State == playground.StateListen) {
				id = v.Socket
			}
		}
		return id != ""
	})
	return s.Log().Now().Sockets[id]
}

// TestLabCurl: a real program in the Lab talks to our listener.
func TestLabCurl(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{Address: ":80"})
	curl, _, out := s.program("client", "curl", "-s", "http://server/hello", "--resolve", "server:80:192.0.2.2")
	server := s.accept(l)
	x := s.named("curl")
	if x.Network != "lab" || x.Host != "client" || x.Peer != server || x.Process.PID != curl.Process.Pid || x.State != playground.StateEstablished {
		t.Errorf("curl appears as %+v, process %+v", x, x.Process)
	}
	if e := s.read(server); !strings.HasPrefix(string(e.Data), "GET /hello HTTP/1.1\r\nHost: server\r\n") {
		t.Errorf("the request is %q", e.Data)
	}
	s.write(server, `HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nhi\n`)
	if line, err := out.ReadString('\n'); line != "hi\n" || err != nil {
		t.Errorf("curl got %q, %v", line, err)
	}
	if err := curl.Wait(); err != nil {
		t.Error(err)
	}
	s.inState(server, playground.StateCloseWait)
	s.do(&playground.Close{Socket: server})
	s.inState(server, playground.StateClosed)
	if e := s.segment("client", "SYN", nil); e.Socket != x.Socket || e.Peer != "" && e.Peer != server {
		t.Errorf("curl's SYN is told of %q and %q", e.Socket, e.Peer)
	}
	got := s.histories()[x.Socket]
	if !strings.HasPrefix(strings.Join(got, ", "), "SYN_SENT as SYN left, ESTABLISHED as SYN, ACK landed, FIN_WAIT_1 as FIN, ACK left") {
		t.Errorf("curl's socket went through %q", got)
	}
}

// TestLabNetcat: another program listens, and we dial it; what it does is only looked at.
func TestLabNetcat(t *testing.T) {
	s := openLab(t)
	nc, in, out := s.program("server", "nc", "-l", "8331")
	s.socket(s.named("nc").Socket, "listens", func(v *playground.SocketView) bool {
		return v.State == playground.StateListen && v.Host == "server" && v.Local != ""
	})
	c := s.dial(playground.Dial{Network: inLab, Address: "192.0.2.2:8331", ReadMode: playground.ReadManual})
	s.write(c, `from us\n`)
	if line, err := out.ReadString('\n'); line != "from us\n" || err != nil {
		t.Errorf("nc got %q, %v", line, err)
	}
	if _, err := io.WriteString(in, "from nc\n"); err != nil {
		t.Fatal(err)
	}
	s.arrives(c, "from nc\n")
	peer := s.socket(c, "knows its peer", func(v *playground.SocketView) bool { return v.Peer != "" }).Peer
	s.socket(peer, "is nc's", func(v *playground.SocketView) bool {
		return v.Kind == playground.KindOther && v.Process != nil && v.Process.PID == nc.Process.Pid && v.Network == "lab"
	})
	if err := s.refused(&playground.Close{Socket: peer}); err.Code != playground.CodeConflict {
		t.Errorf("closing nc's socket: %s", err.Code)
	}
	// A program that is killed closes its sockets politely (lessons: kill -9 looks like close).
	if err := nc.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = nc.Wait()
	if e := s.read(c); e.Error == nil || e.Error.Kind != playground.ErrEOF {
		t.Errorf("Read returned %s, want EOF", e.Result)
	}
	s.inState(c, playground.StateCloseWait)
	s.do(&playground.Close{Socket: c})
	s.inState(c, playground.StateClosed)
}

// TestLabSs: ss in the Lab says the same as we do.
func TestLabSs(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	now := s.Log().Now()
	for host, want := range map[string][]string{
		"client": {"ESTAB", now.Sockets[c].Local, now.Sockets[c].Remote},
		"server": {"LISTEN", "ESTAB", now.Sockets[server].Local, now.Sockets[server].Remote},
	} {
		out := strings.ReplaceAll(s.output(host, "ss", "-Htan"), "[::ffff:", "")
		for _, w := range want {
			if !strings.Contains(strings.ReplaceAll(out, "]", ""), w) {
				t.Errorf("on the %s, ss shows no %s:\n%s", host, w, out)
			}
		}
		if lines := strings.Count(out, "\n"); lines != len(want)-2 {
			t.Errorf("on the %s, ss shows %d sockets:\n%s", host, lines, out)
		}
	}
}

// TestLabsApart: two sessions have Labs with the same addresses, and neither knows of the other, nor of this machine.
func TestLabsApart(t *testing.T) {
	a := openLab(t)
	second, leave, err := a.manager.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	b := &session{Session: second, t: t, ctx: a.ctx, manager: a.manager}
	here, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()

	a.connectedLab()
	b.do(&playground.OpenLab{})
	for _, address := range []string{"192.0.2.2:8330", here.Addr().String()} {
		dial := b.do(&playground.Dial{Network: inLab, Address: address})
		if e := b.failed(dial.Calls[0]); e.Errno != "ECONNREFUSED" {
			t.Errorf("in the other Lab, %s: %s, want it refused", address, e.Text)
		}
	}
	b.connectedLab() // the same port is free there
	for _, s := range []*session{a, b} {
		for id, v := range s.Log().Now().Sockets {
			if v.Kind == playground.KindOther || v.State != playground.StateClosed && v.Network != "lab" {
				t.Errorf("there is a %s %s in %s: %s %s", v.Kind, id, v.Network, v.Local, v.Remote)
			}
		}
	}
	// Neither are they seen from a session on this machine, although that uses the same port.
	l, _ := a.listen(playground.Listen{Address: "127.0.0.1:8330"})
	a.dial(playground.Dial{Address: l})
	for _, e := range a.Log().Events(0) {
		if e, ok := e.(*playground.SegmentSent); ok && e.Network == "machine" && !strings.HasPrefix(e.Src, "127.") {
			t.Errorf("segment %d of the Lab was captured on this machine", e.Segment)
		}
	}
	if got := strings.Fields(a.output("client", "sh", "-c", "ls /sys/class/net /proc/self/net/dev >/dev/null 2>&1; tail -n +3 /proc/self/net/dev | cut -d: -f1")); len(got) != 2 {
		t.Errorf("the client has the devices %q, want lo and the wire", got)
	}
}

// TestStartSaysNo: a session must be meant, and the host be one of the two.
func TestStartSaysNo(t *testing.T) {
	s := openLab(t)
	for _, test := range []struct {
		session       uint64
		host, program string
	}{{99, "client", "true"}, {0, "router", "true"}, {0, "client", "no-such-program-anywhere"}} {
		if _, _, err := s.manager.Start(test.session, test.host, exec.Command(test.program)); err == nil {
			t.Errorf("%+v was started", test)
		}
	}
	cmd := exec.Command("true")
	_, done, err := s.manager.Start(0, "", cmd)
	if err != nil {
		t.Fatalf("the only session was not meant: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	done()
}

// TestLabShortLived: a program that is gone before its descriptors can be looked at is named all the same, by who started
// it, as inferred; of two, nobody knows which it was.
func TestLabShortLived(t *testing.T) {
	nobody := func([]uint32) map[uint32]owner.Process { return nil } // as for any program that has ended meanwhile
	s := openWith(t, playground.Config{Labs: needLabs(t), Owners: nobody})
	s.do(&playground.OpenLab{})
	l := s.listenLab(playground.Listen{})
	nc, _, _ := s.program("client", "nc", "192.0.2.2", "8330")
	s.accept(l)
	if x := s.named("nc"); x.Process.PID != nc.Process.Pid || !x.Process.Inferred {
		t.Errorf("nc's socket is of %+v", x.Process)
	}
	s.program("client", "nc", "-l", "8331")
	var x *playground.SocketView
	s.until("a second program's socket is seen", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && v.State == playground.StateListen {
				x = v
			}
		}
		return x != nil
	})
	s.do(&playground.Close{Socket: l})
	s.inState(l, playground.StateClosed)
	if p := s.Log().Now().Sockets[x.Socket].Process; p != nil {
		t.Errorf("a socket of one of two programs is told to be of %+v", p)
	}
}
