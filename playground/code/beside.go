package code

import (
	"slices"
	"strconv"
)

// besides finds the calls that waited while later ones of their program were made.
func (p *program) besides(timeouts bool) {
	for i := range p.steps {
		st := &p.steps[i]
		switch {
		case st.Op == turnOp:
		case st.Op == "Read" || st.Op == "Accept":
			st.beside = st.Waits && i < len(p.steps)-1
		default:
			for _, later := range p.steps[i+1:] {
				if st.Waits || st.End-st.Start > margin && later.Start < st.End-margin && later.key() < st.End {
					st.beside = true
				}
			}
		}
	}
	if timeouts {
		p.deadlinesFirst()
	}
	closes, names := p.closes(), map[string]int{}
	for i := range p.steps {
		st := &p.steps[i]
		if !st.beside {
			continue
		}
		st.side = variable(st.Socket) + "_" + variable(st.Op)
		if names[st.side]++; names[st.side] > 1 {
			st.side += "_" + strconv.Itoa(names[st.side])
		}
		st.left = st.Waits && closes
		if !st.Waits {
			p.join(st, p.steps[i+1:])
		}
	}
}

// join has the first call on the same socket, of those that were made after a call had returned, wait until it has.
func (p *program) join(st *step, later []step) {
	i := slices.IndexFunc(later, func(next step) bool { return next.Socket == st.Socket && next.Start >= st.End })
	if i >= 0 {
		st.joined = true
		later[i].joins = append(later[i].joins, st)
	}
}

// deadlinesFirst moves a deadline that was set while a Write waited to before that Write, with the pauses between added.
// Python's timeout and SO_SNDTIMEO count for calls that begin later (sock_sndtimeo is read at the beginning of
// tcp_sendmsg_locked, net/ipv4/tcp.c); Go's deadline ends one that waits already.
func (p *program) deadlinesFirst() {
	for i := range p.steps {
		at := slices.IndexFunc(p.steps[:i], func(w step) bool {
			st := &p.steps[i]
			return w.beside && w.Op == "Write" && w.Socket == st.Socket && (w.Waits || st.Start < w.End)
		})
		st := p.steps[i]
		if st.Op != "SetDeadline" || st.Deadline == "read" || st.After == 0 || at < 0 {
			continue
		}
		if i+1 < len(p.steps) { // the pause stays where it was
			p.steps[i+1].sleep += st.sleep
		}
		for _, between := range p.steps[at+1 : i+1] {
			st.After += between.sleep
		}
		st.sleep, st.ahead = 0, true
		copy(p.steps[at+1:i+1], p.steps[at:i])
		p.steps[at] = st
	}
}

// aheadOfWrite is the comment beside such a deadline.
const aheadOfWrite = "It was set while the Write waited; here it counts for calls that begin later."

// connects says that a call beside the others gives a socket, which they use when it has returned.
func (st *step) connects() bool { return st.beside && st.Op == "Dial" && !st.failed() && !st.Waits }

// unjoined says that nobody waits for a call beside the others but the program's end.
func (st *step) unjoined() bool { return st.beside && !st.joined && !st.left }

// trim takes out the stops that a program need not make: nothing of it is there any more, or it never did anything.
func (p *program) trim() {
	for n := len(p.steps); n > 0 && p.steps[n-1].Op == turnOp && len(p.open) == 0; n = len(p.steps) {
		p.steps = p.steps[:n-1]
	}
	if !p.has(func(st *step) bool { return st.Op != turnOp }) {
		p.steps = nil
	}
}
