package playground_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"socketplayground/playground"
)

func TestDecodeCommand(t *testing.T) {
	t.Parallel()
	after := int64(5)
	tests := []struct {
		name, kind, object string
		want               playground.Command // nil: refused
		field              string
	}{
		{"listen", "listen", `{"id":1,"type":"listen","address":":8330","behavior":"echo"}`, &playground.Listen{Address: ":8330", Behavior: "echo"}, ""},
		{"set_deadline", "set_deadline", `{"socket":"C1","kind":"read","after_ms":5}`, &playground.SetDeadline{Socket: "C1", Kind: "read", AfterMS: &after}, ""},
		{"cancel", "cancel", `{"call":7}`, &playground.Cancel{Call: 7}, ""},
		{"remove", "remove", `{"all_closed":true}`, &playground.Remove{AllClosed: true}, ""},
		{"unknown kind", "explode", `{}`, nil, "type"},
		{"no kind", "", `{}`, nil, "type"},
		{"unknown field", "close", `{"socket":"C1","gently":true}`, nil, "gently"},
		{"wrong type", "write", `{"socket":"C1","bytes":"many"}`, nil, "bytes"},
		{"negative call", "cancel", `{"call":-1}`, nil, "call"},
		{"no object", "close", `[]`, nil, ""},
		{"no JSON", "close", `{`, nil, ""},
	}
	for _, test := range tests {
		got, err := playground.DecodeCommand(test.kind, []byte(test.object))
		if test.want != nil {
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s: got %+v, %v; want %+v", test.name, got, err, test.want)
			}
			continue
		}
		var refusal *playground.Error
		if !errors.As(err, &refusal) || refusal.Code != playground.CodeInvalidArgument || refusal.Field != test.field {
			t.Errorf("%s: got %+v, %#v; want field %q refused", test.name, got, err, test.field)
		}
	}
}

func FuzzDecodeCommand(f *testing.F) {
	for _, kind := range []string{"listen", "set_behavior", "accept", "dial", "write", "read", "close_write", "close_read", "close",
		"reset", "set_option", "set_deadline", "set_read_mode", "set_digest", "cancel", "remove", "payload", "nonesuch"} {
		f.Add(kind, []byte(`{"id":1,"type":"x","socket":"C1","options":{"NoDelay":true},"value":null}`))
	}
	f.Fuzz(func(t *testing.T, kind string, object []byte) {
		cmd, err := playground.DecodeCommand(kind, object)
		var refusal *playground.Error
		switch {
		case err == nil && !json.Valid(object):
			t.Errorf("%q was taken as %+v", object, cmd)
		case err == nil && cmd == nil, err != nil && (!errors.As(err, &refusal) || refusal.Message == ""):
			t.Errorf("got %+v, %#v", cmd, err)
		}
	})
}
