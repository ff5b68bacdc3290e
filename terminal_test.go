package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"plain 中文 e\u0301":             "plain 中文 e\u0301",
		"a\nnot ok 1":                  `a\nnot ok 1`,
		"\x1b[31m\a\x7f\r":             `\x1b[31m\a\x7f\r`,
		"\u009b31m\u0085":              `\u009b31m\u0085`,
		"\u202eevil\u2066\u200f\ufeff": `\u202eevil\u2066\u200f\ufeff`,
		"\u2028\u2029\x00":             `\u2028\u2029\x00`,
		"\xff\x9b":                     `\xff\x9b`,
	} {
		if got := clean(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// hostile is a demo whose texts try to be something else on a terminal, in TAP and in JSON. A title with a line end is
// refused, so that these have the escapes that YAML has.
const hostileStory = `not ok 1 - forged\n1..0 # SKIP all\nBail out!\nok 2\n\u001b]0;title\u0007\u009b31m\u202e\u2028not ok 3\npragma +bail`

// TestRunSaysNoMoreThanItMeans: no text of a demo begins a line of TAP, and none reaches the terminal as an escape.
func TestRunSaysNoMoreThanItMeans(t *testing.T) {
	check := `C1 read returns "x # TODO \u001b[2J\n", then "\\# SKIP" within 100ms`
	name := filepath.Join(t.TempDir(), "hostile\nnot ok 9\x1b[31m.yaml")
	text := fmt.Sprintf("demo: 1\nid: hostile\ntitle: \"Bail out! # SKIP 1..0\"\nsummary: \"%s\"\nnetwork: machine\nsteps:\n"+
		"  - title: \"not ok 4\"\n    story: \"%s\"\n    do:\n%s      - write: {socket: C1, data: \"not ok 5\\u001b[31m\\nBail out!\"}\n    checks:\n      - %q\n",
		hostileStory, hostileStory, opens, check)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{name}, {"-lang", "zh", name}, {"-json", name}} {
		got := runIt(t, args...)
		if got.code != exitFailed {
			t.Errorf("%v: exit code %d, want that of a check that failed: %s", args, got.code, got.stderr)
		}
		onlyShows(t, got.stdout+got.stderr)
		failed := 0
		for _, line := range strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n") {
			line = strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(line, "not ok 1 - "):
				failed++
				if strings.Contains(strings.ReplaceAll(line, `\\`, ""), " #") {
					t.Errorf("a directive in %q", line)
				}
			case line == "", line == "TAP version 13", line == "1..1", line == "---", line == "...":
			case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "message: "), strings.HasPrefix(line, "{"):
			default:
				t.Errorf("%v: a line of the demo's: %q", args, line)
			}
		}
		if want := 2; args[0] != "-json" && failed != want {
			t.Errorf("%v: %d lines say not ok, want %d:\n%s", args, failed, want, got.stdout)
		}
	}
	var stdout, stderr bytes.Buffer
	workOnDemo([]string{"check", name, name + "\x1bnone", filepath.Join(filepath.Dir(name), "no\nsuch")}, nil, &stdout, &stderr)
	onlyShows(t, stdout.String()+stderr.String())
	if lines := strings.Count(stdout.String()+stderr.String(), "\n"); lines != 3 {
		t.Errorf("three files in %d lines:\n%s%s", lines, &stdout, &stderr)
	}
	for _, args := range [][]string{{"-lang", "x\x1b[31m", name}, {"-network", "\u202e", name}, {"-\x1b[31m"}, {"no\u009bdemo"}, {"-log-level", "\x1b[31m"}} {
		got := runIt(t, args...)
		if got.code != exitUsage {
			t.Errorf("%q: exit code %d", args, got.code)
		}
		onlyShows(t, got.stdout+got.stderr)
	}
}

// onlyShows fails where a text would do more on a terminal than show.
func onlyShows(t *testing.T, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == unicode.ReplacementChar) {
			t.Fatalf("%U on the terminal, behind %q", r, text[max(0, i-60):i])
		}
	}
}
