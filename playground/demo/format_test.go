package demo_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"socketplayground/playground/demo"
	"socketplayground/playground/demos"
)

// around is a demo with a Write of a text, as JSON, which can say any text.
func around(text string) []byte {
	q := quoted(text)
	return fmt.Appendf(nil, `{"demo": 1, "id": "x", "title": "T", "summary": %s, "steps": [{"title": "A", "story": %s, "sources": [%s],
		"do": [{"listen": {"as": "S1", "address": ":1"}}, {"dial": {"as": "C1", "address": "S1"}}, {"write": {"socket": "C1", "data": %s}}, {"cancel": "C1"}]}]}`,
		or(text), or(text), q, q)
}

// or is a text as JSON, which is not empty.
func or(text string) []byte {
	if strings.TrimSpace(text) == "" {
		text += "x"
	}
	return quoted(text)
}

// quoted is a text as JSON in ASCII alone.
func quoted(text string) []byte {
	out := []byte{'"'}
	for _, u := range utf16.Encode([]rune(text)) {
		if u == ' ' || u >= 'a' && u <= 'z' {
			out = append(out, byte(u))
		} else {
			out = fmt.Appendf(out, `\u%04x`, u)
		}
	}
	return append(out, '"')
}

// laidOut holds Format to what it promises: the same demo, and the same layout the second time.
func laidOut(t testing.TB, text []byte) {
	t.Helper()
	d, err := demo.Parse(text, nil)
	if err != nil {
		t.Fatalf("it cannot be read: %v\n%s", err, text)
	}
	formatted, err := demo.Format(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	again, err := demo.Parse(formatted, nil)
	if err != nil || !bytes.Equal(again.Normal(), d.Normal()) {
		t.Fatalf("it is another demo: %v\n%s\n%s", err, text, formatted)
	}
	if twice, err := demo.Format(formatted); err != nil || !bytes.Equal(twice, formatted) {
		t.Fatalf("laid out again it is another text: %v\n%s\n%s", err, formatted, twice)
	}
	normal, err := demo.Parse(d.Normal(), nil)
	if err != nil || !bytes.Equal(normal.Normal(), d.Normal()) {
		t.Fatalf("its JSON is another demo: %v\n%s", err, d.Normal())
	}
}

// special are texts that mean something to YAML, or to some reader of it, or that cannot be seen.
var special = []string{"", "a\nb", "a\tb", "\t", "? x", "?", ".inf", "-.INF", ".nan", "-", "- a", "~", "null", "Null", "yes", "no", "on", "off", "y", "true", "True",
	"0x1", "0o7", "0b1", "010", "08", "1e3", "1.5e3", "1_000", "+5", "5.", ".5", "-0", "12:30:45", "2026-11-29", "99999999999999999999",
	" a", "a ", " a ", " ", "#", "a #b", "a#b", "#!", "a: b", "a:", ":a", ":", "a:b", "%", "%YAML 1.2", "@", "@a", "`", "`a`", "---", "--- a", "...", "... a",
	"\u0085", "a\u0085b", "\u2028", "\u2029", "\ufeff", "a\ufeff", "\r", "\r\n", "a\rb", "a\r\nb", "\x00", "\x1b[31m", "\x7f", "\u009b", "\u202eb\u202c", "\u200f", "\u200b", "\u00a0", "\u3000",
	"\\", "\\n", "a\\", "\"", "\"a\"", "'", "'a'", "a'b", "a\n", "\n", "\na", "\n\n", "a\n\nb", "a\n b", " a\nb", "a \nb", "a\n\n", "a\n\t b", "a\n# b", "a\n--- b", "a\n- b\n  - c",
	"|", "|-", ">", "> a", "&a", "& a", "*a", "* a", "!a", "!!str a", "{", "}", "{a: b}", "[", "]", "[a]", ",", "a, b", "a,b", "<<", "<", "=", "=a",
	"\U0001f600", "中文：冒号", "e\u0301", "a,b]c}d", strings.Repeat("long ", 700), strings.Repeat("x", 3999), "\ufffd", "\ud7ff\ue000\uffff\U0010ffff"}

func TestFormatKeepsTexts(t *testing.T) {
	for _, text := range special {
		laidOut(t, around(text))
	}
	for _, f := range demos.All() {
		laidOut(t, f.Text)
	}
}

// TestFormatKeepsRandomTexts: texts made of pieces of the special ones.
func TestFormatKeepsRandomTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	for range 500 {
		text := ""
		for range 1 + random.IntN(4) {
			piece := []rune(special[random.IntN(len(special))])
			from := random.IntN(len(piece) + 1)
			text += string(piece[from:min(len(piece), from+8)])
		}
		laidOut(t, around(text))
	}
}

// TestFormatKeepsNumbers: a number stays the number that it is.
func TestFormatKeepsNumbers(t *testing.T) {
	for _, n := range []string{"0", "-1", "3600000", "9223372036854775807", "18446744073709551615", "12.5", "0.0000001", "123456789012345678", "1000000000000000000000.5"} {
		text := strings.Replace(string(around("x")), `{"cancel": "C1"}`, `{"add_rule": {"action": "delay", "delay_ms": `+n+`}}`, 1)
		laidOut(t, []byte(text))
		if formatted, err := demo.Format([]byte(text)); err != nil || len(n) < 20 && !strings.Contains(string(formatted), "delay_ms: "+n+"}") {
			t.Errorf("%s becomes %s, %v", n, formatted, err)
		}
	}
}

// TestFormatKeepsComments: wherever a comment stands, it stays, or Format says that it cannot.
func TestFormatKeepsComments(t *testing.T) {
	const text = `# 1
demo: 1 # 2
# 3
id: x
title: # 4
  # 5
  en: T # 6
  zh: 题
summary: S
steps: # 7
  # 8
  - title: A
    story: |- # 9
      B
      # no comment
    do: # 10
      # 11
      - listen: {as: S1, address: ":1"} # 12
      - dial:
          # 13
          as: C1
          address: S1 # 14
      # 15
    # 16
    checks:
      - S1 is LISTEN # 17
# 18
`
	got, err := demo.Format([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 18; i++ {
		if !strings.Contains(string(got), fmt.Sprintf("# %d\n", i)) {
			t.Errorf("comment %d is gone:\n%s", i, got)
		}
	}
	if twice, err := demo.Format(got); err != nil || !bytes.Equal(twice, got) {
		t.Errorf("laid out again: %v\n%s\n%s", err, got, twice)
	}
}

func FuzzFormat(f *testing.F) {
	for _, d := range demos.All() {
		f.Add(d.Text)
	}
	for _, text := range special {
		f.Add(around(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := demo.Parse(text, nil); err != nil {
			return
		}
		if bytes.Contains(text, []byte("#")) || len(text) > demo.MaxBytes/4 { // a comment may have no place, and escapes are longer
			return
		}
		laidOut(t, text)
	})
}
