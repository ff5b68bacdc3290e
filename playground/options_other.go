//go:build !linux

package playground

import "errors"

// optionSupport says why this system cannot set an option; empty where it can.

func optionSupport(string) (why string) {
	return "Socket options by name are built for Linux only."
}

var errNoOptions = errors.New("socket options by name are built for Linux only")

func setOption(uintptr, string, any, bool) error { return errNoOptions }

func getOption(uintptr, string, bool) (any, error) { return nil, errNoOptions }
