//go:build !linux

// Package labtest helps tests to see that a Lab is gone. There are Labs on Linux only.
package labtest
