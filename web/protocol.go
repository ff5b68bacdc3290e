package web

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"socketplayground/playground"
)

// Version is the protocol's version (PROTOCOL.md).
const Version = 1

// Close codes beyond RFC 6455 §7.4.
const (
	closeStopping = 4000
	closeSlow     = 4001
	closeEnded    = 4002
	closeProtocol = 4003
	closeVersion  = 4004
	closeCode     = 4005 // the code of the playground is needed, or was wrong
)

// Limits of the server.
const (
	// maxConnections is how many connections there may be that have not become viewers: a browser has six.
	maxConnections = 1024
	// maxViewers is how many viewers there may be: a lecture hall's browsers, each with a second page.
	maxViewers = 1024
	// guestsOf is the part of the viewers that may be there with the code: half of them, so that the user has the rest.
	guestsOf = 2
)

// Limits of one viewer.
const (
	// maxMessage is the largest frame a browser may send: 64 KiB of bytes and their header.
	maxMessage = 64<<10 + 512
	// maxUnanswered is how many binary writes of a socket may wait for their Write, and maxUnansweredAll of all
	// sockets: 16 MiB.
	maxUnanswered    = 16
	maxUnansweredAll = 256
	// maxQueued bounds the answers and socket bytes that wait for a slow viewer.
	maxQueued = 4 << 20
	// maxFrame is about how many bytes of events go into one frame.
	maxFrame = 512 << 10
	// maxWaiting is what may wait for all viewers together, answers, bytes and events, beyond what each has to itself,
	// maxWaitingOwn. Where that is used up, a viewer's events come leastFrame at a time.
	maxWaiting    = 48 << 20
	maxWaitingOwn = 64 << 10
	leastFrame    = 32 << 10
	// maxGreetings is what snapshots on their way to the user's own viewers may take together, beyond what each viewer has,
	// and maxGuestGreetings those to the others, who may be slow to read; they are made one after the other.
	maxGreetings      = 16 << 20
	maxGuestGreetings = 8 << 20
	// smallAnswer is up to where an answer may tell what was done: the names of all sockets that one command opens.
	smallAnswer = 16 << 10
	// smallRead is up to where bytes of a socket do not take a whole buffer of frames.
	smallRead = 16 << 10
	// maxWatched is how many sockets' bytes a viewer may watch.
	maxWatched = 256
	// maxReading is how many commands that read the whole log a viewer may have under way.
	maxReading = 4
	// viewerBuffer is the send buffer asked of the kernel for a viewer: what it holds, a dead viewer holds.
	viewerBuffer = 64 << 10

	helloTimeout = 10 * time.Second
	writeTimeout = 5 * time.Second
	// farewellTimeout bounds the last writes to a viewer, the close frame among them.
	farewellTimeout = 500 * time.Millisecond
	pingInterval    = 20 * time.Second
	pongTimeout     = 60 * time.Second

	commandRate  = 200 // a second
	commandBurst = 1000
)

// hello is the first frame of a browser.
type hello struct {
	Type    string  `json:"type"`
	Version int     `json:"version"`
	Session string  `json:"session"`
	Since   *uint64 `json:"since"`
	Code    string  `json:"code"` // of those whom the connection does not tell to be the user's own
}

type helloReply struct {
	Type         string                           `json:"type"`
	Version      int                              `json:"version"`
	Session      string                           `json:"session"`
	StartedAt    time.Time                        `json:"started_at"`
	NowNS        int64                            `json:"now_ns"`
	Server       string                           `json:"server"`
	Kernel       playground.Kernel                `json:"kernel"`
	Capabilities map[string]playground.Capability `json:"capabilities"`
}

type okReply struct {
	Type      string            `json:"type"`
	ID        int64             `json:"id"`
	Calls     []uint64          `json:"calls,omitempty"`
	Sockets   []string          `json:"sockets,omitempty"`
	Transfers []uint64          `json:"transfers,omitempty"`
	N         int               `json:"n,omitempty"`
	Data      []byte            `json:"data,omitempty"`
	Bytes     int64             `json:"bytes,omitempty"`
	Complete  bool              `json:"complete,omitempty"`
	Rule      int               `json:"rule,omitempty"`
	Segments  []json.RawMessage `json:"segments,omitempty"`
	Download  string            `json:"download,omitempty"`

	Files []playground.CodeFile `json:"files,omitempty"`

	Demo  json.RawMessage              `json:"demo,omitempty"`
	Words map[string]map[string]string `json:"words,omitempty"`
	Takes *playground.DemoSeconds      `json:"takes,omitempty"`
	Text  string                       `json:"text,omitempty"`
}

type errorReply struct {
	Type    string          `json:"type"`
	ID      int64           `json:"id"`
	Code    playground.Code `json:"code"`
	Field   string          `json:"field,omitempty"`
	Message string          `json:"message"`
	Result  string          `json:"result,omitempty"` // of a binary write: what Write returned
}

// refusal makes the answer to a command that was not taken.
func refusal(id int64, err error) errorReply {
	var e *playground.Error
	if errors.As(err, &e) {
		return errorReply{Type: "error", ID: id, Code: e.Code, Field: e.Field, Message: e.Message}
	}
	return errorReply{Type: "error", ID: id, Code: playground.CodeConflict, Message: err.Error(), Result: err.Error()}
}

// encode cannot fail for the types of this file.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("web: " + err.Error())
	}
	return b
}

// The kinds of binary frames.
const (
	frameWrite = 1 // browser to server: write these bytes
	frameRead  = 2 // server to browser: these bytes were read
)

// maxFrameHeader is the longest header of a binary frame.
const maxFrameHeader = 2 + 255 + 8

// parseFrame takes a binary frame apart: kind, length of the name, name, eight bytes, payload.
func parseFrame(b []byte) (kind byte, socket string, n uint64, payload []byte, ok bool) {
	if len(b) < 2 || len(b) < 10+int(b[1]) {
		return 0, "", 0, nil, false
	}
	end := 2 + int(b[1])
	return b[0], string(b[2:end]), binary.BigEndian.Uint64(b[end:]), b[end+8:], true
}

// appendFrame puts a binary frame together.
func appendFrame(b []byte, kind byte, socket string, n uint64, payload []byte) []byte {
	b = append(b, kind, byte(len(socket)))
	b = append(b, socket...)
	b = binary.BigEndian.AppendUint64(b, n)
	return append(b, payload...)
}
