package main

import (
	"net"
	"sync/atomic"
	"time"
)

// chunk is the unit of a stream: a frame of the browser, a Read and a Write of the echo server.
const chunk = 64 << 10

// echo is the plain TCP server at the far end of every path.
type echo struct {
	net.Listener
	received atomic.Int64
	conns    atomic.Int64  // accepted so far
	open     atomic.Int64  // of these, not closed yet
	took     chan struct{} // holds a token when received has grown
}

func listenEcho() (*echo, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e := &echo{Listener: l, took: make(chan struct{}, 1)}
	go e.serve() // ends with Close
	return e, nil
}

func (e *echo) serve() {
	for {
		c, err := e.Accept()
		if err != nil {
			return
		}
		e.conns.Add(1)
		e.open.Add(1)
		go e.answer(c) // ends with the connection
	}
}

// rest waits until no connection is open.
func (e *echo) rest() bool {
	for end := time.Now().Add(10 * time.Second); e.open.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// answer reads and writes by itself: io.Copy would splice(2), and be no plain server any more.
func (e *echo) answer(c net.Conn) {
	defer e.open.Add(-1)
	defer c.Close()
	buf := make([]byte, 4<<10) // grows with what comes, so that thousands of idle connections cost little
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		e.received.Add(int64(n))
		select {
		case e.took <- struct{}{}:
		default:
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return
		}
		if n == len(buf) && n < chunk {
			buf = make([]byte, chunk)
		}
	}
}
