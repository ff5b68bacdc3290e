package code

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// program is what one host did, in the order in which its program does it.
type program struct {
	host    string
	network string
	long    bool
	wire    bool
	cut     bool
	example bool // nothing was done yet
	calls   int
	steps   []step
	open    []*Socket // the program still has them at its end
	all     map[string]*Socket
	options Options
	before  []Phrase // what is to be done in the Lab before it starts
}

// step is one thing that a program does: a call, or a pause before it.
type step struct {
	Call
	sleep    time.Duration
	why      string              // of a sleep
	exactly  bool                // of a Read: until N bytes have come, in as many Reads as it takes
	whole    bool                // of a Read: it gave what several Writes sent while it waited; another may get only the first
	beside   bool                // it waited while later calls were made: it needs a thread of its own
	loop     *Socket             // of a Listen: the connections are served by a loop
	loopSeqs map[string][]uint64 // and what it did, by call
	words    []Phrase            // of a turn: what is to be done
	stop     int                 // of a turn: its place among Story.Stops
	side     string              // of a call beside the others: its name
	left     bool                // of one that waits still: the program ends without it
	ask      string              // of a call: what the person must do first, for the other program to be as far
	ahead    bool                // of a SetDeadline: before the Write during which it was set
	joined   bool                // a later step of its socket waits until it has returned
	joins    []*step             // those that must have returned before this one
}

func (p *program) sockets() []string {
	names := []string{}
	for _, st := range p.steps {
		for _, name := range []string{st.Socket, st.Conn} {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// has says whether a step of the program satisfies a condition.
func (p *program) has(holds func(*step) bool) bool {
	for i := range p.steps {
		if holds(&p.steps[i]) {
			return true
		}
	}
	return false
}

// stops are the turns that the program stops for.
func (p *program) stops() (list []int) {
	for i := range p.steps {
		if p.steps[i].Op == turnOp {
			list = append(list, p.steps[i].stop)
		}
	}
	return list
}

// split takes an address apart; a Lab's host it gives the address that stands for its name.
func (p *program) split(address string) (host string, port int) {
	host, port = apart(address)
	if p.network == "lab" { // its hosts know each other by name; nobody else does
		host = cmp.Or(map[string]string{"client": "192.0.2.1", "server": "192.0.2.2"}[host], host)
	}
	return host, port
}

// plain takes an address apart for programs that give it to getaddrinfo(3), such as Python's and nc. Go and C take an IPv4
// address that is written as an IPv6 one for IPv4, and a zone where none is needed; those would not.
func (p *program) plain(address string) (host string, port int) {
	host, port = p.split(address)
	a, err := netip.ParseAddr(host)
	if err != nil {
		return host, port
	}
	if a = a.Unmap(); !a.IsLinkLocalUnicast() {
		a = a.WithZone("")
	}
	return a.String(), port
}

// apart is net.SplitHostPort for addresses that have been used already; package net is for calls, and there are none here.
func apart(address string) (host string, port int) {
	colon := strings.LastIndexByte(address, ':')
	if colon < 0 {
		return "", 0
	}
	port, _ = strconv.Atoi(address[colon+1:])
	return strings.Trim(address[:colon], "[]"), port
}

func (p *program) address(address string) string {
	host, port := p.split(address)
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("%s:%d", host, port)
}

// variable names a socket in a program: C1 is c1, S1.2 is s1_2.
func variable(socket string) string { return strings.ToLower(strings.ReplaceAll(socket, ".", "_")) }

// title is the line above what is done with a socket first.
func (p *program) title(st *step) string {
	switch st.Op {
	case "Listen", "Dial":
		return st.Socket
	case "Accept":
		return st.Conn
	}
	return ""
}

// ends says in one sentence what is still open when the program has done all, empty where nothing is.
func (p *program) ends() string {
	if len(p.open) == 0 {
		return ""
	}
	var states, parts []string
	names := map[string][]string{}
	for _, s := range p.open {
		if names[s.State] == nil {
			states = append(states, s.State)
		}
		names[s.State] = append(names[s.State], s.Name)
	}
	for _, state := range states {
		verb := "%s is in %s"
		if len(names[state]) > 1 {
			verb = "%s are in %s"
		}
		parts = append(parts, p.options.say(verb, strings.Join(names[state], ", "), state))
	}
	return p.options.say("%s.", strings.Join(parts, p.options.said("; ")))
}

// head are the sentences above a program.
func (p *program) head() []string {
	var words []string
	say := p.options.say
	switch {
	case p.example:
		words = append(words, say("Nothing was clicked yet: this is the shortest %s.", p.options.in(hostNames[p.host])))
	case p.cut:
		words = append(words, say("The log no longer reaches back to the beginning; what was done before is left out."))
	}
	if len(p.before) > 0 && len(p.steps) > 0 {
		words = append(words, say("First, in the Lab: %s.", p.options.list(p.before)))
	}
	if p.wire && len(p.before) == 0 && len(p.stops()) == 0 {
		words = append(words, say("The Lab's wire or its kernel settings had a part in this: elsewhere, calls may return something else."))
	}
	if p.long {
		words = append(words, say("More was done than anybody reads; what came last is left out."))
	}
	if len(p.steps) == 0 {
		words = append(words, say("Nothing was done on the %s host.", p.options.in(hostNames[p.host])))
	}
	return words
}

// shown is a duration as a person would say it in a comment.
func shown(d time.Duration) string {
	if d >= time.Second {
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// repeated gives the shortest text whose repetition data is, and how often it goes into size bytes.
func repeated(data []byte, size int64) (unit []byte, times int64) {
	for n := 1; n <= len(data)/2 && n <= 64; n++ {
		same := true
		for i := n; i < len(data) && same; i++ {
			same = data[i] == data[i-n]
		}
		if same && size%int64(n) == 0 {
			return data[:n], size / int64(n)
		}
	}
	return nil, 0
}

// longest is the most bytes that a program shows as a literal.
const longest = 200

// payload says how a program makes the bytes of a Write: as a literal, or as a text so many times over.
func (st *step) payload() (unit []byte, times int64) {
	if !st.Random && st.Size == int64(len(st.Data)) && len(st.Data) <= longest {
		return st.Data, 1
	}
	if !st.Random {
		if unit, times = repeated(st.Data, st.Size); times > 0 {
			return unit, times
		}
	}
	return []byte("x"), st.Size
}

// invented says that the bytes themselves are too many to show, and the program sends as many others.
func (st *step) invented() bool {
	unit, times := st.payload()
	return times > 1 && (st.Random || len(st.Data) < len(unit) || !strings.HasPrefix(string(st.Data), string(unit)) || notRepeated(st.Data, unit))
}

func notRepeated(data, unit []byte) bool {
	for i, b := range data {
		if b != unit[i%len(unit)] {
			return true
		}
	}
	return false
}

// told says whether what a Read gave is printed as text, or only counted.
func (st *step) told() bool {
	return !st.exactly && st.N > 0 && st.N <= longest && int64(len(st.Data)) == st.N
}

// severalWrites is the comment beside a Read that gave what several Writes sent.
const severalWrites = "of several Writes: until all of it has come"

// failed says whether the call is expected to return an error.
func (st *step) failed() bool { return st.Err != nil && !st.Waits }

// explains is the comment beside an error: what the kernel calls it.
func (t *text) explains(st *step) string {
	switch {
	case st.Err.Errno != "":
		return st.Err.Errno
	case st.Err.Kind == "eof":
		return t.options.said("EOF: got a FIN")
	case st.Err.Kind == "deadline", st.Err.Kind == "cancelled":
		return t.options.said("the deadline passed first")
	}
	return t.options.said("the socket was closed here")
}

// uses says whether a program does anything with a socket once it is open.
func (p *program) uses(socket string, opening *step) bool {
	return p.has(func(st *step) bool { return st.Socket == socket && st != opening }) || opening.loop != nil ||
		p.closes() && slices.ContainsFunc(p.open, func(s *Socket) bool { return s.Name == socket })
}

// finite says whether a program comes to its end.
func (p *program) finite() bool {
	return !p.has(func(st *step) bool { return st.Waits && !st.left }) && (len(p.steps) == 0 || p.steps[len(p.steps)-1].loop == nil)
}

// bothStop is the comment above a turn.
const bothStop = "Both programs stop here."

// Prompt is what a program prints when it has done all and keeps open what was left open.
const Prompt = "Enter ends this program."

// closes says whether a program waits at its end, and then closes what is open. It does not where a call still waits, or
// a loop has no end.
func (p *program) closes() bool {
	return len(p.open) > 0 && p.steps[len(p.steps)-1].loop == nil && !p.has(func(st *step) bool { return st.Waits && !st.beside })
}

// passed says that a call failed by a deadline that had passed before it was made. In Go a deadline is a point in time;
// elsewhere it is a time limit for each call, which would begin anew.
func (c *Call) passed() bool {
	return c.Err != nil && c.Err.Kind == "deadline" && c.End-c.Start < 50*time.Millisecond
}

// patience is how long a program lets a call wait that the user cancelled, or that had a time limit nobody told.
func (c *Call) patience() time.Duration {
	return max((c.End - c.Start).Round(100*time.Millisecond), margin)
}
