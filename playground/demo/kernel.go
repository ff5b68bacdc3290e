package demo

import (
	"encoding/json"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// Otherwise is what a step is on a kernel without the setting that it asks for. What is nil is as in the step.
type Otherwise struct {
	Title   *Text    `json:"title,omitempty"`
	Story   *Text    `json:"story,omitempty"`
	Why     *Text    `json:"why,omitempty"`
	Sources []string `json:"sources,omitempty"`
	Predict *Predict `json:"predict,omitempty"`
	Do      []Action `json:"do,omitempty"`
	Checks  []*Check `json:"checks,omitempty"`
}

// On is the demo on a kernel that lacks some settings: each step as it is there. One that cannot be there keeps its
// story and its checks, does nothing and asks nothing; its KernelHas says what is missing. The other steps have none.
func (d *Demo) On(lacks func(setting string) bool) *Demo {
	on := *d
	on.Steps = slices.Clone(d.Steps)
	for i := range on.Steps {
		s := &on.Steps[i]
		switch {
		case s.KernelHas == "" || !lacks(s.KernelHas):
			s.KernelHas, s.Otherwise = "", nil
		case s.Otherwise != nil:
			*s = s.otherwise()
		default:
			s.Do, s.Predict = nil, nil
		}
	}
	return &on
}

// otherwise is the step on a kernel without the setting.
func (s Step) otherwise() Step {
	o := s.Otherwise
	s.KernelHas, s.Otherwise = "", nil
	if o.Title != nil {
		s.Title = *o.Title
	}
	if o.Story != nil {
		s.Story = *o.Story
	}
	if o.Why != nil {
		s.Why = o.Why
	}
	if o.Sources != nil {
		s.Sources = o.Sources
	}
	if o.Predict != nil {
		s.Predict = o.Predict
	}
	if o.Do != nil {
		s.Do = o.Do
	}
	if o.Checks != nil {
		s.Checks = o.Checks
	}
	return s
}

// Settings are the kernel settings that the demo asks about, each once, in the order of the file.
func (d *Demo) Settings() []string {
	var list []string
	for _, s := range d.Steps {
		if s.KernelHas != "" && !slices.Contains(list, s.KernelHas) {
			list = append(list, s.KernelHas)
		}
	}
	return list
}

// setting reads the name of a kernel setting. Which there are, the engine knows.
func (p *parse) setting(n ast.Node) string {
	name := p.text(n)
	if p.vet != nil {
		fields, err := marshal(map[string]any{"name": name, "value": "0"})
		if err == nil {
			err = p.vet("set_kernel", json.RawMessage(fields))
		}
		if err != nil {
			p.fail(n, "%s", err)
		}
	}
	return name
}

// conditional reads what a step is on a kernel without the setting that it asks for. before is what was open at the
// step's beginning: both ways must open the same, since later steps name it.
func (p *parse) conditional(step, otherwise ast.Node, s *Step, before *names) {
	switch {
	case otherwise != nil && s.KernelHas == "":
		p.fail(otherwise, "An otherwise belongs to a step with if_kernel_has, the name of a kernel setting.")
	case otherwise != nil:
		after := p.names
		p.names = before
		s.Otherwise = p.otherwise(otherwise)
		if s.Otherwise.Do == nil { // the step's own
			p.names = after.clone()
		}
		p.allOpened(s.otherwise())
		if !after.same(p.names) {
			p.fail(otherwise, "With the setting this step opens other sockets than without it. Both must open the same, since later steps name them.")
		}
		p.names = after
	case s.KernelHas != "":
		p.names.conditional(before, s.KernelHas)
	}
}

// otherwise reads the keys that differ from the step's.
func (p *parse) otherwise(n ast.Node) *Otherwise {
	o := new(Otherwise)
	text := func(t **Text) func(ast.Node) {
		return func(n ast.Node) { *t = new(Text); p.into(*t)(n) }
	}
	line := func(t **Text) func(ast.Node) {
		return func(n ast.Node) { *t = new(Text); p.line(*t)(n) }
	}
	var checks func() // after do, as in a step
	p.fields(n, "an otherwise",
		field{"title", false, line(&o.Title)},
		field{"story", false, text(&o.Story)},
		field{"why", false, text(&o.Why)},
		field{"sources", false, func(n ast.Node) { o.Sources = p.sources(n) }},
		field{"predict", false, func(n ast.Node) { o.Predict = p.predict(n) }},
		field{"do", false, func(n ast.Node) { o.Do = p.actions(n) }},
		field{"checks", false, func(n ast.Node) { checks = func() { o.Checks = p.checks(n) } }},
	)
	if checks != nil {
		checks()
	}
	if o.Sources != nil && len(o.Sources) == 0 || o.Do != nil && len(o.Do) == 0 || o.Checks != nil && len(o.Checks) == 0 {
		p.fail(n, "An empty list says nothing here; what an otherwise leaves out is as in its step.")
	}
	if o.Title == nil && o.Story == nil && o.Why == nil && o.Sources == nil && o.Predict == nil && o.Do == nil && o.Checks == nil {
		p.fail(n, "An otherwise says what differs where the kernel has not got the setting: title, story, why, sources, predict, do, checks.")
	}
	return o
}

func (p *parse) sources(n ast.Node) []string {
	list := []string{}
	p.items(n, "a list of sources", 10, func(n ast.Node) { list = append(list, p.text(n)) })
	return list
}

func (p *parse) actions(n ast.Node) []Action {
	list := []Action{}
	p.items(n, "a list of actions", MaxActions, func(n ast.Node) { list = append(list, p.action(n)) })
	return list
}

func (p *parse) checks(n ast.Node) []*Check {
	list := []*Check{}
	p.items(n, "a list of checks", MaxChecks, func(n ast.Node) { list = append(list, p.check(n)) })
	return list
}
