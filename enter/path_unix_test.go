//go:build linux || darwin

package enter_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"socketplayground/enter"
)

func TestDirectory(t *testing.T) {
	t.Setenv(enter.DirectoryVariable, "")
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/1")
	if got, want := enter.Directory(), "/run/user/1/socketplayground"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("TMPDIR", "/elsewhere")
	if got := enter.Directory(); !strings.HasPrefix(got, "/elsewhere/socketplayground-") {
		t.Errorf("got %s", got)
	}
	t.Setenv(enter.DirectoryVariable, "/chosen")
	if got, want := enter.Directory(), "/chosen"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPath(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(t *testing.T, dir string)
		ok   bool
	}{
		{"not there yet", func(*testing.T, string) {}, true},
		{"there", func(t *testing.T, dir string) { mkdir(t, dir, 0o700) }, true},
		{"others may look", func(t *testing.T, dir string) { mkdir(t, dir, 0o755) }, false},
		{"others may write", func(t *testing.T, dir string) { mkdir(t, dir, 0o777) }, false},
		{"a link", func(t *testing.T, dir string) {
			mkdir(t, dir+"2", 0o700)
			if err := os.Symlink(dir+"2", dir); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"a file", func(t *testing.T, dir string) {
			if err := os.WriteFile(dir, nil, 0o700); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"a FIFO", func(t *testing.T, dir string) {
			if err := syscall.Mkfifo(dir, 0o700); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"another user's", func(t *testing.T, dir string) {
			if os.Getuid() != 0 {
				t.Skip("giving a directory away needs root")
			}
			mkdir(t, dir, 0o700)
			if err := os.Chown(dir, 65534, 65534); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parent, err := os.MkdirTemp("", "enter")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(parent)
			dir := filepath.Join(parent, "d")
			t.Setenv(enter.DirectoryVariable, dir)
			tt.make(t, dir)
			path, err := enter.Path(8080, mine)
			if !tt.ok {
				if err == nil || !strings.Contains(err.Error(), "mode 0700") {
					t.Errorf("got %q, %v; want a sentence", path, err)
				}
				return
			}
			if err != nil || path != filepath.Join(dir, "8080.sock") {
				t.Fatalf("got %q, %v", path, err)
			}
			if info, err := os.Lstat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("got %v, %v; want a directory of mode 0700", info, err)
			}
		})
	}
	t.Run("too long", func(t *testing.T) {
		t.Setenv(enter.DirectoryVariable, "/"+strings.Repeat("x", 100))
		if path, err := enter.Path(8080, mine); err == nil {
			t.Errorf("got %s", path)
		}
	})
}

func mkdir(t *testing.T, dir string, mode os.FileMode) {
	t.Helper()
	if err := os.Mkdir(dir, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}
