package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"socketplayground/enter"
)

// nobodyVariable makes this test binary a helper: in a fresh mount namespace it gives /dev/net/tun the mode that the
// variable has, and becomes, as nobody, the command that its arguments name.
const nobodyVariable = "SOCKETPLAYGROUND_TEST_NOBODY"

// nobody is a user without any rights.
const nobody = 65534

func becomeNobody(mode string, command []string) error {
	bits, err := strconv.ParseUint(mode, 8, 32)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	node := filepath.Join(dir, "tun")
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"private", func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") }},
		{"tmpfs", func() error { return unix.Mount("tmpfs", dir, "tmpfs", 0, "") }},
		{"mknod", func() error { return unix.Mknod(node, unix.S_IFCHR, int(unix.Mkdev(10, 200))) }}, // misc.h: TUN_MINOR
		{"chmod", func() error { return unix.Chmod(node, uint32(bits)) }},
		{"bind", func() error { return unix.Mount(node, "/dev/net/tun", "", unix.MS_BIND, "") }},
		{"umount", func() error { return unix.Unmount(dir, unix.MNT_DETACH) }},
		{"rmdir", func() error { return os.Remove(dir) }},
		{"groups", func() error { return syscall.Setgroups(nil) }},
		{"group", func() error { return syscall.Setgid(nobody) }},
		{"user", func() error { return syscall.Setuid(nobody) }},
		{"environment", func() error { return os.Unsetenv(nobodyVariable) }},
		{"home", func() error { return os.Setenv("HOME", "/nonexistent") }}, // as passwd has it; not one that it may not enter
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return syscall.Exec(command[0], command, os.Environ())
}

// asNobody gives what makes a command one that nobody runs, where /dev/net/tun has the mode.
func asNobody(t *testing.T, mode string) func(*exec.Cmd) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("becoming another user needs root")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func(cmd *exec.Cmd) *exec.Cmd {
		cmd.Path, cmd.Args = self, append([]string{self, cmd.Path}, cmd.Args[1:]...)
		cmd.Env = append(cmd.Environ(), nobodyVariable+"="+mode)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		return cmd
	}
}

// TestUnprivileged does the Lab's stories as a user without rights, in a user namespace: the engine's, and those of the
// built program. Once /dev/net/tun may be opened, once it may not, and packets go through veth devices.
func TestUnprivileged(t *testing.T) {
	for mode, backend := range map[string]string{"0666": "user_namespace", "0600": "veth"} {
		t.Run(backend, func(t *testing.T) {
			as := asNobody(t, mode)
			t.Run("engine", func(t *testing.T) {
				t.Parallel()
				engineStories(t, as)
			})
			t.Run("program", func(t *testing.T) {
				p := startLab(t, as)
				if e := p.wait("the Lab", func(e event) bool { return e.Type == "lab_opened" }); e.Backend != backend {
					t.Fatalf("the Lab is made by %q, want %q", e.Backend, backend)
				}
				p.tutorial()
				p.namesOthers()
				if out, err := p.exec("id", "-u").Output(); err != nil || string(out) != strconv.Itoa(nobody)+"\n" {
					t.Errorf("in the Lab the user is %q, %v; want %d", out, err, nobody)
				}
				p.refusesOthers()
				if took := p.signal(t, os.Interrupt); took > 2*time.Second {
					t.Errorf("it took %v to end, want 2 s at most", took)
				}
			})
		})
	}
}

// refusesOthers: another user, who is root and so comes through any directory, is not let into the Lab, though in the
// user namespace of the playground he has the number that its own user has there: that of all whom it does not know.
func (p *labProgram) refusesOthers() {
	p.t.Helper()
	path := filepath.Join(enter.Directory(), port(p.t, p.url)+".sock")
	code, err := enter.Exec(path, enter.Command{Host: "client", Args: []string{"true"}, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
	if code != enter.ExitRefused || err == nil || !strings.Contains(err.Error(), "another user's") {
		p.t.Errorf("root runs a program in the Lab of %d: exit code %d, %v", nobody, code, err)
	}
}

// TestFileCapability: a binary with the right to capture can still enter a user namespace, though the kernel keeps /proc
// of such a program from its user.
func TestFileCapability(t *testing.T) {
	as := asNobody(t, "0600")
	text, err := os.ReadFile(built.get(t, "socketplayground", ".", "build"))
	if err != nil {
		t.Fatal(err)
	}
	dir, _ := built.dir()
	path := filepath.Join(dir, "may-capture")
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	// cap_net_raw+ep: struct vfs_cap_data of include/uapi/linux/capability.h.
	const revision, effective = 0x0200_0000, 1
	var capability []byte
	for _, word := range []uint32{revision | effective, 1 << unix.CAP_NET_RAW, 0, 0, 0} {
		capability = binary.LittleEndian.AppendUint32(capability, word)
	}
	if err := unix.Setxattr(path, "security.capability", capability, 0); err != nil {
		t.Fatal(err)
	}
	p := startLabOf(t, path, as)
	if e := p.wait("the Lab", func(e event) bool { return e.Type == "lab_opened" }); e.Backend != "veth" {
		t.Errorf("the Lab is made by %q, want veth", e.Backend)
	}
	if out, err := p.exec("ss", "-Htan").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("ss in the Lab: %v, %q", err, out)
	}
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.cmd.Process.Pid)) // fails only for a bad pattern
	var second []byte
	for _, children := range threads {
		b, err := os.ReadFile(children)
		if err != nil {
			t.Fatal(err)
		}
		second = append(second, b...)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(second)))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the second run has ended with the first", ended(pid))
}

// engineStories runs the engine's tests of the Lab.
func engineStories(t *testing.T, as func(*exec.Cmd) *exec.Cmd) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, built.get(t, "playground.test", "./playground", "test", "-c"), "-test.v", "-test.run", "^TestLab")
	cmd.Dir = "playground"
	out, err := as(cmd).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	n := bytes.Count(out, []byte("\n--- PASS: "))
	if n < 20 || bytes.Contains(out, []byte("--- SKIP")) {
		t.Errorf("%d tests passed, want all of the Lab's, and none skipped:\n%s", n, out)
	}
	t.Logf("%d tests passed", n)
}

// namesOthers: a program that the user runs on this machine is named in the log, though the playground runs in a user
// namespace, from which it may not look at it.
func (p *labProgram) namesOthers() {
	p.t.Helper()
	a := p.do(`"type":"listen","address":"127.0.0.1:0"`)
	if a.Type != "ok" {
		p.t.Fatalf("listen: %+v", a)
	}
	at := p.wait("a listener on this machine", func(e event) bool { return e.Call == a.Calls[0] && e.Local != "" }).Local
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		p.t.Fatal(err)
	}
	path, err := exec.LookPath("nc")
	if err != nil {
		p.t.Fatal(err)
	}
	nc := p.as(exec.CommandContext(p.t.Context(), path, host, port))
	in, err := nc.StdinPipe() // nc stays while it is open
	if err != nil {
		p.t.Fatal(err)
	}
	defer in.Close()
	if err := nc.Start(); err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = nc.Process.Kill(); _ = nc.Wait() }()
	x := p.wait("nc's socket", func(e event) bool { return e.Type == "socket_opened" && e.Kind == "other" && e.Remote == at }).Socket
	if pid := p.process(x, "nc"); pid != nc.Process.Pid {
		p.t.Errorf("nc is process %d, want %d", pid, nc.Process.Pid)
	}
}
