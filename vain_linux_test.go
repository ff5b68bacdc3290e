package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestNothingIsSaidInVain: who cannot be told anything is told so on standard error, and the exit code says it too.
func TestNothingIsSaidInVain(t *testing.T) {
	program := built.get(t, "socketplayground", ".", "build")
	demo := demoFile(t, "machine", opens, "      - C1 dial returns ok\n")
	commands := [][]string{
		{"-help"}, {"-version"}, {"-addr", "localhost:0"}, {"exec", "-help"}, {"demos"}, {"demos", "-json"}, {"demos", "-help"},
		{"demo", "-help"}, {"demo", "check", demo}, {"demo", "fmt", demo}, {"run", "-help"},
		{"run", "-lab=false", demo}, {"run", "-lab=false", "-json", demo}, {"run", "-lab=false", "-brief", "-parallel", "4", demo, demo, demo},
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here: ", err)
	}
	defer full.Close()
	reader, broken, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer broken.Close()
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	for to, why := range map[*os.File]syscall.Errno{full: syscall.ENOSPC, broken: syscall.EPIPE} {
		for _, args := range commands {
			cmd := exec.CommandContext(t.Context(), program, args...)
			var stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = to, &stderr
			err := cmd.Run()
			var exit *exec.ExitError
			want := "socketplayground: write: " + why.Error() + "\n"
			if !errors.As(err, &exit) || exit.ExitCode() != exitFailed || stderr.String() != want {
				t.Errorf("%v: %v, and it says %q, want %q", args, err, &stderr, want)
			}
		}
	}
}
