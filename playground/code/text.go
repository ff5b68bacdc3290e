package code

import (
	"fmt"
	"strings"
)

// text is a program as it is written, line by line.
type text struct {
	lines  []Line
	depth  int
	tab    string
	output []string
}

// add writes a line at the depth of now; of an empty format, an empty line.
func (t *text) add(format string, args ...any) *Line {
	line := fmt.Sprintf(format, args...)
	if line != "" {
		tab := t.tab
		if tab == "" {
			tab = "\t"
		}
		line = strings.Repeat(tab, t.depth) + line
	}
	t.lines = append(t.lines, Line{Text: line})
	return &t.lines[len(t.lines)-1]
}

// call writes the line that makes a call, by the function of that name.
func (t *text) call(st *step, name, format string, args ...any) {
	l := t.add(format, args...)
	l.Seqs, l.Call = st.Seqs, name
}

// block writes lines one level deeper.
func (t *text) block(inside func()) {
	t.depth++
	inside()
	t.depth--
}

// gap writes an empty line, unless one is there or a block begins.
func (t *text) gap() {
	if n := len(t.lines); n > 0 && t.lines[n-1].Text != "" && !strings.HasSuffix(t.lines[n-1].Text, "{") {
		t.add("")
	}
}

// prints says that the program will print this; … stands for any text.
func (t *text) prints(format string, args ...any) {
	t.output = append(t.output, fmt.Sprintf(format, args...))
}

// comment writes a comment, wrapped to lines that a pane of the page holds.
func (t *text) comment(mark, words string) *Line {
	const width = 52
	line := mark
	for _, word := range strings.Fields(words) {
		if len(line)+1+len(word) > width && line != mark {
			t.add("%s", line)
			line = mark
		}
		line += " " + word
	}
	return t.add("%s", line)
}

// finish gives the lines, without empty ones at the end.
func (t *text) finish() []Line {
	for len(t.lines) > 0 && t.lines[len(t.lines)-1].Text == "" {
		t.lines = t.lines[:len(t.lines)-1]
	}
	return t.lines
}
