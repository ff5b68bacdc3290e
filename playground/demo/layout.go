package demo

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

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
	add("keywords", d.Keywords, len(d.Keywords) > 0)
	steps := make([]yaml.MapSlice, len(d.Steps))
	for i, s := range d.Steps {
		steps[i] = s.layout()
	}
	add("steps", steps, true)
	return m
}

func (s Step) layout() yaml.MapSlice {
	m := yaml.MapSlice{text("title", s.Title), text("story", s.Story)}
	m = append(m, layoutParts(s.Why, s.Sources, s.Predict, s.Do, s.Checks)...)
	if s.KernelHas != "" {
		m = append(m, yaml.MapItem{Key: "if_kernel_has", Value: s.KernelHas})
	}
	if s.Otherwise != nil {
		m = append(m, yaml.MapItem{Key: "otherwise", Value: s.Otherwise.layout()})
	}
	return m
}

// layout has the keys that are there.
func (o *Otherwise) layout() yaml.MapSlice {
	var m yaml.MapSlice
	if o.Title != nil {
		m = append(m, text("title", *o.Title))
	}
	if o.Story != nil {
		m = append(m, text("story", *o.Story))
	}
	return append(m, layoutParts(o.Why, o.Sources, o.Predict, o.Do, o.Checks)...)
}

// layoutParts are the keys that a step and its otherwise may both leave out.
func layoutParts(why *Text, sources []string, predict *Predict, do []Action, checks []*Check) yaml.MapSlice {
	var m yaml.MapSlice
	if why != nil {
		m = append(m, text("why", *why))
	}
	if len(sources) > 0 {
		m = append(m, yaml.MapItem{Key: "sources", Value: sources})
	}
	if predict != nil {
		choices := make([]yaml.MapSlice, len(predict.Choices))
		for i, c := range predict.Choices {
			choices[i] = yaml.MapSlice{text("text", c.Text)}
			if c.When != nil {
				choices[i] = append(choices[i], yaml.MapItem{Key: "when", Value: c.When.Source})
			}
		}
		m = append(m, yaml.MapItem{Key: "predict", Value: yaml.MapSlice{text("question", predict.Question), {Key: "choices", Value: choices}}})
	}
	if len(do) > 0 {
		list := make([]yaml.MapSlice, len(do))
		for i, a := range do {
			list[i] = a.layout()
		}
		m = append(m, yaml.MapItem{Key: "do", Value: list})
	}
	if len(checks) > 0 {
		list := make([]string, len(checks))
		for i, c := range checks {
			list[i] = c.Source
		}
		m = append(m, yaml.MapItem{Key: "checks", Value: list})
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
