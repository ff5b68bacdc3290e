package playground_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"socketplayground/playground"
)

func TestZZDemoStories(t *testing.T) {
	dir := os.Getenv("STORIES")
	if dir == "" {
		t.Skip()
	}
	for _, d := range playground.Demos() {
		if only := os.Getenv("ONLY"); only != "" && !strings.Contains(only, d.ID) {
			continue
		}
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			s := openWith(t, playground.Config{Labs: needLabs(t), Network: playground.NewMachine(playground.Policy{})})
			end := s.ends(s.start(playground.RunDemo{Demo: d.ID}))
			if end.Verdict != "passed" {
				t.Log(end.Verdict, end.Message)
			}
			b, err := json.MarshalIndent(s.Log().Story(), "", " ")
			if err != nil {
				t.Fatal(err)
			}
			os.WriteFile(dir+"/"+d.ID+".json", b, 0o644)
		})
	}
}
