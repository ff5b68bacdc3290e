package code_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/code"
)

const ms = time.Millisecond

// conversation is a client that writes twice, and a server that reads.
func conversation() *code.Story {
	return &code.Story{
		Network: "machine",
		Sockets: []code.Socket{{Name: "S1", Host: "server", Behavior: "manual", State: "LISTEN", Open: true},
			{Name: "C1", Host: "client", Peer: "S1.1", TimeWait: true},
			{Name: "S1.1", Host: "server", Listener: "S1", Peer: "C1"}},
		Calls: []code.Call{
			{Seqs: []uint64{1, 2}, Socket: "S1", Op: "Listen", Address: ":8330"},
			{Seqs: []uint64{3, 4}, Socket: "C1", Op: "Dial", Address: "127.0.0.1:8330", Start: 10 * ms, End: 11 * ms},
			{Seqs: []uint64{5, 6}, Socket: "S1", Op: "Accept", Conn: "S1.1", Start: 20 * ms, End: 21 * ms},
			{Seqs: []uint64{7, 8}, Socket: "C1", Op: "Write", Data: []byte("one "), Size: 4, N: 4, Start: 30 * ms, End: 31 * ms},
			{Seqs: []uint64{9, 10}, Socket: "C1", Op: "Write", Data: []byte("two"), Size: 3, N: 3, Start: 3230 * ms, End: 3231 * ms},
			{Seqs: []uint64{11, 12}, Socket: "S1.1", Op: "Read", Data: []byte("one two"), Size: 4096, N: 7, Start: 3240 * ms, End: 3241 * ms},
			{Seqs: []uint64{13, 14}, Socket: "C1", Op: "Close", Start: 3250 * ms, End: 3251 * ms},
		},
	}
}

func write(t *testing.T, s *code.Story, language string, o code.Options) (client, server code.File) {
	t.Helper()
	files, ok := code.Write(s, language, o)
	if !ok || len(files) != 2 {
		t.Fatalf("%s: got %d files, %v", language, len(files), ok)
	}
	return files[0], files[1]
}

// lineOf finds the line that holds a text.
func lineOf(t *testing.T, f code.File, text string) (int, code.Line) {
	t.Helper()
	i := slices.IndexFunc(f.Lines, func(l code.Line) bool { return strings.Contains(l.Text, text) })
	if i < 0 {
		t.Fatalf("%s has no %q:\n%s", f.Name, text, f.Text())
	}
	return i, f.Lines[i]
}

func TestLinesStandForEvents(t *testing.T) {
	calls := map[string][3]string{ // by language: how Dial, the second Write and Read begin
		"go":     {"DialTCP(", `[]byte("two")`, "s1_1.Read("},
		"python": {"create_connection(", `b"two"`, "s1_1.recv("},
		"c":      {"connect(c1", `"two"`, "read(s1_1"},
		"shell":  {"| nc", "printf 'two'", "nc -l"},
	}
	for language, want := range calls {
		client, server := write(t, conversation(), language, code.Options{})
		if _, l := lineOf(t, client, want[0]); !slices.Equal(l.Seqs, []uint64{3, 4}) {
			t.Errorf("%s: %q stands for %v, want 3 and 4", language, l.Text, l.Seqs)
		}
		if _, l := lineOf(t, client, want[1]); !slices.Equal(l.Seqs, []uint64{9, 10}) {
			t.Errorf("%s: %q stands for %v, want 9 and 10", language, l.Text, l.Seqs)
		}
		if language == "shell" {
			continue // where one nc stands for all
		}
		if _, l := lineOf(t, server, want[2]); !slices.Equal(l.Seqs, []uint64{11, 12}) {
			t.Errorf("%s: %q stands for %v, want 11 and 12", language, l.Text, l.Seqs)
		}
	}
}

// TestOptionsSendNothing: what is set right after Dial is not what sent its segments.
func TestOptionsSendNothing(t *testing.T) {
	s := conversation()
	s.Calls[0].Options = []code.Option{{Name: "KeepAlive", Value: false}}
	s.Calls[1].Options = []code.Option{{Name: "KeepAlive", Value: false}, {Name: "NoDelay", Value: false}}
	for language, names := range map[string][2]string{"go": {"SetKeepAlive(", "SO_KEEPALIVE"}, "python": {"SO_KEEPALIVE", "SO_KEEPALIVE"}, "c": {"SO_KEEPALIVE", "SO_KEEPALIVE"}} {
		client, server := write(t, s, language, code.Options{})
		for i, f := range []code.File{client, server} {
			if _, l := lineOf(t, f, names[i]); len(l.Seqs) > 0 {
				t.Errorf("%s: %q stands for %v, want nothing", f.Name, l.Text, l.Seqs)
			}
		}
	}
}

// Pauses of a person become sleeps where nothing waits by itself, and short ones do not.
func TestSleeps(t *testing.T) {
	client, server := write(t, conversation(), "go", code.Options{})
	if got := strings.Count(client.Text(), "time.Sleep"); got != 1 {
		t.Errorf("the client sleeps %d times, want once before the second Write:\n%s", got, client.Text())
	}
	at, _ := lineOf(t, client, "3200 * time.Millisecond")
	if next, _ := lineOf(t, client, `"two"`); next != at+1 {
		t.Errorf("the client sleeps in line %d, and writes in %d", at, next)
	}
	if got := strings.Count(server.Text(), "time.Sleep"); got != 1 {
		t.Errorf("the server must sleep once, or it reads %q alone:\n%s", "one ", server.Text())
	}
	long := conversation()
	for i := 4; i < len(long.Calls); i++ {
		long.Calls[i].Start += time.Minute
		long.Calls[i].End += time.Minute
	}
	client, _ = write(t, long, "go", code.Options{})
	lineOf(t, client, "time.Sleep(5 * time.Second) // it was 63 s")
}

func TestHeads(t *testing.T) {
	cases := []struct {
		name, want string
		change     func(*code.Story)
	}{
		{"nothing was done", "Nothing was clicked yet", func(s *code.Story) { *s = code.Story{Network: "lab"} }},
		{"the log does not reach back", "no longer reaches back", func(s *code.Story) { s.Cut = true }},
		{"too much was done", "what came last is left out", func(s *code.Story) { s.Long = true }},
		{"one side did nothing", "Nothing was done on the client host", func(s *code.Story) { s.Calls = s.Calls[:1] }},
	}
	for _, c := range cases {
		s := conversation()
		c.change(s)
		for _, language := range code.Languages() {
			client, _ := write(t, s, language, code.Options{})
			text := client.Text()
			text = strings.Join(strings.Fields(strings.NewReplacer("//", "", "#", "").Replace(text)), " ")
			if !strings.Contains(text, c.want) {
				t.Errorf("%s, %s: no %q in\n%s", c.name, language, c.want, client.Text())
			}
		}
	}
	if _, ok := code.Write(conversation(), "perl", code.Options{}); ok {
		t.Error("there is a language perl")
	}
}

// TestShell: what nc cannot do is said.
func TestShell(t *testing.T) {
	s := conversation()
	s.Calls = append(s.Calls, code.Call{Socket: "C1", Op: "Reset", Start: 4 * time.Second, End: 4 * time.Second},
		code.Call{Socket: "C1", Op: "SetOption", Option: code.Option{Name: "NoDelay", Value: true}, Start: 5 * time.Second, End: 5 * time.Second})
	client, _ := write(t, s, "shell", code.Options{})
	for _, want := range []string{"# nc cannot reset a connection.", "# nc cannot set NoDelay true.", "ss -tano", "tcpdump -nn -i lo 'tcp port 8330'", "tcp.port == 8330"} {
		lineOf(t, client, want)
	}
}

// TestHighlight: the tokens of a line are its text, and exactly the calls that move TCP are marked.
func TestHighlight(t *testing.T) {
	for _, language := range code.Languages() {
		client, _ := write(t, conversation(), language, code.Options{})
		marked := 0
		for i, tokens := range code.Highlight(&client, language) {
			text := ""
			for _, token := range tokens {
				text += token[1]
				if token[0] == "call" {
					marked++
					if token[1] != client.Lines[i].Call {
						t.Errorf("%s: %q is marked in %q, want %q", language, token[1], client.Lines[i].Text, client.Lines[i].Call)
					}
				}
			}
			if text != client.Lines[i].Text {
				t.Errorf("%s: the tokens are %q, the line %q", language, text, client.Lines[i].Text)
			}
		}
		calls := 0
		for _, l := range client.Lines {
			if l.Call != "" {
				calls++
			}
		}
		if marked != calls || calls == 0 {
			t.Errorf("%s: %d calls are marked, want %d", language, marked, calls)
		}
	}
}

func TestModule(t *testing.T) {
	for language, want := range map[string][]string{
		"go":     {"sockets/client/main.go", "sockets/server/main.go", "sockets/go.mod", "sockets/README.md"},
		"python": {"sockets/client.py", "sockets/server.py", "sockets/README.md"},
	} {
		files, _ := code.Write(conversation(), language, code.Options{})
		var b bytes.Buffer
		if err := code.Module(&b, "lab", language, files, code.Options{}); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range z.File {
			names = append(names, f.Name)
			if f.Name != "sockets/README.md" {
				continue
			}
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil || !strings.Contains(string(text), "socketplayground exec -host server -- ") {
				t.Errorf("%s: the README does not say how to run the server in a Lab (%v):\n%s", language, err, text)
			}
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: got %q, want %q", language, names, want)
		}
	}
}

// TestReadOfSeveralWrites: a Read that waited while several Writes were made gave them all by luck; the programs ask for
// as many bytes. One that came after them reads as it did.
func TestReadOfSeveralWrites(t *testing.T) {
	waited := conversation()
	waited.Calls[5].Start = 3220 * ms // before the second Write
	for language, want := range map[string]string{
		"go":     "io.ReadFull(s1_1, buf[:7]) // of several Writes: until all of it has come",
		"python": "s1_1.recv(7, socket.MSG_WAITALL)  # of several Writes",
		"c":      "recv(s1_1, buf, 7, MSG_WAITALL)",
	} {
		_, server := write(t, waited, language, code.Options{})
		lineOf(t, server, want)
		_, server = write(t, conversation(), language, code.Options{})
		for _, l := range server.Lines {
			if strings.Contains(l.Text, "WAITALL") || strings.Contains(l.Text, "ReadFull") {
				t.Errorf("%s: a Read that came after the Writes is %q", language, l.Text)
			}
		}
	}
}

// TestAddressesForOthers: Python and nc do not take for IPv4 what is written as IPv6, nor a zone where there is none, as Go and C do.
func TestAddressesForOthers(t *testing.T) {
	for _, c := range []struct{ typed, plain string }{
		{"[::ffff:127.0.0.1]:8330", "127.0.0.1"}, {"[::1%lo]:8330", "::1"}, {"[::1]:8330", "::1"}, {"127.0.0.2:8330", "127.0.0.2"}, {"[fe80::1%eth0]:8330", "fe80::1%eth0"},
		{"localhost:8330", "localhost"},
	} {
		s := conversation()
		s.Calls[0].Address, s.Calls[1].Address = c.typed, c.typed
		client, server := write(t, s, "python", code.Options{})
		lineOf(t, client, `create_connection(("`+c.plain+`", 8330)`)
		lineOf(t, server, `create_server(("`+c.plain+`", 8330)`)
		client, server = write(t, s, "shell", code.Options{})
		lineOf(t, client, c.plain+" 8330")
		lineOf(t, server, "-l -v "+c.plain+" 8330")
	}
}

// TestWriteGivenUp: what nobody waits for any more is not written.
func TestWriteGivenUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, language := range code.Languages() {
		if files, ok := code.WriteContext(ctx, code.Shortest("machine"), language, code.Options{}); len(files) > 0 || !ok {
			t.Errorf("%s: %d files, %t", language, len(files), ok)
		}
	}
}
