//go:build !unix

package main

// descriptors is how many descriptors sockets may use; 0 leaves it to the playground.
func descriptors() int64 { return 0 }

// connections is how many connections the page may have that are no viewers; 0 leaves it to package web.
func connections() int { return 0 }
