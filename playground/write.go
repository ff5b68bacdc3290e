package playground

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"
)

// writeCall is how one Write is to be made.
type writeCall struct {
	id   uint64
	by   string
	told bool // its start is in the log
}

// write makes one Write of p, when it is its turn, and tells it. It blocks as Write does, and ends with ctx: before its
// turn with the error of ctx, and then there was no Write. Any goroutine may call it.
func (s *Session) write(ctx context.Context, c *socket, p []byte, k writeCall) (int, error) {
	n, _, err := s.writeOnce(ctx, c, p, k)
	return n, err
}

// writeOnce is write, and says whether it has sent the actor something to tell.
func (s *Session) writeOnce(ctx context.Context, c *socket, p []byte, k writeCall) (n int, tells bool, err error) {
	select {
	case c.turn <- struct{}{}: // given back by the Write before us, which a Close ends at the latest
	case <-ctx.Done():
		return 0, false, ctx.Err()
	}
	defer func() { <-c.turn }()

	told, id := k.told, k.id
	start := s.now()
	listed := told || c.out.listed(s, start)
	w := waiting{call: id, since: start, op: "Write", by: k.by, size: len(p), p: p, told: told}
	c.out.enter(w)
	if listed && !told {
		s.tellWaiting(c, &c.out, start) // before the call: the peer's Read must not come first
	} else if !listed {
		s.poke()
	}
	c.writes.begin(id)
	if ctx.Err() != nil { // cancelled before the side knew of the call
		c.writes.cancel(id)
	}
	n, err = c.conn.Write(p)
	cancelled := c.writes.end()
	at := s.now()
	told, before := c.out.leave(p[:n], at, !listed && err == nil)
	if !listed && !told && err == nil {
		return n, false, nil
	}
	seen := s.bothOf(c)
	full := s.payloadFor(p)
	e := &CallReturned{Call: id, Op: "Write", Args: quoted(p), By: k.by, StartedNS: start, ReturnedNS: at, N: int64(n), Bytes: int64(len(p)),
		Data: preview(p), Result: countResult(n, err), Error: describe("Write", err, cancelled)}
	s.post(func() {
		s.summarise(c, "Write", before)
		c.failed(e.Error)
		s.tookBoth(c, seen, byCall(id))
		s.blame(c, e.Error)
		s.explainConn(c, e.Error)
		s.explainEnded(c, e.Error, e.Call, e.StartedNS)
		s.emitWith(c.id, SourceCall, e, full)
		s.shares.waiting.Give(int64(len(full)))
		delete(s.running, id)
		c.hot()
	})
	return n, true, err
}

// WriteBytes writes raw bytes on a connection and returns when Write has: the way of a file, or of a client that
// speaks the binary frames. It blocks as Write does.
func (s *Session) WriteBytes(id string, p []byte) (int, error) {
	h, ok := s.handles.Load(id)
	if !ok {
		return 0, refuse(CodeNotFound, "socket", "There is no socket %s in this session.", clip(id, 20))
	}
	c := h.(*socket)
	if !c.ready.Load() {
		var refusal *Error
		s.ask(func() { _, refusal = s.findConn(id) })
		if refusal == nil {
			refusal = conflict("%s is closed; nothing can be sent on it.", id)
		}
		return 0, refusal
	}
	if !c.begin() {
		return 0, refuse(CodeNotFound, "socket", "There is no socket %s in this session.", clip(id, 20))
	}
	n, told, err := s.writeOnce(s.ctx, c, p, writeCall{id: s.calls.Add(1), by: byUser})
	if told {
		s.post(func() { s.endedHere(c) })
	} else { // fast ones come too fast to wake the actor for each
		s.ended(c)
	}
	return n, err
}

// writeJob is one write command: a single Write, or a transfer of many.
type writeJob struct {
	ctx      context.Context
	cancel   context.CancelFunc
	by       string        // who asked for it
	under    atomic.Uint64 // the number of its Write under way
	call     *call
	transfer *transfer
	data     []byte
	size     int64 // all bytes to write
	chunk    int
	interval time.Duration
	encoding Encoding
}

// transfer is a send of many Writes.
type transfer struct {
	id        uint64
	socket    *socket
	started   int64
	job       *writeJob
	cancelled bool
}

func (s *Session) doWrite(c *Write) (Reply, *Error) {
	k, err := s.findConn(c.Socket)
	if err != nil {
		return Reply{}, err
	}
	job, err := jobOf(c)
	if err != nil {
		return Reply{}, err
	}
	if len(k.jobs) >= MaxQueuedWrites || k.queued+int64(len(job.data)) > MaxQueuedBytes {
		return Reply{}, refuse(CodeQuotaExceeded, "", "%s has %d sends waiting behind a blocked Write; let the peer read, or cancel it.", k.id, len(k.jobs))
	}
	if refusal := s.mayWait(job.cost()); refusal != nil {
		return Reply{}, refusal
	}
	var reply Reply
	job.by = s.asker
	job.ctx, job.cancel = context.WithCancel(s.ctx)
	if job.chunk == 0 {
		job.call = s.start(call{socket: k, op: "Write", args: quoted(job.data), host: k.host, by: s.asker}, job.size, preview(job.data))
		job.under.Store(job.call.id)
		job.call.cancel = func() bool { s.cancelJob(k, job); return true }
		reply.Calls = []uint64{job.call.id}
	} else {
		t := &transfer{id: s.calls.Add(1), socket: k, started: s.now(), job: job}
		job.transfer = t
		s.transfers[t.id] = t
		s.emit(k.id, "", &TransferStarted{Transfer: t.id, Encoding: string(job.encoding), Bytes: job.size, Chunk: job.chunk, IntervalMS: job.interval.Milliseconds()})
		reply.Transfers = []uint64{t.id}
	}
	if c.Digest {
		k.setDigest(true)
		if k.peer != nil && k.peer.kind == KindConn {
			k.peer.setDigest(true)
		}
	}
	k.jobs = append(k.jobs, job)
	k.queued += int64(len(job.data))
	s.nextJob(k)
	return reply, nil
}

// cost is what a write job takes in memory until it has ended.
func (j *writeJob) cost() int64 {
	n := waitingOverhead + int64(cap(j.data))
	if j.chunk > 0 {
		n += min(int64(j.chunk), j.size) // the buffer of its Writes
	}
	return n
}

// mayWait takes n bytes of what may wait in calls, or refuses.
func (s *Session) mayWait(n int64) *Error {
	switch s.shares.waiting.Take(n) {
	case ShareUsed:
		return refuse(CodeQuotaExceeded, "", "Calls of this session that wait hold %d MiB already, the most there may be; let peers read, or cancel some.", WaitingBytes>>20)
	case PoolUsed:
		return refuse(CodeQuotaExceeded, "", "Calls of all sessions that wait hold as much as they may together; let peers read, cancel some, or try again later.")
	}
	return nil
}

// Hold takes n bytes of what may wait in the session, for who brings bytes that WriteBytes is still to write, or refuses
// with an *Error. Release gives them back.
func (s *Session) Hold(n int64) error {
	if refusal := s.mayWait(n); refusal != nil {
		return refusal
	}
	return nil
}

// Release gives back what Hold took.
func (s *Session) Release(n int64) { s.shares.waiting.Give(n) }

// jobOf checks a write command.
func jobOf(c *Write) (*writeJob, *Error) {
	interval, ok := ofMS(c.IntervalMS, MaxInterval)
	job := &writeJob{encoding: c.Encoding, chunk: c.Chunk, interval: interval}
	if job.encoding == "" {
		job.encoding = EncodingText
	}
	if c.Chunk < 0 || c.Chunk > MaxChunk {
		return nil, invalid("chunk", "A chunk has 1 to %d bytes.", MaxChunk)
	}
	if !ok {
		return nil, invalid("interval_ms", "The interval is at most %d ms.", MaxInterval.Milliseconds())
	}
	generated := job.encoding == EncodingPattern || job.encoding == EncodingRandom
	if !generated && c.Bytes != 0 {
		return nil, invalid("bytes", "The number of bytes is for pattern and random; other data has its own length.")
	}
	if job.encoding != EncodingRandom {
		data, err := decodePayload(c.Data, job.encoding)
		if err != nil {
			return nil, err
		}
		if len(data) == 0 {
			return nil, invalid("data", "There is nothing to send: type some data.")
		}
		job.data, job.size = data, int64(len(data))
	}
	if generated {
		if c.Bytes < 1 || c.Bytes > MaxTransferBytes {
			return nil, invalid("bytes", "Say how many bytes to send: 1 to %d.", int64(MaxTransferBytes))
		}
		job.size = c.Bytes
		if job.chunk == 0 {
			job.chunk = DefaultChunk
		}
	}
	if job.interval > 0 && job.chunk == 0 {
		return nil, invalid("chunk", "An interval needs a chunk size: say how many bytes go out each time.")
	}
	return job, nil
}

// nextJob starts the oldest write job, if none is running.
func (s *Session) nextJob(k *socket) {
	if k.writing || len(k.jobs) == 0 {
		return
	}
	job := k.jobs[0]
	k.jobs[0] = nil
	k.jobs = k.jobs[1:]
	k.writing = true
	s.work(k, func() {
		var n int64
		var err error
		if job.transfer == nil {
			_, err = s.write(job.ctx, k, job.data, writeCall{id: job.call.id, by: job.by, told: true})
		} else {
			n, err = s.stream(k, job)
		}
		s.post(func() {
			k.writing = false
			s.jobEnded(k, job, n, err)
			s.nextJob(k)
		})
	})
}

// cancelJob ends a write job: its Write under way, or its wait for one.
func (s *Session) cancelJob(k *socket, job *writeJob) {
	job.cancel()
	if i := slices.Index(k.jobs, job); i >= 0 {
		k.jobs = slices.Delete(k.jobs, i, i+1)
		s.jobEnded(k, job, 0, context.Canceled)
		return
	}
	if id := job.under.Load(); id != 0 {
		k.writes.cancel(id)
	}
}

// jobEnded tells the end of a write job, as far as its Writes have not.
func (s *Session) jobEnded(k *socket, job *writeJob, n int64, err error) {
	job.cancel()
	k.queued -= int64(len(job.data))
	s.shares.waiting.Give(job.cost())
	switch {
	case job.transfer != nil:
		s.transferEnded(k, job.transfer, n, err)
	case errors.Is(err, context.Canceled): // before it was its turn
		s.returned(job.call, s.now(), "not called", describe("Write", err, true))
	}
}

// stream makes the Writes of a transfer. The bytes are made as they are sent, never held.
func (s *Session) stream(k *socket, job *writeJob) (sent int64, err error) {
	buf := make([]byte, min(int64(job.chunk), job.size))
	fill := filler(job)
	for sent < job.size && job.ctx.Err() == nil {
		if sent > 0 && job.interval > 0 && !wait(job.ctx, job.interval) {
			break
		}
		p := buf[:min(int64(len(buf)), job.size-sent)]
		fill(p, sent)
		id := s.calls.Add(1)
		job.under.Store(id)
		n, err := s.write(job.ctx, k, p, writeCall{id: id, by: job.by})
		sent += int64(n)
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// filler gives the function that makes the bytes of a transfer from an offset on.
func filler(job *writeJob) func(p []byte, offset int64) {
	if job.encoding == EncodingRandom {
		var seed [32]byte
		for i := range seed {
			seed[i] = byte(rand.Uint32())
		}
		source := rand.NewChaCha8(seed)
		return func(p []byte, _ int64) { _, _ = source.Read(p) } // never fails
	}
	return func(p []byte, offset int64) {
		for n := 0; n < len(p); {
			n += copy(p[n:], job.data[(offset+int64(n))%int64(len(job.data)):])
		}
	}
}

func (s *Session) transferEnded(k *socket, t *transfer, n int64, err error) {
	delete(s.transfers, t.id)
	s.summarise(k, "Write", k.out.take())
	e := &TransferFinished{Transfer: t.id, Bytes: n, StartedNS: t.started, Cancelled: t.cancelled}
	if !e.Cancelled {
		e.Error = describe("Write", err, false)
		s.explainConn(k, e.Error)
		s.explainEnded(k, e.Error, 0, e.StartedNS)
	}
	s.emit(k.id, "", e)
	k.hot()
}

func (s *Session) doSetDigest(c *SetDigest) (Reply, *Error) {
	k, err := s.findConn(c.Socket)
	if err != nil {
		return Reply{}, err
	}
	k.setDigest(c.On)
	return Reply{}, nil
}

// setDigest starts or ends SHA-256 over both directions.
func (c *socket) setDigest(on bool) {
	c.in.setDigest(on)
	c.out.setDigest(on)
	c.digestAt = [2]int64{c.out.offset(), c.in.offset()}
}

// summarise tells calls that were added up.
func (s *Session) summarise(c *socket, op string, sum summary) {
	if sum.calls > 0 {
		s.emit(c.id, SourceCall, &CallsSummarised{Op: op, By: sum.by, Calls: sum.calls, Bytes: sum.bytes, FirstNS: sum.first, LastNS: sum.last, Data: sum.data})
	}
}
