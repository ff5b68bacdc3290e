package demo

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Vet says what is wrong with a command's fields, nil if nothing; the engine knows. The message is one sentence.
type Vet func(command string, fields json.RawMessage) error

var demoID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// Parse reads a demo file and checks all that can be checked before it runs. Its error is Errors.
func Parse(text []byte, vet Vet) (*Demo, error) {
	_, body, err := tree(text, 0)
	if err != nil {
		return nil, err
	}
	p := &parse{vet: vet, names: newNames()}
	d := p.demo(body)
	if len(p.errs) > 0 {
		slices.SortStableFunc(p.errs, func(a, b *Error) int { return a.Line - b.Line })
		return nil, p.errs
	}
	return d, nil
}

// parse reads a demo out of a tree.
type parse struct {
	reader
	vet   Vet
	names *names
	total time.Duration // that its waits may take
}

func (p *parse) demo(n ast.Node) *Demo {
	d := &Demo{Network: NetworkEither}
	p.fields(n, "a demo",
		field{"demo", true, func(n ast.Node) {
			wrong := len(p.errs)
			if d.Version = p.number(n, 0, 1<<30); d.Version != Version && len(p.errs) == wrong {
				p.fail(n, "This is format %d, and this playground reads format %d: use a newer playground.", d.Version, Version)
			}
		}},
		field{"id", true, func(n ast.Node) {
			wrong := len(p.errs)
			if d.ID = p.text(n); !demoID.MatchString(d.ID) && len(p.errs) == wrong {
				p.fail(n, "An id has 1 to 40 of the characters a-z, 0-9 and -.")
			}
		}},
		field{"title", true, p.line(&d.Title)},
		field{"summary", true, p.into(&d.Summary)},
		field{"shelf", false, func(n ast.Node) { d.Shelf = p.oneOf(n, Shelves...) }},
		field{"order", false, func(n ast.Node) { d.Order = p.number(n, 0, 999) }},
		field{"network", false, func(n ast.Node) { d.Network = p.oneOf(n, NetworkEither, NetworkMachine, NetworkLab) }},
		field{"seconds", false, func(n ast.Node) { d.Seconds = p.number(n, 0, 3600) }},
		field{"lesson", false, func(n ast.Node) { d.Lesson = p.number(n, 0, 999) }},
		field{"myth", false, func(n ast.Node) { d.Myth = new(Text); p.into(d.Myth)(n) }},
		field{"picture", false, func(n ast.Node) {
			p.items(n, "a list of arrows", 8, func(n ast.Node) { d.Picture = append(d.Picture, p.arrow(n)) })
		}},
		field{"keywords", false, func(n ast.Node) {
			p.items(n, "keywords", MaxKeywords, func(n ast.Node) { d.Keywords = append(d.Keywords, p.keyword(n)) })
		}},
		field{"steps", true, func(n ast.Node) {
			p.items(n, "a list of steps", MaxSteps, func(n ast.Node) { d.Steps = append(d.Steps, p.step(n)) })
			if len(d.Steps) == 0 {
				p.fail(n, "A demo has one step at least.")
			}
		}},
	)
	return d
}

// keyword reads what people type who look for the demo.
func (p *parse) keyword(n ast.Node) string {
	s := p.text(n)
	if strings.TrimSpace(s) == "" || len(s) > MaxKeyword || strings.ContainsFunc(s, Hidden) {
		p.fail(n, "A keyword is a word or a few on one line, of at most %d bytes.", MaxKeyword)
	}
	return s
}

var arrow = regexp.MustCompile(`^(<?)(SYN\+ACK|SYN|ACK|FIN|RST|data)(~|x?>?)$`)

// arrow reads an arrow of the emblem.
func (p *parse) arrow(n ast.Node) string {
	s := p.text(n)
	if !arrow.MatchString(s) || strings.HasPrefix(s, "<") == strings.ContainsAny(s, ">~") {
		p.fail(n, "An arrow is one of SYN, SYN+ACK, ACK, FIN, RST, data, with > after it, < before it, x> where it is lost, or ~ for a loop.")
	}
	return s
}

// into reads a text in both languages; a bare one is English.
func (p *parse) into(t *Text) func(ast.Node) {
	return func(n ast.Node) {
		wrong := len(p.errs)
		if s, ok := scalar(n); ok {
			p.text(n)
			t.EN = s
		} else {
			p.fields(n, "a text",
				field{"en", true, func(n ast.Node) { t.EN = p.text(n) }},
				field{"zh", false, func(n ast.Node) { t.ZH = p.text(n) }})
		}
		if strings.TrimSpace(t.EN) == "" && len(p.errs) == wrong {
			p.fail(n, "This text is empty.")
		}
	}
}

// line reads a text that stands on one line wherever it is shown: a title, or what a person chooses.
func (p *parse) line(t *Text) func(ast.Node) {
	return func(n ast.Node) {
		p.into(t)(n)
		for _, r := range t.EN + t.ZH {
			if Hidden(r) {
				p.fail(n, "This text is shown on one line: leave %s out of it.", nameOf(r))
				return
			}
		}
	}
}

func (p *parse) step(n ast.Node) Step {
	var s Step
	var checks func() // after do, whatever the order in the file: they may name what it opens
	var otherwise ast.Node
	before := p.names.clone()
	p.fields(n, "a step",
		field{"title", true, p.line(&s.Title)},
		field{"story", true, p.into(&s.Story)},
		field{"why", false, func(n ast.Node) { s.Why = new(Text); p.into(s.Why)(n) }},
		field{"sources", false, func(n ast.Node) { s.Sources = p.sources(n) }},
		field{"predict", false, func(n ast.Node) { s.Predict = p.predict(n) }},
		field{"do", false, func(n ast.Node) { s.Do = p.actions(n) }},
		field{"checks", false, func(n ast.Node) { checks = func() { s.Checks = p.checks(n) } }},
		field{"if_kernel_has", false, func(n ast.Node) { s.KernelHas = p.setting(n) }},
		field{"otherwise", false, func(n ast.Node) { otherwise = n }},
	)
	if checks != nil {
		checks()
	}
	p.allOpened(s)
	p.conditional(n, otherwise, &s, before)
	return s
}

// allOpened says where a step's checks or choices name a socket that nothing opens.
func (p *parse) allOpened(s Step) {
	for _, c := range s.Checks {
		p.opened(c)
	}
	if s.Predict != nil {
		for _, c := range s.Predict.Choices {
			if c.When != nil {
				p.opened(c.When)
			}
		}
	}
}

func (p *parse) predict(n ast.Node) *Predict {
	q := new(Predict)
	p.fields(n, "a prediction",
		field{"question", true, p.line(&q.Question)},
		field{"choices", true, func(n ast.Node) {
			p.items(n, "a list of choices", MaxChoices, func(n ast.Node) {
				var c Choice
				p.fields(n, "a choice",
					field{"text", true, p.line(&c.Text)},
					field{"when", false, func(n ast.Node) { c.When = p.check(n) }})
				q.Choices = append(q.Choices, c)
			})
			without := 0
			for _, c := range q.Choices {
				if c.When == nil {
					without++
				}
			}
			if len(q.Choices) < 2 || without > 1 {
				p.fail(n, "A question has two choices at least, and all but one need a when, which says in what case they are right.")
			}
		}})
	return q
}

// check reads a check; what it names is looked up later.
func (p *parse) check(n ast.Node) *Check {
	wrong := len(p.errs)
	c, err := ParseCheck(p.text(n))
	var whole sentence
	switch {
	case len(p.errs) > wrong: // there is no text
	case errors.As(err, &whole):
		p.fail(n, "%s", whole)
	case err != nil:
		p.fail(n, "This check cannot be read: %s.", err)
	}
	if err != nil {
		return &Check{Line: position(begin(n)).Line, Fact: &Peer{}}
	}
	c.Line = position(begin(n)).Line
	if a, b := c.Fact, c.Within; b == 0 {
		b = SettleTime
		p.spend(n, b+holds(a))
	} else {
		p.spend(n, b+holds(a))
	}
	return c
}

// opened says where a check names a socket that nothing opens.
func (p *parse) opened(c *Check) {
	for _, s := range sockets(c.Fact) {
		if s != "" && !p.names.has(s) && len(p.errs) < maxErrors {
			p.errs = append(p.errs, &Error{Line: c.Line, Message: p.names.unopened(s, clip(c.Source))})
		}
	}
}

// spend adds up what the demo may take.
func (p *parse) spend(n ast.Node, d time.Duration) {
	before := p.total
	p.total += d
	if before <= MaxTotal && p.total > MaxTotal {
		p.fail(n, "With this the demo's waits and checks may take %v together; the limit is %v.", p.total, MaxTotal)
	}
}

// time reads a duration.
func (p *parse) time(n ast.Node) time.Duration {
	wrong := len(p.errs)
	d, ok := duration(p.text(n))
	if !ok && len(p.errs) == wrong {
		p.fail(n, "Here must be a duration such as 200ms or 2s, of at most %v.", MaxWait)
	}
	return d
}
