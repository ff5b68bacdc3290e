package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "soak" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		if err := soakMain(ctx, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "soak:", err)
			os.Exit(1)
		}
		return
	}
	rows := flag.String("rows", "", "the `rows` to measure, such as 1,3; none is all")
	reps := flag.Int("reps", 5, "interleaved `repetitions`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, strings.FieldsFunc(*rows, func(r rune) bool { return r == ',' }), *reps); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is a run: the programs, built, and what was found.
type bench struct {
	ctx     context.Context
	dir     string // of the programs
	reps    int
	results []result
}

// result is one line of the table.
type result struct {
	row, what, bar, measured string
	met                      verdict
}

type verdict int

const (
	met verdict = iota
	missed
	notMeasured
)

func (v verdict) String() string { return [...]string{"met", "MISSED", "not measured"}[v] }

func judge(ok bool) verdict {
	if ok {
		return met
	}
	return missed
}

func (b *bench) add(row, what, bar string, v verdict, format string, args ...any) {
	r := result{row, what, bar, fmt.Sprintf(format, args...), v}
	b.results = append(b.results, r)
	fmt.Printf("%-4s %-46s %-34s %s: %s\n", r.row, r.what, r.bar, r.met, r.measured)
}

func run(ctx context.Context, rows []string, reps int) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b, err := prepare(ctx, dir, reps)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		rows    []string
		measure func(*bench) error
	}{
		{[]string{"1", "2"}, throughput},
		{[]string{"3"}, roundTrip},
		{[]string{"4"}, manyConnections},
		{[]string{"5"}, memory},
		{[]string{"6"}, eventRate},
		{[]string{"9"}, encoding},
		{[]string{"10"}, drawing},
		{[]string{"11"}, pageLoad},
		{[]string{"12"}, captured},
		{[]string{"13"}, cable},
		{[]string{"14"}, states},
	} {
		if len(rows) > 0 && !slices.ContainsFunc(m.rows, func(r string) bool { return slices.Contains(rows, r) }) {
			continue
		}
		if err := m.measure(b); err != nil {
			return fmt.Errorf("row %s: %w", m.rows[0], err)
		}
	}
	b.table()
	return nil
}

// table prints the results as Markdown.
func (b *bench) table() {
	fmt.Printf("\n%s, %d cores, Linux; %d interleaved repetitions, medians\n\n", runtime.Version(), runtime.NumCPU(), b.reps)
	fmt.Println("| # | what | bar | measured | met |\n| --- | --- | --- | --- | --- |")
	for _, r := range b.results {
		fmt.Printf("| %s | %s | %s | %s | %s |\n", r.row, r.what, r.bar, r.measured, r.met)
	}
}

// prepare builds the playground and the yardstick in dir.
func prepare(ctx context.Context, dir string, reps int) (*bench, error) {
	b := &bench{ctx: ctx, dir: dir, reps: reps}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", dir+"/", "socketplayground", "socketplayground/bench/yardstick")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building: %w\n%s", err, out)
	}
	return b, nil
}

func (b *bench) startOurs(e *echo) (bridge, error) {
	p, err := start(b.ctx, filepath.Join(b.dir, "socketplayground"), "-addr", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &ours{proc: p, echo: e}, nil
}

func (b *bench) startYardstick(e *echo) (bridge, error) {
	p, err := start(b.ctx, filepath.Join(b.dir, "yardstick"), "-target", e.Addr().String())
	if err != nil {
		return nil, err
	}
	return &plain{label: "M", proc: p, echo: e}, nil
}

// startWebsockify gives nil where websockify is not installed.
func (b *bench) startWebsockify(e *echo) (bridge, error) {
	if _, err := exec.LookPath("websockify"); err != nil {
		return nil, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	l.Close() // websockify cannot say which port it was given
	ready := func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	}
	p, err := startAt(b.ctx, addr, ready, "websockify", addr, e.Addr().String())
	if err != nil {
		return nil, err
	}
	return &plain{label: "websockify", proc: p, echo: e}, nil
}

// contest starts the playground, M and, if it is there, websockify, in this order. Each has an echo server of its own:
// the playground captures the segments of the ports that it uses, and must not be kept busy by the others' traffic.
func (b *bench) contest() (all []bridge, stop func(), err error) {
	var echoes []*echo
	stop = func() {
		for _, c := range all {
			c.server().stop()
		}
		for _, e := range echoes {
			e.Close()
		}
	}
	for _, begin := range []func(*echo) (bridge, error){b.startOurs, b.startYardstick, b.startWebsockify} {
		e, err := listenEcho()
		if err != nil {
			return all, stop, err
		}
		echoes = append(echoes, e)
		c, err := begin(e)
		if err != nil {
			return all, stop, err
		}
		if c != nil {
			all = append(all, c)
		}
	}
	return all, stop, nil
}

// series are the figures of repetitions, by name of the bridge.
type series map[string][]float64

func (s series) add(name string, v float64) { s[name] = append(s[name], v) }

// ratio is the median of the ratios of two series, repetition by repetition.
func (s series) ratio(a, b string) float64 {
	var r []float64
	for i := range min(len(s[a]), len(s[b])) {
		r = append(r, s[a][i]/s[b][i])
	}
	return median(r)
}

func (s series) median(name string) float64 { return median(s[name]) }

func (s series) has(name string) bool { return len(s[name]) > 0 }

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

func quantile(v []time.Duration, q float64) time.Duration {
	v = slices.Sorted(slices.Values(v))
	return v[min(int(q*float64(len(v))), len(v)-1)]
}
