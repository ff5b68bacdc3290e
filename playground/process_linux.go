package playground

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processesOf finds who holds sockets, by their inodes, as far as our rights let us look into /proc (proc(5),
// /proc/pid/fd). It reads every descriptor of every process: some milliseconds, however many sockets are asked for.
func processesOf(sockets map[uint32]*socket) map[uint32]Process {
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
			if _, wanted := sockets[inode]; !ok || !wanted {
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
			if len(found) == len(sockets) {
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
