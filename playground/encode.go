package playground

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"
)

// AppendEvent appends the event's JSON to b. It is written by hand because a session at full speed spends more on
// encoding its events than on anything else; tests hold it equal to encoding/json for every kind.
func AppendEvent(b []byte, e Event) []byte {
	w := writers.Get().(*jsonWriter)
	w.buf = b
	w.event(e)
	b, w.buf = w.buf, nil
	writers.Put(w)
	return b
}

// writers are kept because one that is handed to an interface's method is allocated.
var writers = sync.Pool{New: func() any { return new(jsonWriter) }}

func (w *jsonWriter) event(e Event) {
	h := e.header()
	w.buf = append(w.buf, `{"seq":`...)
	w.buf = strconv.AppendUint(w.buf, h.Seq, 10)
	w.int("at_ns", h.AtNS)
	w.str("type", e.kind())
	w.optStr("socket", h.Socket)
	w.optStr("source", string(h.Source))
	e.appendFields(w)
	w.buf = append(w.buf, '}')
}

// DecodeEvent reads what AppendEvent wrote: a recording, or a test.
func DecodeEvent(b []byte) (Event, error) {
	var h Header
	if err := json.Unmarshal(b, &h); err != nil {
		return nil, &Error{Code: CodeInvalidArgument, Message: "This is not an event: " + err.Error() + ".", Err: err}
	}
	e := newEvent(h.Type)
	if e == nil {
		return nil, invalid("type", "There is no event type %q; the file was made by a newer version, or damaged.", clip(h.Type, 40))
	}
	if err := json.Unmarshal(b, e); err != nil {
		return nil, &Error{Code: CodeInvalidArgument, Message: "A " + h.Type + " event is damaged: " + err.Error() + ".", Err: err}
	}
	return e, nil
}

// jsonWriter appends the fields of an object that is already open and has at least one field.
// The opt methods leave a zero value out, as omitempty does.
type jsonWriter struct{ buf []byte }

func (w *jsonWriter) key(k string) {
	w.buf = append(w.buf, ',', '"')
	w.buf = append(w.buf, k...)
	w.buf = append(w.buf, '"', ':')
}

// name is key for a name that may need escapes, as one that came with a recording may.
func (w *jsonWriter) name(k string) {
	w.buf = appendString(append(w.buf, ','), k)
	w.buf = append(w.buf, ':')
}

func (w *jsonWriter) int(k string, v int64) {
	w.key(k)
	w.buf = strconv.AppendInt(w.buf, v, 10)
}

func (w *jsonWriter) optInt(k string, v int64) {
	if v != 0 {
		w.int(k, v)
	}
}

func (w *jsonWriter) optUint(k string, v uint64) {
	if v != 0 {
		w.key(k)
		w.buf = strconv.AppendUint(w.buf, v, 10)
	}
}

func (w *jsonWriter) optTrue(k string, v bool) {
	if v {
		w.key(k)
		w.buf = append(w.buf, "true"...)
	}
}

func (w *jsonWriter) str(k, v string) {
	w.key(k)
	w.buf = appendString(w.buf, v)
}

func (w *jsonWriter) optStr(k, v string) {
	if v != "" {
		w.str(k, v)
	}
}

func (w *jsonWriter) optBytes(k string, v []byte) {
	if len(v) != 0 {
		w.key(k)
		w.buf = append(w.buf, '"')
		w.buf = base64.StdEncoding.AppendEncode(w.buf, v)
		w.buf = append(w.buf, '"')
	}
}

// object is element under k.
func (w *jsonWriter) object(k string, f func(*jsonWriter)) {
	w.key(k)
	w.element(f)
}

func (w *jsonWriter) bool(k string, v bool) {
	w.key(k)
	w.buf = strconv.AppendBool(w.buf, v)
}

// list opens a list under k of n elements, which f appends one by one.
func (w *jsonWriter) list(k string, n int, f func(i int)) {
	w.key(k)
	w.elements(n, f)
}

// elements is list where the key stands already.
func (w *jsonWriter) elements(n int, f func(i int)) {
	w.buf = append(w.buf, '[')
	for i := range n {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		f(i)
	}
	w.buf = append(w.buf, ']')
}

// element opens an object, lets f fill it, and closes it.
func (w *jsonWriter) element(f func(*jsonWriter)) {
	w.buf = append(w.buf, '{')
	at := len(w.buf)
	f(w)
	if len(w.buf) > at { // every field brought a comma in front; the first has none
		w.buf = slices.Delete(w.buf, at, at+1)
	}
	w.buf = append(w.buf, '}')
}

func (w *jsonWriter) strs(k string, v []string) {
	w.key(k)
	w.strings(v)
}

func (w *jsonWriter) strings(v []string) {
	w.elements(len(v), func(i int) { w.buf = appendString(w.buf, v[i]) })
}

func (w *jsonWriter) optStrs(k string, v []string) {
	if len(v) > 0 {
		w.strs(k, v)
	}
}

func (w *jsonWriter) strMap(k string, v map[string]string) {
	w.object(k, func(w *jsonWriter) { w.entries(v) })
}

// entries are the fields of an object that is a map.
func (w *jsonWriter) entries(v map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		w.name(name)
		w.buf = appendString(w.buf, v[name])
	}
}

func (w *jsonWriter) optUints(k string, v []uint64) {
	if len(v) > 0 {
		w.list(k, len(v), func(i int) { w.buf = strconv.AppendUint(w.buf, v[i], 10) })
	}
}

func (w *jsonWriter) optError(e *CallError) {
	if e != nil {
		w.object("error", e.appendFields)
	}
}

func (w *jsonWriter) optSettings(s *BehaviorSettings) {
	if s != nil {
		w.object("settings", s.appendFields)
	}
}

const hexDigits = "0123456789abcdef"

// appendString appends v as a JSON string. Invalid UTF-8 becomes U+FFFD, as in encoding/json;
// U+2028 and U+2029 need no escape, since the page parses JSON and never evaluates it.
func appendString(b []byte, v string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(v); {
		c := v[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(v[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(b, v[start:i]...)
				b = append(b, "\ufffd"...)
				i++
				start = i
				continue
			}
			i += size
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, v[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	b = append(b, v[start:]...)
	return append(b, '"')
}
