package playground_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
)

// extremes are numbers at which a duration in nanoseconds, or a narrower integer, comes out as something else: the ends
// of int64, 2^63/10^6 + 1, 2^64/10^6 + 1 (which comes out small and positive), and the same for seconds and int32.
var extremes = []string{"9223372036854775807", "-9223372036854775808", "9223372036855", "18446744073710", "9223372037", "18446744074", "4294967297", "-4294967295", "-2"}

// numbersTaken are the fields of which every number is a value, by command and field.
var numbersTaken = []string{"set_wire.seed"}

// TestExtremeNumbers: each number of each command is refused, with a sentence, where it does not mean what it says.
func TestExtremeNumbers(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	c := s.dial(playground.Dial{Address: l, Network: "lab", ReadMode: playground.ReadManual})
	rule := s.rule(playground.AddRule{Action: "delay", DelayMS: 1})
	// A command of each kind that would be taken, but for the number.
	valid := map[string]map[string]any{
		"listen":            {"address": "127.0.0.1:0", "behavior": "slow_read", "settings": map[string]any{}, "options": map[string]any{}},
		"set_behavior":      {"socket": l, "behavior": "slow_read", "settings": map[string]any{}},
		"dial":              {"address": l, "options": map[string]any{}},
		"write":             {"socket": c, "encoding": "pattern", "data": "x", "bytes": 1, "chunk": 1},
		"read":              {"socket": c},
		"set_deadline":      {"socket": c, "kind": "both"},
		"cancel":            {},
		"payload":           {},
		"watch_port":        {"on": true},
		"set_wire":          {"to_server": map[string]any{}, "to_client": map[string]any{}},
		"add_rule":          {"action": "drop", "on": false},
		"set_rule":          {"rule": rule, "on": false},
		"remove_rule":       {"rule": rule},
		"hold_segment":      {},
		"deliver_segment":   {},
		"drop_segment":      {},
		"duplicate_segment": {},
		"segments":          {"first": 1, "last": 1},
		"save_pcapng":       {},
		"run_demo":          {"demo": "handshake-and-close"},
		"predict_demo":      {},
	}
	tried := 0
	for _, kind := range kinds(t) {
		empty, err := playground.DecodeCommand(kind, []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range numbers(reflect.TypeOf(empty).Elem(), nil) {
			field := strings.Join(append([]string{kind}, path...), ".")
			if valid[kind] == nil {
				t.Errorf("%s: the test has no such command", field)
				continue
			}
			for _, number := range extremes {
				object := with(valid[kind], path, json.Number(number))
				cmd, err := playground.DecodeCommand(kind, object)
				if err == nil {
					_, err = s.Do(s.ctx, cmd)
				}
				tried++
				var refusal *playground.Error
				switch taken := slices.Contains(numbersTaken, field); {
				case taken && err != nil:
					t.Errorf("%s = %s: %v", field, number, err)
				case !taken && !errors.As(err, &refusal):
					t.Errorf("%s = %s was taken: %v", field, number, err)
				case !taken && refusal.Code == playground.CodeInternal:
					t.Errorf("%s = %s: %v", field, number, err)
				}
			}
		}
	}
	// Socket options, by each command that has them.
	for _, name := range []string{"KeepAliveIdle", "KeepAliveInterval", "KeepAliveCount", "Linger", "UserTimeout", "RcvBuf", "SndBuf", "MaxSeg", "TTL", "DeferAccept"} {
		for _, number := range extremes {
			for _, cmd := range []playground.Command{
				&playground.SetOption{Socket: c, Name: name, Value: json.RawMessage(number)},
				&playground.Dial{Address: l, Options: playground.RawOptions{name: json.RawMessage(number)}},
				&playground.Listen{Address: "127.0.0.1:0", Options: playground.RawOptions{name: json.RawMessage(number)}},
			} {
				tried++
				if _, err := s.Do(s.ctx, cmd); err == nil {
					t.Errorf("%T %s = %s was taken", cmd, name, number)
				}
			}
		}
	}
	t.Logf("%d commands were tried", tried)
	// What a demo file waits for.
	for _, number := range append([]string{"1"}, extremes...) {
		for _, wait := range []string{"pause: %sms", "pause: %ss", "{accept: S1, within: %sms}", "wait: S1 is LISTEN within %ss", "wait: S1 stays LISTEN %ss"} {
			text := "demo: 1\nid: x\ntitle: t\nsummary: s\nsteps:\n- title: t\n  story: s\n  do:\n  - listen: {as: S1, address: ':8330'}\n  - " + fmt.Sprintf(wait, number) + "\n"
			if _, err := s.Do(s.ctx, &playground.ReadDemo{Text: text}); (err == nil) != (number == "1") {
				t.Errorf("a demo with %s: %v", fmt.Sprintf(wait, number), err)
			}
		}
	}
}

// kinds are the names of all commands, as the refusal of another one lists them.
func kinds(t *testing.T) []string {
	t.Helper()
	_, err := playground.DecodeCommand("none", []byte(`{}`))
	if err == nil {
		t.Fatal("there is a command none")
	}
	_, list, ok := strings.Cut(err.Error(), "the commands are ")
	if !ok {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(list, "."), ", ")
}

// numbers are the paths of the numbers in a command's type.
func numbers(of reflect.Type, path []string) (paths [][]string) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		if of.Elem().Kind() != reflect.Uint8 {
			return numbers(of.Elem(), path)
		}
	case reflect.Struct:
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			paths = append(paths, numbers(of.Field(i).Type, append(slices.Clone(path), name))...)
		}
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64:
		return [][]string{path}
	}
	return paths
}

// with is an object with a number at a path; where the path leads to a list, it is the only one in it.
func with(object map[string]any, path []string, number json.Number) []byte {
	object = maps.Clone(object)
	inner := object
	for _, name := range path[:len(path)-1] {
		inner[name] = maps.Clone(inner[name].(map[string]any))
		inner = inner[name].(map[string]any)
	}
	inner[path[len(path)-1]] = number
	if path[0] == "segments" {
		inner["segments"] = []any{number}
	}
	return raw(object)
}
