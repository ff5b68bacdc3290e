package code_test

import (
	"fmt"
	"socketplayground/playground/code"
	"testing"
)

func TestShow(t *testing.T) {
	for _, l := range code.Languages() {
		fs, _ := code.Write(&code.Story{Network: "machine"}, l, code.Options{})
		for _, f := range fs {
			fmt.Println("=====", f.Name, f.Run, f.Sockets, f.Calls)
			fmt.Print(f.Text())
			fmt.Printf("%q\n", f.Output)
		}
	}
}
