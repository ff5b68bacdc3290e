package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"socketplayground/playground"
	"socketplayground/playground/lab"
)

const (
	plainWireName = "wire, decoding off"
	loopbackName  = "loopback"
)

// cable is row 13.
func cable(b *bench) error {
	support := lab.Probe()
	if !support.Available {
		b.add("13", "the Lab's wire", "≥ 0.8 × the wire with decoding off", notMeasured, "%s", support.Reason)
		return nil
	}
	for _, measure := range []func(*bench, lab.Support) error{cableSpeed, labsMade, labsLeft} {
		if err := measure(b, support); err != nil {
			return err
		}
	}
	return nil
}

// cableSpeed compares the session's wire, whose tap reads everything, with one that reads nothing, and with loopback.
func cableSpeed(b *bench, support lab.Support) error {
	loopback, err := overLoopback()
	if err != nil {
		return err
	}
	defer loopback.end()
	plain, err := overPlainWire(b.ctx, support)
	if err != nil {
		return err
	}
	defer plain.end()
	session, err := overSession(b.ctx, support)
	if err != nil {
		return err
	}
	defer session.end()

	speed := series{}
	for rep := range b.reps + 1 {
		for _, p := range []*pair{plain, session} {
			size := int64(256 << 20)
			if rep == 0 { // only warms up
				size = 16 << 20
			}
			d, err := p.stream(size)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if rep > 0 {
				speed.add(p.name, float64(size)/d.Seconds())
			}
		}
	}
	r := speed.ratio(ourName, plainWireName)
	b.add("13", "one stream through the Lab, MTU 1500, tap on", "≥ 0.8 × the wire with decoding off", judge(r >= 0.8),
		"%.2f × (%.0f and %.0f MB/s)", r, speed.median(ourName)/1e6, speed.median(plainWireName)/1e6)

	if err := pin(0, os.Getpid()); err != nil {
		return err
	}
	defer pin(-1, os.Getpid())
	p50 := series{}
	for rep := range b.reps + 1 {
		for _, p := range []*pair{loopback, plain, session} {
			n := 10_000
			if rep == 0 {
				n = 1000
			}
			times, err := p.pingPong(n)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if rep > 0 {
				p50.add(p.name, float64(quantile(times, 0.5)))
			}
		}
	}
	us := func(name string) float64 { return p50.median(name) / 1e3 }
	r = p50.ratio(ourName, loopbackName)
	b.add("13", "round trip of 64 B through the Lab, one core, p50", "≤ 1.7 × loopback", judge(r <= 1.7),
		"%.2f × (%.1f and %.1f µs; the wire with decoding off %.1f µs)", r, us(ourName), us(loopbackName), us(plainWireName))
	return nil
}

// labsMade opens one Lab after the other, and then as many sessions with one as there may be soon.
func labsMade(b *bench, support lab.Support) error {
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
	var took []time.Duration
	for range 50 {
		began := time.Now()
		if _, err := s.Do(b.ctx, &playground.OpenLab{}); err != nil {
			return err
		}
		took = append(took, time.Since(began))
		if _, err := s.Do(b.ctx, &playground.CloseLab{}); err != nil {
			return err
		}
	}
	p50 := quantile(took, 0.5)
	b.add("13", "a Lab made, p50", "≤ 10 ms", judge(p50 <= 10*time.Millisecond), "%.1f ms (p95 %.1f ms)",
		p50.Seconds()*1e3, quantile(took, 0.95).Seconds()*1e3)

	const many = 200
	open := 0
	began := time.Now()
	for range many {
		s, leave, err := e.sessions.Open("")
		if err != nil {
			return err
		}
		defer leave()
		if _, err := s.Do(b.ctx, &playground.OpenLab{}); err != nil {
			break
		}
		if err := converse(b.ctx, s); err != nil {
			return fmt.Errorf("connection in Lab %d: %w", open+1, err)
		}
		open++
	}
	b.add("13", "Labs at once, a connection in each", "200", judge(open == many), "%d, in %.1f s", open, time.Since(began).Seconds())
	return nil
}

// converse opens a connection in a session's Lab.
func converse(ctx context.Context, s *playground.Session) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := s.Do(ctx, &playground.Listen{Network: "lab", Address: ":8330", Behavior: playground.BehaviorEcho}); err != nil {
		return err
	}
	if err := until(ctx, s, "S1", playground.StateListen); err != nil {
		return err
	}
	if _, err := s.Do(ctx, &playground.Dial{Network: "lab", Address: "192.0.2.2:8330"}); err != nil {
		return err
	}
	return until(ctx, s, "C1", playground.StateEstablished)
}

// until waits until a socket is in a state.
func until(ctx context.Context, s *playground.Session, socket string, state playground.State) error {
	_, err := s.Log().Wait(ctx, 0, func(e playground.Event) bool {
		c, ok := e.(*playground.StateChanged)
		return ok && c.Socket == socket && c.To == state
	})
	if err != nil {
		return fmt.Errorf("%s is not in %s: %w", socket, state, err)
	}
	return nil
}

// labsLeft opens and closes Labs with a connection in them, and looks at what is left.
func labsLeft(b *bench, support lab.Support) error {
	const cycles = 200
	before, namespaces := census(), netNamespaces()
	e, err := newEngine(support)
	if err != nil {
		return err
	}
	for range cycles {
		s, leave, err := e.sessions.Open("")
		if err != nil {
			e.end()
			return err
		}
		err = converse(b.ctx, s)
		leave()
		if err != nil {
			e.end()
			return err
		}
		if _, err := s.Do(b.ctx, &playground.CloseLab{}); err != nil {
			e.end()
			return err
		}
	}
	e.end()
	after := settled(before)
	b.add("13", "left of 200 Labs that were opened and closed", "nothing",
		judge(!after.more(before)),
		"%+d descriptors, %+d goroutines; network namespaces on this machine %s → %s",
		after.descriptors-before.descriptors, after.goroutines-before.goroutines, namespaces, netNamespaces())
	return nil
}

// netNamespaces is how many there are on the whole machine, other programs' among them.
func netNamespaces() string {
	if slabs, err := os.ReadFile("/proc/slabinfo"); err == nil { // root's alone
		for line := range strings.Lines(string(slabs)) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == "net_namespace" {
				return f[1]
			}
		}
	}
	return "unknown"
}
