package main

import (
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// bridge is one of the things that are compared: a way from a WebSocket to the echo server and back.
type bridge interface {
	name() string
	server() *process
	// stream sends total bytes through one connection, in chunks, and returns when all have come back;
	// unwatched: when all have arrived at the echo server, and the answers are not sent to the browser.
	stream(total int64, watched bool) (time.Duration, error)
	// pingPong makes n round trips of 64 bytes on one connection.
	pingPong(n int) ([]time.Duration, error)
	// many makes round trips of 64 bytes on all of conns connections for a while, and counts them.
	many(conns int, d time.Duration) (roundTrips int64, err error)
	// open opens connections, and returns how many are open in the end.
	open(conns int) (opened int, leave func(), err error)
}

const (
	// window is how many chunks are on their way. The playground keeps 16 unwritten frames of a socket, and a chunk
	// may be back before its Write has returned.
	window   = 15
	pingSize = 64

	// bufferSize lets our client send a chunk in one piece, as a browser does; with less, gorilla fragments it.
	bufferSize = chunk + 1<<10
)

// receive reads one frame and says how long it was.
func receive(ws *websocket.Conn, sink []byte) (int, error) {
	_, r, err := ws.NextReader()
	if err != nil {
		return 0, err
	}
	total := 0
	for {
		n, err := r.Read(sink)
		total += n
		if err != nil {
			return total, nil // io.EOF, or the next NextReader says what else
		}
	}
}

// flood sends total bytes with at most a window on the way. receive says how many came, each time.
func flood(total int64, send func([]byte) error, frame []byte, receive func([]byte) (int, error)) (time.Duration, error) {
	if frame == nil {
		frame = make([]byte, chunk)
		for i := range frame {
			frame[i] = byte(i * 7)
		}
	}
	slots := make(chan struct{}, window)
	failed := make(chan error, 1)
	sent := make(chan struct{})
	began := time.Now()
	var stopped atomic.Bool
	go func() { // ends with the last chunk, or when the connection is closed
		defer close(sent)
		for range total / chunk {
			slots <- struct{}{}
			if stopped.Load() {
				return
			}
			if err := send(frame); err != nil {
				failed <- err
				return
			}
		}
	}()
	sink := make([]byte, chunk+512)
	var got, freed int64
	for got < total/chunk*chunk {
		n, err := receive(sink)
		if err != nil {
			stopped.Store(true)
			select {
			case <-slots:
			default:
			}
			select {
			case err = <-failed:
			default:
			}
			return 0, err
		}
		for got += int64(n); freed < got/chunk; freed++ {
			<-slots
		}
	}
	took := time.Since(began)
	<-sent // what arrived may have arrived before send returned, and the connection is the caller's again
	return took, nil
}
