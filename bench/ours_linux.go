package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

// ours is the playground, spoken to as a browser does.
type ours struct {
	proc *process
	echo *echo
}

func (o *ours) name() string     { return "playground" }
func (o *ours) server() *process { return o.proc }

// page opens a session with connections to the echo server.
func (o *ours) page(conns int, watched bool) (*page, []string, error) {
	p, err := connect(context.Background(), o.proc.addr, newSession)
	if err != nil {
		return nil, nil, err
	}
	names, err := p.dial(o.echo, conns)
	for i := 0; err == nil && watched && i < len(names); i++ {
		_, err = p.do(`"type":"watch_bytes","socket":%q,"on":true`, names[i])
	}
	if err != nil {
		p.Close()
		return nil, nil, err
	}
	return p, names, nil
}

// leave closes the sockets, and waits until they are: a session outlives its page, and one that still has a socket on the
// echo server's port would be given every segment of the measurements to come.
func (o *ours) leave(p *page, names []string) {
	defer p.Close()
	for _, n := range names {
		_ = p.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":1,"type":"reset","socket":%q}`, n))
	}
	if !o.echo.rest() {
		fmt.Fprintln(os.Stderr, "bench: sockets are left open, which slows down what comes")
	}
}

func (o *ours) stream(total int64, watched bool) (time.Duration, error) {
	p, names, err := o.page(1, watched)
	if err != nil {
		return 0, err
	}
	defer o.leave(p, names)
	send := func(b []byte) error { return p.WriteMessage(websocket.BinaryMessage, b) }
	receive := func(sink []byte) (int, error) {
		_, n, err := p.readFrame(sink)
		return n, err
	}
	if watched {
		return flood(total, send, writeFrame(names[0], chunk), receive)
	}
	go func() { // the log must be taken, or the viewer is too slow; ends with the connection
		sink := make([]byte, chunk+512)
		for {
			if _, _, err := p.readFrame(sink); err != nil {
				return
			}
		}
	}()
	last := o.echo.received.Load()
	return flood(total, send, writeFrame(names[0], chunk), func([]byte) (int, error) {
		select {
		case <-o.echo.took:
		case <-time.After(10 * time.Second):
			return 0, fmt.Errorf("nothing arrives at the echo server any more")
		}
		now := o.echo.received.Load()
		n := now - last
		last = now
		return int(n), nil
	})
}

func (o *ours) pingPong(n int) ([]time.Duration, error) {
	p, names, err := o.page(1, true)
	if err != nil {
		return nil, err
	}
	defer o.leave(p, names)
	times := make([]time.Duration, 0, n)
	ping, sink := writeFrame(names[0], pingSize), make([]byte, chunk)
	for range n {
		began := time.Now()
		if err := p.WriteMessage(websocket.BinaryMessage, ping); err != nil {
			return nil, err
		}
		for got := 0; got < pingSize; {
			_, m, err := p.readFrame(sink)
			if err != nil {
				return nil, err
			}
			got += m
		}
		times = append(times, time.Since(began))
	}
	return times, nil
}

// many drives all connections from one loop: they share the WebSocket.
func (o *ours) many(conns int, d time.Duration) (int64, error) {
	p, names, err := o.page(conns, true)
	if err != nil {
		return 0, err
	}
	defer o.leave(p, names)
	type state struct {
		ping []byte
		got  int
	}
	states := map[string]*state{}
	end := time.Now().Add(d)
	for _, n := range names {
		s := &state{ping: writeFrame(n, pingSize)}
		states[n] = s
		if err := p.WriteMessage(websocket.BinaryMessage, s.ping); err != nil {
			return 0, err
		}
	}
	var total int64
	sink := make([]byte, chunk)
	for waiting := conns; waiting > 0; {
		name, n, err := p.readFrame(sink)
		if err != nil {
			return 0, err
		}
		if name == nil {
			continue
		}
		s := states[string(name)]
		if s.got += n; s.got < pingSize {
			continue
		}
		s.got = 0
		total++
		if time.Now().After(end) {
			waiting--
			continue
		}
		if err := p.WriteMessage(websocket.BinaryMessage, s.ping); err != nil {
			return 0, err
		}
	}
	return total, nil
}

func (o *ours) open(conns int) (int, func(), error) {
	p, names, err := o.page(conns, false)
	if err != nil {
		return 0, func() {}, err
	}
	return len(names), func() { p.Close() }, nil
}
