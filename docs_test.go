package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDemosOfTheDocumentation: every demo that the documentation shows can be read, is laid out as the documentation
// says, and runs with every check passed.
func TestDemosOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("docs/demos.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllSubmatch(text, -1)
	if len(found) < 3 {
		t.Fatalf("the documentation has %d demos, want 3 at least", len(found))
	}
	for i, m := range found {
		file := filepath.Join(t.TempDir(), "demo.yaml")
		if err := os.WriteFile(file, m[1], 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		if code := workOnDemo([]string{"check", file}, nil, &stdout, &stderr); code != exitOK {
			t.Errorf("example %d: %s", i+1, &stderr)
			continue
		}
		for _, line := range strings.Split(string(text), "\n") {
			if id, says, ok := strings.Cut(line, "answers `"); ok && i == 0 && strings.Contains(id, "demo check") {
				if says, _, _ = strings.Cut(says, "`"); !strings.Contains(stdout.String(), says) {
					t.Errorf("the documentation says that demo check answers %q; it answers %q", says, &stdout)
				}
			}
		}
		stdout.Reset()
		cfg, code, done := parseRun([]string{"-capture=false", file}, nil, &stdout, &stderr)
		if done {
			t.Fatalf("example %d: exit code %d: %s", i+1, code, &stderr)
		}
		if code := runDemos(t.Context(), cfg, &stdout, &stderr); code != exitOK {
			t.Errorf("example %d: exit code %d\n%s%s", i+1, code, &stdout, &stderr)
		}
	}
}
