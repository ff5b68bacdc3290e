package playground

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
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
	notes   map[uint64][]string     // by number
	names   []string                // what the sockets are
	clients map[netip.AddrPort]bool // on this machine, the ends of the client's side
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
	e := &packetFile{started: s.started, notes: s.notes(), clients: map[netip.AddrPort]bool{}}
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
			if k.place == s.machine && k.host == "client" {
				e.clients[unmapped(t.local)] = true
			}
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

// write writes the file. Outbound is what the client's side sent, inbound what was sent to it.
func (e *packetFile) write(to io.Writer) error {
	comment := strings.Join(e.names, "\n")
	if e.gone > 0 {
		comment += fmt.Sprintf("\n%d older segments were no longer kept.", e.gone)
	}
	w, err := pcapng.NewWriter(to, pcapng.Section{Application: "Socket Playground", Comment: comment}, e.capturedAt())
	if err != nil {
		return err
	}
	slices.SortStableFunc(e.packets, func(a, b keptPacket) int { return cmp.Compare(a.leftNS, b.leftNS) })
	d := segment.NewDecoder()
	for i := range e.packets {
		k := &e.packets[i]
		direction, from := e.direction(k, d)
		comments := e.notes[k.number]
		if from != "" {
			comments = append([]string{"sent by the " + from}, comments...)
		}
		err := w.Write(pcapng.Packet{Direction: direction, At: e.started.Add(time.Duration(k.leftNS)),
			Data: k.data, OriginalLen: k.size, Comments: comments})
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

// direction is which way a packet went, and which host sent it. On this machine that is told by the sockets.
func (e *packetFile) direction(k *keptPacket, d *segment.Decoder) (way pcapng.Direction, from string) {
	if k.network() == networkLab {
		if k.toClient {
			return pcapng.Inbound, k.from
		}
		return pcapng.Outbound, k.from
	}
	var seg segment.Segment
	if k.decode(d, &seg) != nil {
		return pcapng.Unknown, ""
	}
	switch {
	case e.clients[seg.Src]:
		return pcapng.Outbound, "client"
	case e.clients[seg.Dst]:
		return pcapng.Inbound, "server"
	}
	return pcapng.Unknown, ""
}

// capturedAt describes the one place that all packets are said to be from, see the package pcapng.
func (e *packetFile) capturedAt() pcapng.Interface {
	lab := pcapng.Interface{Name: "wire", Description: "the Lab's wire; outbound: sent to the server (192.0.2.2, 2001:db8::2), inbound: sent to the client (192.0.2.1, 2001:db8::1)"}
	machine := pcapng.Interface{Name: "lo", Description: "this machine's loopback; outbound: sent by the client's side, inbound: sent by the server's side"}
	onWire := func(k keptPacket) bool { return k.network() == networkLab }
	switch {
	case !slices.ContainsFunc(e.packets, onWire):
		return machine
	case !slices.ContainsFunc(e.packets, func(k keptPacket) bool { return !onWire(k) }):
		return lab
	}
	return pcapng.Interface{Name: lab.Name + ", " + machine.Name, Description: lab.Description + "; " + machine.Description}
}
