package web_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// pipes is a listener whose connections are net.Pipes, for tests in synctest's own time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

// dial opens a WebSocket through a pipe: nothing is buffered, so a client that does not read blocks the server at once.
func (p *pipes) dial(t *testing.T) *client {
	t.Helper()
	near, far := net.Pipe()
	p.conns <- far
	d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	ws, _, err := d.Dial("ws://127.0.0.1:8080/ws", http.Header{"Origin": {"http://127.0.0.1:8080"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return &client{t: t, ws: ws, replies: map[int64]frame{}}
}

// TestTimes checks what happens when a browser is silent, in synctest's time.
func TestTimes(t *testing.T) {
	inBubble := func(name string, f func(t *testing.T, r *running, p *pipes)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPipes()
				// A capture waits in the kernel, and the bubble's time would wait with it.
				r := serveOn(t, p, "127.0.0.1:8080", func(c *playground.Config) { c.NoCapture = true })
				f(t, r, p)
				r.end()
			})
		})
	}
	ended := func(c *client) (time.Duration, error) { // reads without a deadline of its own, for it is the server's time that counts
		begun := time.Now()
		_ = c.ws.SetReadDeadline(time.Time{})
		for {
			if _, _, err := c.ws.ReadMessage(); err != nil {
				return time.Since(begun), err
			}
		}
	}

	inBubble("no hello", func(t *testing.T, _ *running, p *pipes) {
		took, err := ended(p.dial(t))
		if took != 10*time.Second || closeCode(err) != codeProtocol {
			t.Errorf("ended after %v with %v, want 10 s and %d", took, err, codeProtocol)
		}
	})
	inBubble("no pong", func(t *testing.T, r *running, p *pipes) {
		c := p.dial(t)
		c.hello("")
		c.ws.SetPingHandler(func(string) error { return nil })
		if took, err := ended(c); took != time.Minute {
			t.Errorf("ended after %v with %v, want a minute", took, err)
		}
		if n := r.sessions.Sessions(); n != 1 {
			t.Errorf("%d sessions, want that of the silent viewer to wait for it", n)
		}
		<-time.After(time.Minute) // synctest's: the session's Linger
		synctest.Wait()
		if n := r.sessions.Sessions(); n != 0 {
			t.Errorf("%d sessions a minute after their last viewer", n)
		}
	})
	inBubble("pongs keep it", func(t *testing.T, _ *running, p *pipes) {
		c := p.dial(t)
		c.hello("")
		_ = c.ws.SetReadDeadline(time.Now().Add(10 * time.Minute))
		_, _, err := c.ws.ReadMessage() // answers the pings on the way
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("after ten quiet minutes: %v, want the connection to be there", err)
		}
	})
	inBubble("takes nothing", func(t *testing.T, r *running, p *pipes) {
		c, other := p.dial(t), p.dial(t)
		c.hello("")
		other.hello(c.key)
		begun := time.Now()
		other.listen("manual") // events for both; c takes none of them
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for range tick.C { // the server reads what c sends for as long as it keeps c
			if c.ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Hour)) != nil {
				break
			}
		}
		if took := time.Since(begun); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("a viewer that took nothing was kept for %v, want 5 s", took)
		}
		other.ok("remove", map[string]any{"all_closed": true})
	})
}
