package web

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"
)

// deadlineStep is how much later a deadline must be than the one that is set to be worth setting: a viewer that takes
// nothing is given up so much earlier than writeTimeout says, at most.
const deadlineStep = time.Second

// patientConn is a viewer's connection, on which each frame sets a deadline. To set one stops a timer and starts
// another, for more than it costs to hand a small frame over; so those a little later than the one before are left out.
type patientConn struct {
	*net.TCPConn

	mu  sync.Mutex
	set time.Time // the deadline of writes
}

func (c *patientConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if later := t.Sub(c.set); !t.IsZero() && !c.set.IsZero() && later >= 0 && later < deadlineStep && time.Until(c.set) >= deadlineStep {
		return nil
	}
	c.set = t
	return c.TCPConn.SetWriteDeadline(t)
}

func (c *patientConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set = t
	return c.TCPConn.SetDeadline(t)
}

// patient has the connection of a request become a patientConn when it is taken over.
type patient struct{ http.ResponseWriter }

func (p patient) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(p.ResponseWriter).Hijack()
	if tcp, ok := conn.(*net.TCPConn); ok && err == nil {
		conn = &patientConn{TCPConn: tcp}
	}
	return conn, buffers, err
}

// plain is the connection as http.Server knows it.
func plain(conn net.Conn) net.Conn {
	if p, ok := conn.(*patientConn); ok {
		return p.TCPConn
	}
	return conn
}
