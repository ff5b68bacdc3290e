package owner

import (
	"encoding/json"
	"errors"
	"io"
	"sync"
)

// A question is a list of inodes, an answer what Find says of them: JSON values, one after the other.

// Serve answers a Client until it goes.
func Serve(conn io.ReadWriter) error {
	questions, answers := json.NewDecoder(conn), json.NewEncoder(conn)
	for {
		var inodes []uint32
		if err := questions.Decode(&inodes); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(Find(inodes)); err != nil {
			return err
		}
	}
}

// Client asks another program.
type Client struct {
	mu        sync.Mutex // a question and its answer belong together
	questions *json.Encoder
	answers   *json.Decoder
}

// NewClient asks over conn.
func NewClient(conn io.ReadWriter) *Client {
	return &Client{questions: json.NewEncoder(conn), answers: json.NewDecoder(conn)}
}

// Find is the other program's Find. When that has gone, it finds nobody.
func (c *Client) Find(inodes []uint32) map[uint32]Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.questions.Encode(inodes) != nil {
		return nil
	}
	found := map[uint32]Process{}
	if c.answers.Decode(&found) != nil {
		return nil
	}
	return found
}
