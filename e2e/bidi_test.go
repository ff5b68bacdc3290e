package e2e

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// bidi is a connection that speaks WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/).
type bidi struct {
	conn  *websocket.Conn
	event func(method string, params json.RawMessage)

	mu      sync.Mutex
	last    int
	answers map[int]chan bidiMessage // nil once the connection is over
	ended   chan struct{}
}

type bidiMessage struct {
	ID      int             `json:"id"`
	Type    string          `json:"type"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   string          `json:"error"`
	Message string          `json:"message"`
}

func dialBiDi(url string, event func(method string, params json.RawMessage)) (*bidi, error) {
	conn, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Minute)) // a browser that hangs ends its test, not all of them
	b := &bidi{conn: conn, event: event, answers: map[int]chan bidiMessage{}, ended: make(chan struct{})}
	go b.read()
	return b, nil
}

func (b *bidi) read() {
	defer close(b.ended)
	for {
		var m bidiMessage
		if err := b.conn.ReadJSON(&m); err != nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			for _, answer := range b.answers {
				close(answer)
			}
			b.answers = nil
			return
		}
		if m.Type == "event" {
			b.event(m.Method, m.Params)
			continue
		}
		b.mu.Lock()
		answer := b.answers[m.ID]
		delete(b.answers, m.ID)
		b.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
}

// send has the browser do a command, and gives its result.
func (b *bidi) send(method string, params any, result any) error {
	answer := make(chan bidiMessage, 1)
	b.mu.Lock()
	if b.answers == nil {
		b.mu.Unlock()
		return fmt.Errorf("%s: the browser is gone", method)
	}
	b.last++
	id := b.last
	b.answers[id] = answer
	err := b.conn.WriteJSON(map[string]any{"id": id, "method": method, "params": params})
	b.mu.Unlock()
	if err != nil {
		return err
	}
	m, ok := <-answer
	switch {
	case !ok:
		return fmt.Errorf("%s: the browser went away", method)
	case m.Type == "error":
		return fmt.Errorf("%s: %s: %s", method, m.Error, m.Message)
	case result == nil:
		return nil
	}
	return json.Unmarshal(m.Result, result)
}

func (b *bidi) close() {
	_ = b.conn.Close()
	<-b.ended
}
