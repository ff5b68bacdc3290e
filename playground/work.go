package playground

// gone is what socket.work becomes when the socket leaves the session: nothing may begin any more.
const gone = -1 << 40

// begin says that something is under way which will still tell of the socket; false where it has left the session. Any
// goroutine may call it, and goes on with ended.
func (c *socket) begin() bool {
	for {
		n := c.work.Load()
		if n < 0 {
			return false
		}
		if c.work.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// ended says that it is over and has told nothing that the actor has not taken in. Any goroutine may call it but the
// actor, which would wait for room in its own inbox: that one calls endedHere.
func (s *Session) ended(c *socket) {
	if c.work.Add(-1) == 0 && c.leaving.Load() {
		s.post(func() { s.remove(c) })
	}
}

// endedHere is ended for the actor.
func (s *Session) endedHere(c *socket) {
	if c.work.Add(-1) == 0 && c.leaving.Load() {
		s.remove(c)
	}
}

// work is spawn for what tells of a socket, which stays in the session until that was taken in.
func (s *Session) work(c *socket, f func()) {
	if !c.begin() {
		return
	}
	s.spawn(func() {
		f()
		s.post(func() { s.endedHere(c) }) // behind all that f told
	})
}

// remove takes a socket that is over out of the session: at once, or where something is still under way, such as the
// Close whose RST the kernel has long sent, when that has told its end. What would wait for long is ended. The actor's.
func (s *Session) remove(c *socket) {
	if s.sockets[c.id] != c {
		return
	}
	c.leaving.Store(true)
	if c.work.CompareAndSwap(0, gone) {
		s.forget(c)
		return
	}
	for _, k := range s.running {
		if k.socket == c && k.cancel != nil {
			k.cancel()
		}
	}
	for _, t := range s.transfers {
		if t.socket == c {
			t.cancelled = true
			s.cancelJob(c, t.job)
		}
	}
}
