package playground_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"socketplayground/playground"
)

// TestHostileTexts: a text of any field of any command, whatever is in it, is refused with a message that a terminal can
// show, and of a length to be read; nothing of it reaches the kernel cut short at a NUL.
func TestHostileTexts(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	valid := map[string]map[string]any{
		"listen":         {"address": "127.0.0.1:0"},
		"dial":           {"address": l},
		"write":          {"socket": c, "data": "x"},
		"set_behavior":   {"socket": l, "behavior": "greet"},
		"set_option":     {"socket": c, "name": "Congestion", "value": "reno"},
		"set_deadline":   {"socket": c},
		"set_read_mode":  {"socket": c},
		"set_kernel":     {"name": "tcp_retries2", "value": "5"},
		"add_rule":       {"action": "drop", "on": false},
		"segments":       {"first": 1, "last": 1},
		"run_demo":       {"demo": "handshake-and-close"},
		"code":           {"language": "go"},
		"save_demo":      {},
		"skip_time_wait": {"socket": c},
	}
	bytes := []string{"write.data", "listen.settings.banner", "set_behavior.settings.banner", "add_rule.text", "save_demo.title"} // what is sent, looked for, or a title
	hostile := []string{"\x1b[31mred\x07", "re\x00no", "\u202egnp.exe", "two\nlines", strings.Repeat("long", 2000), "\x7f\u0085\u2028"}
	for _, kind := range kinds(t) {
		empty, err := playground.DecodeCommand(kind, []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range textFields(reflect.TypeOf(empty).Elem(), nil) {
			field := strings.Join(append([]string{kind}, path...), ".")
			for _, text := range hostile {
				object := maps.Clone(valid[kind])
				if object == nil {
					object = map[string]any{}
				}
				inner := object
				for _, name := range path[:len(path)-1] {
					inner[name] = map[string]any{}
					inner = inner[name].(map[string]any)
				}
				inner[path[len(path)-1]] = text
				if list := path[len(path)-1]; list == "sockets" {
					inner[list] = []string{text}
				}
				cmd, err := playground.DecodeCommand(kind, raw(object))
				if err == nil {
					_, err = s.Do(s.ctx, cmd)
				}
				if err == nil {
					if !slices.Contains(bytes, field) {
						t.Errorf("%s = %.20q was taken", field, text)
					}
					continue
				}
				var refusal *playground.Error
				if !errors.As(err, &refusal) {
					t.Errorf("%s = %.20q: %v", field, text, err)
					continue
				}
				fit(t, field, refusal.Message+" "+refusal.Field)
			}
		}
	}
	for _, name := range []string{"re\x00no", "reno\x00", "\x00", "re no", "ren\u00f6"} {
		for _, cmd := range []playground.Command{
			&playground.SetOption{Socket: c, Name: "Congestion", Value: raw(name)},
			&playground.Dial{Address: l, Options: options("Congestion", name)},
			&playground.Listen{Address: "127.0.0.1:0", Options: options("Congestion", name)},
		} {
			if err := s.refused(cmd); err.Code != playground.CodeInvalidArgument {
				t.Errorf("%T %q: %v", cmd, name, err)
			}
		}
	}
	for _, address := range []string{"127.0.0.1\x00:80", "[fe80::1%l\x00o]:80", "a\x1bb:80", "127.0.0.1:8\x000", "\x1b[31m"} {
		fit(t, "address", s.refused(&playground.Dial{Address: address}).Message)
		fit(t, "local", s.refused(&playground.Dial{Address: l, Local: address}).Message)
		fit(t, "address", s.refused(&playground.Listen{Address: address}).Message)
	}
	for _, object := range []string{`{"\u001b[31m":1}`, `{"settings":{"\u0000":1}}`, `{"socket":1,"s\u0007":2}`} {
		if _, err := playground.DecodeCommand("listen", []byte(object)); err == nil {
			t.Errorf("%s was taken", object)
		} else {
			fit(t, object, err.Error())
		}
	}
	if v := s.socket(c, "has its options read", func(v *playground.SocketView) bool { return v.Options != nil }); v.State != playground.StateEstablished {
		t.Errorf("after all that %s is in %s", c, v.State)
	}
}

// fit holds a message to what a terminal shows as it is.
func fit(t *testing.T, what, message string) {
	t.Helper()
	hidden := strings.IndexFunc(message, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' })
	if hidden >= 0 || len(message) > 1500 {
		t.Errorf("%s: %d bytes: %.300q", what, len(message), message)
	}
}

// textFields are the paths of the texts in a command's type.
func textFields(of reflect.Type, path []string) (paths [][]string) {
	switch of.Kind() {
	case reflect.Pointer:
		return textFields(of.Elem(), path)
	case reflect.Slice:
		if of.Elem().Kind() == reflect.String {
			return [][]string{path}
		}
	case reflect.Struct:
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			paths = append(paths, textFields(of.Field(i).Type, append(slices.Clone(path), name))...)
		}
	case reflect.String:
		return [][]string{path}
	}
	return paths
}
