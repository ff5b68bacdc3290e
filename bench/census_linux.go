package main

import (
	"os"
	"runtime"
	"time"
)

// counted is what a process may leak.
type counted struct{ descriptors, goroutines int }

func census() counted {
	c := counted{goroutines: runtime.NumGoroutine()}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		c.descriptors = len(fds)
	}
	return c
}

// more says whether there is more of either.
func (c counted) more(than counted) bool {
	return c.descriptors > than.descriptors || c.goroutines > than.goroutines
}

// settled is a census, once there is no more than there was, or after 5 s: what was told to end takes a moment.
func settled(before counted) counted {
	now := census()
	for end := time.Now().Add(5 * time.Second); now.more(before) && time.Now().Before(end); now = census() {
		time.Sleep(50 * time.Millisecond)
	}
	return now
}
