package playground

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/demo"
)

// trial feeds hand-made events to one check, each a millisecond after the one before.
type trial struct {
	t     *testing.T
	w     *demoWitness
	j     *demoJudge
	text  string
	asked int64
}

// The events of a trial. Their order is that of the list; a check is born at the "step", asked from "asked" on.
type step struct{}
type askedNow struct{}
type later struct{ d time.Duration }

func at(socket string, source Source, e Event) Event {
	h := e.header()
	h.Socket, h.Source = socket, source
	return e
}

func socketOpened(socket, kind, local, remote string) Event {
	return at(socket, SourceCall, &SocketOpened{Kind: kind, Network: networkMachine, Local: local, Remote: remote})
}

// moves are a socket's changes of state: as observed, and those in parentheses as inferred.
func moves(socket string, states ...string) (all []any) {
	from := StateClosed
	for _, s := range states {
		source := SourceSockDiag
		if inner, ok := strings.CutPrefix(s, "("); ok {
			s, source = strings.TrimSuffix(inner, ")"), SourceInferred
		}
		s, reason, _ := strings.Cut(s, " ")
		all = append(all, at(socket, source, &StateChanged{From: from, To: State(s), Reason: reason}))
		from = State(s)
	}
	return all
}

func callReturned(socket, op, result string, e *CallReturned) Event {
	e.Op, e.Result = op, result
	if e.Call == 0 {
		e.Call = 7
	}
	return at(socket, SourceCall, e)
}

func failing(socket, op, errno, kind string) Event {
	return callReturned(socket, op, "0, "+errno, &CallReturned{Error: &CallError{Errno: errno, Kind: kind}})
}

// from and to are segments between C1 and S1.1 by their words: "SYN", "PSH, ACK:hello", "ACK retransmission".
func from(words ...string) []any {
	return crossing("C1", "S1.1", "127.0.0.1:5000", "127.0.0.1:8330", words)
}
func to(words ...string) []any {
	return crossing("S1.1", "C1", "127.0.0.1:8330", "127.0.0.1:5000", words)
}

func crossing(near, far, src, dst string, words []string) (all []any) {
	for _, w := range words {
		w, data, _ := strings.Cut(w, ":")
		flags, mark, _ := strings.Cut(w, " +")
		e := &SegmentSent{Network: networkMachine, Peer: far, Src: src, Dst: dst, Flags: flags, IPHeader: 20, TCPHeader: 32,
			Len: int64(len(data)), Raw: append(make([]byte, 52), data...)}
		if mark != "" {
			e.Marks = []string{mark}
		}
		all = append(all, at(near, SourceSegment, e))
	}
	return all
}

// cutShort is a segment of C1's with 600 bytes, of which its event has the first.
func cutShort(data string) any {
	return at("C1", SourceSegment, &SegmentSent{Network: networkMachine, Peer: "S1.1", Src: "127.0.0.1:5000", Dst: "127.0.0.1:8330", Flags: "PSH, ACK",
		IPHeader: 20, TCPHeader: 32, Len: 600, Raw: append(make([]byte, 52), data...)})
}

func summarised(e SegmentsSummarised) Event {
	e.Peer, e.Network = "S1.1", networkMachine
	return at("C1", SourceSegment, &e)
}

func sampled(socket string, m Metrics) Event {
	return at(socket, SourceSockDiag, &MetricsSampled{Metrics: m})
}

// run feeds the events and then lets time pass until the check is decided.
func (c *trial) run(events []any) finding {
	now, seq := int64(0), uint64(0)
	flat := []any{}
	for _, e := range events {
		if list, ok := e.([]any); ok {
			flat = append(flat, list...)
		} else {
			flat = append(flat, e)
		}
	}
	for _, e := range flat {
		now += 1e6
		switch e := e.(type) {
		case step:
			check, err := demo.ParseCheck(c.text)
			if err != nil {
				c.t.Fatal(err)
			}
			c.j = newDemoJudge(c.w, check)
		case askedNow:
			c.asked = now
		case later:
			now += int64(e.d)
		case Event:
			seq++
			h := e.header()
			h.Seq, h.AtNS, h.Type = seq, now, e.kind()
			if e, ok := e.(*SegmentSent); ok {
				e.LeftNS = now
			}
			c.w.observe(e)
			if c.j != nil {
				c.j.observe(c.w, e)
			}
		}
		c.decide(now)
	}
	if c.asked == 0 {
		c.asked = now
	}
	for end := now + int64(time.Minute); c.j.verdict == "" && now < end; now += 10e6 {
		c.decide(now)
	}
	return c.j.finding
}

func (c *trial) decide(now int64) {
	if c.j == nil {
		return
	}
	m := moment{now: now, asked: c.asked}
	if c.asked != 0 {
		m.quiet = c.asked
		m.over = now-c.asked >= int64(c.j.within())
	}
	c.j.decide(c.w, m)
}

// conn is a connection between C1 and S1.1 that both are known.
func conn() []any {
	return []any{
		socketOpened("S1", KindListener, "127.0.0.1:8330", ""), moves("S1", "LISTEN")[0],
		socketOpened("C1", KindConn, "127.0.0.1:5000", "127.0.0.1:8330"),
		socketOpened("S1.1", KindConn, "127.0.0.1:8330", "127.0.0.1:5000"),
	}
}

func TestDemoChecks(t *testing.T) {
	const blind, deaf = 1, 2 // no states; no segments
	ends := Event(&EventsLost{Count: 3, What: "segments"})
	for _, c := range []struct {
		check  string
		unable int
		events []any // after conn and step
		want   string
	}{
		{"C1 is ESTABLISHED", 0, []any{moves("C1", "SYN_SENT", "ESTABLISHED")}, "passed [6]"},
		{"C1 is ESTABLISHED or CLOSE_WAIT", 0, []any{moves("C1", "ESTABLISHED", "CLOSE_WAIT")}, "passed [6]"},
		{"C1 is ESTABLISHED", 0, []any{moves("C1", "SYN_SENT")}, "failed: C1 is in SYN_SENT."},
		{"C1 is ESTABLISHED", 0, []any{moves("C1", "(ESTABLISHED)")}, "not_observed: C1 is in ESTABLISHED, but that is only inferred."},
		{"C1 is CLOSED", 0, nil, "failed: C1 has been in no state yet."},
		{"C2 is CLOSED", 0, nil, "failed: There is no C2."},
		{"C1 is FIN_WAIT_2", blind, nil, "not_observed: " + statesUnseen},
		{"C1 is not CLOSED", 0, []any{moves("C1", "ESTABLISHED")}, "passed [5]"},
		{"C1 is not CLOSED", 0, []any{moves("C1", "ESTABLISHED", "(CLOSED closed)")}, "failed: C1 is in CLOSED because closed."},
		{"C1 is CLOSED", 0, []any{moves("C1", "ESTABLISHED", "(CLOSED unknown)")}, "passed [6]"},
		{"C1 is CLOSED", 0, []any{at("C1", SourceCall, &DescriptorClosed{})}, "passed []"},
		{"C1 is CLOSED because refused", 0, []any{moves("C1", "SYN_SENT", "CLOSED refused")}, "passed [6]"},
		{"C1 is CLOSED because refused", 0, []any{moves("C1", "SYN_SENT", "CLOSED timed_out")}, "failed: C1 is in CLOSED because timed_out."},
		{"C1 is CLOSED because acknowledged", 0, []any{moves("C1", "LAST_ACK", "(CLOSED acknowledged)")},
			"not_observed: C1 is in CLOSED because acknowledged, but that is only inferred."},
		{"C1 is CLOSED because reset_received", 0, []any{moves("C1", "ESTABLISHED", "(CLOSED reset_received)"), to("RST")}, "passed [6]"},
		{"C1 is CLOSED because reset_sent", 0, []any{moves("C1", "ESTABLISHED", "(CLOSED reset_sent)"), to("RST")},
			"not_observed: C1 is in CLOSED because reset_sent, but that is only inferred."},

		{"C1 reaches SYN_SENT, then ESTABLISHED", 0, []any{moves("C1", "SYN_SENT", "ESTABLISHED")}, "passed [5 6]"},
		{"C1 reaches FIN_WAIT_1, then TIME_WAIT", 0, []any{moves("C1", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT")}, "passed [6 8]"},
		{"C1 reaches SYN_SENT, then ESTABLISHED", 0, []any{moves("C1", "(SYN_SENT)", "ESTABLISHED")},
			"not_observed: C1 must have been in SYN_SENT, ESTABLISHED, but nobody saw all of it."},
		{"C1 reaches SYN_SENT, then ESTABLISHED", 0, []any{moves("C1", "SYN_SENT", "CLOSED refused")}, "failed: C1 went through SYN_SENT, CLOSED."},
		{"C1 reaches CLOSED", 0, nil, "failed: C1 has been in no state yet."},
		{"C1 reaches CLOSED", 0, []any{at("C1", SourceCall, &DescriptorClosed{})}, "passed [5]"},
		{"C1 reaches CLOSED", blind, []any{moves("C1", "(CLOSED unknown)")}, "not_observed: C1 must have been in CLOSED, but nobody saw all of it."},
		{"C1 reaches FIN_WAIT_2", blind, nil, "not_observed: " + statesUnseen},
		{"C1 reaches CLOSE_WAIT and stays 2s", 0, []any{moves("C1", "ESTABLISHED", "CLOSE_WAIT"), later{3 * time.Second}}, "passed [6]"},
		{"C1 reaches CLOSE_WAIT and stays 2s", 0, []any{moves("C1", "CLOSE_WAIT", "LAST_ACK")}, "failed: C1 left CLOSE_WAIT for LAST_ACK too early."},
		{"C1 never reaches CLOSE_WAIT", 0, []any{moves("C1", "ESTABLISHED", "FIN_WAIT_1")}, "passed []"},
		{"C1 never reaches CLOSE_WAIT", 0, []any{moves("C1", "CLOSE_WAIT")}, "failed: C1 was in CLOSE_WAIT."},
		{"C1 never reaches CLOSING", 0, []any{moves("C1", "ESTABLISHED", "FIN_WAIT_1", "TIME_WAIT")},
			"not_observed: C1 may have been in CLOSING too briefly to be seen on this machine."},
		{"C1 never reaches CLOSING", 0, []any{moves("C1", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT")}, "passed []"},
		{"C1 never reaches TIME_WAIT", 0, []any{moves("C1", "ESTABLISHED", "(CLOSED reset_received)")}, "passed []"},
		{"S1 never reaches LISTEN", 0, nil, "failed: S1 was in LISTEN."},
		{"C1 never reaches CLOSE_WAIT", blind, nil, "not_observed: " + statesUnseen},
		{"C1 never reaches CLOSE_WAIT", 0, []any{ends}, "not_observed: " + factsLost},
		{"S1 stays LISTEN 2s", 0, nil, "passed [2]"},
		{"C1 stays CLOSE_WAIT 2s", 0, []any{moves("C1", "CLOSE_WAIT"), askedNow{}, later{time.Second}, moves("C1", "LAST_ACK")},
			"failed: C1 left CLOSE_WAIT for LAST_ACK too early."},
		{"C1 stays CLOSE_WAIT 2s", 0, []any{moves("C1", "ESTABLISHED")}, "failed: C1 is in ESTABLISHED."},
		{"C1 stays CLOSE_WAIT 2s", blind, []any{moves("C1", "(ESTABLISHED)")}, "not_observed: " + statesUnseen},
		{"peer of C1 is S1.1", 0, []any{at("S1.1", SourceSockDiag, &PeerFound{Peer: "C1"})}, "passed []"},
		{"peer of C1 is S1.1", 0, []any{at("C1", SourceSockDiag, &PeerFound{Peer: "X1"})}, "failed: The other end of C1 is X1."},
		{"peer of C1 is S1.1", 0, nil, "failed: The other end of C1 was not seen."},
		{"peer of C1 is S1.1", blind, nil, "not_observed: " + statesUnseen},

		{"C1 write returns ok, then EPIPE", 0, []any{callReturned("C1", "Write", "5, nil", &CallReturned{N: 5}), failing("C1", "Write", "EPIPE", ErrBrokenPipe)}, "passed [5 6]"},
		{"C1 write returns EPIPE", 0, []any{callReturned("C1", "Write", "5, nil", &CallReturned{ReturnedNS: 2e6})}, "failed: Write of C1 returned 5, nil after 2ms."},
		{"C1 write returns EPIPE", 0, []any{callReturned("S1.1", "Write", "5, nil", &CallReturned{})}, "failed: Write of C1 was not called in this step."},
		{"C1 read returns error", 0, []any{failing("C1", "Read", "ECONNRESET", ErrReset)}, "passed [5]"},
		{"C1 read returns EOF", 0, []any{failing("C1", "Read", "", ErrEOF)}, "passed [5]"},
		{"C1 read returns timeout", 0, []any{failing("C1", "Read", "", ErrDeadline)}, "passed [5]"},
		{"C1 read returns timeout", 0, []any{failing("C1", "Read", "ETIMEDOUT", ErrTimedOut)}, "failed: Read of C1 returned 0, ETIMEDOUT after 0s."},
		{"C1 close returns closed", 0, []any{failing("C1", "Close", "", ErrClosed)}, "passed [5]"},
		{"C1 read returns 5", 0, []any{callReturned("C1", "Read", "5, nil", &CallReturned{N: 5})}, "passed [5]"},
		{`C1 read returns "hello"`, 0, []any{callReturned("C1", "Read", "5, nil", &CallReturned{N: 5, Data: []byte("hello")})}, "passed [5]"},
		{`C1 read returns "hello"`, 0, []any{callReturned("C1", "Read", "5, nil", &CallReturned{N: 5, Data: []byte("other")})}, "failed: Read of C1 returned 5, nil after 0s."},
		{fmt.Sprintf("C1 read returns %q", strings.Repeat("x", 300)), 0, []any{callReturned("C1", "Read", "300, nil",
			&CallReturned{N: 300, Data: []byte(strings.Repeat("x", PreviewBytes))})}, "not_observed: Only the first 256 bytes of what a call moved are kept."},
		{"C1 dial returns ETIMEDOUT after 3s", 0, []any{callReturned("C1", "Dial", "", &CallReturned{ReturnedNS: 3e9, Error: &CallError{Errno: "ETIMEDOUT"}})}, "passed [5]"},
		{"C1 dial returns ETIMEDOUT after 3s", 0, []any{callReturned("C1", "Dial", "nil, x", &CallReturned{ReturnedNS: 1e9, Error: &CallError{Errno: "ETIMEDOUT"}})},
			"failed: Dial of C1 returned nil, x after 1s."},
		{"C1 read returns ok", 0, []any{at("C1", SourceCall, &CallsSummarised{Op: "Read", Calls: 40, Bytes: 400})}, "passed [5]"},
		{"S2 listen returns EADDRINUSE", 0, []any{callReturned("", "Listen", "nil, x", &CallReturned{Call: 99, Error: &CallError{Errno: "EADDRINUSE"}})}, "passed [5]"},
		{"C1 dial takes at least 1s", 0, []any{callReturned("C1", "Dial", "conn, nil", &CallReturned{StartedNS: 1e9, ReturnedNS: 2e9})}, "passed [5]"},
		{"C1 dial takes at most 1s", 0, []any{callReturned("C1", "Dial", "conn, nil", &CallReturned{StartedNS: 1e9, ReturnedNS: 3e9})}, "failed: Dial of C1 returned conn, nil after 2s."},
		{"C1 read is waiting", 0, []any{at("C1", SourceCall, &CallStarted{Call: 7, Op: "Read"})}, "passed [5]"},
		{"C1 read is waiting", 0, []any{at("C1", SourceCall, &CallStarted{Call: 7, Op: "Read"}), callReturned("C1", "Read", "5, nil", &CallReturned{})},
			"failed: Read of C1 returned 5, nil after 0s."},
		{"C1 read returns ok", 0, []any{at("C1", SourceCall, &CallStarted{Call: 7, Op: "Read"})}, "failed: Read of C1 has not returned."},
		{"no call of C1", 0, nil, "passed []"},
		{"exactly 2 calls of C1", 0, []any{callReturned("C1", "Write", "", &CallReturned{}), callReturned("C1", "Read", "", &CallReturned{})}, "passed [5 6]"},
		{"exactly 41 calls of C1", 0, []any{at("C1", SourceCall, &CallsSummarised{Op: "Read", Calls: 40}), callReturned("C1", "Read", "", &CallReturned{})}, "passed [5 6]"},
		{"at most 1 call of C1", 0, []any{callReturned("C1", "Write", "", &CallReturned{}), callReturned("C1", "Read", "", &CallReturned{})}, "failed: There were 2 calls."},

		{"C1 segments contain SYN, then ACK", 0, []any{from("SYN"), to("SYN, ACK"), from("ACK")}, "passed [5 7]"},
		{"S1.1 segments are SYN, then SYN+ACK, then ACK", 0, []any{from("SYN"), to("SYN, ACK"), from("ACK")}, "passed [5 6 7]"},
		{"C1 segments are SYN, then ACK", 0, []any{from("SYN"), to("SYN, ACK"), from("ACK")}, "failed: The segments of C1 were SYN, SYN+ACK."},
		{"C1 segments are SYN", 0, []any{from("SYN"), to("RST, ACK")}, "failed: The segments of C1 were SYN, RST+ACK."},
		{"C1 segments are SYN, then SYN+ACK", 0, []any{from("SYN")}, "failed: The segments of C1 were SYN."},
		{"C1 sends FIN", 0, []any{to("FIN, ACK")}, "failed: No segment of C1 was seen in this step."},
		{"S1.1 sends FIN", 0, []any{to("FIN, ACK")}, "passed [5]"},
		{`C1 segments contain data "hello", then ACK`, 0, []any{from("PSH, ACK:hello"), to("ACK")}, "passed [5 6]"},
		{`C1 segments contain data "hello"`, 0, []any{from("PSH, ACK:other")}, "failed: The segments of C1 were PSH+ACK (5 B)."},
		// A text means that the payload contains it, as in a filter and in a rule; all of it is said with exactly.
		{`C1 segments contain data "needle"`, 0, []any{from("PSH, ACK:hay needle hay")}, "passed [5]"},
		{`no data "needle" of C1`, 0, []any{from("PSH, ACK:hay needle hay")}, "failed: There were 1 of them."},
		{`no data "needle" of C1`, 0, []any{from("PSH, ACK:hay")}, "passed []"},
		{`no data exactly "needle" of C1`, 0, []any{from("PSH, ACK:hay needle hay")}, "passed []"},
		{`exactly 1 data exactly "needle" of C1`, 0, []any{from("PSH, ACK:needle"), from("PSH, ACK:needles")}, "passed [5]"},
		{`no data "needle" of C1`, 0, []any{cutShort("hay")}, "not_observed: " + factsLost},
		{`at least 1 data "hay" of C1`, 0, []any{cutShort("hay")}, "passed [5]"},
		{`no data exactly "straw" of C1`, 0, []any{cutShort("hay")}, "passed []"},
		{"C1 segments contain zero window, then window probe", 0, []any{to("ACK +zero_window"), from("ACK +window_probe")}, "passed [5 6]"},
		{"C1 segments contain SYN", deaf, nil, "not_observed: " + segmentsUnseen},
		{"C1 segments are SYN", 0, []any{from("SYN"), ends}, "not_observed: " + factsLost},
		{"C1 segments contain data, then FIN", 0, []any{summarised(SegmentsSummarised{Count: 90, DataSegments: 60}), from("FIN, ACK")}, "passed [5 6]"},
		{"C1 segments contain window probe", 0, []any{summarised(SegmentsSummarised{Count: 90, DataSegments: 60})}, "not_observed: " + factsLost},
		{"at least 1 retransmission of C1", 0, []any{from("PSH, ACK +retransmission:x")}, "passed [5]"},
		{"at least 1 retransmission of C1", 0, []any{from("PSH, ACK:x")}, "failed: There were 0 of them."},
		{"at least 5 retransmissions of C1", 0, []any{summarised(SegmentsSummarised{Count: 90, Retransmitted: 5})}, "passed [5]"},
		{"exactly 1 SYN of C1", 0, []any{from("SYN"), to("SYN, ACK")}, "passed [5]"},
		{"exactly 1 SYN of C1", 0, []any{from("SYN", "SYN +retransmission")}, "failed: There were 2 of them."},
		{"no FIN of C1", 0, []any{to("FIN, ACK")}, "failed: There were 1 of them."},
		{"no FIN from C1", 0, []any{to("FIN, ACK")}, "passed []"},
		{"no keepalive of C1", 0, []any{summarised(SegmentsSummarised{Count: 90})}, "not_observed: " + factsLost},
		{"at most 100 data segments of C1", 0, []any{summarised(SegmentsSummarised{Count: 90, DataSegments: 60})}, "passed [5]"},
		{"no RST of C1", deaf, nil, "not_observed: " + segmentsUnseen},
		{"no segments of C1 for 1s", 0, []any{from("ACK"), askedNow{}}, "passed []"},
		{"no segments of C1 for 1s", 0, []any{askedNow{}, from("ACK")}, "failed: There were 1 of them."},

		{"receive queue of S1.1 is 5", 0, []any{sampled("S1.1", Metrics{RecvQ: 5}), moves("S1.1", "ESTABLISHED")}, "passed [5]"},
		{"receive queue of S1.1 is at least 6", 0, []any{sampled("S1.1", Metrics{RecvQ: 5}), moves("S1.1", "ESTABLISHED")}, "failed: The receive queue of S1.1 is 5."},
		{"accept queue of S1 is at most 1", 0, []any{sampled("S1", Metrics{RecvQ: 1, SendQ: 128})}, "passed [5]"},
		{"backlog of S1 is 128", 0, []any{sampled("S1", Metrics{SendQ: 128})}, "passed [5]"},
		{"backlog of C1 is 128", 0, []any{sampled("C1", Metrics{SendQ: 128}), moves("C1", "ESTABLISHED")}, "failed: The kernel tells no backlog of C1."},
		{"send queue of C1 is 0", blind, nil, "not_observed: " + statesUnseen},
		{"timer of C1 is retransmit", 0, []any{moves("C1", "ESTABLISHED"), sampled("C1", Metrics{Timer: &Timer{Kind: "retransmit"}})}, "passed [6]"},
		{"timer of C1 is none", 0, []any{moves("C1", "ESTABLISHED"), sampled("C1", Metrics{})}, "passed [6]"},
		{"retransmits of C1 is at least 2", 0, []any{moves("C1", "ESTABLISHED"), sampled("C1", Metrics{Timer: &Timer{Retransmits: 2}})}, "passed [6]"},
		{"timer expiry of C1 is at least 59s", 0, []any{moves("C1", "TIME_WAIT"), sampled("C1", Metrics{Timer: &Timer{ExpiresMS: 60_000}}), later{2 * time.Second}},
			"failed: The timer expiry of C1 is 53s."},
		{"rtt of C1 is at most 10ms", 0, []any{moves("C1", "ESTABLISHED"), sampled("C1", Metrics{Info: &TCPInfo{RTTUS: 9000}})}, "passed [6]"},
		{"mss of C1 is 1448", 0, []any{moves("C1", "ESTABLISHED"), sampled("C1", Metrics{Info: &TCPInfo{MSS: 1448}})}, "passed [6]"},
		{"family of C1 is tcp4", 0, []any{at("C1", SourceCall, &AddressAssigned{Family: "tcp4"})}, "passed []"},
		{"local port of C1 is 5000", 0, nil, "passed []"},
		{"remote port of C1 is 1", 0, nil, "failed: The remote port of C1 is 8330."},
		{"bytes written by C1 is 5", 0, []any{callReturned("C1", "Write", "5, nil", &CallReturned{N: 5})}, "passed []"},
		{"option NoDelay of C1 is true", 0, []any{at("C1", SourceCall, &OptionsRead{Options: Options{"NoDelay": true}})}, "passed []"},
		{"option TTL of C1 is 3", 0, nil, "failed: The kernel tells no option TTL of C1."},
		{"kernel socket of C1 is no", 0, []any{moves("C1", "(CLOSED unknown)")}, "passed [5]"},
		{"kernel socket of C1 is yes", 0, []any{moves("C1", "FIN_WAIT_2")}, "passed [5]"},
	} {
		t.Run(fmt.Sprintf("%s %d", c.check, len(c.events)), func(t *testing.T) {
			trial := &trial{t: t, text: c.check, w: newDemoWitness(NewSnapshot(), networkMachine, c.unable&deaf == 0, c.unable&blind == 0)}
			trial.w.listening("S2", 99)
			got := trial.run(append(append(conn(), step{}), c.events...))
			said := got.verdict
			if got.verdict == VerdictPassed {
				said += fmt.Sprint(" ", got.facts)
			} else if got.detail != "" {
				said += ": " + got.detail
			}
			if said != c.want {
				t.Errorf("%s: got %s, want %s", c.check, said, c.want)
			}
		})
	}
}

// TestDemoChecksKnowEveryFact: whatever package demo can parse has a judge.
func TestDemoChecksKnowEveryFact(t *testing.T) {
	w := newDemoWitness(NewSnapshot(), networkMachine, true, true)
	for _, f := range []demo.Fact{&demo.Is{}, &demo.Reaches{}, &demo.Never{}, &demo.Stays{}, &demo.Returns{}, &demo.Takes{}, &demo.Waiting{},
		&demo.Segments{}, &demo.Count{}, &demo.Quantity{}, &demo.Peer{}} {
		if newDemoJudge(w, &demo.Check{Fact: f}).asking == nil {
			t.Errorf("%T has no judge", f)
		}
	}
	if got, want := strings.Join(demo.States, " "), strings.Trim(fmt.Sprint(allStates), "[]"); got != want {
		t.Errorf("package demo knows the states %s, the engine %s", got, want)
	}
}

// TestDemoSegmentsBeforeSockets: the SYN of a connection that is not known yet counts as soon as it is.
func TestDemoSegmentsBeforeSockets(t *testing.T) {
	for _, name := range []string{"C1", "S1.1"} {
		c := &trial{t: t, text: name + " segments are SYN, then SYN+ACK", w: newDemoWitness(NewSnapshot(), networkMachine, true, true)}
		got := c.run([]any{
			step{}, socketOpened("S1", KindListener, "127.0.0.1:8330", ""), socketOpened("C1", KindConn, "", "127.0.0.1:8330"),
			crossing("", "", "127.0.0.1:5000", "127.0.0.1:8330", []string{"SYN"}),
			crossing("", "", "127.0.0.1:5999", "127.0.0.1:8330", []string{"SYN"}),
			socketOpened("S1.1", KindConn, "127.0.0.1:8330", "127.0.0.1:5000"),
			at("C1", SourceCall, &AddressAssigned{Local: "127.0.0.1:5000", Remote: "127.0.0.1:8330"}),
			to("SYN, ACK"),
		})
		if got.verdict != VerdictPassed {
			t.Errorf("%s: got %+v, want passed", name, got)
		}
	}
	c := &trial{t: t, text: "C1 segments contain SYN, then RST", w: newDemoWitness(NewSnapshot(), networkMachine, true, true)}
	got := c.run([]any{step{}, socketOpened("C1", KindConn, "", "127.0.0.1:1"), crossing("", "", "127.0.0.1:5000", "127.0.0.1:1", []string{"SYN"})})
	if got.verdict != VerdictNotObserved || !strings.Contains(got.detail, "its port was never seen") {
		t.Errorf("a socket whose port nobody knows: got %+v, want not_observed", got)
	}
}

// TestDemoChecksStayBounded: however much crosses, a check keeps a few numbers.
func TestDemoChecksStayBounded(t *testing.T) {
	w := newDemoWitness(NewSnapshot(), networkMachine, true, true)
	var judges []*demoJudge
	for _, text := range []string{"C1 segments contain RST", "no data of C9 so far", "S9.1 segments are SYN", "C1 write returns EPIPE", "exactly 3 calls of C1"} {
		check, err := demo.ParseCheck(text)
		if err != nil {
			t.Fatal(err)
		}
		judges = append(judges, newDemoJudge(w, check))
	}
	for i := range 100_000 {
		var e Event = &SegmentSent{Network: networkMachine, Src: "127.0.0.1:1", Dst: "127.0.0.1:2", Flags: "ACK", Segment: uint64(i)}
		if i%2 == 0 {
			e = at("C1", SourceCall, &CallReturned{Op: "Write", Call: uint64(i)})
		}
		e.header().Seq = uint64(i)
		w.observe(e)
		for _, j := range judges {
			j.observe(w, e)
		}
	}
	for _, j := range judges {
		switch a := j.asking.(type) {
		case *segmentsAsking:
			if len(a.of.waiting) > maxWaiting || len(a.seen) > maxThrough {
				t.Errorf("%s keeps %d segments and %d words", j.check.Source, len(a.of.waiting), len(a.seen))
			}
		case *countAsking:
			if len(a.of.waiting) > maxWaiting || len(a.facts) > maxFacts {
				t.Errorf("%s keeps %d segments and %d facts", j.check.Source, len(a.of.waiting), len(a.facts))
			}
		}
	}
}
