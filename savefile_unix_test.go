//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSavedFileReplaces: what is written takes the place of what was there, with its permissions, behind symbolic links,
// and leaves nothing else in the directory.
func TestSavedFileReplaces(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put(t, at("old"), "old", 0o640)
	put(t, at("sub/far"), "far", 0o600)
	fresh, err := os.Create(at("fresh"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := fresh.Stat()
	fresh.Close()
	if err != nil {
		t.Fatal(err)
	}
	anew := info.Mode() // which the umask decides
	link(t, "sub/far", at("link"))
	link(t, "link", at("chain"))
	link(t, "sub/none", at("dangling"))
	link(t, "round", at("round"))
	for name, want := range map[string]struct {
		file string
		mode os.FileMode
	}{
		"new": {"new", anew}, "old": {"old", 0o640}, "link": {"sub/far", 0o600}, "chain": {"sub/far", 0o600}, "dangling": {"sub/none", anew},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, at(name), "of "+name)
			info, err := os.Lstat(at(want.file))
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, at(want.file)); got != "of "+name || info.Mode() != want.mode {
				t.Errorf("%s has %q, mode %v; want mode %v", want.file, got, info.Mode(), want.mode)
			}
		})
	}
	if _, err := openSaved(at("round")); err == nil || !strings.Contains(err.Error(), "symbolic links") {
		t.Errorf("a link to itself: %v", err)
	}
	for _, d := range []string{dir, at("sub")} {
		entries, err := os.ReadDir(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				t.Errorf("%s was left behind", e.Name())
			}
		}
	}
}

// TestSavedFileKeepsTheOld: where writing fails, or is given up, what was there is there still.
func TestSavedFileKeepsTheOld(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	put(t, name, "old", 0o600)
	s, err := openSaved(name)
	if err != nil {
		t.Fatal(err)
	}
	err = s.save(func(w io.Writer) error {
		_, _ = io.WriteString(w, "new, but not all of it")
		return &os.PathError{Op: "write", Path: s.temp, Err: syscall.ENOSPC}
	})
	if !errors.Is(err, syscall.ENOSPC) || err.Error() != name+" is not written: write: no space left on device" {
		t.Errorf("the error is %v", err)
	}
	if s, err = openSaved(name); err != nil {
		t.Fatal(err)
	}
	s.abandon()
	entries, err := os.ReadDir(filepath.Dir(name))
	if got := read(t, name); got != "old" || len(entries) != 1 || err != nil {
		t.Errorf("there is %q, and %d files, %v", got, len(entries), err)
	}
}

// TestSavedFileToAPipe: what cannot be replaced is written as it is.
func TestSavedFileToAPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		got <- string(b)
	}()
	write(t, name, "through it")
	if text := <-got; text != "through it" {
		t.Errorf("the reader got %q", text)
	}
	if info, err := os.Lstat(name); err != nil || info.Mode().Type() != os.ModeNamedPipe {
		t.Errorf("the pipe is now %v, %v", info, err)
	}
}

// TestFilesAreOpenedBeforeTheRun: a file that cannot be written is told at once, and nothing has run.
func TestFilesAreOpenedBeforeTheRun(t *testing.T) {
	demo := demoFile(t, "machine", opens, "      - C1 dial returns ok\n")
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "", 0o600)
	for _, args := range [][]string{
		{"-pcapng", filepath.Join(dir, "none", "x")}, {"-record", filepath.Join(dir, "none", "x")},
		{"-pcapng", dir}, {"-record", filepath.Join(dir, "file", "x")}, {"-record", filepath.Join(dir, "same"), "-pcapng", filepath.Join(dir, "same")},
	} {
		got := runIt(t, append(args, demo)...)
		if got.code != exitUsage || got.stdout != "" || !strings.HasPrefix(got.stderr, "socketplayground: "+args[0]) && !strings.Contains(got.stderr, "name two files") {
			t.Errorf("%v: exit code %d, %q, %q", args, got.code, got.stdout, got.stderr)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestFormatWritesBack: demo fmt -w keeps the file's permissions, and the file where it cannot be laid out.
func TestFormatWritesBack(t *testing.T) {
	name := demoFile(t, "machine", opens, "      - C1 dial returns ok\n")
	before := read(t, name)
	var stderr bytes.Buffer
	if code := workOnDemo([]string{"fmt", "-w", name}, nil, io.Discard, &stderr); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, name) == before || info.Mode() != 0o600 {
		t.Errorf("the file was not laid out, or has the mode %v", info.Mode())
	}
}

func put(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	s, err := openSaved(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.save(func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		t.Fatal(err)
	}
}
