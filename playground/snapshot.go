package playground

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Snapshot is what the events up to Seq add up to. The browser computes the same (static/js/reduce.js);
// a test holds the two together.
type Snapshot struct {
	Seq       uint64
	AtNS      int64
	Sockets   map[string]*SocketView
	Calls     map[uint64]*CallView
	Transfers map[uint64]*TransferView
	Ports     map[int]bool // watched
	Lab       *LabView     // nil: none is open
	Demo      *DemoView    // nil: none was run
}

// SocketView is what the events say about one socket.
type SocketView struct {
	Socket       string            `json:"socket"`
	Kind         string            `json:"kind"`
	Host         string            `json:"host"`
	Network      string            `json:"network"`
	Family       string            `json:"family,omitempty"`
	Local        string            `json:"local,omitempty"`
	Remote       string            `json:"remote,omitempty"`
	Device       string            `json:"device,omitempty"`
	Listener     string            `json:"listener,omitempty"`
	Peer         string            `json:"peer,omitempty"`
	Cookie       string            `json:"cookie,omitempty"`
	Accepted     bool              `json:"accepted,omitempty"`
	Descriptor   string            `json:"descriptor"`
	State        State             `json:"state"`
	StateSinceNS int64             `json:"state_since_ns"`
	StateSource  Source            `json:"state_source,omitempty"`
	Reason       string            `json:"reason,omitempty"`
	OpenedNS     int64             `json:"opened_ns"`
	ClosedNS     int64             `json:"closed_ns,omitempty"`
	Behavior     Behavior          `json:"behavior,omitempty"`
	Settings     *BehaviorSettings `json:"settings,omitempty"`
	Backlog      int               `json:"backlog,omitempty"`
	ReadMode     ReadMode          `json:"read_mode,omitempty"`
	Wrote        int64             `json:"wrote"`
	Read         int64             `json:"read"`
	WriteCalls   int64             `json:"write_calls"`
	ReadCalls    int64             `json:"read_calls"`
	Options      Options           `json:"options,omitempty"`
	Unsupported  map[string]string `json:"unsupported,omitempty"`
	Metrics      *Metrics          `json:"metrics,omitempty"`
	MetricsAtNS  int64             `json:"metrics_at_ns,omitempty"`
	Process      *Process          `json:"process,omitempty"`
	Error        *CallError        `json:"error,omitempty"`
	Digests      map[string]Digest `json:"digests,omitempty"`
	Deadlines    map[string]int64  `json:"deadlines,omitempty"`
}

// The values of SocketView.Descriptor.
const (
	descriptorOpen   = "open"
	descriptorClosed = "closed"
	descriptorNone   = "none" // no program has it: it waits in an accept queue, or is another program's
)

// Digest is the SHA-256 of Bytes bytes, beginning at offset From of one direction.
type Digest struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	From   int64  `json:"from"`
}

// CallView is a call that has started and not returned.
type CallView struct {
	Call      uint64 `json:"call"`
	Socket    string `json:"socket,omitempty"`
	Op        string `json:"op"`
	Args      string `json:"args,omitempty"`
	Host      string `json:"host,omitempty"`
	By        string `json:"by,omitempty"`
	Bytes     int64  `json:"bytes,omitempty"`
	Data      []byte `json:"data,omitempty"`
	StartedNS int64  `json:"started_ns"`
}

// TransferView is a running transfer.
type TransferView struct {
	Transfer   uint64 `json:"transfer"`
	Socket     string `json:"socket,omitempty"`
	Encoding   string `json:"encoding"`
	Bytes      int64  `json:"bytes"`
	Chunk      int    `json:"chunk"`
	IntervalMS int64  `json:"interval_ms,omitempty"`
	StartedNS  int64  `json:"started_ns"`
}

// NewSnapshot is the snapshot before the first event.
func NewSnapshot() *Snapshot {
	return &Snapshot{
		Sockets:   map[string]*SocketView{},
		Calls:     map[uint64]*CallView{},
		Transfers: map[uint64]*TransferView{},
		Ports:     map[int]bool{},
	}
}

// Apply takes the next event into the snapshot. Values that the event holds are shared, never changed.
func (s *Snapshot) Apply(e Event) {
	h := e.header()
	s.Seq, s.AtNS = h.Seq, h.AtNS
	v := s.Sockets[h.Socket]
	if s.applyLab(e) || s.applyDemo(e) {
		return
	}
	switch e := e.(type) {
	case *SocketOpened:
		s.Sockets[h.Socket] = openView(e)
		return
	case *CallStarted:
		s.Calls[e.Call] = &CallView{Call: e.Call, Socket: h.Socket, Op: e.Op, Args: e.Args, Host: e.Host, By: e.By,
			Bytes: e.Bytes, Data: e.Data, StartedNS: h.AtNS}
		return
	case *CallReturned:
		delete(s.Calls, e.Call)
		if v != nil {
			if e.Error != nil {
				v.Error = e.Error
			}
			v.count(e.Op, 1, e.N)
		}
		return
	case *TransferStarted:
		s.Transfers[e.Transfer] = &TransferView{Transfer: e.Transfer, Socket: h.Socket, Encoding: e.Encoding,
			Bytes: e.Bytes, Chunk: e.Chunk, IntervalMS: e.IntervalMS, StartedNS: h.AtNS}
		return
	case *TransferFinished:
		delete(s.Transfers, e.Transfer)
		return
	case *SocketRemoved:
		delete(s.Sockets, h.Socket)
		return
	}
	if v != nil {
		v.apply(e)
	}
}

// apply takes an event that changes nothing but one socket.
func (v *SocketView) apply(e Event) {
	h := e.header()
	switch e := e.(type) {
	case *AddressAssigned:
		v.Family = cmp.Or(e.Family, v.Family)
		v.Local = cmp.Or(e.Local, v.Local)
		v.Remote = cmp.Or(e.Remote, v.Remote)
		v.Cookie = cmp.Or(e.Cookie, v.Cookie)
	case *ConnAccepted:
		v.Accepted, v.Descriptor = true, descriptorOpen
		v.Listener = cmp.Or(e.Listener, v.Listener)
		v.ReadMode = cmp.Or(e.ReadMode, v.ReadMode)
	case *PeerFound:
		v.Peer = e.Peer
	case *ProcessFound:
		v.Process = &e.Process
	case *CallsSummarised:
		v.count(e.Op, e.Calls, e.Bytes)
	case *StateChanged:
		v.State, v.StateSinceNS, v.StateSource, v.Reason = e.To, h.AtNS, h.Source, e.Reason
		if e.To == StateClosed {
			v.ClosedNS = h.AtNS
		}
	case *MetricsSampled:
		v.Metrics, v.MetricsAtNS = &e.Metrics, h.AtNS
	case *OptionsRead:
		v.Options = merged(v.Options, e.Options)
		if len(e.Unsupported) > 0 {
			v.Unsupported = merged(v.Unsupported, e.Unsupported)
		}
	case *BehaviorChanged:
		v.Behavior, v.Settings = e.Behavior, e.Settings
	case *ReadModeChanged:
		v.ReadMode = e.ReadMode
	case *DeadlineSet:
		v.setDeadline(e)
	case *DescriptorClosed:
		v.Descriptor = descriptorClosed
	case *DigestComputed:
		v.Digests = merged(v.Digests, map[string]Digest{e.Direction: {Bytes: e.Bytes, SHA256: e.SHA256, From: e.From}})
	}
}

func (v *SocketView) setDeadline(e *DeadlineSet) {
	v.Deadlines = maps.Clone(v.Deadlines)
	if v.Deadlines == nil {
		v.Deadlines = map[string]int64{}
	}
	for _, kind := range []string{"read", "write"} {
		if e.Kind != kind && e.Kind != "both" {
			continue
		}
		if e.AfterMS == 0 {
			delete(v.Deadlines, kind)
		} else {
			v.Deadlines[kind] = e.AtNS + e.AfterMS*1e6
		}
	}
}

// merged is a new map, since the old one may be part of a snapshot that somebody reads.
func merged[M ~map[K]V, K comparable, V any](old, changed M) M {
	m := make(M, len(old)+len(changed))
	maps.Copy(m, old)
	maps.Copy(m, changed)
	return m
}

func openView(e *SocketOpened) *SocketView {
	v := &SocketView{
		Socket: e.Socket, Kind: e.Kind, Host: e.Host, Network: e.Network, Family: e.Family, Local: e.Local,
		Remote: e.Remote, Device: e.Device, Listener: e.Listener, Cookie: e.Cookie, Accepted: e.Accepted,
		Descriptor: descriptorOpen, State: StateClosed, StateSinceNS: e.AtNS, OpenedNS: e.AtNS,
		Behavior: e.Behavior, Settings: e.Settings, Backlog: e.Backlog, ReadMode: e.ReadMode,
	}
	if e.Kind == KindOther || e.Listener != "" && !e.Accepted {
		v.Descriptor = descriptorNone
	}
	return v
}

func (v *SocketView) count(op string, calls, n int64) {
	switch op {
	case "Write":
		v.WriteCalls += calls
		v.Wrote += n
	case "Read":
		v.ReadCalls += calls
		v.Read += n
	}
}

// Clone is a snapshot that later events do not change.
func (s *Snapshot) Clone() *Snapshot {
	c := &Snapshot{Seq: s.Seq, AtNS: s.AtNS,
		Sockets:   make(map[string]*SocketView, len(s.Sockets)),
		Calls:     maps.Clone(s.Calls), // never changed once made
		Transfers: maps.Clone(s.Transfers),
		Ports:     maps.Clone(s.Ports),
		Lab:       s.Lab.clone(),
		Demo:      s.Demo.clone(),
	}
	for id, v := range s.Sockets {
		view := *v
		c.Sockets[id] = &view
	}
	return c
}

// MarshalJSON gives the form of the protocol: lists, in the order in which things were made.
func (s *Snapshot) MarshalJSON() ([]byte, error) {
	sockets := slices.SortedFunc(maps.Values(s.Sockets), func(a, b *SocketView) int {
		return cmp.Or(cmp.Compare(a.OpenedNS, b.OpenedNS), cmp.Compare(len(a.Socket), len(b.Socket)), strings.Compare(a.Socket, b.Socket))
	})
	calls := slices.SortedFunc(maps.Values(s.Calls), func(a, b *CallView) int { return cmp.Compare(a.Call, b.Call) })
	transfers := slices.SortedFunc(maps.Values(s.Transfers), func(a, b *TransferView) int { return cmp.Compare(a.Transfer, b.Transfer) })
	return json.Marshal(struct {
		Seq       uint64          `json:"seq"`
		AtNS      int64           `json:"at_ns"`
		Sockets   []*SocketView   `json:"sockets"`
		Calls     []*CallView     `json:"calls"`
		Transfers []*TransferView `json:"transfers"`
		Ports     []int           `json:"ports"`
		Lab       *LabView        `json:"lab,omitempty"`
		Demo      *DemoView       `json:"demo,omitempty"`
	}{s.Seq, s.AtNS, orEmpty(sockets), orEmpty(calls), orEmpty(transfers), orEmpty(slices.Sorted(maps.Keys(s.Ports))), s.Lab, s.Demo})
}

// orEmpty makes a missing list [] and not null, so that the page can loop over it.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
