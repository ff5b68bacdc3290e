package code

import (
	"maps"
	"slices"
	"time"
)

// Turn is what was done to a Lab's wire, or to the kernels of its hosts. A program cannot do it: somebody else has his
// turn, and both programs stop for it.
type Turn struct {
	Seqs  []uint64 // its events
	At    time.Duration
	Words []Phrase // what is to be done, each an imperative: "cut the cable"
}

// Stops are the turns of a story as its programs stop for them. What was done before the first call is to be done before
// the programs start; of the rest, what was done with no call between is one.
func (s *Story) Stops() (before Turn, stops []Turn) {
	var points []time.Duration
	for i := range s.Calls {
		points = append(points, s.Calls[i].Start)
		if !s.Calls[i].Waits {
			points = append(points, s.Calls[i].End)
		}
	}
	slices.Sort(points)
	called := func(by time.Duration) int { n, _ := slices.BinarySearch(points, by); return n }
	for _, t := range s.Turns {
		into := &before
		if n := called(t.At); n > 0 {
			if len(stops) == 0 || called(stops[len(stops)-1].At) < n {
				stops = append(stops, Turn{At: t.At})
			}
			into = &stops[len(stops)-1]
		}
		into.Seqs = append(into.Seqs, t.Seqs...)
		into.Words = append(into.Words, t.Words...)
	}
	return before, stops
}

// A program cannot know when a person starts the other one, or presses Enter there: hands take seconds, and no pause is sure
// to be long enough. Where the order of two calls hangs on that, the later one's program asks:
const (
	OtherStarts = "First start the other program. Then Enter."
	OtherGoesOn = "First press Enter in the other terminal. Then Enter."
)

// meeting is a moment at which both programs are at the same time by their ideal clocks: the start, or a turn.
type meeting struct {
	at    time.Duration
	calls int            // as many had been made
	stops int            // the turns so far
	asked map[string]int // by host whose program has asked since: how many calls had been made with the one it asks for
}

// asks is what a host's program asks before a call that must come after one of another host's; empty where the two keep
// the same time: the program has waited for the other one since they met last, or has asked. The server's program is
// started first, and the client's need not ask whether it was; but it must where the server's has asked.
func (d *director) asks(host, other string, b int) string {
	seen, waited := d.clock(host).seen[other]
	switch {
	case host == other || other != "client" && other != "server" || d.together.asked[host] > 0:
	case d.together.stops > 0 && !(waited && seen >= d.together.calls):
		return OtherGoesOn
	case d.together.stops == 0 && d.together.asked[other] > 0 && b+1 >= d.together.asked[other] && !(waited && seen+1 >= d.together.asked[other]):
		return OtherGoesOn
	case d.together.stops == 0 && host == "server" && !d.met(host, other):
		return OtherStarts
	}
	return ""
}

// turnOp is the Op of a step that is a stop.
const turnOp = "turn"

// prompt is what a program prints when it stops, line by line.
func (t *text) prompt(st *step) []string {
	o := t.options
	if len(st.words) == 1 {
		return []string{o.say("In the Lab: %s. Then Enter.", o.in(st.words[0]))}
	}
	lines := []string{o.said("In the Lab:")}
	for _, p := range st.words {
		lines = append(lines, "- "+o.in(p))
	}
	return append(lines, o.said("Then Enter."))
}

// turn stops both hosts' programs, which keep the same time from then on.
func (d *director) turn(n int) map[string]*step {
	t := &d.stops[n]
	steps := map[string]*step{}
	last := len(d.starts) - 1
	now := d.virtual[t.At]
	for _, host := range []string{"client", "server"} {
		k := d.clock(host)
		st := &step{Call: Call{Op: turnOp, Seqs: t.Seqs, Start: t.At, End: t.At}, words: t.Words, stop: n}
		need := k.at
		if last >= 0 && d.thread(d.order[last]) == host && d.virtual[t.At]-k.at >= pauseMatters {
			need = d.virtual[t.At] // as long as the user waited
		}
		for b := range d.starts { // a call that waits meanwhile has got to the kernel
			if c := d.order[b]; d.thread(c) == host && (c.Waits || c.End > t.At) {
				if until := d.starts[b].at + margin + d.patience; until > need {
					need, st.why = until, d.say("first, %s's %s", c.Socket, c.Op)
				}
			}
		}
		st.sleep = (need - k.at).Round(10 * time.Millisecond)
		k.at = need
		now = max(now, need)
		steps[host] = st
	}
	seen := map[string]int{}
	for _, host := range []string{"client", "server"} {
		for thread, b := range d.clock(host).seen {
			seen[thread] = max(seen[thread], b)
		}
	}
	for _, host := range []string{"client", "server"} {
		d.clock(host).at, d.clock(host).seen = now, maps.Clone(seen)
	}
	d.together = meeting{at: now, calls: len(d.starts), stops: n + 1, asked: map[string]int{}}
	return steps
}

// until is when a call returned, or an earlier turn for which its program goes on without it.
func (d *director) until(c *Call) time.Duration {
	for i := range d.stops {
		if at := d.stops[i].At; c.Start < at && at < c.End && c.key() < at {
			return at
		}
	}
	return c.End
}
