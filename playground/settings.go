package playground

import (
	"cmp"
	"sync"
	"time"

	"socketplayground/playground/sockdiag"
)

// goSetters are the options that a Go program sets with a method of its own, and what that is called.
var goSetters = map[string]string{"NoDelay": "SetNoDelay", "KeepAlive": "SetKeepAlive", "Linger": "SetLinger",
	"RcvBuf": "SetReadBuffer", "SndBuf": "SetWriteBuffer"}

// doSetOption sets a socket option and reads all of them back.
func (s *Session) doSetOption(c *SetOption) (Reply, *Error) {
	k, err := s.find(c.Socket)
	switch {
	case err != nil:
		return Reply{}, err
	case k.kind == KindOther:
		return Reply{}, conflict("%s belongs to another program; the playground only looks at it.", k.id)
	case k.raw == nil || !k.open:
		return Reply{}, conflict("%s has no open descriptor, so it has no options to set.", k.id)
	}
	_, value, err := askedOption(c)
	if err != nil {
		return Reply{}, err
	}
	if why := optionSupport(c.Name); why != "" {
		return Reply{}, refuse(CodeUnsupported, "name", "%s cannot be set here. %s", c.Name, why)
	}
	op, args := "setsockopt", argsOf(c.Name, value)
	if name, ok := goSetters[c.Name]; ok {
		op, args = name, argsOf(value)
	}
	r := s.start(call{socket: k, op: op, args: args, host: k.host, by: s.asker}, 0, nil)
	e := onDescriptor(k.raw, func(fd uintptr) error { // does not block
		return setOption(fd, c.Name, value, k.v6())
	})
	s.returned(r, s.now(), resultOf("", e), describe(op, e, false))
	now := s.readBackOptions(k)
	if e == nil {
		if without := k.unheeded(c.Name, now); without != "" {
			s.notice(k.id, "warning", "option_without_effect", without)
		}
	}
	k.hot()
	return Reply{Calls: []uint64{r.id}}, nil
}

func (c *socket) v6() bool {
	t := c.target.Load()
	return t != nil && t.family == sockdiag.AFInet6
}

// readBackOptions tells what the kernel says all options are.
func (s *Session) readBackOptions(c *socket) Options {
	if c.closing.Load() {
		return nil
	}
	var e OptionsRead
	err := onDescriptor(c.raw, func(fd uintptr) error {
		e.Options, e.Unsupported = readOptions(fd, c.v6())
		return nil
	})
	if err == nil {
		s.emit(c.id, SourceCall, &e)
	}
	return e.Options
}

// askedOption is the option that a command names, and its value.
func askedOption(c *SetOption) (optionSpec, any, *Error) {
	spec, ok := findOption(c.Name)
	if !ok {
		return spec, nil, unknownOption("name", c.Name)
	}
	value, err := spec.parse(c.Value)
	return spec, value, err
}

// askedDeadline is what a deadline is for, and how far ahead it lies; 0 clears it.
func askedDeadline(c *SetDeadline) (kind string, after time.Duration, _ *Error) {
	kind = cmp.Or(c.Kind, "both")
	if kind != "read" && kind != "write" && kind != "both" {
		return "", 0, invalid("kind", "A deadline is for read, write or both, not %q.", clip(kind, 20))
	}
	if c.AfterMS != nil {
		var ok bool
		if after, ok = ofMS(*c.AfterMS, MaxDuration); !ok || after == 0 {
			return "", 0, invalid("after_ms", "A deadline lies 1 to %d ms ahead; leave after_ms out to clear it.", MaxDuration.Milliseconds())
		}
	}
	return kind, after, nil
}

// doSetDeadline bounds Reads and Writes, or the Accepts of a listener.
func (s *Session) doSetDeadline(c *SetDeadline) (Reply, *Error) {
	k, err := s.find(c.Socket)
	if err != nil {
		return Reply{}, err
	}
	if k.kind != KindListener {
		if k, err = s.findConn(c.Socket); err != nil {
			return Reply{}, err
		}
	}
	if !k.open {
		return Reply{}, conflict("%s is closed; a deadline has no effect.", k.id)
	}
	kind, after, err := askedDeadline(c)
	if err != nil {
		return Reply{}, err
	}
	var at time.Time
	if after > 0 {
		at = time.Now().Add(after)
	}
	op := map[string]string{"read": "SetReadDeadline", "write": "SetWriteDeadline", "both": "SetDeadline"}[kind]
	args := "time.Time{}"
	if after > 0 {
		args = "now + " + after.String()
	}
	r := s.start(call{socket: k, op: op, args: args, host: k.host, by: s.asker}, 0, nil)
	var e error
	if kind != "write" {
		e = k.reads.setDeadline(at)
	}
	if kind != "read" && e == nil && k.kind == KindConn {
		e = k.writes.setDeadline(at)
	}
	s.returned(r, s.now(), resultOf("", e), describe(op, e, false))
	if e == nil {
		s.emit(k.id, "", &DeadlineSet{Kind: kind, AfterMS: after.Milliseconds()})
	}
	return Reply{Calls: []uint64{r.id}}, nil
}

// ofMS is a command's whole number of milliseconds as a duration; ok where it is from 0 to the most there may be. It is
// compared before it is multiplied: 2^63/10^6 ms and more would come out as some other time.
func ofMS(ms int64, most time.Duration) (d time.Duration, ok bool) {
	if ms < 0 || ms > most.Milliseconds() {
		return 0, false
	}
	return time.Duration(ms) * time.Millisecond, true
}

// doRemove takes closed sockets out of the session.
func (s *Session) doRemove(c *Remove) (Reply, *Error) {
	if c.AllClosed {
		for _, k := range append([]*socket(nil), s.order...) {
			if k.over() {
				s.remove(k)
			}
		}
		return Reply{}, nil
	}
	k, err := s.find(c.Socket)
	switch {
	case err != nil:
		return Reply{}, err
	case k.open:
		return Reply{}, conflict("%s is open; close it first.", k.id)
	case !k.over():
		return Reply{}, conflict("The kernel still has %s in %s; wait for CLOSED.", k.id, k.state)
	}
	s.remove(k)
	return Reply{}, nil
}

// over says that nothing more will happen to the socket.
func (c *socket) over() bool { return !c.open && c.closedAt != 0 }

// payloadStore keeps the full bytes of recent events, the newest PayloadBudget of them.
type payloadStore struct {
	hoard *hoard

	mu    sync.Mutex
	bySeq map[uint64][]byte
	order []uint64
	bytes int
}

// maxKept is the most that is kept of one event.
const maxKept = 64 << 10

// payloadOverhead is about what the store takes for a payload beside its bytes.
const payloadOverhead = 64

// get gives the bytes of an event, as far as they are kept.
func (p *payloadStore) get(seq uint64) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	data, ok := p.bySeq[seq]
	return data, ok
}

func (p *payloadStore) put(seq uint64, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bySeq == nil {
		p.bySeq = map[uint64][]byte{}
	}
	p.bySeq[seq] = data
	p.order = append(p.order, seq)
	p.bytes += len(data)
	p.hoard.add(int64(len(data)) + payloadOverhead)
	for p.bytes > PayloadBudget {
		p.dropOldest()
	}
	for len(p.order) > 0 && p.hoard.greedy() {
		p.hoard.lost.Add(p.dropOldest())
	}
}

// dropOldest forgets the oldest payload. The caller holds mu.
func (p *payloadStore) dropOldest() (payloads int64) {
	n := len(p.bySeq[p.order[0]])
	p.bytes -= n
	p.hoard.add(-int64(n) - payloadOverhead)
	delete(p.bySeq, p.order[0])
	p.order = p.order[1:]
	return 1
}

// shed lets the oldest payloads go.
func (p *payloadStore) shed() (lost int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range payloadsShed {
		if len(p.order) > 0 {
			lost += p.dropOldest()
		}
	}
	return lost
}

// payloadsShed is how many payloads go at a time.
const payloadsShed = 16

func (s *Session) doPayload(c *Payload) (Reply, *Error) {
	if c.Segment != 0 {
		return s.doPayloadOfSegment(c.Segment)
	}
	e := s.log.event(c.Seq)
	if e == nil {
		return Reply{}, refuse(CodeNotFound, "seq", "Event %d is not in the log, or not any more.", c.Seq)
	}
	var short []byte
	var n int64
	switch e := e.(type) {
	case *CallReturned:
		short, n = e.Data, e.Bytes
	case *CallsSummarised:
		short, n = e.Data, e.Bytes
	case *CallStarted:
		short, n = e.Data, e.Bytes
	default:
		return Reply{}, invalid("seq", "Event %d carries no payload.", c.Seq)
	}
	data := short
	if full, ok := s.kept.get(c.Seq); ok {
		data = full
	}
	return Reply{Payload: &PayloadReply{Data: data, Bytes: n, Complete: int64(len(data)) == n}}, nil
}
