package main

import (
	"fmt"
	"os"
	"time"
)

const (
	ourName        = "playground"
	yardstickName  = "M"
	websockifyName = "websockify"
	unwatchedName  = "playground, no viewer"
)

// throughput is rows 1 and 2.
func throughput(b *bench) error {
	all, stop, err := b.contest()
	defer stop()
	if err != nil {
		return err
	}
	speed, cpu := series{}, series{}
	measure := func(c bridge, name string, size int64, watched, count bool) error {
		before := c.server().cpu()
		d, err := c.stream(size, watched)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if used := c.server().cpu() - before; count {
			speed.add(name, float64(size)/d.Seconds())
			cpu.add(name, used.Seconds()/float64(size)*1e9)
		}
		return nil
	}
	for rep := range b.reps + 1 {
		size, count := int64(512<<20), true
		if rep == 0 { // only warms up
			size, count = 32<<20, false
		}
		for _, c := range all {
			if err := measure(c, c.name(), size, true, count); err != nil {
				return err
			}
			if c.name() == ourName {
				if err := measure(c, unwatchedName, size, false, count); err != nil {
					return err
				}
			}
		}
	}
	gb := func(name string) float64 { return speed.median(name) / 1e9 }
	r := speed.ratio(unwatchedName, yardstickName)
	b.add("1", "64 KiB echo, log on, no viewer of the bytes", "≥ 0.9 M", judge(r >= 0.9), "%.2f M (%.2f and %.2f GB/s)", r, gb(unwatchedName), gb(yardstickName))
	r = speed.ratio(ourName, yardstickName)
	b.add("1", "64 KiB echo, log on, one viewer", "≥ 0.75 M", judge(r >= 0.75), "%.2f M (%.2f GB/s)", r, gb(ourName))
	b.beside("1", "64 KiB echo, log on, one viewer", "≥ 1.0 websockify", speed, func(r float64) bool { return r >= 1 })
	r = cpu.ratio(ourName, yardstickName)
	b.add("2", "server CPU a GB, one viewer", "≤ 1.2 M", judge(r <= 1.2), "%.2f M (%.2f and %.2f s)", r, cpu.median(ourName), cpu.median(yardstickName))
	b.beside("2", "server CPU a GB, one viewer", "≤ 1.0 websockify", cpu, func(r float64) bool { return r <= 1 })
	return nil
}

// beside adds a line that compares with websockify, if that is there.
func (b *bench) beside(row, what, bar string, s series, ok func(ratio float64) bool) {
	if !s.has(websockifyName) {
		b.add(row, what, bar, notMeasured, "websockify is not installed")
		return
	}
	r := s.ratio(ourName, websockifyName)
	b.add(row, what, bar, judge(ok(r)), "%.2f websockify", r)
}

// roundTrip is row 3: everything on one core.
func roundTrip(b *bench) error {
	all, stop, err := b.contest()
	defer stop()
	if err != nil {
		return err
	}
	pids := []int{os.Getpid()}
	for _, c := range all {
		pids = append(pids, c.server().family()...)
	}
	if err := pin(0, pids...); err != nil {
		return err
	}
	defer pin(-1, os.Getpid())
	p50, p99 := series{}, series{}
	for rep := range b.reps + 1 {
		for _, c := range all {
			n := 10_000
			if rep == 0 {
				n = 500
			}
			times, err := c.pingPong(n)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name(), err)
			}
			if rep > 0 {
				p50.add(c.name(), float64(quantile(times, 0.5)))
				p99.add(c.name(), float64(quantile(times, 0.99)))
			}
		}
	}
	us := func(s series, name string) float64 { return s.median(name) / 1e3 }
	r := p50.ratio(ourName, yardstickName)
	b.add("3", "round trip of 64 B on one core, p50", "≤ 1.2 M", judge(r <= 1.2), "%.2f M (%.0f and %.0f µs)", r, us(p50, ourName), us(p50, yardstickName))
	b.beside("3", "round trip of 64 B on one core, p50", "≤ 0.9 websockify", p50, func(r float64) bool { return r <= 0.9 })
	r = p99.ratio(ourName, yardstickName)
	b.add("3", "round trip of 64 B on one core, p99", "≤ 1.5 M", judge(r <= 1.5), "%.2f M (%.0f and %.0f µs)", r, us(p99, ourName), us(p99, yardstickName))
	return nil
}

// manyConnections is row 4.
func manyConnections(b *bench) error {
	all, stop, err := b.contest()
	defer stop()
	if err != nil {
		return err
	}
	const conns = 100
	rate := series{}
	for rep := range b.reps + 1 {
		for _, c := range all {
			d := 2 * time.Second
			if rep == 0 {
				d = 200 * time.Millisecond
			}
			n, err := c.many(conns, d)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name(), err)
			}
			if rep > 0 {
				rate.add(c.name(), float64(n)/d.Seconds())
			}
		}
	}
	r := rate.ratio(ourName, yardstickName)
	b.add("4", "100 connections, ping-pong of 64 B", "≥ 0.8 M", judge(r >= 0.8), "%.2f M (%.0f and %.0f a second)", r, rate.median(ourName), rate.median(yardstickName))
	b.beside("4", "100 connections, ping-pong of 64 B", "≥ 2.5 websockify", rate, func(r float64) bool { return r >= 2.5 })
	return nil
}
