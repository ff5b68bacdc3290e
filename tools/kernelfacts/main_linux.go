// Kernelfacts asks the kernel that it runs on what the playground depends on, and prints the answers as JSON: the
// settings of TCP and their defaults, the size of TCP_INFO, when segments are repeated, how long waits are. It needs root.
// With -table it writes docs/kernels.md from such answers; tools/kernels runs both.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == nameSettings {
		fmt.Println(settingsHere("net/core/somaxconn"))
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "-table" {
		if err := table(os.Stdout, os.Args[2:]); err != nil {
			fail(err)
		}
		return
	}
	f, err := measure()
	if err != nil {
		fail(err)
	}
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		fail(err)
	}
	fmt.Printf("%s\n", b)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "kernelfacts:", err)
	os.Exit(1)
}
