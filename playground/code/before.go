package code

import "slices"

// peerOf is the other end of a connection, if the story has it.
func (d *director) peerOf(socket string) string {
	if s := d.sockets[socket]; s != nil {
		return s.Peer
	}
	return ""
}

// waitsFor are the calls, at earlier places of the order, that a call waits for by itself.
func (d *director) waitsFor(c *Call) []int {
	peer := d.peerOf(c.Socket)
	switch {
	case c.Op == "Accept" && c.Conn != "":
		if b, ok := d.dialled[d.peerOf(c.Conn)]; ok {
			return []int{b}
		}
	case d.shut[c.Socket]: // it gives what there is
	case c.Op == "Read" && c.N == 0 && c.Err != nil && (c.Err.Kind == "eof" || c.Err.Kind == "reset"):
		if ends := d.closed[peer]; len(ends) > 0 {
			return ends[:1]
		}
	case c.Op == "Read" && c.N > 0:
		from := reach(d.read[c.Socket])
		for _, w := range d.written[peer] {
			if w.from <= from && from < w.to {
				return []int{w.call}
			}
		}
	}
	return nil
}

// spans says whether a Read gave the bytes of several Writes, of which not all were over when it began. Then that it gave
// all of them was a matter of luck, and a program has to ask for as many. Those that were over, a pause keeps before it.
func (d *director) spans(c *Call) bool {
	if c.Op != "Read" || c.N == 0 || c.Err != nil || c.Loose || c.Drain {
		return false
	}
	from := reach(d.read[c.Socket])
	for _, w := range d.written[d.peerOf(c.Socket)] {
		if w.from > from && w.from < from+c.N && d.order[w.call].End > c.Start {
			return true
		}
	}
	return false
}

// comesAfter are the calls, at earlier places of the order, that must have been made before a call is, since it would
// not return the same otherwise, or the kernel would not go through the same states; and that it does not wait for.
func (d *director) comesAfter(c *Call) []int {
	peer := d.peerOf(c.Socket)
	var after []int
	ended := func(calls ...int) {
		for _, b := range calls {
			before := d.order[b]
			done := before.End
			if closes(before) { // at once, however late its return was seen
				done = before.Start
			}
			if !before.Waits && done <= c.Start && before != c {
				after = append(after, b)
			}
		}
	}
	switch c.Op {
	case "Read": // all that it gave had been written
		if c.Auto && !c.ByBehavior || c.N > 0 {
			from := reach(d.read[c.Socket])
			for _, w := range d.written[peer] {
				// A Read waits for the first byte by itself, unless it would end a Write that was to block.
				write := d.order[w.call]
				if (w.from > from || w.to > from && (d.shut[c.Socket] || write.N < write.Size)) && w.from < from+c.N {
					ended(w.call)
				}
			}
		}
	case "Write":
		ended(d.closed[peer]...)
		ended(d.separate(c, peer)...)
		if c.Err != nil && (c.Err.Kind == "broken_pipe" || c.Err.Kind == "reset") { // an RST has had the time to come
			for _, w := range last(d.written[c.Socket]) {
				ended(w.call)
			}
		}
	case "Close", "CloseWrite", "Reset":
		for _, w := range last(d.written[peer]) {
			ended(w.call)
		}
		ended(d.closed[peer]...)
		for _, r := range last(d.read[peer]) {
			if c.Op == "Reset" {
				ended(r.call)
			}
		}
		for i, b := range d.order[:len(d.starts)] { // a listener: those who came in time
			if b.Op == "Dial" && d.sockets[c.Socket].Behavior != "" && d.reaches(b, c.Socket) {
				ended(i)
			}
		}
	case "Accept": // the peer had not waited for it
		other := d.peerOf(c.Conn)
		for _, w := range last(d.written[other]) {
			ended(w.call)
		}
		ended(d.closed[other]...)
		for i, b := range d.order[:len(d.starts)] { // a Dial that found the queue full
			if b.Op == "Dial" && b.Err != nil && d.reaches(b, c.Socket) {
				ended(i)
			}
		}
	case "Dial", "Listen":
		ended(d.port(c)...)
	}
	slices.Sort(after)
	return slices.Compact(after)
}

// closes says whether a call sends FIN or RST, or would.
func closes(c *Call) bool { return c.Op == "Close" || c.Op == "CloseWrite" || c.Op == "Reset" }

// separate are the peer's Reads that ended where a Write begins: had the Write come first, they would have had its bytes.
func (d *director) separate(c *Call, peer string) (reads []int) {
	from := reach(d.written[c.Socket])
	for _, r := range d.read[peer] {
		if r.to == from && (r.from < r.to && !r.full || r.empty) {
			reads = append(reads, r.call)
		}
	}
	return reads
}

// port are the calls that decided whether somebody listened on the port of a Dial or a Listen.
func (d *director) port(c *Call) (calls []int) {
	_, port := apart(c.Address)
	for i, b := range d.order[:len(d.starts)] {
		if _, at := apart(b.Address); at == port && port != 0 {
			if b.Op == "Dial" && c.Op == "Listen" && b.Err != nil || b.Op == "Listen" && c.Op == "Dial" && d.starts[i].at > 0 {
				calls = append(calls, i)
			}
			if b.Op == "Listen" && c.Op == "Dial" {
				calls = append(calls, d.closed[b.Socket]...)
			}
		}
	}
	return calls
}

// reaches says whether a Dial was for a listener.
func (d *director) reaches(dial *Call, listener string) bool {
	_, to := apart(dial.Address)
	for _, b := range d.order {
		if _, at := apart(b.Address); b.Op == "Listen" && b.Socket == listener && at == to {
			return true
		}
	}
	return false
}

// note remembers what a call did, for those that come after it.
func (d *director) note(i int, c *Call) {
	switch c.Op {
	case "Listen":
		d.opened[c.Socket] = c.Err == nil
	case "Dial":
		d.dialled[c.Socket] = i
		d.opened[c.Socket] = c.Err == nil && !c.Waits
	case "Accept":
		d.opened[c.Conn] = c.Err == nil && !c.Waits
	case "Write":
		from := reach(d.written[c.Socket])
		d.written[c.Socket] = append(d.written[c.Socket], stretch{call: i, from: from, to: from + c.N})
	case "Read":
		from := reach(d.read[c.Socket])
		d.read[c.Socket] = append(d.read[c.Socket], stretch{call: i, from: from, to: from + c.N, full: c.N == c.Size,
			empty: c.Err != nil && (c.Err.Kind == "deadline" || c.Err.Kind == "cancelled" || d.shut[c.Socket])})
	case "CloseRead":
		d.shut[c.Socket] = true
	case "Close", "CloseWrite", "Reset":
		d.closed[c.Socket] = append(d.closed[c.Socket], i)
	}
}

// reach is how far the bytes of a direction have come.
func reach(s []stretch) int64 {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].to
}

func last(s []stretch) []stretch { return s[max(len(s)-1, 0):] }

// longWrite is more than comes at once: a segment on the loopback device holds 64 KiB.
const longWrite = 16 << 10

// streams are the sockets whose Reads do not keep to the peer's Writes: a long Write came in pieces as the kernels liked,
// and no program gets the same pieces again.
func (d *director) streams(s *Story) map[string]bool {
	streams := map[string]bool{}
	ends := map[string]map[int64]bool{}
	wrote := map[string]int64{}
	for _, c := range d.order {
		if c.Op != "Write" {
			continue
		}
		if ends[c.Socket] == nil {
			ends[c.Socket] = map[int64]bool{}
		}
		if c.N > longWrite {
			streams[d.peerOf(c.Socket)] = true
		}
		wrote[c.Socket] += c.N
		ends[c.Socket][wrote[c.Socket]] = true
	}
	got := map[string]int64{}
	for _, c := range d.order {
		if c.Op != "Read" || c.N == 0 {
			continue
		}
		got[c.Socket] += c.N
		peer := d.peerOf(c.Socket)
		if c.Times > 1 || peer != "" && len(ends[peer]) > 0 && c.N != c.Size && !ends[peer][got[c.Socket]] {
			streams[c.Socket] = true
		}
	}
	return streams
}

// joined makes one call of neighbouring Reads of such a socket: they read until as many bytes have come. Where the stream
// was cut off, by a reset or by a Write whose time was up, how many those were is the kernels' affair, and they read to its end.
func (d *director) joined(streams map[string]bool) (out []*Call) {
	cut := map[string]bool{}
	for _, c := range d.order {
		if c.Op == "Write" && c.N < c.Size {
			cut[d.peerOf(c.Socket)] = true
		}
	}
	open := map[string]*Call{} // the Read that the next one of the socket is added to
	for _, c := range d.order {
		into := open[c.Socket]
		switch {
		case c.Op != "Read" || !streams[c.Socket]:
			delete(open, c.Socket)
			out = append(out, c)
		case c.Err != nil && into != nil && c.Err.Kind == "eof":
			into.Loose, into.Drain = into.Drain, false
			delete(open, c.Socket)
			out = append(out, c)
		case c.Err != nil && into != nil && c.Err.Kind == "reset":
			into.Loose, into.Drain, into.Err, into.End = true, false, c.Err, c.End
			into.Seqs = append(into.Seqs, c.Seqs...)
			delete(open, c.Socket)
		case c.N == 0 || c.Err != nil:
			delete(open, c.Socket)
			out = append(out, c)
		case into != nil:
			into.Seqs = append(into.Seqs, c.Seqs...)
			into.N += c.N
			into.Times += max(c.Times, 1)
			into.End = c.End
		default:
			row := *c
			row.Seqs, row.Times, row.Data = slices.Clone(c.Seqs), max(c.Times, 2), nil
			row.Drain = cut[c.Socket]
			open[c.Socket] = &row
			out = append(out, &row)
		}
	}
	return out
}
