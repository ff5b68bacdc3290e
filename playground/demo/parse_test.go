package demo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/demo"
)

// small is a demo file that can be read, with a step to be filled in.
const small = `demo: 1
id: small
title: Small
summary: As small as it gets.
network: lab
steps:
  - title: {en: One, zh: 一}
    story: One step.
    do:
      - listen: {as: S1, address: ':8330'}
      - dial: {as: C1, address: S1, count: 2}
`

func TestParse(t *testing.T) {
	d, err := demo.Parse([]byte(small+`      - go: {read: S1.1}
      - {write: {socket: C1, data: 123}, within: 20s}
      - wait: C1 is ESTABLISHED within 1s
      - pause: 200ms
      - close: C2
    checks:
      - C2 reaches FIN_WAIT_1
    predict:
      question: What?
      choices:
        - {text: this, when: C1 read returns EOF}
        - {text: that}
    why: Because.
    sources: [RFC 9293 §3.5]
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d.Network != demo.NetworkLab || d.Title.In("zh") != "Small" || d.Steps[0].Title.In("zh") != "一" {
		t.Errorf("read %+v", d)
	}
	s := d.Steps[0]
	if len(s.Do) != 7 || len(s.Checks) != 1 || s.Why.EN != "Because." || s.Predict.Choices[0].When.Source != "C1 read returns EOF" {
		t.Fatalf("read %+v", s)
	}
	for i, want := range []demo.Action{
		{Command: "listen", As: "S1", Count: 1, Fields: json.RawMessage(`{"address":":8330"}`), Line: 10},
		{Command: "dial", As: "C1", Count: 2, Fields: json.RawMessage(`{"address":"S1","count":2}`), Line: 11},
		{Command: "read", Go: true, Count: 1, Socket: "S1.1", Fields: json.RawMessage(`{"socket":"S1.1"}`), Line: 12},
		{Command: "write", Count: 1, Socket: "C1", Fields: json.RawMessage(`{"data":123,"socket":"C1"}`), Within: 20 * time.Second, Line: 13},
	} {
		if got := fmt.Sprintf("%+v", s.Do[i]); got != fmt.Sprintf("%+v", want) {
			t.Errorf("action %d is %s, want %+v", i, got, want)
		}
	}
	if w := s.Do[4].Wait; w == nil || w.Within != time.Second || s.Do[5].Pause != 200*time.Millisecond {
		t.Errorf("the wait is %v, the pause %v", w, s.Do[5].Pause)
	}
	again, err := demo.Parse(d.Normal(), nil)
	if err != nil {
		t.Fatalf("its own JSON: %v", err)
	}
	for name, text := range map[string]string{"a byte order mark": "\ufeff" + small, "CRLF": strings.ReplaceAll(small, "\n", "\r\n")} {
		if d, err := demo.Parse([]byte(text), nil); err != nil || d.Summary.EN != "As small as it gets." {
			t.Errorf("with %s: %v", name, err)
		}
	}
	if string(again.Normal()) != string(d.Normal()) {
		t.Errorf("JSON %s became %s", d.Normal(), again.Normal())
	}
	if got := fmt.Sprint(d.Needs()); got != "[states]" {
		t.Errorf("it needs %v", got)
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "line 1: The file is empty"},
		{"a comment", "# nothing\n", "line 1: The file is empty"},
		{"no mapping", "- a\n", "line 1, column 1: Here must be a demo, with the keys demo, id"},
		{"no YAML", "demo: [\n", "line 1, column 7: The YAML cannot be read"},
		{"a key twice", "demo: 1\ndemo: 1\n", "line 2, column 1: The YAML cannot be read: mapping key"},
		{"an unknown key", small + "nonsense: 1\n", `line 12, column 1: A demo has no key "nonsense"; the keys are demo, id, title`},
		{"a missing key", "demo: 1\n", "A demo needs the key steps"},
		{"a later format", strings.Replace(small, "demo: 1", "demo: 2", 1), "line 1, column 7: This is format 2, and this playground reads format 1"},
		{"an unknown command", small + "      - explode: C1\n", `line 12, column 9: There is no command "explode" here; there are listen, set_behavior`},
		{"a command for the page", small + "      - payload: {seq: 1}\n", `line 12, column 9: There is no command "payload"`},
		{"an unknown field", small + "      - write: {socket: C1, text: x}\n", `line 12, column 16: write refuses text`},
		{"a network of its own", small + "      - listen: {as: S2, address: ':1', network: machine}\n", "line 12, column 17: A command has no network here"},
		{"two of one name", small + "      - dial: {as: C1, address: S1}\n", "line 12, column 15: This must be as: C3, and not \"C1\": names are given in order, each once."},
		{"no name", small + "      - dial: {address: S1}\n", "line 12, column 15: dial needs a name: as: C3"},
		{"a name for nothing", small + "      - close: {as: C4, socket: C1}\n", "close opens nothing that as could name"},
		{"a socket that is not there", small + "      - close: C9\n", "line 12, column 16: Nothing before this opens C9"},
		{"a listener that is not there", small + "      - dial: {as: C3, address: S7}\n", "line 12, column 15: Nothing before this opens S7"},
		{"a check on nothing", small + "    checks:\n      - C9 is LISTEN\n", `line 13: Nothing before this opens C9, which "C9 is LISTEN" names.`},
		{"a wait on nothing", small + "      - wait: S3 is LISTEN\n", `line 12: Nothing before this opens S3`},
		{"a check that says nothing", small + "    checks:\n      - C1 is happy\n", `line 13, column 9: This check cannot be read: instead of "happy" must come one of LISTEN`},
		{"two commands", small + "      - {close: C1, reset: C2}\n", "line 12, column 21: One action is one command"},
		{"no command", small + "      - C1\n", "line 12, column 9: Here must be an action"},
		{"go of nothing", small + "      - go: C1\n", "line 12, column 13: After go comes one command"},
		{"a pause too long", small + "      - pause: 1h\n", "line 12, column 16: Here must be a duration"},
		{"within of a wait", small + "      - {wait: C1 is CLOSED, within: 2s}\n", "within belongs to a command"},
		{"too long in all", small + strings.Repeat("      - pause: 2m\n", 11), "line 22, column 9: With this the demo's waits and checks may take 22m0s together"},
		{"a question with one answer", small + "    predict: {question: q, choices: [{text: a}]}\n", "two choices at least"},
		{"too many sockets", small + "      - dial: {as: C3, address: S1, count: 9999}\n", "1 to 200 connections"},
		{"another program", small + "      - start_program: {as: P1, program: rm, address: S1}\n", "start_program has the keys"},
		{"a kill of nothing", small + "      - kill: P1\n", "Nothing before this opens P1"},
		{"a keyword too long", small + "keywords: [ok, " + strings.Repeat("词", 21) + "]\n", "line 12, column 16: A keyword is a word or a few on one line, of at most 60 bytes."},
		{"an empty keyword", small + "keywords: ['']\n", "line 12, column 12: A keyword is"},
		{"a keyword of two lines", small + "keywords: [\"a\\nb\"]\n", "line 12, column 12: A keyword is"},
		{"too many keywords", small + "keywords: [" + strings.Repeat("a, ", 24) + "a]\n", "line 12, column 84: This is one too many for keywords, which has at most 24."},
		{"keywords that are none", small + "keywords: framing\n", "line 12, column 11: Here must be keywords"},
		{"an arrow to nowhere", small + "picture: [SYN]\n", "line 12, column 11: An arrow is one of"},
		{"an anchor", strings.Replace(small, "title: Small", "title: &a Small", 1), "line 3, column 8: Here must be"},
		{"a tag", strings.Replace(small, "title: Small", "title: !!binary Small", 1), "line 3, column 8: Here must be"},
		{"a second document", small + "---\ndemo: 1\n", "line 13, column 1: A demo is one document"},
		{"a directive", "%YAML 1.1\n---\n" + small, "line 1, column 1: A demo needs no % directive"},
		{"bad UTF-8", "demo: 1\nid: \xff\n", "line 2, column 5: This byte is not UTF-8"},
		{"a control character", "demo: 1\nid: a\x1bb\n", "line 2, column 6: The character U+001B shows nothing"},
		{"text that runs backwards", "demo: 1\nid: \u202ea\n", "line 2, column 5: The character U+202E"},
		{"a megabyte", strings.Repeat("# a megabyte\n", 1<<20/13), "line 2521: A demo has at most 32 KiB, and this file is longer"},
		{"deep brackets", "demo: " + strings.Repeat("[", 30_000), "line 1, column 19: A demo nests at most 12 deep"},
		{"deep dashes", strings.Repeat("- ", 15_000) + "a", "line 1, column 25: A demo nests at most 12 deep"},
		{"deep lines", deepLines(), "Here must be a whole number"},
		{"deep fields", small + "      - listen: {as: S2, address: {a: {b: {c: {d: {e: {f: {g: {h: {i: {j: 1}}}}}}}}}}}\n", "listen refuses"},
	}
	vet := func(command string, fields json.RawMessage) error {
		for _, field := range []string{"text", "address\":{"} {
			if strings.Contains(string(fields), `"`+field) {
				return fmt.Errorf("%s refuses %s", command, field)
			}
		}
		return nil
	}
	for _, tt := range tests {
		d, err := demo.Parse([]byte(tt.text), vet)
		if err == nil {
			t.Errorf("%s: read %s", tt.name, d.Normal())
			continue
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, err, tt.want)
		}
		var at *demo.Error
		if !errors.As(err, &at) || at.Line < 1 {
			t.Errorf("%s: %v has no line", tt.name, err)
		}
	}
}

// deepLines nests by indentation, which no bracket tells.
func deepLines() string {
	var b strings.Builder
	b.WriteString("demo:\n")
	for i := 1; b.Len() < 30_000; i++ {
		fmt.Fprintf(&b, "%s a:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

func TestFormat(t *testing.T) {
	const untidy = `# what it is for
demo: 1
title: "Small"
id: small # its name
steps:
    # the first
    - sources: ["RFC 9293, figure 5"]
      do:
      - listen:
          address: ":8330"
          as: S1
      - go: {accept: {socket: S1}}
      - dial: {as: C1, address: "S1", read_mode: manual}
      - write: {socket: C1, data: "0123"}
      - write: {socket: C1, data: "a, b"}
      story: |
        One.

        Two: with a colon.
      title: {en: "One", zh: 一}
      checks:
      - "S1 is LISTEN"
summary: Small.
picture:
- SYN>
`
	const tidy = `# what it is for
demo: 1
id: small # its name
title: Small
summary: Small.
network: either
picture: [SYN>]
steps:
  # the first
  - title:
      en: One
      zh: 一
    story: |-
      One.

      Two: with a colon.
    sources: ["RFC 9293, figure 5"]
    do:
      - listen: {as: S1, address: ":8330"}
      - go: {accept: S1}
      - dial: {as: C1, address: S1, read_mode: manual}
      - write: {socket: C1, data: "0123"}
      - write: {socket: C1, data: "a, b"}
    checks:
      - S1 is LISTEN
`
	got, err := demo.Format([]byte(untidy))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != tidy {
		t.Errorf("got\n%s\nwant\n%s", got, tidy)
	}
	again, err := demo.Format(got)
	if err != nil || string(again) != tidy {
		t.Errorf("what is laid out is laid out differently: %v\n%s", err, again)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(small + "    checks: [C1 is ESTABLISHED, at least 1 SYN of C1 so far]\n"))
	f.Add([]byte(`{"demo":1,"id":"x","title":{"en":"a","zh":"b"},"summary":"s","steps":[{"title":"t","story":"s","do":[{"pause":"1s"},{"go":{"accept":"S1"}}]}]}`))
	f.Add([]byte("a: |\n  b\n- [{c: \"\\u4e2d\"}, &x *x, !!str y]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := demo.Parse(text, nil)
		if err != nil {
			var at *demo.Error
			if !errors.As(err, &at) || at.Line < 1 {
				t.Errorf("%v has no line", err)
			}
			return
		}
		again, err := demo.Parse(d.Normal(), nil)
		if err != nil && len(d.Normal()) <= demo.MaxBytes {
			t.Fatalf("its JSON cannot be read: %v\n%s", err, d.Normal())
		}
		if err == nil && string(again.Normal()) != string(d.Normal()) {
			t.Errorf("JSON changed:\n%s\n%s", d.Normal(), again.Normal())
		}
	})
}

func FuzzParseCheck(f *testing.F) {
	f.Add("C1 reaches SYN_SENT, then ESTABLISHED and stays 2s within 3s")
	f.Add(`C1 read returns "x", then EOF after 1s`)
	f.Add("no RST of C1 for 1s so far")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := demo.ParseCheck(text)
		if err == nil && (c.Fact == nil || c.ZH() == "") {
			t.Errorf("%q says nothing", text)
		}
	})
}
