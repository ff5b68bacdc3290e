package playground

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"socketplayground/playground/code"
)

// maxCodeCalls bounds a program: more lines than that nobody reads.
const maxCodeCalls = 2000

// storyTeller makes a code.Story of a log, event by event.
type storyTeller struct {
	story     *code.Story
	sockets   map[string]int // by name: its place in the story
	modes     map[string]ReadMode
	calls     map[uint64]*code.Call // by number, until they return
	conns     map[uint64]string     // the connection that a call of Accept gave
	transfers map[string][]*code.Call
	lingers   map[uint64]*code.Call // a SetLinger of 0, which the Close of the next number makes a reset
	made      []*code.Call
	turns     turnTeller
	payload   func(seq uint64, preview []byte) []byte
}

// storyOf tells what was done: calls as they were made, with what they returned, and the sockets that they were made on.
func storyOf(base *Snapshot, events []Event, payload func(uint64, []byte) []byte) *code.Story {
	t := &storyTeller{story: &code.Story{Cut: base.Seq > 0}, sockets: map[string]int{}, modes: map[string]ReadMode{}, calls: map[uint64]*code.Call{},
		conns: map[uint64]string{}, transfers: map[string][]*code.Call{}, lingers: map[uint64]*code.Call{}, payload: payload}
	t.before(base)
	for _, e := range events {
		t.take(e)
		t.turns.take(e)
		if len(t.made)+len(t.turns.turns) > maxCodeCalls {
			t.story.Long = true
			break
		}
	}
	for _, c := range t.made {
		if c.Op == "Accept" && c.Conn == "" {
			c.Conn = t.conns[c.Number]
		}
		if c.Waits && !waits(c.Op) { // its return is about to be told
			c.Waits, c.End = false, c.Start
			if c.Op == "Close" || c.Op == "Reset" {
				t.socket(c.Socket).Open = false
			}
		}
		t.story.Calls = append(t.story.Calls, *c)
	}
	if t.turns.matters {
		t.story.Wire, t.story.Turns = true, t.turns.turns
	}
	return t.story
}

// before tells of the sockets that were open when the log began.
func (t *storyTeller) before(base *Snapshot) {
	views := slices.SortedFunc(maps.Values(base.Sockets), func(a, b *SocketView) int {
		return cmp.Or(cmp.Compare(a.OpenedNS, b.OpenedNS), strings.Compare(a.Socket, b.Socket))
	})
	for _, v := range views {
		if v.Kind == KindOther || v.Descriptor == descriptorClosed {
			continue
		}
		t.open(&SocketOpened{Header: Header{Socket: v.Socket}, Kind: v.Kind, Host: v.Host, Network: v.Network, Listener: v.Listener,
			Behavior: v.Behavior, Settings: v.Settings, ReadMode: v.ReadMode})
		s := t.socket(v.Socket)
		s.Peer, s.State, s.Open = v.Peer, string(v.State), v.Descriptor == descriptorOpen
		c := code.Call{Socket: v.Socket, Op: "Dial", Address: v.Remote}
		switch {
		case v.Kind == KindListener:
			c.Op, c.Address, c.Backlog = "Listen", v.Local, v.Backlog
		case v.Listener != "":
			c.Socket, c.Op, c.Conn = v.Listener, "Accept", v.Socket
		}
		if s.Open && len(t.made) < maxCodeCalls { // the rest of them is as much too much as what came later
			t.made = append(t.made, &c)
		}
	}
}

// waits says whether a call may wait for the other end, and not only for the kernel.
func waits(op string) bool { return op == "Dial" || op == "Accept" || op == "Read" || op == "Write" }

func (t *storyTeller) socket(name string) *code.Socket {
	if i, ok := t.sockets[name]; ok {
		return &t.story.Sockets[i]
	}
	return &code.Socket{} // another program's, or one that is long gone
}

func (t *storyTeller) open(e *SocketOpened) {
	if e.Kind == KindOther {
		return
	}
	t.story.Network = cmp.Or(t.story.Network, e.Network)
	s := code.Socket{Name: e.Socket, Host: e.Host, Listener: e.Listener, State: string(StateClosed), Open: e.Listener == "" || e.Accepted}
	if e.Kind == KindListener {
		s.Behavior = string(e.Behavior)
		tune(&s, e.Settings)
	}
	t.sockets[e.Socket] = len(t.story.Sockets)
	t.story.Sockets = append(t.story.Sockets, s)
	t.modes[e.Socket] = e.ReadMode
	if e.Accepted && e.Call != 0 {
		t.conns[e.Call] = e.Socket
	}
}

func tune(s *code.Socket, settings *BehaviorSettings) {
	if settings != nil {
		s.Banner, _ = decodeText(settings.Banner) // checked when it was set
		s.Bytes, s.Interval = int(settings.Bytes), time.Duration(settings.IntervalMS)*time.Millisecond
	}
}

func (t *storyTeller) take(e Event) {
	h := e.header()
	s := t.socket(h.Socket)
	switch e := e.(type) {
	case *SocketOpened:
		t.open(e)
		t.opening(e)
	case *ConnAccepted:
		s.Open = true
		t.conns[e.Call] = h.Socket
		t.modes[h.Socket] = e.ReadMode
	case *PeerFound:
		s.Peer = e.Peer
		t.socket(e.Peer).Peer = h.Socket
	case *ReadModeChanged:
		t.modes[h.Socket] = e.ReadMode
	case *BehaviorChanged:
		s.Changed = s.Changed || slices.ContainsFunc(t.story.Sockets, func(c code.Socket) bool { return c.Listener == h.Socket })
		s.Behavior = string(e.Behavior)
		tune(s, e.Settings)
	case *StateChanged:
		s.State = string(e.To)
		s.TimeWait = s.TimeWait || e.To == StateTimeWait
	case *DescriptorClosed:
		s.Open = false
	case *CallStarted:
		c := &code.Call{Seqs: []uint64{h.Seq}, Socket: h.Socket, ByBehavior: e.By == byBehavior, Start: time.Duration(h.AtNS), Waits: true,
			Data: t.payload(h.Seq, e.Data), Size: e.Bytes, Local: e.Local, Options: optionsOf(e.Options), Timeout: time.Duration(e.TimeoutMS) * time.Millisecond}
		t.begin(c, e.Call, e.Op, e.Args, e.Host)
	case *CallReturned:
		t.returned(e)
	case *CallsSummarised:
		t.summarised(e)
	case *TransferStarted:
		c := &code.Call{Seqs: []uint64{h.Seq}, Socket: h.Socket, Op: "Write", Size: e.Bytes, Start: time.Duration(h.AtNS), Waits: true,
			Chunk: e.Chunk, Interval: time.Duration(e.IntervalMS) * time.Millisecond, Random: Encoding(e.Encoding) == EncodingRandom}
		t.transfers[h.Socket] = append(t.transfers[h.Socket], c)
		t.made = append(t.made, c)
	case *TransferFinished:
		if running := t.transfers[h.Socket]; len(running) > 0 {
			c := running[0]
			t.transfers[h.Socket] = running[1:]
			c.Waits, c.N, c.End = false, e.Bytes, time.Duration(h.AtNS)
			c.Seqs = append(c.Seqs, h.Seq)
			if e.Cancelled {
				c.Err = &code.Error{Text: "i/o timeout", Kind: ErrCancelled}
			} else if e.Error != nil {
				c.Err = errorOf(e.Error)
			}
		}
	}
}

// opening adds to a Listen what only the event of its socket tells.
func (t *storyTeller) opening(e *SocketOpened) {
	c := t.calls[e.Call]
	if c == nil || c.Op != "Listen" {
		return
	}
	c.Socket, c.Backlog = e.Socket, e.Backlog
	if strings.HasSuffix(c.Address, ":0") { // the client needs the port that the kernel chose
		c.Address = strings.TrimSuffix(c.Address, "0") + strconv.Itoa(int(portOf(e.Local)))
	}
}

func optionsOf(options Options) (list []code.Option) {
	for _, spec := range optionSpecs {
		if v, ok := options[spec.name]; ok {
			list = append(list, code.Option{Name: spec.name, Value: v})
		}
	}
	return list
}

func errorOf(e *CallError) *code.Error {
	return &code.Error{Text: e.Text, Errno: e.Errno, Kind: e.Kind}
}
