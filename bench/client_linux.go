package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

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
