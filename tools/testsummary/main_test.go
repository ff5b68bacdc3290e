package main

import (
	"strings"
	"testing"
)

func TestSummarise(t *testing.T) {
	const (
		pass = `{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.1}`
		skip = `{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:1: needs a thing\n"}
{"Action":"skip","Package":"p","Test":"TestB"}`
		fail = `{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:1: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}`
		build = `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: undefined: x\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}`
	)
	tests := []struct {
		name, in string
		strict   bool
		want     int
		says     []string
	}{
		{"all pass", pass, true, 0, []string{"1 passed, 0 failed, 0 skipped"}},
		{"a failure is shown whole", pass + "\n" + fail, false, 1, []string{"--- FAIL: p TestC", "got 1, want 2", "1 passed, 1 failed"}},
		{"a skip is allowed at home", pass + "\n" + skip, false, 0, []string{"--- SKIP: p TestB", "needs a thing", "1 skipped"}},
		{"a skip fails in CI", pass + "\n" + skip, true, 1, []string{"1 skipped", "In CI a skipped test is a failure."}},
		{"a package that does not build", build, false, 1, []string{"undefined: x", "0 passed, 1 failed"}},
		{"a package without tests is none", pass + "\n" + `{"Action":"skip","Package":"q"}`, true, 0, []string{"0 skipped"}},
		{"nothing at all", "", false, 1, []string{"no test was run"}},
		{"the go command's own words", "go: no such package\n" + pass, false, 0, []string{"go: no such package"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			if got := summarise(strings.NewReader(tt.in), &out, tt.strict); got != tt.want {
				t.Errorf("exit code: got %d, want %d", got, tt.want)
			}
			for _, want := range tt.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the output lacks %q:\n%s", want, out.String())
				}
			}
		})
	}
}
