package playground_test

import (
	"strings"
	"testing"

	"socketplayground/playground"
)

// TestErrorsOfCalls: every error that a call can teach comes with Go's text, the errno where the kernel gave one,
// its kind, and a sentence of why.
func TestErrorsOfCalls(t *testing.T) {
	tests := []struct {
		name  string
		fail  func(*session) *playground.CallError
		text  string // its end: what stands before names addresses
		errno string
		kind  string
	}{
		{"nobody listens", func(s *session) *playground.CallError {
			_, address := closedPort(s)
			return s.failed(s.do(&playground.Dial{Address: address}).Calls[0])
		}, "connect: connection refused", "ECONNREFUSED", playground.ErrRefused},

		{"the dial's timeout passes", func(s *session) *playground.CallError {
			return s.failed(s.do(&playground.Dial{Address: fullListener(s), TimeoutMS: 100}).Calls[0])
		}, "i/o timeout", "", playground.ErrDeadline},

		{"nobody answers the SYN", func(s *session) *playground.CallError {
			return s.failed(s.do(&playground.Dial{Address: fullListener(s), Options: options("UserTimeout", 300)}).Calls[0])
		}, "connect: connection timed out", "ETIMEDOUT", playground.ErrTimedOut},

		{"a dial's local address is taken", func(s *session) *playground.CallError {
			l, _ := s.listen(playground.Listen{})
			c := s.dial(playground.Dial{Address: l})
			return s.failed(s.do(&playground.Dial{Address: l, Local: s.Log().Now().Sockets[c].Local}).Calls[0])
		}, "bind: address already in use", "EADDRINUSE", playground.ErrAddressInUse},

		{"a dial's local address is not ours", func(s *session) *playground.CallError {
			l, _ := s.listen(playground.Listen{})
			return s.failed(s.do(&playground.Dial{Address: l, Local: "192.0.2.1:0"}).Calls[0])
		}, "bind: cannot assign requested address", "EADDRNOTAVAIL", playground.ErrAddressUnavailable},

		{"writing after the half-close", func(s *session) *playground.CallError {
			c, _ := s.connected()
			s.returned(s.do(&playground.CloseWrite{Socket: c}).Calls[0])
			return s.write(c, "x").Error
		}, "write: broken pipe", "EPIPE", playground.ErrBrokenPipe},

		{"reading after the peer reset", func(s *session) *playground.CallError {
			c, server := s.connected()
			s.do(&playground.Reset{Socket: server})
			s.inState(c, playground.StateClosed)
			return s.read(c).Error
		}, "read: connection reset by peer", "ECONNRESET", playground.ErrReset},

		{"a Read that the reset finds waiting", func(s *session) *playground.CallError {
			c, server := s.connected()
			read := s.do(&playground.Read{Socket: c}).Calls[0]
			s.running(read)
			s.do(&playground.Reset{Socket: server})
			return s.failed(read)
		}, "read: connection reset by peer", "ECONNRESET", playground.ErrReset},

		{"a Read that Close finds waiting", func(s *session) *playground.CallError {
			c, _ := s.connected()
			read := s.do(&playground.Read{Socket: c}).Calls[0]
			s.running(read)
			s.do(&playground.Close{Socket: c})
			return s.failed(read)
		}, "use of closed network connection", "", playground.ErrClosed},

		{"an Accept that Close finds waiting", func(s *session) *playground.CallError {
			l, _ := s.listen(playground.Listen{})
			accept := s.do(&playground.Accept{Socket: l}).Calls[0]
			s.running(accept)
			s.do(&playground.Close{Socket: l})
			return s.failed(accept)
		}, "use of closed network connection", "", playground.ErrClosed},

		{"the peer closed", func(s *session) *playground.CallError {
			c, server := s.connected()
			s.do(&playground.Close{Socket: server})
			s.inState(c, playground.StateCloseWait)
			return s.read(c).Error
		}, "EOF", "", playground.ErrEOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.fail(open(t))
			if got == nil {
				t.Fatal("the call succeeded")
			}
			if !strings.HasSuffix(got.Text, test.text) {
				t.Errorf("text: got %q, want it to end with %q", got.Text, test.text)
			}
			if got.Errno != test.errno {
				t.Errorf("errno: got %q, want %q", got.Errno, test.errno)
			}
			if got.Kind != test.kind {
				t.Errorf("kind: got %q, want %q", got.Kind, test.kind)
			}
			if !strings.HasSuffix(got.Why, ".") {
				t.Errorf("why is no sentence: %q", got.Why)
			}
		})
	}
}

// fullListener is a listener that answers no more SYNs.
func fullListener(s *session) string {
	s.t.Helper()
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorNeverAccept, Backlog: 1})
	for range 2 {
		s.dial(playground.Dial{Address: l})
	}
	return l
}

// TestAddressInUse names our own socket that holds the address.
func TestAddressInUse(t *testing.T) {
	s := open(t)
	l, address := s.listen(playground.Listen{})
	for _, second := range []string{address, strings.Replace(address, "127.0.0.1", "", 1)} {
		e := s.failed(s.do(&playground.Listen{Address: second}).Calls[0])
		if !strings.HasSuffix(e.Text, "bind: address already in use") || e.Errno != "EADDRINUSE" || e.Kind != playground.ErrAddressInUse {
			t.Errorf("%s: got %+v", second, e)
		}
		if e.Holder != l || !strings.Contains(e.Why, l) {
			t.Errorf("%s: the holder is %q (%s), want %s", second, e.Holder, e.Why, l)
		}
	}
}

// TestOwnClosedSocket: the playground refuses what makes no sense on a socket that its user closed. What a Go program may
// try by mistake is tried, and gets what Go says: net.ErrClosed, and nothing crosses the wire.
func TestOwnClosedSocket(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.accept(l)
	for _, id := range []string{c, l} {
		s.returned(s.do(&playground.Close{Socket: id}).Calls[0])
	}
	for _, cmd := range []playground.Command{
		&playground.Reset{Socket: c},
		&playground.CloseWrite{Socket: c}, &playground.CloseRead{Socket: c}, &playground.SetReadMode{Socket: c, ReadMode: playground.ReadAuto},
		&playground.SetOption{Socket: c, Name: "NoDelay", Value: raw(true)}, &playground.SetDeadline{Socket: c},
		&playground.Dial{Address: l},
		&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorEcho}, &playground.SetDeadline{Socket: l},
	} {
		if err := s.refused(cmd); err.Code != playground.CodeConflict {
			t.Errorf("%T: got %s (%s), want conflict", cmd, err.Code, err.Message)
		}
	}
	for _, cmd := range []playground.Command{
		&playground.Write{Socket: c, Data: "x"}, &playground.Read{Socket: c}, &playground.Close{Socket: c},
		&playground.Accept{Socket: l}, &playground.Close{Socket: l},
	} {
		e := s.returned(s.do(cmd).Calls[0])
		if e.Error == nil || e.Error.Kind != playground.ErrClosed || !strings.HasSuffix(e.Error.Text, "use of closed network connection") {
			t.Errorf("%s on %s returned %q, want use of closed network connection", e.Op, e.Socket, e.Result)
		}
	}
}

// TestDeadline passes, and the connection works on once it is cleared.
func TestDeadline(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	after := int64(30)
	s.do(&playground.SetDeadline{Socket: c, Kind: "read", AfterMS: &after})
	e := s.read(c).Error
	if e == nil || !strings.HasSuffix(e.Text, "i/o timeout") || e.Kind != playground.ErrDeadline || e.Errno != "" {
		t.Errorf("the Read gave %+v", e)
	}
	if v := s.inState(c, playground.StateEstablished); len(v.Deadlines) != 1 || v.Deadlines["read"] == 0 {
		t.Errorf("the snapshot's deadlines are %v", v.Deadlines)
	}
	s.do(&playground.SetDeadline{Socket: c, Kind: "read"})
	s.write(server, "hi")
	if e := s.read(c); e.Result != "2, nil" {
		t.Errorf("after the deadline was cleared Read gave %q", e.Result)
	}
	if v := s.Log().Now().Sockets[c]; len(v.Deadlines) != 0 {
		t.Errorf("cleared deadlines are still shown: %v", v.Deadlines)
	}
	long := int64(1e12)
	for _, bad := range []*playground.SetDeadline{{Socket: c, Kind: "both", AfterMS: new(int64)}, {Socket: c, AfterMS: &long}} {
		if err := s.refused(bad); err.Field != "after_ms" {
			t.Errorf("%d ms: the field is %q", *bad.AfterMS, err.Field)
		}
	}
	if err := s.refused(&playground.SetDeadline{Socket: c, Kind: "soon"}); err.Field != "kind" {
		t.Errorf("the field is %q", err.Field)
	}
}

// TestCancel ends each kind of blocked call, and the next one works.
func TestCancel(t *testing.T) {
	cancelled := func(s *session, call uint64) {
		s.t.Helper()
		s.running(call)
		s.do(&playground.Cancel{Call: call})
		e := s.failed(call)
		if e.Kind != playground.ErrCancelled || e.Text == "" || e.Why == "" {
			s.t.Errorf("got %+v, want it cancelled", e)
		}
		if err := s.refused(&playground.Cancel{Call: call}); err.Code != playground.CodeNotFound {
			s.t.Errorf("cancelling again: %s", err.Code)
		}
	}
	t.Run("Accept", func(t *testing.T) {
		s := open(t)
		l, _ := s.listen(playground.Listen{})
		cancelled(s, s.do(&playground.Accept{Socket: l}).Calls[0])
		s.dial(playground.Dial{Address: l})
		s.accept(l)
	})
	t.Run("Dial", func(t *testing.T) {
		s := open(t)
		l := fullListener(s)
		d := s.do(&playground.Dial{Address: l})
		s.seen(d.Sockets[0], playground.StateSynSent)
		cancelled(s, d.Calls[0])
		if v := s.inState(d.Sockets[0], playground.StateClosed); v.Reason != playground.ReasonAborted {
			t.Errorf("CLOSED because of %q, want %q", v.Reason, playground.ReasonAborted)
		}
		s.do(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorManual})
		s.accept(l)
		s.dial(playground.Dial{Address: l})
	})
	t.Run("Read", func(t *testing.T) {
		s := open(t)
		c, server := s.connected()
		cancelled(s, s.do(&playground.Read{Socket: c}).Calls[0])
		s.write(server, "hi")
		if e := s.read(c); string(e.Data) != "hi" {
			t.Errorf("the next Read gave %q", e.Result)
		}
	})
	t.Run("Read keeps the deadline", func(t *testing.T) {
		s := open(t)
		c, _ := s.connected()
		after := int64(patience.Milliseconds())
		s.do(&playground.SetDeadline{Socket: c, Kind: "read", AfterMS: &after})
		cancelled(s, s.do(&playground.Read{Socket: c}).Calls[0])
		cancelled(s, s.do(&playground.Read{Socket: c}).Calls[0])
	})
	t.Run("Write", func(t *testing.T) {
		s := open(t)
		c, server := s.connected()
		s.do(&playground.Cancel{Transfer: s.fill(c)})
		await(s, "the end of the transfer", func(e *playground.TransferFinished) bool { return e.Socket == c })
		cancelled(s, s.do(&playground.Write{Socket: c, Data: strings.Repeat("x", 3<<20)}).Calls[0])
		s.do(&playground.SetReadMode{Socket: server, ReadMode: playground.ReadAuto})
		if e := s.write(c, "x"); e.Result != "1, nil" {
			t.Errorf("the next Write gave %q", e.Result)
		}
	})
	t.Run("a Write in the queue", func(t *testing.T) {
		s := open(t)
		c, _ := s.connected()
		transfer := s.fill(c)
		cancelled(s, s.do(&playground.Write{Socket: c, Data: "waits its turn"}).Calls[0])
		if s.Log().Now().Transfers[transfer] == nil {
			t.Error("the transfer in front of it ended too")
		}
	})
	t.Run("a transfer in the queue", func(t *testing.T) {
		s := open(t)
		c, _ := s.connected()
		first := s.fill(c)
		second := s.do(&playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: 10}).Transfers[0]
		s.do(&playground.Cancel{Transfer: second})
		e := await(s, "the end of the second transfer", func(e *playground.TransferFinished) bool { return e.Transfer == second })
		if !e.Cancelled || e.Bytes != 0 || e.Error != nil {
			t.Errorf("got %+v", e)
		}
		if s.Log().Now().Transfers[first] == nil {
			t.Error("the transfer in front of it ended too")
		}
	})
	t.Run("nothing", func(t *testing.T) {
		s := open(t)
		for _, c := range []*playground.Cancel{{}, {Call: 1, Transfer: 1}} {
			if err := s.refused(c); err.Code != playground.CodeInvalidArgument {
				t.Errorf("%+v: %s", c, err.Code)
			}
		}
		if err := s.refused(&playground.Cancel{Transfer: 7}); err.Code != playground.CodeNotFound || err.Field != "transfer" {
			t.Errorf("%s %s", err.Code, err.Field)
		}
	})
}

// TestAbortedBeforeAccept: the client resets before Accept (UNP 5.11). On Linux Accept still gives the connection, which
// is the one that was known while it waited; the error comes with the first Read.
func TestAbortedBeforeAccept(t *testing.T) {
	for _, where := range []struct {
		network, address string
		open             func(testing.TB) *session
	}{
		{"machine", "127.0.0.1:0", open},
		{inLab, ":8330", openLab},
	} {
		t.Run(where.network, func(t *testing.T) {
			s := where.open(t)
			l, _ := s.listen(playground.Listen{Network: where.network, Address: where.address})
			c := s.dial(playground.Dial{Address: l})
			s.inState(l+".1", playground.StateEstablished)
			s.returned(s.do(&playground.Reset{Socket: c}).Calls[1])
			s.inState(l+".1", playground.StateClosed)
			if e := s.returned(s.do(&playground.Accept{Socket: l}).Calls[0]); e.Error != nil {
				t.Fatalf("Accept returned %s", e.Result)
			}
			if e := s.read(l + ".1"); e.Error == nil || e.Error.Errno != "ECONNRESET" {
				t.Errorf("the first Read returned %s, want ECONNRESET", e.Result)
			}
			now := s.Log().Now()
			if v := now.Sockets[l+".1"]; v.State != playground.StateClosed || v.Reason != playground.ReasonResetReceived || !v.Accepted {
				t.Errorf("%s.1 is %+v", l, v)
			}
			if now.Sockets[l+".2"] != nil {
				t.Errorf("there is a second socket of the same connection")
			}
		})
	}
}
