package playground_test

import (
	"errors"
	"testing"

	"socketplayground/playground"
)

// TestZeroIsSaid: a 0 that was written is a value or is refused, and never silently the default.
func TestZeroIsSaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ kind, object, field string }{ // an empty field: taken
		{"listen", `{"address":":1","backlog":0}`, "backlog"},
		{"listen", `{"address":":1","backlog":-0}`, "backlog"},
		{"listen", `{"address":":1","behavior":"slow_read","settings":{"bytes":0}}`, "settings.bytes"},
		{"listen", `{"address":":1","behavior":"slow_read","settings":{"bytes":1,"interval_ms":0}}`, "settings.interval_ms"},
		{"set_behavior", `{"socket":"S1","behavior":"slow_read","settings":{"interval_ms":0}}`, "settings.interval_ms"},
		{"dial", `{"address":"S1","count":0}`, "count"},
		{"write", `{"socket":"C1","data":"x","chunk":0}`, "chunk"},
		{"write", `{"socket":"C1","data":"x","bytes":0}`, "bytes"},
		{"write", `{"socket":"C1","data":"x","encoding":"pattern","bytes":0}`, "bytes"},
		{"listen", `{"address":":0"}`, ""},
		{"listen", `{"address":":1","behavior":"slow_read","settings":{}}`, ""},
		{"dial", `{"address":"S1","timeout_ms":0}`, ""}, // none of our own
		{"write", `{"socket":"C1","data":"x","interval_ms":0}`, ""},
		{"read", `{"socket":"C1","bytes":0}`, ""}, // Read with an empty buffer
		{"set_deadline", `{"socket":"C1","kind":"read","after_ms":0}`, ""},
		{"add_rule", `{"action":"drop","next":0,"every":0,"min_len":0}`, ""}, // no end, each, any
	} {
		_, err := playground.DecodeCommand(tt.kind, []byte(tt.object))
		var refusal *playground.Error
		switch {
		case tt.field == "" && err != nil:
			t.Errorf("%s %s: %v", tt.kind, tt.object, err)
		case tt.field != "" && (!errors.As(err, &refusal) || refusal.Field != tt.field || refusal.Code != playground.CodeInvalidArgument):
			t.Errorf("%s %s: %v, want %s refused", tt.kind, tt.object, err, tt.field)
		}
		if tt.field == "" || tt.kind == "set_behavior" {
			continue
		}
		if err := playground.VetDemo(tt.kind, []byte(tt.object)); err == nil {
			t.Errorf("a demo may say %s %s", tt.kind, tt.object)
		}
	}
}
