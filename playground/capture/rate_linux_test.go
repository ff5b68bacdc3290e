package capture_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/capture"
)

// TestRate counts, beside tcpdump where there is one: every packet is there, in order, or is counted as dropped.
func TestRate(t *testing.T) {
	for _, rate := range []int{10_000, 50_000, 100_000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			port := freePort(t)
			c := open(t, capture.Config{}, port)
			defer c.Close()
			sent := uint32(rate / 2) // half a second
			dump := startTcpdump(t, port, sent)

			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			var got, next uint32
			done := make(chan error)
			go func() {
				done <- c.Run(ctx, func(p capture.Packet) {
					s := seen{data: p.Data}
					if src, _ := s.ports(); src == mark {
						cancel()
						return
					}
					if s.seq() < next {
						t.Errorf("packet %d came after %d", s.seq(), next-1)
					}
					got, next = got+1, s.seq()+1
				})
			}()
			took := flood(inject(t), port, rate, sent)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			drops, err := c.Drops()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d packets in %v (%.0f a second): %d captured, %d dropped; tcpdump: %s",
				sent, took.Round(time.Millisecond), float64(sent)/took.Seconds(), got, drops, dump())
			if uint64(got)+drops != uint64(sent) {
				t.Errorf("%d captured and %d dropped do not make the %d sent", got, drops, sent)
			}
			if drops > 0 {
				t.Errorf("%d packets were dropped", drops)
			}
		})
	}
}

// flood sends the packets a millisecond's worth at a time, and the mark at the end.
func flood(i *injector, port uint16, rate int, count uint32) time.Duration {
	started := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for n := uint32(0); n < count; {
		due := min(uint32(time.Since(started).Seconds()*float64(rate)), count)
		for ; n < due; n++ {
			i.send(loopback4, 1, port, n, 100)
		}
		<-tick.C
	}
	took := time.Since(started)
	i.send(loopback4, mark, port, 0, 0)
	return took
}

// startTcpdump runs tcpdump on the same packets until it has written them all. What it gives says what it counted.
func startTcpdump(t *testing.T, port uint16, count uint32) func() string {
	t.Helper()
	if _, err := exec.LookPath("tcpdump"); err != nil {
		return func() string { return "not installed" }
	}
	cmd := exec.Command("tcpdump", "-i", "lo", "-B", "65536", "-c", fmt.Sprint(count), "-w", filepath.Join(t.TempDir(), "pcap"),
		fmt.Sprintf("tcp dst port %d and not src port %d", port, mark))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "listening on") {
	}
	return func() string {
		limit := time.AfterFunc(5*time.Second, func() { cmd.Process.Signal(os.Interrupt) }) // it has lost some
		defer limit.Stop()
		var counts []string
		for lines.Scan() {
			counts = append(counts, lines.Text())
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("tcpdump: %v", err)
		}
		return strings.Join(counts, ", ")
	}
}

// TestDrops sends more than the receive buffer holds while nobody reads: what was lost is counted exactly, over
// several questions.
func TestDrops(t *testing.T) {
	port := freePort(t)
	c := open(t, capture.Config{}, port)
	defer c.Close()
	i := inject(t)
	const sent = 4000 // 240 MB
	var halfway uint64
	var err error
	for n := range uint32(sent) {
		i.send(loopback4, 1, port, n, 60_000)
		if n == sent/2 {
			if halfway, err = c.Drops(); err != nil {
				t.Fatal(err)
			}
		}
	}
	drops, err := c.Drops()
	if err != nil {
		t.Fatal(err)
	}
	if halfway == 0 || drops <= halfway {
		t.Errorf("%d packets were dropped of the first half, and %d of all; want more, and more again", halfway, drops)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got := uint64(0)
	err = c.Run(ctx, func(capture.Packet) {
		if got++; got+drops == sent {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got+drops != sent {
		t.Errorf("%d captured and %d dropped do not make the %d sent", got, drops, sent)
	}
}
