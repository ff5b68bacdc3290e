package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"socketplayground/playground"
	"socketplayground/playground/capture"
	"socketplayground/playground/lab"
)

// captured is row 12: every segment of a connection of this machine is in the log, in an event of its own or in a
// summary, at rates at which tcpdump beside it gets them all.
func captured(b *bench) error {
	const what = "segments captured, none lost"
	if err := capture.Supported(); err != nil {
		b.add("12", what, "none where tcpdump loses none", notMeasured, "%v", err)
		return nil
	}
	e, err := newEngine(lab.Support{})
	if err != nil {
		return err
	}
	defer e.end()
	for _, rate := range []int{10_000, 50_000, 100_000} {
		var got, want, lost, dumped int64
		for range b.reps {
			f, err := e.flood(b.ctx, b.dir, rate)
			if err != nil {
				return err
			}
			got, want, lost, dumped = got+f.listed+f.summarised, want+f.sent, lost+f.lost, dumped+f.dumped
		}
		v := judge(got == want && lost == 0)
		if dumped < want && v == missed {
			v = notMeasured // this machine is too busy: tcpdump did not get them either
		}
		b.add("12", fmt.Sprintf("%s, %d a second", what, rate), "none where tcpdump loses none", v,
			"%d of %d, events_lost %d; tcpdump %d", got, want, lost, dumped)
	}
	return nil
}

// flooded is what became of a flood.
type flooded struct {
	sent, listed, summarised, lost int64
	dumped                         int64 // by tcpdump
}

const floodPayload = 100

// flood sends segments as if they were of a connection of a session, for a second. Their checksums are wrong, so the
// kernel answers none (net/ipv4/tcp_ipv4.c, tcp_v4_rcv), and there are exactly as many as were sent.
func (e *engine) flood(ctx context.Context, dir string, rate int) (f flooded, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s, leave, err := e.sessions.Open("")
	if err != nil {
		return f, err
	}
	defer leave()
	if _, err := s.Do(ctx, &playground.Listen{Address: "127.0.0.1:0", Behavior: playground.BehaviorDiscard}); err != nil {
		return f, err
	}
	if err := until(ctx, s, "S1", playground.StateListen); err != nil {
		return f, err
	}
	if _, err := s.Do(ctx, &playground.Dial{Address: "S1"}); err != nil {
		return f, err
	}
	if err := until(ctx, s, "C1", playground.StateEstablished); err != nil {
		return f, err
	}
	v := s.Log().Now().Sockets["C1"]
	from, err := netip.ParseAddrPort(v.Local)
	if err != nil {
		return f, err
	}
	to, err := netip.ParseAddrPort(v.Remote)
	if err != nil {
		return f, err
	}
	count := int64(rate)
	dump, err := startTcpdump(ctx, dir, from, to, count)
	if err != nil {
		return f, err
	}
	if err := inject(from, to, rate, count); err != nil {
		return f, err
	}
	f.sent = count
	quiet, cancelQuiet := context.WithTimeout(ctx, 3*time.Second)
	defer cancelQuiet()
	_, err = s.Log().Wait(quiet, 0, func(e playground.Event) bool {
		switch e := e.(type) {
		case *playground.SegmentSent:
			if e.Len == floodPayload {
				f.listed++
			}
		case *playground.SegmentsSummarised:
			f.summarised += e.DataSegments
		case *playground.EventsLost:
			f.lost += e.Count
		}
		return f.listed+f.summarised >= count
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return f, err
	}
	f.dumped, err = dump()
	if err == nil {
		_, err = s.Do(ctx, &playground.Close{All: true})
	}
	return f, err
}

// inject sends segments with payload and no valid checksum, a millisecond's worth at a time.
func inject(from, to netip.AddrPort, rate int, count int64) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	segment := make([]byte, 20+floodPayload)
	binary.BigEndian.PutUint16(segment, from.Port())
	binary.BigEndian.PutUint16(segment[2:], to.Port())
	segment[12], segment[13] = 5<<4, 0x18 // length of the header; PSH and ACK
	began := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for sent := int64(0); sent < count; {
		for due := min(int64(time.Since(began).Seconds()*float64(rate)), count); sent < due; sent++ {
			binary.BigEndian.PutUint32(segment[4:], uint32(sent*floodPayload))
			if err := unix.Sendto(fd, segment, 0, &unix.SockaddrInet4{Addr: to.Addr().As4()}); err != nil {
				return os.NewSyscallError("sendto", err)
			}
		}
		<-tick.C
	}
	return nil
}

// startTcpdump has tcpdump write the same segments to a file. stop says how many it got.
func startTcpdump(ctx context.Context, dir string, from, to netip.AddrPort, count int64) (stop func() (int64, error), err error) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		return func() (int64, error) { return count, nil }, nil // then none may be lost
	}
	cmd := exec.CommandContext(ctx, "tcpdump", "-i", "lo", "-B", "65536", "-c", fmt.Sprint(count), "-w", filepath.Join(dir, "pcap"),
		fmt.Sprintf("tcp src port %d and dst port %d and greater %d", from.Port(), to.Port(), floodPayload))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() && !strings.Contains(lines.Text(), "listening on") {
	}
	return func() (got int64, err error) {
		limit := time.AfterFunc(3*time.Second, func() { _ = cmd.Process.Signal(os.Interrupt) }) // it has lost some
		defer limit.Stop()
		for lines.Scan() {
			var n int64
			if _, err := fmt.Sscanf(lines.Text(), "%d packets captured", &n); err == nil {
				got = n
			}
		}
		return got, cmd.Wait()
	}, nil
}
