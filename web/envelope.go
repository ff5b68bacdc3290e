package web

import (
	"bytes"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"socketplayground/playground"
)

// maxID is the largest id, and -maxID the least: so far a browser has all whole numbers.
const maxID = 1 << 53

// unreadable is a depth at which nobody looks for the rest of a command any more; jsontext gives up at 10,000.
const unreadable = 1000

// envelope is what a text frame of a browser has besides its command.
type envelope struct {
	id   int64
	kind string // empty where there is none
}

// readEnvelope reads the envelope of a text frame; ok where that is a JSON object. refusal is why a command in it cannot
// be taken, as far as the envelope shows: what its fields are, and that none stands twice, is DecodeFields' to judge.
func readEnvelope(frame []byte) (e envelope, refusal *playground.Error, ok bool) {
	d := jsontext.NewDecoder(bytes.NewReader(frame), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if d.PeekKind() != '{' {
		return e, nil, false
	}
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() == '"' {
		var name jsontext.Token
		if name, err = d.ReadToken(); err != nil {
			break
		}
		switch field := name.String(); {
		case field == "id":
			var v jsontext.Value
			if v, err = d.ReadValue(); err == nil {
				e.id, refusal = readID(v)
			}
		case field == "type" && d.PeekKind() == '"':
			var v jsontext.Token
			if v, err = d.ReadToken(); err == nil {
				e.kind = v.String()
			}
		default:
			err = skip(d)
		}
	}
	if err != nil && d.StackDepth() > unreadable {
		return e, playground.TooDeep(""), balanced(frame)
	}
	if err == nil {
		_, err = d.ReadToken() // its end
	}
	if err == nil {
		_, err = d.ReadToken()
	}
	return e, refusal, err == io.EOF
}

// skip passes a value over. Where it cannot be read, the decoder stays at the depth to which it came.
func skip(d *jsontext.Decoder) error {
	for {
		if _, err := d.ReadToken(); err != nil || d.StackDepth() == 1 {
			return err
		}
	}
}

// balanced says whether each bracket of a JSON text is closed again, however deep they nest.
func balanced(text []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '{' || c == '['):
			depth++
		case !quoted && (c == '}' || c == ']'):
			depth--
		}
	}
	return depth == 0 && !quoted
}

// readID takes whole numbers as far as maxID; whoever sends another id is answered with 0.
func readID(v jsontext.Value) (int64, *playground.Error) {
	if n, err := strconv.ParseInt(string(v), 10, 64); err == nil && n >= -maxID && n <= maxID {
		return n, nil
	}
	return 0, &playground.Error{Code: playground.CodeInvalidArgument, Field: "id", Message: "An id is a whole number of at most 9007199254740992."}
}
