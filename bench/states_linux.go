package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"socketplayground/playground"
	"socketplayground/playground/lab"
	"socketplayground/playground/sockdiag"
)

// states is row 14.
func states(b *bench) error {
	if err := histories(b); err != nil {
		return err
	}
	return lookups(b)
}

// What both ends go through where the client connects and closes first (RFC 9293 §3.5, §3.6), after CLOSED.
var (
	clientsHistory = []playground.State{playground.StateSynSent, playground.StateEstablished, playground.StateFinWait1, playground.StateFinWait2, playground.StateTimeWait}
	serversHistory = []playground.State{playground.StateSynRcvd, playground.StateEstablished, playground.StateCloseWait, playground.StateLastAck, playground.StateClosed}
)

// histories opens and closes connections in a Lab, as fast as they go, and holds what the log says of each end against
// what must have been: each state, and with each the segment that brought it about.
func histories(b *bench) error {
	const what, bar = "Lab connections with their whole history", "400 of 400"
	const conns = 400
	support := lab.Probe()
	if !support.Available {
		b.add("14", what, bar, notMeasured, "%s", support.Reason)
		return nil
	}
	e, err := newEngine(support)
	if err != nil {
		return err
	}
	defer e.end()
	s, leave, err := e.sessions.Open("")
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if _, err := s.Do(ctx, &playground.Listen{Network: "lab", Address: ":8330", Behavior: playground.BehaviorDiscard, Backlog: conns}); err != nil {
		return err
	}
	if err := until(ctx, s, "S1", playground.StateListen); err != nil {
		return err
	}
	began := time.Now()
	if _, err := s.Do(ctx, &playground.Dial{Network: "lab", Address: labAddress, Count: conns}); err != nil {
		return err
	}
	history := map[string][]playground.State{}
	segments := map[string]int{} // transitions with a segment
	established, accepted, over := 0, 0, 0
	var lost int64
	_, err = s.Log().Wait(ctx, 0, func(e playground.Event) bool {
		switch e := e.(type) {
		case *playground.EventsLost:
			lost += e.Count
		case *playground.CallReturned:
			switch e.Op {
			case "Dial":
				established++
			case "Accept":
				accepted++
			}
			if established == conns && accepted == conns {
				established = 0                // once
				go closeClients(ctx, s, conns) // ends with the last, or with ctx
			}
		case *playground.StateChanged:
			if e.Socket == "S1" {
				return false
			}
			history[e.Socket] = append(history[e.Socket], e.To)
			if e.Segment != 0 {
				segments[e.Socket]++
			}
			if e.To == playground.StateTimeWait || e.To == playground.StateClosed {
				over++
			}
		}
		return over == 2*conns
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	whole := 0
	for i := range conns {
		c, a := fmt.Sprintf("C%d", i+1), fmt.Sprintf("S1.%d", i+1)
		if slices.Equal(history[c], clientsHistory) && segments[c] == len(clientsHistory) {
			whole++
		}
		if slices.Equal(history[a], serversHistory) && segments[a] == len(serversHistory) {
			whole++
		}
	}
	b.add("14", what, bar, judge(whole == 2*conns && lost == 0), "%d of %d ends, in %.1f s; events_lost %d", whole, 2*conns, time.Since(began).Seconds(), lost)
	return nil
}

// closeClients closes C1 and so on.
func closeClients(ctx context.Context, s *playground.Session, conns int) {
	for i := range conns {
		if _, err := s.Do(ctx, &playground.Close{Socket: fmt.Sprintf("C%d", i+1)}); err != nil {
			return
		}
	}
}

// lookups asks for one connection by its addresses, among ever more sockets.
func lookups(b *bench) error {
	const what, bar = "a look at one socket", "≤ 1.5 × among 11 sockets"
	l, err := listenOn("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	client, err := sockdiag.Dial()
	if errors.Is(err, errors.ErrUnsupported) {
		b.add("14", what, bar, notMeasured, "%v", err)
		return nil
	} else if err != nil {
		return err
	}
	defer client.Close()
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.(*net.TCPConn).SetLinger(0) // no TIME_WAIT
			c.Close()
		}
	}()
	cost := map[int]time.Duration{}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	amounts := []int{11, 1001, 19_801}
	for _, sockets := range amounts {
		if uint64(sockets)+150 > limit.Cur {
			b.add("14", what, bar, notMeasured, "%d sockets need more descriptors; raise ulimit -n", sockets)
			return nil
		}
		for len(open) < sockets-1 { // and the listener
			c, err := dialTo(l.Addr().String())
			if err != nil {
				return err
			}
			open = append(open, c)
			a, err := l.AcceptTCP()
			if err != nil {
				return err
			}
			open = append(open, a)
		}
		var times []time.Duration
		for i := range 10_000 {
			c := open[i%len(open)]
			q := sockdiag.Query{Family: sockdiag.AFInet, Local: c.LocalAddr().(*net.TCPAddr).AddrPort(), Remote: c.RemoteAddr().(*net.TCPAddr).AddrPort()}
			began := time.Now()
			if _, err := client.Lookup(q); err != nil {
				return err
			}
			times = append(times, time.Since(began))
		}
		cost[sockets] = quantile(times, 0.5)
	}
	us := func(sockets int) float64 { return cost[sockets].Seconds() * 1e6 }
	r := us(amounts[2]) / us(amounts[0])
	b.add("14", what, bar, judge(r <= 1.5), "%.2f × among 19,801 (%.1f, %.1f and %.1f µs among 11, 1,001 and 19,801)", r, us(amounts[0]), us(amounts[1]), us(amounts[2]))
	return nil
}
