package playground_test

import (
	"encoding/json"
	"testing"

	"socketplayground/playground"
)

// TestLabTransfer: 64 MiB through a wire that is off. No byte differs; and of the segments that came too fast to list,
// every one is counted in a summary, and can be asked for.
func TestLabTransfer(t *testing.T) {
	const size = 64 << 20
	s := openLab(t)
	l := s.listenLab(playground.Listen{Behavior: playground.BehaviorDiscard})
	c := s.dial(playground.Dial{Address: l})
	server := s.socket(c, "knows its peer", func(v *playground.SocketView) bool { return v.Peer != "" }).Peer
	s.do(&playground.SetWire{Preset: "lan"}) // and
	s.do(&playground.SetWire{Preset: "off"})
	s.do(&playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: size, Chunk: playground.MaxChunk, Digest: true})
	done := func(direction string) func(v *playground.SocketView) bool {
		return func(v *playground.SocketView) bool { return v.Digests[direction].Bytes == size }
	}
	wrote := s.socket(c, "has written all", done("written")).Digests["written"].SHA256
	if read := s.socket(server, "has read all", done("read")).Digests["read"].SHA256; read != wrote {
		t.Errorf("the server read bytes with SHA-256 %s, the client wrote %s", read, wrote)
	}
	s.do(&playground.Close{Socket: c})
	s.inState(server, playground.StateClosed)
	s.inState(c, playground.StateTimeWait)
	s.socket(c, "is told to be at rest", func(v *playground.SocketView) bool { return v.Peer == server })

	listed := map[uint64]*playground.SegmentSent{}
	var sums []*playground.SegmentsSummarised
	var count, bytes, newest int64
	fin := s.segment("server", "FIN, ACK", nil)
	s.segment("client", "ACK", func(e *playground.SegmentSent) bool { return e.Segment > fin.Segment })
	for _, e := range s.Log().Events(0) {
		switch e := e.(type) {
		case *playground.SegmentSent:
			listed[e.Segment] = e
			bytes += e.Len
			newest = max(newest, int64(e.Segment))
		case *playground.SegmentsSummarised:
			sums = append(sums, e)
			count += e.Count
			bytes += e.Bytes
			newest = max(newest, int64(e.Last))
			if e.Network != "lab" || e.Socket == "" || e.Peer == "" || e.Count > int64(e.Last-e.First+1) || e.FirstNS > e.LastNS || e.DataSegments > e.Count || e.Dropped != 0 {
				t.Errorf("a summary is %+v", e)
			}
		case *playground.EventsLost:
			t.Errorf("events were lost: %+v", e)
		}
	}
	if len(sums) < 2 || len(listed) > 2000 {
		t.Errorf("%d summaries, and %d segments were listed", len(sums), len(listed))
	}
	if got := count + int64(len(listed)); got != newest {
		t.Errorf("%d are summarised and %d listed, %d together; there were %d", count, len(listed), got, newest)
	}
	info := s.socket(c, "is there", func(*playground.SocketView) bool { return true }).Metrics.Info
	if again := bytes - size; again < 0 || info != nil && again > info.BytesRetrans+1<<20 {
		t.Errorf("the segments carried %d bytes, which is %d more than were sent", bytes, again)
	}

	// Every fourth page, and the last: all of them would take longer than the rest. Those segments that were listed, and
	// the ends of each page, tell.
	const page = playground.MaxSegmentsReply
	for first := uint64(1); first <= uint64(newest); first += page {
		last := min(first+page-1, uint64(newest))
		if first/page%4 != 0 && last != uint64(newest) {
			continue
		}
		found := s.do(&playground.Segments{First: first, Last: last}).Segments
		if len(found) != int(last-first+1) {
			t.Fatalf("of segments %d to %d come %d", first, last, len(found))
		}
		for i, raw := range found {
			number := first + uint64(i)
			was := listed[number]
			if was == nil && number != first && number != last {
				continue
			}
			var e struct {
				playground.SegmentSent
				LandedNS  int64  `json:"landed_ns"`
				DroppedBy string `json:"dropped_by"`
			}
			if err := json.Unmarshal(raw, &e); err != nil {
				t.Fatal(err)
			}
			if e.Segment != number || e.LandedNS < e.LeftNS || e.DroppedBy != "" {
				t.Errorf("segment %d is %s", number, raw)
			}
			if was != nil && (was.SeqRel != e.SeqRel || was.AckRel != e.AckRel || was.Flags != e.Flags || was.Len != e.Len || was.LeftNS != e.LeftNS) {
				t.Errorf("segment %d was listed as %s, and is %s", number, playground.AppendEvent(nil, was), raw)
			}
		}
	}
}

// TestLabSegmentsOfASocket: the command segments, for one connection of several.
func TestLabSegmentsOfASocket(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	other := s.dial(playground.Dial{Address: "S1", ReadMode: playground.ReadManual})
	s.accept("S1")
	s.write(c, "hello")
	s.arrives(server, "hello")
	s.segment("server", "ACK", func(e *playground.SegmentSent) bool { return e.AckRel == 6 })
	count := func(id string) (n int) {
		for _, raw := range s.do(&playground.Segments{First: 1, Last: 500, Socket: id}).Segments {
			var e playground.SegmentSent
			if err := json.Unmarshal(raw, &e); err != nil {
				t.Fatal(err)
			}
			if id != "" && id[0] == 'C' && e.Socket != id && e.Peer != id {
				t.Errorf("segment %d of %s and %s is given for %s", e.Segment, e.Socket, e.Peer, id)
			}
			n++
		}
		return n
	}
	if got := [4]int{count(c), count(server), count(other), count("S1")}; got != [4]int{5, 5, 3, 8} {
		t.Errorf("the sockets have %v segments, want 5, 5, 3 and 8", got)
	}
	e := s.data("hello")
	p := s.do(&playground.Payload{Segment: e.Segment}).Payload
	if !p.Complete || p.Bytes != e.Bytes || string(p.Data) != string(e.Raw) {
		t.Errorf("the packet is %d bytes, complete: %v; the event has %d", p.Bytes, p.Complete, e.Bytes)
	}
}
