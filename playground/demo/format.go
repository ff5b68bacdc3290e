package demo

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Format lays a demo file out as all demo files are: keys in the order of the documentation, a command on a line.
// Comments stay where they were.
func Format(text []byte) ([]byte, error) {
	d, err := Parse(text, nil)
	if err != nil {
		return nil, err
	}
	comments := yaml.CommentMap{}
	var ignored any
	if err := yaml.UnmarshalWithOptions(text, &ignored, yaml.CommentToMap(comments)); err != nil {
		return nil, Errors{{1, 0, err.Error()}}
	}
	block, err := yaml.MarshalWithOptions(d.layout(), yaml.Indent(2), yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true), yaml.WithComment(comments))
	if err != nil {
		return nil, fmt.Errorf("demo: the file cannot be laid out: %w", err)
	}
	file, _, err := tree(block, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("demo: the file cannot be laid out: %w", err)
	}
	for _, doc := range file.Docs {
		ast.Walk(oneLine{}, doc.Body)
	}
	var out bytes.Buffer
	for _, line := range strings.Split(file.String(), "\n") {
		out.WriteString(strings.TrimRight(line, " "))
		out.WriteByte('\n')
	}
	formatted := append(bytes.TrimRight(out.Bytes(), "\n"), '\n')
	again, err := Parse(formatted, nil)
	if err != nil {
		return nil, fmt.Errorf("demo: the file cannot be laid out: %w", err)
	}
	if !bytes.Equal(again.Normal(), d.Normal()) { // the layout must never change what a demo does
		return nil, errors.New("demo: the file cannot be laid out without changing what it does")
	}
	if before, after := commentsIn(text), commentsIn(formatted); before != after {
		return nil, fmt.Errorf("demo: of %d comments only %d would stay; put each on a line of its own, before a key or a dash", before, after)
	}
	return formatted, nil
}

// commentsIn counts the comments of a file that was parsed.
func commentsIn(text []byte) (n int) {
	for _, t := range lexer.Tokenize(string(text)) {
		if t.Type == token.CommentType {
			n++
		}
	}
	return n
}

// oneLine writes commands, sources and the emblem on one line each.
type oneLine struct{}

func (oneLine) Visit(n ast.Node) ast.Visitor {
	if m, ok := n.(*ast.MappingNode); ok {
		oneLineCommands(m)
	}
	return oneLine{}
}

// quotes puts texts into quotes where they would end within brackets, or where another reader of YAML takes them for a
// number.
type quotes struct{}

var quotable = regexp.MustCompile(`[,\[\]{}]|^[-+.0-9][-+.0-9a-fA-FxoeE_:]*$|^:`)

func (quotes) Visit(n ast.Node) ast.Visitor {
	if s, ok := n.(*ast.StringNode); ok && quotable.MatchString(s.Value) && s.Token.Type == token.StringType {
		s.Token.Type = token.DoubleQuoteType
	}
	return quotes{}
}

func oneLineCommands(m *ast.MappingNode) {
	for _, v := range m.Values {
		name, _ := keyOf(v)
		if name == "go" || slices.Contains(Commands, name) || name == "sources" || name == "picture" {
			if c, ok := v.Value.(interface{ SetIsFlowStyle(bool) }); ok {
				c.SetIsFlowStyle(true)
				ast.Walk(quotes{}, v.Value)
				v.Value.GetToken().Position.IndentLevel = v.Key.GetToken().Position.IndentLevel // otherwise it begins a line
			}
		}
	}
}

// ordered puts a command's fields into the order in which a person says them.
func ordered(fields map[string]any) yaml.MapSlice {
	first := []string{"as", "socket", "program", "address", "data"}
	keys := slices.SortedFunc(maps.Keys(fields), func(a, b string) int {
		rank := func(k string) int {
			if i := slices.Index(first, k); i >= 0 {
				return i
			}
			return len(first)
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
	})
	m := make(yaml.MapSlice, len(keys))
	for i, k := range keys {
		m[i] = yaml.MapItem{Key: k, Value: fields[k]}
		if inner, ok := fields[k].(map[string]any); ok {
			m[i].Value = ordered(inner)
		}
	}
	return m
}

// layout is the demo as ordered maps.
func (d *Demo) layout() yaml.MapSlice {
	m := yaml.MapSlice{{Key: "demo", Value: d.Version}, {Key: "id", Value: d.ID}, text("title", d.Title), text("summary", d.Summary)}
	add := func(key string, value any, present bool) {
		if present {
			m = append(m, yaml.MapItem{Key: key, Value: value})
		}
	}
	add("shelf", d.Shelf, d.Shelf != "")
	add("order", d.Order, d.Order != 0)
	add("network", d.Network, true)
	add("seconds", d.Seconds, d.Seconds != 0)
	add("lesson", d.Lesson, d.Lesson != 0)
	if d.Myth != nil {
		m = append(m, text("myth", *d.Myth))
	}
	add("picture", d.Picture, len(d.Picture) > 0)
	steps := make([]yaml.MapSlice, len(d.Steps))
	for i, s := range d.Steps {
		steps[i] = s.layout()
	}
	add("steps", steps, true)
	return m
}

func (s Step) layout() yaml.MapSlice {
	m := yaml.MapSlice{text("title", s.Title), text("story", s.Story)}
	if s.Why != nil {
		m = append(m, text("why", *s.Why))
	}
	if len(s.Sources) > 0 {
		m = append(m, yaml.MapItem{Key: "sources", Value: s.Sources})
	}
	if s.Predict != nil {
		choices := make([]yaml.MapSlice, len(s.Predict.Choices))
		for i, c := range s.Predict.Choices {
			choices[i] = yaml.MapSlice{text("text", c.Text)}
			if c.When != nil {
				choices[i] = append(choices[i], yaml.MapItem{Key: "when", Value: c.When.Source})
			}
		}
		m = append(m, yaml.MapItem{Key: "predict", Value: yaml.MapSlice{text("question", s.Predict.Question), {Key: "choices", Value: choices}}})
	}
	if len(s.Do) > 0 {
		do := make([]yaml.MapSlice, len(s.Do))
		for i, a := range s.Do {
			do[i] = a.layout()
		}
		m = append(m, yaml.MapItem{Key: "do", Value: do})
	}
	if len(s.Checks) > 0 {
		checks := make([]string, len(s.Checks))
		for i, c := range s.Checks {
			checks[i] = c.Source
		}
		m = append(m, yaml.MapItem{Key: "checks", Value: checks})
	}
	return m
}

// layout is the action, its command's keys in the order: as, socket, address, and the others by name.
func (a Action) layout() yaml.MapSlice {
	var m yaml.MapSlice
	switch {
	case a.Wait != nil:
		m = yaml.MapSlice{{Key: "wait", Value: a.Wait.Source}}
	case a.Pause > 0:
		m = yaml.MapSlice{{Key: "pause", Value: a.Pause.String()}}
	default:
		value, _ := a.fields() // it was JSON when it was read
		if fields, ok := value.(map[string]any); ok {
			value = ordered(fields)
		}
		m = yaml.MapSlice{{Key: a.Command, Value: value}}
		if a.Go {
			m = yaml.MapSlice{{Key: "go", Value: m}}
		}
	}
	if a.Within > 0 {
		m = append(m, yaml.MapItem{Key: "within", Value: a.Within.String()})
	}
	return m
}

// text is a text in both languages, or English alone.
func text(key string, t Text) yaml.MapItem {
	if t.ZH == "" {
		return yaml.MapItem{Key: key, Value: t.EN}
	}
	return yaml.MapItem{Key: key, Value: yaml.MapSlice{{Key: "en", Value: t.EN}, {Key: "zh", Value: t.ZH}}}
}
