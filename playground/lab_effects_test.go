package playground_test

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
)

// settingEffect is what one sees of a kernel setting: the client's host has one value and the server's another, the same
// is done on both, and each shows numbers of its own.
type settingEffect struct {
	setting string
	values  [2]string         // the client's, the server's; empty: as it is
	also    map[string]string // further settings of both hosts, for shorter timers
	what    []string          // what the numbers are
	want    [2][]span
	// begin does something on a host, and gives what waits for its outcome.
	begin func(s *session, at labHost) (numbers func() []int64)
}

// span is the least and the most that a number may be. A timer of the kernel never fires early, but what it sends may be
// read late, the first of two segments too.
type span struct{ least, most int64 }

func exactly(n int64) span { return span{n, n} }
func atLeast(n int64) span { return span{n, math.MaxInt64} }

// labHost is a host of the Lab as seen from itself.
type labHost struct{ name, other, otherAddress, port string }

var bothHosts = [2]labHost{{"client", "server", "192.0.2.2", ":8330"}, {"server", "client", "192.0.2.1", ":8331"}}

// TestSettingEffects: each kernel setting has the effect that its sentence tells (playground/lab, settings.go).
func TestSettingEffects(t *testing.T) {
	in := openWith(t, playground.Config{Labs: needLabs(t)}).manager
	var algorithms []string
	for _, known := range labs().System.Settings() {
		if known.Name == "tcp_congestion_control" {
			algorithms = strings.Split(known.Values, ", ")
		}
		if !slices.ContainsFunc(settingEffects, func(e settingEffect) bool { return e.setting == known.Name }) {
			t.Errorf("nothing shows what %s does", known.Name)
		}
	}
	for _, e := range settingEffects {
		t.Run(e.setting, func(t *testing.T) {
			t.Parallel()
			s := visit(t, in)
			s.do(&playground.OpenLab{})
			for _, name := range append(slices.Sorted(maps.Keys(e.also)), e.setting) {
				if _, ok := s.Log().Now().Lab.Defaults[name]; !ok || name == "tcp_congestion_control" && !slices.Contains(algorithms, e.also[name]) && e.also[name] != "" {
					t.Logf("this kernel has no %s %s", name, e.also[name])
					return
				}
			}
			for name, value := range e.also {
				s.do(&playground.SetKernel{Name: name, Value: value})
			}
			var numbers [2]func() []int64
			for i, at := range bothHosts {
				if e.values[i] != "" {
					s.do(&playground.SetKernel{Host: at.name, Name: e.setting, Value: e.values[i]})
				}
			}
			for i, at := range bothHosts {
				numbers[i] = e.begin(s, at)
			}
			for i, at := range bothHosts {
				for k, got := range numbers[i]() {
					if want := e.want[i][k]; got < want.least || got > want.most {
						t.Errorf("with %q on the %s: %d %s, want %d to %d", cmp.Or(e.values[i], "the default"), at.name, got, e.what[k], want.least, want.most)
					}
				}
			}
		})
	}
}

// TestGoKeepAlive: Go's sockets say themselves when to probe, so that the kernel's settings do not count; one that only has
// SO_KEEPALIVE follows them.
func TestGoKeepAlive(t *testing.T) {
	s := openLab(t)
	for name, value := range map[string]string{"tcp_keepalive_time": "70", "tcp_keepalive_intvl": "8", "tcp_keepalive_probes": "3"} {
		s.do(&playground.SetKernel{Host: "client", Name: name, Value: value})
	}
	says := func(id string, on bool, want [3]int64) {
		t.Helper()
		v := s.socket(id, "has its options read", func(v *playground.SocketView) bool { return v.Options != nil && v.Options["KeepAlive"] == on })
		if got := [3]any{v.Options["KeepAliveIdle"], v.Options["KeepAliveInterval"], v.Options["KeepAliveCount"]}; got != [3]any{want[0], want[1], want[2]} {
			t.Errorf("keep-alive %v: idle, interval and count are %v, want %v", on, got, want)
		}
	}
	l := s.listenLab(playground.Listen{})
	says(s.dial(playground.Dial{Address: l}), true, [3]int64{15, 15, 9})
	plain := s.dial(playground.Dial{Address: l, Options: options("KeepAlive", false)})
	s.keepAlive(plain)
	says(plain, true, [3]int64{70, 8, 3})
}

var settingEffects = []settingEffect{
	{setting: "tcp_syn_retries", values: [2]string{"1", "2"}, also: map[string]string{"tcp_syn_linear_timeouts": "0"},
		what: []string{"SYNs sent again", "ms until connect fails"},
		want: [2][]span{{exactly(1), {2900, 6000}}, {exactly(2), {6900, 14_000}}}, begin: synsAgain},
	{setting: "tcp_syn_retries", values: [2]string{"1", "2"}, also: map[string]string{"tcp_syn_linear_timeouts": "4"},
		what: []string{"SYNs sent again", "ms until connect fails"},
		want: [2][]span{{exactly(2), {2900, 6000}}, {exactly(5), {6900, 14_000}}}, begin: synsAgain},
	{setting: "tcp_syn_linear_timeouts", values: [2]string{"0", "2"},
		what: []string{"ms until the first repeated SYN", "ms until the second"},
		want: [2][]span{{{800, 1800}, {2800, 5000}}, {{800, 1800}, {1800, 2700}}},
		begin: func(s *session, at labHost) func() []int64 {
			id := s.dialNobody(at).Sockets[0]
			return func() []int64 {
				syns := s.sent(id, 3, isSYN)
				return []int64{msBetween(syns[0], syns[1]), msBetween(syns[0], syns[2])}
			}
		}},
	{setting: "tcp_synack_retries", values: [2]string{"0", "1"},
		what: []string{"SYN, ACKs sent again", "ms until the connection is dropped"},
		want: [2][]span{{exactly(0), {800, 2700}}, {exactly(1), {2800, 6700}}},
		begin: func(s *session, at labHost) func() []int64 {
			s.rule(playground.AddRule{Direction: "to_" + at.name, Flags: "ACK", Action: "drop"})
			l := s.listenLab(playground.Listen{Host: at.name, Address: at.port})
			s.dial(playground.Dial{Host: at.other, Address: l, ReadMode: playground.ReadManual})
			return func() []int64 {
				took := s.took(l+".1", playground.StateSynRcvd, playground.StateClosed)
				return []int64{int64(len(s.sent(l+".1", 1, isSYNACK))) - 1, took}
			}
		}},
	{setting: "somaxconn", values: [2]string{"1", "3"}, what: []string{"as backlog", "connections in the accept queue"},
		want: [2][]span{{exactly(1), exactly(2)}, {exactly(3), exactly(4)}},
		begin: func(s *session, at labHost) func() []int64 {
			l := s.listenLab(playground.Listen{Host: at.name, Address: at.port, Backlog: 100, Behavior: "never_accept"})
			return func() []int64 {
				dropped := func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.Drops > 0 }
				for full := false; !full; { // one after the other: SYNs that come together find the queue empty, all of them
					id := s.do(&playground.Dial{Host: at.other, Address: l, ReadMode: playground.ReadManual}).Sockets[0]
					now := s.until(id+" is open, or its SYN is dropped", func(now *playground.Snapshot) bool {
						return now.Sockets[id].State == playground.StateEstablished || dropped(now.Sockets[l])
					})
					full = dropped(now.Sockets[l])
				}
				m := s.Log().Now().Sockets[l].Metrics
				return []int64{m.SendQ, m.RecvQ}
			}
		}},
	{setting: "tcp_abort_on_overflow", values: [2]string{"0", "1"}, what: []string{"RSTs for an ACK that found the accept queue full"},
		want: [2][]span{{exactly(0)}, {exactly(1)}}, begin: acceptQueueOverflows},
	{setting: "tcp_retries2", values: [2]string{"1", "3"}, what: []string{"repeats", "ms from the first timeout to the end"},
		want: [2][]span{{{2, 3}, {600, 2900}}, {{4, 5}, {3000, 14_000}}}, begin: timesOut(func(s *session, id string) { s.write(id, "hello") })},
	{setting: "tcp_orphan_retries", values: [2]string{"1", "2"}, what: []string{"repeats", "ms from the first timeout to the end"},
		want: [2][]span{{{2, 3}, {600, 2900}}, {{3, 4}, {1400, 6000}}}, begin: timesOut(func(s *session, id string) { s.do(&playground.Close{Socket: id}) })},
	{setting: "tcp_rto_min_us", values: [2]string{"20000", "200000"}, what: []string{"ms until the tail loss probe", "ms until the retransmission after it"},
		want: [2][]span{{{0, 150}, {0, 150}}, {{160, 2000}, {160, 2000}}},
		begin: func(s *session, at labHost) func() []int64 {
			id, _ := s.pair(at)
			s.lose(id)
			s.write(id, "hello")
			return func() []int64 {
				all := s.sent(id, 3, func(e *playground.SegmentSent) bool { return e.Len > 0 })
				return []int64{msBetween(all[0], all[1]), msBetween(all[1], all[2])}
			}
		}},
	{setting: "tcp_fin_timeout", values: [2]string{"0", "3"}, what: []string{"ms in FIN_WAIT_2", "because of that time"},
		want: [2][]span{{{600, 2700}, exactly(1)}, {{2800, 9000}, exactly(1)}},
		begin: func(s *session, at labHost) func() []int64 {
			id, _ := s.pair(at)
			s.do(&playground.Close{Socket: id})
			return func() []int64 {
				took, because := s.took(id, playground.StateFinWait2, playground.StateClosed), int64(0)
				if s.Log().Now().Sockets[id].Reason == playground.ReasonTimedOut {
					because = 1
				}
				return []int64{took, because}
			}
		}},
	{setting: "tcp_tw_reuse", values: [2]string{"0", "1"}, also: map[string]string{"ip_local_port_range": "50000 50000"},
		what: []string{"connects at once", "connects a second later"},
		want: [2][]span{{exactly(0), exactly(0)}, {exactly(0), exactly(1)}},
		begin: func(s *session, at labHost) func() []int64 {
			id, other := s.pair(at)
			l, _, _ := strings.Cut(other, ".")
			s.do(&playground.Close{Socket: id})
			s.inState(other, playground.StateCloseWait)
			s.do(&playground.Close{Socket: other})
			s.inState(id, playground.StateTimeWait)
			connects := func() int64 {
				e := s.returned(s.do(&playground.Dial{Host: at.name, Address: l, ReadMode: playground.ReadManual}).Calls[0])
				if e.Error == nil {
					return 1
				}
				if e.Error.Errno != "EADDRNOTAVAIL" {
					s.t.Errorf("Dial returned %s", e.Result)
				}
				return 0
			}
			first := connects()
			return func() []int64 {
				s.passes(l, 1500)
				return []int64{first, connects()}
			}
		}},
	{setting: "tcp_keepalive_time", values: [2]string{"1", "2"}, what: []string{"ms until the first probe"},
		want: [2][]span{{{1000, 1990}}, {{2000, 5000}}},
		begin: func(s *session, at labHost) func() []int64 {
			id, _ := s.pair(at)
			on := s.keepAlive(id)
			return func() []int64 { return []int64{(s.sent(id, 1, isKeepAlive)[0].LeftNS - on.StartedNS) / 1e6} }
		}},
	{setting: "tcp_keepalive_intvl", values: [2]string{"1", "2"}, also: map[string]string{"tcp_keepalive_time": "1"}, what: []string{"ms between two probes"},
		want: [2][]span{{{800, 1700}}, {{1800, 5000}}},
		begin: func(s *session, at labHost) func() []int64 {
			id, _ := s.pair(at)
			s.keepAlive(id)
			s.lose(id)
			return func() []int64 {
				probes := s.sent(id, 2, isKeepAlive)
				return []int64{msBetween(probes[0], probes[1])}
			}
		}},
	{setting: "tcp_keepalive_probes", values: [2]string{"1", "2"}, also: map[string]string{"tcp_keepalive_time": "1", "tcp_keepalive_intvl": "1"},
		what: []string{"probes before the connection ends"},
		want: [2][]span{{exactly(1)}, {exactly(2)}},
		begin: func(s *session, at labHost) func() []int64 {
			id, _ := s.pair(at)
			s.keepAlive(id)
			s.lose(id)
			return func() []int64 {
				s.inState(id, playground.StateClosed)
				return []int64{int64(len(s.sent(id, 1, isKeepAlive)))}
			}
		}},
	{setting: "tcp_congestion_control", values: [2]string{"reno", ""}, what: []string{"for another algorithm than reno"},
		want: [2][]span{{exactly(0)}, {exactly(1)}},
		begin: metric(func(m *playground.Metrics) []int64 {
			if m.Congestion == "reno" {
				return []int64{0}
			}
			return []int64{1}
		})},
	{setting: "tcp_slow_start_after_idle", values: [2]string{"0", "1"}, also: map[string]string{"tcp_congestion_control": "reno"},
		what: []string{"segments, the congestion window after a rest"},
		want: [2][]span{{atLeast(11)}, {{1, 10}}}, begin: windowAfterRest},
	{setting: "tcp_slow_start_after_idle", values: [2]string{"0", "1"}, also: map[string]string{"tcp_congestion_control": "bbr"},
		what: []string{"segments, the congestion window after a rest"},
		want: [2][]span{{atLeast(11)}, {atLeast(11)}}, begin: windowAfterRest},
	{setting: "tcp_window_scaling", values: [2]string{"0", "1"}, what: []string{"SYNs, SYN, ACKs with the option"}, want: offered, begin: offers("wscale")},
	{setting: "tcp_sack", values: [2]string{"0", "1"}, what: []string{"SYNs, SYN, ACKs with the option"}, want: offered, begin: offers("sack_permitted")},
	{setting: "tcp_timestamps", values: [2]string{"0", "1"}, what: []string{"SYNs, SYN, ACKs with the option"}, want: offered, begin: offers("timestamps")},
	{setting: "tcp_rmem", values: [2]string{"4096 10000 20000", "4096 50000 100000"}, what: []string{"bytes of receive buffer"},
		want: [2][]span{{exactly(10_000)}, {exactly(50_000)}}, begin: metric(func(m *playground.Metrics) []int64 { return []int64{m.RcvBuf} })},
	{setting: "tcp_wmem", values: [2]string{"4096 16384 20000", "4096 16384 60000"}, what: []string{"bytes of send buffer"},
		want: [2][]span{{exactly(20_000)}, {exactly(60_000)}}, begin: metric(func(m *playground.Metrics) []int64 { return []int64{m.SndBuf} })},
	{setting: "ip_local_port_range", values: [2]string{"50000 50002", "51000 51001"}, what: []string{"as the first port chosen", "ports that could be had"},
		want: [2][]span{{{50_000, 50_002}, exactly(2)}, {{51_000, 51_001}, exactly(2)}},
		begin: func(s *session, at labHost) func() []int64 {
			l := s.listenLab(playground.Listen{Host: at.other, Address: at.port})
			return func() []int64 {
				dial := playground.Dial{Host: at.name, Address: l, ReadMode: playground.ReadManual}
				first := s.dial(dial)
				port := portOf(s.t, s.Log().Now().Sockets[first].Local)
				for had := int64(1); ; had++ {
					if e := s.returned(s.do(&dial).Calls[0]); e.Error != nil {
						return []int64{int64(port), had}
					}
				}
			}
		}},
}

// synsAgain dials where nobody answers.
func synsAgain(s *session, at labHost) func() []int64 {
	dial := s.dialNobody(at)
	return func() []int64 {
		if e := s.failed(dial.Calls[0]); e.Errno != "ETIMEDOUT" {
			s.t.Errorf("Dial failed with %+v, want ETIMEDOUT", e)
		}
		took := s.took(dial.Sockets[0], playground.StateSynSent, playground.StateClosed)
		return []int64{int64(len(s.sent(dial.Sockets[0], 1, isSYN))) - 1, took}
	}
}

// timesOut sends something that nobody acknowledges: how often again, the tail loss probe among it, and for how long.
func timesOut(send func(s *session, id string)) func(*session, labHost) func() []int64 {
	return func(s *session, at labHost) func() []int64 {
		id, _ := s.pair(at)
		s.lose(id)
		send(s, id)
		return func() []int64 {
			s.inState(id, playground.StateClosed)
			again := s.sent(id, 2, func(e *playground.SegmentSent) bool { return slices.Contains(e.Marks, "retransmission") })
			changes := s.changes(id)
			return []int64{int64(len(again)), (changes[len(changes)-1].AtNS - again[1].LeftNS) / 1e6}
		}
	}
}

// acceptQueueOverflows: between a SYN and its ACK the last place of the queue is taken.
func acceptQueueOverflows(s *session, at labHost) func() []int64 {
	l := s.listenLab(playground.Listen{Host: at.name, Address: at.port, Backlog: 1, Behavior: "never_accept"})
	dial := playground.Dial{Host: at.other, Address: l, ReadMode: playground.ReadManual}
	first := s.dial(dial)
	s.inState(l+".1", playground.StateEstablished)
	s.rule(playground.AddRule{Direction: "to_" + at.name, Flags: "ACK", Action: "hold", Next: 1})
	late := s.dial(dial)
	ack := await(s, "its ACK", func(e *playground.SegmentSent) bool { return e.Socket == late && e.Flags == "ACK" })
	s.held(ack)
	s.dial(dial)
	s.inState(l+".3", playground.StateEstablished)
	return func() []int64 {
		s.deliver(ack.Segment)
		// What the host answers leaves it in order, so that it is seen before the ACK of what arrives afterwards.
		s.write(first, "hello")
		s.sent(l+".1", 1, func(e *playground.SegmentSent) bool { return e.AckRel == 6 })
		resets := int64(0)
		for _, e := range s.Log().Events(0) {
			if e, ok := e.(*playground.SegmentSent); ok && e.Socket == l+".2" && strings.Contains(e.Flags, "RST") {
				resets++
			}
		}
		return []int64{resets}
	}
}

// windowAfterRest lets a congestion window grow, and rests for some retransmission timeouts.
func windowAfterRest(s *session, at labHost) func() []int64 {
	id, other := s.pair(at)
	s.do(&playground.SetReadMode{Socket: other, ReadMode: playground.ReadAuto})
	const size = 500_000
	delay := 5.0 // or nothing is ever in flight
	s.do(&playground.SetWire{ToServer: &playground.ImpairmentChange{DelayMS: &delay}, ToClient: &playground.ImpairmentChange{DelayMS: &delay}})
	s.do(&playground.Write{Socket: id, Data: "0123456789", Encoding: playground.EncodingPattern, Bytes: size})
	acked := func(bytes int64) *playground.TCPInfo { // bytes_acked counts the SYN
		return s.socket(id, "has its bytes acknowledged", func(v *playground.SocketView) bool {
			return v.Metrics != nil && v.Metrics.Info != nil && v.Metrics.Info.BytesAcked == bytes+1
		}).Metrics.Info
	}
	return func() []int64 {
		// The window is halved for each timeout that has gone by (tcp_cwnd_restart, net/ipv4/tcp_output.c).
		s.passes(id, max(1000, 5*acked(size).RTOUS/1000))
		s.write(id, "hello")
		return []int64{acked(size + 5).Cwnd}
	}
}

// metric opens a connection and tells numbers of its socket.
func metric(of func(*playground.Metrics) []int64) func(*session, labHost) func() []int64 {
	return func(s *session, at labHost) func() []int64 {
		id, _ := s.pair(at)
		return func() []int64 {
			return of(s.socket(id, "has numbers", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.Info != nil }).Metrics)
		}
	}
}

// offers counts who offers a TCP option: where a host has the setting at 0, its SYN lacks it, and no SYN, ACK has it: its own,
// or the one that answers it.
func offers(option string) func(*session, labHost) func() []int64 {
	return func(s *session, at labHost) func() []int64 {
		id, other := s.pair(at)
		return func() []int64 {
			var n []int64
			for _, e := range []*playground.SegmentSent{s.sent(id, 1, isSYN)[0], s.sent(other, 1, isSYNACK)[0]} {
				n = append(n, 0)
				if slices.ContainsFunc(e.Options, func(o playground.SegmentOption) bool { return o.Name == option }) {
					n[len(n)-1] = 1
				}
			}
			return n
		}
	}
}

var offered = [2][]span{{exactly(0), exactly(0)}, {exactly(1), exactly(0)}}

// pair opens a connection from a host to the other, without keep-alive.
func (s *session) pair(at labHost) (id, other string) {
	s.t.Helper()
	l := s.listenLab(playground.Listen{Host: at.other, Address: at.port, Options: options("KeepAlive", false)})
	id = s.dial(playground.Dial{Host: at.name, Address: l, ReadMode: playground.ReadManual, Options: options("KeepAlive", false)})
	other = s.accept(l)
	s.inState(other, playground.StateEstablished)
	return id, other
}

// lose drops from now on what a socket sends and gets.
func (s *session) lose(id string) {
	s.t.Helper()
	s.rule(playground.AddRule{Direction: "both", Socket: id, Action: "drop"})
}

// dialNobody dials from a host where no SYN arrives.
func (s *session) dialNobody(at labHost) playground.Reply {
	s.t.Helper()
	s.rule(playground.AddRule{Direction: "to_" + at.other, Flags: "SYN", Action: "drop"})
	dial := s.do(&playground.Dial{Network: inLab, Host: at.name, Address: at.otherAddress + at.port, ReadMode: playground.ReadManual})
	s.inState(dial.Sockets[0], playground.StateSynSent)
	return dial
}

// keepAlive switches keep-alive on, and nothing else of it as Go would.
func (s *session) keepAlive(id string) *playground.CallReturned {
	s.t.Helper()
	return s.returned(s.do(&playground.SetOption{Socket: id, Name: "KeepAlive", Value: raw(true)}).Calls[0])
}

// passes lets time pass: a Read or an Accept waits for nothing until its deadline.
func (s *session) passes(id string, afterMS int64) {
	s.t.Helper()
	s.do(&playground.SetDeadline{Socket: id, Kind: "read", AfterMS: &afterMS})
	var reply playground.Reply
	if s.Log().Now().Sockets[id].Kind == playground.KindListener {
		reply = s.do(&playground.Accept{Socket: id})
	} else {
		reply = s.do(&playground.Read{Socket: id})
	}
	if e := s.failed(reply.Calls[0]); e.Kind != playground.ErrDeadline {
		s.t.Errorf("it returned %s, want that the deadline passed", e.Text)
	}
}

// took is how many ms a socket took from one state to another, and waits until it is there.
func (s *session) took(id string, from, to playground.State) int64 {
	s.t.Helper()
	s.inState(id, to)
	at := map[playground.State]int64{}
	for _, e := range s.changes(id) {
		at[e.To] = e.AtNS
	}
	if at[from] == 0 {
		s.t.Fatalf("%s never was in %s:\n%s", id, from, s.tail())
	}
	return (at[to] - at[from]) / int64(time.Millisecond)
}

// sent waits until a socket has sent n segments of a kind, and gives all of them so far.
func (s *session) sent(id string, n int, is func(*playground.SegmentSent) bool) (all []*playground.SegmentSent) {
	s.t.Helper()
	seen := 0
	await(s, "the segments of "+id, func(e *playground.SegmentSent) bool {
		if e.Socket == id && is(e) {
			seen++
		}
		return seen == n
	})
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.SegmentSent); ok && e.Socket == id && is(e) {
			all = append(all, e)
		}
	}
	return all
}

func isSYN(e *playground.SegmentSent) bool       { return e.Flags == "SYN" }
func isSYNACK(e *playground.SegmentSent) bool    { return e.Flags == "SYN, ACK" }
func isKeepAlive(e *playground.SegmentSent) bool { return slices.Contains(e.Marks, "keepalive") }

func msBetween(first, second *playground.SegmentSent) int64 {
	return (second.LeftNS - first.LeftNS) / int64(time.Millisecond)
}
