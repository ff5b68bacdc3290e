package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// eventRate is row 6. The events are real ones: connections that open and close as fast as they can.
func eventRate(b *bench) error {
	e, err := listenEcho()
	if err != nil {
		return err
	}
	defer e.Close()
	o, err := b.startOurs(e)
	if err != nil {
		return err
	}
	defer o.server().stop()

	p, err := connect(b.ctx, o.server().addr, newSession)
	if err != nil {
		return err
	}
	defer p.Close()
	live, err := p.storm()
	if err != nil {
		return err
	}
	b.add("6", "frames a second while events come fast", "≤ 80", judge(live.frameRate() <= 80), "%.0f frames a second at %.0f events a second", live.frameRate(), live.rate())
	b.add("6", "every loss counted", "no gap in seq", judge(live.gaps == 0), "%d events, %d gaps", live.events, live.gaps)

	// The sockets go, so that nothing but the log is left to do.
	if _, err := p.do(`"type":"remove","all_closed":true`); err != nil {
		return err
	}
	// Saturation: a viewer that comes back to the whole log, against M sending the same events one a frame.
	lines := filepath.Join(b.dir, "events")
	if err := os.WriteFile(lines, bytes.Join(live.raw, []byte{'\n'}), 0o600); err != nil {
		return err
	}
	m, err := start(b.ctx, filepath.Join(b.dir, "yardstick"), "-events", lines)
	if err != nil {
		return err
	}
	defer m.stop()
	rate := series{}
	for range b.reps {
		began := time.Now()
		again, err := connect(b.ctx, o.server().addr, fmt.Sprintf(`{"type":"hello","version":1,"session":%q,"since":0}`, live.session))
		if err != nil {
			return err
		}
		d, err := count(again.Conn, live.events, began)
		again.Close()
		if err != nil {
			return fmt.Errorf("playground: %w", err)
		}
		rate.add(ourName, float64(live.events)/d.Seconds())
		began = time.Now()
		ws, _, err := websocket.DefaultDialer.DialContext(b.ctx, "ws://"+m.addr+"/events", nil)
		if err != nil {
			return err
		}
		d, err = count(ws, live.events, began)
		ws.Close()
		if err != nil {
			return fmt.Errorf("one event a frame: %w", err)
		}
		rate.add(yardstickName, float64(live.events)/d.Seconds())
	}
	r := rate.ratio(ourName, yardstickName)
	b.add("6", "events to one viewer at saturation", "≥ 8 × a frame an event", judge(r >= 8), "%.1f × (%.0f and %.0f a second)", r, rate.median(ourName), rate.median(yardstickName))
	return nil
}

// stormed is what a viewer saw of a storm.
type stormed struct {
	session string
	raw     [][]byte
	events  int
	frames  int
	gaps    int
	took    time.Duration // from the first events frame to the last
}

func (s stormed) rate() float64      { return float64(s.events) / s.took.Seconds() }
func (s stormed) frameRate() float64 { return float64(s.frames) / s.took.Seconds() }

// storm opens thousands of connections to a listener that resets them, and takes every event.
func (p *page) storm() (s stormed, err error) {
	const conns = 4000
	if err := p.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"type":"listen","address":"127.0.0.1:0","behavior":"reset"}`)); err != nil {
		return s, err
	}
	var began, ended time.Time // of the storm
	var seq uint64
	for closed := 0; closed < conns; {
		_ = p.SetReadDeadline(time.Now().Add(30 * time.Second))
		_, b, err := p.ReadMessage()
		if err != nil {
			return s, err
		}
		var f struct {
			Type, Session, Message string
			Events                 []json.RawMessage
		}
		if err := json.Unmarshal(b, &f); err != nil {
			return s, err
		}
		switch f.Type {
		case "hello":
			s.session = f.Session
		case "error":
			return s, fmt.Errorf("refused: %s", f.Message)
		case "events":
			ended = time.Now()
			s.frames++
		}
		for _, raw := range f.Events {
			var e event
			if err := json.Unmarshal(raw, &e); err != nil {
				return s, err
			}
			if e.Seq != seq+1 {
				s.gaps++
			}
			seq = e.Seq
			s.raw = append(s.raw, raw)
			switch {
			case e.Type == "state_changed" && e.To == "LISTEN":
				dial := fmt.Appendf(nil, `{"id":2,"type":"dial","address":"S1","count":%d}`, conns)
				if err := p.WriteMessage(websocket.TextMessage, dial); err != nil {
					return s, err
				}
				began, s.frames = time.Now(), 0
			case e.Type == "call_returned" && e.Op == "Dial":
				closed++
			}
		}
	}
	s.events, s.took = len(s.raw), ended.Sub(began)
	return s, nil
}

// count takes frames until that many events have come, without looking closer than it must.
func count(ws *websocket.Conn, events int, began time.Time) (time.Duration, error) {
	_ = ws.SetReadDeadline(time.Now().Add(60 * time.Second))
	sink := make([]byte, 2<<20)
	for seen := 0; seen < events; {
		_, r, err := ws.NextReader()
		if err != nil {
			return 0, err
		}
		size := 0
		for err == nil {
			var n int
			n, err = r.Read(sink[size:])
			size += n
		}
		b := sink[:size]
		n := bytes.Count(b, []byte(`"seq":`))
		if bytes.HasPrefix(b, []byte(`{"type":"hello"`)) || bytes.HasPrefix(b, []byte(`{"type":"snapshot"`)) {
			n = 0
		}
		seen += n
	}
	return time.Since(began), nil
}

// sample is an event of the usual size.
func sample() *playground.CallReturned {
	return &playground.CallReturned{
		Header: playground.Header{Seq: 123456, AtNS: 98765432101, Type: "call_returned", Socket: "S1.17", Source: playground.SourceCall},
		Call:   4711, Op: "Read", By: "user", StartedNS: 98765400000, ReturnedNS: 98765432000, Result: "14, nil", N: 14, Bytes: 14, Data: []byte("hello, world!\n"),
	}
}

// encoding is row 9.
func encoding(b *bench) error {
	cost := series{}
	var allocs int64
	e := sample()
	for range b.reps {
		runtime.GC()
		hand := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 4<<10)
			for b.Loop() {
				buf = playground.AppendEvent(buf[:0], e)
			}
		})
		std := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				if _, err := json.Marshal(e); err != nil {
					b.Fatal(err)
				}
			}
		})
		allocs = max(allocs, hand.AllocsPerOp())
		cost.add(ourName, float64(hand.NsPerOp()))
		cost.add("encoding/json", float64(std.NsPerOp()))
	}
	r := cost.ratio(ourName, "encoding/json")
	b.add("9", "encoding an event", "≤ 0.45 × encoding/json, 0 allocs", judge(r <= 0.45 && allocs == 0), "%.2f × (%.0f and %.0f ns), %d allocs", r, cost.median(ourName), cost.median("encoding/json"), allocs)
	return nil
}
