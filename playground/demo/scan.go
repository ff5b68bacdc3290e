package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

// scanner gives the words of a check one after the other. A quoted text is one word, a comma too.
type scanner struct {
	words []string
	at    int
}

func newScanner(text string) (*scanner, error) {
	s := &scanner{}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimLeft(rest, " \t\n") {
		n := strings.IndexAny(rest, " ,\t\n")
		switch {
		case rest[0] == '"':
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return nil, fmt.Errorf("the text that begins at %s has no closing quote, or an escape that Go does not know", clip(rest))
			}
			n = len(quoted)
		case n == 0:
			n = 1
		case n < 0:
			n = len(rest)
		}
		s.words = append(s.words, rest[:n])
		rest = rest[n:]
	}
	return s, nil
}

// peek is the next word, "" at the end.
func (s *scanner) peek() string {
	if s.at < len(s.words) {
		return s.words[s.at]
	}
	return ""
}

func (s *scanner) next() string {
	w := s.peek()
	s.at++
	return w
}

// take takes the words of a phrase if they are next.
func (s *scanner) take(phrase string) bool {
	want := strings.Fields(phrase)
	if len(s.words)-s.at < len(want) {
		return false
	}
	for i, w := range want {
		if s.words[s.at+i] != w {
			return false
		}
	}
	s.at += len(want)
	return true
}

// takeNoun is take for a noun that may have an s at its end.
func (s *scanner) takeNoun(noun string) bool { return s.take(noun) || s.take(noun+"s") }

// end takes the last n words away, if they are the phrase and a word after it, which is returned.
func (s *scanner) end(phrase string) (word string, ok bool) {
	want := strings.Fields(phrase)
	from := len(s.words) - len(want) - 1
	if from < s.at {
		return "", false
	}
	for i, w := range want {
		if s.words[from+i] != w {
			return "", false
		}
	}
	word = s.words[len(s.words)-1]
	s.words = s.words[:from]
	return word, true
}

// wanted says what should stand where the scanner is.
func (s *scanner) wanted(what string) error {
	if s.at >= len(s.words) {
		return fmt.Errorf("here must come %s", what)
	}
	return fmt.Errorf("instead of %s must come %s", clip(s.peek()), what)
}

// clip shortens what a file says for use in a message. What cannot be seen in it is named.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	var names []string
	for _, r := range s {
		if name := nameOf(r); unseen(r) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return strconv.Quote(s) + " (" + strings.Join(names, ", ") + ")"
	}
	return strconv.Quote(s)
}

// unseen says whether a character looks like nothing, or like a space.
func unseen(r rune) bool { return r != ' ' && (Hidden(r) || unicode.In(r, unicode.Cf, unicode.Z)) }

// nameOf is a character's number and its name in Unicode.
func nameOf(r rune) string {
	switch r { // Unicode names controls <control>
	case '\t':
		return "U+0009 TAB"
	case '\n':
		return "U+000A LINE FEED"
	case '\r':
		return "U+000D CARRIAGE RETURN"
	case '\x1b':
		return "U+001B ESCAPE"
	case '\u0085':
		return "U+0085 NEXT LINE"
	case '\ufeff':
		return "U+FEFF BYTE ORDER MARK"
	}
	if name := runenames.Name(r); !unicode.IsControl(r) && name != "" {
		return fmt.Sprintf("%U %s", r, name)
	}
	return fmt.Sprintf("%U", r)
}

// visible is a text of another package, in which what cannot be seen is named.
func visible(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		if unseen(r) {
			b.WriteString("<" + nameOf(r) + ">")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
