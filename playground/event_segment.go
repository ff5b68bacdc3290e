package playground

import (
	"fmt"
	"strings"
)

// SegmentSent says that a segment left a host, and what it was.
type SegmentSent struct {
	Header
	Segment       uint64          `json:"segment"`
	Network       string          `json:"network"`
	From          string          `json:"from,omitempty"`
	Peer          string          `json:"peer,omitempty"`
	LeftNS        int64           `json:"left_ns"`
	Bytes         int64           `json:"bytes"`
	Raw           []byte          `json:"raw,omitempty"`
	Src           string          `json:"src"`
	Dst           string          `json:"dst"`
	Flags         string          `json:"flags,omitempty"`
	SeqRel        int64           `json:"seq_rel"`
	AckRel        int64           `json:"ack_rel"`
	SeqAbs        int64           `json:"seq_abs"`
	AckAbs        int64           `json:"ack_abs"`
	Win           int64           `json:"win"`
	WScale        int64           `json:"wscale,omitempty"`
	Len           int64           `json:"len"`
	IPHeader      int64           `json:"ip_header"`
	TCPHeader     int64           `json:"tcp_header,omitempty"`
	TTL           int64           `json:"ttl"`
	DSCP          int64           `json:"dscp,omitempty"`
	ECN           string          `json:"ecn,omitempty"`
	DF            bool            `json:"df,omitempty"`
	IPID          int64           `json:"ip_id,omitempty"`
	FlowLabel     int64           `json:"flow_label,omitempty"`
	Checksum      string          `json:"checksum,omitempty"`
	ChecksumValue int64           `json:"checksum_value,omitempty"`
	Urgent        int64           `json:"urgent,omitempty"`
	Reserved      int64           `json:"reserved,omitempty"`
	ACE           *int64          `json:"ace,omitempty"`
	Options       []SegmentOption `json:"options,omitempty"`
	OptionsBroken int64           `json:"options_broken,omitempty"`
	Marks         []string        `json:"marks,omitempty"`
	Of            uint64          `json:"of,omitempty"`
	DupAcks       int64           `json:"dup_acks,omitempty"`
	ICMP          string          `json:"icmp,omitempty"`
	About         []string        `json:"about,omitempty"`
	Other         string          `json:"other,omitempty"`
}

// readable says whether it is a segment that could be read: neither an ICMP error about one nor another packet.
func (e *SegmentSent) readable() bool { return e.ICMP == "" && e.Other == "" }

// headerNotes say what in its headers is unusual.
func (e *SegmentSent) headerNotes() (notes []string) {
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	if e.Other != "" {
		add("%s", e.Other)
	}
	if e.OptionsBroken != 0 {
		add("options broken at byte %d of the TCP header", e.OptionsBroken)
	}
	for _, o := range e.Options {
		if o.Name == "broken" && e.OptionsBroken == 0 {
			add("option %d has not the length that it has to have", o.Kind)
		}
	}
	if strings.Contains(e.Flags, "URG") {
		add("urgent pointer %d: the last urgent byte is seq %d", e.Urgent, e.SeqRel+e.Urgent-1)
	}
	if e.ACE != nil {
		add("ACE %d", *e.ACE)
	}
	if e.ECN == "CE" {
		add("ECN: CE")
	}
	return notes
}

// SegmentOption is a TCP option as a person reads it.
type SegmentOption struct {
	Kind  int64  `json:"kind"`
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// SegmentLanded says that the wire gave a segment to the other host's kernel.
type SegmentLanded struct {
	Header
	Segment  uint64 `json:"segment"`
	LandedNS int64  `json:"landed_ns"`
}

// WireIntervened says what the wire did to a segment, and why.
type WireIntervened struct {
	Header
	Segment uint64 `json:"segment"`
	Action  string `json:"action"`
	By      string `json:"by"`
	Rule    int64  `json:"rule,omitempty"`
	Copy    uint64 `json:"copy,omitempty"`
	DelayMS int64  `json:"delay_ms,omitempty"`
}

// SegmentsSummarised stands for segments of one connection, both ways, that came too fast to list.
type SegmentsSummarised struct {
	Header
	Peer          string `json:"peer,omitempty"`
	Network       string `json:"network"`
	First         uint64 `json:"first"`
	Last          uint64 `json:"last"`
	Count         int64  `json:"count"`
	Bytes         int64  `json:"bytes"`
	DataSegments  int64  `json:"data_segments"`
	Dropped       int64  `json:"dropped,omitempty"`
	Retransmitted int64  `json:"retransmitted,omitempty"`
	FirstNS       int64  `json:"first_ns"`
	LastNS        int64  `json:"last_ns"`
}

func (*SegmentSent) kind() string        { return "segment_sent" }
func (*SegmentLanded) kind() string      { return "segment_landed" }
func (*WireIntervened) kind() string     { return "wire_intervened" }
func (*SegmentsSummarised) kind() string { return "segments_summarised" }

func (e *SegmentSent) appendFields(w *jsonWriter) {
	w.int("segment", int64(e.Segment))
	w.str("network", e.Network)
	w.optStr("from", e.From)
	w.optStr("peer", e.Peer)
	w.int("left_ns", e.LeftNS)
	w.int("bytes", e.Bytes)
	w.optBytes("raw", e.Raw)
	w.str("src", e.Src)
	w.str("dst", e.Dst)
	w.optStr("flags", e.Flags)
	w.int("seq_rel", e.SeqRel)
	w.int("ack_rel", e.AckRel)
	w.int("seq_abs", e.SeqAbs)
	w.int("ack_abs", e.AckAbs)
	w.int("win", e.Win)
	w.optInt("wscale", e.WScale)
	w.int("len", e.Len)
	w.int("ip_header", e.IPHeader)
	w.optInt("tcp_header", e.TCPHeader)
	w.int("ttl", e.TTL)
	w.optInt("dscp", e.DSCP)
	w.optStr("ecn", e.ECN)
	w.optTrue("df", e.DF)
	w.optInt("ip_id", e.IPID)
	w.optInt("flow_label", e.FlowLabel)
	w.optStr("checksum", e.Checksum)
	w.optInt("checksum_value", e.ChecksumValue)
	w.optInt("urgent", e.Urgent)
	w.optInt("reserved", e.Reserved)
	if e.ACE != nil {
		w.int("ace", *e.ACE)
	}
	if len(e.Options) > 0 {
		w.list("options", len(e.Options), func(i int) { w.element(e.Options[i].appendFields) })
	}
	w.optInt("options_broken", e.OptionsBroken)
	w.optStrs("marks", e.Marks)
	w.optUint("of", e.Of)
	w.optInt("dup_acks", e.DupAcks)
	w.optStr("icmp", e.ICMP)
	w.optStrs("about", e.About)
	w.optStr("other", e.Other)
}

func (o SegmentOption) appendFields(w *jsonWriter) {
	w.int("kind", o.Kind)
	w.str("name", o.Name)
	w.optStr("value", o.Value)
}

func (e *SegmentLanded) appendFields(w *jsonWriter) {
	w.int("segment", int64(e.Segment))
	w.int("landed_ns", e.LandedNS)
}

func (e *WireIntervened) appendFields(w *jsonWriter) {
	w.int("segment", int64(e.Segment))
	w.str("action", e.Action)
	w.str("by", e.By)
	w.optInt("rule", e.Rule)
	w.optUint("copy", e.Copy)
	w.optInt("delay_ms", e.DelayMS)
}

func (e *SegmentsSummarised) appendFields(w *jsonWriter) {
	w.optStr("peer", e.Peer)
	w.str("network", e.Network)
	w.int("first", int64(e.First))
	w.int("last", int64(e.Last))
	w.int("count", e.Count)
	w.int("bytes", e.Bytes)
	w.int("data_segments", e.DataSegments)
	w.optInt("dropped", e.Dropped)
	w.optInt("retransmitted", e.Retransmitted)
	w.int("first_ns", e.FirstNS)
	w.int("last_ns", e.LastNS)
}
