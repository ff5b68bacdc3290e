package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"socketplayground/playground"
	"socketplayground/playground/demo"
	"socketplayground/playground/demos"
	"socketplayground/playground/kernel"
	"socketplayground/playground/lab"
	"socketplayground/playground/owner"
)

// exitNotObserved is that of a run in which nothing failed, and something that was to be checked could not be seen here.
const exitNotObserved = 3

const runHelp = `Runs demos without a page, and says what was seen: TAP (testanything.org), with the story and the ladder as comments.
A DEMO is the id of one that comes with the playground (see socketplayground demos), a demo file, or - for standard
input; all is every one that comes with it. The exit code is 0 if every check passed, 1 if one failed, and 3 if none
failed but something could not be observed on this system: a check, or a single segment for -pcapng. A TAP harness such
as prove, which sets HARNESS_ACTIVE, takes any code but 0 for a failure: there 3 becomes 0, and the TAP says SKIP.

Usage: socketplayground run [flags] DEMO...|all

`

// runConfig is what the command line of run says.
type runConfig struct {
	names    []string // of demos, as they were typed
	files    []demos.File
	language string
	json     bool
	network  string // of demos that run in either
	pcapng   string // file to write; empty: none
	record   string
	// They are nil where they are not wanted.
	pcapngFile, recordFile *savedFile
	parallel               int
	brief                  bool
	lab                    bool
	guardian               bool // as in config
	program                playground.Program
	capture                bool
	level                  slog.Level
}

// parseRun reads the command line of run, and the demos. done: the program ends here, with that exit code.
func parseRun(args []string, stdin io.Reader, stdout, stderr io.Writer) (cfg runConfig, code int, done bool) {
	if cfg, code, done = parseRunFlags(args, stdout, stderr); done {
		return cfg, code, true
	}
	if code = cfg.findAll(stdin, stderr); code != exitOK {
		return cfg, code, true
	}
	return cfg, exitOK, false
}

// parseRunFlags reads the command line and no demo.
func parseRunFlags(args []string, stdout, stderr io.Writer) (cfg runConfig, code int, done bool) {
	flags := flag.NewFlagSet("socketplayground run", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&cfg.language, "lang", "en", "`language` of the story, the checks and what went wrong: en or zh")
	flags.BoolVar(&cfg.json, "json", false, "write one JSON object a demo instead of TAP")
	network := flags.String("network", "", "where a demo that can run in either does: lab or `host`, which is this machine; the lab where there is one")
	flags.StringVar(&cfg.pcapng, "pcapng", "", "write the segments of one demo to this `file`, for Wireshark, tcpdump …")
	flags.StringVar(&cfg.record, "record", "", "write all events of one demo to this `file`, one JSON object a line")
	flags.IntVar(&cfg.parallel, "parallel", 1, "how many demos run at the same time in Labs of their own; output stays in order")
	flags.BoolVar(&cfg.brief, "brief", false, "checks only: no story, no ladder")
	flags.BoolVar(&cfg.lab, "lab", true, "offer the Lab, for which the program runs itself again in a user namespace where it is not root")
	flags.BoolVar(&cfg.capture, "capture", true, "capture segments on this machine's loopback where the program may")
	flags.TextVar(&cfg.level, "log-level", slog.LevelError, "`level` of what is logged: debug, info, warn or error")
	refuse := func(format string, args ...any) (runConfig, int, bool) {
		fmt.Fprintf(cleaned{stderr}, "socketplayground: %s\n", said(cfg.language, fmt.Sprintf(format, args...)))
		return cfg, exitUsage, true
	}
	err := flags.Parse(args)
	names := flags.Args()
	// Flags may come after the demos too, as in: run handshake-and-close -json.
	for err == nil && len(names) > 0 {
		i := slices.IndexFunc(names, func(n string) bool { return len(n) > 1 && n[0] == '-' })
		if i < 0 {
			break
		}
		before := slices.Clone(names[:i])
		err = flags.Parse(names[i:])
		names = append(before, flags.Args()...)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return cfg, told(stdout, stderr, func(stdout, _ io.Writer) int { return help(flags, runHelp, stdout) }), true
	case err != nil:
		return refuse("%s; run socketplayground run -help for the flags", clean(err.Error()))
	case len(names) == 0:
		return refuse("say which demo is to run, or all; socketplayground demos lists them")
	case cfg.language != "en" && cfg.language != "zh":
		return refuse("-lang %s: the languages are en and zh", clean(cfg.language))
	case cfg.parallel < 1 || cfg.parallel > 64:
		return refuse("-parallel %d: it is a number from 1 to 64", cfg.parallel)
	}
	switch *network {
	case "":
	case "lab":
		cfg.network = demo.NetworkLab
	case "host":
		cfg.network = demo.NetworkMachine
	default:
		return refuse("-network %s: it is lab or host", clean(*network))
	}
	cfg.names = names
	return cfg, exitOK, false
}

// findAll reads the demos that were named. Its exit code is exitOK where all can run.
func (cfg *runConfig) findAll(stdin io.Reader, stderr io.Writer) int {
	refuse := func(format string, args ...any) int {
		fmt.Fprintf(cleaned{stderr}, "socketplayground: %s\n", said(cfg.language, fmt.Sprintf(format, args...)))
		return exitUsage
	}
	for _, name := range cfg.names {
		list, err := find(name, stdin)
		if err != nil {
			return refuse("%s", saidError(cfg.language, err))
		}
		cfg.files = append(cfg.files, list...)
	}
	if (cfg.pcapng != "" || cfg.record != "") && len(cfg.files) != 1 {
		return refuse("-pcapng and -record write the file of one demo, and %d were named", len(cfg.files))
	}
	return exitOK
}

// find gives the demos that a person names.
func find(name string, stdin io.Reader) ([]demos.File, error) {
	if name == "all" {
		return demos.All(), nil
	}
	if f, ok := demos.Find(name); ok {
		return []demos.File{f}, nil
	}
	f, err := readDemo(name, stdin)
	if errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(name, "./\\") {
		return nil, fmt.Errorf("there is no demo %q, nor a file of that name; socketplayground demos lists them", name)
	}
	return []demos.File{f}, err
}

// readDemo reads a demo file; - is standard input.
func readDemo(name string, stdin io.Reader) (demos.File, error) {
	source := stdin
	if name == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return demos.File{}, cleanError{err}
		}
		defer f.Close()
		source = f
	}
	text, err := io.ReadAll(io.LimitReader(source, demo.MaxBytes+1))
	if err != nil {
		return demos.File{}, cleanError{err}
	}
	d, err := demo.Parse(text, playground.VetDemo)
	if err != nil {
		return demos.File{}, fmt.Errorf("%s is no demo that can run:\n%w", clean(name), err)
	}
	return demos.File{ID: d.ID, Text: text, Demo: d}, nil
}

// cleanError is an error that names a file, as one line.
type cleanError struct{ error }

func (e cleanError) Error() string { return clean(e.error.Error()) }
func (e cleanError) Unwrap() error { return e.error }

// runDemos is the subcommand run.
func runDemos(ctx context.Context, cfg runConfig, stdout, stderr io.Writer) int {
	return told(stdout, stderr, func(stdout, stderr io.Writer) int {
		if err := cfg.openFiles(); err != nil {
			fmt.Fprintln(stderr, "socketplayground:", clean(said(cfg.language, err.Error())))
			return exitUsage
		}
		defer cfg.pcapngFile.abandon()
		defer cfg.recordFile.abandon()
		code := runAll(ctx, cfg, cleaned{stdout}, stderr)
		if code == exitNotObserved && os.Getenv("HARNESS_ACTIVE") != "" && !cfg.json {
			return exitOK
		}
		return code
	})
}

// runAll runs the demos.
func runAll(ctx context.Context, cfg runConfig, stdout, stderr io.Writer) int {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: cfg.level}))
	labs := playground.Labs{Support: lab.Support{Reason: "The playground was started without the Lab; leave out -lab=false."}}
	if cfg.lab {
		labs = openLabs(cfg.guardian, logger)
		defer labs.Close()
	}
	r := &runner{cfg: cfg, labs: labs, owners: lab.Witness().Find, logger: logger}
	results := make([]*result, len(cfg.files))
	outputs := make([]*output, len(cfg.files))
	for i := range outputs {
		outputs[i] = newOutput()
	}
	places := make(chan struct{}, cfg.parallel)
	var wg sync.WaitGroup
	go func() { // ends when every demo has begun; wg is waited for below
		for i, f := range cfg.files {
			places <- struct{}{}
			wg.Go(func() {
				defer func() { <-places }()
				defer outputs[i].Close()
				results[i] = r.run(ctx, i, f, outputs[i])
			})
		}
	}()
	if !cfg.json {
		// What is printed is valid by version 14 too, whose subtests are comments and unknown lines to this one. But
		// Test::Harness takes 13 and no later one.
		fmt.Fprintf(stdout, "TAP version 13\n1..%d\n# on %s\n", len(cfg.files), kernel.This())
	}
	code := exitOK
	for i := range outputs {
		if _, err := io.Copy(stdout, outputs[i]); err != nil { // nobody will know what the others would say
			stop()
			_, _ = io.Copy(io.Discard, outputs[i]) // until its result is there
		}
		switch results[i].Verdict {
		case playground.VerdictPassed:
		case playground.VerdictNotObserved:
			if code == exitOK {
				code = exitNotObserved
			}
		default:
			code = exitFailed
		}
	}
	wg.Wait()
	if !cfg.json {
		summary(stdout, cfg.language, results)
	}
	return code
}

// summary says what became of the demos, and what could not be observed.
func summary(w io.Writer, language string, results []*result) {
	counts := map[string]int{}
	for _, r := range results {
		counts[r.Verdict]++
	}
	ran := chosen(language, plural(len(results), "demo"), fmt.Sprintf("%d 个演示", len(results)))
	fmt.Fprintf(w, chosen(language, "# %s: %d passed, %d failed, %d not fully observed\n", "# %s：%d 个通过，%d 个失败，%d 个未能完全观察\n"), ran,
		counts[playground.VerdictPassed], counts[playground.VerdictFailed]+counts[playground.VerdictStopped], counts[playground.VerdictNotObserved])
	reasons := map[string][]string{}
	for _, r := range results {
		for _, why := range r.unseen() {
			reasons[why] = append(reasons[why], r.Demo)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		names := reasons[why]
		slices.Sort(names)
		fmt.Fprintf(w, chosen(language, "# not observed: %s (%s)\n", "# 未能观察：%s（%s）\n"), clean(why), strings.Join(slices.Compact(names), ", "))
	}
}

// runner runs demos, each in a session of an engine of its own: what one leaves behind must not meet the next.
type runner struct {
	cfg    runConfig
	labs   playground.Labs
	owners func(inodes []uint32) map[uint32]owner.Process
	logger *slog.Logger
	host   sync.Mutex // this machine has every port once
}

// run runs one demo and writes what it sees.
func (r *runner) run(ctx context.Context, number int, f demos.File, w io.Writer) *result {
	network := f.Demo.Network
	if network == demo.NetworkEither {
		network = r.cfg.network
	}
	if network == "" {
		network = demo.NetworkMachine
		if r.labs.System != nil {
			network = demo.NetworkLab
		}
	}
	if network == demo.NetworkMachine {
		r.host.Lock()
		defer r.host.Unlock()
	}
	p := newProgress(w, r.cfg, number, f, network)
	p.begin()
	engine, session, end, err := r.open()
	if err != nil {
		return p.refused(err)
	}
	defer end()
	if _, err := session.Do(ctx, &playground.RunDemo{Text: string(f.Text), Network: network, Language: r.cfg.language}); err != nil {
		return p.refused(err)
	}
	if _, err := session.Log().Wait(ctx, 0, p.event); err != nil {
		return p.refused(fmt.Errorf("the run was ended: %w", err))
	}
	p.kept(keep(ctx, r.cfg, engine, session))
	return p.end()
}

// open makes an engine with one session.
func (r *runner) open() (*playground.Manager, *playground.Session, func(), error) {
	engine, err := playground.NewManager(playground.Config{
		Network: playground.NewMachine(playground.Policy{Local: isLocal}), Labs: r.labs, Program: r.cfg.program, Owners: r.owners,
		NoCapture: !r.cfg.capture, Logger: r.logger, Descriptors: descriptors(),
	})
	if err != nil {
		return nil, nil, nil, err
	}
	session, leave, err := engine.Open("")
	if err != nil {
		engine.Close()
		return nil, nil, nil, err
	}
	return engine, session, func() { leave(); engine.Close() }, nil
}
