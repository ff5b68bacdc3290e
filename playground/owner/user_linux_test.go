package owner_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"socketplayground/playground/owner"
)

// Variables that make this test binary a helper.
const (
	dialVariable  = "OWNER_TEST_DIAL"  // dials this address, says from where, and holds the connection until stdin ends
	judgeVariable = "OWNER_TEST_JUDGE" // judges standard input
)

func TestMain(m *testing.M) {
	if address := os.Getenv(dialVariable); address != "" {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(conn.LocalAddr())
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		os.Exit(0)
	}
	if os.Getenv(judgeVariable) != "" {
		fmt.Println(owner.NewLocal().Descriptor(0))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const nobody = 65534

// as makes the command one that a user runs; in a user namespace, where he has his number and nobody else has any.
func as(cmd *exec.Cmd, uid int, namespace bool) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid), NoSetGroups: namespace}}
	if namespace {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
	}
	return cmd
}

// helper is this binary; where only its user may look, /proc/self/exe still leads to it.
func helper(t *testing.T, variable, value string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), variable+"="+value)
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	return cmd
}

// TestPeer: of a connection's two ends it is known whose they are as long as a program holds them, and no longer.
func TestPeer(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("becoming another user needs root")
	}
	local := owner.NewLocal()
	client, served := asked(t, local)
	defer served()
	for _, network := range []string{"127.0.0.1:0", "[::1]:0", "[::]:0"} {
		l, err := net.Listen("tcp", network)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		target := l.Addr().String()
		if network == "[::]:0" { // an IPv4 connection to an IPv6 socket
			_, port, _ := net.SplitHostPort(target)
			target = "127.0.0.1:" + port
		}
		judge := func(what string, a, b net.Addr, want string) {
			t.Helper()
			for name, w := range map[string]owner.Witness{"direct": local, "asked": client} {
				err := w.Peer(addrPort(t, a), addrPort(t, b))
				got := "unknown"
				switch {
				case err == nil:
					got = "ours"
				case errors.Is(err, owner.ErrAnother):
					got = "another's"
				}
				if got != want {
					t.Errorf("%s, %s, %s: %v, want %s", network, what, name, err, want)
				}
			}
		}

		mine, err := net.Dial("tcp", target)
		if err != nil {
			t.Fatal(err)
		}
		accepted, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		judge("our own", mine.LocalAddr(), mine.RemoteAddr(), "ours")
		judge("no such socket", mine.LocalAddr(), mine.LocalAddr(), "unknown")
		// After the first FIN the kernel has forgotten whose it was: user 0, which is this one.
		mine.Close()
		judge("closed", mine.LocalAddr(), mine.RemoteAddr(), "unknown")
		accepted.Close()
		judge("in TIME_WAIT", mine.LocalAddr(), mine.RemoteAddr(), "unknown")

		cmd := as(helper(t, dialVariable, target), nobody, false)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		other, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || strings.TrimSpace(line) != other.RemoteAddr().String() {
			t.Errorf("the helper says %q, %v, and comes from %v", line, err, other.RemoteAddr())
		}
		judge("another user's", other.RemoteAddr(), other.LocalAddr(), "another's")
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		other.Close()
	}
}

func addrPort(t *testing.T, a net.Addr) netip.AddrPort {
	t.Helper()
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestDescriptor: whose a directory or a connection is, is judged by number where each user has one of his own. In a
// user namespace, in which nobody's number stands for everybody else too, it is not known of anything.
func TestDescriptor(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("becoming another user needs root")
	}
	ours, _ := unixPair(t)
	connection, err := ours.File()
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	mine, theirs := t.TempDir(), t.TempDir()
	if err := os.Chown(theirs, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	open := func(path string) *os.File {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	const another, ambiguous = "it is another user's", "in this user namespace the number of this user also stands for every user that has none here"
	for _, tt := range []struct {
		name      string
		of        *os.File
		uid       int
		namespace bool
		want      string
	}{
		{"root's directory", open(mine), 0, false, "<nil>"},
		{"nobody's directory", open(theirs), 0, false, another},
		{"root's connection", connection, 0, false, "<nil>"},
		{"root's directory", open(mine), nobody, false, another},
		{"nobody's directory", open(theirs), nobody, false, "<nil>"},
		{"root's connection", connection, nobody, false, another},
		{"root's directory", open(mine), nobody, true, ambiguous},
		{"nobody's directory", open(theirs), nobody, true, ambiguous},
		{"root's connection", connection, nobody, true, ambiguous},
		{"root's directory", open(mine), 1234, true, another},
		{"root's connection", connection, 1234, true, another},
	} {
		cmd := as(helper(t, judgeVariable, "1"), tt.uid, tt.namespace)
		cmd.Stdin = tt.of
		out, err := cmd.Output()
		if err != nil || !strings.HasPrefix(string(out), tt.want) {
			t.Errorf("%s, judged by user %d, in a user namespace: %v: %q, %v; want %q", tt.name, tt.uid, tt.namespace, out, err, tt.want)
		}
	}

	// The process outside judges the same descriptors for one that asks.
	client, served := asked(t, owner.NewLocal())
	defer served()
	for _, tt := range []struct {
		name string
		fd   uintptr
		want error
	}{{"our directory", open(mine).Fd(), nil}, {"nobody's directory", open(theirs).Fd(), owner.ErrAnother}, {"our connection", connection.Fd(), nil}} {
		before := descriptors(t)
		if err := client.Descriptor(tt.fd); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("asked about %s: %v, want %v", tt.name, err, tt.want)
		}
		if after := descriptors(t); after != before {
			t.Errorf("asked about %s: %d descriptors, %d before", tt.name, after, before)
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	var n int
	for fd := range 1024 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			n++
		}
	}
	return n
}
