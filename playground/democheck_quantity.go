package playground

import (
	"fmt"
	"net/netip"
	"time"

	"socketplayground/playground/demo"
)

// quantityAsking asks what a value of a socket is now.
type quantityAsking struct {
	fact  *demo.Quantity
	since int64 // since when it is as it should be; 0: it is not
}

func (a *quantityAsking) observe(*demoWitness, Event) {}

// value is one of a socket's: a number, a duration in nanoseconds, or a word.
type value struct {
	n    int64
	text string
	seq  uint64 // the event that told it
}

func (a *quantityAsking) decide(w *demoWitness, m moment) finding {
	if m.asked == 0 {
		return finding{}
	}
	f := a.fact
	got, known := w.quantity(f, m.now)
	if !known || !agrees(f, got) {
		a.since = 0
		if !m.over {
			return finding{}
		}
		return w.quantityMissed(f, got, known)
	}
	if a.since == 0 {
		a.since = m.now
	}
	if !m.held(a.since, f.Stays) {
		return finding{}
	}
	return passedBy(got.seq)
}

func agrees(f *demo.Quantity, got value) bool {
	switch quantityKind(f) {
	case "number":
		return compares(f.Compare, got.n, f.N)
	case "duration":
		return compares(f.Compare, got.n, int64(f.For))
	}
	return got.text == f.Text
}

func quantityKind(f *demo.Quantity) string { return demo.Quantities[f.Name] }

func (w *demoWitness) quantityMissed(f *demo.Quantity, got value, known bool) finding {
	name := f.Name
	if f.Option != "" {
		name = fmt.Sprintf("option %s", f.Option)
	}
	switch {
	case w.socket(f.Socket) == nil:
		return failedAs(nil, "There is no %s.", f.Socket)
	case !known && !w.seesStates(f.Socket):
		return unseenAs(statesUnseen)
	case !known:
		return failedAs(nil, "The kernel tells no %s of %s.", name, f.Socket)
	case quantityKind(f) == "number":
		return failedAs([]uint64{got.seq}, "The %s of %s is %d.", name, f.Socket, got.n)
	case quantityKind(f) == "duration":
		return failedAs([]uint64{got.seq}, "The %s of %s is %v.", name, f.Socket, roughly(time.Duration(got.n)))
	}
	switch {
	case f.Name == "kernel socket" && got.text == "yes":
		return failedAs([]uint64{got.seq}, "The kernel still has a socket of %s.", f.Socket)
	case f.Name == "kernel socket":
		return failedAs([]uint64{got.seq}, "The kernel has no socket of %s.", f.Socket)
	case f.Name == "timer" && got.text == "none":
		return failedAs([]uint64{got.seq}, "No timer of %s is running.", f.Socket)
	}
	return failedAs([]uint64{got.seq}, "The %s of %s is %s.", name, f.Socket, got.text)
}

// quantity is what is known of a value now.
func (w *demoWitness) quantity(f *demo.Quantity, now int64) (value, bool) {
	v := w.socket(f.Socket)
	if v == nil {
		return value{}, false
	}
	switch f.Name {
	case "option":
		o, ok := v.Options[f.Option]
		return value{text: fmt.Sprint(o)}, ok
	case "family":
		return value{text: v.Family}, v.Family != ""
	case "local port":
		return portValue(v.Local)
	case "remote port":
		return portValue(v.Remote)
	case "bytes read":
		return value{n: v.Read}, true
	case "bytes written":
		return value{n: v.Wrote}, true
	case "kernel socket":
		state, observed := w.stateOf(f.Socket)
		if state == string(StateClosed) || state == "" {
			return value{text: "no", seq: w.stateSeq(f.Socket)}, observed
		}
		return value{text: "yes", seq: w.stateSeq(f.Socket)}, observed
	}
	got, ok := measuredValue(f.Name, v, now)
	got.seq = w.metricsSeq[v.Socket]
	return got, ok
}

// measuredValue is one of a socket's metrics. A countdown has gone on since it was read.
func measuredValue(name string, v *SocketView, now int64) (value, bool) {
	m := v.Metrics
	if m == nil || v.State == StateClosed {
		return value{}, false
	}
	switch name {
	case "accept queue", "receive queue":
		return value{n: m.RecvQ}, (v.Kind == KindListener) == (name == "accept queue")
	case "backlog", "send queue":
		return value{n: m.SendQ}, (v.Kind == KindListener) == (name == "backlog")
	case "drops":
		return value{n: m.Drops}, true
	case "timer":
		if m.Timer == nil {
			return value{text: "none"}, true
		}
		return value{text: m.Timer.name()}, true
	case "retransmits":
		if m.Timer == nil {
			return value{}, true
		}
		return value{n: m.Timer.Retransmits}, true
	case "timer expiry":
		if m.Timer == nil {
			return value{}, false
		}
		return value{n: max(m.Timer.ExpiresMS*1e6-(now-v.MetricsAtNS), 0)}, true
	}
	if m.Info == nil {
		return value{}, false
	}
	switch name {
	case "mss":
		return value{n: m.Info.MSS}, true
	case "cwnd":
		return value{n: m.Info.Cwnd}, true
	case "rtt":
		return value{n: m.Info.RTTUS * 1e3}, true
	case "bytes retransmitted":
		return value{n: m.Info.BytesRetrans}, true
	case "total retransmissions":
		return value{n: m.Info.TotalRetrans}, true
	case "rwnd limited":
		return value{n: m.Info.RwndLimitedUS * 1e3}, true
	}
	return value{}, false
}

func portValue(address string) (value, bool) {
	a, err := netip.ParseAddrPort(address)
	return value{n: int64(a.Port())}, err == nil
}
