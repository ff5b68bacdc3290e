// Package owner finds the processes that hold sockets, by the sockets' inodes (proc(5), /proc/pid/fd), and says whether
// a socket or a file is of the user who runs this program.
//
// In a user namespace a program may not look at those of its own user's processes that are outside of it
// (cap_ptrace_access_check, security/commoncap.c), and the number of a user may stand for many. So a program that stayed
// outside can be asked: Serve there, Client here.
package owner

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Process is who holds a socket.
type Process struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
}

// Find finds who holds the sockets with these inodes, as far as our rights let us look. It reads every descriptor of
// every process: some milliseconds, however many sockets are asked for. Where there is no /proc it finds nobody.
func Find(inodes []uint32) map[uint32]Process {
	wanted := make(map[uint32]bool, len(inodes))
	for _, i := range inodes {
		wanted[i] = true
	}
	found := map[uint32]Process{}
	dirs, _ := filepath.Glob("/proc/[0-9]*/fd") // fails only for a bad pattern
	for _, dir := range dirs {
		fds, err := os.ReadDir(dir)
		if err != nil {
			continue // not ours to look at, or gone
		}
		for _, fd := range fds {
			link, _ := os.Readlink(filepath.Join(dir, fd.Name()))
			inode, ok := socketInode(link)
			if !ok || !wanted[inode] {
				continue
			}
			home := filepath.Dir(dir)
			name, err := os.ReadFile(filepath.Join(home, "comm"))
			if err != nil {
				break // gone
			}
			pid, _ := strconv.Atoi(filepath.Base(home))
			if _, known := found[inode]; !known { // a child may hold it too
				found[inode] = Process{PID: pid, Name: strings.TrimSpace(string(name))}
			}
			if len(found) == len(wanted) {
				return found
			}
		}
	}
	return found
}

// socketInode reads a link such as socket:[12345].
func socketInode(link string) (inode uint32, ok bool) {
	link, ok = strings.CutPrefix(link, "socket:[")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(link, "]"), 10, 32)
	return uint32(n), err == nil
}
