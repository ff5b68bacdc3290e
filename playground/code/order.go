package code

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"
)

const (
	// pauseMatters: a shorter pause between two clicks is not worth a line.
	pauseMatters = 500 * time.Millisecond
	// longestPause bounds what a program waits because a person did; its comment says how long it really was.
	longestPause = 5 * time.Second
	// margin is what one program leaves the other for a call that must come first and that nothing waits for.
	margin = 200 * time.Millisecond
	// startMargin is the same where the programs have not met yet: the other one has been started, and comes to its calls.
	startMargin = time.Second
)

// programs makes the client's and the server's program of a story.
func programs(ctx context.Context, s *Story, o Options) []*program {
	d := newDirector(s)
	d.patience, d.say = o.Patience, o.say
	list := []*program{}
	for _, host := range []string{"client", "server"} {
		p := &program{host: host, network: s.Network, cut: s.Cut, long: s.Long, wire: s.Wire, options: o, all: d.sockets}
		list = append(list, p)
		p.example = len(s.Calls) > 0 && len(s.Calls[0].Seqs) == 0 && !s.Cut
	}
	stop := 0
	turns := func(by time.Duration) {
		for ; stop < len(d.stops) && d.stops[stop].At <= by; stop++ {
			for host, st := range d.turn(stop) {
				p := list[slices.IndexFunc(list, func(p *program) bool { return p.host == host })]
				p.steps = append(p.steps, *st)
			}
		}
	}
	for i := range d.order {
		if ctx.Err() != nil {
			return nil
		}
		turns(d.order[i].key())
		st := d.direct(i)
		for _, p := range list {
			if d.thread(&st.Call) == p.host {
				p.steps = append(p.steps, *st)
				p.calls += max(len(st.Seqs)/2, 1)
			}
		}
	}
	turns(math.MaxInt64)
	for _, p := range list {
		p.before = d.before
		for _, socket := range s.Sockets {
			if l := d.loop(socket.Listener); l == nil && socket.Host == p.host && socket.Open && d.opened[socket.Name] {
				p.open = append(p.open, &socket)
			}
		}
		p.trim()
	}
	return list
}

// key is where a call stands among the others of its program. One that only waits for the other end stands where it
// returned: nothing that it did is seen before, and the text stays in one row.
func (c *Call) key() time.Duration {
	switch {
	case c.Op != "Read" && c.Op != "Accept":
		return c.Start
	case c.Waits:
		return math.MaxInt64
	}
	return c.End
}

// director gives every call its place and its pause. It plays the programs against an ideal clock: each thread has a
// time that it has come to, and knows how far the others are from what it has waited for.
type director struct {
	sockets  map[string]*Socket
	order    []*Call
	virtual  map[time.Duration]time.Duration // of the times of calls, without the pauses that nobody needs
	paused   map[time.Duration]time.Duration // how long the pause before a time was
	clocks   map[string]*clock
	starts   []moment // of the calls so far
	ends     []time.Duration
	written  map[string][]stretch // by socket: what it wrote
	read     map[string][]stretch
	closed   map[string][]int // Close, Reset and CloseWrite
	shut     map[string]bool  // its reading side, by CloseRead: a Read waits for nothing (tcp_recvmsg, net/ipv4/tcp.c)
	dialled  map[string]int
	opened   map[string]bool // has a descriptor in a program
	loops    map[string]*Socket
	loopSeqs map[string]map[string][]uint64 // by listener and call
	patience time.Duration                  // as in Options
	before   []Phrase                       // what is to be done before all
	say      func(string, ...any) string    // as in Options
	stops    []Turn
	together meeting // where both programs were at the same time last
}

type clock struct {
	at   time.Duration
	seen map[string]int // by thread: the newest of its calls that must have been made
}

type moment struct {
	at   time.Duration
	seen map[string]int
}

type stretch struct {
	call     int
	from, to int64
	full     bool // a Read that filled its buffer
	empty    bool // a Read that did not wait for more: its time was up, or its side is shut
}

func newDirector(s *Story) *director {
	d := &director{sockets: map[string]*Socket{}, virtual: map[time.Duration]time.Duration{}, paused: map[time.Duration]time.Duration{},
		clocks: map[string]*clock{}, written: map[string][]stretch{}, read: map[string][]stretch{}, closed: map[string][]int{},
		shut: map[string]bool{}, dialled: map[string]int{}, opened: map[string]bool{}, loops: map[string]*Socket{}, loopSeqs: map[string]map[string][]uint64{},
		together: meeting{asked: map[string]int{}}}
	for i := range s.Sockets {
		d.sockets[s.Sockets[i].Name] = &s.Sockets[i]
	}
	before, stops := s.Stops()
	d.before, d.stops = before.Words, stops
	d.findLoops(s)
	for i := range s.Calls {
		c := &s.Calls[i]
		if c.Auto && (c.Waits || c.Err != nil && (c.Err.Kind == "closed" || c.Err.Kind == "cancelled")) {
			continue // the playground gave up reading by itself; nobody asked for that
		}
		if d.sockets[c.Socket] == nil {
			continue
		}
		d.order = append(d.order, c)
	}
	slices.SortStableFunc(d.order, func(a, b *Call) int { return cmp.Compare(a.key(), b.key()) })
	d.order = d.joined(d.streams(s))
	d.compress()
	return d
}

// findLoops finds the listeners whose connections nobody touched but their behaviour: their server is a loop.
func (d *director) findLoops(s *Story) {
	touched := map[string]bool{}
	for _, c := range s.Calls {
		socket := d.sockets[c.Socket]
		switch {
		case socket == nil || c.ByBehavior:
		case c.Op == "Accept":
			touched[c.Socket] = true
		case socket.Listener != "":
			touched[socket.Listener] = true
		}
	}
	for name, socket := range d.sockets {
		switch socket.Behavior {
		case "echo", "discard", "greet", "slow_read", "never_read", "hang_up", "reset":
			if socket.Listener == "" && !touched[name] && !socket.Changed {
				d.loops[name] = socket
				d.loopSeqs[name] = map[string][]uint64{}
			}
		}
	}
}

// loop is the listener of that name, if its server is a loop.
func (d *director) loop(listener string) *Socket { return d.loops[listener] }

// thread is where a call is made: in a host's program, or in a loop's connection.
func (d *director) thread(c *Call) string {
	socket := d.sockets[c.Socket]
	switch {
	case d.loop(socket.Listener) != nil:
		return socket.Name
	case c.Op == "Accept" && d.loop(c.Socket) != nil:
		return "accept " + c.Socket
	}
	return socket.Host
}

func (d *director) clock(thread string) *clock {
	k := d.clocks[thread]
	if k == nil {
		k = &clock{seen: map[string]int{}}
		d.clocks[thread] = k
	}
	return k
}

// compress takes out the time in which nothing was called, as far as it is short, or longer than anybody waits.
func (d *director) compress() {
	var points []time.Duration
	for i := range d.stops {
		points = append(points, d.stops[i].At)
	}
	var timed []*Call // what a timer ended: that time is the point
	for _, c := range d.order {
		if c.Err != nil && (c.Err.Kind == "deadline" || c.Err.Kind == "cancelled" || c.Err.Kind == "timed_out") {
			timed = append(timed, c)
		}
		points = append(points, c.Start)
		if !c.Waits {
			points = append(points, c.End)
		}
	}
	slices.Sort(points)
	var at time.Duration
	for i, p := range points {
		if i > 0 {
			gap := p - points[i-1]
			switch {
			case slices.ContainsFunc(timed, func(c *Call) bool { return c.Start <= points[i-1] && p <= c.End }):
				at += gap
			case gap >= pauseMatters:
				d.paused[p] = gap
				at += min(gap.Round(100*time.Millisecond), longestPause)
			}
		}
		d.virtual[p] = at
	}
}

// direct plays the call at a place of the order: it gives the step that a program makes of it.
func (d *director) direct(i int) *step {
	c := d.order[i]
	thread := d.thread(c)
	k := d.clock(thread)
	st := &step{Call: *c, exactly: c.Op == "Read" && c.Times > 1 && !c.Loose && !c.Drain}
	st.whole = !st.exactly && d.spans(c)
	causes := d.waitsFor(c)
	natural := time.Duration(-1)
	for _, b := range causes {
		natural = max(natural, d.starts[b].at)
	}
	inMain := thread == d.sockets[c.Socket].Host
	if inMain {
		d.pause(st, c, k, thread, natural)
	}
	d.starts = append(d.starts, moment{at: k.at, seen: maps.Clone(k.seen)})
	k.seen[thread] = i
	for _, b := range causes {
		d.meets(k, b)
	}
	took := time.Duration(0)
	if !c.Waits && natural < 0 {
		took = d.virtual[d.until(c)] - d.virtual[c.Start]
		if c.Err != nil && c.Err.Kind == "cancelled" {
			took = max(took, c.patience())
		}
	}
	k.at = max(k.at, natural) + took
	d.ends = append(d.ends, k.at)
	if l := d.loop(d.sockets[c.Socket].Listener); l != nil {
		d.loopSeqs[l.Name][c.Op] = append(d.loopSeqs[l.Name][c.Op], c.Seqs...)
	} else if l := d.loop(c.Socket); l != nil && c.Op == "Accept" {
		d.loopSeqs[l.Name][c.Op] = append(d.loopSeqs[l.Name][c.Op], c.Seqs...)
	} else if l != nil && c.Op == "Listen" {
		st.loop, st.loopSeqs = l, d.loopSeqs[l.Name]
	}
	d.note(i, c)
	return st
}

// pause lets a thread sleep before a call: as long as the user did, or until a call that must come first is made.
func (d *director) pause(st *step, c *Call, k *clock, thread string, natural time.Duration) {
	if target := d.virtual[c.Start]; !c.Auto && !c.ByBehavior && target-k.at >= pauseMatters && target-natural >= pauseMatters {
		st.sleep = (target - k.at).Round(10 * time.Millisecond)
		if real := d.paused[c.Start]; real > longestPause {
			st.why = d.say("it was %s", shown(real.Round(time.Second)))
		}
	}
	after := d.comesAfter(c)
	from := k.at
	for _, b := range after {
		if ask := d.asks(thread, d.thread(d.order[b]), b); ask != "" && !d.knows(k, thread, b) {
			st.ask, from = ask, d.together.at // as far as the other one is when it goes on
		}
	}
	if st.ask != "" {
		d.together.asked[thread] = len(d.starts) + 1
	}
	for _, b := range after {
		first := d.order[b]
		if d.knows(k, thread, b) && first.Socket != c.Socket { // of its own socket: the answer needs a moment to come back
			continue
		}
		room := margin
		if !d.met(thread, d.thread(first)) {
			room = startMargin
		}
		room += d.patience
		if need := d.ends[b] + room - from; need > st.sleep {
			st.sleep, st.why = need.Round(10*time.Millisecond), d.say("first, %s's %s", first.Socket, first.Op)
		}
	}
	k.at = max(k.at, from+st.sleep)
}

// knows says that a call must have been made, by what a thread has done and waited for so far.
func (d *director) knows(k *clock, thread string, b int) bool {
	other := d.thread(d.order[b])
	seen, ok := k.seen[other]
	return other == thread || ok && seen >= b
}

// met says whether one of two threads has waited for the other: from then on they keep the same time.
func (d *director) met(a, b string) bool {
	_, one := d.clock(a).seen[b]
	_, other := d.clock(b).seen[a]
	return one || other || a == b
}

// meets says that a thread has waited for a call of another one, and for all that came before it there.
func (d *director) meets(k *clock, b int) {
	thread := d.thread(d.order[b])
	for t, seen := range d.starts[b].seen {
		k.seen[t] = max(k.seen[t], seen)
	}
	k.seen[thread] = max(k.seen[thread], b)
}
