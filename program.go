package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"socketplayground/playground"
)

// plainPath is what a shell takes as it stands.
var plainPath = regexp.MustCompile(`^[\w./+-]+$`)

// goRun is where go run has its executables: in a temporary folder, which goes with the program, and from the second time
// on in Go's build cache, from which they go with time (CacheExecutable of cmd/go/internal/work, Go 1.24; DiskCache of
// cmd/go/internal/cache names the folder xx/HASH-d). Neither is a path to be typed later.
var goRun = regexp.MustCompile(`/(go-build\d+/b\d+/exe|[0-9a-f]{2}/[0-9a-f]{64}-d)/[^/]+$`)

// calledAs is what a person types to run the program at a path once more: its name where the shell finds it by that, else
// the path.
func calledAs(path string) string {
	const name = "socketplayground"
	if found, err := exec.LookPath(name); err == nil && sameFile(found, path) {
		return name
	}
	switch {
	case goRun.MatchString(filepath.ToSlash(path)):
		return "go run ."
	case plainPath.MatchString(path):
		return path
	default:
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// programVariable makes the program that finds it in its environment a client of that address, and nothing else.
const programVariable = "SOCKETPLAYGROUND_DIAL"

// secondProcess is how demos start a process that is not the playground. Only main may hand it on (playground.Program).
func secondProcess(ctx context.Context, address string) *exec.Cmd {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), programVariable+"="+address)
	return cmd
}

// dialAndHold is that process: it dials, says so, and holds the connection until its standard input ends. It reads
// nothing from the connection.
func dialAndHold(address string, stdin io.Reader, stdout io.Writer) int {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		fmt.Fprintln(stdout, err)
		return exitFailed
	}
	fmt.Fprintln(stdout, playground.ProgramReady)
	_, _ = io.Copy(io.Discard, stdin)
	conn.Close()
	return exitOK
}
