package playground

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// noZeros are the fields that may be left out, and in which 0 is no value: in the structs of commands it stands for what
// is taken then. Who writes 0 means 0, and is told that there is no such thing.
var noZeros = map[string]map[jsontext.Pointer]func(field string) *Error{
	"listen":       {"/backlog": noZeroBacklog, "/settings/bytes": noZeroSlowBytes, "/settings/interval_ms": noZeroSlowInterval},
	"set_behavior": {"/settings/bytes": noZeroSlowBytes, "/settings/interval_ms": noZeroSlowInterval},
	"dial": {"/count": func(field string) *Error {
		return invalid(field, "A dial opens 1 to %d connections at once.", MaxDialCount)
	}},
	"write": {
		"/chunk": func(field string) *Error { return invalid(field, "A chunk has 1 to %d bytes.", MaxChunk) },
		"/bytes": func(field string) *Error {
			return invalid(field, "Of pattern and random 1 to %d bytes are sent; other data has its own length, so leave the number out.", int64(MaxTransferBytes))
		},
	},
}

func noZeroBacklog(field string) *Error {
	return invalid(field, "The backlog is a number from 1 to %d; leave it out for the system's.", MaxBacklog)
}

func noZeroSlowBytes(field string) *Error {
	return invalid(field, "A slow read takes 1 to %d bytes at a time.", MaxChunk)
}

func noZeroSlowInterval(field string) *Error {
	return invalid(field, "A slow read waits 1 to %d ms between reads.", MaxInterval.Milliseconds())
}

// refuseZeros refuses a 0 that was written where there is none. The object was decoded.
func refuseZeros(kind string, object []byte) error {
	for at, refusal := range noZeros[kind] {
		if n, err := strconv.ParseFloat(valueAt(object, at), 64); err == nil && n == 0 {
			return refusal(fieldOf(at))
		}
	}
	return nil
}
