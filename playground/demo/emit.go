package demo

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// layOut writes the tree of layout as YAML. It is our own writer, since those of YAML packages choose a style that suits
// a value and not its reader, and there are texts which they do not read again.
func layOut(m yaml.MapSlice, comments yaml.CommentMap) []byte {
	e := &emitter{comments: comments}
	e.mapping("$", "", "", m)
	return e.out.Bytes()
}

// emitter writes values with the comments that their paths ("$.steps[0].do") had.
type emitter struct {
	out      bytes.Buffer
	comments yaml.CommentMap
}

// onOneLine says whether the value of a key is written on the key's line: commands, sources, keywords and the emblem are.
func onOneLine(key string) bool {
	return key == "go" || key == "sources" || key == "picture" || key == "keywords" || slices.Contains(Commands, key)
}

// mapping writes each key on a line of its own; lead stands before the first, indent before the others.
func (e *emitter) mapping(path, lead, indent string, m yaml.MapSlice) {
	for _, item := range m {
		key := item.Key.(string) // layout makes no others
		at := path + "." + key
		line := onOneLine(key) || flat(item.Value)
		e.before(at, strings.TrimSuffix(lead, "- "), line)
		e.out.WriteString(lead + key + ":")
		e.value(at, indent, item.Value, onOneLine(key))
		e.after(at, indent)
		lead = indent
	}
}

// flat says whether a value is a scalar.
func flat(v any) bool {
	switch v.(type) {
	case yaml.MapSlice, []yaml.MapSlice, []string:
		return false
	}
	return true
}

// value writes what comes behind a key or a dash.
func (e *emitter) value(path, indent string, v any, line bool) {
	note := e.beside(path)
	switch v := v.(type) {
	case yaml.MapSlice:
		if line {
			e.out.WriteString(" " + inline(v) + note + "\n")
			return
		}
		e.out.WriteString(note + "\n")
		e.mapping(path, indent+"  ", indent+"  ", v)
	case []yaml.MapSlice:
		e.out.WriteString(note + "\n")
		for i, m := range v {
			at := fmt.Sprintf("%s[%d]", path, i)
			e.before(at, indent+"  ", false)
			e.mapping(at, indent+"  - ", indent+"    ", m)
			e.after(at, indent+"  ")
		}
	case []string:
		if line {
			e.out.WriteString(" " + inline(v) + note + "\n")
			return
		}
		e.out.WriteString(note + "\n")
		for i, s := range v {
			at := fmt.Sprintf("%s[%d]", path, i)
			e.before(at, indent+"  ", true)
			e.out.WriteString(indent + "  -")
			e.value(at, indent+"  ", s, false)
			e.after(at, indent+"  ")
		}
	case string:
		if !literalText(v) {
			e.out.WriteString(" " + scalarText(v, false) + note + "\n")
			return
		}
		e.out.WriteString(" |-" + note + "\n")
		for _, l := range strings.Split(v, "\n") {
			if l != "" {
				e.out.WriteString(indent + "  " + l)
			}
			e.out.WriteByte('\n')
		}
	default:
		e.out.WriteString(" " + inline(v) + note + "\n")
	}
}

// inline is a value within a line.
func inline(v any) string {
	var parts []string
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return scalarText(v, true)
	case yaml.MapSlice:
		for _, item := range v {
			parts = append(parts, scalarText(item.Key.(string), true)+": "+inline(item.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []string:
		for _, s := range v {
			parts = append(parts, scalarText(s, true))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []any:
		for _, one := range v {
			parts = append(parts, inline(one))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v) // a number, true or false
}

// before writes the comments that stood before a key or a dash; of a value that is written on one line, those within it.
func (e *emitter) before(path, indent string, line bool) {
	e.write(path, indent, yaml.CommentHeadPosition)
	if !line {
		return
	}
	var within []string
	for at := range e.comments {
		if strings.HasPrefix(at, path+".") || strings.HasPrefix(at, path+"[") {
			within = append(within, at)
		}
	}
	slices.Sort(within)
	for _, at := range within {
		e.write(at, indent, yaml.CommentHeadPosition, yaml.CommentLinePosition, yaml.CommentFootPosition)
	}
}

// after writes the comments that stood behind a value.
func (e *emitter) after(path, indent string) { e.write(path, indent, yaml.CommentFootPosition) }

// beside is the comment at a value's line.
func (e *emitter) beside(path string) string {
	for _, c := range e.comments[path] {
		if c.Position == yaml.CommentLinePosition && len(c.Texts) == 1 {
			return " #" + strings.TrimRight(c.Texts[0], " \r")
		}
	}
	return ""
}

func (e *emitter) write(path, indent string, positions ...yaml.CommentPosition) {
	for _, c := range e.comments[path] {
		if !slices.Contains(positions, c.Position) {
			continue
		}
		for _, text := range c.Texts {
			e.out.WriteString(indent + "#" + strings.TrimRight(text, " \r") + "\n")
		}
	}
}
