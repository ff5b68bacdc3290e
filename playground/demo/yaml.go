package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// tree parses the text as far as YAML goes, and refuses what a demo needs not and a hostile file might use: size, depth,
// anchors, tags, further documents and bytes that nobody can read.
func tree(text []byte, mode parser.Mode) (*ast.File, ast.Node, error) {
	text = bytes.TrimPrefix(text, byteOrderMark) // which some editors write
	if err := readable(text); err != nil {
		return nil, nil, err
	}
	tokens := lexer.Tokenize(string(text))
	if err := shallow(tokens); err != nil { // before the parser, which takes seconds for 30,000 brackets
		return nil, nil, err
	}
	if err := noAnchors(tokens); err != nil {
		return nil, nil, err
	}
	if err := noTabs(tokens); err != nil {
		return nil, nil, err
	}
	file, err := parser.Parse(tokens, mode)
	var syntax yaml.Error
	switch {
	case errors.As(err, &syntax):
		return nil, nil, syntaxError(text, syntax)
	case err != nil:
		return nil, nil, Errors{{1, 0, fmt.Sprintf("The YAML cannot be read: its reader says %q.", visible(err.Error()))}}
	}
	var body ast.Node
	for _, d := range file.Docs {
		switch {
		case d.Body == nil:
		case d.Body.Type() == ast.DirectiveType:
			return nil, nil, Errors{at(d.Body, "A demo needs no %% directive; leave the line out.")}
		case d.Body.Type() == ast.CommentType:
		case body != nil:
			return nil, nil, Errors{at(d.Body, "A demo is one document; leave out what follows the ---.")}
		default:
			body = d.Body
		}
	}
	if body == nil {
		return nil, nil, Errors{{1, 0, "The file is empty; a demo begins with demo: 1."}}
	}
	return file, body, nil
}

var byteOrderMark = []byte("\ufeff")

// readable refuses what is too long, is not UTF-8, or has characters that would show nothing or something else.
func readable(text []byte) error {
	if len(text) > MaxBytes {
		return Errors{{1 + bytes.Count(text[:MaxBytes], []byte("\n")), 0,
			fmt.Sprintf("A demo has at most %d KiB, and this file is longer: shorten it, or make two.", MaxBytes>>10)}}
	}
	line, begin := 1, 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		problem := ""
		switch {
		case r == utf8.RuneError && n == 1:
			problem = "This byte is not UTF-8; save the file as UTF-8."
		case r == '\n':
			line, begin = line+1, i+1
		case r == '\r' && bytes.HasPrefix(text[i:], []byte("\r\n")):
		case r != '\t' && Hidden(r):
			problem = fmt.Sprintf("The character %U shows nothing, or hides something (%s); leave it out, or write it as an escape.", r, nameOf(r))
		}
		if problem != "" {
			return Errors{{line, utf8.RuneCount(text[begin:i]) + 1, problem}}
		}
		i += n
	}
	return nil
}

// shallow refuses brackets within brackets.
func shallow(tokens token.Tokens) error {
	depth, entries, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			entries++
		}
		if depth > MaxDepth || entries > MaxDepth {
			return Errors{{t.Position.Line, t.Position.Column, fmt.Sprintf("A demo nests at most %d deep.", MaxDepth)}}
		}
	}
	return nil
}

func position(t *token.Token) token.Position {
	if t == nil || t.Position == nil {
		return token.Position{Line: 1}
	}
	return *t.Position
}

// at is an error where a node begins.
func at(n ast.Node, format string, args ...any) *Error {
	p := position(begin(n))
	return &Error{Line: p.Line, Column: p.Column, Message: fmt.Sprintf(format, args...)}
}

// begin is a node's first token; a mapping's own is the colon after its first key.
func begin(n ast.Node) *token.Token {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken()
	}
	return n.GetToken()
}

// reader takes values out of a tree and gathers what is wrong with them.
type reader struct {
	errs Errors
}

func (r *reader) fail(n ast.Node, format string, args ...any) {
	if len(r.errs) < maxErrors {
		r.errs = append(r.errs, at(n, format, args...))
	}
}

// field is a key of a mapping, and what reads its value.
type field struct {
	name string
	must bool
	read func(ast.Node)
}

// fields reads a mapping that has these keys and no others.
func (r *reader) fields(n ast.Node, what string, list ...field) {
	m, ok := n.(*ast.MappingNode)
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.name
	}
	if !ok {
		if s, ok := n.(*ast.StringNode); ok && strings.Contains(s.Value, "：") {
			r.fail(n, "Here is a full-width colon (：, U+FF1A); behind a key stands : and a space.")
			return
		}
		r.fail(n, "Here must be %s, with the keys %s.", what, strings.Join(names, ", "))
		return
	}
	seen := map[string]bool{}
	for _, v := range m.Values {
		name, ok := keyOf(v)
		i := slices.Index(names, name)
		if !ok || i < 0 {
			r.fail(v.Key, "%s has no key %s; the keys are %s.", upper(what), clip(v.Key.String()), strings.Join(names, ", "))
			continue
		}
		seen[name] = true
		if !r.missing(v.Value) {
			list[i].read(v.Value)
		}
	}
	for _, f := range list {
		if f.must && !seen[f.name] {
			r.fail(n, "%s needs the key %s.", upper(what), f.name)
		}
	}
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// keyOf is a mapping's key, where it is plain text.
func keyOf(v *ast.MappingValueNode) (string, bool) {
	k, ok := v.Key.(*ast.StringNode)
	if !ok {
		return "", false
	}
	return k.Value, true
}

// items reads a sequence of at most so many.
func (r *reader) items(n ast.Node, what string, most int, read func(ast.Node)) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(n, "Here must be %s, each on a line that begins with a dash.", what)
		return
	}
	for i, v := range list.Values {
		if i == most {
			r.fail(v, "This is one too many for %s, which has at most %d.", what, most)
			return
		}
		read(v)
	}
}

// missing says whether there is no value, and that one must be.
func (r *reader) missing(n ast.Node) bool {
	_, none := n.(*ast.NullNode)
	if none {
		r.fail(n, "The value is missing here: write it behind the colon or dash.")
	}
	return none
}

// text reads a scalar that a person reads, or a name.
func (r *reader) text(n ast.Node) string {
	s, ok := scalar(n)
	switch {
	case r.missing(n):
	case !ok:
		r.fail(n, "Here must be a text; put it into quotes if it has a : or begins with one of [{*&!|>%%@.")
	case len(s) > MaxText:
		r.fail(n, "A text has at most %d bytes, and this one has %d.", MaxText, len(s))
	default:
		return s
	}
	return ""
}

// scalar is the text of a scalar. What looks like a number is a text here where one is wanted.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimRight(n.Value.Value, "\n"), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// number reads a whole number.
func (r *reader) number(n ast.Node, from, to int) int {
	v, ok := n.(*ast.IntegerNode)
	if ok && !r.decimal(n) {
		return from
	}
	if ok {
		switch v := v.Value.(type) {
		case uint64:
			if v >= uint64(from) && v <= uint64(to) {
				return int(v)
			}
		case int64:
			if v >= int64(from) && v <= int64(to) {
				return int(v)
			}
		}
	}
	r.fail(n, "Here must be a whole number from %d to %d, and not %s.", from, to, clip(n.GetToken().Value))
	return from
}

// oneOf reads a text that is one of these.
func (r *reader) oneOf(n ast.Node, list ...string) string {
	wrong := len(r.errs)
	s := r.text(n)
	if len(r.errs) > wrong {
		return list[0]
	}
	if !slices.Contains(list, s) {
		r.fail(n, "Instead of %s must stand one of %s.", clip(s), strings.Join(list, ", "))
		return list[0]
	}
	return s
}

// value turns a tree into what JSON has for it.
func (r *reader) value(n ast.Node, depth int) any {
	if depth > MaxDepth {
		r.fail(n, "A demo nests at most %d deep.", MaxDepth)
		return nil
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		m := map[string]any{}
		for _, v := range n.Values {
			name, ok := keyOf(v)
			if !ok {
				r.fail(v.Key, "A key must be a plain word.")
				continue
			}
			if name != "data" { // which may be any text
				r.straight(v.Value)
			}
			m[name] = r.value(v.Value, depth+1)
		}
		return m
	case *ast.SequenceNode:
		list := []any{}
		for _, v := range n.Values {
			list = append(list, r.value(v, depth+1))
		}
		return list
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		r.decimal(n)
		return n.Value
	case *ast.FloatNode:
		r.decimal(n)
		return n.Value
	case *ast.InfinityNode, *ast.NanNode:
		r.fail(n, "%s is no number that can be used; where it is a text, put it into quotes.", clip(n.GetToken().Value))
		return nil
	case *ast.NullNode:
		return nil
	}
	return r.text(n)
}

// object turns a mapping into JSON.
func (r *reader) object(n ast.Node, m map[string]any) json.RawMessage {
	b, err := marshal(m)
	if err != nil { // a float that JSON has no number for
		r.fail(n, "A number here is none that can be used.")
		return json.RawMessage("{}")
	}
	return b
}
