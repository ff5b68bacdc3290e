package playground

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processOf finds who holds a socket, by its inode, as far as our rights let us look into /proc (proc(5), /proc/pid/fd).
// It reads every descriptor of every process: some milliseconds, so only for a socket met for the first time.
func processOf(inode uint32) (Process, bool) {
	want := fmt.Sprintf("socket:[%d]", inode)
	dirs, err := filepath.Glob("/proc/[0-9]*/fd")
	if err != nil {
		return Process{}, false
	}
	for _, dir := range dirs {
		fds, err := os.ReadDir(dir)
		if err != nil {
			continue // not ours to look at, or gone
		}
		for _, fd := range fds {
			if link, err := os.Readlink(filepath.Join(dir, fd.Name())); err != nil || link != want {
				continue
			}
			home := filepath.Dir(dir)
			name, err := os.ReadFile(filepath.Join(home, "comm"))
			pid, _ := strconv.Atoi(filepath.Base(home))
			return Process{PID: pid, Name: strings.TrimSpace(string(name))}, err == nil
		}
	}
	return Process{}, false
}
