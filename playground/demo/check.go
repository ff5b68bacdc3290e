package demo

import "time"

// Check is one sentence of a demo that can be true or not: a check, a wait, or what makes a choice right.
type Check struct {
	Source string        // as written, and what JSON has
	Within time.Duration // until when it must have come true; 0: SettleTime
	Fact   Fact
	Line   int // in the file
}

// Fact is what a Check says; the kinds are the structs below and no others.
type Fact interface{ fact() }

// Is says which state a socket has now: one of States, or with Not none of them.
type Is struct {
	Socket string
	Not    bool
	States []string
	Reason string // of CLOSED; empty: any
}

// Reaches says that a socket goes through States in that order, beginning with the one that it has when the step begins,
// and then keeps the last for Stays.
type Reaches struct {
	Socket string
	States []string
	Stays  time.Duration
}

// Never says that a socket does not come into State.
type Never struct {
	Socket string
	State  string
}

// Stays says that a socket has State and keeps it For so long.
type Stays struct {
	Socket string
	State  string
	For    time.Duration
}

// Returns says what calls of a socket returned, in that order, others between allowed. After bounds from below how long
// the last took.
type Returns struct {
	Socket  string
	Call    string // as Go names it: Dial, Read …
	Results []Result
	After   time.Duration
}

// Result is what a call returned.
type Result struct {
	Kind  string // one of the Result constants
	Errno string
	N     int64
	Text  string
}

// The kinds of Result.
const (
	ResultOK      = "ok"      // no error
	ResultError   = "error"   // any error
	ResultErrno   = "errno"   // that one
	ResultEOF     = "EOF"     // io.EOF
	ResultTimeout = "timeout" // a deadline of ours (os.ErrDeadlineExceeded), or a dial that took too long
	ResultClosed  = "closed"  // net.ErrClosed
	ResultN       = "number"  // that many bytes, without an error
	ResultText    = "text"    // these bytes, without an error
)

// Takes says how long a call took that returned.
type Takes struct {
	Socket  string
	Call    string
	Compare Compare
	For     time.Duration
}

// Waiting says that a call of a socket has started and not returned.
type Waiting struct {
	Socket string
	Call   string
}

// Segments says which segments of a socket's connection crossed the wire, in the order in which they left.
type Segments struct {
	Socket  string
	Sent    bool // only those that this socket sent
	Exactly bool // these and no others, in this step
	List    []Seg
}

// Seg is a kind of segment.
type Seg struct {
	Kind  string   // one of the Seg constants
	Flags []string // of SegFlags
	Text  string   // of SegData: what its payload contains; empty: anything
	Whole bool     // Text is all of the payload
	With  []SegField
}

// SegField is a field of a segment that it has, or an option; or does not have.
type SegField struct {
	Name string // one of SegFields
	Not  bool
	Any  bool // whatever its value; of a field that every header has a place for, any but 0
	N    int64
	Text string // of ecn: one of ECNs
}

// The kinds of Seg; other marks have their noun for one (MarkOf).
const (
	SegAny           = "segment"
	SegFlags         = "flags" // at least these; SYN alone is without ACK, ACK alone is nothing but an ACK
	SegData          = "data"
	SegRetransmitted = "retransmission"
	SegZeroWindow    = "zero window"
	SegWindowProbe   = "window probe"
	SegKeepalive     = "keepalive"
	SegDuplicateACK  = "duplicate ACK"
	SegDropped       = "dropped segment" // by the wire
)

// Count says how many segments of a kind there are, of a socket's connection or only from that socket.
type Count struct {
	Compare Compare
	N       int64
	Seg     Seg
	Calls   bool // calls of the socket are counted, not segments
	Socket  string
	From    bool          // only what it sent
	SoFar   bool          // from the beginning of the run, not of the step
	For     time.Duration // none must come for so long; with Exactly 0
}

// Compare is a comparison with a number.
type Compare string

// The comparisons.
const (
	Exactly Compare = "exactly"
	AtLeast Compare = "at least"
	AtMost  Compare = "at most"
)

// Quantity says what a value of a socket is now.
type Quantity struct {
	Name    string // one of Quantities, or "option"
	Option  string // its name
	Socket  string
	Compare Compare
	N       int64         // of numbers
	Text    string        // of words: the timer's kind, the family, an option's value
	For     time.Duration // of durations
	Stays   time.Duration // so long
}

// Peer says that two sockets are the ends of one connection.
type Peer struct {
	Socket, Peer string
}

func (*Is) fact()       {}
func (*Reaches) fact()  {}
func (*Never) fact()    {}
func (*Stays) fact()    {}
func (*Returns) fact()  {}
func (*Takes) fact()    {}
func (*Waiting) fact()  {}
func (*Segments) fact() {}
func (*Count) fact()    {}
func (*Quantity) fact() {}
func (*Peer) fact()     {}

// Quantities are the values that a check may ask for, with the kind of each: number, duration or word.
var Quantities = map[string]string{
	"accept queue":  "number",
	"backlog":       "number",
	"drops":         "number", // segments that the socket dropped, so far
	"receive queue": "number",
	"send queue":    "number",
	"retransmits":   "number", // of the running timer, or probes
	"timer":         "word",   // retransmit keepalive fin_wait_2 time_wait persist none
	"timer expiry":  "duration",
	"mss":           "number",
	"cwnd":          "number",
	"rtt":           "duration",
	"family":        "word", // tcp4 tcp6
	"local port":    "number",
	"remote port":   "number",
	"kernel socket": "word",   // yes no: whether the kernel still has one (any state but CLOSED)
	"bytes read":    "number", // so far
	"bytes written": "number",

	"bytes retransmitted":   "number", // so far (TCP_INFO)
	"total retransmissions": "number",
	"rwnd limited":          "duration", // how long the peer's window has held sending up, so far (TCP_INFO)
}
