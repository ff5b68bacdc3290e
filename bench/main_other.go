//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench: it measures with /proc and sched_setaffinity(2), so it needs Linux.")
	os.Exit(1)
}
