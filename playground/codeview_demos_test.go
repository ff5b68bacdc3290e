package playground_test

import (
	"context"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/code"
	"socketplayground/playground/code/codetest"
)

// TestCodeOfDemos: the programs of every demo compile, and get what the demo got.
func TestCodeOfDemos(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs all demos, and their programs in all languages")
	}
	all := openWith(t, playground.Config{Labs: needLabs(t)})
	for _, d := range playground.Demos() {
		t.Run(d.ID, func(t *testing.T) {
			if d.Network != "machine" { // else two would want the same port
				t.Parallel()
			}
			story := demoStory(t, all.manager, d.ID)
			for _, language := range code.Languages() {
				t.Run(language, func(t *testing.T) { codetest.Meet(t, story, language) })
			}
		})
	}
}

// demoStory runs a demo in a session of its own, and tells what was done.
func demoStory(t *testing.T, m *playground.Manager, id string) *code.Story {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 6*patience)
	defer cancel()
	visit, leave, err := m.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	s := &session{Session: visit, t: t, ctx: ctx, manager: m}
	s.do(&playground.RunDemo{Demo: id})
	if _, err := s.Log().Wait(ctx, 0, func(e playground.Event) bool { _, ok := e.(*playground.DemoFinished); return ok }); err != nil {
		t.Fatalf("the demo does not end: %v; the log:\n%s", err, s.tail())
	}
	story := s.Log().Story()
	s.do(&playground.Close{All: true})
	if s.Log().Now().Lab != nil {
		s.do(&playground.CloseLab{})
	}
	return story
}
