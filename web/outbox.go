package web

import (
	"sync"

	"socketplayground/playground"
)

// outbox is what waits to be sent to a viewer besides events: answers, and bytes of sockets. It is bounded in bytes, and
// so are all viewers' together.
type outbox struct {
	ready chan struct{} // holds a token while something waits
	share *playground.Share

	mu     sync.Mutex
	list   []message
	spare  []message // of the last take, to be used again
	bytes  int64
	closed bool
}

type message struct {
	kind int
	data []byte
	buf  *[]byte // to go back to frames, if set
}

// messageOverhead is about what a message takes beside its bytes.
const messageOverhead = 128

// size is what a message takes: of a buffer of frames, all.
func (m message) size() int64 { return int64(cap(m.data)) + messageOverhead }

func (m message) release() {
	if m.buf != nil {
		frames.Put(m.buf)
	}
}

func newOutbox(share *playground.Share) *outbox {
	return &outbox{ready: make(chan struct{}, 1), share: share}
}

// put adds a message, or says why not: ShareUsed is that the viewer takes nothing or has gone, PoolUsed that all viewers
// together have too much waiting. Then the message is still the caller's.
func (o *outbox) put(m message) playground.Shortage {
	o.mu.Lock()
	if o.closed || o.bytes+m.size() > maxQueued {
		o.mu.Unlock()
		return playground.ShareUsed
	}
	if short := o.share.Take(m.size()); short != playground.Enough {
		o.mu.Unlock()
		return short
	}
	o.list = append(o.list, m)
	o.bytes += m.size()
	o.mu.Unlock()
	select {
	case o.ready <- struct{}{}:
	default:
	}
	return playground.Enough
}

// take empties the outbox. The result is valid until the next take; who has sent a message gives its size back.
func (o *outbox) take() []message {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.list
	o.list, o.spare = o.spare[:0], list
	o.bytes = 0
	return list
}

func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
}
