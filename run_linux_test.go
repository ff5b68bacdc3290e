package main

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"socketplayground/playground/demos"
)

// TestRunAll runs every demo that comes with the program, each twice: in Labs and, where a demo can, on the loopback of a
// network namespace of its own; as root and as a user without rights. No check may fail, and nothing stays unobserved but
// segments on this machine without the right to capture.
func TestRunAll(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := built.get(t, "socketplayground", ".", "build")
	const capture = "Segments cannot be observed here: that needs the right to capture, or the Lab."
	tests := []struct {
		name, network string
		nobody        string // the mode of /dev/net/tun; empty: root
		unseen        []string
	}{
		{"root, lab", "lab", "", nil},
		{"root, this machine", "host", "", nil},
		{"nobody, lab", "lab", "0666", nil},
		{"nobody, lab over veth", "lab", "0600", nil},
		{"nobody, this machine", "host", "0666", []string{capture}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if os.Geteuid() != 0 {
				t.Skip("becoming another user, and a network namespace, need root")
			}
			t.Parallel() // it mostly waits
			cmd := exec.Command(program, "run", "-brief", "-parallel", "4", "-network", tt.network, "all", "all")
			if tt.nobody != "" {
				cmd = asNobody(t, tt.nobody)(cmd)
			}
			// A namespace of its own: on this machine's loopback somebody may have port 8330.
			cmd.Path, cmd.Args = self, append([]string{self, cmd.Path}, cmd.Args[1:]...)
			cmd.Env = append(cmd.Environ(), loopbackOnly+"=1")
			if cmd.SysProcAttr == nil {
				cmd.SysProcAttr = &syscall.SysProcAttr{}
			}
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWNET
			out, err := cmd.Output()
			want := exitOK
			if len(tt.unseen) > 0 {
				want = exitNotObserved
			}
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != want {
				t.Errorf("exit code %d, want %d: %s\n%s", got, want, exit, failures(string(out)))
			}
			if n := strings.Count(string(out), "\n# Subtest: ") + strings.Count(string(out[:min(len(out), 11)]), "# Subtest: "); n != 2*len(demos.All()) {
				t.Errorf("%d demos ran, want each of %d twice", n, len(demos.All()))
			}
			for _, m := range regexp.MustCompile(`(?m)^# not observed: (.*?) \(([a-z0-9, -]+)\)$`).FindAllStringSubmatch(string(out), -1) {
				if !slices.Contains(tt.unseen, m[1]) {
					t.Errorf("not observed: %s (%s)", m[1], m[2])
				}
			}
		})
	}
}

// failures are the lines of TAP that tell what did not pass.
func failures(tap string) string {
	var list []string
	lines := strings.Split(tap, "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "not ok") || strings.HasPrefix(line, "# not observed") {
			list = append(list, lines[i:min(i+3, len(lines))]...)
		}
	}
	return strings.Join(list, "\n")
}
