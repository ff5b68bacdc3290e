package code_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"socketplayground/playground/code"
	"socketplayground/playground/code/codetest"
)

func TestZZStories(t *testing.T) {
	all, _ := filepath.Glob(os.Getenv("STORIES") + "/*.json")
	for _, path := range all {
		b, _ := os.ReadFile(path)
		var s code.Story
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		lang := os.Getenv("LANGS")
		t.Run(filepath.Base(path)+"/"+lang, func(t *testing.T) { t.Parallel(); codetest.Meet(t, &s, lang) })
	}
}
