package web

import "sync"

// outbox is what waits to be sent to a viewer besides events: answers, and bytes of sockets. It is bounded in bytes.
type outbox struct {
	ready chan struct{} // holds a token while something waits

	mu     sync.Mutex
	list   []message
	spare  []message // of the last take, to be used again
	bytes  int
	closed bool
}

type message struct {
	kind int
	data []byte
	buf  *[]byte // to go back to frames, if set
}

func (m message) release() {
	if m.buf != nil {
		frames.Put(m.buf)
	}
}

func newOutbox() *outbox { return &outbox{ready: make(chan struct{}, 1)} }

// put adds a message; false where the outbox is full or closed, and then the message is still the caller's.
func (o *outbox) put(m message) bool {
	o.mu.Lock()
	if o.closed || o.bytes+len(m.data) > maxQueued {
		o.mu.Unlock()
		return false
	}
	o.list = append(o.list, m)
	o.bytes += len(m.data)
	o.mu.Unlock()
	select {
	case o.ready <- struct{}{}:
	default:
	}
	return true
}

// take empties the outbox. The result is valid until the next take.
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
