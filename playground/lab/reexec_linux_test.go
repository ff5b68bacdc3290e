package lab_test

import (
	"errors"
	"io"
	"os/exec"
	"syscall"
	"testing"

	"socketplayground/playground/lab"
)

// TestUnprivileged runs all tests as nobody: once where /dev/net/tun may be opened, once where it may not.
func TestUnprivileged(t *testing.T) {
	for mode, want := range map[string]lab.Backend{"0666": lab.UserNamespace, "0600": lab.Veth} {
		t.Run(string(want), func(t *testing.T) {
			cmd := asNobody(t, mode, "tests", "-test.v", "-test.skip", "^(TestUnprivileged|TestMany|TestCycles)$")
			cmd.Env = append(cmd.Env, backendVariable+"="+string(want))
			out, err := cmd.Output()
			t.Logf("%s", out)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReexec: the second run has its user's name, gets the first one's signals, and its exit code is told.
func TestReexec(t *testing.T) {
	cmd := asNobody(t, "0600", "answer")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid, uid := firstLine(t, out)
	if uid != nobody {
		t.Errorf("the second run is user %d, want %d", uid, nobody)
	}
	if err := syscall.Kill(parentOf(t)(pid), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Error(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("got %v, want exit code 7", err)
	}
}
