package playground_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"socketplayground/playground/demo"
)

// TestTranslations: what this program says to a person, the page says in Chinese too (static/js/zh/server.js), found by
// the format that was filled in. So every such format stands there, none that is gone, and each with all of its values.
func TestTranslations(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, dir := range []string{".", "capture", "demo", "lab", "sockdiag", "wire", "../web"} {
		collect(t, dir, said)
	}
	chinese := dictionary(t, "../static/js/zh/server.js")
	for _, format := range slices.Sorted(maps.Keys(said)) {
		text, ok := chinese[format]
		if !ok {
			t.Errorf("%s: static/js/zh/server.js has no Chinese for %q", said[format], format)
			continue
		}
		for i := range verb.FindAllString(strings.ReplaceAll(format, "%%", ""), -1) {
			if !strings.Contains(text, fmt.Sprintf("{%d}", i)) {
				t.Errorf("static/js/zh/server.js: the Chinese of %q leaves out {%d}", format, i)
			}
		}
	}
	for _, format := range slices.Sorted(maps.Keys(chinese)) {
		if said[format] == "" {
			t.Errorf("static/js/zh/server.js: nothing here says %q any more", format)
		}
	}
}

// TestQuantitiesInChinese: a quantity has one Chinese name, in a check and in the sentence that says what it was.
func TestQuantitiesInChinese(t *testing.T) {
	t.Parallel()
	names := dictionary(t, "../static/js/zh/quantities.js")
	for name := range demo.Quantities {
		value := map[string]string{"word": "is tcp4", "number": "is 1", "duration": "is at least 1s"}[demo.Quantities[name]]
		switch name {
		case "option", "kernel socket": // whose checks are sentences of their own
			continue
		case "timer":
			value = "is none"
		}
		c, err := demo.ParseCheck(name + " of C1 " + value)
		if err != nil {
			t.Error(err)
		} else if names[name] == "" || !strings.Contains(c.ZH(), names[name]) {
			t.Errorf("%s is %q in a sentence, and in a check %q", name, names[name], c.ZH())
		}
	}
}

var (
	verb = regexp.MustCompile(`%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]`)
	// A sentence to a person begins with a capital letter or a value, and ends with a full stop; an error begins small.
	spoken = regexp.MustCompile(`(?s)^(?:[A-Z]|%[a-z]).* .*[.]$`)
	word   = regexp.MustCompile(`[a-z]{2}`)
)

// collect adds the sentences of the Go files in a directory, with the place of each: the literals that read as one,
// errors that say what to do, which the page gets as a capability's reason, the values of a kernel setting, and what
// was lost.
func collect(t *testing.T, dir string, said map[string]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	fset := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		add := func(n ast.Node, format string) { said[format] = fset.Position(n.Pos()).String() }
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.CallExpr:
				if format, ok := errorFormat(n); ok {
					add(n, format)
					return false
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Values" || key.Name == "What") {
					if format, ok := literal(n.Value); ok {
						add(n, format)
						return false
					}
				}
			case *ast.AssignStmt:
				// The values that the kernel itself says.
				if to, ok := n.Lhs[0].(*ast.SelectorExpr); ok && to.Sel.Name == "Values" {
					if call, ok := n.Rhs[0].(*ast.CallExpr); ok {
						if format, ok := literal(call.Args[0]); ok {
							add(n, format)
							return false
						}
					}
				}
			case ast.Expr:
				if format, ok := literal(n); ok {
					if spoken.MatchString(format) && word.MatchString(verb.ReplaceAllString(format, "")) {
						add(n, format)
					}
					return false
				}
			}
			return true
		})
	}
}

// errorFormat is the format of an error that says what to do, as sentence in capability.go changes it.
func errorFormat(call *ast.CallExpr) (string, bool) {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || (f.Sel.Name != "Errorf" && f.Sel.Name != "New") || len(call.Args) == 0 {
		return "", false
	}
	format, ok := literal(call.Args[0])
	if !ok || !strings.Contains(format, "; ") || !word.MatchString(verb.ReplaceAllString(format, "")) {
		return "", false
	}
	format = strings.TrimPrefix(strings.TrimPrefix(format, "lab: "), "capture: ")
	first, size := utf8.DecodeRuneInString(format)
	return string(unicode.ToUpper(first)) + format[size:] + ".", true
}

// literal is a string constant, or several joined; a part that is computed is a value.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, e.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, okLeft := literal(e.X)
		right, okRight := literal(e.Y)
		if e.Op != token.ADD || (!okLeft && !okRight) {
			return "", false
		}
		if !okLeft {
			left = "%s"
		}
		if !okRight {
			right = "%s"
		}
		return left + right, true
	}
	return "", false
}

var entry = regexp.MustCompile(`(?m)^  '((?:[^'\\]|\\.)*)':\s*'((?:[^'\\]|\\.)*)',$`)

// dictionary reads a module that is one object of strings, an entry a line or two.
func dictionary(t *testing.T, path string) map[string]string {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	unquote := strings.NewReplacer(`\'`, `'`, `\\`, `\`, `\n`, "\n")
	all := map[string]string{}
	for _, m := range entry.FindAllStringSubmatch(string(source), -1) {
		all[unquote.Replace(m[1])] = unquote.Replace(m[2])
	}
	return all
}
