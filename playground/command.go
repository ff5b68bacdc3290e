package playground

import "encoding/json"

// Command is a request to a session. The kinds are the structs of this file, command_lab.go and
// command_demo.go, and no others; their fields are described in the protocol (web/PROTOCOL.md).
type Command interface{ command() string }

// Listen opens a listener.
type Listen struct {
	Network  string            `json:"network"`
	Address  string            `json:"address"`
	Host     string            `json:"host"`
	Backlog  int               `json:"backlog"`
	Behavior Behavior          `json:"behavior"`
	Settings *BehaviorSettings `json:"settings"`
	Options  RawOptions        `json:"options"`
}

// SetBehavior changes what a listener does with later connections.
type SetBehavior struct {
	Socket   string            `json:"socket"`
	Behavior Behavior          `json:"behavior"`
	Settings *BehaviorSettings `json:"settings"`
}

// Accept calls Accept once on a manual listener.
type Accept struct {
	Socket string `json:"socket"`
}

// Dial opens connections.
type Dial struct {
	Network   string     `json:"network"`
	Address   string     `json:"address"`
	Host      string     `json:"host"`
	Local     string     `json:"local"`
	TimeoutMS int64      `json:"timeout_ms"`
	Count     int        `json:"count"`
	ReadMode  ReadMode   `json:"read_mode"`
	Options   RawOptions `json:"options"`
}

// Write sends bytes.
type Write struct {
	Socket     string   `json:"socket"`
	Data       string   `json:"data"`
	Encoding   Encoding `json:"encoding"`
	Bytes      int64    `json:"bytes"`
	Chunk      int      `json:"chunk"`
	IntervalMS int64    `json:"interval_ms"`
	Digest     bool     `json:"digest"`
}

// Read calls Read once.
type Read struct {
	Socket string `json:"socket"`
	Bytes  *int   `json:"bytes"` // of the buffer; nil: DefaultChunk
}

// CloseWrite, CloseRead, Close and Reset end a socket or one side of it.
type (
	CloseWrite struct {
		Socket string `json:"socket"`
	}
	CloseRead struct {
		Socket string `json:"socket"`
	}
	Close struct {
		Socket string `json:"socket"`
		All    bool   `json:"all"` // every open socket of the session, instead of one
	}
	Reset struct {
		Socket string `json:"socket"`
	}
)

// SetOption sets one socket option.
type SetOption struct {
	Socket string          `json:"socket"`
	Name   string          `json:"name"`
	Value  json.RawMessage `json:"value"`
}

// SetDeadline bounds how long Read and Write may block; a nil AfterMS clears it.
type SetDeadline struct {
	Socket  string `json:"socket"`
	Kind    string `json:"kind"`
	AfterMS *int64 `json:"after_ms"`
}

// SetReadMode says who reads.
type SetReadMode struct {
	Socket   string   `json:"socket"`
	ReadMode ReadMode `json:"read_mode"`
}

// SetDigest switches SHA-256 over both directions on or off, from here on.
type SetDigest struct {
	Socket string `json:"socket"`
	On     bool   `json:"on"`
}

// Cancel ends a blocked call or a running transfer.
type Cancel struct {
	Call     uint64 `json:"call"`
	Transfer uint64 `json:"transfer"`
}

// Remove takes closed sockets out of the session.
type Remove struct {
	Socket    string `json:"socket"`
	AllClosed bool   `json:"all_closed"`
}

// Programs asks for programs that do what was done.
type Programs struct {
	Language string   `json:"language"`
	Comments string   `json:"comments"` // en (empty) or zh
	Sockets  []string `json:"sockets"`
	Download bool     `json:"download"`
}

// Payload asks for the full bytes of a recent event, or of a segment's packet.
type Payload struct {
	Seq     uint64 `json:"seq"`
	Segment uint64 `json:"segment"`
}

func (*Listen) command() string      { return "listen" }
func (*SetBehavior) command() string { return "set_behavior" }
func (*Accept) command() string      { return "accept" }
func (*Dial) command() string        { return "dial" }
func (*Write) command() string       { return "write" }
func (*Read) command() string        { return "read" }
func (*CloseWrite) command() string  { return "close_write" }
func (*CloseRead) command() string   { return "close_read" }
func (*Close) command() string       { return "close" }
func (*Reset) command() string       { return "reset" }
func (*SetOption) command() string   { return "set_option" }
func (*SetDeadline) command() string { return "set_deadline" }
func (*SetReadMode) command() string { return "set_read_mode" }
func (*SetDigest) command() string   { return "set_digest" }
func (*Cancel) command() string      { return "cancel" }
func (*Remove) command() string      { return "remove" }
func (*Payload) command() string     { return "payload" }

func (*WatchPort) command() string        { return "watch_port" }
func (*OpenLab) command() string          { return "open_lab" }
func (*CloseLab) command() string         { return "close_lab" }
func (*SetQuickAck) command() string      { return "set_quick_ack" }
func (*SetKernel) command() string        { return "set_kernel" }
func (*SetWire) command() string          { return "set_wire" }
func (*AddRule) command() string          { return "add_rule" }
func (*SetRule) command() string          { return "set_rule" }
func (*RemoveRule) command() string       { return "remove_rule" }
func (*HoldSegment) command() string      { return "hold_segment" }
func (*DeliverSegment) command() string   { return "deliver_segment" }
func (*DropSegment) command() string      { return "drop_segment" }
func (*DuplicateSegment) command() string { return "duplicate_segment" }
func (*SkipTimeWait) command() string     { return "skip_time_wait" }
func (*Segments) command() string         { return "segments" }
func (*SavePcapng) command() string       { return "save_pcapng" }
func (*Programs) command() string         { return "code" }

// commands makes an empty command of each kind.
var commands = map[string]func() Command{
	"listen":            func() Command { return new(Listen) },
	"set_behavior":      func() Command { return new(SetBehavior) },
	"accept":            func() Command { return new(Accept) },
	"dial":              func() Command { return new(Dial) },
	"write":             func() Command { return new(Write) },
	"read":              func() Command { return new(Read) },
	"close_write":       func() Command { return new(CloseWrite) },
	"close_read":        func() Command { return new(CloseRead) },
	"close":             func() Command { return new(Close) },
	"reset":             func() Command { return new(Reset) },
	"set_option":        func() Command { return new(SetOption) },
	"set_deadline":      func() Command { return new(SetDeadline) },
	"set_read_mode":     func() Command { return new(SetReadMode) },
	"set_digest":        func() Command { return new(SetDigest) },
	"cancel":            func() Command { return new(Cancel) },
	"remove":            func() Command { return new(Remove) },
	"payload":           func() Command { return new(Payload) },
	"watch_port":        func() Command { return new(WatchPort) },
	"open_lab":          func() Command { return new(OpenLab) },
	"close_lab":         func() Command { return new(CloseLab) },
	"set_quick_ack":     func() Command { return new(SetQuickAck) },
	"set_kernel":        func() Command { return new(SetKernel) },
	"set_wire":          func() Command { return new(SetWire) },
	"add_rule":          func() Command { return new(AddRule) },
	"set_rule":          func() Command { return new(SetRule) },
	"remove_rule":       func() Command { return new(RemoveRule) },
	"hold_segment":      func() Command { return new(HoldSegment) },
	"deliver_segment":   func() Command { return new(DeliverSegment) },
	"drop_segment":      func() Command { return new(DropSegment) },
	"duplicate_segment": func() Command { return new(DuplicateSegment) },
	"skip_time_wait":    func() Command { return new(SkipTimeWait) },
	"segments":          func() Command { return new(Segments) },
	"save_pcapng":       func() Command { return new(SavePcapng) },
	"code":              func() Command { return new(Programs) },
	"run_demo":          func() Command { return new(RunDemo) },
	"control_demo":      func() Command { return new(ControlDemo) },
	"predict_demo":      func() Command { return new(PredictDemo) },
	"read_demo":         func() Command { return new(ReadDemo) },
	"save_demo":         func() Command { return new(SaveDemo) },
}
