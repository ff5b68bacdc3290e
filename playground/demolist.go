package playground

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"socketplayground/playground/demo"
	"socketplayground/playground/demos"
)

// DemoSummary is what a gallery shows of a demo.
type DemoSummary struct {
	ID       string       `json:"id"`
	Title    demo.Text    `json:"title"`
	Summary  demo.Text    `json:"summary"`
	Shelf    string       `json:"shelf"`
	Order    int          `json:"order"`
	Network  string       `json:"network"`
	Takes    demo.Seconds `json:"takes"`
	Lesson   int          `json:"lesson,omitempty"`
	Myth     *demo.Text   `json:"myth,omitempty"`
	Steps    int          `json:"steps"`
	Needs    []string     `json:"needs,omitempty"` // segments, states: what must be observable for all checks to be decided
	Picture  []string     `json:"picture,omitempty"`
	Keywords []string     `json:"keywords,omitempty"`
	Terms    []string     `json:"terms,omitempty"` // the states, flags and errors that its checks name, for who looks for them
}

var capitals = regexp.MustCompile(`\b[A-Z][A-Z0-9_]{2,}\b`)

// terms are the words in capitals of a demo's checks: states, flags and errors.
func terms(d *demo.Demo) []string {
	found := map[string]bool{}
	for check := range d.Words()["zh"] {
		for _, term := range capitals.FindAllString(check, -1) {
			found[term] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Demos are those that come with the playground, by shelf and order.
func Demos() []DemoSummary {
	list := []DemoSummary{}
	for _, f := range demos.All() {
		d := f.Demo
		list = append(list, DemoSummary{ID: d.ID, Title: d.Title, Summary: d.Summary, Shelf: d.Shelf, Order: d.Order, Network: d.Network,
			Takes: d.Takes(), Lesson: d.Lesson, Myth: d.Myth, Steps: len(d.Steps), Needs: d.Needs(), Picture: d.Picture, Keywords: d.Keywords, Terms: terms(d)})
	}
	return list
}

// DemoTexts are what the steps of each demo say in both languages: titles, stories, reasons, questions and choices, on
// lines of their own, by the demo's id.
func DemoTexts() map[string]string {
	texts := map[string]string{}
	for _, f := range demos.All() {
		var b strings.Builder
		add := func(t *demo.Text) {
			if t != nil {
				b.WriteString(t.EN + "\n" + t.ZH + "\n")
			}
		}
		for _, s := range f.Demo.Steps {
			add(&s.Title)
			add(&s.Story)
			add(s.Why)
			if s.Predict != nil {
				add(&s.Predict.Question)
				for _, c := range s.Predict.Choices {
					add(&c.Text)
				}
			}
		}
		texts[f.ID] = b.String()
	}
	return texts
}

// FindDemo is the demo with that id, as its file and as one JSON object.
func FindDemo(id string) (text []byte, normal DemoReply, ok bool) {
	f, ok := demos.Find(id)
	if !ok {
		return nil, DemoReply{}, false
	}
	return f.Text, DemoReply{Demo: f.Demo.Normal(), Words: f.Demo.Words(), Takes: f.Demo.Takes()}, true
}
