package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// The traffic of row 10. The playground itself summarises calls long before there are so many events, so this is a
// server of our own, which speaks just enough of the protocol.
const (
	trafficRate  = 20_000 // events a second
	eventNS      = int64(time.Second / trafficRate)
	trafficFrame = 16 * time.Millisecond
	historyFrame = 1000 // events in a frame while the viewer catches up
)

// trafficHello has no session before it; one connection between C1 and S1.1 is open.
const (
	trafficHello = `{"type":"hello","version":1,"session":"0123456789abcdef0123456789abcdef","started_at":%q,` +
		`"now_ns":%d,"capabilities":{"states":{"available":true}}}`
	trafficSnapshot = `{"type":"snapshot","snapshot":{"seq":0,"at_ns":0,"calls":[],"transfers":[],"sockets":[
{"socket":"S1","kind":"listener","host":"server","network":"machine","family":"tcp4","local":"127.0.0.1:8330","descriptor":"open",
 "state":"LISTEN","state_source":"sock_diag","state_since_ns":0,"opened_ns":0,"behavior":"echo","backlog":4096,"wrote":0,"read":0,"write_calls":0,"read_calls":0},
{"socket":"C1","kind":"conn","host":"client","network":"machine","family":"tcp4","local":"127.0.0.1:40000","remote":"127.0.0.1:8330","peer":"S1.1","descriptor":"open",
 "state":"ESTABLISHED","state_source":"sock_diag","state_since_ns":0,"opened_ns":0,"read_mode":"auto","wrote":0,"read":0,"write_calls":0,"read_calls":0},
{"socket":"S1.1","kind":"conn","host":"server","network":"machine","family":"tcp4","local":"127.0.0.1:8330","remote":"127.0.0.1:40000","listener":"S1","accepted":true,"peer":"C1","descriptor":"open",
 "state":"ESTABLISHED","state_source":"sock_diag","state_since_ns":0,"opened_ns":0,"read_mode":"auto","wrote":0,"read":0,"write_calls":0,"read_calls":0}]}}`
)

// traffic serves one viewer: a history, and after start 20,000 events a second.
type traffic struct {
	ctx     context.Context
	history int
	began   chan time.Time // when the first live event is due
	stopped chan error     // why the viewer got no more, unless ctx ended
	once    sync.Once
}

func newTraffic(ctx context.Context, history int) *traffic {
	return &traffic{ctx: ctx, history: history, began: make(chan time.Time, 1), stopped: make(chan error, 1)}
}

// start begins the live events and says when. Event number history+n is due n/20,000 s later.
func (t *traffic) start() time.Time {
	now := time.Now()
	t.began <- now
	return now
}

func (t *traffic) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := errors.New("the page lost its connection and came back")
	t.once.Do(func() { err = t.serve(w, r) })
	if t.ctx.Err() == nil {
		select {
		case t.stopped <- err:
		default:
		}
	}
}

func (t *traffic) serve(w http.ResponseWriter, r *http.Request) error {
	upgrader := websocket.Upgrader{WriteBufferSize: 64 << 10}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return err
	}
	defer ws.Close()
	if _, _, err := ws.ReadMessage(); err != nil { // the hello
		return err
	}
	go func() { // ends with the connection; what the page asks for is of no interest
		for {
			if _, _, err := ws.NextReader(); err != nil {
				return
			}
		}
	}()
	send := func(b []byte) error { return ws.WriteMessage(websocket.TextMessage, b) }

	// The history ends now, at the rate of what follows.
	now := int64(t.history) * eventNS
	zero := time.Now().Add(-time.Duration(now))
	if err := send(fmt.Appendf(nil, trafficHello, zero.Format(time.RFC3339Nano), now)); err != nil {
		return err
	}
	if err := send([]byte(trafficSnapshot)); err != nil {
		return err
	}
	var frame []byte
	for seq := 1; seq <= t.history; seq += historyFrame {
		end := min(seq+historyFrame-1, t.history)
		if frame = appendFrame(frame[:0], seq, end, 0, end == t.history); send(frame) != nil {
			return errors.New("the page did not take the history")
		}
	}

	var began time.Time
	select {
	case began = <-t.began:
	case <-t.ctx.Done():
		return nil
	}
	pause := int64(began.Sub(zero)) - now // between the history and what is live
	ticker := time.NewTicker(trafficFrame)
	defer ticker.Stop()
	for last := t.history; ; {
		select {
		case <-ticker.C:
		case <-t.ctx.Done():
			return nil
		}
		// All that is due, so that a late frame makes the next one longer and the rate stays what it is.
		if due := t.history + int(int64(time.Since(began))/eventNS); due > last {
			if err := send(appendFrame(frame[:0], last+1, due, pause, true)); err != nil {
				return err
			}
			last = due
		}
	}
}

// appendFrame appends the events from first to last as one frame.
func appendFrame(b []byte, first, last int, pauseNS int64, caughtUp bool) []byte {
	b = append(b, `{"type":"events","events":[`...)
	for seq := first; seq <= last; seq++ {
		if seq > first {
			b = append(b, ',')
		}
		b = playground.AppendEvent(b, trafficEvent(uint64(seq), int64(seq)*eventNS+pauseNS))
	}
	return fmt.Appendf(b, `],"caught_up":%t}`, caughtUp)
}

var trafficData = []byte("The quick brown fox jumps over a") // 32 bytes

// trafficEvent is an event of the mix: of twenty, fourteen calls that returned, four summaries and two samples. A
// sample carries its number as recv_q, so that what netstat shows says how old it is.
func trafficEvent(seq uint64, at int64) playground.Event {
	socket, op := "C1", "Write"
	if seq%2 == 0 {
		socket, op = "S1.1", "Read"
	}
	h := playground.Header{Seq: seq, AtNS: at, Socket: socket}
	n := int64(len(trafficData))
	switch seq % 20 {
	case 3, 8, 13, 18:
		return &playground.CallsSummarised{Header: h, Op: op, By: "user", Calls: 10, Bytes: 10 * n, FirstNS: at - 10*eventNS, LastNS: at, Data: trafficData}
	case 5, 10:
		h.Source = playground.SourceSockDiag
		return &playground.MetricsSampled{Header: h, Metrics: playground.Metrics{RecvQ: int64(seq), RcvBuf: 131072, SndBuf: 2626560,
			Congestion: "cubic", Info: &playground.TCPInfo{RTTUS: 30 + at%40, RTTVarUS: 12, RTOUS: 200_000, Cwnd: 10, MSS: 32768, PMTU: 65535,
				SndWnd: 65536, RcvWnd: 65536, BytesSent: n * int64(seq), BytesAcked: n * int64(seq), SegsOut: int64(seq), SegsIn: int64(seq)}}}
	}
	h.Source = playground.SourceCall
	return &playground.CallReturned{Header: h, Call: seq, Op: op, By: "user", Args: "32 bytes", StartedNS: at - eventNS/2, ReturnedNS: at,
		Result: "32, nil", N: n, Bytes: n, Data: trafficData}
}
