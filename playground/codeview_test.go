package playground_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/code"
)

// codeStories are sessions whose programs must return what the calls of the session did.
var codeStories = []struct {
	name string
	play func(s *session)
	// outputs are what a program in Go must say it got, besides what it prints being as the story says.
	outputs map[string][]string
}{
	{"the tutorial", func(s *session) { tutorial(s) }, map[string][]string{"server": {`S1.1 read "hello"`, "S1.1 read: …EOF"}}},
	{"echo", func(s *session) {
		l, address := s.listen(playground.Listen{Address: "127.0.0.1:0", Behavior: playground.BehaviorEcho})
		c := s.dial(playground.Dial{Address: address})
		s.do(&playground.Write{Socket: c, Data: "ping"})
		await(s, "the echo", func(e *playground.CallReturned) bool { return e.Socket == c && e.Op == "Read" && e.N == 4 })
		s.do(&playground.CloseWrite{Socket: c})
		await(s, "EOF", func(e *playground.CallReturned) bool { return e.Socket == c && e.Op == "Read" && e.Error != nil })
		s.do(&playground.Close{Socket: c})
		s.do(&playground.Close{Socket: l})
	}, map[string][]string{"client": {`C1 read "ping"`, "C1 read: …EOF"}}},
	{"nobody listens, then somebody does", func(s *session) {
		l, address := s.listen(playground.Listen{Address: "127.0.0.1:0"})
		s.do(&playground.Close{Socket: l})
		s.inState(l, playground.StateClosed)
		s.failed(s.do(&playground.Dial{Address: address}).Calls[0])
		s.listen(playground.Listen{Address: address})
		s.dial(playground.Dial{Address: address, ReadMode: playground.ReadManual})
	}, map[string][]string{"client": {"C1 dial: …connection refused"}}},
	{"two Writes, one Read", func(s *session) {
		c, server := s.connected()
		s.write(c, "one ")
		s.write(c, "two")
		s.socket(server, "has both", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.RecvQ == 7 })
		s.read(server)
	}, map[string][]string{"server": {`S1.1 read "one two"`}}},
	{"two Writes, two Reads", func(s *session) {
		c, server := s.connected()
		s.write(c, "one ")
		s.read(server)
		s.write(c, "two")
		s.read(server)
	}, map[string][]string{"server": {`S1.1 read "one "`, `S1.1 read "two"`}}},
	{"half-close", func(s *session) {
		c, server := s.connected()
		s.do(&playground.CloseWrite{Socket: c})
		s.inState(server, playground.StateCloseWait)
		s.read(server)
		s.write(server, "still here")
		s.read(c)
		s.write(c, "no more")
		s.do(&playground.Close{Socket: server})
		s.do(&playground.Close{Socket: c})
	}, map[string][]string{"client": {`C1 read "still here"`, "C1 write: …broken pipe"}, "server": {"S1.1 read: …EOF"}}},
	{"a reset", func(s *session) {
		c, server := s.connected()
		s.write(c, "precious")
		s.do(&playground.Reset{Socket: c})
		s.inState(server, playground.StateClosed)
		s.read(server)
		s.read(server)
		s.read(server)
		s.write(server, "gone")
	}, map[string][]string{"server": {`S1.1 read "precious"`, "S1.1 read: …connection reset by peer", "S1.1 read: …EOF", "S1.1 write: …broken pipe"}}},
	{"a peer that has closed with unread data", func(s *session) {
		c, server := s.connected()
		s.write(c, "unread")
		s.socket(server, "has it", func(v *playground.SocketView) bool { return v.Metrics != nil && v.Metrics.RecvQ == 6 })
		s.do(&playground.Close{Socket: server})
		s.inState(c, playground.StateClosed)
		s.read(c)
		s.write(c, "late")
	}, map[string][]string{"client": {"C1 read: …connection reset by peer", "C1 write: …broken pipe"}}},
	{"writing to a peer that has closed", func(s *session) {
		c, server := s.connected()
		s.do(&playground.Close{Socket: server})
		s.inState(c, playground.StateCloseWait)
		s.write(c, "one")
		s.inState(c, playground.StateClosed)
		s.write(c, "two")
	}, map[string][]string{"client": {"C1 write: …broken pipe"}}},
	{"a deadline", func(s *session) {
		c, server := s.connected()
		after := int64(100)
		s.do(&playground.SetDeadline{Socket: server, Kind: "read", AfterMS: &after})
		s.read(server)
		s.do(&playground.SetDeadline{Socket: server, Kind: "read"})
		s.write(c, "now")
		s.read(server)
	}, map[string][]string{"server": {"S1.1 read: …i/o timeout", `S1.1 read "now"`}}},
	{"small buffers", func(s *session) {
		c, server := s.connected()
		s.write(c, "0123456789")
		for range 3 {
			s.returned(s.do(&playground.Read{Socket: server, Bytes: new(4)}).Calls[0])
		}
	}, map[string][]string{"server": {`S1.1 read "0123"`, `S1.1 read "4567"`, `S1.1 read "89"`}}},
	{"a megabyte", func(s *session) {
		c, server := s.connected()
		s.do(&playground.SetReadMode{Socket: server, ReadMode: playground.ReadAuto})
		s.do(&playground.Write{Socket: c, Encoding: playground.EncodingPattern, Data: "ab", Bytes: 1 << 20})
		s.socket(server, "has read it", func(v *playground.SocketView) bool { return v.Read == 1<<20 })
		s.do(&playground.Close{Socket: c})
		await(s, "EOF", func(e *playground.CallReturned) bool { return e.Socket == server && e.Op == "Read" && e.Error != nil })
		s.do(&playground.Close{Socket: server})
	}, map[string][]string{"server": {"S1.1 read 1048576 bytes", "S1.1 read: …EOF"}}},
	{"the same port twice", func(s *session) {
		_, address := s.listen(playground.Listen{Address: "127.0.0.1:0"})
		s.failed(s.do(&playground.Listen{Address: address}).Calls[0])
	}, map[string][]string{"server": {"S listen: …address already in use"}}},
	{"options", func(s *session) {
		options := playground.RawOptions{"RcvBuf": json.RawMessage("4096"), "NoDelay": json.RawMessage("false"), "UserTimeout": json.RawMessage("3000")}
		l, address := s.listen(playground.Listen{Address: "127.0.0.1:0", Backlog: 2, Options: playground.RawOptions{"ReusePort": json.RawMessage("true")}})
		c := s.dial(playground.Dial{Address: address, Options: options, TimeoutMS: 2000, ReadMode: playground.ReadManual})
		server := s.accept(l)
		s.do(&playground.SetOption{Socket: c, Name: "NoDelay", Value: json.RawMessage("true")})
		s.do(&playground.SetOption{Socket: c, Name: "Cork", Value: json.RawMessage("true")})
		s.do(&playground.SetOption{Socket: server, Name: "Linger", Value: json.RawMessage("5")})
		s.do(&playground.SetOption{Socket: server, Name: "Congestion", Value: json.RawMessage(`"reno"`)})
		s.write(c, "with options")
		s.do(&playground.Close{Socket: c})
		s.read(server)
	}, map[string][]string{"server": {`S1.1 read "with options"`}}},
	{"every behaviour", func(s *session) {
		for _, b := range []playground.Behavior{playground.BehaviorGreet, playground.BehaviorSlowRead, playground.BehaviorDiscard,
			playground.BehaviorHangUp, playground.BehaviorReset, playground.BehaviorNeverRead} {
			_, address := s.listen(playground.Listen{Address: "127.0.0.1:0", Behavior: b, Settings: &playground.BehaviorSettings{Banner: `hi'%\n`, Bytes: 4, IntervalMS: 10}})
			if b == playground.BehaviorReset { // whether the RST comes before connect(2) has returned is luck
				continue
			}
			c := s.dial(playground.Dial{Address: address, ReadMode: playground.ReadManual})
			switch b {
			case playground.BehaviorGreet, playground.BehaviorHangUp:
				s.read(c)
			default:
				s.write(c, "to nobody")
			}
		}
	}, map[string][]string{"client": {`C1 read "hi'%\n"`, "C4 read: …EOF"}}},
	{"a peer that vanishes from a full buffer", func(s *session) {
		c, server := s.connected()
		after := int64(400)
		s.do(&playground.SetDeadline{Socket: c, Kind: "write", AfterMS: &after})
		s.do(&playground.Write{Socket: c, Encoding: playground.EncodingPattern, Data: "x", Bytes: 64 << 20})
		await(s, "the end of the time", func(e *playground.TransferFinished) bool { return e.Error != nil })
		s.do(&playground.Close{Socket: server})
		s.inState(c, playground.StateClosed)
		s.do(&playground.SetDeadline{Socket: c, Kind: "write"})
		s.write(c, "late")
	}, map[string][]string{"client": {"C1 write: …i/o timeout", "C1 write: …connection reset by peer"}}},
	{"one socket of many", func(s *session) {
		l, address := s.listen(playground.Listen{Address: "127.0.0.1:0"})
		for _, text := range []string{"one", "two", "three"} {
			s.write(s.dial(playground.Dial{Address: address, ReadMode: playground.ReadManual}), text)
		}
		for range 3 {
			s.read(s.accept(l))
		}
		s.do(&playground.Close{All: true})
	}, map[string][]string{"server": {`S1.1 read "one"`, `S1.2 read "two"`, `S1.3 read "three"`}}},
	{"a Read that waits still", func(s *session) {
		c, _ := s.connected()
		s.running(s.do(&playground.Read{Socket: c}).Calls[0])
	}, nil},
}

// storyOf plays a story and gives what was done; the session is closed before the programs run.
func storyOf(t *testing.T, do func(*session)) *play {
	t.Helper()
	var story *play
	t.Run("session", func(t *testing.T) {
		s := open(t)
		do(s)
		story = &play{s.Log().Story(), s.Log().Events(0)}
	})
	if story == nil {
		t.FailNow()
	}
	return story
}

// TestCode: the programs of a session, run against each other, get what the session got.
func TestCode(t *testing.T) {
	in := openWith(t, playground.Config{Labs: needLabs(t)}).manager
	for _, c := range codeStories {
		t.Run(c.name, func(t *testing.T) {
			story := storyOf(t, c.play)
			inChinese(t, story)
			files, ok := code.Write(story.Story, "go", code.Options{})
			if !ok {
				t.Fatal("there is no Go")
			}
			for _, f := range files {
				for _, want := range c.outputs[f.Host] {
					if got := squeezed(f.Output); !slices.Contains(got, squeezed([]string{want})[0]) {
						t.Errorf("%s would print %q, want %q", f.Name, f.Output, want)
					}
				}
			}
			for _, language := range code.Languages() {
				t.Run(language, func(t *testing.T) {
					t.Parallel()
					meet(t, in, story, language)
				})
			}
		})
	}
}

// squeezed takes the blanks out of lines.
func squeezed(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.ReplaceAll(l, " ", "")
	}
	return out
}

// TestShortest: the programs that are shown before anything was done meet.
func TestShortest(t *testing.T) {
	in := openWith(t, playground.Config{Labs: needLabs(t)}).manager
	for _, network := range []string{"machine", "lab"} {
		for _, language := range code.Languages() {
			t.Run(network+"/"+language, func(t *testing.T) { meet(t, in, &play{Story: code.Shortest(network)}, language) })
		}
	}
}
