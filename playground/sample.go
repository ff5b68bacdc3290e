package playground

import (
	"syscall"
	"time"
)

// How often the sampler looks. It is meant to see what no call of ours tells: timers that fire, segments that arrive,
// other programs. What our calls do is seen in step with them (Session.both).
const (
	fastSample = 15 * time.Millisecond  // right after something happened, unless with many sockets at a time
	fastLooks  = 2000                   // a second, at such sockets together, as long as each is looked at every slowSample
	slowSample = 100 * time.Millisecond // while something is not at rest
	restSample = time.Second            // at rest
	queueCheck = 100 * time.Millisecond // of a listener that nobody accepts from
	scanEvery  = time.Second            // for other programs on our ports
	watchEvery = 200 * time.Millisecond // the same while a port is watched, or a program runs in the Lab
	hotTime    = 500 * time.Millisecond
	idleTick   = time.Minute           // with nothing to look at
	batchLimit = 512                   // sockets in one batch
	scanPorts  = 8                     // ports in one scan
	toldAfter  = 20 * time.Millisecond // a call that takes longer is told to be waiting
)

// probe is one socket to look at.
type probe struct {
	c       *socket
	t       target
	raw     syscall.RawConn
	attempt *dialAttempt // instead of t: not connected yet
	seen    observation
}

// tick does what is due and says how long nothing will be.
func (s *Session) tick() time.Duration {
	now := s.now()
	next := int64(idleTick)
	s.poked.Store(false)
	s.crossings()
	s.findOwners()
	s.tellLosses(now)
	if busy := s.flush(now); busy {
		s.poked.Store(true) // the timer will come back for them
		next = int64(fastSample)
	}
	if s.sampling {
		return time.Duration(next) // its report wakes the loop
	}
	var batch []probe
	var crowded []probe
	var expired []*socket
	hot := 0
	for _, c := range s.order {
		if now < c.hotUntil {
			hot++
		}
		due := c.next - now
		if c.failing != nil {
			if due = c.failing.until - now; due <= 0 {
				s.dialEnded(c, true)
			}
		} else if c.over() {
			if due = c.expires(now); due <= 0 {
				expired = append(expired, c)
				continue
			}
		} else if due <= 0 && len(batch) < batchLimit {
			if c.crowded.Load() && s.scanning {
				continue // what is told of the scan wakes the loop
			}
			if p, ok := c.probe(); ok {
				if c.crowded.Load() {
					crowded = append(crowded, p)
				} else {
					batch = append(batch, p)
				}
				continue
			}
			due = int64(slowSample)
			c.next = now + due
		}
		next = min(next, max(due, int64(time.Millisecond)))
	}
	for _, c := range expired { // not while the list is walked
		s.remove(c)
	}
	s.fast = fastFor(hot)
	if len(batch) > 0 {
		s.sampling = true
		s.spawn(func() { s.sample(batch) })
	}
	if s.scanning {
		return time.Duration(next)
	}
	if scan := s.scanList(now); len(scan) > 0 || len(crowded) > 0 {
		s.scanning = true
		s.spawn(func() { s.search(crowded, scan) })
	}
	if s.lastScan > 0 && (len(s.order) > 0 || s.awaitsOthers()) {
		next = min(next, max(s.lastScan+int64(s.scanInterval())-now, int64(time.Millisecond)))
	}
	return time.Duration(next)
}

// fastFor is how often to look at each of so many sockets at which something has just happened.
func fastFor(sockets int) time.Duration {
	return min(max(fastSample, time.Duration(sockets)*time.Second/fastLooks), slowSample)
}

// expires is how long a socket that is closed stays.
func (c *socket) expires(now int64) int64 {
	linger := ClosedLinger
	if c.kind == KindOther {
		linger = OtherLinger
	}
	return c.closedAt + int64(linger) - now
}

// probe says how to look at the socket; false where there is nothing to see yet.
func (c *socket) probe() (probe, bool) {
	if c.closedAt != 0 {
		return probe{}, false
	}
	if a := c.dialRaw.Load(); a != nil {
		return probe{c: c, attempt: a}, true
	}
	t := c.target.Load()
	if t == nil {
		return probe{}, false
	}
	return probe{c: c, t: *t, raw: c.descriptor()}, true
}

// sample looks at a batch, outside the actor, and reports. It waits for no dump: a listener that turns out to be crowded is
// left to search.
func (s *Session) sample(batch []probe) {
	seen := batch[:0]
	for _, p := range batch {
		if p.attempt == nil && !p.t.remote.IsValid() {
			if alone := p.seeAtOnce(s); !alone {
				p.c.crowded.Store(true)
				continue
			}
		} else {
			s.lookAt(&p)
		}
		seen = append(seen, p)
	}
	s.post(func() {
		s.sampling = false
		for _, p := range seen {
			s.sampled(p)
		}
	})
}

// search does what needs dumps of the kernel's sockets, for which there are turns: it looks at crowded listeners, and for
// sockets of others. It is outside the actor, and reports.
func (s *Session) search(crowded []probe, scan []scanRequest) {
	for i := range crowded {
		s.lookAt(&crowded[i])
		if !crowded[i].seen.crowded { // the others have gone
			crowded[i].c.crowded.Store(false)
		}
	}
	var found []scanResult
	for _, r := range scan {
		found = append(found, s.scan(r))
	}
	s.post(func() {
		s.scanning = false
		for _, p := range crowded {
			s.sampled(p)
		}
		for _, f := range found {
			s.scanned(f)
		}
	})
}

// lookAt makes the observation of a probe.
func (s *Session) lookAt(p *probe) {
	if p.attempt != nil {
		t, ok := p.attempt.target(p.c.place)
		if !ok {
			p.seen.err = errNotConnecting
			return
		}
		p.t = t
	}
	p.t.place.steady(func() { p.seen = s.observe(p.t, p.raw) })
}

// seeAtOnce makes the observation of a listener, without a dump. It is false where that takes one.
func (p *probe) seeAtOnce(s *Session) (seen bool) {
	p.t.place.steady(func() { p.seen, seen = s.observeAtOnce(p.t, p.raw) })
	return seen
}

// look looks at sockets now, for who asks how it stands with them, and returns when that is in the log. Any goroutine may
// call it, but not the actor.
func (s *Session) look(ids []string) {
	for until := s.now() + 2*int64(captureGrace); s.lookOnce(ids) && s.now() < until && wait(s.ctx, time.Millisecond); {
	}
}

// lookOnce says whether a state waits for the segment that goes with it.
func (s *Session) lookOnce(ids []string) (again bool) {
	var batch []probe
	s.ask(func() {
		for _, id := range ids {
			if c := s.sockets[id]; c != nil {
				if p, ok := c.probe(); ok {
					batch = append(batch, p)
				}
			}
		}
	})
	for i := range batch {
		s.lookAt(&batch[i])
		batch[i].seen.asked = true
	}
	s.ask(func() {
		for _, p := range batch {
			s.sampled(p)
		}
		for _, id := range ids {
			c := s.sockets[id]
			again = again || c != nil && c.place.machine() && (c.awaits != 0 || c.failing != nil)
		}
		s.flushLog()
	})
	return again
}

// sampled takes one observation in and plans the next.
func (s *Session) sampled(p probe) {
	c := p.c
	now := s.now()
	if p.attempt != nil {
		if p.seen.found && c.dialRaw.Load() == p.attempt { // else Dial has returned, and knows better
			s.identify(c, p.t)
			s.took(c, p.seen, cause{})
		}
		c.next = now + int64(slowSample)
		if now < c.hotUntil {
			c.next = now + int64(s.fast)
		}
		return
	}
	queue := c.recvQ
	s.took(c, p.seen, cause{})
	if c.closedAt != 0 {
		return
	}
	every := restSample
	switch {
	case now < c.hotUntil:
		every = s.fast
	case c.state == StateTimeWait:
	case c.kind == KindListener:
		every = queueCheck
		if c.behavior.accepts() {
			every = restSample
		}
	case c.state != StateEstablished && c.state != StateCloseWait && c.state != StateFinWait2:
		every = slowSample
	case c.metrics != nil && (c.metrics.RecvQ > 0 || c.metrics.SendQ > 0):
		every = slowSample
	}
	if left, ok := c.waitEnds(); ok {
		every = min(every, max(left, 0)+5*time.Millisecond)
	}
	c.next = now + int64(every)
	if c.kind == KindListener && c.recvQ != queue {
		s.lastScan = 0 // somebody came: find out who
	}
}

// measured tells a socket's numbers, where they changed and not too often.
func (s *Session) measured(c *socket, o observation) {
	m := metricsOf(o.row)
	c.recvQ = m.RecvQ
	elapsed := time.Duration(o.at - c.metricsAt)
	if c.metrics != nil && elapsed < metricsInterval && !o.asked && c.metrics.RecvQ == m.RecvQ && c.metrics.SendQ == m.SendQ {
		return
	}
	if settled(c.metrics, m, elapsed) || s.metricsOut >= metricsLimit {
		return
	}
	s.metricsOut++
	c.metrics, c.metricsAt = m, o.at
	s.emit(c.id, SourceSockDiag, &MetricsSampled{Metrics: *m})
}

// flush tells what was added up since the last time, calls that turned out to wait, and digests of flows that came to
// rest. It says whether there will be more.
func (s *Session) flush(now int64) (busy bool) {
	due := now-s.lastFlush >= int64(flushInterval)
	if due {
		s.lastFlush, s.metricsOut = now, 0
	}
	busy = s.flushSegments(now, due)
	told := 0
	for i := range s.order {
		c := s.order[(i+s.flushFrom)%len(s.order)]
		if c.raw == nil {
			continue
		}
		for d, f := range [2]*flow{&c.out, &c.in} {
			if !f.busy(c.digestAt[d]) {
				continue
			}
			busy = true
			if e := f.tell(now - int64(toldAfter)); e != nil {
				s.emit(c.id, SourceCall, e)
				c.hot()
			}
			if !due || told >= flushLimit {
				continue
			}
			op, direction := "Write", "written"
			if d == 1 {
				op, direction = "Read", "read"
			}
			if sum := f.take(); sum.calls > 0 {
				told++
				s.summarise(c, op, sum)
				c.hot()
			}
			if digest, total, ok := f.digest(c.digestAt[d], now-3*int64(flushInterval)); ok {
				c.digestAt[d] = total
				s.emit(c.id, SourceCall, &DigestComputed{Direction: direction, Bytes: digest.Bytes, SHA256: digest.SHA256, From: digest.From})
			}
		}
		if told >= flushLimit {
			s.flushFrom = (i + s.flushFrom) % len(s.order)
		}
	}
	return busy
}
