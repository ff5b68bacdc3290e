package playground

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"socketplayground/playground/kernel"
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
		k.decode(d, &seg)
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

// packetFile is a pcapng file to be: which packets, and not the packets. They stay where the session keeps them and are
// read from there while the file is fetched, so that neither a file that waits nor a slow reader holds them.
type packetFile struct {
	s      *Session
	wanted func(*keptPacket) bool
	last   uint64   // the newest of them
	names  []string // what the sockets are

	clients map[netip.AddrPort]bool // on this machine, the ends of the client's side
	count   int64
	onLab   int64 // of count
}

// indexed and noted are about what a file takes in memory while it is written: for a packet of it, and for an event that
// may say something of one.
const (
	indexed = 24
	noted   = 48
)

// savePcapng makes a file of the packets that are kept now. They are counted beside the actor.
func (s *Session) savePcapng(ctx context.Context, c *SavePcapng) (Reply, error) {
	if ctx.Err() != nil {
		return Reply{}, ctx.Err()
	}
	numbers := map[uint64]bool{}
	for _, n := range c.Segments {
		numbers[n] = true
	}
	e := &packetFile{s: s, clients: map[netip.AddrPort]bool{}}
	var refusal *Error
	var notes int64
	open := false
	if !s.ask(func() {
		var wanted func(*keptPacket) bool
		if wanted, refusal = s.wanted(c.Sockets...); refusal != nil {
			return
		}
		e.wanted = func(k *keptPacket) bool { return wanted(k) && (len(numbers) == 0 || numbers[k.number]) }
		s.flushLog() // what it says of the packets goes into the file
		open, notes = s.lab != nil, int64(s.log.Kept()+len(s.order))
		for _, k := range s.order {
			if t := k.target.Load(); t != nil {
				if k.place == s.machine && k.host == "client" {
					e.clients[unmapped(t.local)] = true
				}
				e.names = append(e.names, strings.TrimSpace(fmt.Sprintf("%s = %s %s", k.id, addressText(t.local), addressText(t.remote))))
			}
		}
	}) {
		return Reply{}, errEnded()
	}
	if refusal != nil {
		return Reply{}, refusal
	}
	e.find()
	if cannot := s.captures.capability(s.labs); e.count == 0 && !open && !cannot.Available {
		return Reply{}, refuse(CodeUnsupported, "", "%s", cannot.Reason)
	}
	if e.count == 0 {
		return Reply{}, refuse(CodeNotFound, "", "There is no segment to save yet; connect and send something first.")
	}
	var reply Reply
	if !s.ask(func() { reply, refusal = s.offer(c.Sockets, ".pcapng", e.count*indexed+notes*noted, e.write) }) {
		return Reply{}, errEnded()
	}
	if refusal != nil {
		return Reply{}, refusal
	}
	return reply, nil
}

// find counts the packets that are kept and wanted.
func (e *packetFile) find() {
	t := e.s.trace
	t.mu.Lock()
	t.catchUp()
	e.last = t.kept.last
	t.mu.Unlock()
	t.each(e.last, func(k *keptPacket) {
		if e.wanted(k) {
			e.count++
			if k.network() == networkLab {
				e.onLab++
			}
		}
	})
}

// each calls f with the packets that are kept, up to a number, and says how many of them were kept no longer when their
// turn came.
func (t *trace) each(last uint64, f func(*keptPacket)) (gone uint64) {
	for first := uint64(1); first <= last; {
		next, lost := t.page(first, last, f)
		first, gone = next, gone+lost
	}
	return gone
}

// page is each for the next exportBatch packets, and says where to go on. It holds mu for no more of them: the actor, and
// who reads segments, need it too.
func (t *trace) page(first, last uint64, f func(*keptPacket)) (next, gone uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if lost := min(t.kept.gone, last); lost >= first {
		first, gone = lost+1, lost+1-first
	}
	next = first + exportBatch
	t.kept.each(first, min(last, next-1), f)
	return next, gone
}

// note is an event that says something of a packet.
type note struct {
	number uint64
	event  Event
}

// notes is what the log has about segments, by their numbers.
func (s *Session) notes() []note {
	var notes []note
	for _, e := range s.log.Events(0) {
		switch e := e.(type) {
		case *SegmentSent:
			notes = append(notes, note{e.Segment, e})
		case *StateChanged:
			if e.Segment != 0 {
				notes = append(notes, note{e.Segment, e})
			}
		case *WireIntervened:
			notes = append(notes, note{e.Segment, e})
			if e.Copy != 0 {
				notes = append(notes, note{e.Copy, e})
			}
		}
	}
	slices.SortStableFunc(notes, func(a, b note) int { return cmp.Compare(a.number, b.number) })
	return notes
}

// comments spells out what the log says about a packet: what the wire did, and which state came of it.
func comments(notes []note, number uint64) (texts []string) {
	add := func(format string, args ...any) { texts = append(texts, fmt.Sprintf(format, args...)) }
	at, _ := slices.BinarySearchFunc(notes, number, func(n note, number uint64) int { return cmp.Compare(n.number, number) })
	for ; at < len(notes) && notes[at].number == number; at++ {
		switch e := notes[at].event.(type) {
		case *SegmentSent:
			if e.Socket != "" || e.Peer != "" {
				add("segment %d: %s → %s", e.Segment, cmp.Or(e.Socket, "?"), cmp.Or(e.Peer, "?"))
			}
			if len(e.Marks) > 0 {
				add("%s", strings.ReplaceAll(strings.Join(e.Marks, ", "), "_", " "))
			}
			texts = append(texts, e.headerNotes()...)
		case *StateChanged:
			add("%s: %s → %s, as it %s", e.Socket, e.From, e.To, e.Edge)
		case *WireIntervened:
			switch {
			case number == e.Copy:
				add("copy of segment %d, made by the wire", e.Segment)
			case e.Rule != 0:
				add("%s by rule %d", e.Action, e.Rule)
			default:
				add("%s by %s", e.Action, e.By)
			}
		}
	}
	return texts
}

// indexEntry is a packet's place in a file.
type indexEntry struct {
	number uint64
	leftNS int64
}

// write writes the file. Outbound is what the client's side sent, inbound what was sent to it.
func (e *packetFile) write(to io.Writer) error {
	var list []indexEntry
	gone := e.s.trace.each(e.last, func(k *keptPacket) {
		if e.wanted(k) {
			list = append(list, indexEntry{k.number, k.leftNS})
		}
	})
	slices.SortStableFunc(list, func(a, b indexEntry) int { return cmp.Compare(a.leftNS, b.leftNS) })
	notes := e.s.notes()
	comment := strings.Join(e.names, "\n")
	if gone > 0 {
		comment += fmt.Sprintf("\n%d older segments were no longer kept.", gone)
	}
	w, err := pcapng.NewWriter(to, pcapng.Section{Application: "Socket Playground", OS: kernel.This().String(), Comment: comment}, e.capturedAt())
	if err != nil {
		return err
	}
	d := segment.NewDecoder()
	missing := 0 // since the last packet written
	for len(list) > 0 {
		var batch []keptPacket
		batch, list = e.take(list)
		for i := range batch {
			k := &batch[i]
			if k.number == 0 {
				missing++
				continue
			}
			direction, from := e.direction(k, d)
			var texts []string
			if from != "" {
				texts = append(texts, "sent by the "+from)
			}
			texts = append(texts, comments(notes, k.number)...)
			if missing > 0 {
				texts = append(texts, fmt.Sprintf("%d segments before this one were no longer kept when the file was written", missing))
				missing = 0
			}
			err := w.Write(pcapng.Packet{Direction: direction, At: e.s.started.Add(time.Duration(k.leftNS)),
				Data: k.data, OriginalLen: k.size, Comments: texts})
			if err != nil {
				return err
			}
		}
	}
	if missing > 0 {
		return fmt.Errorf("the last %d segments were no longer kept when the file was written; save it again", missing)
	}
	return w.Flush()
}

// take reads the next packets of a list. What is not kept any more has the number 0.
func (e *packetFile) take(list []indexEntry) (batch []keptPacket, rest []indexEntry) {
	n := min(len(list), exportBatch)
	batch = make([]keptPacket, n)
	tr := e.s.trace
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for i, entry := range list[:n] {
		if k := tr.kept.get(entry.number); k != nil {
			batch[i] = *k
		}
	}
	return batch, list[n:]
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
	k.decode(d, &seg)
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
	switch e.onLab {
	case 0:
		return machine
	case e.count:
		return lab
	}
	return pcapng.Interface{Name: lab.Name + ", " + machine.Name, Description: lab.Description + "; " + machine.Description}
}
