// Package code writes programs that do what was done in a session: a client and a server, in Go, Python, C or shell.
// It is pure: what was done comes in as a Story, and the files come out, each line with the events that it stands for.
//
// Two programs have to meet. What a call waits for by itself keeps their order (a Read waits for the peer's Write, an
// Accept for the Dial); where the order matters and no call would keep it, one program sleeps (order.go), and asks first where
// it hangs on a person who starts the other one, or lets it go on (turn.go). What waited
// while others were called gets a thread (beside.go). For what was done to a Lab's wire both programs stop (turn.go).
package code

import (
	"context"
	"strings"
	"time"
)

// Story is what was done in a session.
type Story struct {
	Network string // "machine" or "lab"
	Cut     bool   // what was done first is no longer known
	Wire    bool   // the wire or a kernel setting had a part in it, and what calls returned may be its work
	Long    bool   // what was done last is too much to show
	Sockets []Socket
	Calls   []Call // in the order in which they began
	Turns   []Turn // in their order
}

// Socket is a listener or a connection that the story is about.
type Socket struct {
	Name, Host string
	Listener   string // the socket that accepted it; empty: it dialled, or it listens
	Peer       string // its other end, as far as that is in the story
	Behavior   string // of a listener: what it does with each connection, as the protocol names it
	Banner     []byte
	Bytes      int
	Interval   time.Duration
	Changed    bool   // of a listener: its behaviour was changed while it listened
	State      string // the kernel's, now
	Open       bool   // the program still has it
	TimeWait   bool   // it is in TIME_WAIT, or was
}

// Call is one call that was made, or a row of them.
type Call struct {
	Seqs       []uint64 // its events
	Number     uint64   // the call's
	Socket     string
	Op         string // Listen Accept Dial Read Write CloseWrite CloseRead Close Reset SetDeadline SetOption
	ByBehavior bool
	Auto       bool // a Read that the playground makes by itself, again and again
	Start, End time.Duration
	Waits      bool   // it has not returned
	Conn       string // of an Accept: the connection that it gave
	Err        *Error

	Address, Local string // of Listen and Dial
	Backlog        int
	Timeout        time.Duration
	Options        []Option // set before or right after opening

	Data     []byte // of a Write, as far as kept
	Size     int64  // of a Read: its buffer; of a Write: all bytes
	N        int64  // bytes done
	Times    int64  // how many calls this stands for, where more than one
	Loose    bool   // of Reads: until there was no more; how many bytes came is the kernels' affair
	Drain    bool   // of Reads: as much as there is, likewise; no end came
	Chunk    int    // bytes a Write, where the row is a transfer
	Interval time.Duration
	Random   bool

	Option   Option
	Deadline string        // read, write or both
	After    time.Duration // of a deadline; 0 clears it
}

// Option is a socket option by its name in the protocol; its value is a bool, an int64 or a string.
type Option struct {
	Name  string
	Value any
}

// Error is what a call returned as its error.
type Error struct{ Text, Errno, Kind string }

// Options change how a story is written.
type Options struct {
	// Patience is added to every sleep that keeps the order of the two programs: for a machine that is busy.
	Patience time.Duration
	// Chinese comments, and not English ones.
	Chinese bool
}

// File is one program.
type File struct {
	Name    string   // client.go
	Host    string   // client or server
	Run     string   // how to run it
	Sockets []string // whose calls are in it
	Calls   int      // how many calls it makes of those that were made
	Lines   []Line
	Ends    bool  // it ends by itself, or with Enter: no call waits still, and no loop goes on
	Stops   []int // the turns that it stops for, by their place among Story.Stops
	// Output is what the program prints when its calls return what those of the story did; … stands for any text.
	// Lines of connections that are served by a loop are not in it: their order is not the program's alone.
	Output []string
}

// Line is one line of a program.
type Line struct {
	Text string
	Seqs []uint64 // the events that it stands for
	Call string   // the function in it that moves TCP
}

// Text is the whole file.
func (f *File) Text() string {
	var b strings.Builder
	for _, l := range f.Lines {
		b.WriteString(l.Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// Languages are the names that Write takes.
func Languages() []string { return []string{"go", "python", "c", "shell"} }

// language is one of them.
type language struct {
	extension, lexer string
	run              func(file string) string
	write            func(t *text, p *program)
	timeouts         bool // it has time limits for calls that begin later, and no deadlines
}

var languages = map[string]language{
	"go":     {".go", "go", func(f string) string { return "go run " + f }, writeGo, false},
	"python": {".py", "python", func(f string) string { return "python3 " + f }, writePython, true},
	"c": {".c", "c", func(f string) string {
		name := strings.TrimSuffix(f, ".c")
		return "cc -o " + name + " " + f + " && ./" + name
	}, writeC, true},
	"shell": {".sh", "bash", func(f string) string { return "bash " + f }, writeShell, true},
}

// Write gives the programs of a story: what was done on the client host, then what on the server host. A story without
// calls gives the shortest client and server there are. ok is false for a language that it does not know.
func Write(s *Story, name string, o Options) (files []File, ok bool) {
	return WriteContext(context.Background(), s, name, o)
}

// WriteContext is Write that is given up, with what is written by then, when ctx ends.
func WriteContext(ctx context.Context, s *Story, name string, o Options) (files []File, ok bool) {
	l, ok := languages[name]
	if !ok {
		return nil, false
	}
	if len(s.Calls) == 0 && !s.Cut {
		s = Shortest(s.Network)
	}
	for _, p := range programs(ctx, s, o) {
		if ctx.Err() != nil {
			return files, true
		}
		p.besides(l.timeouts)
		t := &text{options: o}
		l.write(t, p)
		f := File{Name: p.host + l.extension, Host: p.host, Sockets: p.sockets(), Calls: p.calls, Lines: t.finish(), Ends: p.finite(), Stops: p.stops(), Output: t.output}
		f.Run = l.run(f.Name)
		files = append(files, f)
	}
	return files, true
}

// Shortest is the least that is a conversation: what Write shows of a story without calls.
func Shortest(network string) *Story {
	address := "127.0.0.1:8330"
	if network == "lab" {
		address = "192.0.2.2:8330"
	}
	ms := time.Millisecond
	return &Story{
		Network: network,
		Sockets: []Socket{{Name: "S1", Host: "server", Behavior: "manual"}, {Name: "C1", Host: "client", Peer: "S1.1"},
			{Name: "S1.1", Host: "server", Listener: "S1", Peer: "C1"}},
		Calls: []Call{
			{Socket: "S1", Op: "Listen", Address: ":8330", Start: 0, End: 0},
			{Socket: "C1", Op: "Dial", Address: address, Start: ms, End: 2 * ms},
			{Socket: "S1", Op: "Accept", Conn: "S1.1", Start: 3 * ms, End: 4 * ms},
			{Socket: "C1", Op: "Write", Data: []byte("hello"), Size: 5, N: 5, Start: 5 * ms, End: 6 * ms},
			{Socket: "C1", Op: "Close", Start: 7 * ms, End: 8 * ms},
			{Socket: "S1.1", Op: "Read", Data: []byte("hello"), Size: 4096, N: 5, Start: 4 * ms, End: 9 * ms},
			{Socket: "S1.1", Op: "Read", Size: 4096, Err: &Error{Text: "EOF", Kind: "eof"}, Start: 9 * ms, End: 10 * ms},
			{Socket: "S1.1", Op: "Close", Start: 10 * ms, End: 11 * ms},
			{Socket: "S1", Op: "Close", Start: 12 * ms, End: 13 * ms},
		},
	}
}
