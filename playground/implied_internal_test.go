package playground

import (
	"math"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"socketplayground/playground/segment"
	"socketplayground/playground/sockdiag"
)

// TestDialledAgainAtOnce: the segments of two connections between the same addresses are read before anybody has asked for
// the states of the first. Each socket gets its own.
func TestDialledAgainAtOnce(t *testing.T) {
	s := openInternal(t, Config{NoCapture: true})
	client, server := netip.MustParseAddrPort("127.0.0.1:5000"), netip.MustParseAddrPort("127.0.0.1:80")
	end := func(id string, local, remote netip.AddrPort, opened int64) *socket {
		c := s.newSocket(id, KindConn, "client", s.machine)
		c.opened = opened
		c.target.Store(&target{place: s.machine, family: sockdiag.AFInet, local: local, remote: remote})
		return c
	}
	first, second, served := end("C1", client, server, 15), end("C2", client, server, math.MaxInt64), end("S1.1", server, client, 11)
	again := end("S1.2", server, client, 31)
	s.trace.mu.Lock()
	f := s.trace.flow(nil, client, server)
	for i, e := range []struct {
		from       netip.AddrPort
		flags      segment.Flags
		seq, ack   uint32
		at, opened int64
	}{
		{client, segment.SYN, 100, 0, 10, 10}, {server, segment.SYN | segment.ACK, 500, 101, 12, 10}, {client, segment.ACK, 101, 501, 14, 10},
		{client, segment.RST | segment.ACK, 101, 501, 16, 10},
		{client, segment.SYN, 900, 0, 30, 30}, {server, segment.SYN | segment.ACK, 7000, 901, 32, 30}, {client, segment.ACK, 901, 7001, 34, 30},
	} {
		seg := &segment.Segment{Src: e.from, Flags: e.flags, Seq: e.seq, Ack: e.ack}
		f.implied.segment(f.endAt(e.from), stamp{uint64(i + 1), e.at}, seg)
		if f.implied.began != e.opened {
			t.Errorf("after segment %d the connection is said to have begun at %d ns, want %d", i+1, f.implied.began, e.opened)
		}
	}
	s.trace.told = 7
	s.trace.mu.Unlock()
	for _, test := range []struct {
		c    *socket
		upTo State
		want []State
		by   []uint64
	}{
		{first, StateClosed, []State{StateSynSent, StateEstablished, StateClosed}, []uint64{1, 2, 4}},
		{served, StateClosed, []State{StateSynRcvd, StateEstablished, StateClosed}, []uint64{1, 3, 4}},
		{second, StateEstablished, []State{StateSynSent, StateEstablished}, []uint64{5, 6}},
		{again, StateEstablished, []State{StateSynRcvd, StateEstablished}, []uint64{5, 7}},
	} {
		list, found := s.trace.placements(test.c, test.upTo, false)
		var states []State
		var by []uint64
		for _, p := range list {
			states, by = append(states, p.to), append(by, p.segment)
		}
		if !found || !slices.Equal(states, test.want) || !slices.Equal(by, test.by) {
			t.Errorf("%s went through %v by the segments %v, want %v by %v", test.c.id, states, by, test.want, test.by)
		}
	}
}

// TestTakenAddresses: another program takes the addresses of a connection in TIME_WAIT, and the socket is found gone before
// the SYN that did it is read. Nobody destroyed it.
func TestTakenAddresses(t *testing.T) {
	s := openInternal(t, Config{})
	if s.captures.supported() != nil {
		t.Skip("segments of this machine may not be captured")
	}
	reuse := RawOptions{"ReuseAddr": []byte("true")}
	do := func(cmd Command) {
		t.Helper()
		if _, err := s.Do(t.Context(), cmd); err != nil {
			t.Fatal(err)
		}
	}
	do(&Listen{Address: "127.0.0.1:0", Behavior: BehaviorEcho})
	becomes(t, s, "S1", StateListen)
	do(&Dial{Address: "S1", Options: reuse})
	becomes(t, s, "S1.1", StateEstablished)
	happens(t, s, "Dial returns", func(e *CallReturned) bool { return e.Op == "Dial" })
	do(&Close{Socket: "C1"})
	becomes(t, s, "C1", StateTimeWait)
	happens(t, s, "its timer", func(e *MetricsSampled) bool {
		return e.Socket == "C1" && e.Metrics.Timer != nil && e.Metrics.Timer.Kind == "time_wait"
	})
	var taker int
	s.ask(func() { // the session reads nothing meanwhile
		c := s.sockets["C1"]
		at := *c.target.Load()
		var err error
		if taker, err = takeAddresses(at.local, at.remote); err != nil {
			t.Error(err)
			return
		}
		seen := s.observe(at, nil)
		if seen.found {
			t.Error("the remains are still there")
		}
		s.took(c, seen, cause{})
	})
	defer syscall.Close(taker)
	if e := becomes(t, s, "C1", StateClosed); e.Reason != ReasonUnknown {
		t.Errorf("the remains are said to have ended because %q", e.Reason)
	}
}

// takeAddresses connects from an address that is in use by a connection in TIME_WAIT (tcp_tw_reuse does not matter where
// both have SO_REUSEADDR).
func takeAddresses(local, remote netip.AddrPort) (fd int, err error) {
	if fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err != nil {
		return -1, err
	}
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		if err = syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(local.Port()), Addr: local.Addr().As4()}); err == nil {
			err = syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(remote.Port()), Addr: remote.Addr().As4()})
		}
	}
	return fd, err
}

// TestPauseBetweenHops: a pause that comes after the run has looked, and before it tells of its next step, holds that up.
func TestPauseBetweenHops(t *testing.T) {
	s := openInternal(t, Config{NoCapture: true})
	r, refusal := s.newDemoRun(&RunDemo{Demo: "handshake-and-close", Network: networkMachine})
	if refusal != nil {
		t.Fatal(refusal)
	}
	s.ask(func() { // as begin does, without the runner
		s.demo = r
		s.emit("", "", r.started)
		s.flushLog()
		now := s.log.Now()
		r.since, r.seen = now.Seq, newDemoWitness(now, r.network, false, true)
	})
	defer r.cancel()
	for _, next := range []Event{&DemoStepStarted{}, &DemoAsked{}, &DemoReading{ForMS: 1000}} {
		if _, err := s.Do(t.Context(), &ControlDemo{Do: demoPause}); err != nil {
			t.Fatal(err)
		}
		told := make(chan bool, 1)
		go func() { told <- r.tell(next) }() // ends with the pause
		select {
		case <-told:
			t.Fatalf("%T is told in a pause", next)
		case <-time.After(50 * time.Millisecond):
		}
		if now := s.log.Now().Demo; now.Status != demoPaused {
			t.Errorf("with %T about to come the run is %s, want paused", next, now.Status)
		}
		if _, err := s.Do(t.Context(), &ControlDemo{Do: demoResume}); err != nil {
			t.Fatal(err)
		}
		if !<-told {
			t.Errorf("%T is not told after the pause", next)
		}
	}
}
