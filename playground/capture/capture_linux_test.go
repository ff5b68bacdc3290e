package capture_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"socketplayground/playground/capture"
)

// finished says whether both sides have sent their FIN, and the last ACK came.
func finished(port uint16) func([]seen) bool {
	return func(packets []seen) bool {
		fins := 0
		for _, p := range packets {
			src, dst := p.ports()
			if src != port && dst != port {
				continue
			}
			if p.flags()&1 != 0 {
				fins++
			} else if fins == 2 {
				return true
			}
		}
		return false
	}
}

// TestConnection follows a whole connection in both families: each of its segments is seen once, each end's in order.
func TestConnection(t *testing.T) {
	for _, tt := range []struct{ network, address string }{{"tcp4", "127.0.0.1:0"}, {"tcp6", "[::1]:0"}} {
		t.Run(tt.network, func(t *testing.T) {
			l := listen(t, tt.network, tt.address)
			before := time.Now().Round(0)
			r := record(t, capture.Config{}, l.port)
			l.exchange(t, []byte("hello"))
			packets := r.until(finished(l.port))
			after := time.Now().Round(0)

			type identity struct {
				src, dst uint16
				seq      uint32
				flags    byte
				size     int
			}
			once, sent := map[identity]int{}, map[uint16]time.Time{}
			var data []byte
			for i, p := range packets {
				src, dst := p.ports()
				once[identity{src, dst, p.seq(), p.flags(), len(p.payload())}]++
				data = append(data, p.payload()...)
				if p.original != len(p.data) {
					t.Errorf("packet %d: got %d bytes of %d", i, len(p.data), p.original)
				}
				// Two ends that send at once are stamped on two processors, and may be queued the other way round.
				if p.at.Before(before) || p.at.After(after) || p.at.Before(sent[src]) {
					t.Errorf("packet %d of port %d is stamped %v, before %v or not between %v and %v", i, src, p.at, sent[src], before, after)
				}
				sent[src] = p.at
			}
			if string(data) != "hello" {
				t.Errorf("got the payload %q", data)
			}
			for id, n := range once {
				// An ACK may be repeated by the kernel with nothing new in it; what moves the connection may not.
				if n != 1 && (id.size > 0 || id.flags&3 != 0) {
					t.Errorf("%+v was seen %d times", id, n)
				}
			}
			if got := packets[0].flags(); got != 2 {
				t.Errorf("the first packet has flags %#x, want SYN", got)
			}
			if !packets[0].offloaded {
				t.Error("loopback fills in checksums that nobody needs")
			}
		})
	}
}

// TestPorts: what is not asked for, and what is excluded, is not seen. The mark comes last, and after it nothing.
func TestPorts(t *testing.T) {
	wanted, other, page := freePort(t), freePort(t), freePort(t)
	r := record(t, capture.Config{Exclude: []uint16{page}}, wanted, page)
	i := inject(t)
	for _, to := range []struct {
		family string
		send   func(src, dst uint16, seq uint32)
	}{
		{"IPv4", func(src, dst uint16, seq uint32) { i.send(loopback4, src, dst, seq, 0) }},
		{"IPv6", func(src, dst uint16, seq uint32) { i.send(loopback6, src, dst, seq, 0) }},
	} {
		to.send(other, wanted, 1)
		to.send(wanted, other, 2)
		to.send(other, other, 90)
		to.send(page, other, 91)
		to.send(other, page, 92)
		to.send(wanted, page, 93)
		to.send(page, wanted, 94)
		to.send(wanted, wanted, 3)
	}
	i.send(loopback4, mark, wanted, 4, 0)
	packets := r.until(marked)
	var got []uint32
	for _, p := range packets {
		got = append(got, p.seq())
	}
	if want := []uint32{1, 2, 3, 1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got the packets %v, want %v", got, want)
	}
}

func marked(packets []seen) bool {
	if len(packets) == 0 {
		return false
	}
	src, _ := packets[len(packets)-1].ports()
	return src == mark
}

// TestBig: a segment as large as offload makes them is whole, and one that is cut off says how long it was.
func TestBig(t *testing.T) {
	l := listen(t, "tcp4", "127.0.0.1:0")
	whole := record(t, capture.Config{}, l.port)
	cut := record(t, capture.Config{SnapLen: 200}, l.port)
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i >> 8)
	}
	l.exchange(t, data)
	packets := whole.until(finished(l.port))
	var got []byte
	largest, next := 0, uint32(0)
	for _, p := range packets {
		if size := len(p.payload()); size > 0 && (next == 0 || p.seq() == next) { // a repeated segment counts once
			got, next = append(got, p.payload()...), p.seq()+uint32(size)
			largest = max(largest, p.original)
		}
	}
	if !bytes.Equal(got, data) {
		t.Errorf("the %d bytes captured are not the %d that were sent", len(got), len(data))
	}
	if largest < 32<<10 {
		t.Errorf("the largest packet has %d bytes; the test wants a large one", largest)
	}
	for i, p := range cut.until(finished(l.port)) {
		if i < len(packets) && (p.original != packets[i].original || !bytes.Equal(p.data, packets[i].data[:min(200, len(packets[i].data))])) {
			t.Errorf("packet %d: got %d bytes of %d, want the first 200 of %d", i, len(p.data), p.original, packets[i].original)
		}
	}
}

// TestUnreachable: an ICMP error that quotes a port is seen with it.
func TestUnreachable(t *testing.T) {
	port := freePort(t)
	for _, tt := range []struct {
		name  string
		send  func(*injector, []byte)
		proto byte
	}{
		{"ICMP", (*injector).sendICMP4, 1},
		{"ICMPv6", (*injector).sendICMP6, 58},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record(t, capture.Config{}, port)
			i := inject(t)
			tt.send(i, quote(tt.proto, port+1))
			tt.send(i, quote(tt.proto, port))
			packets := r.until(func(p []seen) bool { return len(p) > 0 })
			if !bytes.HasSuffix(packets[0].data, quote(tt.proto, port)[8:]) {
				t.Errorf("got % x, want the error about port %d", packets[0].data, port)
			}
		})
	}
}

// TestSetPorts changes the ports under traffic: no packet of the one that stays is lost, and none of the one that
// goes is handed over once SetPorts has returned, although some wait to be read.
func TestSetPorts(t *testing.T) {
	stays, goes, comes := freePort(t), freePort(t), freePort(t)
	c := open(t, capture.Config{}, stays, goes)
	defer c.Close()
	i := inject(t)
	const rounds = 2000
	var changed atomic.Bool
	var next uint32
	ctx, cancel := context.WithCancel(t.Context())
	reading, resume := make(chan struct{}), make(chan struct{})
	first := true
	done := make(chan error)
	go func() {
		done <- c.Run(ctx, func(p capture.Packet) {
			if first { // the rest waits in the kernel while the ports change
				first = false
				close(reading)
				<-resume
			}
			s := seen{data: p.Data}
			switch src, dst := s.ports(); {
			case src == mark:
				cancel()
			case dst == stays:
				if s.seq() != next {
					t.Errorf("got packet %d, want %d", s.seq(), next)
				}
				next++
			case dst == goes && changed.Load() && s.seq() > 0:
				t.Errorf("packet %d to the port that went was handed over", s.seq())
			case dst == comes && !changed.Load():
				t.Errorf("packet %d to the port that came was there before", s.seq())
			}
		})
	}()
	for n := range uint32(rounds) {
		i.send(loopback4, 1, goes, n, 0)
		i.send(loopback4, 1, comes, n, 0)
		i.send(loopback4, 1, stays, n, 0)
		if n == rounds/2 {
			<-reading
			if err := c.SetPorts([]uint16{stays, comes}); err != nil {
				t.Fatal(err)
			}
			changed.Store(true)
			close(resume)
		}
	}
	i.send(loopback4, mark, stays, 0, 0)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if next != rounds {
		t.Errorf("got %d packets of the port that stays, want %d", next, rounds)
	}
}

// TestEnd: Run ends with its context and with Close, waiting or not, and leaves nothing.
func TestEnd(t *testing.T) {
	port := freePort(t)
	for _, tt := range []struct {
		name string
		end  func(c *capture.Capture, cancel func())
	}{
		{"context", func(_ *capture.Capture, cancel func()) { cancel() }},
		{"Close", func(c *capture.Capture, _ func()) { c.Close() }},
	} {
		for _, busy := range []bool{false, true} {
			name := tt.name + map[bool]string{false: ", waiting", true: ", under traffic"}[busy]
			t.Run(name, func(t *testing.T) {
				before := descriptors(t)
				c := open(t, capture.Config{}, port)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				begun := make(chan struct{}, 1)
				done := make(chan error)
				go func() {
					done <- c.Run(ctx, func(capture.Packet) {
						select {
						case begun <- struct{}{}:
						default:
						}
					})
				}()
				i := inject(t)
				i.send(loopback4, 1, port, 0, 0)
				<-begun
				stop, stopped := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(stopped)
					for busy {
						select {
						case <-stop:
							return
						default:
							i.send(loopback4, 1, port, 0, 0)
						}
					}
				}()
				started := time.Now()
				tt.end(c, cancel)
				err := <-done
				took := time.Since(started)
				close(stop)
				<-stopped
				if err != nil {
					t.Error(err)
				}
				if took > 2*time.Second {
					t.Errorf("Run ended after %v", took)
				}
				c.Close()
				if _, err := c.Drops(); err == nil {
					t.Error("a closed Capture answered")
				}
				if got := descriptors(t) - 2; got != before { // the injector has two
					t.Errorf("got %d descriptors, want %d", got, before)
				}
			})
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestConfig(t *testing.T) {
	for _, n := range []int{-1, 1, capture.MinSnapLen - 1, capture.MaxSnapLen + 1} {
		if c, err := capture.Open(capture.Config{SnapLen: n}); err == nil {
			c.Close()
			t.Errorf("a snap length of %d was accepted", n)
		} else if !strings.Contains(err.Error(), "choose from 132") {
			t.Errorf("got %v; want what to choose", err)
		}
	}
}

// TestUnprivileged runs this test binary as another user, who may not capture and is told what to do.
func TestUnprivileged(t *testing.T) {
	if os.Getenv("CAPTURE_UNPRIVILEGED") != "" {
		err := capture.Supported()
		if !errors.Is(err, os.ErrPermission) {
			t.Fatalf("got %v, want a permission error", err)
		}
		for _, word := range []string{"root", "setcap cap_net_raw+ep", "Lab"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q does not name %s", err, word)
			}
		}
		if c, err := capture.Open(capture.Config{}); err == nil {
			c.Close()
			t.Error("Open succeeded")
		}
		return
	}
	if os.Getuid() != 0 {
		t.Skip("becoming another user needs root")
	}
	if err := capture.Supported(); err != nil {
		t.Errorf("root may not capture: %v", err)
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestUnprivileged$", "-test.v") // the binary lies where only we may look
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "CAPTURE_UNPRIVILEGED=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestUnprivileged")) {
		t.Errorf("%v\n%s", err, out)
	}
}
