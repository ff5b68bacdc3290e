package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// line is one line of an example in PROTOCOL.md.
type line struct {
	number int
	send   bool
	event  bool
	json   string
}

// examples gives the fenced blocks of PROTOCOL.md that are conversations.
func examples(t *testing.T) [][]line {
	t.Helper()
	b, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]line
	var block []line
	fenced := false
	for i, text := range strings.Split(string(b), "\n") {
		if strings.HasPrefix(text, "```") {
			if fenced && len(block) > 0 {
				all = append(all, block)
			}
			fenced, block = !fenced, nil
			continue
		}
		if !fenced {
			continue
		}
		l := line{number: i + 1}
		if l.json, l.send = strings.CutPrefix(text, "→ "); !l.send {
			var ok bool
			if l.json, ok = strings.CutPrefix(text, "← "); !ok {
				t.Fatalf("PROTOCOL.md:%d: a line of an example begins with → or ←: %q", i+1, text)
			}
			l.json, l.event = strings.CutPrefix(l.json, "event ")
		}
		if !json.Valid([]byte(l.json)) {
			t.Fatalf("PROTOCOL.md:%d: not JSON: %s", i+1, l.json)
		}
		block = append(block, l)
	}
	return all
}

// TestProtocolExamples replays every example of PROTOCOL.md against the real server and real sockets.
func TestProtocolExamples(t *testing.T) {
	t.Parallel()
	all := examples(t)
	if len(all) < 2 {
		t.Fatalf("PROTOCOL.md has %d examples, want the greeting and a session at least", len(all))
	}
	for _, block := range all {
		t.Run(fmt.Sprintf("line %d", block[0].number), func(t *testing.T) {
			t.Parallel()
			c := serve(t).dialRaw(t)
			if !strings.Contains(block[0].json, `"hello"`) {
				c.hello("")
			}
			for _, l := range block {
				switch {
				case l.send:
					c.sendRaw(websocket.TextMessage, []byte(l.json))
				case l.event:
					c.waitLike(l)
				default:
					c.frameLike(l)
				}
			}
		})
	}
}

// frameLike waits for the frame that a line shows: an answer by its id, others in their order.
func (c *client) frameLike(l line) {
	c.t.Helper()
	var want struct {
		ID *int64 `json:"id"`
	}
	if err := json.Unmarshal([]byte(l.json), &want); err != nil {
		c.t.Fatal(err)
	}
	var got frame
	if want.ID != nil {
		got = c.reply(*want.ID)
	} else {
		for got = c.read(); got.Type == "events"; got = c.read() {
		}
	}
	if err := like(decode(c.t, got.raw), decode(c.t, []byte(l.json))); err != nil {
		c.t.Fatalf("PROTOCOL.md:%d: %v\n got %s\nwant %s", l.number, err, got.raw, l.json)
	}
}

// waitLike waits for an event that no line before has matched.
func (c *client) waitLike(l line) {
	c.t.Helper()
	want := decode(c.t, []byte(l.json))
	for i := 0; ; i++ {
		for i == len(c.events) {
			if _, err := c.tryRead(); err != nil {
				c.t.Fatalf("PROTOCOL.md:%d: no event like %s: %v", l.number, l.json, err)
			}
		}
		if !c.used[i] && like(decode(c.t, c.events[i].raw), want) == nil {
			c.used[i] = true
			return
		}
	}
}

func decode(t testing.TB, b []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// like says how got falls short of want: "…" stands for any value, and got may have more fields.
func like(got, want any) error {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%v is not an object", got)
		}
		for k, w := range want {
			g, ok := object[k]
			if !ok {
				return fmt.Errorf("there is no %s", k)
			}
			if err := like(g, w); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
		}
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Errorf("got %v, want %d elements", got, len(want))
		}
		for i := range want {
			if err := like(list[i], want[i]); err != nil {
				return err
			}
		}
	default:
		if want != "…" && got != want {
			return fmt.Errorf("got %v, want %v", got, want)
		}
	}
	return nil
}

// names gives the `names` in the first column of the table under a heading.
func names(t *testing.T, heading string) []string {
	t.Helper()
	b, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(b), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("PROTOCOL.md has no section %s", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	_, table, _ := strings.Cut(section, "| type | fields |")
	table, _, _ = strings.Cut(table, "\n\n")
	var found []string
	for row := range strings.SplitSeq(table, "\n") {
		column := strings.SplitN(row, "|", 3)
		if len(column) < 3 {
			continue
		}
		for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(column[1], -1) {
			found = append(found, m[1])
		}
	}
	return found
}

// TestProtocolCommands holds PROTOCOL.md's table of commands equal to what the server takes.
func TestProtocolCommands(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, n := range names(t, "Commands") {
		documented[n] = true
	}
	c := serve(t).dial(t, "")
	f := c.do("no_such_command", nil)
	_, list, ok := strings.Cut(strings.TrimSuffix(f.Message, "."), "the commands are ")
	if !ok || f.Code != "invalid_argument" || f.Field != "type" {
		t.Fatalf("answer to an unknown command: %s", f.raw)
	}
	taken := map[string]bool{"watch_bytes": true}
	for n := range strings.SplitSeq(list, ", ") {
		taken[n] = true
	}
	if !maps.Equal(documented, taken) {
		t.Errorf("PROTOCOL.md has the commands %v, the server takes %v", slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(taken)))
	}
}

// TestProtocolEvents checks that every event of PROTOCOL.md's table is one that the engine knows.
func TestProtocolEvents(t *testing.T) {
	t.Parallel()
	found := names(t, "Events")
	if len(found) < 20 {
		t.Fatalf("PROTOCOL.md names %d events, want the table of all", len(found))
	}
	for _, n := range found {
		if _, err := playground.DecodeEvent([]byte(`{"seq":1,"type":"` + n + `"}`)); err != nil {
			t.Errorf("PROTOCOL.md has the event %s: %v", n, err)
		}
	}
}
