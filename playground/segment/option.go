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
	kindFastOpen      = 34
	kindExperiment    = 254
)

// fastOpenID marks a Fast Open option under the experimental kind, which Linux still understands (RFC 7413 §4.1.1, RFC 6994).
const fastOpenID = 0xF989

// Name is the option's name in the protocol; "unknown" for those that the playground has no words for.
func (o Option) Name() string {
	switch o.Kind {
	case kindEnd:
		return "eol"
	case kindNop:
		return "nop"
	case kindMSS:
		return "mss"
	case kindWindowScale:
		return "wscale"
	case kindSACKPermitted:
		return "sack_permitted"
	case kindSACK:
		return "sack"
	case kindTimestamps:
		return "timestamps"
	case kindFastOpen:
		return "fast_open"
	case kindExperiment:
		if o.experimentalFastOpen() {
			return "fast_open"
		}
	}
	return "unknown"
}

func (o Option) experimentalFastOpen() bool {
	return o.Kind == kindExperiment && len(o.Data) >= 2 && binary.BigEndian.Uint16(o.Data) == fastOpenID
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
		values[i] = OptionValue{Kind: o.Kind, Name: o.Name(), Value: o.value(tr.SACK)}
	}
	return values
}

// value falls back to hexadecimal where the option has not the length that its kind has.
func (o Option) value(sack [][2]uint32) string {
	be := binary.BigEndian
	switch {
	case o.Kind == kindMSS && len(o.Data) == 2:
		return strconv.Itoa(int(be.Uint16(o.Data)))
	case o.Kind == kindWindowScale && len(o.Data) == 1:
		return strconv.Itoa(int(o.Data[0]))
	case o.Kind == kindTimestamps && len(o.Data) == 8:
		return fmt.Sprintf("%d %d", be.Uint32(o.Data), be.Uint32(o.Data[4:]))
	case o.Kind == kindSACK && len(o.Data)%8 == 0 && len(sack) == len(o.Data)/8:
		blocks := make([]string, len(sack))
		for i, b := range sack {
			blocks[i] = fmt.Sprintf("%d-%d", b[0], b[1])
		}
		return strings.Join(blocks, " ")
	case o.experimentalFastOpen():
		return hex.EncodeToString(o.Data[2:])
	}
	return hex.EncodeToString(o.Data)
}
