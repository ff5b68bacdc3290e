package wire

import "time"

// gate is where a direction's rate is kept: packets go through it one after the other, each as long as its bits take.
type gate struct {
	free   time.Time   // when the last of them is through
	starts []time.Time // when each that has to wait begins, in order
}

// pass says when a packet of that many bytes, which comes at now, is through; or that too many wait before it.
func (g *gate) pass(now time.Time, bytes int, m *Impairment) (through time.Time, ok bool) {
	if m.RateKbps == 0 {
		return now, true
	}
	begun := 0
	for begun < len(g.starts) && !g.starts[begun].After(now) {
		begun++
	}
	g.starts = g.starts[begun:]
	if len(g.starts) >= m.Queue {
		return now, false
	}
	start := now
	if g.free.After(now) {
		start = g.free
		g.starts = append(g.starts, start)
	}
	g.free = start.Add(time.Duration(bytes) * 8 * time.Millisecond / time.Duration(m.RateKbps))
	return g.free, true
}
