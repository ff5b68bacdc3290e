package demo

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
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
