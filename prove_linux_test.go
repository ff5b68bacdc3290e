package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestProve: Perl's Test::Harness, which most people run TAP with, takes what run prints and how it ends.
func TestProve(t *testing.T) {
	prove, err := exec.LookPath("prove")
	if err != nil {
		t.Skip("prove (Debian's perl) is not installed")
	}
	program := built.get(t, "socketplayground", ".", "build")
	passes := demoFile(t, "machine", opens, "      - C1 dial returns ok\n")
	fails := demoFile(t, "machine", opens, "      - C1 dial returns ECONNREFUSED within 100ms\n")
	unseen := demoFile(t, "machine", opens, "      - C1 dial returns ok\n      - 'C1 sends data \"# TODO x\"'\n")
	for _, tt := range []struct {
		name   string
		args   []string
		passed bool
		want   []string // in what prove -v prints
	}{
		{"passed", []string{passes}, true, []string{"TAP version 13\n1..1\n", "    ok 1 - C1 dial returns ok\n", "    1..1\n", "All tests successful.", "Tests=1,", "Result: PASS"}},
		{"two passed", []string{"-brief", passes, passes}, true, []string{"1..2\n", "Tests=2,", "Result: PASS"}},
		{"failed", []string{fails}, false, []string{"\nnot ok 1 - small", "Failed test:  1", "Result: FAIL"}},
		{"one of two failed", []string{"-brief", passes, fails}, false, []string{"Failed test:  2", "Result: FAIL"}},
		{"not observed", []string{"-capture=false", unseen}, true, []string{"\nok 1 - small: 1 passed, 0 failed, 1 not observed", "# SKIP not observed: Segments cannot be observed here", "Result: PASS"}},
		{"no Lab", []string{"-lab=false", demoFile(t, "lab", opens, "      - C1 dial returns ok\n")}, true, []string{"1..1\n", "\nok 1 - small", "# SKIP not observed: The playground was started without the Lab", "Result: PASS"}},
		{"bad command line", []string{"nonsense"}, false, []string{"Result: FAIL"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			script := filepath.Join(t.TempDir(), "demo.t")
			line := "exec " + program + " run"
			for _, a := range tt.args {
				line += " '" + a + "'"
			}
			if err := os.WriteFile(script, []byte("#!/bin/sh\n"+line+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), prove, "--norc", "-v", "--exec", "", script).CombinedOutput()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if (err == nil) != tt.passed {
				t.Errorf("prove ends with %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("prove printed no %q:\n%s", want, out)
				}
			}
			if tt.name != "bad command line" && strings.Contains(string(out), "Parse errors") {
				t.Errorf("prove cannot read it:\n%s", out)
			}
		})
	}
}
