package wire

import (
	"bytes"
	"net/netip"
	"strings"

	"socketplayground/playground/segment"
)

// MaxText is the longest text that a rule looks for.
const MaxText = 1024

// Match says which segments a rule is about. What is left out matches any. The wire keeps what it points to.
type Match struct {
	Direction *Direction
	// Flags: "SYN" is one without ACK; "ACK" is nothing but an ACK: no SYN, FIN, RST, and no payload; "DATA" is any with
	// payload. Otherwise all the flags named: "FIN", "SYN,ACK".
	Flags          string
	MinLen, MaxLen *int   // bytes of payload
	Text           []byte // somewhere in the payload
	Retransmission *bool
	Conn           *[2]netip.AddrPort // the two ends, either way round
}

// test is a Match that was checked, with its Flags read.
type test struct {
	Match
	set, clear segment.Flags
	tcp        bool // some flag is asked for: an ICMP error has none
	data, bare bool // with payload, without
}

// control are the flags that make a segment more than an ACK.
const control = segment.SYN | segment.FIN | segment.RST

var flagNames = map[string]segment.Flags{
	"SYN": segment.SYN, "FIN": segment.FIN, "RST": segment.RST, "PSH": segment.PSH,
	"ACK": segment.ACK, "URG": segment.URG, "ECE": segment.ECE, "CWR": segment.CWR, "AE": segment.AE,
}

func (m Match) compile() (test, error) {
	t := test{Match: m}
	if d := m.Direction; d != nil && *d != ToServer && *d != ToClient {
		return t, invalid("direction", "Choose a direction: both, to_server or to_client.")
	}
	if err := t.compileFlags(); err != nil {
		return t, err
	}
	if m.MinLen != nil && (*m.MinLen < 0 || *m.MinLen > maxPacket) {
		return t, invalid("min_len", "Set the least length between 0 and %d bytes of payload.", maxPacket)
	}
	if m.MaxLen != nil && (*m.MaxLen < 0 || *m.MaxLen > maxPacket) {
		return t, invalid("max_len", "Set the greatest length between 0 and %d bytes of payload.", maxPacket)
	}
	if m.MinLen != nil && m.MaxLen != nil && *m.MinLen > *m.MaxLen {
		return t, invalid("max_len", "Set the greatest length to the least, %d, or more: no segment is between them.", *m.MinLen)
	}
	if len(m.Text) > MaxText {
		return t, invalid("text", "Look for a text of at most %d bytes.", MaxText)
	}
	return t, nil
}

func (t *test) compileFlags() error {
	if strings.TrimSpace(t.Flags) == "" {
		return nil
	}
	t.tcp = true
	for name := range strings.SplitSeq(t.Flags, ",") {
		name = strings.ToUpper(strings.TrimSpace(name))
		if f, ok := flagNames[name]; ok {
			t.set |= f
		} else if name == "DATA" {
			t.data = true
		} else {
			return invalid("flags", "There is no flag %q. Name flags out of SYN, FIN, RST, PSH, ACK, URG, ECE, CWR and AE, or DATA, with commas.", short(name))
		}
	}
	switch {
	case t.set == segment.SYN:
		t.clear = segment.ACK
	case t.set == segment.ACK && !t.data:
		t.clear, t.bare = control, true
	}
	return nil
}

// short is a name for a message.
func short(name string) string {
	if r := []rune(name); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return name
}

func (t *test) matches(p *Packet) bool {
	s := p.Segment
	if t.Direction != nil && *t.Direction != p.Direction {
		return false
	}
	if t.tcp && (s.ICMP != nil || s.Other != "" || s.Flags&t.set != t.set || s.Flags&t.clear != 0 ||
		t.data && s.PayloadLen == 0 || t.bare && s.PayloadLen > 0) {
		return false
	}
	if t.MinLen != nil && s.PayloadLen < *t.MinLen || t.MaxLen != nil && s.PayloadLen > *t.MaxLen {
		return false
	}
	if len(t.Text) > 0 && !bytes.Contains(s.Payload, t.Text) {
		return false
	}
	if t.Retransmission != nil && *t.Retransmission != p.Retransmission {
		return false
	}
	return t.Conn == nil || about(s, *t.Conn)
}

// about says whether s belongs to a connection, or is an ICMP error about it.
func about(s *segment.Segment, ends [2]netip.AddrPort) bool {
	is := [2]netip.AddrPort{s.Src, s.Dst}
	if s.ICMP != nil {
		is = s.ICMP.About
	}
	return is == ends || is == [2]netip.AddrPort{ends[1], ends[0]}
}
