//go:build unix

package main

import "syscall"

// reservedDescriptors are kept for the page's own connections and the runtime, so that the page answers
// however many sockets are open.
const reservedDescriptors = 128

// descriptors is how many descriptors sockets may use. Go has raised the soft limit to the hard one already.
func descriptors() int64 {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0
	}
	return max(int64(min(uint64(l.Cur), 1<<20))-reservedDescriptors, 8)
}
