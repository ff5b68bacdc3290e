package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"

	"socketplayground/playground"
)

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
