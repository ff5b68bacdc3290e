package playground

import (
	"net"
	"slices"
)

func (s *Session) doCloseCommand(c *Close) (Reply, *Error) {
	switch {
	case c.All && c.Socket != "":
		return Reply{}, invalid("all", "Name one socket, or say all; not both.")
	case !c.All:
		return s.doClose(c.Socket, false)
	}
	for _, k := range slices.Clone(s.order) {
		if k.open && (k.kind == KindListener || k.raw != nil) { // not one that is still connecting
			_, _ = s.doCloseBy(k, false, s.asker) // was just found closable
		}
	}
	return Reply{}, nil
}

func (s *Session) doClose(id string, reset bool) (Reply, *Error) {
	c, err := s.find(id)
	if err != nil {
		return Reply{}, err
	}
	return s.doCloseBy(c, reset, s.asker)
}

// doCloseBy closes a socket: with FIN, or with RST by SO_LINGER 0 (RFC 9293 §3.5.3 calls that ABORT).
func (s *Session) doCloseBy(c *socket, reset bool, by string) (Reply, *Error) {
	if c.kind == KindListener {
		if reset {
			return Reply{}, conflict("%s is a listener; it has no connection to reset, so close it.", c.id)
		}
	} else if _, err := s.findConn(c.id); err != nil {
		return Reply{}, err
	} else if !c.open && reset {
		return Reply{}, conflict("%s is closed already.", c.id)
	}
	if !c.open {
		return s.closeAgain(c, by), nil
	}
	c.open = false
	if c.stopAccept != nil {
		c.stopAccept()
	}
	if c.reader != nil {
		c.reader.end()
	}
	var reply Reply
	var linger *call
	if reset {
		c.reset = true
		linger = s.start(call{socket: c, op: "SetLinger", args: "0", host: c.host, by: by}, 0, nil)
		reply.Calls = append(reply.Calls, linger.id)
	}
	k := s.start(call{socket: c, op: "Close", host: c.host, by: by}, 0, nil)
	c.acting, c.ender = k, k
	reply.Calls = append(reply.Calls, k.id)
	s.work(c, func() {
		if linger != nil {
			err := c.conn.SetLinger(0)
			at := s.now()
			s.post(func() { s.returned(linger, at, resultOf("", err), describe("SetLinger", err, false)) })
		}
		t := *c.target.Load()
		if c.kind == KindConn {
			unread := s.observe(t, c.raw)
			// RFC 2525 §2.17: data that nobody read is answered with RST.
			if c.abortive() || unread.unread() {
				s.post(func() { c.reset = true }) // told before anybody can find the socket gone
			}
		}
		err := c.closeDescriptor()
		at := s.now()
		seen := s.both(t, nil)
		s.post(func() {
			s.summarise(c, "Read", c.in.take())
			s.summarise(c, "Write", c.out.take())
			s.emit(c.id, SourceCall, &DescriptorClosed{Call: k.id})
			s.tookBoth(c, seen, byCall(k.id))
			s.believe(c, StateClosed, byCall(k.id))
			s.returned(k, at, resultOf("", err), describe("Close", err, false))
			for _, child := range s.order { // the kernel resets what waits in the accept queue
				if child.listener == c && !child.accepted {
					child.hot()
				}
			}
			c.hot()
		})
	})
	return reply, nil
}

// closeAgain calls Close on a socket that is closed, as a program may by mistake: it returns net.ErrClosed.
func (s *Session) closeAgain(c *socket, by string) Reply {
	k := s.start(call{socket: c, op: "Close", host: c.host, by: by}, 0, nil)
	s.work(c, func() {
		err := c.closeDescriptor()
		at := s.now()
		s.post(func() { s.returned(k, at, resultOf("", err), describe("Close", err, false)) })
	})
	return Reply{Calls: []uint64{k.id}}
}

// unread says whether the socket was seen to hold data that nobody has read. A FIN that came counts as one byte of the
// receive queue (tcp_diag_get_info, net/ipv4/tcp_diag.c) and is no data.
func (o observation) unread() bool {
	if !o.found || o.source != SourceSockDiag {
		return false
	}
	queued := o.row.RecvQ
	if o.state == StateCloseWait && queued > 0 {
		queued--
	}
	return queued > 0
}

// abortive says whether Close will send RST: SO_LINGER is on with no time to linger (socket(7)).
func (c *socket) abortive() bool {
	var linger any
	_ = onDescriptor(c.raw, func(fd uintptr) (err error) {
		linger, err = getOption(fd, "Linger", false)
		return err
	})
	return linger == int64(0)
}

// doShutdown ends one direction: CloseWrite sends FIN; CloseRead is local, nothing goes over the wire.
func (s *Session) doShutdown(id, op string) (Reply, *Error) {
	c, err := s.findConn(id)
	if err != nil {
		return Reply{}, err
	}
	if !c.open {
		return Reply{}, conflict("%s is closed already.", c.id)
	}
	k := s.start(call{socket: c, op: op, host: c.host, by: s.asker}, 0, nil)
	if op == "CloseWrite" {
		c.acting = k
	}
	s.work(c, func() {
		shut := (*net.TCPConn).CloseWrite
		if op == "CloseRead" {
			shut = (*net.TCPConn).CloseRead
		}
		err := shut(c.conn)
		at := s.now()
		seen := s.bothOf(c)
		s.post(func() {
			s.tookBoth(c, seen, byCall(k.id))
			e := describe(op, err, false)
			s.blame(c, e)
			s.returned(k, at, resultOf("", err), e)
			c.hot()
		})
	})
	return Reply{Calls: []uint64{k.id}}, nil
}
