package playground_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
)

// TestOptionEffects: socket options do what the page says of them (static/js/options-form.js), and where the kernel takes a
// value and pays no heed to it, that is told at once.
func TestOptionEffects(t *testing.T) {
	in := openWith(t, playground.Config{Labs: needLabs(t)}).manager
	client := bothHosts[0]
	for name, show := range map[string]func(t *testing.T, s *session){
		"MaxSeg": func(t *testing.T, s *session) {
			id, _ := s.pair(client)
			s.setOption(id, "MaxSeg", 200)
			s.unheeded(id, "MaxSeg of C1 has no effect now: its SYNs have agreed on the size of its segments. Set it in Dial, or on a listener for connections to come.")
			s.do(&playground.Write{Socket: id, Data: "0123456789", Encoding: playground.EncodingPattern, Bytes: 2000})
			if e := s.sent(id, 1, hasData)[0]; e.Len < 1000 {
				t.Errorf("a segment of the open connection has %d bytes", e.Len)
			}
			l := s.listenLab(playground.Listen{Address: ":8332"})
			s.setOption(l, "MaxSeg", 300)
			s.heeded(l)
			id = s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
			s.do(&playground.Write{Socket: id, Data: "0123456789", Encoding: playground.EncodingPattern, Bytes: 2000})
			if e := s.sent(id, 1, hasData)[0]; e.Len > 300 {
				t.Errorf("a segment to a listener with 300 has %d bytes", e.Len)
			}
		},
		"RcvBuf": func(t *testing.T, s *session) {
			l := s.listenLab(playground.Listen{})
			id := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual, Options: options("RcvBuf", 3000)})
			other := s.accept(l)
			s.socket(id, "has numbers", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.Info != nil })
			s.setOption(id, "RcvBuf", 4_000_000)
			s.unheeded(id, "The window of C1 stays at 65535 bytes at most, however large RcvBuf is: its scale was fixed in the SYN. Set RcvBuf in Dial or Listen.")
			s.do(&playground.SetReadMode{Socket: id, ReadMode: playground.ReadAuto})
			s.do(&playground.Write{Socket: other, Data: "0123456789", Encoding: playground.EncodingPattern, Bytes: 1_000_000})
			s.socket(other, "has its bytes acknowledged", func(v *playground.SocketView) bool {
				return v.Metrics != nil && v.Metrics.Info != nil && v.Metrics.Info.BytesAcked == 1_000_000
			})
			for _, e := range s.sent(id, 1, func(e *playground.SegmentSent) bool { return true }) {
				if e.Win<<e.WScale > 65535 {
					t.Fatalf("it offers %d", e.Win<<e.WScale)
				}
			}
		},
		"TTL": func(t *testing.T, s *session) { // the listener's socket is IPv6, and the connection speaks IPv4
			l := s.listenLab(playground.Listen{})
			id := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual, Options: options("TTL", 7)})
			other := s.accept(l)
			s.setOption(other, "TTL", 9)
			s.heeded(other)
			s.write(id, "hello")
			s.write(other, "hello")
			for who, want := range map[string]int64{id: 7, other: 9} {
				if e := s.sent(who, 1, hasData)[0]; e.TTL != want {
					t.Errorf("%s sends with TTL %d, want %d", who, e.TTL, want)
				}
			}
		},
		"Cork": func(t *testing.T, s *session) {
			id, other := s.pair(client)
			s.setOption(id, "NoDelay", true)
			s.setOption(id, "Cork", true)
			wrote := s.write(id, "hello")
			if took := s.sent(id, 1, hasData)[0].LeftNS - wrote.StartedNS; took < int64(150*time.Millisecond) {
				t.Errorf("corked bytes went after %v", time.Duration(took))
			}
			s.read(other)
			s.write(id, "again")
			s.setOption(id, "Cork", false)
			s.read(other)
		},
		"DeferAccept": func(t *testing.T, s *session) {
			l := s.listenLab(playground.Listen{Options: options("DeferAccept", 1)})
			id := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual, Options: options("KeepAlive", false)})
			s.accept(l) // nobody has sent anything
			if took := s.took(l+".1", playground.StateSynRcvd, playground.StateEstablished); took < 800 {
				t.Errorf("Accept had it after %d ms without data", took)
			}
			if n := len(s.sent(l+".1", 2, isSYNACK)); n != 2 {
				t.Errorf("%d SYN, ACKs were sent", n)
			}
			s.setOption(id, "DeferAccept", 3)
			s.unheeded(id, "DeferAccept of C1 has no effect now: it is about the handshake, which is over. Set it on a listener for connections to come.")
		},
		"Linger": func(t *testing.T, s *session) {
			id, _ := s.pair(client)
			s.setOption(id, "Linger", 1)
			s.lose(id)
			s.write(id, "hello")
			e := s.returned(s.do(&playground.Close{Socket: id}).Calls[0])
			if took := time.Duration(e.ReturnedNS - e.StartedNS); e.Result != "nil" || took < time.Second {
				t.Errorf("Close returned %s after %v", e.Result, took)
			}
			await(s, "a segment that is sent after Close has returned", func(segment *playground.SegmentSent) bool {
				return segment.Socket == id && segment.LeftNS > e.ReturnedNS && slices.Contains(segment.Marks, "retransmission")
			})
		},
		"UserTimeout": func(t *testing.T, s *session) {
			id, _ := s.pair(client)
			s.setOption(id, "UserTimeout", 1000)
			s.lose(id)
			wrote := s.write(id, "hello")
			read := s.returned(s.do(&playground.Read{Socket: id}).Calls[0])
			if read.Error == nil || read.Error.Errno != "ETIMEDOUT" {
				t.Errorf("Read returned %s", read.Result)
			}
			// The tail loss probe comes first and does not count; the clock starts with the first timeout.
			if took := time.Duration(read.ReturnedNS - wrote.StartedNS); took < 1350*time.Millisecond {
				t.Errorf("it gave up after %v", took)
			}
		},
		"UserTimeout of a Dial": func(t *testing.T, s *session) {
			s.rule(playground.AddRule{Direction: "to_server", Flags: "SYN", Action: "drop"})
			dial := s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:8330", Options: options("UserTimeout", 1500)})
			e := s.returned(dial.Calls[0])
			if took := time.Duration(e.ReturnedNS - e.StartedNS); e.Error == nil || e.Error.Errno != "ETIMEDOUT" || took < 1400*time.Millisecond || took > 2900*time.Millisecond {
				t.Errorf("Dial returned %s after %v", e.Result, took)
			}
		},
		"KeepAliveCount": func(t *testing.T, s *session) {
			id, _ := s.pair(client)
			s.setOption(id, "KeepAliveIdle", 1)
			s.unheeded(id, "KeepAliveIdle of C1 has no effect as long as KeepAlive is off.")
			s.setOption(id, "KeepAlive", true)
			s.setOption(id, "KeepAliveInterval", 1)
			s.setOption(id, "UserTimeout", 500)
			s.setOption(id, "KeepAliveCount", 3)
			s.unheeded(id, "KeepAliveCount of C1 has no effect as long as UserTimeout is set: time ends the connection, and no count of probes.")
			s.lose(id)
			if e := s.failed(s.do(&playground.Read{Socket: id}).Calls[0]); e.Errno != "ETIMEDOUT" {
				t.Errorf("Read returned %s", e.Text)
			}
			if n := len(s.sent(id, 1, isKeepAlive)); n != 1 {
				t.Errorf("%d probes were sent, want 1 of the 3", n)
			}
		},
		"ReuseAddr": func(t *testing.T, s *session) { // both must have it: what waits, and what wants the port
			for _, both := range []bool{false, true} {
				l := s.listenLab(playground.Listen{})
				s.setOption(l, "ReuseAddr", both)
				id := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
				other := s.accept(l)
				s.do(&playground.Close{Socket: other})
				s.inState(id, playground.StateCloseWait)
				s.do(&playground.Close{Socket: id})
				s.inState(other, playground.StateTimeWait)
				s.do(&playground.Close{Socket: l})
				again := s.returned(s.do(&playground.Listen{Network: inLab, Address: ":8330", Options: options("ReuseAddr", true)}).Calls[0])
				if (again.Error == nil) != both {
					t.Errorf("with SO_REUSEADDR %v at the old connection Listen returned %s", both, again.Result)
				}
				if !both {
					s.do(&playground.SkipTimeWait{Socket: other})
					s.inState(other, playground.StateClosed)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := visit(t, in)
			s.do(&playground.OpenLab{})
			show(t, s)
		})
	}
}

func hasData(e *playground.SegmentSent) bool { return e.Len > 0 }

// setOption sets an option that the kernel takes.
func (s *session) setOption(id, name string, value any) {
	s.t.Helper()
	if e := s.returned(s.do(&playground.SetOption{Socket: id, Name: name, Value: raw(value)}).Calls[0]); e.Error != nil {
		s.t.Fatalf("%s = %v: %s", name, value, e.Error.Text)
	}
}

// unheeded waits for what is told of an option without an effect.
func (s *session) unheeded(id, message string) {
	s.t.Helper()
	await(s, message, func(e *playground.Notice) bool {
		return e.Socket == id && e.Code == "option_without_effect" && e.Message == message
	})
}

// heeded says that nothing was told of the kind; options are read back before that would be.
func (s *session) heeded(id string) {
	s.t.Helper()
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.Notice); ok && e.Socket == id {
			s.t.Errorf("it is told that %s", e.Message)
		}
	}
}

// TestLossProbes: in the stories of what is lost the first repeat is the tail loss probe, as the hosts' kernels count it, and
// only then the retransmission timer expires, if at all.
func TestLossProbes(t *testing.T) {
	in := openWith(t, playground.Config{Labs: needLabs(t)}).manager
	for id, timeouts := range map[string]bool{"one-lost-segment": false, "lost-fin": true, "peer-vanishes-while-sending": true} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := visit(t, in)
			s.do(&playground.RunDemo{Demo: id})
			if e := await(s, "the end of the demo", func(*playground.DemoFinished) bool { return true }); e.Verdict != "passed" {
				t.Errorf("the demo has %s", e.Verdict)
			}
			counts := s.tcpCounters("client")
			if counts["TCPLossProbes"] != 1 || (counts["TCPTimeouts"] > 0) != timeouts {
				t.Errorf("%d loss probes and %d timeouts; want 1, and timeouts: %v", counts["TCPLossProbes"], counts["TCPTimeouts"], timeouts)
			}
		})
	}
}

// tcpCounters are the TcpExt counters of a host (proc(5), /proc/net/netstat).
func (s *session) tcpCounters(host string) map[string]int {
	s.t.Helper()
	fields := strings.Fields(s.output(host, "sh", "-c", "grep ^TcpExt: /proc/self/net/netstat"))
	counts := map[string]int{}
	for i, half := 0, len(fields)/2; i < half; i++ {
		counts[fields[i]], _ = strconv.Atoi(fields[half+i]) // "TcpExt:" itself is no number
	}
	return counts
}
