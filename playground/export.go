package playground

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"socketplayground/playground/pcapng"
	"socketplayground/playground/segment"
)

// doSegments gives segments that are kept, by their numbers.
func (s *Session) doSegments(c *Segments) (Reply, *Error) {
	if c.First < 1 || c.Last < c.First || c.Last-c.First >= MaxSegmentsReply {
		return Reply{}, invalid("last", "Ask for 1 to %d segments: first and last are numbers, last not below first.", MaxSegmentsReply)
	}
	var names []string
	if c.Socket != "" {
		names = []string{c.Socket}
	}
	wanted, refusal := s.wanted(names...)
	if refusal != nil {
		return Reply{}, refusal
	}
	s.trace.mu.Lock()
	s.trace.catchUp()
	kept := s.trace.kept.between(c.First, c.Last, wanted)
	s.trace.mu.Unlock()
	reply := Reply{Segments: []json.RawMessage{}}
	d := segment.NewDecoder()
	for i := range kept {
		k := &kept[i]
		var seg segment.Segment
		if k.decode(d, &seg) != nil {
			continue // corrupted by the wire beyond recognition
		}
		e := k.event(&seg)
		near, far := s.endsOf(k, &seg)
		e.Socket, e.Peer, e.Source, e.Type = near.label(), far.label(), SourceSegment, e.kind()
		b, err := json.Marshal(struct {
			*SegmentSent
			LandedNS  int64  `json:"landed_ns,omitempty"`
			DroppedBy string `json:"dropped_by,omitempty"`
			Rule      int    `json:"rule,omitempty"`
		}{e, k.landedNS, k.dropped, k.rule})
		if err == nil {
			reply.Segments = append(reply.Segments, b)
		}
	}
	return reply, nil
}

// endsOf finds the sockets of a kept packet, as far as they are still known.
func (s *Session) endsOf(k *keptPacket, seg *segment.Segment) (near, far *socket) {
	at := s.machine
	if l := k.flow.key.lab; l != nil {
		at = l.on(k.from)
	}
	return s.ends(leaves(at, seg))
}

// export is a file that waits to be fetched.
type export struct {
	name  string
	until time.Time
	write func(io.Writer) error
}

// packetFile is a pcapng file to be.
type packetFile struct {
	started time.Time
	packets []keptPacket
	notes   map[uint64][]string // by number
	names   []string            // what the sockets are
	gone    uint64
}

// doSavePcapng makes a file of the packets that are kept now.
func (s *Session) doSavePcapng(c *SavePcapng) (Reply, *Error) {
	wanted, refusal := s.wanted(c.Sockets...)
	if refusal != nil {
		return Reply{}, refusal
	}
	numbers := map[uint64]bool{}
	for _, n := range c.Segments {
		numbers[n] = true
	}
	e := &packetFile{started: s.started, notes: s.notes()}
	s.trace.mu.Lock()
	s.trace.catchUp()
	e.packets = s.trace.kept.all(func(k *keptPacket) bool { return wanted(k) && (len(numbers) == 0 || numbers[k.number]) })
	e.gone = s.trace.kept.gone
	s.trace.mu.Unlock()
	if len(e.packets) == 0 {
		return Reply{}, refuse(CodeNotFound, "", "There is no segment to save yet; connect and send something first.")
	}
	for _, k := range s.order {
		if t := k.target.Load(); t != nil {
			e.names = append(e.names, strings.TrimSpace(fmt.Sprintf("%s = %s %s", k.id, addressText(t.local), addressText(t.remote))))
		}
	}
	return s.offer(c.Sockets, ".pcapng", e.write)
}

// offer answers with a ticket for a file about some sockets.
func (s *Session) offer(sockets []string, extension string, write func(io.Writer) error) (Reply, *Error) {
	name := "socketplayground"
	if len(sockets) == 1 {
		name += "-" + sockets[0]
	}
	ticket, refusal := s.exported(&export{name: name + s.started.Format("-2006-01-02-150405") + extension, write: write})
	if refusal != nil {
		return Reply{}, refusal
	}
	return Reply{Download: ticket}, nil
}

// notes is what the log says about each segment: what the wire did, and which state came of it.
func (s *Session) notes() map[uint64][]string {
	s.flushLog()
	notes := map[uint64][]string{}
	add := func(number uint64, format string, args ...any) {
		notes[number] = append(notes[number], fmt.Sprintf(format, args...))
	}
	for _, e := range s.log.Events(0) {
		switch e := e.(type) {
		case *SegmentSent:
			if e.Socket != "" || e.Peer != "" {
				add(e.Segment, "segment %d: %s → %s", e.Segment, cmp.Or(e.Socket, "?"), cmp.Or(e.Peer, "?"))
			}
			if len(e.Marks) > 0 {
				add(e.Segment, "%s", strings.ReplaceAll(strings.Join(e.Marks, ", "), "_", " "))
			}
		case *StateChanged:
			if e.Segment != 0 {
				add(e.Segment, "%s: %s → %s, as it %s", e.Socket, e.From, e.To, e.Edge)
			}
		case *WireIntervened:
			switch {
			case e.Rule != 0:
				add(e.Segment, "%s by rule %d", e.Action, e.Rule)
			default:
				add(e.Segment, "%s by %s", e.Action, e.By)
			}
			if e.Copy != 0 {
				add(e.Copy, "copy of segment %d, made by the wire", e.Segment)
			}
		}
	}
	return notes
}

// keep holds a file for a while and gives the ticket that fetches it.
func (m *Manager) keep(e *export) (string, *Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for ticket, old := range m.exports {
		if now.After(old.until) {
			delete(m.exports, ticket)
		}
	}
	if len(m.exports) >= MaxExports {
		return "", refuse(CodeQuotaExceeded, "", "%d files wait to be fetched; try again in a minute.", MaxExports)
	}
	ticket := newKey()
	e.until = now.Add(exportLife)
	m.exports[ticket] = e
	return ticket, nil
}

// Export gives a file up, once: its name, and what writes it. ok is false for a ticket that is unknown, used or old.
func (m *Manager) Export(ticket string) (name string, write func(io.Writer) error, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.exports[ticket]
	delete(m.exports, ticket)
	if !ok || time.Now().After(e.until) {
		return "", nil, false
	}
	return e.name, e.write, true
}

// write writes the file: one interface a host, each packet on that of the host it left.
func (e *packetFile) write(to io.Writer) error {
	comment := strings.Join(e.names, "\n")
	if e.gone > 0 {
		comment += fmt.Sprintf("\n%d older segments were no longer kept.", e.gone)
	}
	var interfaces []pcapng.Interface
	index := map[string]int{}
	for i := range e.packets {
		name := e.packets[i].interfaceName()
		if _, ok := index[name]; !ok {
			index[name] = len(interfaces)
			interfaces = append(interfaces, pcapng.Interface{Name: name, Description: interfaceText[name]})
		}
	}
	w, err := pcapng.NewWriter(to, pcapng.Section{Application: "Socket Playground", Comment: comment}, interfaces)
	if err != nil {
		return err
	}
	slices.SortStableFunc(e.packets, func(a, b keptPacket) int { return cmp.Compare(a.leftNS, b.leftNS) })
	for i := range e.packets {
		k := &e.packets[i]
		err := w.Write(pcapng.Packet{Interface: index[k.interfaceName()], At: e.started.Add(time.Duration(k.leftNS)),
			Data: k.data, OriginalLen: k.size, Comments: e.notes[k.number]})
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

func (k *keptPacket) interfaceName() string {
	if k.network() == networkMachine {
		return "lo"
	}
	return k.from
}

var interfaceText = map[string]string{
	"lo":     "this machine's loopback",
	"client": "the Lab's client host, 192.0.2.1 and 2001:db8::1: what it sent",
	"server": "the Lab's server host, 192.0.2.2 and 2001:db8::2: what it sent",
	"wire":   "the Lab's wire: what it answered itself",
}
