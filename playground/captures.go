package playground

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"socketplayground/playground/capture"
	"socketplayground/playground/segment"
)

// captures reads segments off this machine's loopback, for all sessions: one reader, whose filter lets through the
// ports that some session uses or watches. Where it may not, sessions show calls and states alone.
type captures struct {
	exclude []uint16
	logger  *slog.Logger

	mu      sync.Mutex
	reading *reading                     // nil: nobody wants any
	err     error                        // why it cannot be done
	wants   map[*Session]map[uint16]bool // ports
	told    map[*Session]uint64          // of what was dropped
	before  uint64                       // dropped by the captures before this one
	closed  bool
}

func newCaptures(cfg Config) *captures {
	return &captures{exclude: cfg.Exclude, logger: cfg.Logger, err: mayCapture(cfg), wants: map[*Session]map[uint16]bool{}, told: map[*Session]uint64{}}
}

// mayCapture says why segments of this machine are not to be had; nil where they are.
func mayCapture(cfg Config) error {
	if cfg.NoCapture {
		return errors.New("the playground was told not to capture; start it without -capture=false")
	}
	return capture.Supported()
}

// want sets the ports whose segments a session gets; from when it returns, none of them is missed. While nobody wants
// any, nothing is captured and no descriptor held.
func (c *captures) want(s *Session, ports []uint16) error {
	idle, err := c.set(s, ports)
	if idle != nil {
		idle.stop()
	}
	return err
}

// set is want; idle is a reader that is no longer needed.
func (c *captures) set(s *Session, ports []uint16) (idle *reading, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.closed {
		return nil, c.err
	}
	set := map[uint16]bool{}
	for _, p := range ports {
		set[p] = true
	}
	if maps.Equal(set, c.wants[s]) {
		return nil, nil
	}
	if c.wants[s] == nil {
		c.told[s] = c.drops() // those before are not about it
	}
	c.wants[s] = set
	if len(set) == 0 {
		delete(c.wants, s)
		delete(c.told, s)
	}
	if len(c.wants) == 0 {
		c.before = c.drops()
		idle, c.reading = c.reading, nil
		return idle, nil
	}
	if c.reading == nil {
		if c.reading, c.err = c.read(); c.err != nil {
			return nil, c.err
		}
	}
	all := map[uint16]bool{}
	for _, set := range c.wants {
		maps.Copy(all, set)
	}
	return nil, c.reading.SetPorts(slices.Sorted(maps.Keys(all)))
}

// reading is a capture that runs.
type reading struct {
	*capture.Capture
	cancel context.CancelFunc
	ended  chan struct{}
}

// read starts a capture.
func (c *captures) read() (*reading, error) {
	opened, err := capture.Open(capture.Config{Exclude: c.exclude, SnapLen: captureSnap})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &reading{Capture: opened, cancel: cancel, ended: make(chan struct{})}
	go func() { // ends with stop, which waits for it
		defer close(r.ended)
		if err := opened.Run(ctx, c.deliver(segment.NewDecoder())); err != nil {
			c.logger.Warn("capturing on this machine ended", "err", err)
		}
	}()
	return r, nil
}

// stop ends a capture. The caller must not hold mu, which the capture takes for each packet.
func (r *reading) stop() {
	r.cancel()
	<-r.ended
	r.Close()
}

// captureSnap is how much of a packet is captured: every byte of what a person types, and little of loopback's
// super-segments of 64 KiB, which would otherwise all be copied once more.
const captureSnap = 4 << 10

// deliver gives a packet to the sessions that want one of its ports.
func (c *captures) deliver(d *segment.Decoder) func(capture.Packet) {
	var seg segment.Segment
	var to []*Session
	var clock wallClock
	return func(p capture.Packet) {
		d.Offload(p.ChecksumOffloaded)
		_ = d.Headers(p.Data, &seg) // a broken segment with one of the ports is told too
		a, b := seg.Src.Port(), seg.Dst.Port()
		if seg.ICMP != nil {
			a, b = seg.ICMP.About[0].Port(), seg.ICMP.About[1].Port()
		}
		to = to[:0]
		c.mu.Lock()
		for s, ports := range c.wants {
			if ports[a] || ports[b] {
				to = append(to, s)
			}
		}
		c.mu.Unlock()
		if len(to) == 0 {
			return
		}
		p.At = clock.monotonic(p.At)
		for _, s := range to {
			s.captured(p, d, &seg)
		}
	}
}

// caughtUp returns when what a session wants of all that was sent before is delivered.
func (c *captures) caughtUp(ctx context.Context, s *Session) error {
	c.mu.Lock()
	r := c.reading
	if c.wants[s] == nil {
		r = nil
	}
	c.mu.Unlock()
	if r == nil {
		return nil
	}
	return r.CaughtUp(ctx)
}

// drops is how many packets the kernel had no room for. The caller holds mu.
func (c *captures) drops() uint64 {
	if c.reading == nil {
		return c.before
	}
	n, err := c.reading.Drops() // where the kernel does not tell, n is what it told before
	if err != nil {
		c.logger.Debug("lost segments cannot be counted", "err", err)
	}
	return c.before + n
}

// missed is how many packets were dropped since a session asked last. Whose they were, nobody knows.
func (c *captures) missed(s *Session) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wants[s] == nil {
		return 0
	}
	last := c.told[s]
	c.told[s] = c.drops()
	return int64(c.told[s] - last)
}

// runs says whether segments of this machine are being read.
func (c *captures) runs() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reading != nil
}

func (c *captures) close() {
	c.mu.Lock()
	c.closed = true
	last := c.reading
	c.mu.Unlock()
	if last != nil {
		last.stop()
	}
}

// lookBurst and lookRate are the captured segments of one connection at which its sockets are looked at. A handshake
// and a close have fewer; of a connection that does not settle, the sampler sees the rest.
const (
	lookBurst = 12
	lookRate  = 5 // a second
)

// captured takes a packet of this machine's loopback in. There it leaves and lands at once, and by the time it is read
// the sockets have gone on: what is seen of them is not what this segment did.
func (s *Session) captured(p capture.Packet, d *segment.Decoder, seg *segment.Segment) {
	tr := s.trace
	tr.mu.Lock()
	tr.catchUp()
	k := tr.kept.next()
	k.leftNS, k.size, k.offload = s.at(p.At), p.OriginalLen, p.ChecksumOffloaded
	k.landedNS = k.leftNS
	tr.record(k, s.machine, seg, tr.machine, p.Data, false)
	moves := seg.ICMP == nil && !k.other && k.flow.implied.segment(k.flow.endAt(seg.Src), stamp{k.number, k.leftNS}, seg)
	look := moves || !k.other && !k.flow.quiet.Load() && k.flow.looks.take(k.leftNS)
	if !k.listed && !look {
		tr.mu.Unlock()
		return
	}
	kept := *k
	tr.mu.Unlock()
	end := leaves(s.machine, seg)
	var event *SegmentSent
	if kept.listed {
		d.Verify(p.Data, seg)
		event = kept.event(seg)
	}
	var seen bothEnds
	if look {
		t := end.target()
		seen.own, seen.peer = s.observe(t, nil), s.observe(t.mirror(), nil)
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.tell(func() { s.sawOnLoopback(end, &kept, event, seen) })
}

// sawOnLoopback takes a captured segment into the log, and the sockets at both ends of it. The actor's.
func (s *Session) sawOnLoopback(end segmentEnd, k *keptPacket, event *SegmentSent, seen bothEnds) {
	s.trace.mu.Lock()
	s.trace.told = k.number
	s.trace.mu.Unlock()
	// The listening side first: of a new connection, that is known by its port.
	far := s.endOf(segmentEnd{place: end.place, local: end.remote, remote: end.local}, seen.peer)
	near := s.endOf(end, seen.own)
	if near == nil && far == nil && event != nil && event.Flags == "SYN" {
		near = s.dialOf(end, event.LeftNS)
	}
	if event != nil {
		event.Peer = far.label()
		if near != nil {
			event.From = near.host
		}
		s.emit(near.label(), SourceSegment, event)
	}
	if k.rst && near != nil {
		near.sentReset(k.aborts)
	}
	for _, e := range []struct {
		c    *socket
		seen observation
	}{{near, seen.own}, {far, seen.peer}} {
		if e.c != nil && e.seen.found && e.seen.source == SourceSockDiag {
			s.took(e.c, e.seen, cause{})
			s.linkPeer(e.c)
			s.trace.settle(e.c, k.number)
			e.c.hot()
		} else if e.c != nil && e.c.failing != nil {
			s.dialEnded(e.c, false)
		} else if e.c != nil {
			e.c.next = min(e.c.next, s.now()) // gone, or going: the sampler looks, and knows how to tell
		}
	}
}

// interest tells the capture which ports are the session's, now, and the log what the capture has missed. The actor's.
func (s *Session) interest(more ...uint16) {
	if n := s.captures.missed(s); n > 0 {
		s.emit("", "", &EventsLost{Count: n, What: "segments of this machine, of this or another session, that came faster than they could be captured"})
	}
	if err := s.captures.want(s, slices.Concat(s.machinePorts(), s.dialPorts(), more)); err != nil && !s.uncaptured {
		s.uncaptured = true // hello says it too, once the page has asked
		s.logger.Debug("segments of this machine are not captured", "err", err)
	}
}

// askedPort is the port that a command names.
func askedPort(c *WatchPort) (uint16, *Error) {
	if c.Port < 1 || c.Port > 65535 {
		return 0, invalid("port", "A port is a number from 1 to 65535.")
	}
	return uint16(c.Port), nil
}

// doWatchPort shows other programs' sockets on a port, or no longer.
func (s *Session) doWatchPort(c *WatchPort) (Reply, *Error) {
	port, err := askedPort(c)
	if err != nil {
		return Reply{}, err
	}
	if slices.Contains(s.captures.exclude, port) {
		return Reply{}, refuse(CodeDenied, "port", "Port %d is the playground's own page; watch another port.", port)
	}
	if c.On == s.watched[port] {
		return Reply{}, nil
	}
	if c.On && len(s.watched) >= MaxWatchedPorts {
		return Reply{}, refuse(CodeQuotaExceeded, "port", "%d ports are watched, the most there can be; stop watching one first.", MaxWatchedPorts)
	}
	if c.On {
		s.watched[port] = true
	} else {
		delete(s.watched, port)
	}
	s.emit("", "", &PortWatched{Port: c.Port, On: c.On})
	s.interest()
	s.lastScan = 0
	return Reply{}, nil
}
