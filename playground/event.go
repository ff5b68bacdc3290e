package playground

// Source says how a fact is known.
type Source string

// The sources. Inferred is never shown as observed.
const (
	SourceCall     Source = "call"      // our own call returned it, getsockopt included
	SourceSockDiag Source = "sock_diag" // the kernel's answer about the socket
	SourceSegment  Source = "segment"   // it crossed the wire, and we read it there
	SourceInferred Source = "inferred"  // it must have been so; nobody saw it
)

// Header is what every event has.
type Header struct {
	Seq    uint64 `json:"seq"`
	AtNS   int64  `json:"at_ns"`
	Type   string `json:"type"`
	Socket string `json:"socket,omitempty"`
	Source Source `json:"source,omitempty"`
}

func (h *Header) header() *Header { return h }

// Event is a fact of a session's log, in the past tense. The kinds are the structs of this file, event_segment.go, event_lab.go
// and event_demo.go, and no others; their fields are described in the protocol (web/PROTOCOL.md).
type Event interface {
	header() *Header
	kind() string
	appendFields(w *jsonWriter)
}

// ToldAt is when an event was told, in nanoseconds of the session's clock. What it tells may have happened a little before.
func ToldAt(e Event) int64 { return e.header().AtNS }

// The kinds of sockets.
const (
	KindListener = "listener"
	KindConn     = "conn"
	KindOther    = "other" // another program's; we only look
)

// Process names the program that holds a descriptor.
type Process struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
	// Inferred: it was gone before its descriptors could be looked at; no other program ran on that host of the Lab.
	Inferred bool `json:"inferred,omitempty"`
}

// SocketOpened says that there is a new socket.
type SocketOpened struct {
	Header
	Kind     string            `json:"kind"`
	Host     string            `json:"host"`
	Network  string            `json:"network"`
	Family   string            `json:"family,omitempty"`
	Local    string            `json:"local,omitempty"`
	Remote   string            `json:"remote,omitempty"`
	Device   string            `json:"device,omitempty"`
	Listener string            `json:"listener,omitempty"`
	Behavior Behavior          `json:"behavior,omitempty"`
	Settings *BehaviorSettings `json:"settings,omitempty"`
	Backlog  int               `json:"backlog,omitempty"`
	ReadMode ReadMode          `json:"read_mode,omitempty"`
	Call     uint64            `json:"call,omitempty"`
	Cookie   string            `json:"cookie,omitempty"`
	Accepted bool              `json:"accepted,omitempty"`
}

// AddressAssigned says which addresses and identity the kernel gave the socket.
type AddressAssigned struct {
	Header
	Family string `json:"family,omitempty"`
	Local  string `json:"local,omitempty"`
	Remote string `json:"remote,omitempty"`
	Cookie string `json:"cookie,omitempty"`
}

// ConnAccepted says that Accept handed the connection to the program.
type ConnAccepted struct {
	Header
	Listener string   `json:"listener"`
	Call     uint64   `json:"call,omitempty"`
	ReadMode ReadMode `json:"read_mode,omitempty"`
}

// PeerFound says that the socket's other end is seen here too.
type PeerFound struct {
	Header
	Peer string `json:"peer"`
}

// ProcessFound says whose descriptor it is.
type ProcessFound struct {
	Header
	Process Process `json:"process"`
}

// CallStarted says that a call began.
type CallStarted struct {
	Header
	Call  uint64 `json:"call"`
	Op    string `json:"op"`
	Args  string `json:"args,omitempty"`
	Host  string `json:"host,omitempty"`
	By    string `json:"by,omitempty"`
	Bytes int64  `json:"bytes,omitempty"`
	Data  []byte `json:"data,omitempty"`
	// What else a Listen or a Dial was asked for. What the kernel made of the options is in OptionsRead.
	Options   Options `json:"options,omitempty"`
	Local     string  `json:"local,omitempty"`
	TimeoutMS int64   `json:"timeout_ms,omitempty"`
}

// CallReturned says what a call returned.
type CallReturned struct {
	Header
	Call       uint64     `json:"call"`
	Op         string     `json:"op"`
	Args       string     `json:"args,omitempty"`
	Host       string     `json:"host,omitempty"`
	By         string     `json:"by,omitempty"`
	StartedNS  int64      `json:"started_ns"`
	ReturnedNS int64      `json:"returned_ns"`
	Result     string     `json:"result"`
	N          int64      `json:"n,omitempty"`
	Bytes      int64      `json:"bytes,omitempty"`
	Data       []byte     `json:"data,omitempty"`
	Error      *CallError `json:"error,omitempty"`
}

// CallsSummarised stands for successful calls that came too fast to list.
type CallsSummarised struct {
	Header
	Op      string `json:"op"`
	By      string `json:"by,omitempty"`
	Calls   int64  `json:"calls"`
	Bytes   int64  `json:"bytes"`
	FirstNS int64  `json:"first_ns"`
	LastNS  int64  `json:"last_ns"`
	Data    []byte `json:"data,omitempty"`
}

// StateChanged says that the kernel's socket went to another state.
type StateChanged struct {
	Header
	From    State  `json:"from"`
	To      State  `json:"to"`
	Cause   uint64 `json:"cause,omitempty"`
	Segment uint64 `json:"segment,omitempty"`
	Edge    string `json:"edge,omitempty"`
	Timer   string `json:"timer,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// The reasons for CLOSED.
const (
	ReasonRefused       = "refused"
	ReasonTimedOut      = "timed_out"
	ReasonResetSent     = "reset_sent"
	ReasonResetReceived = "reset_received"
	ReasonAborted       = "aborted"
	ReasonTimeWaitOver  = "time_wait_over"
	ReasonAcknowledged  = "acknowledged"
	ReasonNeverOpened   = "never_opened"
	ReasonClosed        = "closed"
	ReasonDestroyed     = "destroyed" // from outside, as ss -K does (SOCK_DESTROY, sock_diag(7))
	ReasonUnknown       = "unknown"
)

// MetricsSampled carries the socket's numbers as they were at AtNS.
type MetricsSampled struct {
	Header
	Metrics Metrics `json:"metrics"`
}

// OptionsRead carries option values read back from the kernel.
type OptionsRead struct {
	Header
	Options     Options           `json:"options"`
	Unsupported map[string]string `json:"unsupported,omitempty"`
}

// BehaviorChanged says what the listener does with later connections.
type BehaviorChanged struct {
	Header
	Behavior Behavior          `json:"behavior"`
	Settings *BehaviorSettings `json:"settings,omitempty"`
}

// ReadModeChanged says who reads: the playground by itself, or the user.
type ReadModeChanged struct {
	Header
	ReadMode ReadMode `json:"read_mode"`
}

// DeadlineSet says until when Read or Write may block; AfterMS 0 means no limit.
type DeadlineSet struct {
	Header
	Kind    string `json:"kind"`
	AfterMS int64  `json:"after_ms,omitempty"`
}

// DescriptorClosed says that the program gave the socket up; the kernel may keep it longer.
type DescriptorClosed struct {
	Header
	Call uint64 `json:"call,omitempty"`
}

// TransferStarted says that a send of many chunks began.
type TransferStarted struct {
	Header
	Transfer   uint64 `json:"transfer"`
	Encoding   string `json:"encoding"`
	Bytes      int64  `json:"bytes"`
	Chunk      int    `json:"chunk"`
	IntervalMS int64  `json:"interval_ms,omitempty"`
}

// TransferFinished says that it ended, after how many bytes.
type TransferFinished struct {
	Header
	Transfer  uint64     `json:"transfer"`
	Bytes     int64      `json:"bytes"`
	StartedNS int64      `json:"started_ns"`
	Cancelled bool       `json:"cancelled,omitempty"`
	Error     *CallError `json:"error,omitempty"`
}

// DigestComputed is the SHA-256 of Bytes bytes of one direction, beginning at offset From.
type DigestComputed struct {
	Header
	Direction string `json:"direction"`
	Bytes     int64  `json:"bytes"`
	SHA256    string `json:"sha256"`
	From      int64  `json:"from"`
}

// SocketRemoved says that the socket left the session.
type SocketRemoved struct{ Header }

// EventsLost counts facts that could not be listed.
type EventsLost struct {
	Header
	Count int64  `json:"count"`
	What  string `json:"what"`
}

// Notice is one sentence for the user.
type Notice struct {
	Header
	Level   string `json:"level"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (*SocketOpened) kind() string     { return "socket_opened" }
func (*AddressAssigned) kind() string  { return "address_assigned" }
func (*ConnAccepted) kind() string     { return "conn_accepted" }
func (*PeerFound) kind() string        { return "peer_found" }
func (*ProcessFound) kind() string     { return "process_found" }
func (*CallStarted) kind() string      { return "call_started" }
func (*CallReturned) kind() string     { return "call_returned" }
func (*CallsSummarised) kind() string  { return "calls_summarised" }
func (*StateChanged) kind() string     { return "state_changed" }
func (*MetricsSampled) kind() string   { return "metrics_sampled" }
func (*OptionsRead) kind() string      { return "options_read" }
func (*BehaviorChanged) kind() string  { return "behavior_changed" }
func (*ReadModeChanged) kind() string  { return "read_mode_changed" }
func (*DeadlineSet) kind() string      { return "deadline_set" }
func (*DescriptorClosed) kind() string { return "descriptor_closed" }
func (*TransferStarted) kind() string  { return "transfer_started" }
func (*TransferFinished) kind() string { return "transfer_finished" }
func (*DigestComputed) kind() string   { return "digest_computed" }
func (*SocketRemoved) kind() string    { return "socket_removed" }
func (*EventsLost) kind() string       { return "events_lost" }
func (*Notice) kind() string           { return "notice" }

// newEvent makes an empty event of a kind, for decoding; nil if there is none.
func newEvent(kind string) Event {
	for _, make := range []func() Event{
		func() Event { return new(SocketOpened) }, func() Event { return new(AddressAssigned) },
		func() Event { return new(ConnAccepted) }, func() Event { return new(PeerFound) },
		func() Event { return new(ProcessFound) }, func() Event { return new(CallStarted) },
		func() Event { return new(CallReturned) }, func() Event { return new(CallsSummarised) },
		func() Event { return new(StateChanged) }, func() Event { return new(MetricsSampled) },
		func() Event { return new(OptionsRead) }, func() Event { return new(BehaviorChanged) },
		func() Event { return new(ReadModeChanged) }, func() Event { return new(DeadlineSet) },
		func() Event { return new(DescriptorClosed) }, func() Event { return new(TransferStarted) },
		func() Event { return new(TransferFinished) }, func() Event { return new(DigestComputed) },
		func() Event { return new(SocketRemoved) }, func() Event { return new(EventsLost) },
		func() Event { return new(Notice) },
		func() Event { return new(SegmentSent) }, func() Event { return new(SegmentLanded) },
		func() Event { return new(WireIntervened) }, func() Event { return new(SegmentsSummarised) },
		func() Event { return new(PortWatched) }, func() Event { return new(LabOpened) },
		func() Event { return new(LabClosed) }, func() Event { return new(QuickAckSet) },
		func() Event { return new(KernelSettingsRead) }, func() Event { return new(WireChanged) },
		func() Event { return new(DemoStarted) }, func() Event { return new(DemoStepStarted) },
		func() Event { return new(DemoAsked) }, func() Event { return new(DemoPredicted) },
		func() Event { return new(DemoCheckDecided) }, func() Event { return new(DemoPaused) },
		func() Event { return new(DemoReading) }, func() Event { return new(DemoResumed) }, func() Event { return new(DemoFinished) },
	} {
		if e := make(); e.kind() == kind {
			return e
		}
	}
	return nil
}
