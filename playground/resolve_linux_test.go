package playground_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"

	"socketplayground/playground"
)

// resolvingVariable says that the test runs in a machine of its own: its network, its hosts file, its name server.
const resolvingVariable = "SOCKETPLAYGROUND_TEST_RESOLVING"

// TestNamesAskNobody: where not every address may be reached, no name of a command leaves the machine, by Go's resolver
// or by the C library's; a name server counts. Where every address may be, names are looked up.
func TestNamesAskNobody(t *testing.T) {
	if os.Getenv(resolvingVariable) != "" {
		namesAskNobody(t)
		return
	}
	for _, resolver := range []string{"go", "cgo"} {
		t.Run(resolver, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^TestNamesAskNobody$", "-test.v")
			cmd.Env = append(os.Environ(), resolvingVariable+"=1", "GODEBUG=netdns="+resolver)
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
			if os.Getuid() != 0 {
				cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
				cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
				cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
			}
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("--- PASS: TestNamesAskNobody")) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// namesAskNobody is the test, in its machine.
func namesAskNobody(t *testing.T) {
	queries := nameServer(t)
	loopback := playground.Policy{}
	lan := playground.Policy{Targets: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}
	for policy, p := range map[string]playground.Policy{"loopback": loopback, "-targets CIDR": lan} {
		network := playground.NewMachine(p)
		s := openWith(t, playground.Config{Network: network})
		l, at := s.listen(playground.Listen{})
		for _, bad := range []struct {
			field string
			cmd   playground.Command
		}{
			{"address", &playground.Dial{Address: "secret.example.com:80"}},
			{"address", &playground.Dial{Address: "secret:80", TimeoutMS: 50}},
			{"address", &playground.Dial{Address: "secret.example.com.:80"}},
			{"address", &playground.Dial{Address: "bücher.example:80"}},
			{"address", &playground.Dial{Address: "127.1:80"}},
			{"local", &playground.Dial{Address: at, Local: "secret.example.com:0"}},
			{"local", &playground.Dial{Address: l, Local: "secret.example.com:5000"}},
			{"address", &playground.Listen{Address: "secret.example.com:0"}},
			{"address", &playground.Listen{Network: "machine", Address: "secret.example.com:8330"}},
		} {
			err := s.refused(bad.cmd)
			if err.Code != playground.CodeDenied || err.Field != bad.field || !strings.Contains(err.Message, "hosts file") {
				t.Errorf("%s: %+v: %s in %q: %s", policy, bad.cmd, err.Code, err.Field, err.Message)
			}
		}
		// A demo's, too.
		for _, do := range []string{"dial: {as: C1, address: 'secret.example.com:80'}", "listen: {as: S1, address: 'secret.example.com:0'}",
			"dial: {as: C1, address: '" + at + "', local: 'secret.example.com:0'}"} {
			seq := s.start(playground.RunDemo{Text: "demo: 1\nid: x\ntitle: t\nsummary: s\nnetwork: machine\nsteps:\n- title: t\n  story: s\n  do:\n  - " + do + "\n"})
			if e := s.ends(seq); e.Verdict != playground.VerdictFailed || !strings.Contains(e.Message, "hosts file") {
				t.Errorf("%s: a demo that does %s ends with %s: %s", policy, do, e.Verdict, e.Message)
			}
		}
		// The network itself asks nobody either, whoever uses it.
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if _, err := network.Dial(ctx, playground.DialSpec{Address: "secret.example.com:80"}); err == nil {
			t.Errorf("%s: the network dialled a foreign name", policy)
		}
		if _, err := network.Dial(ctx, playground.DialSpec{Address: at, Local: "secret.example.com:0"}); err == nil {
			t.Errorf("%s: the network dialled from a foreign name", policy)
		}
		if _, err := network.Listen(ctx, playground.ListenSpec{Address: "secret.example.com:0"}); err == nil {
			t.Errorf("%s: the network listens on a foreign name", policy)
		}
		// What the hosts file has is looked up there; localhost is loopback in any case.
		for _, host := range []string{"here.test", "HERE.test", "localhost", "localhost.", "www.localhost"} {
			_, port, _ := net.SplitHostPort(at)
			if e := s.returned(s.do(&playground.Dial{Address: net.JoinHostPort(host, port)}).Calls[0]); e.Error != nil {
				t.Errorf("%s: Dial %s: %s", policy, host, e.Error.Text)
			}
			if e := s.returned(s.do(&playground.Dial{Address: at, Local: host + ":0"}).Calls[0]); e.Error != nil {
				t.Errorf("%s: Dial from %s: %s", policy, host, e.Error.Text)
			}
			if e := s.returned(s.do(&playground.Listen{Address: host + ":0"}).Calls[0]); e.Error != nil {
				t.Errorf("%s: Listen on %s: %s", policy, host, e.Error.Text)
			}
		}
		// A name of the file that leads elsewhere is the policy's to refuse, at the address.
		if e := s.failed(s.do(&playground.Dial{Address: "elsewhere.test:80"}).Calls[0]); e.Kind != playground.ErrDenied {
			t.Errorf("%s: elsewhere.test: %+v", policy, e)
		}
		if n := queries.Load(); n != 0 {
			t.Fatalf("%s: the name server was asked %d times", policy, n)
		}
	}

	s := openWith(t, playground.Config{Network: playground.NewMachine(playground.Policy{Any: true})})
	_, at := s.listen(playground.Listen{Address: "known.example.com:0"})
	if a := netip.MustParseAddrPort(at); a.Addr().String() != "127.0.0.1" {
		t.Errorf("any: known.example.com is %s", a)
	}
	_, port, _ := net.SplitHostPort(at)
	s.dial(playground.Dial{Address: "known.example.com:" + port, Local: "known.example.com:0"})
	if n := queries.Load(); n == 0 {
		t.Error("any: no name server was asked, so this test counts nothing")
	}
	// A lookup that nobody answers ends when its Dial is cancelled.
	for _, cmd := range []playground.Dial{{Address: at, Local: "silent.example.com:0"}, {Address: "silent.example.com:80"}} {
		before := queries.Load()
		call := s.do(&cmd).Calls[0]
		eventually(t, "the name server is asked", func() error {
			if queries.Load() == before {
				return errors.New("it is not")
			}
			return nil
		})
		begin := time.Now()
		s.do(&playground.Cancel{Call: call})
		if e := s.failed(call); e.Kind != playground.ErrCancelled {
			t.Errorf("any: %+v, cancelled: %+v", cmd, e)
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("any: %+v took %v to be cancelled", cmd, took)
		}
	}
}

// nameServer answers every question for an IPv4 address with 127.0.0.1, by UDP and TCP, and counts them; of a name that
// begins with silent it says nothing. This machine is given it, and a hosts file.
func nameServer(t *testing.T) *atomic.Int64 {
	t.Helper()
	loopbackUp(t)
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"/etc/resolv.conf": "nameserver 127.0.0.1\nsearch example.net\noptions timeout:3 attempts:1\n",
		"/etc/hosts":       "127.0.0.1 here.test\n192.0.2.1 elsewhere.test\n",
	} {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount(file, name, "", unix.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
	}
	var queries atomic.Int64
	answer := func(question []byte) []byte {
		queries.Add(1)
		var m dnsmessage.Message
		if m.Unpack(question) != nil || len(m.Questions) != 1 {
			return nil
		}
		q := m.Questions[0]
		if strings.HasPrefix(q.Name.String(), "silent.") {
			return nil
		}
		m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionDesired: true, RecursionAvailable: true}
		m.Additionals = nil
		if q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
				Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
		}
		b, _ := m.Pack() // its parts were parsed
		return b
	}
	udp, err := net.ListenPacket("udp", "127.0.0.1:53")
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:53")
	if err != nil {
		t.Fatal(err)
	}
	go func() { // ends with udp
		b := make([]byte, 1500)
		for {
			n, from, err := udp.ReadFrom(b)
			if err != nil {
				return
			}
			if reply := answer(b[:n]); reply != nil {
				_, _ = udp.WriteTo(reply, from)
			}
		}
	}()
	go func() { // ends with tcp
		for {
			c, err := tcp.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(patience))
			var size [2]byte
			if _, err := io.ReadFull(c, size[:]); err == nil {
				question := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(c, question); err == nil {
					b := answer(question)
					_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
				}
			}
			c.Close()
		}
	}()
	t.Cleanup(func() {
		udp.Close()
		tcp.Close()
	})
	return &queries
}

// loopbackUp sets the loopback device of a fresh network namespace up.
func loopbackUp(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		t.Fatal(err)
	}
}
