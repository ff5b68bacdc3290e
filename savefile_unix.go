//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// takeAfter gives a new file the permissions of the one that it is to replace, and its owner where that may be done.
func takeAfter(f *os.File, old fs.FileInfo) {
	if s, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(s.Uid), int(s.Gid)) // needs rights where they are another's
	}
	_ = f.Chmod(old.Mode().Perm())
}
