package playground_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"socketplayground/playground"
)

// netstatModule has the page's own netstat tab write a snapshot's rows, a field a column, the socket's host first.
const netstatModule = `
import { readFileSync } from 'node:fs';
import { fromJson } from '../static/js/reduce.js';
import { netstatRow } from '../static/js/views/netstat-model.js';
const { sockets, at_ns } = fromJson(JSON.parse(readFileSync(0, 'utf8')));
for (const socket of sockets.values()) {
  if (socket.state === 'CLOSED') continue;
  const { host, cells: c } = netstatRow(socket, at_ns);
  console.log([host, c.proto, c.recvQ, c.sendQ, c.local, c.foreign, c.state, c.timer, c.time, c.retransmits, c.probes].join(' '));
}`

// netstatLine is a row of netstat -nato but for the timer's numbers.
type netstatLine struct{ host, proto, recvQ, sendQ, local, foreign, state, timer string }

// netstatTimer are a timer's numbers: seconds, timeouts, probes.
type netstatTimer struct {
	left                float64
	retransmits, probes int
}

// tab is what the netstat tab shows.
func (s *session) tab() (map[netstatLine]netstatTimer, error) {
	b, err := json.Marshal(s.Log().Now())
	if err != nil {
		return nil, err
	}
	node := exec.Command("node", "--input-type=module", "-e", netstatModule)
	node.Stdin = bytes.NewReader(b)
	out, err := node.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	rows := map[netstatLine]netstatTimer{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if err := addNetstat(rows, f[0], f[1:8], f[8:]); err != nil {
			return nil, fmt.Errorf("%w in %q", err, line)
		}
	}
	return rows, nil
}

// netstat is what net-tools shows on both hosts: "tcp 0 0 192.0.2.1:5 192.0.2.2:8330 SYN_SENT on (0.69/1/0)".
func (s *session) netstat() (map[netstatLine]netstatTimer, error) {
	rows := map[netstatLine]netstatTimer{}
	for _, host := range []string{"client", "server"} {
		for line := range strings.Lines(s.output(host, "netstat", "-nato")) {
			f := strings.Fields(line)
			if !strings.HasPrefix(line, "tcp") {
				continue
			}
			if err := addNetstat(rows, host, f[:7], strings.Split(strings.Trim(f[7], "()"), "/")); err != nil {
				return nil, fmt.Errorf("%w in %q", err, line)
			}
		}
	}
	return rows, nil
}

func addNetstat(rows map[netstatLine]netstatTimer, host string, f, timer []string) error {
	left, err := strconv.ParseFloat(timer[0], 64)
	if err != nil {
		return err
	}
	retransmits, err := strconv.Atoi(timer[1])
	if err != nil {
		return err
	}
	probes, err := strconv.Atoi(timer[2])
	rows[netstatLine{host, f[0], f[1], f[2], f[3], f[4], f[5], f[6]}] = netstatTimer{left, retransmits, probes}
	return err
}

// agree holds the tab's rows against netstat's. Of a handshake, sock_diag counts each SYN, ACK that was sent again, and
// /proc/net/tcp, which netstat reads, those alone that its timer sent (inet_req_diag_fill, get_openreq4).
func agree(tab, netstat map[netstatLine]netstatTimer) error {
	for row, want := range netstat {
		got, ok := tab[row]
		switch {
		case !ok:
			return fmt.Errorf("the tab lacks %v; it has\n%v", row, slices.Collect(maps.Keys(tab)))
		case row.state == "SYN_RECV" && got.retransmits < want.retransmits, row.state != "SYN_RECV" && got.retransmits != want.retransmits, got.probes != want.probes:
			return fmt.Errorf("the tab has (%.2f/%d/%d), netstat (%.2f/%d/%d) of %v", got.left, got.retransmits, got.probes, want.left, want.retransmits, want.probes, row)
		case max(got.left, want.left)-min(got.left, want.left) > 1:
			return fmt.Errorf("the tab has %.2f s left, netstat %.2f of %v", got.left, want.left, row)
		}
	}
	if len(tab) != len(netstat) {
		return fmt.Errorf("the tab has %d rows, netstat %d", len(tab), len(netstat))
	}
	return nil
}

// TestNetstatInEveryState: every state with every timer it can have, and the tab shows what netstat shows.
func TestNetstatInEveryState(t *testing.T) {
	s := openLab(t)
	yes := true
	l := s.listenLab(playground.Listen{Options: options("KeepAlive", false)})
	full := s.listenLab(playground.Listen{Address: ":8331", Behavior: playground.BehaviorNeverAccept, Backlog: 1})
	dial := func(of string, keepAlive bool) string {
		return s.dial(playground.Dial{Address: of, ReadMode: playground.ReadManual, Options: options("KeepAlive", keepAlive)})
	}
	connect := func() (client, server string) { client = dial(l, false); return client, s.accept(l) }

	dial(full, true) // waits in the accept queue; keepalive at one end
	dial(full, false)
	unacknowledged, _ := connect()
	persist, _ := connect()
	s.fill(persist)
	s.socket(persist, "was told twice that the window is still closed", func(v *playground.SocketView) bool { return v.Metrics.Info.Backoff >= 2 })
	finWait1, _ := connect()
	orphan, _ := connect()
	timeWait, closes := connect()
	s.do(&playground.Close{Socket: timeWait})
	s.inState(closes, playground.StateCloseWait)
	s.do(&playground.Close{Socket: closes})
	s.inState(timeWait, playground.StateTimeWait)
	halfClosed, lastAck := connect()
	s.do(&playground.CloseWrite{Socket: halfClosed})
	s.inState(lastAck, playground.StateCloseWait)
	s.inState(halfClosed, playground.StateFinWait2)
	finWait2, _ := connect()
	s.do(&playground.Close{Socket: finWait2})
	s.inState(finWait2, playground.StateFinWait2)

	// Both FINs are on the wire before either arrives; of the ACKs that answer them none does.
	closing, other := connect()
	s.step(true)
	s.do(&playground.CloseWrite{Socket: closing})
	one := s.held(s.segment("client", "FIN, ACK", func(e *playground.SegmentSent) bool { return e.Socket == closing }))
	s.do(&playground.CloseWrite{Socket: other})
	two := s.held(s.segment("server", "FIN, ACK", func(e *playground.SegmentSent) bool { return e.Socket == other }))
	s.deliver(one)
	s.deliver(two)
	s.inState(closing, playground.StateClosing)
	s.do(&playground.SetWire{Cut: &yes})

	s.do(&playground.Write{Socket: unacknowledged, Data: "nobody hears this"})
	s.do(&playground.CloseWrite{Socket: finWait1})
	s.do(&playground.Write{Socket: orphan, Data: "nor this"})
	s.do(&playground.Close{Socket: orphan})
	s.do(&playground.CloseWrite{Socket: lastAck})
	s.inState(lastAck, playground.StateLastAck)
	synSent := s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:8330"}).Sockets[0]
	s.inState(synSent, playground.StateSynSent)

	theirs := s.agreesWithNetstat()
	seen := map[string]bool{}
	for row := range theirs {
		seen[row.state+" "+row.timer] = true
	}
	for _, want := range []string{"LISTEN off", "SYN_SENT on", "ESTABLISHED off", "ESTABLISHED keepalive", "ESTABLISHED on", "ESTABLISHED probe", "FIN_WAIT1 on",
		"FIN_WAIT2 off", "FIN_WAIT2 timewait", "LAST_ACK on", "CLOSING on", "TIME_WAIT timewait"} {
		if !seen[want] {
			t.Errorf("no row is %q; there are %v", want, slices.Sorted(maps.Keys(seen)))
		}
	}
}

// agreesWithNetstat waits until the tab and netstat agree, and gives what netstat shows.
func (s *session) agreesWithNetstat() (theirs map[netstatLine]netstatTimer) {
	s.t.Helper()
	eventually(s.t, "the tab and netstat agree", func() (err error) {
		if theirs, err = s.netstat(); err != nil {
			return err
		}
		ours, err := s.tab()
		if err != nil {
			return err
		}
		return agree(ours, theirs)
	})
	return theirs
}

// TestNetstatOfAHandshake: the SYN, ACK is lost, and the repeated SYN is answered too.
func TestNetstatOfAHandshake(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	s.rule(playground.AddRule{Flags: "SYN,ACK", Action: "drop"})
	c := s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:8330"}).Sockets[0]
	s.inState(c, playground.StateSynSent)
	server := s.socket(l+".1", "has sent its SYN, ACK again twice", func(v *playground.SocketView) bool {
		return v.State == playground.StateSynRcvd && v.Metrics != nil && v.Metrics.Timer != nil && v.Metrics.Timer.Retransmits >= 2
	})
	if got := server.Metrics.Timer.For; !slices.Equal(got, []string{playground.TimerForSYNACK}) {
		t.Errorf("the timer of SYN_RCVD is for %v", got)
	}
	s.agreesWithNetstat()
}
