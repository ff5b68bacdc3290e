package playground_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/code"
)

// TestCodeOfDemos: the programs of every demo compile, and get what the demo got.
func TestCodeOfDemos(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs all demos, and their programs in all languages")
	}
	in := openWith(t, playground.Config{Labs: needLabs(t)}).manager
	for _, d := range playground.Demos() {
		t.Run(d.ID, func(t *testing.T) {
			if d.Network != "machine" { // else two would want the same port
				t.Parallel()
			}
			story := demoStory(t, in, d.ID)
			inChinese(t, story)
			for _, language := range code.Languages() {
				t.Run(language, func(t *testing.T) {
					t.Parallel()
					meet(t, in, story, language)
				})
			}
		})
	}
}

// visit opens a session of a manager that other tests share; it is left with the test.
func visit(t *testing.T, in *playground.Manager) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 6*patience)
	t.Cleanup(cancel)
	s, leave, err := in.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.Log().Now().Lab != nil {
			_, _ = s.Do(ctx, &playground.CloseLab{}) // else it stays until the session ends
		}
		leave()
	})
	return &session{Session: s, t: t, ctx: ctx, manager: in}
}

// demoStory runs a demo in a session of its own, and tells what was done.
func demoStory(t *testing.T, in *playground.Manager, id string) *play {
	t.Helper()
	s := visit(t, in)
	s.do(&playground.RunDemo{Demo: id})
	if _, err := s.Log().Wait(s.ctx, 0, func(e playground.Event) bool { _, ok := e.(*playground.DemoFinished); return ok }); err != nil {
		t.Fatalf("the demo does not end: %v; the log:\n%s", err, s.tail())
	}
	story := &play{s.Log().Story(), s.Log().Events(0)}
	s.do(&playground.Close{All: true})
	return story
}

// inChinese says which comments of the story's programs are not: there is an English word in them that is no name of the
// field's.
func inChinese(t *testing.T, story *play) {
	t.Helper()
	for _, language := range code.Languages() {
		files, _ := code.Write(story.Story, language, code.Options{Chinese: true})
		for i := range files {
			f := &files[i]
			for _, tokens := range code.Highlight(f, language) {
				for _, token := range tokens {
					if words := englishWord.FindAllString(token[1], -1); token[0] == "comment" && slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(names, w) }) {
						t.Errorf("%s: the comment %q is not Chinese", f.Name, token[1])
					}
				}
			}
		}
	}
}

var (
	// englishWord is a word of small letters; names of calls, states, options and errors have other ones, or these:
	englishWord = regexp.MustCompile(`\b[a-z]{2,}\b`)
	names       = strings.Fields("ss or sport dport tano tcpdump nn any lo tcp port nc socat reset discard greet echo net backlog listen close write on connect set to io true false bbr reno cubic")
)
