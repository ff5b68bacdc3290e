package web_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// The close codes of PROTOCOL.md.
const (
	codeStopping = 4000
	codeSlow     = 4001
	codeEnded    = 4002
	codeProtocol = 4003
	codeVersion  = 4004
)

// TestFirstFrame: whatever is not a hello of this version ends the connection with the code that says why.
func TestFirstFrame(t *testing.T) {
	t.Parallel()
	r := serve(t)
	for _, tt := range []struct {
		name string
		kind int
		data string
		want int
	}{
		{"version 0", websocket.TextMessage, `{"type":"hello"}`, codeVersion},
		{"version 2", websocket.TextMessage, `{"type":"hello","version":2}`, codeVersion},
		{"negative version", websocket.TextMessage, `{"type":"hello","version":-1}`, codeVersion},
		{"version as text", websocket.TextMessage, `{"type":"hello","version":"1"}`, codeProtocol},
		{"a command", websocket.TextMessage, `{"id":1,"type":"listen","address":":0"}`, codeProtocol},
		{"not JSON", websocket.TextMessage, `hello`, codeProtocol},
		{"not UTF-8", websocket.TextMessage, "\xff\xfe", websocket.CloseInvalidFramePayloadData},
		{"not UTF-8 in a field", websocket.TextMessage, "{\"type\":\"hello\",\"version\":1,\"session\":\"\xc3(\"}", websocket.CloseInvalidFramePayloadData},
		{"a field twice", websocket.TextMessage, `{"type":"hello","version":1,"version":1}`, codeProtocol},
		{"nothing", websocket.TextMessage, ``, codeProtocol},
		{"null", websocket.TextMessage, `null`, codeProtocol},
		{"a list", websocket.TextMessage, `[{"type":"hello","version":1}]`, codeProtocol},
		{"two objects", websocket.TextMessage, `{"type":"hello","version":1}{}`, codeProtocol},
		{"a negative since", websocket.TextMessage, `{"type":"hello","version":1,"since":-1}`, codeProtocol},
		{"a session that is no text", websocket.TextMessage, `{"type":"hello","version":1,"session":{}}`, codeProtocol},
		{"a binary hello", websocket.BinaryMessage, `{"type":"hello","version":1}`, codeProtocol},
		{"a binary write", websocket.BinaryMessage, "\x01\x02C1\x00\x00\x00\x00\x00\x00\x00\x01x", codeProtocol},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := r.dialRaw(t)
			c.sendRaw(tt.kind, []byte(tt.data))
			if got := c.closed(); got != tt.want {
				t.Errorf("close code: got %d, want %d", got, tt.want)
			}
		})
	}
	if n := r.sessions.Sessions(); n != 0 {
		t.Errorf("%d sessions were made for connections that said no hello", n)
	}
}

// TestRefusals: a command that cannot be taken is answered, with its id, a code and the field; the connection goes on.
func TestRefusals(t *testing.T) {
	t.Parallel()
	c := serve(t).dial(t, "")
	for i, tt := range []struct{ name, fields, code, field string }{
		{"unknown command", `"type":"explode"`, "invalid_argument", "type"},
		{"no type", `"x":1`, "invalid_argument", "type"},
		{"a second hello", `"type":"hello","version":1`, "invalid_argument", "type"},
		{"unknown field", `"type":"listen","address":":0","colour":"red"`, "invalid_argument", "colour"},
		{"unknown field of watch_bytes", `"type":"watch_bytes","socket":"C1","on":true,"colour":"red"`, "invalid_argument", "colour"},
		{"wrong kind of value", `"type":"dial","address":7`, "invalid_argument", "address"},
		{"wrong kind of value in watch_bytes", `"type":"watch_bytes","socket":7,"on":true`, "invalid_argument", "socket"},
		{"fraction", `"type":"dial","address":":1","count":1.5`, "invalid_argument", "count"},
		{"number past every integer", `"type":"dial","address":":1","count":1e999`, "invalid_argument", "count"},
		{"integer past 64 bits", `"type":"payload","seq":99999999999999999999999`, "invalid_argument", "seq"},
		{"negative where there is no negative", `"type":"payload","seq":-1`, "invalid_argument", "seq"},
		{"nesting", `"type":"listen","address":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "invalid_argument", "address"},
		{"nesting of 16", `"type":"listen","settings":` + strings.Repeat(`{"a":`, 16) + "1" + strings.Repeat("}", 16), "invalid_argument", "settings"},
		{"nesting of 9,000", `"type":"close","socket":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "invalid_argument", "socket"},
		{"nesting of 32,000", `"type":"close","socket":` + strings.Repeat("[", 32_000) + strings.Repeat("]", 32_000), "invalid_argument", ""},
		{"nesting of watch_bytes", `"type":"watch_bytes","socket":` + strings.Repeat("[", 100) + strings.Repeat("]", 100), "invalid_argument", "socket"},
		{"a field twice", `"type":"close","socket":"C1","socket":"C2"`, "invalid_argument", "socket"},
		{"a field twice, once escaped", `"type":"close","socket":"C1","s\u006fcket":"C1"`, "invalid_argument", "socket"},
		{"a field twice, in another case", `"type":"close","socket":"C1","SOCKET":"C2"`, "invalid_argument", "SOCKET"},
		{"a field in another case", `"type":"close","Socket":"C1"`, "invalid_argument", "Socket"},
		{"a field of a field twice", `"type":"listen","address":":0","settings":{"bytes":1,"bytes":2}`, "invalid_argument", "settings.bytes"},
		{"an option twice", `"type":"listen","address":":0","options":{"TTL":1,"TTL":2}`, "invalid_argument", "options.TTL"},
		{"a field twice in an option's value", `"type":"listen","address":":0","options":{"TTL":{"a":1,"a":2}}`, "invalid_argument", "options.TTL.a"},
		{"the type twice", `"type":"close","type":"reset"`, "invalid_argument", "type"},
		{"a field twice in watch_bytes", `"type":"watch_bytes","on":true,"on":false`, "invalid_argument", "on"},
		{"half a surrogate pair", `"type":"write","data":"\ud800"`, "invalid_argument", "data"},
		{"unknown socket", `"type":"close","socket":"C9"`, "not_found", "socket"},
		{"unknown socket to watch", `"type":"watch_bytes","socket":"C9","on":true`, "not_found", "socket"},
		{"no socket", `"type":"close"`, "invalid_argument", "socket"},
		{"not allowed", `"type":"dial","address":"192.0.2.1:80"`, "denied", "address"},
		{"too many", `"type":"dial","address":":1","count":1000000`, "quota_exceeded", "count"},
	} {
		id := int64(100 + i)
		c.sendRaw(websocket.TextMessage, fmt.Appendf(nil, `{"id":%d,%s}`, id, tt.fields))
		got := c.reply(id)
		if got.Type != "error" || got.Code != tt.code || got.Field != tt.field || got.Message == "" {
			t.Errorf("%s: got %s, want code %s, field %s", tt.name, got.raw, tt.code, tt.field)
		}
	}
	if s := c.listen("echo"); s != "S1" {
		t.Errorf("after the refusals: listener %s, want S1", s)
	}
}

// TestIDs: every id that JavaScript can count to comes back as it was sent.
func TestIDs(t *testing.T) {
	t.Parallel()
	c := serve(t).dial(t, "")
	for _, id := range []int64{0, 1, -1, 1 << 31, 1<<53 - 1, 1 << 53} {
		c.sendRaw(websocket.TextMessage, fmt.Appendf(nil, `{"id":%d,"type":"remove","all_closed":true}`, id))
		if got := c.reply(id); got.Type != "ok" {
			t.Errorf("id %d: %s", id, got.raw)
		}
	}
}

// TestNoIDs: a command whose id is none is refused, with id 0, and the connection goes on.
func TestNoIDs(t *testing.T) {
	t.Parallel()
	c := serve(t).dial(t, "")
	for _, id := range []string{"1.5", "1.0", "1e2", "-1.5", "1e400", "9007199254740993", "-9007199254740993", "9223372036854775808",
		strings.Repeat("9", 60_000), `"1"`, `""`, "null", "true", "[]", "{}", `{"id":1}`, "[1]"} {
		c.sendRaw(websocket.TextMessage, []byte(`{"id":`+id+`,"type":"remove","all_closed":true}`))
		if got := c.reply(0); got.Type != "error" || got.Code != "invalid_argument" || got.Field != "id" {
			t.Errorf("id %.40s: %s", id, got.raw)
		}
	}
	// Wherever it stands, it is found, also behind what no command has.
	for i, fields := range []string{`"type":"close","socket":"C9","id":%d`, `"type":"close","socket":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `,"id":%d`} {
		c.sendRaw(websocket.TextMessage, fmt.Appendf(nil, "{"+fields+"}", i+1))
		if got := c.reply(int64(i + 1)); got.Type != "error" {
			t.Errorf("an id at the end: %s", got.raw)
		}
	}
}

// TestNotUTF8: a text frame that is not UTF-8 ends the connection with 1007 (RFC 6455 §8.1), in whichever pieces it comes.
func TestNotUTF8(t *testing.T) {
	t.Parallel()
	r := serve(t)
	for name, bad := range map[string]string{
		"a byte alone": "\xff", "cut short": "\xe4\xb8", "overlong": "\xc0\xaf", "a surrogate": "\xed\xa0\x80", "past U+10FFFF": "\xf4\x90\x80\x80",
	} {
		c := r.dial(t, "")
		c.sendRaw(websocket.TextMessage, []byte(`{"id":1,"type":"write","socket":"C1","data":"`+bad+`"}`))
		if got := c.closed(); got != websocket.CloseInvalidFramePayloadData {
			t.Errorf("%s: close code %d", name, got)
		}
		c = r.dial(t, "")
		c.sendRaw(websocket.TextMessage, []byte(bad)) // no JSON either
		if got := c.closed(); got != websocket.CloseInvalidFramePayloadData {
			t.Errorf("%s, alone: close code %d", name, got)
		}
	}
	c := r.dial(t, "")                                   // a character in two pieces is whole
	for _, piece := range []struct{ head, text string }{ // RFC 6455 §5.2: text; continuation and FIN; the mask is zero
		{"\x01", `{"id":1,"type":"close","socket":"` + "\xe4"}, {"\x80", "\xb8\xad" + `"}`},
	} {
		if _, err := c.ws.NetConn().Write([]byte(piece.head + string([]byte{byte(0x80 | len(piece.text))}) + "\x00\x00\x00\x00" + piece.text)); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.reply(1); got.Code != "not_found" {
		t.Errorf("a character in two pieces: %s", got.raw)
	}
}

// TestUnreadableFrames: what is no command at all ends the connection, and only this one.
func TestUnreadableFrames(t *testing.T) {
	t.Parallel()
	r := serve(t)
	other := r.dial(t, "")
	name := strings.Repeat("C", 255)
	frame := func(kind byte, socket string, id uint64, payload string) string {
		b := append([]byte{kind, byte(len(socket))}, socket...)
		return string(append(binary.BigEndian.AppendUint64(b, id), payload...))
	}
	for _, tt := range []struct {
		name string
		kind int
		data string
		want int
	}{
		{"not JSON", websocket.TextMessage, "listen", codeProtocol},
		{"nothing", websocket.TextMessage, "", codeProtocol},
		{"half an object", websocket.TextMessage, `{"id":1,"type":"close"`, codeProtocol},
		{"a list", websocket.TextMessage, `[]`, codeProtocol},
		{"a number", websocket.TextMessage, `1`, codeProtocol},
		{"two objects", websocket.TextMessage, `{"id":1,"type":"close"}{}`, codeProtocol},
		{"a field without a value", websocket.TextMessage, `{"id":1,"type":}`, codeProtocol},
		{"nested 60,000 deep", websocket.TextMessage, strings.Repeat("[", 60_000), codeProtocol},
		{"objects nested 10,000 deep", websocket.TextMessage, strings.Repeat(`{"a":`, 10_001), codeProtocol},
		{"binary, nothing", websocket.BinaryMessage, "", codeProtocol},
		{"binary, kind alone", websocket.BinaryMessage, "\x01", codeProtocol},
		{"binary, no name and no id", websocket.BinaryMessage, "\x01\x00", codeProtocol},
		{"binary, the name cut short", websocket.BinaryMessage, "\x01\xffC1", codeProtocol},
		{"binary, the id cut short", websocket.BinaryMessage, frame(1, "C1", 1, "")[:11], codeProtocol},
		{"binary, kind 0", websocket.BinaryMessage, frame(0, "C1", 1, "x"), codeProtocol},
		{"binary, the server's kind", websocket.BinaryMessage, frame(2, "C1", 1, "x"), codeProtocol},
		{"binary, an id past 2^53", websocket.BinaryMessage, frame(1, "C1", 1<<53+1, "x"), codeProtocol},
		{"text past 64 KiB", websocket.TextMessage, `{"id":1,"type":"write","data":"` + strings.Repeat("x", 66<<10) + `"}`, websocket.CloseMessageTooBig},
		{"binary past 64 KiB", websocket.BinaryMessage, frame(1, name, 1, strings.Repeat("x", 65<<10)), websocket.CloseMessageTooBig},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := r.dial(t, "")
			c.sendRaw(tt.kind, []byte(tt.data))
			if got := c.closed(); got != tt.want {
				t.Errorf("close code: got %d, want %d", got, tt.want)
			}
		})
	}
	// The largest that is allowed: 64 KiB to a socket with the longest name.
	other.sendRaw(websocket.BinaryMessage, []byte(frame(1, name, 1<<53, strings.Repeat("x", 64<<10))))
	if got := other.reply(1 << 53); got.Code != "not_found" {
		t.Errorf("64 KiB to a socket that is not there: %s", got.raw)
	}
}

// TestFragments: a message in pieces is one message, 100,000 empty pieces included, and its limit holds over all of them.
func TestFragments(t *testing.T) {
	t.Parallel()
	r := serve(t)
	c := r.dial(t, "")
	raw := c.ws.NetConn()
	const ( // RFC 6455 §5.2: opcode and FIN, then the mask bit and the length; the mask here is zero
		text, continuation, final = "\x01", "\x00", "\x80"
		zero                      = "\x00\x00\x00\x00"
	)
	write := func(p string) {
		_ = raw.SetWriteDeadline(time.Now().Add(patience))
		if _, err := raw.Write([]byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	const command = `{"id":7,"type":"remove","all_closed":true}`
	write(text + "\x80" + zero)
	write(strings.Repeat(continuation+"\x80"+zero, 100_000))
	write(final + string([]byte{byte(0x80 | len(command))}) + zero + command)
	if got := c.reply(7); got.Type != "ok" {
		t.Errorf("a command in 100,000 pieces: %s", got.raw)
	}

	c = r.dial(t, "")
	raw = c.ws.NetConn()
	write(text + "\x80" + zero)
	piece := continuation + "\xfe\x20\x00" + zero + strings.Repeat("x", 8<<10)
	go func() { // the server may end it before all is sent
		_ = raw.SetWriteDeadline(time.Now().Add(patience))
		for range 16 {
			if _, err := raw.Write([]byte(piece)); err != nil {
				return
			}
		}
	}()
	if got := c.closed(); got != websocket.CloseMessageTooBig && got != websocket.CloseAbnormalClosure {
		t.Errorf("128 KiB in pieces: close code %d", got)
	}

	c = r.dial(t, "")
	raw = c.ws.NetConn()
	write("\xf1\x80" + zero) // reserved bits, RFC 6455 §5.2: fail the connection
	if got := c.closed(); got != websocket.CloseProtocolError {
		t.Errorf("reserved bits: close code %d, want %d", got, websocket.CloseProtocolError)
	}
}

// TestCommandRate: past the rate commands are refused, each with an answer; then it works again.
func TestCommandRate(t *testing.T) {
	t.Parallel()
	c := serve(t).dial(t, "")
	const n = 3000
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for id := 1; id <= n; id++ {
			if c.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":%d,"type":"remove","all_closed":true}`, id)) != nil {
				return // the reader will say why
			}
		}
	}()
	taken, refused := 0, 0
	for id := int64(1); id <= n; id++ {
		switch got := c.reply(id); {
		case got.Type == "ok":
			taken++
		case got.Code == "quota_exceeded":
			refused++
		default:
			t.Fatalf("id %d: %s", id, got.raw)
		}
	}
	<-sent
	t.Logf("%d commands at once: %d taken, %d refused", n, taken, refused)
	if taken < 1000 || refused == 0 {
		t.Errorf("%d taken, %d refused; want the burst taken and some refused", taken, refused)
	}
	eventually(t, "commands are taken again", func() bool { return c.do("remove", map[string]any{"all_closed": true}).Type == "ok" })
}

// binaryWrite is the frame of a binary write.
func binaryWrite(socket string, id uint64, payload []byte) []byte {
	b := append([]byte{1, byte(len(socket))}, socket...)
	return append(binary.BigEndian.AppendUint64(b, id), payload...)
}

// TestUnansweredWrites: of writes to a peer that does not read, 16 wait and the next is refused; a Close answers all.
func TestUnansweredWrites(t *testing.T) {
	t.Parallel()
	c := serve(t).dial(t, "")
	_, conn := c.pairOf("never_read", map[string]any{"options": map[string]any{"SndBuf": 16 << 10}})
	const n = 400 // 25 MiB: more than the buffers of both ends can hold
	payload := make([]byte, 64<<10)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for id := uint64(1); id <= n; id++ {
			if c.ws.WriteMessage(websocket.BinaryMessage, binaryWrite(conn, id, payload)) != nil {
				return // the reader will say why
			}
		}
	}()
	if got := c.reply(n); got.Code != "quota_exceeded" {
		t.Fatalf("the last of %d writes: %s", n, got.raw)
	}
	<-sent
	waiting := n - 1 - len(c.replies)
	if waiting > 16 {
		t.Errorf("%d writes are unanswered, want 16 at most", waiting)
	}
	c.id = n
	c.ok("reset", map[string]any{"socket": conn})
	answers := map[string]int{}
	for id := int64(1); id < n; id++ {
		got := c.reply(id)
		answers[got.Type+" "+got.Code]++
		if got.Type == "ok" && got.N != len(payload) {
			t.Errorf("write %d: n is %d, want %d", id, got.N, len(payload))
		}
	}
	t.Logf("answers: %v; %d were waiting", answers, waiting)
}

// TestUnansweredWritesOfAll: the writes that wait are bounded over all sockets too, for each holds 64 KiB.
func TestUnansweredWritesOfAll(t *testing.T) {
	t.Parallel()
	c := serve(t).dial(t, "")
	listener := c.listen("never_read")
	conns := c.ok("dial", map[string]any{"address": listener, "count": 20, "options": map[string]any{"SndBuf": 16 << 10}}).Sockets
	for _, conn := range conns {
		c.waitDialled(conn)
	}
	const each = 30
	n := int64(each * len(conns))
	payload := make([]byte, 64<<10)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for id := range n {
			if c.ws.WriteMessage(websocket.BinaryMessage, binaryWrite(conns[id%int64(len(conns))], uint64(1000+id), payload)) != nil {
				return // the reader will say why
			}
		}
	}()
	if got := c.reply(1000 + n - 1); got.Code != "quota_exceeded" {
		t.Fatalf("the last of %d writes: %s", n, got.raw)
	}
	<-sent
	if waiting := int(n) - 1 - len(c.replies); waiting > 256 {
		t.Errorf("%d writes are unanswered, want 256 at most", waiting)
	}
	for i, conn := range conns {
		c.id = 10_000 + int64(i)
		c.ok("reset", map[string]any{"socket": conn})
	}
	for id := range n - 1 {
		c.reply(1000 + id)
	}
	c.id = 20_000
	_, conn := c.pairOf("echo", nil)
	c.sendRaw(websocket.BinaryMessage, binaryWrite(conn, 30_000, []byte("there is room again")))
	if got := c.reply(30_000); got.Type != "ok" {
		t.Errorf("once all were answered: %s", got.raw)
	}
}

// TestUpload: bytes of binary frames arrive whole and in order, and watch_bytes shows them as they were read.
func TestUpload(t *testing.T) {
	t.Parallel()
	r := serve(t)
	c := r.dial(t, "")
	_, conn := c.pairOf("echo", nil)
	c.ok("watch_bytes", map[string]any{"socket": conn, "on": true})
	const frames = 64
	var want, got []byte
	for i := range frames {
		want = append(want, bytes.Repeat([]byte{byte(i), byte(i >> 4), 'x'}, 5000+i)...)
	}
	rest := want
	for i := range frames {
		if i >= 16 {
			if f := c.reply(int64(1000 + i - 16)); f.Type != "ok" {
				t.Fatalf("write: %s", f.raw)
			}
		}
		n := min(3*(5000+i), len(rest))
		c.sendRaw(websocket.BinaryMessage, binaryWrite(conn, uint64(1000+i), rest[:n]))
		rest = rest[n:]
	}
	for len(got) < len(want) {
		for len(c.binary) == 0 {
			c.read()
		}
		socket, offset, p := c.takeBinary()
		if socket != conn || offset != len(got) {
			t.Fatalf("bytes of %s at %d, want %s at %d", socket, offset, conn, len(got))
		}
		got = append(got, p...)
	}
	if !bytes.Equal(got, want) {
		t.Error("the bytes that came back are not those that were sent")
	}

	// Switched off, nothing more comes: the next Read is told, and no bytes are.
	c.ok("watch_bytes", map[string]any{"socket": conn, "on": false})
	c.sendRaw(websocket.BinaryMessage, binaryWrite(conn, 5000, []byte("unwatched")))
	c.wait("the Read of it", func(e event) bool {
		return e.Socket == conn && e.Op == "Read" && bytes.Contains(e.raw, []byte(`"dW53YXRjaGVk"`))
	})
	if len(c.binary) != 0 {
		t.Error("bytes came after watch_bytes was switched off")
	}
}

// takeBinary takes the oldest binary frame apart.
func (c *client) takeBinary() (socket string, offset int, payload []byte) {
	c.t.Helper()
	b := c.binary[0]
	c.binary = c.binary[1:]
	if len(b) < 2 || b[0] != 2 || len(b) < 10+int(b[1]) {
		c.t.Fatalf("binary frame: %.20q", b)
	}
	end := 2 + int(b[1])
	return string(b[2:end]), int(binary.BigEndian.Uint64(b[end:])), b[end+8:]
}

// TestWatchGaps: a viewer too slow for the bytes of a socket misses some, knows by the offset which, and the socket
// does not wait for it.
func TestWatchGaps(t *testing.T) {
	t.Parallel()
	r := serve(t)
	c := r.dial(t, "")
	_, conn := c.pairOf("echo", nil)
	slow := r.dial(t, c.key)
	slow.ok("watch_bytes", map[string]any{"socket": conn, "on": true})

	const total, pattern = 24 << 20, "the quick brown fox jumps over the lazy dog; "
	c.ok("write", map[string]any{"socket": conn, "data": pattern, "encoding": "pattern", "bytes": total})
	c.wait("the end of the transfer", func(e event) bool { return e.Type == "transfer_finished" })

	ctx, stop := context.WithCancel(context.Background())
	marking := make(chan struct{})
	go func() { // goes on so that there is a frame behind the gap
		defer close(marking)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := uint64(9000); ; n++ {
			select {
			case <-tick.C:
				if c.ws.WriteMessage(websocket.BinaryMessage, binaryWrite(conn, n, []byte("mark"))) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() { stop(); <-marking }()
	var seen, missed int
	for end := 0; missed == 0; {
		for len(slow.binary) == 0 {
			slow.read()
		}
		_, offset, p := slow.takeBinary()
		if offset < end {
			t.Fatalf("bytes at %d came after bytes up to %d", offset, end)
		}
		missed = offset - end
		for i, b := range p[:min(len(p), max(total-offset, 0))] {
			if b != pattern[(offset+i)%len(pattern)] {
				t.Fatalf("the byte at %d is %q, want %q", offset+i, b, pattern[(offset+i)%len(pattern)])
			}
		}
		seen += len(p)
		end = offset + len(p)
	}
	t.Logf("of %d bytes the slow viewer got %d before it missed %d", total, seen, missed)
}

// TestResume: a viewer that comes back with since gets the next event and no snapshot; without since, or with one
// that the log does not have, a snapshot; with an unknown key, a new session.
func TestResume(t *testing.T) {
	t.Parallel()
	r := serve(t)
	c := r.dial(t, "")
	c.listen("manual")
	key, last := c.key, c.last
	c.ws.Close()

	other := r.dial(t, key) // something happens while it is away
	if other.key != key || !other.snapped {
		t.Fatalf("a second viewer got session %s, snapshot %v", other.key, other.snapped)
	}
	other.listen("echo")

	c = r.dial(t, key, last)
	if c.key != key || c.snapped {
		t.Fatalf("came back to %s with snapshot %v, want %s and none", c.key, c.snapped, key)
	}
	if e := c.wait("the next event", func(event) bool { return true }); e.Seq != last+1 {
		t.Errorf("the first event is %d, want %d", e.Seq, last+1)
	}

	for _, tt := range []struct {
		name, key string
		since     uint64
		same      bool
	}{
		{"since from the future", key, 1 << 40, true},
		{"an unknown key", strings.Repeat("0", 32), 0, false},
		{"an unknown key with a since", strings.Repeat("f", 32), last, false},
		{"a key of another form", "../../etc/passwd", 0, false},
		{"a key that is too long", strings.Repeat("a", 10_000), 0, false},
		{"the key in upper case", strings.ToUpper(key[:31]) + "x", 0, false},
	} {
		c := r.dialRaw(t)
		c.send(map[string]any{"type": "hello", "version": 1, "session": tt.key, "since": tt.since})
		if f := c.read(); (f.Session == key) != tt.same || len(f.Session) != 32 || f.Session == tt.key != tt.same {
			t.Errorf("%s: session %s", tt.name, f.Session)
		}
		c.snapshot()
	}
}

// TestFullServer: there is a last session; who comes after it is told so, and who comes back is let in.
func TestFullServer(t *testing.T) {
	t.Parallel()
	r := serve(t)
	var last *client
	for range playground.MaxSessions {
		last = r.dial(t, "")
	}
	c := r.dialRaw(t)
	c.send(map[string]any{"type": "hello", "version": 1})
	if f := c.read(); f.Type != "error" || f.Code != "quota_exceeded" {
		t.Errorf("one session more: %s", f.raw)
	}
	if got := c.closed(); got != websocket.CloseTryAgainLater {
		t.Errorf("close code %d, want %d", got, websocket.CloseTryAgainLater)
	}
	if again := r.dial(t, last.key); again.key != last.key {
		t.Error("a second viewer of a session was not let in")
	}
}

// TestTwoViewers: two viewers of a session see the same events, byte for byte.
func TestTwoViewers(t *testing.T) {
	t.Parallel()
	r := serve(t)
	a := r.dial(t, "")
	b := r.dial(t, a.key)
	_, conn := a.pairOf("echo", nil)
	b.ok("write", map[string]any{"socket": conn, "data": "from the other viewer"})
	read := func(e event) bool {
		return e.Socket == conn && e.Op == "Read" && e.Type == "call_returned"
	}
	last := max(a.wait("the echo", read).Seq, b.wait("the echo", read).Seq)
	for i := range last {
		if i >= uint64(len(a.events)) || i >= uint64(len(b.events)) || !bytes.Equal(a.events[i].raw, b.events[i].raw) {
			t.Fatalf("event %d differs", i+1)
		}
	}
}

// TestLinger: a session outlives its last viewer for Linger; then its sockets are closed and its key is unknown.
func TestLinger(t *testing.T) {
	t.Parallel()
	t.Run("kept", func(t *testing.T) {
		t.Parallel()
		r := serve(t, func(c *playground.Config) { c.Linger = time.Hour })
		c := r.dial(t, "")
		_, conn := c.pairOf("echo", nil)
		key := c.key
		c.ws.Close()
		c = r.dial(t, key)
		if c.key != key {
			t.Fatal("the session is gone")
		}
		c.ok("write", map[string]any{"socket": conn, "data": "still here"})
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		r := serve(t, func(c *playground.Config) { c.Linger = time.Millisecond })
		c := r.dial(t, "")
		c.listen("echo")
		local := c.wait("its address", func(e event) bool { return e.Type == "socket_opened" }).Local
		key := c.key
		c.ws.Close()
		eventually(t, "the session ended", func() bool { return r.sessions.Sessions() == 0 })
		eventually(t, "its listener is closed", func() bool {
			conn, err := net.Dial("tcp", local)
			if err == nil {
				conn.Close()
			}
			return err != nil
		})
		if c = r.dial(t, key); c.key == key {
			t.Error("the key of a session that ended still works")
		}
	})
}

// TestStop: every viewer is told that the server stops, one that has not said hello included.
func TestStop(t *testing.T) {
	t.Parallel()
	r := serve(t)
	silent := r.dialRaw(t)
	a := r.dial(t, "")
	a.pairOf("echo", nil)
	b := r.dial(t, a.key)
	c := r.dial(t, "")
	ended := make(chan struct{})
	go func() {
		r.end()
		close(ended)
	}()
	for i, viewer := range []*client{silent, a, b, c} {
		if got := viewer.closed(); got != codeStopping {
			t.Errorf("viewer %d: close code %d, want %d", i, got, codeStopping)
		}
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("the server did not end")
	}
}

// TestStopWithStalledViewers: viewers that take nothing do not hold up the end.
func TestStopWithStalledViewers(t *testing.T) {
	t.Parallel()
	r := serve(t)
	c := r.dial(t, "")
	c.listen("manual")
	for range 3 {
		stalled := r.dialRaw(t)
		_ = stalled.ws.NetConn().(*net.TCPConn).SetReadBuffer(4 << 10)
		stalled.hello(c.key)
	}
	flood(t, r, c.key, 10_000, 0)
	begun := time.Now()
	r.end()
	took := time.Since(begun)
	t.Logf("the server ended %v after it was told, with 3 stalled viewers", took)
	if took > 2*time.Second {
		t.Errorf("it took %v, want 2 s at most", took)
	}
}

// TestStopWhileDialling: connections that come as the server stops are refused or ended, and waited for.
func TestStopWhileDialling(t *testing.T) {
	t.Parallel()
	r := serve(t)
	ctx, stop := context.WithCancel(context.Background())
	var dialled atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d := websocket.Dialer{HandshakeTimeout: patience}
		for ctx.Err() == nil {
			if ws, _, err := d.Dial("ws://"+r.addr+"/ws", http.Header{"Origin": {"http://" + r.addr}}); err == nil {
				dialled.Add(1)
				ws.Close()
			}
		}
	}()
	eventually(t, "a few viewers came", func() bool { return dialled.Load() > 3 })
	r.end()
	stop()
	<-ended
}

// TestSessionEnds: viewers of a session that ends are told so.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	r := serve(t)
	c := r.dial(t, "")
	c.listen("manual")
	r.sessions.Close()
	if got := c.closed(); got != codeEnded {
		t.Errorf("close code %d, want %d", got, codeEnded)
	}
	c = r.dialRaw(t)
	c.send(map[string]any{"type": "hello", "version": 1})
	if f := c.read(); f.Type != "error" || f.Code != "conflict" {
		t.Errorf("hello to a server without sessions: %s", f.raw)
	}
	if got := c.closed(); got != websocket.CloseTryAgainLater {
		t.Errorf("close code %d, want %d", got, websocket.CloseTryAgainLater)
	}
}

// flood makes n events, every one of them by a command on the session's own side; perTick paces them, so many every
// 10 ms, where it is not 0. The session must have the listener S1.
func flood(t testing.TB, r *running, key string, n, perTick int) {
	t.Helper()
	session, leave, err := r.sessions.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	behaviors := [2]playground.Behavior{playground.BehaviorManual, playground.BehaviorNeverAccept}
	for i := range n {
		if perTick > 0 && i%perTick == 0 {
			<-tick.C
		}
		if _, err := session.Do(ctx, &playground.SetBehavior{Socket: "S1", Behavior: behaviors[i%2]}); err != nil {
			t.Fatal(err)
		}
	}
}
