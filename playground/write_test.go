package playground_test

import (
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
)

// received sends a command's bytes over a connection and returns what came out.
func (s *session) received(c, server string, cmd playground.Write, n int64) []byte {
	s.t.Helper()
	cmd.Socket = c
	s.do(&cmd)
	var got []byte
	for int64(len(got)) < n {
		e := s.read(server)
		if e.Error != nil {
			s.t.Fatalf("Read: %s", e.Error.Text)
		}
		got = append(got, e.Data...)
	}
	return got
}

func TestWriteEncodings(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	tests := []struct {
		name string
		cmd  playground.Write
		want string
	}{
		{"text", playground.Write{Data: "GET / HTTP/1.0"}, "GET / HTTP/1.0"},
		{"escapes", playground.Write{Data: `PING\r\n\x00\u4e2d`}, "PING\r\n\x00中"},
		{"hex", playground.Write{Data: "68 65:6c,6c 0x6f", Encoding: playground.EncodingHex}, "hello"},
		{"base64", playground.Write{Data: "aGVsbG8=", Encoding: playground.EncodingBase64}, "hello"},
		{"pattern", playground.Write{Data: "abc", Encoding: playground.EncodingPattern, Bytes: 8}, "abcabcab"},
		{"a pattern in chunks", playground.Write{Data: "abc", Encoding: playground.EncodingPattern, Bytes: 8, Chunk: 2}, "abcabcab"},
		{"chunks", playground.Write{Data: "hello", Chunk: 2}, "hello"},
	}
	for _, test := range tests {
		if got := string(s.received(c, server, test.cmd, int64(len(test.want)))); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	random := s.received(c, server, playground.Write{Encoding: playground.EncodingRandom, Bytes: 200}, 200)
	again := s.received(c, server, playground.Write{Encoding: playground.EncodingRandom, Bytes: 200}, 200)
	if len(random) != 200 || string(random) == string(again) {
		t.Errorf("%d random bytes, repeated: %v", len(random), string(random) == string(again))
	}
}

func TestBadWrites(t *testing.T) {
	s := open(t)
	c, _ := s.connected()
	tests := []struct {
		name  string
		cmd   playground.Write
		field string
		says  string
	}{
		{"nothing", playground.Write{}, "data", ""},
		{"bad escape", playground.Write{Data: `ab\q`}, "data", `\q at character 3`},
		{"bad hex", playground.Write{Data: "68 6g", Encoding: playground.EncodingHex}, "data", "'g' at character 5"},
		{"bad base64", playground.Write{Data: "aGV$bG8=", Encoding: playground.EncodingBase64}, "data", "'$' at character 4"},
		{"bad encoding", playground.Write{Data: "x", Encoding: "rot13"}, "encoding", "rot13"},
		{"negative chunk", playground.Write{Data: "x", Chunk: -1}, "chunk", ""},
		{"large chunk", playground.Write{Data: "x", Chunk: playground.MaxChunk + 1}, "chunk", ""},
		{"interval without chunk", playground.Write{Data: "x", IntervalMS: 5}, "chunk", ""},
		{"long interval", playground.Write{Data: "x", Chunk: 1, IntervalMS: 1e9}, "interval_ms", ""},
		{"bytes for text", playground.Write{Data: "x", Bytes: 5}, "bytes", ""},
		{"no bytes for random", playground.Write{Encoding: playground.EncodingRandom}, "bytes", ""},
		{"too many bytes", playground.Write{Encoding: playground.EncodingRandom, Bytes: playground.MaxTransferBytes + 1}, "bytes", ""},
		{"empty pattern", playground.Write{Encoding: playground.EncodingPattern, Bytes: 5}, "data", ""},
	}
	for _, test := range tests {
		test.cmd.Socket = c
		err := s.refused(&test.cmd)
		if err.Code != playground.CodeInvalidArgument || err.Field != test.field || !strings.Contains(err.Message, test.says) {
			t.Errorf("%s: got %s in field %q: %s", test.name, err.Code, err.Field, err.Message)
		}
	}
}

// TestChunksAndIntervals: a transfer makes Writes of the size and at the pace that was asked for.
func TestChunksAndIntervals(t *testing.T) {
	s := open(t)
	c, _ := s.connected()
	transfer := s.do(&playground.Write{Socket: c, Data: "abcde", Chunk: 2, IntervalMS: 20}).Transfers[0]
	end := await(s, "the end", func(e *playground.TransferFinished) bool { return e.Transfer == transfer })
	if end.Bytes != 5 || end.Cancelled || end.Error != nil {
		t.Errorf("it ended as %+v", end)
	}
	var sizes []int64
	var last int64
	for _, e := range s.Log().Events(0) {
		w, ok := e.(*playground.CallReturned)
		if !ok || w.Op != "Write" {
			continue
		}
		sizes = append(sizes, w.N)
		if pause := time.Duration(w.StartedNS - last); last != 0 && pause < 20*time.Millisecond {
			t.Errorf("only %v lie between two Writes", pause)
		}
		last = w.ReturnedNS
	}
	if len(sizes) != 3 || sizes[0] != 2 || sizes[2] != 1 {
		t.Errorf("the Writes moved %v bytes, want 2, 2, 1", sizes)
	}
}

// TestDigestsOfATransfer: what came back through an echo is what was sent, by SHA-256 on both sides.
func TestDigestsOfATransfer(t *testing.T) {
	s := open(t)
	const size = 64 << 20
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	c := s.dial(playground.Dial{Address: l})
	s.socket(c, "knows its peer", func(v *playground.SocketView) bool { return v.Peer != "" })
	s.do(&playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: size, Digest: true})
	var sums []string
	for _, id := range []string{c, l + ".1"} {
		v := s.socket(id, "has both digests", func(v *playground.SocketView) bool {
			return v.Digests["written"].Bytes == size && v.Digests["read"].Bytes == size
		})
		if v.Wrote != size || v.Read != size {
			t.Errorf("%s: wrote %d, read %d, want %d", id, v.Wrote, v.Read, size)
		}
		sums = append(sums, v.Digests["written"].SHA256, v.Digests["read"].SHA256)
	}
	for _, sum := range sums {
		if len(sum) != 64 || sum != sums[0] {
			t.Fatalf("the digests differ: %v", sums)
		}
	}
}

func TestCancelledTransfer(t *testing.T) {
	s := open(t)
	c, _ := s.connected()
	transfer := s.fill(c)
	s.do(&playground.Cancel{Transfer: transfer})
	end := await(s, "the end", func(e *playground.TransferFinished) bool { return e.Transfer == transfer })
	if !end.Cancelled || end.Error != nil || end.Bytes <= 0 || end.Bytes >= 64<<20 {
		t.Errorf("it ended as %+v", end)
	}
	// The log has counted every byte of it.
	if v := s.Log().Now().Sockets[c]; v.Wrote != end.Bytes {
		t.Errorf("the snapshot counts %d bytes written, the transfer %d", v.Wrote, end.Bytes)
	}
	paused := s.do(&playground.Write{Socket: c, Data: "ab", Chunk: 1, IntervalMS: playground.MaxInterval.Milliseconds()}).Transfers[0]
	s.do(&playground.Cancel{Transfer: paused})
	await(s, "the end of a paused one", func(e *playground.TransferFinished) bool { return e.Transfer == paused && e.Cancelled })
}

// TestTransferThatFails tells why.
func TestTransferThatFails(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	transfer := s.fill(c)
	s.do(&playground.Reset{Socket: server})
	end := await(s, "the end", func(e *playground.TransferFinished) bool { return e.Transfer == transfer })
	if end.Error == nil || end.Error.Kind != playground.ErrReset || end.Cancelled {
		t.Errorf("it ended as %+v (%+v)", end, end.Error)
	}
}

func TestQueueLimits(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	s.fill(c)
	for range playground.MaxQueuedWrites {
		s.do(&playground.Write{Socket: c, Data: "x"})
	}
	if err := s.refused(&playground.Write{Socket: c, Data: "x"}); err.Code != playground.CodeQuotaExceeded {
		t.Errorf("one more than %d: %s", playground.MaxQueuedWrites, err.Code)
	}
	s.fill(server)
	half := strings.Repeat("x", playground.MaxQueuedBytes/2+1)
	s.do(&playground.Write{Socket: server, Data: half})
	if err := s.refused(&playground.Write{Socket: server, Data: half}); err.Code != playground.CodeQuotaExceeded {
		t.Errorf("more than %d bytes: %s", playground.MaxQueuedBytes, err.Code)
	}
	// What waits goes out in order once there is room, and all of it.
	s.do(&playground.SetReadMode{Socket: server, ReadMode: playground.ReadAuto})
	s.socket(server, "has read everything", func(v *playground.SocketView) bool { return v.Read == 64<<20+playground.MaxQueuedWrites })
}

func TestHalfClose(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	s.do(&playground.CloseWrite{Socket: c})
	s.inState(c, playground.StateFinWait2)
	s.inState(server, playground.StateCloseWait)
	if e := s.read(server); e.Result != "0, io.EOF" {
		t.Errorf("the server's Read gave %q", e.Result)
	}
	s.write(server, "ten bytes!")
	if e := s.read(c); string(e.Data) != "ten bytes!" {
		t.Errorf("the client's Read gave %q", e.Result)
	}
	s.do(&playground.CloseWrite{Socket: server})
	s.inState(c, playground.StateTimeWait)
	if v := s.inState(server, playground.StateClosed); v.Descriptor != "open" {
		t.Errorf("the server's descriptor is %q; nobody closed it", v.Descriptor)
	}
}

// TestCloseRead: it is local; the peer neither learns of it nor is hindered.
func TestCloseRead(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	s.returned(s.do(&playground.CloseRead{Socket: c}).Calls[0])
	if e := s.read(c); e.Result != "0, io.EOF" {
		t.Errorf("Read gave %q", e.Result)
	}
	if e := s.write(server, "hi"); e.Error != nil {
		t.Errorf("the peer's Write gave %q", e.Result)
	}
	s.inState(c, playground.StateEstablished)
	s.inState(server, playground.StateEstablished)
}

// TestEndsByReset: RST by command, by SO_LINGER 0, and by unread data; the reason is told on both sides.
func TestEndsByReset(t *testing.T) {
	tests := []struct {
		name string
		end  func(s *session, c, server string)
	}{
		{"reset", func(s *session, c, _ string) { s.do(&playground.Reset{Socket: c}) }},
		{"linger 0", func(s *session, c, _ string) {
			s.do(&playground.SetOption{Socket: c, Name: "Linger", Value: raw(0)})
			s.do(&playground.Close{Socket: c})
		}},
		{"unread data", func(s *session, c, server string) {
			s.write(server, "nobody reads this")
			s.socket(c, "has unread data", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.RecvQ > 0 })
			s.do(&playground.Close{Socket: c})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			c, server := s.connected()
			test.end(s, c, server)
			if v := s.inState(c, playground.StateClosed); v.Reason != playground.ReasonResetSent {
				t.Errorf("%s is CLOSED because of %q", c, v.Reason)
			}
			if v := s.inState(server, playground.StateClosed); v.Reason != playground.ReasonResetReceived {
				t.Errorf("%s is CLOSED because of %q", server, v.Reason)
			}
		})
	}
}

// TestWriteBytes is the way of a file: no command, but the same log.
func TestWriteBytes(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	if n, err := s.WriteBytes(c, []byte("hello")); n != 5 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	if e := s.read(server); string(e.Data) != "hello" {
		t.Errorf("got %q", e.Data)
	}
	s.socket(c, "has it counted", func(v *playground.SocketView) bool { return v.Wrote == 5 })
	s.returned(s.do(&playground.Close{Socket: c}).Calls[0])
	if _, err := s.WriteBytes(c, []byte("x")); err == nil {
		t.Error("writing on a closed socket succeeded")
	}
	for _, id := range []string{"C9", "S1"} {
		if _, err := s.WriteBytes(id, []byte("x")); err == nil {
			t.Errorf("writing on %s succeeded", id)
		}
	}
}

// TestWatchedBytes come in order and without a gap.
func TestWatchedBytes(t *testing.T) {
	s := open(t)
	c, server := s.connected()
	s.do(&playground.SetReadMode{Socket: server, ReadMode: playground.ReadAuto})
	var got strings.Builder
	done := make(chan struct{})
	stop, err := s.WatchBytes(server, func(offset int64, p []byte) {
		if offset != int64(got.Len()) {
			t.Errorf("bytes at offset %d, want %d", offset, got.Len())
		}
		got.Write(p)
		if got.Len() == 1000 {
			close(done)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s.do(&playground.Write{Socket: c, Encoding: playground.EncodingPattern, Data: "0123456789", Bytes: 1000, Chunk: 7})
	select {
	case <-done:
	case <-s.ctx.Done():
		t.Fatalf("only %d bytes came", got.Len())
	}
	if want := strings.Repeat("0123456789", 100); got.String() != want {
		t.Errorf("got %q", got.String())
	}
	if _, err := s.WatchBytes("C9", func(int64, []byte) {}); err == nil {
		t.Error("watching a socket that is not there succeeded")
	}
}
