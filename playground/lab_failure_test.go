package playground_test

import (
	"slices"
	"testing"
	"time"

	"socketplayground/playground"
)

// TestLabLostAckOfFin: the FIN is sent again until somebody says that it has arrived.
func TestLabLostAckOfFin(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	r := s.rule(playground.AddRule{Direction: "to_client", Flags: "ACK", Action: "drop", Next: 1})
	s.do(&playground.Close{Socket: c})
	fin := s.segment("client", "FIN, ACK", nil)
	lost := s.segment("server", "ACK", nil)
	if e := s.intervened(lost.Segment, "dropped"); e.By != "rule" || e.Rule != int64(r) {
		t.Errorf("the ACK was dropped by %s %d, want rule %d", e.By, e.Rule, r)
	}
	again := s.again(fin)
	between(t, fin, again, 150*time.Millisecond, 2*time.Second)
	s.inState(c, playground.StateFinWait2)
	s.ended(c, "FIN_WAIT_1 by Close as FIN, ACK left", "FIN_WAIT_2 as ACK landed")
	if e := s.changes(c); e[len(e)-1].Segment < again.Segment {
		t.Error("it went to FIN_WAIT_2 before the FIN was sent again")
	}
	s.ended(server, "ESTABLISHED as ACK landed", "CLOSE_WAIT as FIN, ACK landed")
}

// TestLabSimultaneousClose: two FINs cross on the wire (RFC 9293 §3.6, figure 13).
func TestLabSimultaneousClose(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	s.step(true)
	s.do(&playground.Close{Socket: c})
	s.do(&playground.Close{Socket: server})
	fins := []*playground.SegmentSent{s.segment("client", "FIN, ACK", nil), s.segment("server", "FIN, ACK", nil)}
	for _, fin := range fins {
		s.held(fin)
	}
	s.inState(c, playground.StateFinWait1)
	s.inState(server, playground.StateFinWait1)
	for _, fin := range fins {
		s.deliver(fin.Segment)
	}
	s.inState(c, playground.StateClosing)
	s.inState(server, playground.StateClosing)
	s.step(false)
	for _, id := range []string{c, server} {
		s.inState(id, playground.StateTimeWait)
		s.ended(id, "FIN_WAIT_1 by Close as FIN, ACK left", "CLOSING as FIN, ACK landed", "TIME_WAIT as ACK landed")
	}
}

// TestLabSimultaneousOpen: two SYNs cross, and nobody listens (RFC 9293 §3.5, figure 8).
func TestLabSimultaneousOpen(t *testing.T) {
	s := openLab(t)
	s.step(true)
	dials := []playground.Reply{
		s.do(&playground.Dial{Network: inLab, Host: "client", Local: "192.0.2.1:4001", Address: "192.0.2.2:4002", ReadMode: playground.ReadManual}),
		s.do(&playground.Dial{Network: inLab, Host: "server", Local: "192.0.2.2:4002", Address: "192.0.2.1:4001", ReadMode: playground.ReadManual}),
	}
	a, b := dials[0].Sockets[0], dials[1].Sockets[0]
	syns := []*playground.SegmentSent{s.segment("client", "SYN", nil), s.segment("server", "SYN", nil)}
	for _, syn := range syns {
		s.held(syn)
	}
	for _, syn := range syns {
		s.deliver(syn.Segment)
	}
	s.inState(a, playground.StateSynRcvd)
	s.inState(b, playground.StateSynRcvd)
	for _, from := range []string{"client", "server"} {
		if e := s.segment(from, "SYN, ACK", nil); len(e.Marks) > 0 {
			t.Errorf("the %s's SYN, ACK answers a SYN that crossed its own, and is marked %v", from, e.Marks)
		}
	}
	s.step(false)
	for i, id := range []string{a, b} {
		if e := s.returned(dials[i].Calls[0]); e.Error != nil {
			t.Errorf("%s: Dial returned %s", id, e.Result)
		}
		s.inState(id, playground.StateEstablished)
		s.lived(id, "SYN_SENT by Dial as SYN left", "SYN_RCVD as SYN landed", "ESTABLISHED as SYN, ACK landed")
	}
	s.write(a, "hello")
	if e := s.read(b); string(e.Data) != "hello" {
		t.Errorf("read %q", e.Data)
	}
	for id, v := range s.Log().Now().Sockets {
		if v.Kind != playground.KindConn || v.Listener != "" {
			t.Errorf("%s is a %s, and there should be nothing but the two connections", id, v.Kind)
		}
	}
}

// TestLabClosedPort: nobody listens, and the kernel says so with a RST.
func TestLabClosedPort(t *testing.T) {
	s := openLab(t)
	dial := s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:81"})
	if e := s.failed(dial.Calls[0]); e.Errno != "ECONNREFUSED" || e.Text != "dial tcp 192.0.2.2:81: connect: connection refused" {
		t.Errorf("Dial failed with %+v", e)
	}
	c := dial.Sockets[0]
	s.inState(c, playground.StateClosed)
	s.lived(c, "SYN_SENT by Dial as SYN left", "CLOSED as RST, ACK landed: refused")
}

// TestLabUnreadData: a Close that throws data away says so with a RST (RFC 2525 §2.17).
func TestLabUnreadData(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	s.write(c, "nobody reads this")
	s.landed(s.data("nobody reads this").Segment)
	s.do(&playground.Close{Socket: server})
	s.inState(server, playground.StateClosed)
	s.inState(c, playground.StateClosed)
	s.ended(server, "ESTABLISHED as ACK landed", "CLOSED by Close as RST, ACK left: reset_sent")
	s.ended(c, "ESTABLISHED as SYN, ACK landed", "CLOSED as RST, ACK landed: reset_received")
	s.resetIsTold(c)
}

// resetIsTold: the first Read or Write after a RST says ECONNRESET, and a later Write EPIPE.
func (s *session) resetIsTold(id string) {
	s.t.Helper()
	if e := s.read(id); e.Error == nil || e.Error.Errno != "ECONNRESET" {
		s.t.Errorf("Read returned %s, want ECONNRESET", e.Result)
	}
	if e := s.write(id, "x"); e.Error == nil || e.Error.Errno != "EPIPE" {
		s.t.Errorf("Write returned %s, want EPIPE", e.Result)
	}
}

// TestLabLinger0: a reset asked for.
func TestLabLinger0(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	s.do(&playground.Reset{Socket: c})
	s.inState(c, playground.StateClosed)
	s.inState(server, playground.StateClosed)
	s.ended(c, "ESTABLISHED as SYN, ACK landed", "CLOSED by Close as RST, ACK left: reset_sent")
	s.ended(server, "ESTABLISHED as ACK landed", "CLOSED as RST, ACK landed: reset_received")
	s.resetIsTold(server)
}

// TestLabLostThirdAck: the client is connected and writes; the server knows of nothing (lessons: the handshake happens
// before accept, and a successful Write does not mean that the peer has it).
func TestLabLostThirdAck(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	acks := s.rule(playground.AddRule{Direction: "to_server", Flags: "ACK", Action: "drop"})
	data := s.rule(playground.AddRule{Direction: "to_server", Flags: "DATA", Action: "drop"})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.inState(c, playground.StateEstablished)
	server := l + ".1"
	s.inState(server, playground.StateSynRcvd)
	if e := s.write(c, "hello"); e.N != 5 || e.Error != nil {
		t.Errorf("Write returned %s, want 5, nil", e.Result)
	}
	accept := s.do(&playground.Accept{Socket: l}).Calls[0]
	answer := s.segment("server", "SYN, ACK", nil)
	between(t, answer, s.again(answer), 900*time.Millisecond, 2*time.Second)
	s.running(accept)
	s.lived(server, "SYN_RCVD as SYN landed")

	for _, r := range []int{acks, data} {
		s.do(&playground.SetRule{Rule: r})
	}
	if e := s.returned(accept); e.Error != nil {
		t.Errorf("Accept returned %s", e.Result)
	}
	if e := s.read(server); string(e.Data) != "hello" {
		t.Errorf("read %q", e.Data)
	}
	again := s.again(s.data("hello"))
	if string(again.Raw[again.IPHeader+again.TCPHeader:]) != "hello" {
		t.Errorf("what was sent again is %q", again.Raw)
	}
}

// TestLabZeroWindow: who does not read closes the window, and is asked from time to time whether it has opened.
func TestLabZeroWindow(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	transfer := s.fill(c)
	marked := func(from, mark string) *playground.SegmentSent {
		return s.segment(from, "ACK", func(e *playground.SegmentSent) bool { return slices.Contains(e.Marks, mark) })
	}
	if e := marked("server", "zero_window"); e.Win != 0 {
		t.Errorf("a zero window of %d", e.Win)
	}
	probe := marked("client", "window_probe")
	if probe.Len > 1 {
		t.Errorf("the probe carries %d bytes", probe.Len)
	}
	full := s.socket(server, "has a full receive queue", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.RecvQ > 0 })
	s.do(&playground.Cancel{Transfer: transfer})
	done := await(s, "the end of the transfer", func(e *playground.TransferFinished) bool { return e.Transfer == transfer })
	if !done.Cancelled || done.Bytes < full.Metrics.RecvQ {
		t.Errorf("the transfer ended with %+v; %d bytes had arrived", done, full.Metrics.RecvQ)
	}
	s.do(&playground.SetReadMode{Socket: server, ReadMode: playground.ReadAuto})
	marked("server", "window_update")
	for id, empty := range map[string]func(*playground.Metrics) bool{
		c:      func(m *playground.Metrics) bool { return m.SendQ == 0 },
		server: func(m *playground.Metrics) bool { return m.RecvQ == 0 },
	} {
		s.socket(id, "has empty queues", func(v *playground.SocketView) bool { return v.Metrics != nil && empty(v.Metrics) })
	}
	if got := s.Log().Now().Sockets[server].Read; got < full.Metrics.RecvQ {
		t.Errorf("the server read %d bytes, though %d were waiting", got, full.Metrics.RecvQ)
	}
}

// TestLabCutCable: the peer is gone, and only TCP_USER_TIMEOUT ends the waiting soon. The other end knows nothing of
// it (half-open, RFC 9293 §3.5.1), until it sends.
func TestLabCutCable(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual, Options: options("UserTimeout", 1000)})
	server := s.accept(l)
	s.inState(server, playground.StateEstablished)
	cut, healed := true, false
	s.do(&playground.SetWire{Cut: &cut})
	read := s.do(&playground.Read{Socket: c}).Calls[0]
	if e := s.write(c, "hello"); e.Error != nil {
		t.Errorf("Write returned %s", e.Result)
	}
	first := s.data("hello")
	if e := s.intervened(first.Segment, "dropped"); e.By != "cut" {
		t.Errorf("dropped by %s, want cut", e.By)
	}
	s.again(first)
	if e := s.failed(read); e.Errno != "ETIMEDOUT" {
		t.Errorf("Read failed with %+v, want ETIMEDOUT", e)
	}
	s.inState(c, playground.StateClosed)
	s.ended(c, "ESTABLISHED as SYN, ACK landed", "CLOSED at the timer retransmit: timed_out")
	s.ended(server, "SYN_RCVD as SYN landed", "ESTABLISHED as ACK landed")

	s.do(&playground.SetWire{Cut: &healed})
	s.write(server, "still there?")
	s.inState(server, playground.StateClosed)
	s.ended(server, "ESTABLISHED as ACK landed", "CLOSED as RST landed: reset_received")
	s.resetIsTold(server)
}

// TestLabOneLostSegment: the application sees nothing but a delay.
func TestLabOneLostSegment(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	s.rule(playground.AddRule{Flags: "DATA", Action: "drop", Next: 1})
	s.write(c, "hello")
	if e := s.read(server); string(e.Data) != "hello" {
		t.Errorf("read %q", e.Data)
	}
	first := s.data("hello")
	between(t, first, s.again(first), 150*time.Millisecond, 2*time.Second)
	s.socket(c, "counts 5 bytes sent again", func(v *playground.SocketView) bool {
		return v.Metrics != nil && v.Metrics.Info != nil && v.Metrics.Info.BytesRetrans == 5 && v.Metrics.Info.TotalRetrans == 1
	})
}
