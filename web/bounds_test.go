package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/web"
)

// noBound are constants that sound like a bound and are none that a command, a peer or a viewer meets, each with why.
var noBound = map[string]string{
	"playground.presetOwn":                "a word",
	"playground.maxNesting":               "of JSON, checked as it is decoded",
	"playground/capture.batchBytes":       "the one capture's buffer, of which there is one",
	"playground/capture.receiveBuffer":    "asked of the kernel, once",
	"playground/capture.wakeBurst":        "how often a reader is woken",
	"playground/demo.AtMost":              "a word",
	"playground/demo.ResultTimeout":       "a word",
	"playground/demo.maxErrors":           "of one demo file, which is short",
	"playground/lab.MaxMTU":               "wire.MaxMTU, for devices",
	"playground/lab.packetBuffer":         "asked of the kernel, a Lab",
	"playground/pcapng.maxText":           "the format's",
	"playground/segment.maxGaps":          "of a connection that is followed, counted with it",
	"playground/segment.maxHistory":       "of a connection that is followed: what is not acknowledged, which the kernel bounds by tcp_mem",
	"playground/sockdiag.maxDumpAttempts": "how often a look is repeated",
	"playground/sockdiag.receiveBuffer":   "of one socket of ours",
	"playground/wire.maxErrorV4":          "a packet's size (RFC 1812 §4.3.2.3)",
	"playground/wire.maxErrorV6":          "a packet's size (RFC 4443 §2.4)",
	"playground/wire.maxPacket":           "MaxMTU's value",
	"web.maxID":                           "a number's range",
}

// boundName is what the names of bounds look like; those of TCP's options begin with kind.
var boundName = regexp.MustCompile(`^(max|Max)[A-Z]|^(?:[^k]|k[^i]).*(Bytes|Budget|Limit|Burst|Rate|Linger|Life|Timeout|Own|Common|Overhead|Buffer)$`)

// TestBoundsAreWhole: every bound that the code has stands in the table, and the worst that they allow together fits
// into the memory that the process asks for.
func TestBoundsAreWhole(t *testing.T) {
	t.Parallel()
	var constants []string
	used := map[string]bool{}
	for _, root := range []string{"../playground", "."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			pkg := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
			if pkg == "." {
				pkg = "web"
			}
			constants = append(constants, boundsOf(file, pkg)...)
			namesIn(file, pkg, used)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(constants) < 100 {
		t.Fatalf("only %d constants were found", len(constants))
	}
	for _, name := range constants {
		_, no := noBound[name]
		if in := used[name]; in == no {
			t.Errorf("%s: in the table %t, said to be no bound %t; it must be one of both", name, in, no)
		}
	}

	rows := map[string]bool{}
	var sum int64
	for _, b := range append(playground.Bounds(), web.Bounds()...) {
		if b.Name == "" || b.Reason == "" || b.Unit == "" || b.Scope == "" || b.Bound <= 0 || rows[b.Name] {
			t.Errorf("a row is not whole, or twice there: %+v", b)
		}
		rows[b.Name] = true
		if b.Worst > 0 {
			t.Logf("%4d MiB  %s: %d %s", b.Worst>>20, b.Name, b.Bound, b.Unit)
			if b.Scope != playground.OfProcess {
				t.Errorf("%s adds up, but is a bound of each %s", b.Name, b.Scope)
			}
		}
		sum += b.Worst
	}
	t.Logf("%4d MiB together", sum>>20)
	if sum > playground.MemoryLimit || playground.MemoryLimit >= 2<<30 {
		t.Errorf("the worst sum is %d bytes, the runtime is asked for %d", sum, int64(playground.MemoryLimit))
	}
}

// boundsOf are the constants of a file whose names are a bound's.
func boundsOf(file *ast.File, pkg string) (names []string) {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			for _, n := range s.(*ast.ValueSpec).Names {
				if boundName.MatchString(n.Name) {
					names = append(names, pkg+"."+n.Name)
				}
			}
		}
	}
	return names
}

// namesIn notes which constants a file's function Bounds names.
func namesIn(file *ast.File, pkg string, used map[string]bool) {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "Bounds" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					used["playground/"+x.Name+"."+n.Sel.Name] = true
				}
			case *ast.Ident:
				used[pkg+"."+n.Name] = true
			}
			return true
		})
	}
}
