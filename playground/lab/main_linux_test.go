package lab_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"socketplayground/playground/lab"
)

// The test binary also plays other programs; this variable names the part.
const partVariable = "LAB_TEST_PART"

// backendVariable names the backend that Probe must find.
const backendVariable = "LAB_TEST_BACKEND"

// nobody is a user that nobody is.
const nobody = 65534

func TestMain(m *testing.M) {
	part, argument, _ := strings.Cut(os.Getenv(partVariable), " ")
	if part == "become" {
		os.Exit(become(argument))
	}
	if handled, code := lab.Reexec(); handled {
		os.Exit(code)
	}
	switch part {
	case "hold":
		os.Exit(hold())
	case "answer":
		os.Exit(answer())
	}
	os.Exit(m.Run())
}

// become runs the binary again as nobody, in a mount namespace in which /dev/net/tun has the given mode. The first part
// of the argument is the mode, the second the part to play.
func become(argument string) int {
	mode, part, _ := strings.Cut(argument, " ")
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.Remove(dir)
	bits, _ := strconv.ParseUint(mode, 8, 32)
	node := filepath.Join(dir, "tun")
	for _, step := range []struct {
		name string
		err  func() error
	}{
		{"private", func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") }},
		{"tmpfs", func() error { return unix.Mount("tmpfs", dir, "tmpfs", 0, "") }},
		{"mknod", func() error { return unix.Mknod(node, unix.S_IFCHR, int(unix.Mkdev(10, 200))) }},
		{"chmod", func() error { return unix.Chmod(node, uint32(bits)) }},
		{"bind", func() error { return unix.Mount(node, "/dev/net/tun", "", unix.MS_BIND, "") }},
		{"umount", func() error { return unix.Unmount(dir, unix.MNT_DETACH) }},
	} {
		if err := step.err(); err != nil {
			fmt.Println("become:", step.name, err)
			return 1
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM) // for the one below
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), partVariable+"="+part)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		fmt.Println(err)
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

// again is a command that runs the test binary in a part.
func again(t testing.TB, part string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), partVariable+"="+part)
	cmd.Stderr = t.Output()
	return cmd
}

// asNobody is a command that runs the test binary in a part as nobody, where /dev/net/tun has the mode.
func asNobody(t testing.TB, mode, part string, args ...string) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 || os.Getenv("SOCKETPLAYGROUND_USER_NAMESPACE") != "" {
		t.Skip("becoming another user needs root")
	}
	cmd := again(t, "become "+mode+" "+part, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	return cmd
}

// support is what Probe says; it makes a Lab each time.
var support = sync.OnceValue(lab.Probe)

// eachBackend runs a test with the backend that Probe finds, and with veth.
func eachBackend(t *testing.T, test func(t *testing.T, s *lab.System)) {
	t.Helper()
	found := support()
	if !found.Available {
		t.Skip(found.Reason)
	}
	backends := []lab.Backend{found.Backend}
	if found.Backend != lab.Veth {
		backends = append(backends, lab.Veth)
	}
	for _, b := range backends {
		t.Run(string(b), func(t *testing.T) { test(t, newSystem(t, b)) })
	}
}

func testLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

// answer says who it is, waits for SIGTERM and ends with code 7.
func answer() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	fmt.Println(os.Getpid(), os.Getuid())
	<-ctx.Done()
	return 7
}

// hold opens Labs that are full of unfinished business, says so, and waits to be killed.
func hold() int {
	found := lab.Probe()
	s, err := lab.New(lab.Config{Backend: found.Backend})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for range 3 {
		if err := entangle(s); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	fmt.Println(os.Getpid(), os.Getuid())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// firstLine reads a line of a program that then goes on.
func firstLine(t testing.TB, out io.Reader) (pid, uid int) {
	t.Helper()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(line, err)
	}
	if _, err := fmt.Sscan(line, &pid, &uid); err != nil {
		t.Fatal(line, err)
	}
	return pid, uid
}
