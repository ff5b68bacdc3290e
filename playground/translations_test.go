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

	"socketplayground/playground/chinese"
	"socketplayground/playground/demo"
)

// TestTranslations: what this program says to a person, the page says in Chinese too (static/js/zh/server.js), found by
// the format that was filled in. So every such format stands there, none that is gone, and each with all of its values.
func TestTranslations(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, dir := range []string{".", "capture", "demo", "lab", "sockdiag", "wire", "../web"} {
		collect(t, dir+"/*.go", said)
	}
	collect(t, "../run*.go", said) // with -lang zh
	translated := dictionary(t, "../static/js/zh/server.js")
	for _, format := range slices.Sorted(maps.Keys(said)) {
		text, ok := translated[format]
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
	for _, format := range slices.Sorted(maps.Keys(translated)) {
		if said[format] == "" {
			t.Errorf("static/js/zh/server.js: nothing here says %q any more", format)
		}
	}
}

// TestQuantitiesInChinese: a quantity, and a reason, has one Chinese name, in a check and in the sentence that says what it was.
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
	for _, reason := range demo.Reasons {
		c, err := demo.ParseCheck("C1 is CLOSED because " + reason)
		if err != nil {
			t.Error(err)
		} else if names[reason] == "" || !strings.HasSuffix(c.ZH(), names[reason]) {
			t.Errorf("%s is %q in a sentence, and in a check %q", reason, names[reason], c.ZH())
		}
	}
}

var (
	verb = regexp.MustCompile(`%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]`)
	// A sentence to a person begins with a capital letter or a value, and ends with a full stop; an error begins small.
	spoken = regexp.MustCompile(`(?s)^(?:[A-Z]|%[a-z]).* .*[.]$`)
	word   = regexp.MustCompile(`[a-z]{2}`)
)

// collect adds the sentences of Go files, with the place of each: the literals that read as one, errors that say what to do,
// which the page gets as a capability's reason, the values of a kernel setting, the unit of an option, and what was lost.
func collect(t *testing.T, pattern string, said map[string]string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files are %s: %v", pattern, err)
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
				for _, format := range fragments(filepath.Base(name), n) {
					add(n, format)
				}
				if format, ok := errorFormat(n); ok && !inSentences[filepath.Base(name)] {
					add(n, format)
					return false
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Values" || key.Name == "What" || key.Name == "unit") {
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

// fragments are the formats of what a call puts into a sentence, or makes one of, though it does not read as one: an error
// of a demo or of one of its checks, what a key of its file should have been.
func fragments(file string, call *ast.CallExpr) (list []string) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	switch name {
	case "fail", "wanted", "failedAs", "unseenAs", "invalid", "refuse", "conflict", "fields", "items":
	case "Errorf", "New", "Sprintf":
		if !inSentences[file] {
			return nil
		}
	default:
		return nil
	}
	for _, arg := range call.Args {
		if sprintf, ok := arg.(*ast.CallExpr); ok && len(sprintf.Args) > 0 {
			arg = sprintf.Args[0]
		}
		format, ok := literal(arg)
		switch {
		case !ok || !strings.Contains(format, " ") || !word.MatchString(verb.ReplaceAllString(format, "")):
		case name == "fields": // which begins sentences too
			list = append(list, format, strings.ToUpper(format[:1])+format[1:])
		default:
			list = append(list, format)
		}
	}
	return list
}

// inSentences are the files whose errors stand in a sentence: they end a demo, or say what is wrong in one or in a command.
var inSentences = map[string]bool{"demorun_act.go": true, "program.go": true, "democheck_quantity.go": true, "run.go": true, "runout.go": true, "parsecheck.go": true, "parseseg.go": true, "scan.go": true, "yaml.go": true, "format.go": true}

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

// dictionary reads a module of the page that is one.
func dictionary(t *testing.T, path string) chinese.Dictionary {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return chinese.Read(string(source))
}
