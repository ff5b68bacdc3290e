// Package codetest runs the programs of a story against each other, for tests: what they print must be what the calls of
// the story returned.
package codetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"socketplayground/playground/code"
)

// patience bounds a run; sleeps of the programs themselves are part of it.
const patience = 20 * time.Second

// Missing says which tool a language needs that is not here; empty where all are.
func Missing(language string) string {
	for _, tool := range map[string][]string{"go": {"go"}, "python": {"python3"}, "c": {"cc", "stdbuf"}, "shell": {"bash"}}[language] {
		if _, err := exec.LookPath(tool); err != nil {
			return tool
		}
	}
	return ""
}

// Meet compiles the programs of a story and runs them against each other on this machine's loopback, on ports of their
// own. Shell scripts are checked and not run, since nc gives no results; and so are the programs of a story in which a
// Lab's wire had a part.
func Meet(t testing.TB, story *code.Story, language string) {
	t.Helper()
	if tool := Missing(language); tool != "" {
		t.Skipf("there is no %s here", tool)
	}
	files, ok := code.Write(story, language, code.Options{Hosts: here, Ports: ports(t, story), Patience: busy})
	if !ok {
		t.Fatalf("there is no language %q", language)
	}
	dir := t.TempDir()
	runs := map[string]*run{}
	for i := range files {
		f := &files[i]
		command := build(t, dir, f, language)
		if command != nil {
			runs[f.Host] = &run{t: t, file: f, cmd: exec.Command(command[0], command[1:]...)}
		}
	}
	if len(runs) == 0 || story.Wire { // the wire is not here
		return
	}
	hosts := []string{"server", "client"}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, host := range hosts {
		r := runs[host]
		r.start()
		defer r.stop()
		if host == "server" && beginsListening(story) {
			r.listens(ctx)
		}
	}
	for _, host := range hosts {
		runs[host].agrees(ctx)
	}
	for _, prompts := range []bool{false, true} { // who ends by itself may need the other still
		for _, host := range hosts {
			if r := runs[host]; slices.Contains(r.file.Output, code.Prompt) == prompts {
				r.ends(ctx)
			}
		}
	}
}

// busy is what other tests, which compile programs at the same time, may cost.
const busy = 600 * time.Millisecond

// here maps a Lab's addresses to this machine's.
var here = map[string]string{"192.0.2.1": "127.0.0.1", "192.0.2.2": "127.0.0.1", "2001:db8::1": "::1", "2001:db8::2": "::1"}

// ports gives the story ports that nobody uses now.
func ports(t testing.TB, story *code.Story) map[int]int {
	t.Helper()
	free := map[int]int{}
	for _, c := range story.Calls {
		for _, address := range []string{c.Address, c.Local} {
			_, text, _ := strings.Cut(address[max(strings.LastIndex(address, ":"), 0):], ":")
			if port, _ := strconv.Atoi(text); port != 0 && free[port] == 0 {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				free[port] = l.Addr().(*net.TCPAddr).Port
			}
		}
	}
	return free
}

// beginsListening says whether the server is there, and stays, before anything else is done.
func beginsListening(story *code.Story) bool {
	for i, c := range story.Calls {
		switch {
		case i == 0 && (c.Op != "Listen" || c.Err != nil):
			return false
		case c.Op == "Dial":
			return true
		case c.Op == "Close":
			return false
		}
	}
	return len(story.Calls) > 0
}

// build compiles a file, or checks it; it gives the command that runs it, nil for none.
func build(t testing.TB, dir string, f *code.File, language string) []string {
	t.Helper()
	at := filepath.Join(dir, f.Host)
	path := filepath.Join(at, f.Name)
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(f.Text()), 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(at, "program")
	do := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = at
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s\n%s", cmd, err, out, f.Text())
		}
		return string(out)
	}
	switch language {
	case "go":
		if err := os.WriteFile(filepath.Join(at, "go.mod"), []byte("module sockets\n\ngo 1.26\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if out := do("gofmt", "-d", f.Name); out != "" {
			t.Errorf("%s is not as gofmt writes it:\n%s", f.Name, out)
		}
		do("go", "vet", ".")
		do("go", "build", "-o", binary, ".")
		return []string{binary}
	case "python":
		do("python3", "-m", "py_compile", f.Name)
		return []string{"python3", "-u", path}
	case "c":
		do("cc", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", binary, f.Name)
		return []string{"stdbuf", "-oL", binary}
	}
	do("bash", "-n", f.Name)
	return nil
}

// run is a program that runs.
type run struct {
	t    testing.TB
	file *code.File
	cmd  *exec.Cmd
	in   io.WriteCloser
	done chan error

	mu  sync.Mutex
	out bytes.Buffer
	err bytes.Buffer
	new chan struct{}
}

// Write takes what the program prints.
func (r *run) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.new <- struct{}{}:
	default:
	}
	return r.out.Write(p)
}

func (r *run) start() {
	r.t.Helper()
	r.new, r.done = make(chan struct{}, 1), make(chan error, 1)
	r.cmd.Stdout, r.cmd.Stderr = r, &r.err
	in, err := r.cmd.StdinPipe() // a program that waits for Enter waits
	if err != nil {
		r.t.Fatal(err)
	}
	r.in = in
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() { r.done <- r.cmd.Wait() }() // ended by stop at the latest
}

// stop ends a program that has not ended by itself.
func (r *run) stop() {
	_ = r.cmd.Process.Kill() // it may be over
	<-r.done
	r.done <- nil
}

// listens waits until the program has a listener.
func (r *run) listens(ctx context.Context) {
	r.t.Helper()
	r.wait(ctx, "it listens", func() bool {
		out, err := exec.Command("ss", "-Htlnp").Output()
		return err == nil && strings.Contains(string(out), fmt.Sprintf("pid=%d,", r.cmd.Process.Pid))
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
	_, _ = io.WriteString(r.in, "\n") // it may have ended without
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
	r.mu.Lock()
	text := r.out.String()
	r.mu.Unlock()
	for line := range strings.Lines(text) {
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
			r.t.Fatalf("%s: it is still not so that %s; missing %q, unwanted %q\n%s\n%s", r.file.Name, what, missing, more, r.err.String(), r.file.Text())
		}
	}
}
