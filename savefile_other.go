//go:build !unix

package main

import (
	"io/fs"
	"os"
)

// takeAfter gives a new file the permissions of the one that it is to replace.
func takeAfter(f *os.File, old fs.FileInfo) { _ = f.Chmod(old.Mode().Perm()) }
