//go:build linux || darwin

package enter_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"socketplayground/enter"
)

// TestRubbish: what is no request is answered with a sentence or cut, starts nothing, and leaves the server as it was.
func TestRubbish(t *testing.T) {
	var started atomic.Int32
	path, _ := serve(t, func(_ context.Context, _ enter.Request, cmd *exec.Cmd) (enter.Run, error) {
		started.Add(1)
		return enter.Run{}, cmd.Start()
	})
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	rights := func(n int) []byte {
		fds := make([]int, n)
		for i := range fds {
			fds[i] = int(null.Fd())
		}
		return syscall.UnixRights(fds...)
	}
	talk := func(message string, control []byte) string {
		c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(10 * time.Second))
		if _, _, err := c.WriteMsgUnix([]byte(message[:1]), control, nil); err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, message[1:]) // may be cut short
		c.CloseWrite()
		answer, err := io.ReadAll(c)
		if err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Error(err)
		}
		return string(answer)
	}
	good := `{"host":"client","path":"L2Jpbi90cnVl","args":["dHJ1ZQ=="],"env":[],"dir":"Lw=="}` + "\n" // /bin/true in /
	for _, tt := range []struct {
		name, message string
		fds           int
	}{
		{"no JSON", "GET / HTTP/1.1\r\n\r\n", 3},
		{"no descriptors", good, 0},
		{"too few", good, 2},
		{"too many", good, 9},
		{"wrong types", `{"path":7}` + "\n", 3},
		{"no path", `{"args":["dHJ1ZQ=="],"dir":"Lw=="}` + "\n", 3},
		{"no arguments", `{"path":"L2Jpbi90cnVl","dir":"Lw=="}` + "\n", 3},
		{"no end", `{"path":`, 3},
		{"endless", strings.Repeat("x", enter.MaxRequest+100), 3},
	} {
		before := descriptors(t)
		var control []byte
		if tt.fds > 0 {
			control = rights(tt.fds)
		}
		var answer struct {
			Exit  int
			Error string
		}
		text := talk(tt.message, control)
		if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Exit != 125 || answer.Error == "" {
			t.Errorf("%s: got %q, want exit 125 and a sentence", tt.name, text)
		}
		eventually(t, tt.name+": no descriptor is left", func() bool { return descriptors(t) <= before })
	}
	if n := started.Load(); n != 0 {
		t.Errorf("%d commands were started", n)
	}
	if got := talk(good+"rubbish\n", rights(3)); !strings.Contains(got, "started") || !strings.Contains(got, "exit") {
		t.Errorf("got %q, want a command that starts and ends", got)
	}
	if err := client(t, path, "true").Run(); err != nil {
		t.Errorf("the server does not serve any more: %v", err)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// TestMaxClients: as many as there may be run, one more is told so, and another may when one has ended.
func TestMaxClients(t *testing.T) {
	path, _ := serve(t, here)
	first, _, _ := running(t, path, "echo ready; exec cat")
	for range enter.MaxClients - 1 {
		running(t, path, "echo ready; exec cat")
	}
	out, err := client(t, path, "true").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "32 commands are running already") {
		t.Errorf("got %v, %q", err, out)
	}
	first.Process.Signal(syscall.SIGTERM)
	first.Wait()
	eventually(t, "another runs", func() bool { return client(t, path, "true").Run() == nil })
}

// TestStale: a socket that nobody serves is replaced; one that is served, and a file that is no socket, are not.
func TestStale(t *testing.T) {
	path, _ := serve(t, here)
	if _, err := enter.Listen(path, mine); err == nil || !strings.Contains(err.Error(), "another playground answers") {
		t.Errorf("a second server: got %v", err)
	}
	if err := client(t, path, "true").Run(); err != nil {
		t.Errorf("the first server: %v", err)
	}

	left := path + "2"
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: left, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	serveAt(t, left, here)
	if err := client(t, left, "true").Run(); err != nil {
		t.Errorf("in place of one that was left: %v", err)
	}

	file := path + "3"
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := enter.Listen(file, mine); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("in place of a file: got %v", err)
	}
	if got, _ := os.ReadFile(file); string(got) != "precious" {
		t.Errorf("the file holds %q now", got)
	}
}
