//go:build unix

package enter

import (
	"io/fs"
	"os"
	"syscall"
)

// owned says whether the file is this user's.
func owned(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid()
}
