package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCalledAs: what the page hands out runs this program in a person's shell, however it was started.
func TestCalledAs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "socketplayground")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cached := "ec/" + strings.Repeat("0a", 32) + "-d/socketplayground"
	for _, tt := range []struct{ path, shell, want string }{
		{path, dir, "socketplayground"},
		{path, t.TempDir(), path},
		{"/tmp/go-build2184/b001/exe/socketplayground", dir, "go run ."},
		{"/home/ann/.cache/go-build/" + cached, dir, "go run ."},
		{"/srv/cache/" + cached, dir, "go run ."}, // GOCACHE says so
		{"/home/ann/go-build/socketplayground", dir, "/home/ann/go-build/socketplayground"},
		{"/home/ann/go-builder2/socketplayground", dir, "/home/ann/go-builder2/socketplayground"},
		{"/home/ann/it's here/socketplayground", dir, `'/home/ann/it'\''s here/socketplayground'`},
		{"/opt/other/socketplayground", dir, "/opt/other/socketplayground"},
	} {
		t.Setenv("PATH", tt.shell)
		if got := calledAs(tt.path); got != tt.want {
			t.Errorf("%s, with %s in PATH: %s, want %s", tt.path, tt.shell, got, tt.want)
		}
	}
}
