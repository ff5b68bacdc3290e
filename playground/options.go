package playground

import (
	"encoding/json"
	"math"
	"strings"
)

// Options are socket option values by name: bool, int64 or string.
type Options map[string]any

// UnmarshalJSON keeps whole numbers whole, where encoding/json would make them float64.
func (o *Options) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*o = make(Options, len(raw))
	for name, value := range raw {
		var n int64
		if json.Unmarshal(value, &n) == nil {
			(*o)[name] = n
			continue
		}
		var v any
		if err := json.Unmarshal(value, &v); err != nil {
			return err
		}
		(*o)[name] = v
	}
	return nil
}

// RawOptions are option values of a command, not yet checked.
type RawOptions map[string]json.RawMessage

// optionKind is the type of an option's value.
type optionKind int

const (
	boolOption optionKind = iota
	intOption
	stringOption
)

// optionPhase says when an option must be set to have its effect on a new socket.
type optionPhase int

const (
	// beforeBind: the kernel looks at it in bind(2), listen(2) or connect(2), or announces it in the SYN.
	beforeBind optionPhase = iota
	// afterOpen: Go itself sets it once the socket is open (NoDelay, keepalive), or it acts on writes only.
	afterOpen
)

// optionSpec describes an option. Sources: socket(7), tcp(7), ip(7).
type optionSpec struct {
	name     string
	kind     optionKind
	phase    optionPhase
	min, max int64
	own      *int64 // besides, the value that stands for the kernel's own
	unit     string
}

// optionSpecs in the order in which they are read back. Their ranges are the kernel's, which clamps buffers and seconds by
// itself, but for Linger: a Close that waits holds a thread of this program.
var optionSpecs = []optionSpec{
	{name: "NoDelay", kind: boolOption, phase: afterOpen},
	{name: "Cork", kind: boolOption, phase: afterOpen},
	{name: "KeepAlive", kind: boolOption, phase: afterOpen},
	{name: "KeepAliveIdle", kind: intOption, phase: afterOpen, min: 1, max: 32767, unit: "seconds"},
	{name: "KeepAliveInterval", kind: intOption, phase: afterOpen, min: 1, max: 32767, unit: "seconds"},
	{name: "KeepAliveCount", kind: intOption, phase: afterOpen, min: 1, max: 127, unit: "probes"},
	{name: "Linger", kind: intOption, phase: afterOpen, min: -1, max: 60, unit: "seconds (-1 is off)"},
	{name: "UserTimeout", kind: intOption, phase: beforeBind, min: 0, max: math.MaxInt32, unit: "milliseconds"},
	{name: "RcvBuf", kind: intOption, phase: beforeBind, min: 0, max: math.MaxInt32, unit: "bytes"},
	{name: "SndBuf", kind: intOption, phase: beforeBind, min: 0, max: math.MaxInt32, unit: "bytes"},
	{name: "MaxSeg", kind: intOption, phase: beforeBind, min: 88, max: 32767, own: new(int64(0)), unit: "bytes"},
	{name: "TTL", kind: intOption, phase: beforeBind, min: 1, max: 255, own: new(int64(-1)), unit: "hops"},
	{name: "Congestion", kind: stringOption, phase: beforeBind},
	{name: "DeferAccept", kind: intOption, phase: beforeBind, min: 0, max: math.MaxInt32, unit: "seconds"},
	{name: "ReuseAddr", kind: boolOption, phase: beforeBind},
	{name: "ReusePort", kind: boolOption, phase: beforeBind},
}

func findOption(name string) (optionSpec, bool) {
	for _, s := range optionSpecs {
		if s.name == name {
			return s, true
		}
	}
	return optionSpec{}, false
}

// parse checks a command's value for the option.
func (s optionSpec) parse(raw json.RawMessage) (any, *Error) {
	switch s.kind {
	case boolOption:
		var v bool
		if json.Unmarshal(raw, &v) != nil {
			return nil, invalid("value", "%s is true or false.", s.name)
		}
		return v, nil
	case intOption:
		var v int64
		if json.Unmarshal(raw, &v) != nil || (v < s.min || v > s.max) && (s.own == nil || v != *s.own) {
			if s.own != nil {
				return nil, invalid("value", "%s is a whole number of %s from %d to %d, or %d for the kernel's own.", s.name, s.unit, s.min, s.max, *s.own)
			}
			return nil, invalid("value", "%s is a whole number of %s from %d to %d.", s.name, s.unit, s.min, s.max)
		}
		return v, nil
	default:
		var v string
		// TCP_CA_NAME_MAX of include/net/tcp.h; and the kernel would read a name with a NUL as a shorter one.
		if json.Unmarshal(raw, &v) != nil || v == "" || len(v) > 15 || strings.ContainsFunc(v, notInName) {
			return nil, invalid("value", "%s is the name of an algorithm, such as cubic or reno.", s.name)
		}
		return v, nil
	}
}

// notInName says whether a rune can be in no name that the kernel knows.
func notInName(r rune) bool { return r <= ' ' || r > '~' }

func unknownOption(field, name string) *Error {
	var names []string
	for _, s := range optionSpecs {
		names = append(names, s.name)
	}
	return invalid(field, "There is no option %q; there are %s.", clip(name, 40), joined(names))
}

// checkOptions parses all options of a command.
func checkOptions(raw RawOptions) (Options, *Error) {
	if len(raw) == 0 {
		return nil, nil
	}
	o := Options{}
	for _, name := range sortedKeys(raw) {
		spec, ok := findOption(name)
		if !ok {
			return nil, unknownOption("options", name)
		}
		v, err := spec.parse(raw[name])
		if err != nil {
			err.Field = "options"
			return nil, err
		}
		if why := optionSupport(name); why != "" {
			return nil, refuse(CodeUnsupported, "options", "%s cannot be set here. %s", name, why)
		}
		o[name] = v
	}
	return o, nil
}

// setOptions sets those of a phase on a descriptor; the first error ends it.
func setOptions(fd uintptr, o Options, phase optionPhase, v6 bool) error {
	for _, s := range optionSpecs {
		if v, ok := o[s.name]; ok && s.phase == phase {
			if err := setOption(fd, s.name, v, v6); err != nil {
				return err
			}
		}
	}
	return nil
}

// readOptions reads back all options of a descriptor; what the system does not have is in unsupported, with the reason.
func readOptions(fd uintptr, v6 bool) (values Options, unsupported map[string]string) {
	values = Options{}
	for _, s := range optionSpecs {
		if why := optionSupport(s.name); why != "" {
			if unsupported == nil {
				unsupported = map[string]string{}
			}
			unsupported[s.name] = why
			continue
		}
		if v, err := getOption(fd, s.name, v6); err == nil {
			values[s.name] = v
		}
	}
	return values, unsupported
}
