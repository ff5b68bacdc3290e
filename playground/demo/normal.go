package demo

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Normal is the demo as one JSON object, in which Parse finds the same demo.
func (d *Demo) Normal() json.RawMessage {
	b, err := marshal(d)
	if err != nil { // the fields of actions were JSON when they were read
		panic("demo: " + err.Error())
	}
	return b
}

// MarshalJSON gives the check as written.
func (c *Check) MarshalJSON() ([]byte, error) { return marshal(c.Source) }

// MarshalJSON gives the action as it stands in a file.
func (a Action) MarshalJSON() ([]byte, error) {
	m := map[string]any{}
	switch {
	case a.Wait != nil:
		m["wait"] = a.Wait
	case a.Pause > 0:
		m["pause"] = a.Pause.String()
	default:
		command, err := a.fields()
		if err != nil {
			return nil, err
		}
		m[a.Command] = command
		if a.Go {
			m = map[string]any{"go": m}
		}
	}
	if a.Within > 0 {
		m["within"] = a.Within.String()
	}
	return marshal(m)
}

// fields are the command's as in a file: with as, and a bare name where there is only a socket.
func (a Action) fields() (any, error) {
	fields := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(a.Fields))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return nil, err
	}
	whole(fields)
	if a.As != "" {
		fields["as"] = a.As
	}
	if socket, ok := fields["socket"]; ok && len(fields) == 1 {
		return socket, nil
	}
	if len(fields) == 0 {
		return nil, nil
	}
	return fields, nil
}

// whole writes numbers as a file has them, in digits alone: 3600000 and not 3.6e+06.
func whole(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = whole(v[k])
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case json.Number:
		if f, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), "eE") {
			digits := strconv.FormatFloat(f, 'f', -1, 64)
			if !strings.Contains(digits, ".") { // a whole number of so many digits would not be read as one
				digits += ".0"
			}
			return json.Number(digits)
		}
	}
	return v
}

// all are the demo's checks, waits and whens, in the order of the file: those for kernels without a setting too.
func (d *Demo) all() []*Check {
	var list []*Check
	for _, s := range d.Steps {
		list = append(list, s.all()...)
		if o := s.Otherwise; o != nil {
			list = append(list, Step{Predict: o.Predict, Do: o.Do, Checks: o.Checks}.all()...)
		}
	}
	return list
}

func (s Step) all() []*Check {
	var list []*Check
	if s.Predict != nil {
		for _, c := range s.Predict.Choices {
			if c.When != nil {
				list = append(list, c.When)
			}
		}
	}
	for _, a := range s.Do {
		if a.Wait != nil {
			list = append(list, a.Wait)
		}
	}
	return append(list, s.Checks...)
}

// ExpectsNoListener says whether the demo is about what happens where this listener cannot be opened.
func (d *Demo) ExpectsNoListener(name string) bool {
	return slices.ContainsFunc(d.all(), func(c *Check) bool {
		f, ok := c.Fact.(*Returns)
		return ok && f.Socket == name && f.Call == Calls["listen"] && slices.ContainsFunc(f.Results, func(r Result) bool { return r.Kind != ResultOK })
	})
}

// Words are the demo's checks, waits and whens in other languages: by language, by what is written.
func (d *Demo) Words() map[string]map[string]string {
	zh := map[string]string{}
	for _, c := range d.all() {
		zh[c.Source] = c.ZH()
	}
	return map[string]map[string]string{"zh": zh}
}

// Needs are what must be observable for all checks to be decided: segments, states.
func (d *Demo) Needs() []string {
	var needs []string
	for _, c := range d.all() {
		if n := c.Needs(); n != "" && !slices.Contains(needs, n) {
			needs = append(needs, n)
		}
	}
	slices.Sort(needs)
	return needs
}

// Needs is what must be observable for the check to be decided: segments, states, or nothing but our own calls ("").
func (c *Check) Needs() string {
	switch f := c.Fact.(type) {
	case *Segments:
		return NeedsSegments
	case *Count:
		if !f.Calls {
			return NeedsSegments
		}
		return ""
	case *Returns, *Takes, *Waiting:
		return ""
	case *Quantity:
		switch f.Name {
		case "bytes read", "bytes written", "option", "local port", "remote port", "family":
			return ""
		}
	}
	return NeedsStates
}

// What a check may need.
const (
	NeedsSegments = "segments"
	NeedsStates   = "states"
)
