package main

import (
	"fmt"
	"time"
)

// memory is row 5: what a connection costs that only waits. Each figure has servers of its own.
func memory(b *bench) error {
	const few, lots = 1000, 4000
	each := series{}
	opened := map[string]int{}
	for _, conns := range []int{few, lots} {
		all, stop, err := b.contest()
		if err != nil {
			stop()
			return err
		}
		for _, c := range all {
			if c.name() == websockifyName && conns > few {
				continue // a process each: it has shown enough
			}
			before := c.server().memory()
			n, leave, err := c.open(conns)
			if err == nil {
				time.Sleep(3 * time.Second) // idle is what is measured
				each.add(fmt.Sprint(c.name(), conns), float64(c.server().memory()-before)/float64(max(n, 1))/1024)
				opened[fmt.Sprint(c.name(), conns)] = n
			}
			leave()
			if err != nil {
				stop()
				return fmt.Errorf("%s, %d connections: %w", c.name(), conns, err)
			}
		}
		stop()
	}
	get := func(name string, conns int) float64 { return each.median(fmt.Sprint(name, conns)) }
	n := opened[fmt.Sprint(ourName, few)]
	b.add("5", "1,000 connections", "all open", judge(n == few), "%d open (M %d, websockify %d)", n,
		opened[fmt.Sprint(yardstickName, few)], opened[fmt.Sprint(websockifyName, few)])
	r := get(ourName, few) / get(yardstickName, few)
	b.add("5", "memory a connection, of 1,000", "≤ 2.5 M", judge(r <= 2.5), "%.2f M (%.1f and %.1f KiB)", r, get(ourName, few), get(yardstickName, few))
	r = get(ourName, lots) / get(ourName, few)
	b.add("5", "memory a connection, of 4,000", "≤ 1.15 × that of 1,000", judge(r <= 1.15 && opened[fmt.Sprint(ourName, lots)] == lots),
		"%.2f × (%.1f KiB; %d open)", r, get(ourName, lots), opened[fmt.Sprint(ourName, lots)])
	return nil
}
