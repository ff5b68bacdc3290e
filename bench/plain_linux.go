package main

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// plain is a bridge that knows nothing but bytes: M, and websockify.
type plain struct {
	label string
	proc  *process
	echo  *echo
}

func (b *plain) name() string     { return b.label }
func (b *plain) server() *process { return b.proc }

func (b *plain) dial() (*websocket.Conn, error) {
	d := websocket.Dialer{ReadBufferSize: bufferSize, WriteBufferSize: bufferSize, Subprotocols: []string{"binary"}, HandshakeTimeout: 10 * time.Second}
	ws, _, err := d.Dial("ws://"+b.proc.addr+"/", nil)
	return ws, err
}

func (b *plain) stream(total int64, _ bool) (time.Duration, error) {
	ws, err := b.dial()
	if err != nil {
		return 0, err
	}
	defer ws.Close()
	return flood(total, func(p []byte) error { return ws.WriteMessage(websocket.BinaryMessage, p) }, nil,
		func(sink []byte) (int, error) { return receive(ws, sink) })
}

func (b *plain) pingPong(n int) ([]time.Duration, error) {
	ws, err := b.dial()
	if err != nil {
		return nil, err
	}
	defer ws.Close()
	times := make([]time.Duration, 0, n)
	ping, sink := make([]byte, pingSize), make([]byte, chunk)
	for range n {
		began := time.Now()
		if err := ws.WriteMessage(websocket.BinaryMessage, ping); err != nil {
			return nil, err
		}
		for got := 0; got < pingSize; {
			m, err := receive(ws, sink)
			if err != nil {
				return nil, err
			}
			got += m
		}
		times = append(times, time.Since(began))
	}
	return times, nil
}

func (b *plain) many(conns int, d time.Duration) (int64, error) {
	var total atomic.Int64
	var wg sync.WaitGroup
	failed := make(chan error, conns)
	all, leave, err := b.dialAll(conns)
	defer leave()
	if err != nil {
		return 0, err
	}
	end := time.Now().Add(d)
	for _, ws := range all {
		wg.Go(func() {
			ping, sink := make([]byte, pingSize), make([]byte, 1<<10)
			for time.Now().Before(end) {
				if err := ws.WriteMessage(websocket.BinaryMessage, ping); err != nil {
					failed <- err
					return
				}
				for got := 0; got < pingSize; {
					n, err := receive(ws, sink)
					if err != nil {
						failed <- err
						return
					}
					got += n
				}
				total.Add(1)
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return total.Load(), nil
	}
}

func (b *plain) dialAll(conns int) (all []*websocket.Conn, leave func(), err error) {
	leave = func() {
		for _, ws := range all {
			ws.Close()
		}
	}
	for range conns {
		ws, err := b.dial()
		if err != nil {
			return all, leave, err
		}
		all = append(all, ws)
	}
	return all, leave, nil
}

// open counts the connections that answer a ping; a bridge may accept more than it can bridge.
func (b *plain) open(conns int) (opened int, leave func(), err error) {
	all, leave, err := b.dialAll(conns)
	sink := make([]byte, 1<<10)
	for _, ws := range all {
		_ = ws.SetReadDeadline(time.Now().Add(5 * time.Second))
		if ws.WriteMessage(websocket.BinaryMessage, []byte("x")) != nil {
			break
		}
		if _, err := receive(ws, sink); err != nil {
			break
		}
		opened++
	}
	if opened > 0 {
		err = nil
	}
	return opened, leave, err
}
