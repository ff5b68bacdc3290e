package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is the module's path; the packages below it are named without it, main is ".".
const module = "socketplayground"

type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// packages asks the go command for the module's packages.
func packages(t *testing.T) map[string]goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]goPackage{}
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		found[within(p.ImportPath)] = p
	}
	return found
}

// within names a package of the module; one of another module keeps its path.
func within(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

func under(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// ours says whether a package is one of this module's.
func ours(path string) bool {
	for _, dir := range []string{"web", "enter", "playground", "static"} {
		if under(path, dir) {
			return true
		}
	}
	return path == "."
}

// system says whether a package is for calls into the operating system.
func system(path string) bool {
	return path == "os" || path == "net" || path == "syscall" || strings.HasPrefix(path, "golang.org/x/sys") ||
		strings.HasPrefix(path, "github.com/vishvananda/")
}

// TestImports holds the packages to the shape main → web → playground → leaves, and static by main alone.
func TestImports(t *testing.T) {
	rules := []struct {
		name, reason    string
		applies, denied func(string) bool
	}{
		{"playground knows no page", "the engine runs the same without a browser: headless, in a test, in a replay",
			func(p string) bool { return under(p, "playground") },
			func(i string) bool {
				return under(i, "web") || under(i, "static") || i == "net/http" || strings.Contains(i, "websocket")
			}},
		{"leaves know nothing of the engine", "a leaf can be read, tested and reused by itself",
			func(p string) bool { return strings.HasPrefix(p, "playground/") },
			func(i string) bool { return i == "playground" }},
		{"web reaches the kernel through playground", "the server knows HTTP and frames and nothing about TCP sockets",
			func(p string) bool { return under(p, "web") },
			func(i string) bool {
				return strings.HasPrefix(i, "playground/") || i == "syscall" || strings.HasPrefix(i, "golang.org/x/sys")
			}},
		{"web is given its files", "the server serves any page, a test's included, so only main embeds one",
			func(p string) bool { return p != "." },
			func(i string) bool { return under(i, "static") }},
		{"static is files alone", "a package whose only job is to embed",
			func(p string) bool { return under(p, "static") },
			func(i string) bool { return i != "embed" }},
		{"enter knows no Lab", "how a terminal and a server meet is the same whatever the server then runs",
			func(p string) bool { return p == "enter" },
			func(i string) bool { return ours(i) }},
		{"only main lets programs in", "the engine starts a program when it is told to; who may tell it is decided outside",
			func(p string) bool { return p != "." },
			func(i string) bool { return i == "enter" }},
		{"segments are pure", "bytes in, facts out: a segment is decoded the same on every system",
			func(p string) bool { return p == "playground/segment" },
			func(i string) bool { return ours(i) || system(i) }},
		{"the wire knows no kernel", "it carries packets from port to port, a test's included",
			func(p string) bool { return p == "playground/wire" },
			func(i string) bool { return ours(i) && i != "playground/segment" || system(i) }},
		{"pcapng is a format", "it knows what a file holds, and nothing of who made the packets",
			func(p string) bool { return p == "playground/pcapng" },
			func(i string) bool { return ours(i) || system(i) }},
		{"a demo is a text", "what it says can be read and checked without anything that could carry it out",
			func(p string) bool { return p == "playground/demo" },
			func(i string) bool { return ours(i) || system(i) }},
		{"programs are written, not run", "what was done comes in and text goes out, the same for a recording as for a session",
			func(p string) bool { return p == "playground/code" },
			func(i string) bool { return ours(i) || system(i) }},
		{"a capture looks on", "it reads this machine's packets for whoever asks",
			func(p string) bool { return p == "playground/capture" },
			func(i string) bool { return ours(i) && i != "playground/lag" }},
		{"how far a reader has come is counted anywhere", "a capture and a Lab ask the same of what they read",
			func(p string) bool { return p == "playground/lag" },
			func(i string) bool { return ours(i) }},
		{"only the Lab makes networks", "namespaces, devices and routes have one place where they are made and ended",
			func(p string) bool { return !under(p, "playground/lab") },
			func(i string) bool { return strings.HasPrefix(i, "github.com/vishvananda/") }},
		{"nobody imports main's neighbours upward", "arrows point one way, so that every package can be understood without those above it",
			func(p string) bool { return !under(p, "web") && p != "." },
			func(i string) bool { return under(i, "web") }},
	}
	all := packages(t)
	for _, want := range []string{".", "web", "enter", "playground", "playground/sockdiag", "playground/owner", "playground/lab",
		"playground/wire", "playground/segment", "playground/pcapng", "playground/code", "playground/capture", "playground/lag", "playground/demo", "playground/demos", "static"} {
		if _, ok := all[want]; !ok {
			t.Errorf("there is no package %s; the rules below would hold of nothing", want)
		}
	}
	for _, r := range rules {
		applied := false
		for name, p := range all {
			if !r.applies(name) {
				continue
			}
			applied = true
			for _, i := range p.Imports {
				if i = within(i); i != name && r.denied(i) {
					t.Errorf("%s imports %s, against %q: %s", name, i, r.name, r.reason)
				}
			}
			for _, i := range slices.Concat(p.TestImports, p.XTestImports) { // a test may use the network as it likes
				if i = within(i); i != name && r.denied(i) && (under(i, "web") || under(i, "static") || i == "playground") {
					t.Errorf("a test of %s imports %s, against %q: %s", name, i, r.name, r.reason)
				}
			}
		}
		if !applied {
			t.Errorf("the rule %q applies to no package", r.name)
		}
	}
}

// TestNoSleep: a test waits for a fact. One that sleeps is slow on a quick machine and wrong on a busy one.
func TestNoSleep(t *testing.T) {
	looked := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || len(d.Name()) > 1 && d.Name()[0] == '.'):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		looked++
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
					t.Errorf("%s: time.Sleep in a test; wait for the fact instead", files.Position(s.Pos()))
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if looked < 3 {
		t.Errorf("only %d test files were found", looked)
	}
}

// TestOtherSystems: the program and its tests compile for the systems that it is meant for.
func TestOtherSystems(t *testing.T) {
	for _, system := range []string{"darwin/arm64", "windows/amd64", "linux/arm64"} {
		goos, goarch, _ := strings.Cut(system, "/")
		cmd := exec.Command("go", "vet", "./...")
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", system, err, out)
		}
	}
}
