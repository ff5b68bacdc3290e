package demo

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Hidden says whether a character shows nothing, breaks the line, or turns the text round: control characters, those of
// UAX #9, Unicode's own line ends and the byte order mark. In a file they are written as escapes.
func Hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}

var (
	// taken are the plain texts that some reader of YAML takes for something else: a number or a time (of YAML 1.1 too),
	// nothing, or a truth.
	taken = regexp.MustCompile(`^[-+.0-9][-+.0-9a-fA-FxoeE_:]*$|^[-+]?\.(?i:inf|nan)$|^(?i:~|null|true|false|yes|no|on|off|y|n|<<|=)$`)
	// begins are what no plain text may begin with (YAML 1.2.2, section 7.3.3), or what looks like it.
	begins = regexp.MustCompile("^[-?:,\\[\\]{}#&*!|>'\"%@`=~]|^\\.\\.\\.")
)

// scalarText is a text as a scalar within a line: plain where that is read as the same text, else in double quotes.
func scalarText(s string, flow bool) string {
	switch {
	case s == "", strings.TrimSpace(s) != s, begins.MatchString(s), taken.MatchString(s), strings.ContainsFunc(s, Hidden),
		strings.Contains(s, ": "), strings.Contains(s, " #"), strings.HasSuffix(s, ":"), strings.Contains(s, `\`), flow && strings.ContainsAny(s, ",[]{}"):
		return quotedText(s)
	}
	// What our reader makes of it decides.
	if tokens := lexer.Tokenize(s); len(tokens) != 1 || tokens[0].Type != token.StringType || tokens[0].Value != s {
		return quotedText(s)
	}
	return s
}

// quotedText is a text in double quotes. The escapes are those of JSON, which are YAML's too.
func quotedText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString("\\" + string(r))
		case r == '\n':
			b.WriteString("\\n")
		case r == '\t':
			b.WriteString("\\t")
		case r == '\r':
			b.WriteString("\\r")
		case Hidden(r):
			fmt.Fprintf(&b, "\\u%04x", r) // none lies beyond U+FFFF
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// literalText says whether a text of several lines can stand as a block, in which nothing is escaped.
func literalText(s string) bool {
	if !strings.Contains(s, "\n") || strings.HasSuffix(s, "\n") || strings.HasPrefix(s, "\n") || strings.HasPrefix(s, " ") {
		return false
	}
	for _, line := range strings.Split(s, "\n") {
		if strings.TrimRight(line, " ") != line || strings.ContainsFunc(line, Hidden) {
			return false
		}
	}
	return true
}
