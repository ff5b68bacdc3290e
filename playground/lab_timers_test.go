package playground_test

import (
	"slices"
	"testing"

	"socketplayground/playground"
)

// timerIs waits for a socket's timer, by what it is for.
func (s *session) timerIs(id, kind string, purposes ...string) *playground.SocketView {
	s.t.Helper()
	return s.socket(id, "has the timer", func(v *playground.SocketView) bool {
		return v.Metrics != nil && v.Metrics.Timer != nil && v.Metrics.Timer.Kind == kind && slices.Equal(v.Metrics.Timer.For, purposes)
	})
}

// TestLabTailLossProbe: three segments are in flight and the cable is cut. The timer is named for what it may be, and what
// the kernel sends first is the last segment (RFC 8985 §7), not the oldest; from then on it is the retransmission timeout.
func TestLabTailLossProbe(t *testing.T) {
	s := openLab(t)
	c, _ := s.connectedLab()
	yes := true
	s.do(&playground.SetWire{Cut: &yes})
	for _, text := range []string{"aaaa", "bbbb", "cccc"} {
		s.write(c, text)
	}
	oldest, last := s.data("aaaa"), s.data("cccc")
	s.timerIs(c, "retransmit", playground.TimerForRTO, playground.TimerForTLP)
	probe, timeout := s.again(last), s.again(oldest)
	if probe.Segment > timeout.Segment {
		t.Errorf("%d repeats the last segment and %d the oldest: the probe comes first", probe.Segment, timeout.Segment)
	}
	s.timerIs(c, "retransmit", playground.TimerForRTO)
}

// TestLabNoProbeWithoutSACK: without SACK there is no tail loss probe (tcp_schedule_loss_probe, net/ipv4/tcp_output.c).
func TestLabNoProbeWithoutSACK(t *testing.T) {
	s := openLab(t)
	s.do(&playground.SetKernel{Name: "tcp_sack", Value: "0"})
	c, _ := s.connectedLab()
	yes := true
	s.do(&playground.SetWire{Cut: &yes})
	s.write(c, "aaaa")
	s.write(c, "cccc")
	s.timerIs(c, "retransmit", playground.TimerForRTO)
	s.again(s.data("aaaa"))
}

// TestLabFinWait2Timer: with tcp_fin_timeout above 60 s the kernel's keepalive timer waits for the FIN (tcp_close,
// net/ipv4/tcp.c), and with less the timer of a time-wait socket. Neither is what its name says.
func TestLabFinWait2Timer(t *testing.T) {
	for _, test := range []struct{ name, timeout, kind string }{
		{"with the whole socket", "120", "keepalive"},
		{"with a time-wait socket", "30", "time_wait"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openLab(t)
			s.do(&playground.SetKernel{Name: "tcp_fin_timeout", Value: test.timeout})
			l := s.listenLab(playground.Listen{})
			c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual, Options: options("KeepAlive", false)})
			s.accept(l)
			s.do(&playground.Close{Socket: c})
			s.inState(c, playground.StateFinWait2)
			s.timerIs(c, test.kind, playground.TimerForFinWait2)
		})
	}
}

// TestLabHalfClosedKeepalive: as long as a program has the socket, FIN_WAIT_2 has no time limit, and the keepalive timer
// is what it says.
func TestLabHalfClosedKeepalive(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual, Options: options("KeepAlive", true)})
	s.accept(l)
	s.do(&playground.CloseWrite{Socket: c})
	s.inState(c, playground.StateFinWait2)
	s.timerIs(c, "keepalive", playground.TimerForKeepalive)
}

// TestLabWindowWithoutScale: TCP_INFO has a window of megabytes, and no segment could offer more than 65,535.
func TestLabWindowWithoutScale(t *testing.T) {
	s := openLab(t)
	s.do(&playground.SetKernel{Name: "tcp_window_scaling", Value: "0"})
	l := s.listenLab(playground.Listen{Behavior: playground.BehaviorDiscard})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.do(&playground.Write{Socket: c, Encoding: playground.EncodingPattern, Data: "0123456789", Bytes: 10 << 20})
	server := s.socket(l+".1", "has got all", func(v *playground.SocketView) bool {
		return v.Metrics != nil && v.Metrics.Info != nil && v.Metrics.Info.BytesReceived >= 10<<20
	})
	offered := int64(0)
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.SegmentSent); ok && e.From == "server" {
			offered = max(offered, e.Win<<e.WScale)
		}
	}
	if info := server.Metrics.Info; info.RcvWnd != offered || offered != 65_535 || slices.Contains(info.Options, "wscale") {
		t.Errorf("rcv_wnd is %d with the options %v, and the segments offered at most %d", info.RcvWnd, info.Options, offered)
	}
}

// TestLabNothingMeasured: before anything came back, no number is made up of where the kernel begins.
func TestLabNothingMeasured(t *testing.T) {
	s := openLab(t)
	yes := true
	s.do(&playground.SetWire{Cut: &yes})
	c := s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:8330"}).Sockets[0]
	v := s.timerIs(c, "retransmit", playground.TimerForSYN)
	if i := v.Metrics.Info; i.RTTUS != 0 || i.RTTVarUS != 0 || i.MinRTTUS != 0 || i.LastDataSentMS != 0 || i.LastDataRecvMS != 0 {
		t.Errorf("of a SYN without an answer, TCP_INFO says %+v", i)
	}
}
