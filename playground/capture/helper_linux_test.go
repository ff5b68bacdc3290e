package capture_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"socketplayground/playground/capture"
)

// seen is a packet as a test keeps it.
type seen struct {
	data      []byte
	original  int
	at        time.Time
	offloaded bool
}

func (s seen) tcp() []byte {
	if s.data[0]>>4 == 6 {
		return s.data[40:]
	}
	return s.data[4*int(s.data[0]&0xf):]
}

func (s seen) ports() (src, dst uint16) {
	return binary.BigEndian.Uint16(s.tcp()), binary.BigEndian.Uint16(s.tcp()[2:])
}

func (s seen) seq() uint32     { return binary.BigEndian.Uint32(s.tcp()[4:]) }
func (s seen) flags() byte     { return s.tcp()[13] }
func (s seen) payload() []byte { return s.tcp()[4*int(s.tcp()[12]>>4):] }

// recorder runs a Capture and keeps what it hands over.
type recorder struct {
	*capture.Capture
	t testing.TB

	mu      sync.Mutex
	packets []seen
	more    chan struct{} // closed when another packet came
}

// open opens a Capture of some ports, or skips the test where nobody may.
func open(t testing.TB, cfg capture.Config, ports ...uint16) *capture.Capture {
	t.Helper()
	c, err := capture.Open(cfg)
	if errors.Is(err, os.ErrPermission) {
		t.Skip("capturing needs CAP_NET_RAW")
	} else if err != nil {
		t.Fatal(err)
	}
	if err := c.SetPorts(ports); err != nil {
		c.Close()
		t.Fatal(err)
	}
	return c
}

// record opens a Capture and runs it.
func record(t testing.TB, cfg capture.Config, ports ...uint16) *recorder {
	t.Helper()
	c := open(t, cfg, ports...)
	r := &recorder{Capture: c, t: t, more: make(chan struct{})}
	done := make(chan error)
	go func() { done <- c.Run(context.Background(), r.keep) }()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *recorder) keep(p capture.Packet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.packets = append(r.packets, seen{append([]byte(nil), p.Data...), p.OriginalLen, p.At, p.ChecksumOffloaded})
	close(r.more)
	r.more = make(chan struct{})
}

// until waits until what was seen so far is enough, and gives it.
func (r *recorder) until(enough func([]seen) bool) []seen {
	r.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		packets, more := r.packets, r.more
		r.mu.Unlock()
		if enough(packets) {
			return packets
		}
		select {
		case <-more:
		case <-limit:
			r.t.Fatalf("not enough was captured: %d packets", len(packets))
		}
	}
}

// injector sends TCP segments that no socket sends. They are resets: no host answers one (RFC 9293 §3.5.2), so
// there are exactly as many packets as were sent.
type injector struct {
	t      testing.TB
	v4, v6 int
}

const mark = 65000 // the source port of what ends a test's packets

func inject(t testing.TB) *injector {
	t.Helper()
	i := &injector{t: t}
	for family, fd := range map[int]*int{unix.AF_INET: &i.v4, unix.AF_INET6: &i.v6} {
		var err error
		if *fd, err = unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(*fd) })
	}
	return i
}

func (i *injector) send(to netip.Addr, src, dst uint16, seq uint32, size int) {
	segment := make([]byte, 20+size)
	binary.BigEndian.PutUint16(segment, src)
	binary.BigEndian.PutUint16(segment[2:], dst)
	binary.BigEndian.PutUint32(segment[4:], seq)
	segment[12], segment[13] = 5<<4, 4 // header length, RST
	var err error
	if to.Is4() {
		err = unix.Sendto(i.v4, segment, 0, &unix.SockaddrInet4{Addr: to.As4()})
	} else {
		err = unix.Sendto(i.v6, segment, 0, &unix.SockaddrInet6{Addr: to.As16()})
	}
	if err != nil {
		i.t.Fatal(err)
	}
}

var (
	loopback4 = netip.MustParseAddr("127.0.0.1")
	loopback6 = netip.MustParseAddr("::1")
)

// freePort is a port that nobody has; a listener holds it until the test ends.
func freePort(t testing.TB) uint16 { return listen(t, "tcp4", "127.0.0.1:0").port }

type listener struct {
	*net.TCPListener
	port uint16
}

func listen(t testing.TB, network, address string) listener {
	t.Helper()
	cfg := net.ListenConfig{}
	cfg.SetMultipathTCP(false)
	l, err := cfg.Listen(context.Background(), network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return listener{l.(*net.TCPListener), uint16(l.Addr().(*net.TCPAddr).Port)}
}

// exchange opens a connection, sends data and closes both ends, the dialling one first.
func (l listener) exchange(t testing.TB, data []byte) {
	t.Helper()
	accepted := make(chan error, 1)
	got := make([]byte, len(data))
	go func() {
		c, err := l.Accept()
		if err == nil {
			for n := 0; n < len(got) && err == nil; {
				var m int
				m, err = c.Read(got[n:])
				n += m
			}
			if _, e := c.Read(make([]byte, 1)); err == nil && e == nil {
				err = errors.New("more came than was sent")
			}
			c.Close()
		}
		accepted <- err
	}()
	c, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(data); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if err := <-accepted; err != nil {
		t.Fatal(err)
	}
}

// quote is a "destination unreachable" of ICMP or ICMPv6, from its header on, about a segment to the port.
func quote(protocol byte, port uint16) []byte {
	segment := make([]byte, 20)
	binary.BigEndian.PutUint16(segment[2:], port)
	var about []byte
	kind := byte(3)
	if protocol == unix.IPPROTO_ICMPV6 {
		kind = 1
		about = make([]byte, 40)
		about[0], about[5], about[6] = 6<<4, 20, unix.IPPROTO_TCP
	} else {
		about = make([]byte, 20)
		about[0], about[3], about[9] = 4<<4|5, 40, unix.IPPROTO_TCP
	}
	return append(append([]byte{kind, 1, 0, 0, 0, 0, 0, 0}, about...), segment...)
}

func (i *injector) sendICMP4(message []byte) {
	i.raw(unix.AF_INET, unix.IPPROTO_ICMP, message, &unix.SockaddrInet4{Addr: loopback4.As4()})
}

func (i *injector) sendICMP6(message []byte) {
	i.raw(unix.AF_INET6, unix.IPPROTO_ICMPV6, message, &unix.SockaddrInet6{Addr: loopback6.As16()})
}

func (i *injector) raw(family, protocol int, message []byte, to unix.Sockaddr) {
	fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		i.t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, message, 0, to); err != nil {
		i.t.Fatal(err)
	}
}
