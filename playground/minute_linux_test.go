package playground_test

import (
	"bufio"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
)

// What takes a minute of the kernel's own time is here. These tests wait beside each other and beside whatever else is
// parallel, so nothing counts their goroutines and descriptors.

// sharedManager makes the sessions of a test that runs beside others.
func sharedManager(t *testing.T, cfg playground.Config) *playground.Manager {
	t.Helper()
	cfg.Network = playground.NewMachine(playground.Policy{})
	m, err := playground.NewManager(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// aMinute is how long a page is left alone: as long as four keep-alives of Go's and their answers take.
const aMinute = 65_500 // ms

// rests lets more time pass than one wait of a test may take.
func (s *session) rests(id string, ms int64) {
	s.t.Helper()
	const most = 15_000
	for ; ms > 0; ms -= most {
		s.passes(id, min(ms, most))
	}
}

// askingPeer is a program that stays connected and asks for a sign of life after each second (tcp(7)).
const askingPeer = `
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
for option in socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL:
    s.setsockopt(socket.IPPROTO_TCP, option, 1)
print(s.getsockname()[1], flush=True)
sys.stdin.read()
`

// TestIdleMinute: a page is left alone with open connections: new ones, one that has carried data both ways, a half-closed
// one, and one of another program that asks often. Both ends ask as Go has them do, every 15 s and at once, so that probes
// cross. Each is told to be a keep-alive or its answer, and nothing to be a duplicate.
func TestIdleMinute(t *testing.T) {
	t.Parallel()
	in := sharedManager(t, playground.Config{Labs: needLabs(t)})
	for _, at := range []struct {
		name, network, address string
		timestamps             string
	}{
		{"this machine", "machine", "127.0.0.1:0", ""},
		{"the Lab", inLab, ":8330", "1"},
		{"the Lab without timestamps", inLab, ":8330", "0"},
	} {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			s := visit(t, in)
			if at.network == inLab {
				s.do(&playground.OpenLab{})
				s.do(&playground.SetKernel{Name: "tcp_timestamps", Value: at.timestamps})
			} else {
				capturing(t, s)
			}
			l, address := s.listen(playground.Listen{Network: at.network, Address: at.address})
			connect := func() (c, server string) {
				c = s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
				return c, s.accept(l)
			}
			idle, _ := connect()
			used, echo := connect()
			s.write(used, "ping")
			s.arrives(echo, "ping")
			s.write(echo, "pong")
			s.arrives(used, "pong")
			half, waits := connect()
			s.do(&playground.CloseWrite{Socket: half})
			s.inState(half, playground.StateFinWait2)
			s.inState(waits, playground.StateCloseWait)
			asking := s.asks(at.network, address)
			asked := s.accept(l)

			s.rests(idle, aMinute)

			ends := map[string]int{asked: 4, asking: 50} // the least that each asks: after 15, 30, 45, 60 s
			for _, c := range []string{idle, used, half} {
				ends[c], ends[s.Log().Now().Sockets[c].Peer] = 4, 4
			}
			s.onlyKeepalives(ends)
			for _, c := range dissect(t, s.saved(playground.SavePcapng{}), "", "frame.comment") {
				if strings.Contains(c, "duplicate") || strings.Contains(c, "dup ack") {
					t.Errorf("a comment of the saved file is %q", c)
				}
			}
		})
	}
}

// asks has another program dial an address and ask for signs of life; it gives the name of its socket.
func (s *session) asks(network, address string) (id string) {
	s.t.Helper()
	var line string
	var out *bufio.Reader
	if network == inLab {
		_, _, out = s.program("client", "python3", "-c", askingPeer, "192.0.2.2", "8330")
	} else {
		host, port, _ := strings.Cut(address, ":")
		cmd, in, lines := s.piped("python3", "-c", askingPeer, host, port)
		if err := cmd.Start(); err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
		out = lines
	}
	line, err := out.ReadString('\n')
	if err != nil {
		s.t.Fatal(err)
	}
	s.until("the program's socket is seen", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && strings.HasSuffix(v.Local, ":"+strings.TrimSpace(line)) {
				id = v.Socket
			}
		}
		return id != ""
	})
	return id
}

// onlyKeepalives holds what was told against what each end must have asked at least: all of it is answered, and nothing is
// a duplicate.
func (s *session) onlyKeepalives(least map[string]int) {
	s.t.Helper()
	asked, answered := map[string]int{}, map[string]int{}
	for _, e := range s.Log().Events(0) {
		e, ok := e.(*playground.SegmentSent)
		if !ok {
			continue
		}
		if slices.Contains(e.Marks, "duplicate_ack") || slices.Contains(e.Marks, "retransmission") || e.DupAcks != 0 {
			s.t.Errorf("segment %d of %s is %v, with %d duplicate ACKs", e.Segment, e.Socket, e.Marks, e.DupAcks)
		}
		if slices.Contains(e.Marks, "keepalive") {
			asked[e.Socket]++
		}
		if slices.Contains(e.Marks, "keepalive_ack") {
			answered[e.Peer]++
		}
	}
	for id, n := range least {
		if asked[id] < n || answered[id] < n || asked[id]-answered[id] > 1 {
			s.t.Errorf("%s asked %d times and was answered %d times, want at least %d and an answer to each", id, asked[id], answered[id], n)
		}
	}
	s.t.Logf("asked %v", asked)
}

// TestTimeWaitMetLate: the remains of a connection that were met when they had waited already, and an orphan, end by their
// timers, which the kernel has told of: nobody destroyed them, and without segments nobody may say so.
func TestTimeWaitMetLate(t *testing.T) {
	t.Parallel()
	in := sharedManager(t, playground.Config{NoCapture: true})
	s := visit(t, in)
	remains := portWithRemains(t)
	clock, _ := s.listen(playground.Listen{})
	c, server := s.connected()
	s.do(&playground.Close{Socket: c}) // an orphan in FIN_WAIT_2, for tcp_fin_timeout
	s.inState(server, playground.StateCloseWait)
	s.rests(clock, 10_000)
	s.listen(playground.Listen{Address: remains})
	var met string
	s.until("the remains are seen", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && v.State == playground.StateTimeWait && v.Remote == remains {
				met = v.Socket
			}
		}
		return met != ""
	})
	s.rests(clock, 40_000)
	s.inReason(met, playground.ReasonTimeWaitOver)
	s.inReason(c, playground.ReasonTimedOut)
}
