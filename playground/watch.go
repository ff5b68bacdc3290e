package playground

// byteWatcher is a viewer of the bytes that a socket reads.
type byteWatcher struct{ push func(offset int64, p []byte) }

// WatchBytes calls push with everything that the socket reads from now on, until stop is called. push is called
// by the goroutine that reads, in order; it must not block and must not keep p.
func (s *Session) WatchBytes(id string, push func(offset int64, p []byte)) (stop func(), err error) {
	w := &byteWatcher{push: push}
	var c *socket
	var refusal *Error
	if !s.ask(func() {
		if c, refusal = s.findConn(id); refusal == nil {
			c.setWatchers(func(old []*byteWatcher) []*byteWatcher { return append(old, w) })
		}
	}) {
		return nil, errEnded()
	}
	if refusal != nil {
		return nil, refusal
	}
	return func() {
		s.ask(func() { // and not post: what is read once stop has returned is not pushed
			c.setWatchers(func(old []*byteWatcher) []*byteWatcher {
				kept := old[:0:0]
				for _, o := range old {
					if o != w {
						kept = append(kept, o)
					}
				}
				return kept
			})
		})
	}, nil
}

// setWatchers replaces the list; the actor alone does.
func (c *socket) setWatchers(change func([]*byteWatcher) []*byteWatcher) {
	var old []*byteWatcher
	if p := c.watch.Load(); p != nil {
		old = append(old, *p...)
	}
	list := change(old)
	c.watch.Store(&list)
}

// feed hands bytes that were read to whoever watches.
func (c *socket) feed(offset int64, p []byte) {
	list := c.watch.Load()
	if list == nil || len(p) == 0 {
		return
	}
	for _, w := range *list {
		w.push(offset, p)
	}
}
