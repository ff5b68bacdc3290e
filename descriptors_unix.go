//go:build unix

package main

import "syscall"

// reserve is how many descriptors are kept, of that many, for the page's own connections and the runtime, so that the
// page answers however many sockets are open.
func reserve(limit int64) int64 { return max(limit/8, 128) }

// descriptors is how many descriptors sockets may use.
func descriptors() int64 {
	limit, ok := descriptorLimit()
	if !ok {
		return 0
	}
	return max(limit-reserve(limit), 8)
}

// connections is how many connections the page may have that are no viewers, of which half as many may be: so the runtime
// has a quarter of the reserve at least. 0 is as many as package web has.
func connections() int {
	limit, ok := descriptorLimit()
	if !ok {
		return 0
	}
	return int(reserve(limit) / 2)
}

// descriptorLimit is how many descriptors there may be. Go has raised the soft limit to the hard one already.
func descriptorLimit() (limit int64, ok bool) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, false
	}
	return int64(min(uint64(l.Cur), 1<<20)), true
}
