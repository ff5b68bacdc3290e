package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// loopbackOnly, as an environment variable, makes this test binary a helper: it switches the loopback device of a
// fresh network namespace on and becomes the command that its arguments name.
const loopbackOnly = "SOCKETPLAYGROUND_TEST_LOOPBACK_ONLY"

func TestMain(m *testing.M) {
	if os.Getenv(loopbackOnly) != "" {
		fmt.Fprintln(os.Stderr, enterLoopback(os.Args[1:]))
		os.Exit(1)
	}
	if mode := os.Getenv(nobodyVariable); mode != "" {
		fmt.Fprintln(os.Stderr, becomeNobody(mode, os.Args[1:]))
		os.Exit(1)
	}
	if target := os.Getenv(forwardVariable); target != "" {
		fmt.Fprintln(os.Stderr, forward(target))
		os.Exit(1)
	}
	code := m.Run()
	if dir, ok := built.dir(); ok {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

func enterLoopback(command []string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_LOOPBACK | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("switching lo on: %w", err)
	}
	if err := os.Unsetenv(loopbackOnly); err != nil {
		return err
	}
	return syscall.Exec(command[0], command, os.Environ())
}

// binaries builds what the tests run as processes of their own, each once.
type binaries struct {
	mu   sync.Mutex
	made map[string]string
	at   string
}

var built binaries

func (b *binaries) dir() (string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at, b.at != ""
}

// get builds with the go command, of which args are the arguments before -o, for a package.
func (b *binaries) get(t *testing.T, name, pkg string, args ...string) string {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if path, ok := b.made[name]; ok {
		return path
	}
	if b.at == "" {
		at, err := os.MkdirTemp("", "socketplayground-test-")
		if err == nil {
			err = os.Chmod(at, 0o755) // for other users, as whom tests run programs
		}
		if err != nil {
			t.Fatal(err)
		}
		b.at, b.made = at, map[string]string{}
	}
	path := filepath.Join(b.at, name)
	if out, err := exec.Command("go", append(args, "-o", path, pkg)...).CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", pkg, err, out)
	}
	b.made[name] = path
	return path
}

// child is the built program as a process of its own.
type child struct {
	cmd    *exec.Cmd
	url    string
	secret string        // the code that it asks for
	output *bytes.Buffer // stderr; complete once the process has ended
	ended  chan error
}

// startChild starts the program, with a limit of descriptors if files is not 0.
func startChild(t *testing.T, files int, args ...string) *child {
	t.Helper()
	exe := built.get(t, "socketplayground", ".", "build")
	cmd := exec.Command(exe, args...)
	if files > 0 {
		cmd = exec.Command("sh", append([]string{"-c", "ulimit -n " + strconv.Itoa(files) + ` && exec "$0" "$@"`, exe}, args...)...)
	}
	return startCommand(t, cmd)
}

// startCommand starts a command that becomes the program.
func startCommand(t *testing.T, cmd *exec.Cmd) *child {
	t.Helper()
	c := &child{cmd: cmd, output: &bytes.Buffer{}, ended: make(chan error, 1)}
	cmd.Stderr = c.output
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // where the test has not ended it
	c.url, c.secret, err = greeted(out)
	go func() { c.ended <- cmd.Wait() }()
	if err != nil {
		t.Fatalf("the program printed no code: %v, %v: %s", err, <-c.ended, c.output)
	}
	return c
}

// signal sends a signal and says how long the process took to end, which must be well.
func (c *child) signal(t *testing.T, s os.Signal) time.Duration {
	t.Helper()
	begun := time.Now()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-c.ended:
		if err != nil || c.output.Len() > 0 {
			t.Errorf("the program ended with %v and said %q", err, c.output)
		}
	case <-time.After(patience):
		t.Fatalf("%v did not end the program", s)
	}
	return time.Since(begun)
}

// TestSignals: SIGINT and SIGTERM end the built program within 2 s, whatever its sockets do, and well.
func TestSignals(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			c := startChild(t, 0, "-addr", "localhost:0")
			v := view(t, c.url)
			v.listen("never_read")
			v.do(`"type":"dial","address":"S1"`)
			v.dialled("C1")
			// A Close that lingers: close(2) blocks for as long as data is unsent, here 30 s.
			v.do(`"type":"set_option","socket":"C1","name":"Linger","value":30`)
			v.do(`"type":"write","socket":"C1","encoding":"random","bytes":1073741824`)
			v.wait("unsent data", func(e event) bool {
				return e.Type == "metrics_sampled" && e.Socket == "C1" && e.Metrics.SendQ > 0
			})
			took := c.signal(t, s)
			t.Logf("ended in %v, with a Close that lingers", took.Round(time.Millisecond))
			if took > 2*time.Second {
				t.Errorf("it took %v, want 2 s at most", took)
			}
		})
	}
}

// TestFewDescriptors: with 256 descriptors, more connections than that are asked for. What does not fit is refused with
// a code, the page answers throughout, and when sockets are closed there is room again.
func TestFewDescriptors(t *testing.T) {
	c := startChild(t, 256, "-addr", "127.0.0.1:0")
	h := watchHealth(t, strings.TrimPrefix(c.url, "http://"))
	v := view(t, c.url)
	v.listen("echo")
	opened := v.do(`"type":"dial","address":"S1","count":400`).Sockets
	if len(opened) == 0 || len(opened) >= 256 {
		t.Errorf("%d of 400 sockets were opened with 256 descriptors", len(opened))
	}
	refused := v.do(`"type":"dial","address":"S1"`)
	if refused.Type != "error" || refused.Code != "quota_exceeded" {
		t.Errorf("one more: %+v, want quota_exceeded", refused)
	}
	page, err := http.Get(c.url)
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	another := view(t, c.url)
	if got := another.do(`"type":"listen","address":"127.0.0.1:0"`); got.Code != "quota_exceeded" {
		t.Errorf("a listener of another session: %+v, want quota_exceeded", got)
	}
	for _, socket := range opened {
		v.do(`"type":"reset","socket":"` + socket + `"`)
	}
	eventually(t, "there is room for a socket again", func() bool { return v.do(`"type":"dial","address":"S1"`).Type == "ok" })
	eventually(t, "and for the other session", func() bool { return another.do(`"type":"listen","address":"127.0.0.1:0"`).Type == "ok" })
	h.end(t)
	t.Logf("%d of 400 connections were opened with 256 descriptors", len(opened))
	if took := c.signal(t, os.Interrupt); took > 2*time.Second {
		t.Errorf("it took %v to end, want 2 s at most", took)
	}
}

// TestIdleConnections: with 256 descriptors, 300 connections at a time that ask for nothing, or not to the end, or that
// stay open after an answer, hold up nobody: the oldest goes.
func TestIdleConnections(t *testing.T) {
	c := startChild(t, 256, "-addr", "127.0.0.1:0", "-lab=false")
	address := strings.TrimPrefix(c.url, "http://")
	v := view(t, c.url)
	v.listen("echo") // it has been let in
	for name, text := range map[string]string{
		"silent":           "",
		"half a request":   "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-",
		"answered":         "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"no hello follows": "GET /ws HTTP/1.1\r\nHost: " + address + "\r\nOrigin: " + c.url + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := watchHealth(t, address)
			for range 300 {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if _, err := conn.Write([]byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			h.answers(20)
			h.end(t)
			if a := v.do(`"type":"listen","address":"127.0.0.1:0"`); a.Type != "ok" {
				t.Errorf("the page that was open: %+v", a)
			}
		})
	}
	if took := c.signal(t, os.Interrupt); took > 2*time.Second {
		t.Errorf("it took %v to end, want 2 s at most", took)
	}
}

// TestLoopbackAlone runs the tests of the program and of the server in a network namespace that has nothing but lo:
// nothing reaches out, and nothing needs to.
func TestLoopbackAlone(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a network namespace of its own needs CAP_SYS_ADMIN: run the tests as root")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, binary, dir, run string }{
		{"program", self, ".", "^Test(Refused|Asked|ServesBothLoopbacks|End)$"},
		{"server", built.get(t, "web.test", "./web", "test", "-c"), "web",
			"^Test(ProtocolExamples|Refusals|Hosts|Origins|Forwarded|Secret|Page|StaticFiles|Upload|Resume|TwoViewers|Stop|Fragments)$"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, self, tt.binary, "-test.v", "-test.run", tt.run)
			cmd.Dir = tt.dir
			cmd.Env = append(os.Environ(), loopbackOnly+"=1")
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if n := bytes.Count(out, []byte("--- PASS: ")); n < 4 || bytes.Contains(out, []byte("--- SKIP")) {
				t.Errorf("%d tests passed, want those of %s, and none skipped:\n%s", n, tt.run, out)
			}
		})
	}
}
