package playground

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"socketplayground/playground/demo"
)

// history is what was commanded in a session, as far as a demo file can say it again: bounded, since a demo is short.
type history struct {
	done  []commanded
	bytes int
	full  bool // more was commanded than is kept
}

// commanded is a command that was taken.
type commanded struct {
	name   string
	fields map[string]any
	at     int64 // ns of the session's clock
	calls  []uint64
	opened []string // what dial opened
}

// Limits of a history: far above those of a demo file, to which it will be held when it is saved.
const (
	historyCommands = 1000
	historyBytes    = 128 << 10
)

// unsayable are the commands that a demo has no words for, and that are told to be left out: they name a segment by its
// number. Others that are no demo's (demo.Commands) only look, or belong to the page.
var unsayable = []string{"hold_segment", "drop_segment", "duplicate_segment"}

// add takes in a command that was taken. The actor's.
func (h *history) add(cmd Command, reply Reply, at int64) {
	name := cmd.command()
	if h.full || !slices.Contains(demo.Commands, name) && !slices.Contains(unsayable, name) {
		return
	}
	fields := fieldsOf(cmd)
	b, err := json.Marshal(fields)
	if err != nil || len(h.done) == historyCommands || h.bytes+len(b) > historyBytes {
		h.full = true
		return
	}
	h.bytes += len(b)
	h.done = append(h.done, commanded{name: name, fields: fields, at: at, calls: reply.Calls, opened: reply.Sockets})
}

// fieldsOf are a command's fields as a person would write them: without those that say nothing.
func fieldsOf(cmd Command) map[string]any {
	v := reflect.ValueOf(cmd).Elem()
	fields := map[string]any{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if f := v.Field(i); !f.IsZero() || name == "on" { // on: false is what set_quick_ack and others are for
			fields[name] = f.Interface()
		}
	}
	return fields
}
