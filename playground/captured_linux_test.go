package playground_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"socketplayground/playground"
)

// capturing skips a test where this machine's segments may not be captured. CI must be allowed to.
func capturing(t testing.TB, s *session) {
	t.Helper()
	switch c := s.manager.Capabilities(s.Session)["capture"]; {
	case c.Available:
	case os.Getenv("CI") != "":
		t.Fatal(c.Reason)
	default:
		t.Skip(c.Reason)
	}
}

// here waits for a segment of this machine from one address to another, with flags.
func (s *session) here(src, dst, flags string, length int64) *playground.SegmentSent {
	s.t.Helper()
	return await(s, "a segment "+flags+" from "+src+" to "+dst, func(e *playground.SegmentSent) bool {
		return e.Network == "machine" && e.Src == src && e.Dst == dst && e.Flags == flags && e.Len == length
	})
}

// TestCaptured: the segments of our own connections on this machine's loopback, from the SYN to the last FIN.
func TestCaptured(t *testing.T) {
	s := open(t)
	capturing(t, s)
	c, server := s.connected()
	s.write(c, "hello")
	s.arrives(server, "hello")
	s.do(&playground.Close{Socket: c})
	s.inState(server, playground.StateCloseWait)
	s.do(&playground.Close{Socket: server})
	s.inState(server, playground.StateClosed)
	v := s.Log().Now().Sockets[c]
	all := []*playground.SegmentSent{
		s.here(v.Local, v.Remote, "SYN", 0), s.here(v.Remote, v.Local, "SYN, ACK", 0), s.here(v.Local, v.Remote, "ACK", 0),
		s.here(v.Local, v.Remote, "PSH, ACK", 5), s.here(v.Local, v.Remote, "FIN, ACK", 0), s.here(v.Remote, v.Local, "FIN, ACK", 0),
	}
	if !slices.IsSortedFunc(all, func(a, b *playground.SegmentSent) int { return int(a.Segment) - int(b.Segment) }) {
		t.Error("they are not in their order")
	}
	for _, e := range all {
		if e.Checksum != "offload" {
			t.Errorf("segment %d (%s) has a checksum that is %s", e.Segment, e.Flags, e.Checksum)
		}
		if len(e.Marks) > 0 {
			t.Errorf("segment %d (%s) is marked %v", e.Segment, e.Flags, e.Marks)
		}
		from, ends := "client", [2]string{c, server}
		if e.Src == v.Remote {
			from, ends = "server", [2]string{server, c}
		}
		if e.From != from || e.Flags != "SYN" && [2]string{e.Socket, e.Peer} != ends {
			t.Errorf("segment %d (%s) is from the %s, from %q to %q; want the %s, %v", e.Segment, e.Flags, e.From, e.Socket, e.Peer, from, ends)
		}
	}
	if data := all[3]; string(data.Raw[data.IPHeader+data.TCPHeader:]) != "hello" || data.SeqRel != 1 {
		t.Errorf("the data is %q at %d", data.Raw, data.SeqRel)
	}
	lo := dissect(t, s.saved(playground.SavePcapng{Sockets: []string{c}}), "tcp.len == 5", "frame.interface_name", "tcp.payload")
	if !slices.Equal(lo, []string{"lo|68656c6c6f"}) {
		t.Errorf("the saved file has %q", lo)
	}
	// What either side sent is told by the flags, and libpcap reads the file too.
	path := s.saved(playground.SavePcapng{})
	for direction, from := range map[string]string{"0x00000002": v.Local, "0x00000001": v.Remote} {
		ports := dissect(t, path, "frame.packet_flags_direction == "+direction, "tcp.srcport")
		if _, port, _ := net.SplitHostPort(from); len(ports) < 3 || len(slices.Compact(ports)) != 1 || ports[0] != port {
			t.Errorf("with the direction %s there are the source ports %q, want %s", direction, ports, port)
		}
	}
	if out, err := exec.Command("tcpdump", "-n", "-r", path).Output(); err != nil || strings.Count(string(out), "Flags") < len(all) {
		t.Errorf("tcpdump -r: %v\n%s", err, out)
	}
}

// TestCapturedExcludesThePage: the page's own traffic never appears, even where somebody dials it.
func TestCapturedExcludesThePage(t *testing.T) {
	page := listenForeign(t)
	s := openWith(t, playground.Config{Exclude: []uint16{page.port}})
	capturing(t, s)
	c := s.dial(playground.Dial{Address: page.Addr().String()})
	s.write(c, "a secret")
	a, b := s.connected()
	s.write(a, "no secret")
	s.arrives(b, "no secret")
	v := s.Log().Now().Sockets[a]
	s.here(v.Local, v.Remote, "PSH, ACK", 9)
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.SegmentSent); ok && (e.Socket == c || strings.HasSuffix(e.Src, page.Addr().String()) || strings.HasSuffix(e.Dst, page.Addr().String())) {
			t.Errorf("segment %d is the page's: %s → %s", e.Segment, e.Src, e.Dst)
		}
	}
}

// TestCapturedOfAWatchedPort: with the right, segments of other programs' connections appear too.
func TestCapturedOfAWatchedPort(t *testing.T) {
	s := open(t)
	capturing(t, s)
	f := listenForeign(t)
	address := f.Addr().String()
	s.do(&playground.WatchPort{Port: int(f.port), On: true})
	client, server := f.connect()
	if _, err := io.WriteString(client, "hello"); err != nil {
		t.Fatal(err)
	}
	local := client.LocalAddr().String()
	s.here(local, address, "SYN", 0)
	s.here(address, local, "SYN, ACK", 0)
	s.here(local, address, "PSH, ACK", 5)
	got := make([]byte, 5)
	if _, err := io.ReadFull(server, got); string(got) != "hello" || err != nil {
		t.Errorf("the server's program read %q, %v", got, err)
	}
	client.Close()
	server.Close()
	s.here(local, address, "FIN, ACK", 0)
	s.here(address, local, "FIN, ACK", 0)
}

// TestWithoutTheRight: who may not capture sees calls and states all the same, and is told what to do.
func TestWithoutTheRight(t *testing.T) {
	restore := withoutRawSockets(t)
	defer restore()
	s := open(t)
	restore()
	c := s.manager.Capabilities(s.Session)["capture"]
	if c.Available || !strings.Contains(c.Reason, "cap_net_raw") || !strings.Contains(c.Reason, "Lab") {
		t.Errorf("capture is %+v; want a sentence with what to do", c)
	}
	f := listenForeign(t)
	s.do(&playground.WatchPort{Port: int(f.port), On: true})
	client, _ := f.connect()
	s.at(client.LocalAddr().String(), in(playground.StateEstablished))
	a, b := s.connected()
	s.write(a, "hello")
	s.arrives(b, "hello")
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.SegmentSent); ok {
			t.Errorf("a segment was captured: %+v", e)
		}
	}
}

// withoutRawSockets takes CAP_NET_RAW from this goroutine's thread until the function that it returns gives it back.
func withoutRawSockets(t testing.TB) (restore func()) {
	t.Helper()
	runtime.LockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var had, without [2]unix.CapUserData
	if err := unix.Capget(&header, &had[0]); err != nil {
		t.Fatal(err)
	}
	without = had
	without[0].Effective &^= 1 << unix.CAP_NET_RAW
	set := func(to *[2]unix.CapUserData) {
		if err := unix.Capset(&header, &to[0]); err != nil {
			t.Error(err)
		}
	}
	set(&without)
	restored := false
	return func() {
		if !restored {
			restored = true
			set(&had)
			runtime.UnlockOSThread()
		}
	}
}

// TestCapturedRefused: of a refused dial nobody can ask the kernel for its port; the captured SYN tells it, and that is
// marked as inferred.
func TestCapturedRefused(t *testing.T) {
	s := open(t)
	capturing(t, s)
	_, address := closedPort(s)
	c := s.do(&playground.Dial{Address: address}).Sockets[0]
	syn := await(s, "the SYN", func(e *playground.SegmentSent) bool { return e.Socket == c && e.Flags == "SYN" && e.Dst == address })
	await(s, "the RST", func(e *playground.SegmentSent) bool { return e.Peer == c && e.Flags == "RST, ACK" && e.Dst == syn.Src })
	if e := await(s, "its port", func(e *playground.AddressAssigned) bool { return e.Socket == c && e.Local == syn.Src }); e.Source != playground.SourceInferred {
		t.Errorf("the source of the port is %q, want inferred", e.Source)
	}
}

// TestCapturedRefusedTwice: two dials to one address at the same time cannot be told apart by their SYNs.
func TestCapturedRefusedTwice(t *testing.T) {
	s := open(t)
	capturing(t, s)
	_, address := closedPort(s)
	reply := s.do(&playground.Dial{Address: address, Count: 50})
	for _, call := range reply.Calls {
		s.failed(call)
	}
	for range reply.Sockets {
		await(s, "a SYN", func(e *playground.SegmentSent) bool { return e.Flags == "SYN" && e.Dst == address })
	}
	ports := map[string]string{}
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.AddressAssigned); ok && slices.Contains(reply.Sockets, e.Socket) {
			if other := ports[e.Local]; other != "" {
				t.Errorf("%s and %s have the port %s", other, e.Socket, e.Local)
			}
			ports[e.Local] = e.Socket
		}
	}
}
