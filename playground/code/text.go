package code

import (
	"fmt"
	"strings"
	"unicode"
)

// text is a program as it is written, line by line.
type text struct {
	lines   []Line
	depth   int
	tab     string
	output  []string
	options Options
}

// add writes a line at the depth of now; of an empty format, an empty line.
func (t *text) add(format string, args ...any) *Line {
	line := fmt.Sprintf(t.options.remarked(format), args...)
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
	const room = 52
	line, used := mark+" ", len(mark)+1
	for _, piece := range pieces(words) {
		width := columns(piece)
		if used+columns(strings.TrimRight(piece, " ")) > room && used > len(mark)+1 {
			t.add("%s", strings.TrimRight(line, " "))
			line, used = mark+" ", len(mark)+1
		}
		line += piece
		used += width
	}
	return t.add("%s", strings.TrimRight(line, " "))
}

// pieces cuts a text where a line may end: after blanks, and beside Chinese characters, but not before a mark that ends
// something.
func pieces(words string) (list []string) {
	begin, before := 0, rune(0)
	for at, r := range words {
		chinese := unicode.Is(unicode.Han, r) || unicode.Is(unicode.Han, before) || strings.ContainsRune("，。；：（）", before)
		if at > 0 && r != ' ' && !strings.ContainsRune("，。；：）", r) && (before == ' ' || chinese) {
			list = append(list, words[begin:at])
			begin = at
		}
		before = r
	}
	return append(list, words[begin:])
}

// columns is how wide a text is in a fixed pitch: Chinese characters and their marks take two columns.
func columns(s string) (n int) {
	for _, r := range s {
		n++
		if r >= 0x2e80 {
			n++
		}
	}
	return n
}

// finish gives the lines, without empty ones at the end.
func (t *text) finish() []Line {
	for len(t.lines) > 0 && t.lines[len(t.lines)-1].Text == "" {
		t.lines = t.lines[:len(t.lines)-1]
	}
	return t.lines
}
