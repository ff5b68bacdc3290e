// Socket Playground serves a page on which people open, write to and close real TCP sockets, and see what the
// program called and what state the kernel went through.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"socketplayground/enter"
	"socketplayground/playground"
	"socketplayground/playground/lab"
	"socketplayground/static"
	"socketplayground/web"
)

func main() {
	if address := os.Getenv(programVariable); address != "" {
		os.Exit(dialAndHold(address, os.Stdin, os.Stdout))
	}
	// A reader of ours that goes away is told as any other error of writing: what runs then is ended in good order.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	args := os.Args[1:]
	if len(args) > 0 {
		switch args[0] {
		case "exec":
			os.Exit(execute(args[1:], os.Stdin, os.Stdout, os.Stderr))
		case "demos":
			os.Exit(listDemos(args[1:], os.Stdout, os.Stderr))
		case "demo":
			os.Exit(workOnDemo(args[1:], os.Stdin, os.Stdout, os.Stderr))
		case "run":
			mainRun(args[1:])
		}
	}
	cfg, code, done := parse(args, os.Stdout, os.Stderr)
	if done {
		os.Exit(code)
	}
	if cfg.lab {
		// There the user may have another number, after which the directory is called.
		_ = os.Setenv(enter.DirectoryVariable, enter.Directory()) // fails only for a bad name
		if handled, code := lab.Reexec(); handled {
			os.Exit(code)
		}
		cfg.guardian = true
	}
	cfg.program = secondProcess
	if os.Getenv("GOMEMLIMIT") == "" { // who sets it knows better
		debug.SetMemoryLimit(playground.MemoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(serve(ctx, cfg, os.Stdout, os.Stderr))
}

// mainRun is main where demos run without a page; it does not return.
func mainRun(args []string) {
	cfg, code, done := parseRunFlags(args, os.Stdout, os.Stderr)
	if done {
		os.Exit(code)
	}
	if cfg.lab {
		if handled, code := lab.Reexec(); handled {
			os.Exit(code)
		}
		cfg.guardian = true
	}
	if code := cfg.findAll(os.Stdin, os.Stderr); code != exitOK { // not before: standard input can be read once
		os.Exit(code)
	}
	cfg.program = secondProcess
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(runDemos(ctx, cfg, os.Stdout, os.Stderr))
}

// defaultAddr is where the page is served.
const defaultAddr = "localhost:8080"

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// shutdownTime is how long sockets and viewers get to end; a person who pressed Ctrl+C waits 2 s at most.
const shutdownTime = 1500 * time.Millisecond

// serve serves the page: it returns the exit code when ctx is over or something failed.
func serve(ctx context.Context, cfg config, stdout, stderr io.Writer) int {
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: cfg.level}))
	fail := func(err error) int {
		fmt.Fprintln(stderr, "socketplayground:", clean(err.Error()))
		return exitFailed
	}
	witness := lab.Witness()
	entrance, err := enterBy(cfg, witness)
	if err != nil {
		return fail(err)
	}
	policy := playground.Policy{Any: cfg.any, Targets: cfg.targets, Local: isLocal, Own: entrance.own()}
	labs := playground.Labs{Support: lab.Support{Reason: "The playground was started without the Lab; leave out -lab=false."}}
	if cfg.lab {
		labs = openLabs(cfg.guardian, logger)
	}
	programs, command := listenForExec(policy.Own[0], labs, witness, logger)
	sessions, err := playground.NewManager(playground.Config{
		Network: playground.NewMachine(policy), Labs: labs, Program: cfg.program, Exec: command, Owners: witness.Find,
		Exclude: ownPorts(policy.Own), NoCapture: !cfg.capture, Logger: logger, Descriptors: descriptors(),
	})
	if err != nil {
		return fail(err)
	}
	pages, err := web.New(web.Config{Sessions: sessions, Static: static.FS, Door: entrance.door, Version: version(), Logger: logger,
		Connections: connections(), Viewers: connections() / 2})
	if err != nil {
		return fail(err)
	}
	server := &http.Server{
		Handler:        pages,
		ConnState:      pages.ConnState,
		ConnContext:    pages.ConnContext,
		ReadTimeout:    5 * time.Second, // header and body; a WebSocket sets its own deadlines
		WriteTimeout:   30 * time.Second,
		IdleTimeout:    time.Minute,
		MaxHeaderBytes: 16 << 10,
		ErrorLog:       slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, len(entrance.listeners)+1)
	for _, l := range entrance.listeners {
		go func() { failed <- server.Serve(l) }() // ends with server.Close below
	}
	if _, err := fmt.Fprint(stdout, entrance.greeting()); err != nil {
		failed <- notWritten(err) // nobody knows where the page is
	}
	if cfg.open {
		url := entrance.urls()[0] // without the code: every user of this machine sees what programs are started with
		if err := openBrowser(url); err != nil {
			fmt.Fprintln(stderr, "socketplayground: no browser could be opened; open", url, "yourself:", err)
		}
	}

	running, stop := context.WithCancel(ctx)
	defer stop()
	var ends sync.WaitGroup // of what uses Labs
	if programs != nil {
		ends.Go(func() {
			if err := programs.Serve(running, inLab(sessions)); err != nil {
				logger.Warn("programs can be run in the Lab no more", "error", err)
			}
		})
	}
	ends.Go(func() {
		<-running.Done()
		sessions.Close()
		pages.Wait()
	})

	code := exitOK
	select {
	case <-ctx.Done():
	case err := <-failed:
		code = fail(err)
	}
	pages.Stop()
	stop()
	ended := make(chan struct{})
	go func() {
		ends.Wait()
		_ = labs.Close() // fails only if it was closed
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(shutdownTime): // a Close with linger may take longer than a person waits
	}
	server.Close()
	return code
}

const mainHelp = `Socket Playground: real TCP sockets in the browser.

Usage: socketplayground [flags]
       socketplayground exec [flags] -- COMMAND   runs a program in the Lab
       socketplayground run [flags] DEMO...|all   runs demos without a page
       socketplayground demos                     lists the demos
       socketplayground demo check|fmt FILE       checks a demo file, or lays it out
Each says more with -help.

`

// config is what the command line says.
type config struct {
	addr    string
	open    bool
	any     bool
	lab     bool
	capture bool
	targets []netip.Prefix
	hosts   []string // what Host may name beside the usual
	// requireCode has everybody asked for the code.
	requireCode bool
	// guardian has Labs end even if the program is killed; only main may set it, after lab.Reexec.
	guardian bool
	// program lets demos start a second process; only main may set it.
	program playground.Program
	level   slog.Level
}

// parse reads the flags. done: the program ends here, with that exit code.
func parse(args []string, stdout, stderr io.Writer) (cfg config, code int, done bool) {
	flags := flag.NewFlagSet("socketplayground", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // one sentence says what is wrong; the list of flags is for who asks for it
	flags.StringVar(&cfg.addr, "addr", defaultAddr, "`host:port` to serve the page on; localhost is 127.0.0.1 and ::1, and 0.0.0.0 every address of this machine, where the page asks for the code that is printed")
	flags.Func("allow-host", "a `name` by which browsers may reach the page beside localhost and the address in -addr, such as that of a proxy; exactly this one; may be repeated", func(s string) error {
		name, err := web.AllowedName(s)
		cfg.hosts = append(cfg.hosts, name)
		return err
	})
	flags.BoolVar(&cfg.requireCode, "require-code", false, "have the page ask everybody for the code that is printed; without this, programs of the user who runs the playground need none")
	flags.BoolVar(&cfg.open, "open", false, "open the page in the browser")
	flags.BoolVar(&cfg.capture, "capture", true, "show segments on this machine's loopback too, where the program may; fast traffic pays for it")
	flags.BoolVar(&cfg.lab, "lab", true, "offer the Lab, for which the program runs itself again in a user namespace where it is not root")
	targets := flags.String("targets", "", "what may be dialled beside loopback: `CIDRs` separated by commas, or any")
	flags.TextVar(&cfg.level, "log-level", slog.LevelWarn, "`level` of what is logged: debug, info, warn or error")
	show := flags.Bool("version", false, "print the version and end")
	usage := func(format string, args ...any) (config, int, bool) {
		fmt.Fprintf(cleaned{stderr}, "socketplayground: "+format+"\n", args...)
		return cfg, exitUsage, true
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return cfg, told(stdout, stderr, func(stdout, _ io.Writer) int { return help(flags, mainHelp, stdout) }), true
	case err != nil:
		return usage("%s; run socketplayground -help for the flags", clean(err.Error()))
	case flags.NArg() > 0:
		return usage("there is no command %q; run socketplayground -help for the flags", flags.Arg(0))
	}
	if *show {
		return cfg, told(stdout, stderr, func(stdout, _ io.Writer) int {
			fmt.Fprintln(stdout, "socketplayground", version())
			return exitOK
		}), true
	}
	if *targets == "any" {
		cfg.any = true
		return cfg, 0, false
	}
	for _, t := range strings.FieldsFunc(*targets, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(t)
		if a, aErr := netip.ParseAddr(t); err != nil && aErr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return usage("-targets: %q is not a CIDR such as 192.168.1.0/24, nor the word any", t)
		}
		cfg.targets = append(cfg.targets, p)
	}
	return cfg, 0, false
}

// isLocal says whether an address is one of this machine's.
func isLocal(a netip.Addr) bool { return slices.Contains(interfaceAddrs(), a) }

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
