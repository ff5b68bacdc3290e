package static_test

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"socketplayground/static"
)

// maxDepth is how deep an import may lie below index.html and still be found by the browser alone:
// a longer chain costs a round trip for each link, unless the module is preloaded.
const maxDepth = 3

var (
	reference = regexp.MustCompile(`(?:href|src)="([^"#]*)"`)
	preload   = regexp.MustCompile(`<link rel="modulepreload" href="static/([^"]+)">`)
	use       = regexp.MustCompile(`(?:href="|href: '|'|` + "`" + `)#?((?:i|s)-[a-z-]+)\b`)
	symbol    = regexp.MustCompile(`<symbol id="([^"]+)"`)
	imported  = regexp.MustCompile(`(?m)^(?:import|export)\s(?:[^'"]*\sfrom\s)?'([^']+)'`)
	inline    = regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script>`)
	markup    = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe|\beval\(`)
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(static.FS, name)
	if err != nil {
		t.Fatalf("a file is missing: %v", err)
	}
	return string(data)
}

func TestIndexRefersToWhatExists(t *testing.T) {
	index := read(t, "index.html")
	found := reference.FindAllStringSubmatch(index, -1)
	if len(found) < 10 {
		t.Fatalf("found only %d references in index.html", len(found))
	}
	for _, m := range found {
		name, ok := strings.CutPrefix(m[1], "static/")
		if !ok {
			t.Errorf("index.html refers to %q, which is not under static/", m[1])
			continue
		}
		read(t, name)
	}
	if at := inline.FindString(index); at != "" {
		t.Errorf("index.html has %q, which the Content-Security-Policy blocks", at)
	}
}

// TestModules follows every import from main.js.
func TestModules(t *testing.T) {
	preloaded := map[string]bool{}
	for _, m := range preload.FindAllStringSubmatch(read(t, "index.html"), -1) {
		preloaded[m[1]] = true
	}
	depth := map[string]int{"js/main.js": 0}
	for queue := []string{"js/main.js"}; len(queue) > 0; queue = queue[1:] {
		name := queue[0]
		for _, m := range imported.FindAllStringSubmatch(read(t, name), -1) {
			target := path.Join(path.Dir(name), m[1])
			if _, seen := depth[target]; seen {
				continue
			}
			depth[target] = depth[name] + 1
			queue = append(queue, target)
		}
	}
	if len(depth) < 20 {
		t.Fatalf("main.js leads to only %d modules", len(depth))
	}
	for name, d := range depth {
		if d > maxDepth && !preloaded[name] {
			t.Errorf("%s lies %d imports deep and is not preloaded", name, d)
		}
	}
	for name := range preloaded {
		if _, ok := depth[name]; !ok {
			t.Errorf("%s is preloaded, and nothing imports it", name)
		}
	}
}

// TestEveryFileIsUsed keeps files that nothing needs out of the program.
func TestEveryFileIsUsed(t *testing.T) {
	index := read(t, "index.html")
	used := map[string]bool{"index.html": true}
	for _, m := range reference.FindAllStringSubmatch(index, -1) {
		used[strings.TrimPrefix(m[1], "static/")] = true
	}
	err := fs.WalkDir(static.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if path.Ext(name) == ".js" {
			text := read(t, name)
			for _, m := range imported.FindAllStringSubmatch(text, -1) {
				used[path.Join(path.Dir(name), m[1])] = true
			}
			if at := markup.FindString(text); at != "" {
				t.Errorf("%s has %q: the page builds no markup from strings (Trusted Types)", name, at)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(static.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		// types.js is for the type checker; nothing loads it.
		if err == nil && !entry.IsDir() && !used[name] && name != "js/types.js" {
			t.Errorf("nothing refers to %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestIconsExist(t *testing.T) {
	symbols := map[string]bool{}
	for _, m := range symbol.FindAllStringSubmatch(read(t, "index.html"), -1) {
		symbols[m[1]] = true
	}
	if len(symbols) == 0 {
		t.Fatal("index.html has no symbols")
	}
	err := fs.WalkDir(static.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == ".css" {
			return err
		}
		for _, m := range use.FindAllStringSubmatch(read(t, name), -1) {
			if !symbols[m[1]] {
				t.Errorf("%s uses the symbol %q, which index.html does not have", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
