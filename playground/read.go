package playground

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// buffers are for Reads of the usual size; a waiting Read holds none.
var buffers = sync.Pool{New: func() any { b := make([]byte, DefaultChunk); return &b }}

// reader is a loop that reads a connection by itself.
type reader struct {
	stop  atomic.Bool
	pause context.Context // over when it is stopped: it does not wait any more
	wake  context.CancelFunc
	done  chan struct{}
	by    string // whose calls its Reads are, where the connection has no behaviour
}

// end stops the loop, but for a Read that it is in. Any goroutine may call it.
func (r *reader) end() {
	r.stop.Store(true)
	r.wake()
}

// startReader begins to read by itself, as the connection's behaviour does. The actor's.
func (s *Session) startReader(c *socket) {
	if c.reader != nil || !c.open {
		return
	}
	r := &reader{done: make(chan struct{}), by: c.by}
	r.pause, r.wake = context.WithCancel(s.ctx)
	c.reader = r
	behavior, settings := c.behavior, c.settings
	s.work(c, func() {
		defer close(r.done)
		defer r.wake()
		s.readLoop(c, r, behavior, settings)
		s.post(func() {
			if c.reader == r {
				c.reader = nil
				if !r.stop.Load() || c.readMode == ReadManual {
					return
				}
				s.startReader(c) // switched back to auto while the loop was ending
			}
		})
	})
}

// stopReader ends the loop, and the Read that it waits in. The actor's.
func (s *Session) stopReader(c *socket) {
	if c.reader != nil {
		c.reader.end()
		c.reads.cancel(0)
	}
}

// readLoop reads until EOF, an error, or stop.
func (s *Session) readLoop(c *socket, r *reader, behavior Behavior, settings *BehaviorSettings) {
	size, by := DefaultChunk, r.by
	serves := behavior.readsByItself() // else the user switched it on, and closing is the user's too
	if serves {
		by = byBehavior
	}
	if behavior == BehaviorSlowRead {
		size = int(settings.Bytes)
	}
	for !r.stop.Load() {
		err := s.readOnce(c, readCall{size: size, by: by, stop: &r.stop}, func(p []byte) error {
			if behavior != BehaviorEcho || len(p) == 0 {
				return nil
			}
			_, err := s.write(s.ctx, c, p, writeCall{id: s.calls.Add(1), by: by})
			return err
		})
		switch {
		case errors.Is(err, io.EOF):
			if serves { // a server ends its side when the client has ended
				s.ask(func() { _, _ = s.doCloseBy(c, false, byBehavior) })
			}
			return
		case err != nil && isTimeout(err) && !r.stop.Load():
			// The user's deadline; the next Read would fail at once, so this loop ends as a Go program's would.
			s.post(func() { s.readingEnded(c, r) })
			return
		case err != nil:
			if serves && !isTimeout(err) {
				s.ask(func() { _, _ = s.doCloseBy(c, false, byBehavior) })
			}
			return
		}
		if behavior == BehaviorSlowRead && !wait(r.pause, time.Duration(settings.IntervalMS)*time.Millisecond) {
			return
		}
	}
}

// readingEnded tells that nobody reads any more.
func (s *Session) readingEnded(c *socket, r *reader) {
	if c.reader == r && c.readMode == ReadAuto {
		c.readMode = ReadManual
		s.emit(c.id, "", &ReadModeChanged{ReadMode: ReadManual})
	}
}

// readCall is how one Read is to be made.
type readCall struct {
	size int
	by   string
	id   uint64       // 0: not told yet
	stop *atomic.Bool // of the loop
}

// readOnce waits for bytes, reads them once, tells it, and hands the bytes to use before the buffer is given up.
func (s *Session) readOnce(c *socket, k readCall, use func([]byte) error) error {
	told := k.id != 0
	if !told {
		k.id = s.calls.Add(1)
	}
	start := s.now()
	listed := told || c.in.listed(s, start)
	c.in.enter(waiting{call: k.id, since: start, op: "Read", by: k.by, size: k.size, told: told})
	if !told {
		c.reads.begin(k.id)
		if k.stop != nil && k.stop.Load() { // stopped before the side knew of the call
			c.reads.cancel(k.id)
		}
	}
	if k.size > 0 { // Read into an empty buffer waits for nothing
		// An error here comes again from Read, and then as Go spells it.
		_ = waitReadable(c.raw, func() {
			if listed {
				s.tellWaiting(c, &c.in, start)
			} else {
				s.poke()
			}
		})
	}
	buf, free := s.buffer(k, told)
	defer free()
	n, err := c.conn.Read(buf)
	cancelled := c.reads.end()
	at := s.now()
	p := buf[:n]
	offset := c.in.offset()
	told, before := c.in.leave(p, at, !listed && err == nil)
	if listed || told || err != nil {
		seen := s.bothOf(c)
		full := s.payloadFor(p)
		e := &CallReturned{Call: k.id, Op: "Read", By: k.by, StartedNS: start, ReturnedNS: at, N: int64(n), Bytes: int64(n),
			Data: preview(p), Result: countResult(n, err), Error: describe("Read", err, cancelled)}
		s.post(func() {
			s.summarise(c, "Read", before)
			c.failed(e.Error)
			s.tookBoth(c, seen, byCall(e.Call))
			s.blame(c, e.Error)
			s.explainConn(c, e.Error)
			s.explainEnded(c, e.Error, e.Call, e.StartedNS)
			s.emitWith(c.id, SourceCall, e, full)
			s.shares.waiting.Give(int64(len(full)))
			if _, user := s.running[e.Call]; user { // with the event: who has seen it may read again
				delete(s.running, e.Call)
				c.reading = false
				s.shares.waiting.Give(waitingOverhead + int64(k.size))
			}
			c.hot()
		})
	} else {
		s.poke()
	}
	c.feed(offset, p)
	if useErr := use(p); err == nil {
		err = useErr
	}
	return err
}

// tellWaiting puts the start of the call under way into the log, unless that was done.
func (s *Session) tellWaiting(c *socket, f *flow, before int64) {
	s.post(func() {
		if e := f.tell(before); e != nil {
			s.emit(c.id, SourceCall, e)
		}
	})
}

// buffer gives a Read its buffer, once there is something to read; free ends its use. A loop whose peers take nothing
// back, or whose session is busy, holds it for long: where as much waits as may, it reads less at a time.
func (s *Session) buffer(k readCall, told bool) (buf []byte, free func()) {
	if told { // its room was taken when it was asked for
		return make([]byte, k.size), func() {}
	}
	if k.size > leastRead && s.shares.waiting.Take(int64(k.size)) != Enough {
		return make([]byte, leastRead), func() {}
	}
	if k.size > DefaultChunk { // of a slow_read that takes more than the buffers hold
		return make([]byte, k.size), func() { s.shares.waiting.Give(int64(k.size)) }
	}
	b := buffers.Get().(*[]byte)
	return (*b)[:k.size], func() {
		buffers.Put(b)
		if k.size > leastRead {
			s.shares.waiting.Give(int64(k.size))
		}
	}
}

// payloadFor copies a payload for the payload command, if its preview does not already hold it, and if it may wait for
// the actor, which gives its bytes back.
func (s *Session) payloadFor(p []byte) []byte {
	n := min(len(p), maxKept)
	if n <= PreviewBytes || s.shares.waiting.Take(int64(n)) != Enough {
		return nil
	}
	return append(make([]byte, 0, n), p[:n]...)
}

func (s *Session) doRead(c *Read) (Reply, *Error) {
	k, err := s.findConn(c.Socket)
	if err != nil {
		return Reply{}, err
	}
	size, err := readSize(c)
	switch {
	case err != nil:
		return Reply{}, err
	case k.reader != nil && k.readMode == ReadAuto:
		return Reply{}, conflict("%s reads by itself; set its reads to manual first.", k.id)
	case k.reading || k.reader != nil:
		return Reply{}, conflict("A Read on %s is waiting already; send it something, or cancel that Read.", k.id)
	}
	if refusal := s.mayWait(waitingOverhead + int64(size)); refusal != nil {
		return Reply{}, refusal
	}
	k.reading = true
	id := s.calls.Add(1)
	k.reads.begin(id)
	r := call{id: id, socket: k, op: "Read", by: s.asker, host: k.host, cancel: func() bool { return k.reads.cancel(id) }}
	if size != DefaultChunk {
		r.args = fmt.Sprintf("buf[:%d]", size)
	}
	s.start(r, int64(size), nil)
	s.work(k, func() {
		_ = s.readOnce(k, readCall{size: size, by: r.by, id: id}, func([]byte) error { return nil }) // the error is in the log
	})
	return Reply{Calls: []uint64{id}}, nil
}

// readSize is how large the buffer of a Read is.
func readSize(c *Read) (int, *Error) {
	size := DefaultChunk
	if c.Bytes != nil {
		size = *c.Bytes
	}
	if size < 0 || size > MaxChunk {
		return 0, invalid("bytes", "A Read takes 0 to %d bytes.", MaxChunk)
	}
	return size, nil
}

func askedReadMode(c *SetReadMode) (ReadMode, *Error) {
	if c.ReadMode == "" {
		return "", invalid("read_mode", "The read mode is auto or manual.")
	}
	return checkReadMode(c.ReadMode, "")
}

func (s *Session) doSetReadMode(c *SetReadMode) (Reply, *Error) {
	k, err := s.findConn(c.Socket)
	if err != nil {
		return Reply{}, err
	}
	mode, err := askedReadMode(c)
	switch {
	case err != nil:
		return Reply{}, err
	case !k.open:
		return Reply{}, conflict("%s is closed; there is nothing more to read.", k.id)
	case mode == ReadAuto && k.reading:
		return Reply{}, conflict("A Read on %s is waiting; cancel it first.", k.id)
	}
	if mode != k.readMode {
		k.readMode, k.by = mode, s.asker
		s.emit(k.id, "", &ReadModeChanged{ReadMode: mode})
	}
	if mode == ReadAuto {
		s.startReader(k)
	} else {
		s.stopReader(k)
	}
	return Reply{}, nil
}

// serve does with an accepted connection what its listener's behaviour says.
func (s *Session) serve(c *socket) {
	switch c.behavior {
	case BehaviorHangUp:
		s.ask(func() { _, _ = s.doCloseBy(c, false, byBehavior) })
	case BehaviorReset:
		s.ask(func() { _, _ = s.doCloseBy(c, true, byBehavior) })
	case BehaviorGreet:
		banner, _ := decodeText(c.settings.Banner) // checked when it was set
		if _, err := s.write(s.ctx, c, banner, writeCall{id: s.calls.Add(1), by: byBehavior}); err != nil {
			return
		}
		s.ask(func() { s.startReader(c) })
	case BehaviorEcho, BehaviorDiscard, BehaviorSlowRead:
		s.ask(func() { s.startReader(c) })
	}
}
