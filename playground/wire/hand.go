package wire

import (
	"cmp"
	"slices"
	"time"
)

// Hold holds a packet that is scheduled.
func (w *Wire) Hold(number uint64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, err := w.find(number)
	if err != nil {
		return err
	}
	if f.Held != nil {
		return refuse(CodeConflict, "segment", "Segment %d is held already. Deliver or drop it.", number)
	}
	if w.held >= MaxHeld {
		return refuse(CodeQuotaExceeded, "segment", "%d segments are held, the most there can be. Deliver or drop some first.", MaxHeld)
	}
	w.take(f)
	w.hold(f, Intervention{Action: Held, By: ByUser})
	return nil
}

// Deliver lands a packet, held or scheduled, at once, out of its turn if need be: neither chance nor delay comes after.
func (w *Wire) Deliver(number uint64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, err := w.find(number)
	if err != nil {
		return err
	}
	w.deliver(f)
	return nil
}

// DeliverOldest delivers the packet that has been held longest, and says which that was.
func (w *Wire) DeliverOldest() (uint64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var oldest *flight
	for _, f := range w.flying {
		if f.Held != nil && (oldest == nil || longestHeld(f, oldest) < 0) {
			oldest = f
		}
	}
	if oldest == nil {
		return 0, refuse(CodeNotFound, "oldest", "No segment is held. Switch step mode on, or hold one.")
	}
	w.deliver(oldest)
	return oldest.Number, nil
}

// Drop drops a packet, held or scheduled.
func (w *Wire) Drop(number uint64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, err := w.find(number)
	if err != nil {
		return err
	}
	w.take(f)
	w.drop(f.Packet, ByUser)
	return nil
}

// Duplicate makes a copy of a packet, which is where the original is: held for the same reason, or right behind it.
func (w *Wire) Duplicate(number uint64) (duplicate uint64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, err := w.find(number)
	if err != nil {
		return 0, err
	}
	if w.full() || f.Held != nil && w.held >= MaxHeld {
		return 0, refuse(CodeQuotaExceeded, "segment", "The wire is full. Deliver or drop some segments first.")
	}
	c := &flight{Packet: w.duplicate(f.Packet, Intervention{Action: Duplicated, By: ByUser}), due: f.due, extra: f.extra}
	if f.Held != nil {
		w.hold(c, Intervention{Action: Held, By: f.Held.By, Rule: f.Held.Rule})
	} else {
		w.push(c)
	}
	return c.Number, nil
}

// Flying returns what is scheduled or held, by number.
func (w *Wire) Flying() []Packet {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Packet, 0, len(w.flying))
	for _, f := range w.flying {
		out = append(out, *f.Packet)
	}
	slices.SortFunc(out, func(a, b Packet) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

func (w *Wire) find(number uint64) (*flight, error) {
	if f := w.flying[number]; f != nil {
		return f, nil
	}
	return nil, refuse(CodeNotFound, "segment", "Segment %d is not on the wire any more. Choose one that is in flight or held.", number)
}

// take takes f off the wire, wherever it is.
func (w *Wire) take(f *flight) {
	if f.Held != nil {
		w.release(f)
		return
	}
	w.leave(f)
	w.lines[f.Direction].queue.remove(f)
}

func (w *Wire) deliver(f *flight) {
	w.take(f)
	f.due = time.Time{}
	w.observer.Intervened(f.Packet, Intervention{Action: Released, By: ByUser})
	w.land(f.Packet)
}
