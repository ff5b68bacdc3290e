//go:build linux || darwin

package enter_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"socketplayground/enter"
	"socketplayground/playground/owner"
)

// mine judges as the program does outside of user namespaces.
var mine = owner.NewLocal().Descriptor

// TestMain is the exec subcommand, too, when a test starts this binary as a client.
func TestMain(m *testing.M) {
	if path := os.Getenv("ENTER_SOCKET"); path != "" {
		code, err := enter.Exec(path, enter.Command{
			Host: "client", Session: 7, Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// here starts commands on this machine.
func here(_ context.Context, _ enter.Request, cmd *exec.Cmd) (enter.Run, error) {
	return enter.Run{}, cmd.Start()
}

// serve runs a server until the test ends or stop is called.
func serve(t *testing.T, start enter.Start) (path string, stop func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "enter") // t.TempDir is too long a name for a socket on macOS
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "8080.sock")
	return path, serveAt(t, path, start)
}

func serveAt(t *testing.T, path string, start enter.Start) (stop func()) {
	t.Helper()
	server, err := enter.Listen(path, mine)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, start) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Serve does not end")
		}
	}
	t.Cleanup(stop)
	return stop
}

// eventually waits for a fact that nobody announces.
func eventually(t *testing.T, what string, fact func() bool) {
	t.Helper()
	limit := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !fact() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s: not within 10 s", what)
		}
	}
}

// client is this binary as the exec subcommand.
func client(t *testing.T, path string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), "ENTER_SOCKET="+path)
	return cmd
}

func TestStreams(t *testing.T) {
	path, _ := serve(t, here)
	cmd := client(t, path, "sh", "-c", "cat; echo problem >&2")
	want := bytes.Repeat([]byte("some text\n"), 100_000)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(want), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stdout.Bytes(), want) {
		t.Errorf("got %d bytes back, want the %d that went in", stdout.Len(), len(want))
	}
	if got := stderr.String(); got != "problem\n" {
		t.Errorf("got %q on stderr", got)
	}
}

// TestRequest: what the command inherits is the client's, to the byte.
func TestRequest(t *testing.T) {
	requests := make(chan enter.Request, 1)
	path, _ := serve(t, func(ctx context.Context, r enter.Request, cmd *exec.Cmd) (enter.Run, error) {
		requests <- r
		return here(ctx, r, cmd)
	})
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	odd := "not UTF-8: \xff\xfe, \"quoted\"\n"
	cmd := client(t, path, "sh", "-c", `pwd -P; printf %s "$1$ODD$ENTER_SOCKET"`, "name", odd)
	cmd.Dir = dir
	cmd.Env = append(cmd.Env, "ODD="+odd)
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := dir + "\n" + odd + odd + path; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if r := <-requests; r.Host != "client" || r.Session != 7 || r.Args[0] != "sh" || !filepath.IsAbs(r.Path) {
		t.Errorf("got the request %+v", r)
	}
}

func TestExitCodes(t *testing.T) {
	path, _ := serve(t, func(ctx context.Context, r enter.Request, cmd *exec.Cmd) (enter.Run, error) {
		if r.Args[len(r.Args)-1] == "nowhere" {
			return enter.Run{}, errors.New("there is no such session")
		}
		return here(ctx, r, cmd)
	})
	dir := filepath.Dir(path)
	for name, text := range map[string]string{"vanished": "#!/no/such/interpreter\n", "garbage": "\x7fELF garbage"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte("no program"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		stderr string
	}{
		{"success", []string{"true"}, 0, ""},
		{"its own", []string{"sh", "-c", "exit 42"}, 42, ""},
		{"killed", []string{"sh", "-c", "kill -KILL $$"}, 128 + 9, ""},
		{"terminated", []string{"sh", "-c", "kill -TERM $$"}, 128 + 15, ""},
		{"not found", []string{"no-such-program"}, 127, "there is no program no-such-program"},
		{"path not found", []string{dir + "/none"}, 127, "there is no program"},
		{"interpreter not found", []string{dir + "/vanished"}, 127, "no such file"},
		{"not executable", []string{dir + "/text"}, 126, "permission denied"},
		{"not a program", []string{dir + "/garbage"}, 126, "exec format error"},
		{"refused", []string{"echo", "nowhere"}, 125, "there is no such session"},
		{"nothing", nil, 125, "say which command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			cmd := client(t, path, tt.args...)
			cmd.Stderr = &stderr
			err := cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != tt.code {
				t.Errorf("got exit code %d (%v), want %d", got, err, tt.code)
			}
			if got := stderr.String(); !strings.Contains(got, tt.stderr) || tt.stderr == "" && got != "" {
				t.Errorf("got %q on stderr, want %q", got, tt.stderr)
			}
		})
	}
	t.Run("no playground", func(t *testing.T) {
		out, _ := client(t, path+".none", "true").CombinedOutput()
		if !strings.Contains(string(out), "no playground of yours answers") {
			t.Errorf("got %q", out)
		}
	})
}

// running starts a shell script and waits until it says that it is ready. Its first line is its pid.
func running(t *testing.T, path, script string) (cmd *exec.Cmd, pid int, out *bufio.Reader) {
	t.Helper()
	cmd = client(t, path, "sh", "-c", "echo $$; "+script)
	stdin, err := cmd.StdinPipe() // an open one: a script may wait on it for ever
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close() })
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	out = bufio.NewReader(pipe)
	pid, err = strconv.Atoi(line(t, out))
	if err != nil {
		t.Fatal(err)
	}
	if got := line(t, out); got != "ready" {
		t.Fatalf("got %q, want ready", got)
	}
	return cmd, pid, out
}

func line(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	s, err := r.ReadString('\n')
	if err != nil {
		t.Fatalf("after %q: %v", s, err)
	}
	return strings.TrimSuffix(s, "\n")
}

func TestSignals(t *testing.T) {
	path, _ := serve(t, here)
	for name, s := range map[string]syscall.Signal{
		"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT, "WINCH": syscall.SIGWINCH,
	} {
		t.Run(name, func(t *testing.T) {
			cmd, _, out := running(t, path, "trap 'echo got; exit 3' "+name+"; echo ready; while :; do read x; done")
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			if got := line(t, out); got != "got" {
				t.Errorf("got %q", got)
			}
			if cmd.Wait(); cmd.ProcessState.ExitCode() != 3 {
				t.Errorf("got exit code %d, want the command's own, 3", cmd.ProcessState.ExitCode())
			}
		})
	}
	t.Run("the whole group", func(t *testing.T) { // as at a terminal
		cmd, _, _ := running(t, path, "trap : INT; (trap - INT; echo ready; exec cat >/dev/null); exit 4")
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if cmd.Wait(); cmd.ProcessState.ExitCode() != 4 {
			t.Errorf("got exit code %d, want 4", cmd.ProcessState.ExitCode())
		}
	})
}

func hasEnded(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// TestClientKilled: the command goes with its client, one that does not heed SIGHUP included.
func TestClientKilled(t *testing.T) {
	path, _ := serve(t, here)
	for name, script := range map[string]string{
		"heeds SIGHUP": "echo ready; exec cat",
		"does not":     "trap '' HUP; echo ready; exec cat",
	} {
		t.Run(name, func(t *testing.T) {
			cmd, pid, _ := running(t, path, script)
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the command has gone", func() bool { return hasEnded(pid) })
		})
	}
}

// TestPlaceGoes: so it does with the place that it runs in, and the place is told when it has.
func TestPlaceGoes(t *testing.T) {
	gone, done := make(chan struct{}), make(chan int, 1)
	path, _ := serve(t, func(_ context.Context, _ enter.Request, cmd *exec.Cmd) (enter.Run, error) {
		return enter.Run{Gone: gone, Done: func() { done <- cmd.Process.Pid }}, cmd.Start()
	})
	cmd, pid, _ := running(t, path, "echo ready; exec cat")
	close(gone)
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 128+int(syscall.SIGHUP) {
		t.Errorf("got exit code %d, want that of SIGHUP", cmd.ProcessState.ExitCode())
	}
	if got := <-done; got != pid || !hasEnded(pid) {
		t.Errorf("the place was told of %d, want %d, which has ended", got, pid)
	}
}

// TestServerEnds: so it does with its server, whose socket is gone then.
func TestServerEnds(t *testing.T) {
	path, stop := serve(t, here)
	cmd, pid, _ := running(t, path, "echo ready; exec cat")
	stop()
	if !hasEnded(pid) {
		t.Error("Serve returned before the command had ended")
	}
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 128+int(syscall.SIGHUP) {
		t.Errorf("got exit code %d, want that of SIGHUP", cmd.ProcessState.ExitCode())
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}
