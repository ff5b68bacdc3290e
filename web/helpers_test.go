package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
	"socketplayground/web"
)

// patience is how long a test waits for a fact; a machine under load gets it, a healthy one never needs it.
const patience = 30 * time.Second

// site is a small page to serve.
var site = fstest.MapFS{
	"index.html":    {Data: []byte(`<!doctype html><html lang="en"><title>page</title><script src="static/js/main.js"></script>`)},
	"favicon.svg":   {Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
	"js/main.js":    {Data: []byte("export {}\n")},
	"css/style.css": {Data: []byte("body {}\n")},
}

// running is a server on a loopback port, as main wires it.
type running struct {
	t        *testing.T
	addr     string // host:port
	server   *web.Server
	sessions *playground.Manager
	http     *http.Server
	end      func()
}

// serve starts a server; it is ended, and must end whole, with the test.
func serve(t *testing.T, change ...func(*playground.Config)) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, l.Addr().String(), change...)
}

func serveOn(t *testing.T, l net.Listener, addr string, change ...func(*playground.Config)) *running {
	t.Helper()
	return serveWith(t, l, addr, func(*web.Config) {}, change...)
}

// code is the secret of every test's server.
const code = "0123456789abcdef0123456789abcdef"

// ours takes every client on loopback for a program of the user's own.
func ours(_, _ netip.AddrPort) bool { return true }

// serveWith serves with another configuration of the server, too.
func serveWith(t *testing.T, l net.Listener, addr string, configure func(*web.Config), change ...func(*playground.Config)) *running {
	t.Helper()
	if addr == "" {
		addr = l.Addr().String()
	}
	r := &running{t: t, addr: addr}
	cfg := playground.Config{Network: playground.NewMachine(playground.Policy{}), Descriptors: 4000}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if r.sessions, err = playground.NewManager(cfg); err != nil {
		t.Fatal(err)
	}
	webCfg := web.Config{Sessions: r.sessions, Static: site, Door: web.Door{Code: code, Ours: ours}, Version: "test"}
	configure(&webCfg)
	if r.server, err = web.New(webCfg); err != nil {
		t.Fatal(err)
	}
	r.http = &http.Server{Handler: r.server, ConnState: r.server.ConnState, ConnContext: r.server.ConnContext, ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- r.http.Serve(l) }()
	ended := false
	r.end = func() {
		if ended {
			return
		}
		ended = true
		r.server.Stop()
		r.sessions.Close()
		r.server.Wait()
		r.http.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve returned %v", err)
		}
	}
	t.Cleanup(r.end)
	return r
}

// frame is what came over a WebSocket.
type frame struct {
	Type     string `json:"type"`
	ID       *int64 `json:"id"`
	Code     string
	Field    string
	Message  string
	Session  string
	Sockets  []string
	Calls    []uint64
	N        int
	Events   []json.RawMessage
	CaughtUp bool `json:"caught_up"`
	Snapshot *struct{ Seq uint64 }

	raw []byte
}

type event struct {
	Seq    uint64 `json:"seq"`
	AtNS   int64  `json:"at_ns"`
	Type   string `json:"type"`
	Socket string `json:"socket"`
	Op     string `json:"op"`
	Result string `json:"result"`
	Local  string `json:"local"`
	Code   string `json:"code"`
	Call   uint64 `json:"call"`

	raw json.RawMessage
}

// client is a browser, as far as the protocol goes. It reads only when asked for something, and keeps what it passes.
type client struct {
	t       testing.TB
	ws      *websocket.Conn
	key     string
	base    uint64 // seq of the snapshot, if one came
	snapped bool
	last    uint64 // seq of the newest event read
	replies map[int64]frame
	events  []event
	used    []bool // events that the replay has matched
	binary  [][]byte
	id      int64
}

// dialRaw opens a WebSocket and says nothing.
func (r *running) dialRaw(t testing.TB) *client {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: patience}
	ws, _, err := d.Dial("ws://"+r.addr+"/ws", http.Header{"Origin": {"http://" + r.addr}})
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { ws.Close() })
	return &client{t: t, ws: ws, replies: map[int64]frame{}}
}

// dial opens a WebSocket and says hello, for a session if a key is given.
func (r *running) dial(t testing.TB, key string, since ...uint64) *client {
	t.Helper()
	c := r.dialRaw(t)
	c.hello(key, since...)
	return c
}

func (c *client) hello(key string, since ...uint64) {
	c.t.Helper()
	h := map[string]any{"type": "hello", "version": 1, "code": code}
	if key != "" {
		h["session"] = key
	}
	if len(since) > 0 {
		h["since"] = since[0]
		c.last = since[0]
	}
	c.send(h)
	f := c.read()
	if f.Type != "hello" || len(f.Session) != 32 {
		c.t.Fatalf("answer to hello: %s", f.raw)
	}
	c.key = f.Session
	if len(since) == 0 || f.Session != key {
		c.snapshot()
	}
	if f := c.read(); f.Type != "events" {
		c.t.Fatalf("after the greeting: %s, want events, be it none", f.raw)
	}
}

func (c *client) snapshot() {
	c.t.Helper()
	f := c.read()
	if f.Type != "snapshot" || f.Snapshot == nil {
		c.t.Fatalf("after hello: %s, want a snapshot", f.raw)
	}
	c.base, c.last, c.snapped = f.Snapshot.Seq, f.Snapshot.Seq, true
}

func (c *client) send(v any) {
	c.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		c.t.Fatal(err)
	}
	c.sendRaw(websocket.TextMessage, b)
}

func (c *client) sendRaw(kind int, b []byte) {
	c.t.Helper()
	_ = c.ws.SetWriteDeadline(time.Now().Add(patience))
	if err := c.ws.WriteMessage(kind, b); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// read takes the next frame and files it. The order of events is checked on the way: that is true of every test.
func (c *client) read() frame {
	c.t.Helper()
	f, err := c.tryRead()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return f
}

func (c *client) tryRead() (frame, error) {
	_ = c.ws.SetReadDeadline(time.Now().Add(patience))
	kind, b, err := c.ws.ReadMessage()
	if err != nil {
		return frame{}, err
	}
	if kind == websocket.BinaryMessage {
		c.binary = append(c.binary, b)
		return frame{Type: "binary", raw: b}, nil
	}
	var f frame
	if err := json.Unmarshal(b, &f); err != nil {
		return frame{}, fmt.Errorf("not JSON: %w: %.100q", err, b)
	}
	f.raw = b
	switch f.Type {
	case "ok", "error":
		if f.ID == nil {
			return frame{}, fmt.Errorf("an answer without id: %s", b)
		}
		c.replies[*f.ID] = f
	case "events":
		for _, raw := range f.Events {
			var e event
			if err := json.Unmarshal(raw, &e); err != nil {
				return frame{}, err
			}
			if e.Seq != c.last+1 {
				return frame{}, fmt.Errorf("event %d follows %d", e.Seq, c.last)
			}
			c.last = e.Seq
			e.raw = raw
			c.events = append(c.events, e)
			c.used = append(c.used, false)
		}
	}
	return f, nil
}

// do sends a command and gives its answer.
func (c *client) do(kind string, fields map[string]any) frame {
	c.t.Helper()
	c.id++
	m := map[string]any{"id": c.id, "type": kind}
	for k, v := range fields {
		m[k] = v
	}
	c.send(m)
	return c.reply(c.id)
}

// ok is do for a command that must be taken.
func (c *client) ok(kind string, fields map[string]any) frame {
	c.t.Helper()
	f := c.do(kind, fields)
	if f.Type != "ok" {
		c.t.Fatalf("%s: %s", kind, f.raw)
	}
	return f
}

func (c *client) reply(id int64) frame {
	c.t.Helper()
	for {
		if f, ok := c.replies[id]; ok {
			delete(c.replies, id)
			return f
		}
		c.read()
	}
}

// wait gives the first event that f accepts, of those that came and those that come.
func (c *client) wait(what string, f func(event) bool) event {
	c.t.Helper()
	for i := 0; ; i++ {
		for i == len(c.events) {
			if _, err := c.tryRead(); err != nil {
				c.t.Fatalf("waiting for %s: %v", what, err)
			}
		}
		if f(c.events[i]) {
			return c.events[i]
		}
	}
}

// waitDialled waits until Dial has returned; that the kernel has the socket in ESTABLISHED may be seen before.
func (c *client) waitDialled(socket string) {
	c.t.Helper()
	c.wait("the Dial of "+socket, func(e event) bool { return e.Type == "call_returned" && e.Socket == socket && e.Op == "Dial" })
}

// closed reads until the connection ends and gives the close code.
func (c *client) closed() int {
	c.t.Helper()
	for {
		if _, err := c.tryRead(); err != nil {
			return closeCode(err)
		}
	}
}

// closeCode is the code of a connection's end; 1006 stands for an end without a close frame (RFC 6455 §7.4.1).
func closeCode(err error) int {
	var e *websocket.CloseError
	if errors.As(err, &e) {
		return e.Code
	}
	return websocket.CloseAbnormalClosure
}

// listen opens a listener and gives its name.
func (c *client) listen(behavior string) string {
	c.t.Helper()
	call := c.ok("listen", map[string]any{"address": "127.0.0.1:0", "behavior": behavior}).Calls[0]
	return c.wait("a listener", func(e event) bool { return e.Type == "socket_opened" && e.Call == call }).Socket
}

// pairOf opens a listener and a connection to it.
func (c *client) pairOf(behavior string, dial map[string]any) (listener, conn string) {
	c.t.Helper()
	listener = c.listen(behavior)
	fields := map[string]any{"address": listener}
	for k, v := range dial {
		fields[k] = v
	}
	conn = c.ok("dial", fields).Sockets[0]
	c.waitDialled(conn)
	return listener, conn
}

// eventually polls a fact until it is so.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("never came true: %s", what)
		}
	}
}

// goroutinesSettle checks at the end of the test, after its cleanups so far, that it left no goroutine behind.
func goroutinesSettle(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		eventually(t, fmt.Sprintf("back to %d goroutines", before), func() bool { return runtime.NumGoroutine() <= before })
	})
}

// exchange sends one raw HTTP request over loopback and gives the response, body not read.
func exchange(t testing.TB, addr, request string) *http.Response {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("response to %.80q: %v", request, err)
	}
	return resp
}

// seqs calls f with the number of each event in an events frame, without decoding it: 50 viewers times 40,000 events.
func seqs(b []byte, f func(seq uint64)) {
	mark := []byte(`{"seq":`)
	for {
		i := bytes.Index(b, mark)
		if i < 0 {
			return
		}
		b = b[i+len(mark):]
		end := bytes.IndexByte(b, ',')
		n, err := strconv.ParseUint(string(b[:end]), 10, 64)
		if err != nil {
			panic("seq: " + strings.TrimSpace(string(b[:20])))
		}
		f(n)
	}
}
