package playground_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"socketplayground/playground/demos"
)

// term is a row of docs/glossary.md.
type term struct {
	english string
	held    bool // the Chinese of each English text that has the term has it too
	chinese []string
	not     []string
}

// TestGlossary: one thing has one Chinese name, that of docs/glossary.md, wherever this repository says something in
// Chinese.
func TestGlossary(t *testing.T) {
	t.Parallel()
	terms := glossary(t)
	lines := 0
	for _, file := range chineseFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(text), "\n") {
			said := chineseOf(file, line)
			if said == "" {
				continue
			}
			lines++
			for _, term := range terms {
				for _, word := range term.not {
					if strings.Contains(said, word) {
						t.Errorf("%s:%d says %s for %q, which is %s (docs/glossary.md)", file, n+1, word, term.english, strings.Join(term.chinese, " or "))
					}
				}
			}
			if at := spaced.FindString(said); at != "" {
				t.Errorf("%s:%d has a space between two Chinese characters: %q", file, n+1, at)
			}
		}
	}
	for _, f := range demos.All() {
		for check, said := range f.Demo.Words()["zh"] {
			if at := spaced.FindString(said); at != "" {
				t.Errorf("%s: the Chinese of %q has a space between two Chinese characters: %s", f.ID, check, said)
			}
		}
	}
	if lines < 1500 {
		t.Errorf("%d lines of Chinese were found, want 1500 at least", lines)
	}
	held := 0
	for _, file := range glob(t, "../static/js/zh/*.js") {
		for english, said := range dictionary(t, file) {
			for _, term := range terms {
				if !term.held || !term.in(english) {
					continue
				}
				held++
				if !strings.Contains(said, term.chinese[0]) {
					t.Errorf("%s: the Chinese of %q has no %s (docs/glossary.md): %s", file, english, term.chinese[0], said)
				}
			}
		}
	}
	if held < 200 {
		t.Errorf("%d texts have a term in bold, want 200 at least", held)
	}
}

func glossary(t *testing.T) (terms []term) {
	t.Helper()
	text, err := os.ReadFile("../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		cell := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cell) != 4 || cell[0] == "English" || strings.HasPrefix(cell[0], "---") {
			continue
		}
		name, held := strings.CutPrefix(cell[0], "**")
		name, _, _ = strings.Cut(name, "**")
		terms = append(terms, term{name, held, strings.Split(cell[1], "，"), strings.Split(cell[2], "、")})
	}
	if len(terms) < 40 {
		t.Fatalf("docs/glossary.md has %d terms", len(terms))
	}
	return terms
}

// in says whether an English text has the term, as a word that begins with a capital only where the term does.
func (term term) in(english string) bool {
	name := regexp.QuoteMeta(term.english)
	return regexp.MustCompile(`\b(` + name + `|` + strings.ToUpper(name[:1]) + name[1:] + `)s?\b`).MatchString(placeholder.ReplaceAllString(english, ""))
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

// chineseFiles are those that say something to a person.
func chineseFiles(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"../static/js/*.js", "../static/js/*/*.js", "../static/*.html", "demos/*.yaml", "*.go", "*/*.go", "../*.go", "../web/*.go", "../README.md", "../docs/demos.md"} {
		for _, file := range glob(t, pattern) {
			if !strings.HasSuffix(file, "_test.go") {
				files = append(files, file)
			}
		}
	}
	return files
}

var (
	han         = regexp.MustCompile(`\p{Han}`)
	placeholder = regexp.MustCompile(`\{\w+\}`)
	spaced      = regexp.MustCompile(`[\p{Han}，。、：；）] [\p{Han}（]`)
	quoted      = regexp.MustCompile("'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`")
)

// chineseOf is what a line of a file says in Chinese: of a program's the literals alone. What a demo is found by is what
// people type, and no text of ours.
func chineseOf(file, line string) string {
	if strings.HasPrefix(line, "keywords:") {
		return ""
	}
	parts := []string{line}
	if ext := filepath.Ext(file); ext == ".go" || ext == ".js" {
		parts = quoted.FindAllString(line, -1)
	}
	said := ""
	for _, part := range parts {
		if han.MatchString(part) {
			said += part + "\n"
		}
	}
	return said
}
