//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "kernelfacts: it asks Linux; run it there")
	os.Exit(1)
}
