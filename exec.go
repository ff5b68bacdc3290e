package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"

	"socketplayground/enter"
	"socketplayground/playground"
	"socketplayground/playground/owner"
)

const execHelp = `Runs a program in the Lab of a playground that is running: its sockets are those of a host of the Lab, and the page
shows them. Everything else is as in this terminal, and so is the exit code; 125 means that the program was not run.

Usage: socketplayground exec [flags] -- COMMAND [ARGUMENT...]

`

// execute is the subcommand exec: it has the playground that serves a page run a program, and returns its exit code.
func execute(args []string, stdin, stdout, stderr *os.File) int {
	flags := flag.NewFlagSet("socketplayground exec", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	addr := flags.String("addr", defaultAddr, "`host:port` of the playground's page")
	host := flags.String("host", "client", "the `host` of the Lab: client or server")
	session := flags.Uint64("session", 0, "the `number` of the session, which the page shows; not needed if there is only one")
	refuse := func(err error) int {
		fmt.Fprintln(stderr, "socketplayground:", clean(err.Error()))
		return enter.ExitRefused
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return told(stdout, stderr, func(stdout, _ io.Writer) int { return help(flags, execHelp, stdout) })
	case err != nil:
		return refuse(fmt.Errorf("%w; run socketplayground exec -help for the flags", err))
	case *host != "client" && *host != "server":
		return refuse(fmt.Errorf("-host %s: the hosts are client and server", *host))
	}
	_, port, err := net.SplitHostPort(*addr)
	if err != nil {
		return refuse(fmt.Errorf("-addr %q is not host:port, such as %s", *addr, defaultAddr))
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return refuse(fmt.Errorf("-addr: port %q is not a number from 0 to 65535", port))
	}
	path, err := enter.Path(uint16(number), owner.NewLocal().Descriptor)
	if err != nil {
		return refuse(err)
	}
	code, err := enter.Exec(path, enter.Command{
		Host: *host, Session: *session, Args: flags.Args(), Stdin: stdin, Stdout: stdout, Stderr: stderr,
	})
	if err != nil {
		fmt.Fprintln(stderr, "socketplayground:", clean(err.Error()))
	}
	return code
}

// listenForExec makes the socket at which execute meets this playground, and says how to call that. nil where programs
// cannot be run here.
func listenForExec(at netip.AddrPort, labs playground.Labs, witness owner.Witness, logger *slog.Logger) (server *enter.Server, command string) {
	if labs.System == nil {
		return nil, ""
	}
	path, err := enter.Path(at.Port(), witness.Descriptor)
	if err == nil {
		server, err = enter.Listen(path, witness.Descriptor)
	}
	if err != nil {
		logger.Warn("programs cannot be run in the Lab", "error", err)
		return nil, ""
	}
	program, err := os.Executable()
	if err != nil {
		program = "socketplayground"
	}
	command = calledAs(program) + " exec"
	if addr := net.JoinHostPort("localhost", strconv.Itoa(int(at.Port()))); addr != defaultAddr {
		command += " -addr " + addr
	}
	return server, command
}

// inLab starts programs in the Labs of the sessions.
func inLab(sessions *playground.Manager) enter.Start {
	return func(_ context.Context, r enter.Request, cmd *exec.Cmd) (enter.Run, error) {
		gone, done, err := sessions.Start(r.Session, r.Host, cmd)
		return enter.Run{Gone: gone, Done: done}, err
	}
}
