// Testsummary reads what go test -json writes and prints what a person wants to see: a line a package, and the whole
// output of what failed or was skipped. It fails if a test failed or, where CI is set, was skipped: a test that is not
// run proves nothing.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	os.Exit(summarise(os.Stdin, os.Stdout, os.Getenv("CI") != ""))
}

// event is a line of go test -json (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

type name struct{ pkg, test string }

// summarise returns the exit code.
func summarise(in io.Reader, out io.Writer, strict bool) int {
	output := map[name]*strings.Builder{} // of what has not ended yet
	failedBelow := map[string]bool{}      // packages with a failed test
	tests := map[string]int{}             // passed, by package
	var passed, failed, skipped int
	say := func(n name, word string) {
		fmt.Fprintf(out, "--- %s: %s %s\n", word, n.pkg, n.test)
		if o := output[n]; o != nil {
			fmt.Fprint(out, o.String())
		}
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil { // a message of the go command itself
			fmt.Fprintln(out, lines.Text())
			continue
		}
		n := name{e.Package, e.Test}
		switch e.Action {
		case "output":
			if output[n] == nil {
				output[n] = &strings.Builder{}
			}
			output[n].WriteString(e.Output)
			continue
		case "build-output":
			fmt.Fprint(out, e.Output)
			continue
		case "pass", "fail", "skip":
		default:
			continue
		}
		switch {
		case e.Test == "" && e.Action == "pass":
			fmt.Fprintf(out, "ok    %-45s %4d passed %8.1fs\n", e.Package, tests[e.Package], e.Elapsed)
		case e.Test == "" && e.Action == "fail":
			if !failedBelow[e.Package] { // it did not build, or ended outside a test
				failed++
				say(n, "FAIL")
			}
			fmt.Fprintf(out, "FAIL  %-45s %4d passed %8.1fs\n", e.Package, tests[e.Package], e.Elapsed)
		case e.Test == "": // a package without tests is no skipped test
		case e.Action == "pass":
			passed++
			tests[e.Package]++
		case e.Action == "fail":
			failed++
			failedBelow[e.Package] = true
			say(n, "FAIL")
		case e.Action == "skip":
			skipped++
			say(n, "SKIP")
		}
		delete(output, n)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(out, "reading the output of go test:", err)
		failed++
	}
	if passed+failed+skipped == 0 {
		fmt.Fprintln(out, "no test was run")
		failed++
	}
	fmt.Fprintf(out, "go test: %d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if strict && skipped > 0 {
		fmt.Fprintln(out, "In CI a skipped test is a failure.")
		return 1
	}
	if failed > 0 {
		return 1
	}
	return 0
}
