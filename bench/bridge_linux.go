package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
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

// ours is the playground, spoken to as a browser does.
type ours struct {
	proc *process
	echo *echo
}

func (o *ours) name() string     { return "playground" }
func (o *ours) server() *process { return o.proc }

// page is one WebSocket to the playground, past its greeting.
type page struct {
	*websocket.Conn
	id int64
}

func connect(ctx context.Context, addr string, hello string) (*page, error) {
	d := websocket.Dialer{ReadBufferSize: bufferSize, WriteBufferSize: bufferSize}
	ws, _, err := d.DialContext(ctx, "ws://"+addr+"/ws", http.Header{"Origin": {"http://" + addr}})
	if err != nil {
		return nil, err
	}
	if err := ws.WriteMessage(websocket.TextMessage, []byte(hello)); err != nil {
		ws.Close()
		return nil, err
	}
	return &page{Conn: ws}, nil
}

const newSession = `{"type":"hello","version":1}`

// frame is what a text frame may hold, as far as we look.
type frame struct {
	Type     string
	ID       int64
	Message  string
	Sockets  []string
	Session  string
	Events   []event
	CaughtUp bool `json:"caught_up"`
}

type event struct {
	Seq    uint64
	Type   string
	Socket string
	Op     string
	To     string
	N      int64
	Bytes  int64
	Calls  int64
	Error  json.RawMessage
}

// next reads frames until f has had enough; binary frames are passed over.
func (p *page) next(f func(frame) (done bool, err error)) error {
	_ = p.SetReadDeadline(time.Now().Add(60 * time.Second))
	defer p.SetReadDeadline(time.Time{})
	for {
		kind, b, err := p.ReadMessage()
		if err != nil {
			return err
		}
		if kind != websocket.TextMessage {
			continue
		}
		var m frame
		if err := json.Unmarshal(b, &m); err != nil {
			return err
		}
		if m.Type == "error" {
			return fmt.Errorf("refused: %s", m.Message)
		}
		if done, err := f(m); done || err != nil {
			return err
		}
	}
}

// do sends a command and returns its answer. Events that come before it are lost.
func (p *page) do(format string, args ...any) (answer frame, err error) {
	p.id++
	command := fmt.Sprintf(`{"id":%d,`, p.id) + fmt.Sprintf(format, args...) + "}"
	if err := p.WriteMessage(websocket.TextMessage, []byte(command)); err != nil {
		return frame{}, err
	}
	err = p.next(func(m frame) (bool, error) {
		answer = m
		return m.Type == "ok" && m.ID == p.id, nil
	})
	return answer, err
}

// dial opens connections to the echo server and waits until all are established.
func (p *page) dial(e *echo, conns int) ([]string, error) {
	p.id++
	if err := p.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":%d,"type":"dial","address":%q,"count":%d}`, p.id, e.Addr(), conns)); err != nil {
		return nil, err
	}
	var names []string
	opened := 0
	err := p.next(func(m frame) (bool, error) {
		if m.Type == "ok" {
			names = m.Sockets
		}
		for _, e := range m.Events {
			if e.Type == "call_returned" && e.Op == "Dial" {
				if e.Error != nil {
					return false, fmt.Errorf("dial: %s", e.Error)
				}
				opened++
			}
		}
		return opened == conns && names != nil, nil
	})
	return names, err
}

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

// leave closes the sockets, so that the session leaves nothing behind for the next measurement.
func (p *page) leave(names ...string) {
	for _, n := range names {
		_ = p.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":1,"type":"reset","socket":%q}`, n))
	}
	p.Close()
}

// writeFrame is a binary frame of the browser that wants no answer; its payload is zero.
func writeFrame(socket string, payload int) []byte {
	head := 2 + len(socket) + 8
	b := make([]byte, head+payload)
	b[0], b[1] = 1, byte(len(socket))
	copy(b[2:], socket)
	for i := range b[head:] {
		b[head+i] = byte(i * 7)
	}
	return b
}

// readFrame reads one frame: the socket whose bytes it has, and how many; a text frame has none.
func (p *page) readFrame(sink []byte) (socket []byte, n int, err error) {
	kind, r, err := p.NextReader()
	if err != nil {
		return nil, 0, err
	}
	total := 0
	for {
		m, err := r.Read(sink[min(total, len(sink)-4<<10):]) // an events frame may be longer, and is of no interest
		if kind == websocket.BinaryMessage || total < 64 {
			total += m
		}
		if err != nil {
			break
		}
	}
	if kind == websocket.TextMessage {
		if len(sink) > 16 && string(sink[:16]) == `{"type":"error",` {
			return nil, 0, fmt.Errorf("refused: %s", sink[:min(total, 200)])
		}
		return nil, 0, nil
	}
	name := sink[2 : 2+sink[1]]
	return name, total - 10 - len(name), nil
}

func (o *ours) stream(total int64, watched bool) (time.Duration, error) {
	p, names, err := o.page(1, watched)
	if err != nil {
		return 0, err
	}
	defer p.leave(names...)
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
	defer p.leave(names...)
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
	defer p.leave(names...)
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
	return len(names), func() { p.leave() }, nil
}
