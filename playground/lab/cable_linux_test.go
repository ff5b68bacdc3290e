package lab_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/lab"
	"socketplayground/playground/sockdiag"
)

// TestBulk sends more than any buffer holds.
func TestBulk(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l := open(t, s, lab.Options{})
		client, server := connect(t, l.Client, l.Server, "192.0.2.2:8330")
		want := make([]byte, 32<<20)
		_, _ = rand.Read(want)
		sent := make(chan error, 1)
		go func() {
			_, err := client.Write(want)
			sent <- errors.Join(err, client.CloseWrite())
		}()
		server.SetReadDeadline(time.Now().Add(deadline))
		start := time.Now()
		got, err := io.ReadAll(server)
		took := time.Since(start)
		if err := errors.Join(err, <-sent); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes arrived, which are not those sent: %v", len(got), err)
		}
		dropped, err := l.Client.Drops()
		if err != nil {
			t.Error(err)
		}
		t.Logf("%.2f Gbit/s, %d packets dropped before the wire", float64(len(want))*8/took.Seconds()/1e9, dropped)
	})
}

// TestWriteIsDelivery: what a packet does to the host's TCP is done when WritePacket returns.
func TestWriteIsDelivery(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l, err := s.Open(t.Context(), lab.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		var diag *sockdiag.Client
		if err := l.Server.Do(func() (err error) { diag, err = sockdiag.Dial(); return err }); err != nil {
			t.Fatal(err)
		}
		defer diag.Close()
		ln, err := l.Server.Listen(t.Context(), ":8330", lab.SocketOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		const rounds = 100
		dials := make(chan error, rounds)
		packet := make([]byte, 2000)
		for i := range rounds {
			go func() {
				c, err := l.Client.Dial(soon(t), "192.0.2.2:8330", "client:"+strconv.Itoa(20000+i), lab.SocketOptions{})
				if err == nil {
					err = c.Close()
				}
				dials <- err
			}()
			n, err := l.Client.Port().ReadPacket(packet)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Server.Port().WritePacket(packet[:n]); err != nil {
				t.Fatal(err)
			}
			sockets, err := diag.Dump(sockdiag.Filter{RemotePort: uint16(20000 + i)})
			if err != nil || len(sockets) != 1 || sockets[0].State != sockdiag.SynRecv {
				t.Fatalf("round %d: right after the SYN the server has %+v, %v", i, sockets, err)
			}
			if _, err := l.Server.Port().ReadPacket(packet); err != nil { // the SYN, ACK
				t.Fatal(err)
			}
		}
		done := join(l)
		for range rounds { // each of them sends its SYN again
			if err := <-dials; err != nil {
				t.Error(err)
			}
		}
		l.Close()
		done()
	})
}

// TestChecksum: a byte changed on the wire is noticed by the kernel, and the data comes again.
func TestChecksum(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l, err := s.Open(t.Context(), lab.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		text := "this is the text"
		changed := make(chan struct{})
		go carry(l.Server.Port(), l.Client.Port())
		go func() {
			p := make([]byte, 1<<16)
			for first := true; ; {
				n, err := l.Client.Port().ReadPacket(p)
				if err != nil {
					return
				}
				if i := bytes.Index(p[:n], []byte(text)); i >= 0 && first {
					first = false
					p[i] ^= 1
					close(changed)
				}
				_ = l.Server.Port().WritePacket(p[:n])
			}
		}()
		client, server := connect(t, l.Client, l.Server, "192.0.2.2:8330")
		exchange(t, client, server, text)
		<-changed
		if got := counter(t, l.Server, "InCsumErrors"); got != "1" {
			t.Errorf("the server has noticed %s wrong checksums, want 1", got)
		}
	})
}

// TestSilence: nothing is on a cable that nobody uses.
func TestSilence(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l, err := s.Open(t.Context(), lab.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		packets := make(chan []byte)
		for _, h := range []*lab.Host{l.Client, l.Server} {
			go func() {
				p := make([]byte, 2000)
				for {
					n, err := h.Port().ReadPacket(p)
					if err != nil {
						return
					}
					packets <- bytes.Clone(p[:n])
				}
			}()
		}
		select {
		case p := <-packets:
			t.Errorf("got a packet: %x", p)
		case <-time.After(300 * time.Millisecond):
		}
	})
}

// TestFresh: a cable loses nothing from the first packet on.
func TestFresh(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		for i := range 20 {
			// The first Lab of a System is special: both ends of a veth pair have the same index there, and the kernel takes
			// its time to notice that they are up.
			l := open(t, newSystem(t, s.Backend()), lab.Options{})
			client, server := connect(t, l.Client, l.Server, []string{"192.0.2.2:8330", "[2001:db8::2]:8330"}[i%2])
			exchange(t, client, server, "hello")
			for _, h := range []*lab.Host{l.Client, l.Server} {
				if got := counter(t, h, "RetransSegs"); got != "0" {
					t.Errorf("Lab %d: the %s has sent %s segments again", i, h.Name(), got)
				}
			}
			client.Close()
			server.Close()
			l.Close()
		}
	})
}

// counter reads one of a host's TCP counters (RFC 4022).
func counter(t *testing.T, h *lab.Host, name string) string {
	t.Helper()
	var snmp []byte
	if err := h.Do(func() (err error) { snmp, err = os.ReadFile("/proc/thread-self/net/snmp"); return err }); err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(snmp)) {
		f := strings.Fields(line)
		if f[0] != "Tcp:" {
			continue
		}
		if i := slices.Index(names, name); i >= 0 {
			return f[i]
		}
		names = f
	}
	t.Fatalf("the kernel does not count %s", name)
	return ""
}
