package main

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReadmeSession runs the README's command-line session against the real program.
func TestReadmeSession(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", dir+"/", "socketplayground", "socketplayground/examples/cli").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	for _, args := range [][]string{{"-addr", "127.0.0.1:0"}, {"-addr", "127.0.0.1:0", "-require-code"}} {
		session(ctx, t, dir, args)
	}
}

// session runs the client against a program that is started with the arguments.
func session(ctx context.Context, t *testing.T, dir string, args []string) {
	t.Helper()
	server := exec.CommandContext(ctx, filepath.Join(dir, "socketplayground"), args...)
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait() // killed
	}()
	first, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, host, _ := strings.Cut(first, "http://")
	host, _, _ = strings.Cut(host, " ")

	out, err := exec.CommandContext(ctx, filepath.Join(dir, "cli"), host).CombinedOutput()
	if err != nil {
		t.Fatalf("cli: %v\n%s", err, out)
	}
	rest := string(out)
	for _, want := range []string{
		`S1 state_changed CLOSED LISTEN`,
		`C1 call_returned Dial "tcp",`,
		`C1 call_returned Read 6, nil`,
		` TIME_WAIT`,
	} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("no %q after the lines before it:\n%s", want, out)
		}
		rest = after
	}
}
