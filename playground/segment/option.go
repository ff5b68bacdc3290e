package segment

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Option is a TCP option. Data is what follows kind and length.
type Option struct {
	Kind uint8
	Data []byte
}

// Kinds of options, from IANA's registry "TCP Option Kind Numbers".
const (
	kindEnd           = 0
	kindNop           = 1
	kindMSS           = 2
	kindWindowScale   = 3
	kindSACKPermitted = 4
	kindSACK          = 5
	kindTimestamps    = 8
	kindMD5           = 19  // RFC 2385
	kindUserTimeout   = 28  // RFC 5482
	kindAO            = 29  // RFC 5925
	kindMPTCP         = 30  // RFC 8684
	kindFastOpen      = 34  // RFC 7413
	kindENO           = 69  // RFC 8547
	kindAccECN0       = 172 // RFC 9768 §3.2.3
	kindAccECN1       = 174
	kindExperiment1   = 253 // RFC 4727, RFC 6994
	kindExperiment2   = 254
)

// fastOpenID marks a Fast Open option under the experimental kind, which Linux still understands (RFC 7413 §4.1.1, RFC 6994).
const fastOpenID = 0xF989

// optionKind is what is known of a kind: its name in the protocol, the lengths that its data can have, and how that is read.
type optionKind struct {
	name string
	fits func(n int) bool
	text func([]byte) string
}

var optionKinds = map[uint8]optionKind{
	kindMSS:           {"mss", exactly(2), func(b []byte) string { return strconv.Itoa(int(binary.BigEndian.Uint16(b))) }},
	kindWindowScale:   {"wscale", exactly(1), func(b []byte) string { return strconv.Itoa(int(b[0])) }},
	kindSACKPermitted: {"sack_permitted", exactly(0), hex.EncodeToString},
	kindSACK:          {"sack", func(n int) bool { return n > 0 && n%8 == 0 }, hex.EncodeToString},
	kindTimestamps:    {"timestamps", exactly(8), timestampsText},
	kindMD5:           {"md5", exactly(16), hex.EncodeToString},
	kindUserTimeout:   {"user_timeout", exactly(2), userTimeoutText},
	kindAO:            {"ao", func(n int) bool { return n >= 2 }, aoText},
	kindMPTCP:         {"mptcp", func(n int) bool { return n >= 1 }, mptcpText},
	kindFastOpen:      {"fast_open", anyLength, hex.EncodeToString},
	kindENO:           {"encryption_negotiation", anyLength, hex.EncodeToString},
	kindAccECN0:       {"accecn0", counters, func(b []byte) string { return countersText(b, "EE0B", "ECEB", "EE1B") }},
	kindAccECN1:       {"accecn1", counters, func(b []byte) string { return countersText(b, "EE1B", "ECEB", "EE0B") }},
	kindExperiment1:   {"experiment", func(n int) bool { return n >= 2 }, experimentText},
	kindExperiment2:   {"experiment", func(n int) bool { return n >= 2 }, experimentText},
}

func exactly(want int) func(int) bool { return func(n int) bool { return n == want } }
func anyLength(int) bool              { return true }

func timestampsText(b []byte) string {
	return fmt.Sprintf("%d %d", binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]))
}

// userTimeoutText reads a number of seconds, or where the first bit says so, of minutes (RFC 5482 §3).
func userTimeoutText(b []byte) string {
	v := binary.BigEndian.Uint16(b)
	if v&0x8000 != 0 {
		return fmt.Sprintf("%d min", v&0x7fff)
	}
	return fmt.Sprintf("%d s", v)
}

// aoText reads the keys' numbers and the authentication code (RFC 5925 §2.2).
func aoText(b []byte) string { return fmt.Sprintf("%d %d %x", b[0], b[1], b[2:]) }

// mptcpSubtypes are those of RFC 8684 §8.2.
var mptcpSubtypes = [...]string{"MP_CAPABLE", "MP_JOIN", "DSS", "ADD_ADDR", "REMOVE_ADDR", "MP_PRIO", "MP_FAIL", "MP_FASTCLOSE", "MP_TCPRST"}

func mptcpText(b []byte) string {
	subtype := int(b[0] >> 4)
	if subtype < len(mptcpSubtypes) {
		return fmt.Sprintf("%s %x", mptcpSubtypes[subtype], b)
	}
	return fmt.Sprintf("subtype %d %x", subtype, b)
}

// counters says whether b can be up to three counters of 24 bits.
func counters(n int) bool { return n <= 9 && n%3 == 0 }

// countersText reads the counters of bytes that came with an ECN codepoint: ECT(0), CE, ECT(1) (RFC 9768 §3.2.3).
func countersText(b []byte, names ...string) string {
	var all []string
	for i := 0; i+3 <= len(b); i += 3 {
		all = append(all, fmt.Sprintf("%s %d", names[i/3], uint32(b[i])<<16|uint32(b[i+1])<<8|uint32(b[i+2])))
	}
	return strings.Join(all, " ")
}

// experimentText sets the experiment's number apart (RFC 6994 §3).
func experimentText(b []byte) string { return strings.TrimSpace(fmt.Sprintf("%04x %x", b[:2], b[2:])) }

// read is the option's name in the protocol and its value. The name is "unknown" for kinds that the playground has no
// words for, and "broken" where the data has not the length that the kind has; the value is hexadecimal then.
func (o Option) read() (name, value string) {
	switch o.Kind {
	case kindEnd:
		return "eol", hex.EncodeToString(o.Data)
	case kindNop:
		return "nop", ""
	}
	k, known := optionKinds[o.Kind]
	switch {
	case !known:
		return "unknown", hex.EncodeToString(o.Data)
	case !k.fits(len(o.Data)):
		return "broken", hex.EncodeToString(o.Data)
	case o.Kind == kindExperiment2 && binary.BigEndian.Uint16(o.Data) == fastOpenID:
		return "fast_open", hex.EncodeToString(o.Data[2:])
	}
	return k.name, k.text(o.Data)
}

// OptionValue is an option as a person reads it.
type OptionValue struct {
	Kind  uint8  `json:"kind"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// OptionValues puts the segment's options into words. SACK blocks are relative, as tr says.
func (s *Segment) OptionValues(tr Tracked) []OptionValue {
	values := make([]OptionValue, len(s.Options))
	for i, o := range s.Options {
		name, value := o.read()
		switch {
		case s.OptionsBroken != 0 && i == len(s.Options)-1:
			name, value = "broken", hex.EncodeToString(o.Data)
		case name == "sack" && len(tr.SACK) == len(o.Data)/8:
			blocks := make([]string, len(tr.SACK))
			for i, b := range tr.SACK {
				blocks[i] = fmt.Sprintf("%d-%d", b[0], b[1])
			}
			value = strings.Join(blocks, " ")
		}
		values[i] = OptionValue{Kind: o.Kind, Name: name, Value: value}
	}
	return values
}
