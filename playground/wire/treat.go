package wire

import (
	"cmp"
	"slices"
	"time"
)

// treat sends p, which was just read, through all that may be switched on, from the top. This and all below is called
// with mu held.
func (w *Wire) treat(p *Packet) {
	if w.settings.Cut {
		w.drop(p, ByCut)
		return
	}
	if mtu := w.settings.direction(p.Direction).MTU; tooBig(p.Data, mtu) {
		w.bounce(p, mtu)
		return
	}
	r := w.matching(p)
	if r == nil {
		w.step(p, 0)
		return
	}
	switch r.Action {
	case ActionDrop:
		w.observer.Intervened(p, r.did(Dropped))
	case ActionHold:
		w.holdOrDrop(&flight{Packet: p}, r.did(Held))
	case ActionDelay:
		i := r.did(Delayed)
		i.Delay = r.Delay
		w.observer.Intervened(p, i)
		w.step(p, r.Delay)
	case ActionDuplicate:
		c := w.duplicate(p, r.did(Duplicated))
		w.step(p, 0)
		w.step(c, 0)
	case ActionCorrupt:
		w.corrupt(p, r.did(Corrupted))
		w.step(p, 0)
	}
}

// step holds p in step mode.
func (w *Wire) step(p *Packet, extra time.Duration) {
	if w.settings.Step && p.Segment != nil {
		w.holdOrDrop(&flight{Packet: p, extra: extra}, Intervention{Action: Held, By: ByStep})
		return
	}
	w.impair(p, p.LeftAt, extra)
}

// impair leaves p, which comes at now, to chance.
func (w *Wire) impair(p *Packet, now time.Time, extra time.Duration) {
	m, l := w.settings.direction(p.Direction), &w.lines[p.Direction]
	var f fate
	if m.random() {
		f = l.dice.roll(m)
	}
	if f.loss {
		w.drop(p, ByLoss)
		return
	}
	var c *Packet
	if f.duplicate {
		c = w.duplicate(p, Intervention{Action: Duplicated, By: ByDuplicate})
	}
	if f.corrupt {
		w.corrupt(p, Intervention{Action: Corrupted, By: ByCorrupt})
	}
	w.send(p, now, extra, f.reorder)
	if c != nil {
		w.send(c, now, extra, false)
	}
}

// send puts p, which comes at now, in line: for the rate, for its delay, behind those before it; or, where ahead is
// set, before those that are delayed.
func (w *Wire) send(p *Packet, now time.Time, extra time.Duration, ahead bool) {
	m, l := w.settings.direction(p.Direction), &w.lines[p.Direction]
	if w.full() {
		w.drop(p, ByQueue)
		return
	}
	through, ok := l.gate.pass(now, len(p.Data), m)
	if !ok {
		w.drop(p, ByQueue)
		return
	}
	due := through.Add(l.dice.delay(m) + extra)
	switch {
	case ahead && l.queue.last.After(through):
		w.observer.Intervened(p, Intervention{Action: Reordered, By: ByReorder})
		due = through
	case due.Before(l.queue.last):
		due = l.queue.last
	}
	if len(l.queue.due) == 0 && !due.After(now) {
		w.land(p)
		return
	}
	w.push(&flight{Packet: p, due: due})
}

// holdOrDrop holds f, or drops it where too much is held already.
func (w *Wire) holdOrDrop(f *flight, i Intervention) {
	if w.held >= MaxHeld || w.full() {
		w.drop(f.Packet, ByQueue)
		return
	}
	w.hold(f, i)
}

// hold keeps f until it is released or dropped.
func (w *Wire) hold(f *flight, i Intervention) {
	f.Held = &Hold{By: i.By, Rule: i.Rule, At: time.Now()}
	w.held++
	w.enter(f)
	w.observer.Intervened(f.Packet, i)
}

// release takes a held f off the wire's list; what becomes of it is the caller's.
func (w *Wire) release(f *flight) {
	w.leave(f)
	w.held--
	f.Held = nil
}

// releaseStepped lets all go on that step mode held, in the order in which it was held.
func (w *Wire) releaseStepped() {
	var all []*flight
	for _, f := range w.flying {
		if f.Held != nil && f.Held.By == ByStep {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, longestHeld)
	now := time.Now()
	for _, f := range all {
		w.release(f)
		w.observer.Intervened(f.Packet, Intervention{Action: Released, By: ByStep})
		w.impair(f.Packet, now, f.extra)
	}
}

// longestHeld orders held packets by how long they have been.
func longestHeld(a, b *flight) int {
	return cmp.Or(a.Held.At.Compare(b.Held.At), cmp.Compare(a.Number, b.Number))
}

func (w *Wire) drop(p *Packet, by string) {
	w.observer.Intervened(p, Intervention{Action: Dropped, By: by})
}

// duplicate makes a copy of p, and tells so. The bytes are the same: nobody changes them.
func (w *Wire) duplicate(p *Packet, i Intervention) *Packet {
	c := *p
	c.Number, c.CopyOf, c.Held = 0, p.Number, nil
	i.Copy = &c
	w.observer.Intervened(p, i)
	return &c
}

func (w *Wire) corrupt(p *Packet, i Intervention) {
	p.Data = w.lines[p.Direction].dice.corrupt(p.Data)
	w.observer.Intervened(p, i)
}
