package playground

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"sync"
)

// flow is what goes through one direction of a connection. Calls that come too fast to list are added up in it until
// the actor makes a summary of them.
type flow struct {
	mu      sync.Mutex
	detail  bucket
	sum     summary
	total   int64 // bytes so far
	hash    hash.Hash
	from    int64 // offset of the first byte in hash
	lastAt  int64 // when bytes last went through
	waiting waiting
}

// summary adds up successful calls.
type summary struct {
	calls, bytes, first, last int64
	data                      []byte
	by                        string
}

// waiting is a call that is in the kernel right now. Its event is only made if it turns out to block.
type waiting struct {
	call  uint64 // 0: none
	since int64
	op    string
	by    string
	size  int    // of the buffer
	p     []byte // what is being written; the caller leaves it alone until the call has returned
	told  bool   // its start is in the log
}

// started is the event that tells the call's start.
func (w waiting) started() *CallStarted {
	e := &CallStarted{Call: w.call, Op: w.op, By: w.by, Bytes: int64(w.size)}
	if w.p != nil {
		e.Data, e.Args = preview(w.p), quoted(w.p)
	}
	return e
}

func (f *flow) init() { f.detail = newBucket(flowRate, flowBurst) }

// listed says whether the next call gets an event of its own.
func (f *flow) listed(s *Session, now int64) bool {
	f.mu.Lock()
	one := f.detail.take(now)
	f.mu.Unlock()
	return one && s.detail.take(now)
}

// enter says that a call is in the kernel.
func (f *flow) enter(w waiting) {
	f.mu.Lock()
	f.waiting = w
	f.mu.Unlock()
}

// tell marks the call under way as told and gives its event; nil where there is none, it was told before, or it
// began after the given time.
func (f *flow) tell(before int64) *CallStarted {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting.call == 0 || f.waiting.told || f.waiting.since > before {
		return nil
	}
	f.waiting.told = true
	return f.waiting.started()
}

// leave says that the call returned, having moved the bytes of p. Where its start was not told and quiet is wanted,
// the call goes into the summary; any other brings the summary so far with it, which must be told first.
func (f *flow) leave(p []byte, at int64, quiet bool) (told bool, before summary) {
	f.mu.Lock()
	defer f.mu.Unlock()
	told = f.waiting.told
	was := f.waiting
	f.waiting = waiting{}
	f.total += int64(len(p))
	f.lastAt = at
	if f.hash != nil {
		f.hash.Write(p)
	}
	if quiet && !told {
		if f.sum.calls == 0 {
			f.sum.first, f.sum.by = was.since, was.by
			f.sum.data = preview(p)
		}
		f.sum.calls++
		f.sum.bytes += int64(len(p))
		f.sum.last = at
		return false, summary{}
	}
	before, f.sum = f.sum, summary{}
	return told, before
}

// take removes the summary.
func (f *flow) take() summary {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.sum
	f.sum = summary{}
	return s
}

// busy says whether the actor has something to do here soon: a summary to tell, a call that may block,
// a digest that is not told yet.
func (f *flow) busy(digested int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sum.calls > 0 || f.waiting.call != 0 && !f.waiting.told || f.hash != nil && f.total != digested
}

// setDigest starts SHA-256 over what comes from now on, or ends it.
func (f *flow) setDigest(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hash = nil
	if on {
		f.hash, f.from = sha256.New(), f.total
	}
}

// digest gives the hash so far, unless there is none or total bytes were already told.
func (f *flow) digest(told int64, quietSince int64) (d Digest, total int64, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hash == nil || f.total == told || f.lastAt > quietSince {
		return Digest{}, 0, false
	}
	return Digest{Bytes: f.total - f.from, From: f.from, SHA256: hex.EncodeToString(f.hash.Sum(nil))}, f.total, true
}

// offset is how many bytes have gone through.
func (f *flow) offset() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.total
}
