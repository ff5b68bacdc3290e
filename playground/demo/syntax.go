package demo

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// noAnchors refuses what makes one value of a file stand for another: a demo is read by people, and by other programs.
func noAnchors(tokens token.Tokens) error {
	for _, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType:
			return Errors{{t.Position.Line, t.Position.Column,
				"Here must be the value itself: anchors are not taken, nor aliases, merge keys and tags (&x, *x, <<, !x); a text that begins so needs quotes."}}
		}
	}
	return nil
}

// noTabs refuses tabs within a text that has no quotes: the YAML package leaves them out, and joins the words beside them.
func noTabs(tokens token.Tokens) error {
	for _, t := range tokens {
		text := strings.TrimSpace(t.Origin)
		before, _, tab := strings.Cut(text, "\t")
		if t.Type != token.StringType || !tab || strings.Contains(t.Value, "\t") {
			continue
		}
		line, column := t.Position.Line, t.Position.Column
		if i := strings.LastIndexByte(before, '\n'); i >= 0 {
			line, column, before = line+strings.Count(before, "\n"), 1, before[i+1:]
		}
		return Errors{{line, column + utf8.RuneCountInString(before), "The YAML cannot be read: a tab; use spaces."}}
	}
	return nil
}

// slips are what the YAML package finds wrong, in its words, and how a person would say it.
var slips = []struct {
	found *regexp.Regexp
	says  string // with what the expression captured
}{
	{regexp.MustCompile(`\btab\b|'\t'`), "The YAML cannot be read: a tab; use spaces."},
	{regexp.MustCompile(`^mapping key (".*") already defined at \[(\d+):`), "The YAML cannot be read: mapping key %s stands in line %s already; a key stands once."},
	{regexp.MustCompile(`^mapping value is not allowed`), "The YAML cannot be read: a text that has a colon and a space in it needs quotes."},
	{regexp.MustCompile(`^'(.)' is a reserved character`), "The YAML cannot be read: a text that begins with %s needs quotes."},
	{regexp.MustCompile(`^unexpected directive value()`), "The YAML cannot be read: a text that begins with %% needs quotes."},
	{regexp.MustCompile(`escape|UTF-(16|32)|surrogate`), "The YAML cannot be read: this text has an escape that stands for no character; a backslash in double quotes is written twice."},
	{regexp.MustCompile(`document separator`), "The YAML cannot be read: a demo is one document, and a line of --- or ... does not belong into it."},
	{regexp.MustCompile(`^could not find end character of`), "The YAML cannot be read: this text has no closing quote."},
	{regexp.MustCompile(`flow (map|mapping|sequence)|must be specified`), "The YAML cannot be read: a bracket is not closed, or a comma is missing."},
	{regexp.MustCompile(`^value is not allowed in this context|^unexpected key name|^non-map value`), "The YAML cannot be read: this line does not belong to the one before; look at its indentation, and at the colon or dash that is missing."},
}

// syntaxError says what the YAML package could not read.
func syntaxError(text []byte, err yaml.Error) error {
	if at := fullWidthColon(text); at != nil {
		return Errors{at}
	}
	at, message := position(err.GetToken()), err.GetMessage()
	if slip := slipInLine(text, at.Line); slip != nil {
		return Errors{slip}
	}
	for _, s := range slips {
		found := s.found.FindStringSubmatch(message)
		if found == nil {
			continue
		}
		values := make([]any, strings.Count(strings.ReplaceAll(s.says, "%%", ""), "%"))
		for i := range values {
			values[i] = found[i+1]
		}
		return Errors{{at.Line, at.Column, fmt.Sprintf(s.says, values...)}}
	}
	return Errors{{at.Line, at.Column, fmt.Sprintf("The YAML cannot be read: its reader says %q.", visible(message))}}
}

var (
	tabFirst    = regexp.MustCompile(`^[ -]*(\t)`)
	openAddress = regexp.MustCompile(`[:{,] *(\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?\]:[0-9]+)`)
	notASCII    = regexp.MustCompile(`(?:^[ -]*(?:\w+: +)?|[{\[,] *\w+: +)([｛［“”‘’「『])|([｝］])[ }\]]*$`)
)

// slipInLine finds what the YAML package names by what follows from it.
func slipInLine(text []byte, number int) *Error {
	lines := strings.Split(string(text), "\n")
	if number < 1 || number > len(lines) {
		return nil
	}
	line := strings.TrimSuffix(lines[number-1], "\r")
	column := func(i int) int { return 1 + utf8.RuneCountInString(line[:i]) }
	if at := tabFirst.FindStringSubmatchIndex(line); at != nil {
		return &Error{number, column(at[2]), "The YAML cannot be read: a tab; use spaces."}
	}
	if at := openAddress.FindStringSubmatchIndex(line); at != nil {
		return &Error{number, column(at[2]), fmt.Sprintf("The YAML cannot be read: %s begins with a bracket, so it needs quotes around it.", line[at[2]:at[3]])}
	}
	if at := notASCII.FindStringSubmatchIndex(line); at != nil {
		i := max(at[2], at[4])
		r, _ := utf8.DecodeRuneInString(line[i:])
		return &Error{number, column(i), typographic(r)}
	}
	return nil
}

// typographic says what to write instead of a sign that a Chinese keyboard or a word processor gives; "" for any other.
func typographic(r rune) string {
	switch {
	case strings.ContainsRune("“”‘’「」『』", r):
		return fmt.Sprintf("Here are curly or corner quotes (%c, %U): use straight ones, ' or \".", r, r)
	case r == '｛' || r == '｝':
		return fmt.Sprintf("Here is a full-width brace (%c, %U): write the plain one, %c.", r, r, r-0xfee0)
	case r == '［' || r == '］':
		return fmt.Sprintf("Here is a full-width bracket (%c, %U): write the plain one, %c.", r, r, r-0xfee0)
	}
	return ""
}

// straight refuses a name, address or other word of a command in quotes that are none to YAML.
func (r *reader) straight(n ast.Node) {
	s, ok := n.(*ast.StringNode)
	if !ok || s.Token.Type != token.StringType {
		return
	}
	first, _ := utf8.DecodeRuneInString(s.Value)
	if says := typographic(first); says != "" {
		r.fail(n, "%s", says)
	}
	if found := fullWidthComma.FindStringSubmatchIndex(s.Value); found != nil && len(r.errs) < maxErrors {
		e := at(n, "Here is a full-width comma (，, U+FF0C): write the plain one, and a space behind it.")
		e.Column += utf8.RuneCountInString(s.Value[:found[2]])
		r.errs = append(r.errs, e)
	}
}

// fullWidthComma stands before a key.
var fullWidthComma = regexp.MustCompile(`(，) *[a-z_]+ *[:：]`)

var fullWidth = regexp.MustCompile(`(?m)^[ -]*[a-z_]{2,}(：)`)

// fullWidthColon finds a key that a Chinese keyboard gave a colon of its own.
func fullWidthColon(text []byte) *Error {
	at := fullWidth.FindSubmatchIndex(text)
	if at == nil {
		return nil
	}
	before := string(text[:at[2]])
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return &Error{Line: 1 + strings.Count(before, "\n"), Column: 1 + len([]rune(line)),
		Message: "Here is a full-width colon (：, U+FF1A); behind a key stands : and a space."}
}
