package playground_test

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"socketplayground/playground"
	"socketplayground/playground/code"
)

// run is one of the programs.
type run struct {
	*meeting
	file *code.File
	cmd  *exec.Cmd
	in   io.WriteCloser
	done chan error
	left func() // says to the session that it has ended

	gone   int            // the turns after which it was let go on
	helped map[string]int // how often Enter was pressed for a prompt of its own

	out, err output
	new      chan struct{} // it has printed something
}

// output is what a program prints.
type output struct {
	new chan struct{}

	mu  sync.Mutex
	all bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.new <- struct{}{}:
	default:
	}
	return o.all.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

func (r *run) start() {
	r.t.Helper()
	r.new, r.done = make(chan struct{}, 1), make(chan error, 1)
	r.out.new, r.err.new = r.new, r.new
	r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.err
	in, err := r.cmd.StdinPipe() // a program that waits for Enter waits
	if err != nil {
		r.t.Fatal(err)
	}
	r.in = in
	_, r.left, err = r.manager.Start(r.Number(), r.place(r.file.Host), r.cmd)
	if err != nil {
		r.t.Fatal(err)
	}
	go func() { r.done <- r.cmd.Wait() }() // ended by stop at the latest
}

// stop ends a program that has not ended by itself.
func (r *run) stop() {
	_ = r.cmd.Process.Kill() // it may be over
	<-r.done
	r.left()
}

// stops is how many turns the program has stopped for.
func (r *run) stops() int {
	out := r.out.String()
	return strings.Count(out, "Then Enter.\n") - strings.Count(out, code.OtherStarts) - strings.Count(out, code.OtherGoesOn)
}

// enter presses Enter.
func (r *run) enter() { _, _ = io.WriteString(r.in, "\n") } // the program may be over

// listens waits until the program has a listener.
func (r *run) listens(ctx context.Context) {
	r.t.Helper()
	r.wait(ctx, "it listens", func() bool {
		for _, v := range r.Log().Now().Sockets {
			if v.State == playground.StateListen && v.Process != nil && v.Process.PID == r.cmd.Process.Pid {
				return true
			}
		}
		return false
	})
}

// agrees holds what the program prints against what it should.
func (r *run) agrees(ctx context.Context) {
	r.t.Helper()
	var missing, more []string
	r.wait(ctx, "it has printed all", func() bool {
		missing, more = r.differs()
		return len(missing) == 0
	})
	if len(more) > 0 {
		r.t.Errorf("%s printed %q, want %q\n%s", r.file.Name, more, r.file.Output, r.file.Text())
	}
}

// ends presses Enter, and waits until a program that has an end has come to it without an error.
func (r *run) ends(ctx context.Context) {
	r.t.Helper()
	if !r.file.Ends {
		return
	}
	r.enter()
	select {
	case err := <-r.done:
		r.done <- err
		if err != nil {
			r.t.Errorf("%s: %v\n%s\n%s", r.file.Name, err, r.err.String(), r.file.Text())
		}
	case <-ctx.Done():
		r.t.Errorf("%s does not end:\n%s", r.file.Name, r.file.Text())
	}
}

// differs gives the lines that are missing, and those that nobody wants.
func (r *run) differs() (missing, more []string) {
	for line := range strings.Lines(r.out.String()) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "read ") {
			more = append(more, line)
		}
	}
next:
	for _, want := range r.file.Output {
		for i, line := range more {
			if matches(line, want) {
				more = append(more[:i:i], more[i+1:]...)
				continue next
			}
		}
		missing = append(missing, want)
	}
	return missing, more
}

// matches says whether a line is as the story wants it; … stands for any text, and an error's own text may be capital.
func matches(line, want string) bool {
	parts := strings.Split(strings.ToLower(want), "…")
	rest, ok := strings.CutPrefix(strings.ToLower(line), parts[0])
	for _, part := range parts[1:] {
		if ok {
			_, rest, ok = strings.Cut(rest, strings.TrimSpace(part))
		}
	}
	return ok && (rest == "" || strings.HasSuffix(want, "…"))
}

// wait waits for a fact, as long as the program runs and ctx lasts.
func (r *run) wait(ctx context.Context, what string, holds func() bool) {
	r.t.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		for _, one := range r.runs {
			if one.done != nil { // it runs
				one.helps(ctx)
			}
		}
		select {
		case <-r.new:
		case <-look.C:
		case err := <-r.done:
			r.done <- err
			if !holds() {
				missing, more := r.differs()
				r.t.Fatalf("%s ended (%v) before %s; missing %q, unwanted %q, and said:\n%s\n%s", r.file.Name, err, what, missing, more, r.err.String(), r.file.Text())
			}
			return
		case <-ctx.Done():
			missing, more := r.differs()
			r.t.Fatalf("%s: it is still not so that %s; missing %q, unwanted %q\n%s\n%s\nthe Lab's log:\n%s", r.file.Name, what, missing, more, r.err.String(), r.file.Text(), r.tail())
		}
	}
}

// person is who starts the programs, does what they say and presses Enter: at once, or as slowly as people are. One language
// has a slow one, since the programs of a story stop for the same in all.
type person struct{ slow bool }

// takes lets a slow person take their time. Nothing is waited for: the kernels' timers go off meanwhile, and programs
// that go on do so.
func (p person) takes(ctx context.Context, how time.Duration) {
	if !p.slow {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, how)
	defer cancel()
	<-ctx.Done()
}

// helps presses Enter where a program has asked for something to be done first for the other one, and it has been.
func (r *run) helps(ctx context.Context) {
	out := r.out.String()
	for _, other := range r.runs {
		if other == r || other.done == nil {
			continue
		}
		if asked := strings.Count(out, code.OtherStarts); asked > r.helped[code.OtherStarts] && other.isThere() {
			r.helped[code.OtherStarts]++
			r.enter()
		}
		if asked := strings.Count(out, code.OtherGoesOn); asked > r.helped[code.OtherGoesOn] && (other.gone >= r.gone || !slices.Contains(other.file.Stops, r.gone-1)) &&
			(other.helped[code.OtherStarts] > 0 || !slices.Contains(other.file.Output, code.OtherStarts)) {
			r.helped[code.OtherGoesOn]++
			r.person.takes(ctx, time.Second)
			r.enter()
		}
	}
}

// isThere says whether a program has come to its calls: it has printed something, or somebody has dialled. Whose socket
// that was is not asked: one that is reset at once is gone before its process is found.
func (r *run) isThere() bool {
	return r.out.String() != "" || r.err.String() != "" || slices.ContainsFunc(r.Log().Events(0), func(e playground.Event) bool {
		opened, ok := e.(*playground.SocketOpened)
		return ok && opened.Remote != ""
	})
}
