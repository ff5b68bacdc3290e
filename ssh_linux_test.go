package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sshServer is a real sshd on loopback, with keys of its own; it gives the directory with the user's key, and the port.
func sshServer(t *testing.T) (dir, at string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("sshd lets in other users only as root")
	}
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		sshd = "/usr/sbin/sshd"
	}
	dir = t.TempDir()
	for name, out := range map[string]string{"host": "", "user": ""} {
		if b, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", out, "-f", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen (tools/setup installs it): %v, %s", err, b)
		}
	}
	keys, err := os.MkdirTemp("", "sshd") // for sshd as the user who logs in, from whom the other directory is kept
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(keys) })
	public, err := os.ReadFile(filepath.Join(dir, "user.pub"))
	if err != nil {
		t.Fatal(err)
	}
	at = freePort(t)
	config := fmt.Sprintf("ListenAddress 127.0.0.1:%s\nHostKey %s/host\nAuthorizedKeysFile %s/keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\n",
		at, dir, keys)
	for _, f := range []struct {
		path, text string
		mode       os.FileMode
	}{{filepath.Join(dir, "config"), config, 0o600}, {filepath.Join(keys, "keys"), string(public), 0o644}} {
		if err := os.WriteFile(f.path, []byte(f.text), f.mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(keys, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where Debian's sshd shuts its unprivileged process in
		t.Fatal(err)
	}
	keepRunning(t, exec.Command(sshd, "-D", "-e", "-f", filepath.Join(dir, "config")))
	accepts(t, "127.0.0.1:"+at)
	return dir, at
}

// keepRunning runs a command until the test ends, and shows what it said if the test fails.
func keepRunning(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	said := &strings.Builder{}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
		if t.Failed() {
			t.Logf("%s said %s", cmd.Path, said)
		}
	})
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func accepts(t *testing.T, address string) {
	t.Helper()
	eventually(t, address+" accepts connections", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// TestSSH: through a real ssh -L, to another port, the page works for who logged in as its user, without a code; for who
// logged in as another it asks. A page of another site gets nothing through it.
func TestSSH(t *testing.T) {
	dir, sshd := sshServer(t)
	nobodys := asNobody(t, "0600")
	for _, tt := range []struct {
		user  string
		as    func(*exec.Cmd) *exec.Cmd
		login map[string]bool // by who logs in: whether he is the page's user
	}{
		{"root", me, map[string]bool{"root": true, "nobody": false}},
		{"nobody", nobodys, map[string]bool{"root": false, "nobody": true}},
	} {
		c := startCommand(t, tt.as(exec.Command(built.get(t, "socketplayground", ".", "build"), "-addr", "localhost:0")))
		for login, own := range tt.login {
			at := freePort(t)
			keepRunning(t, exec.Command("ssh", "-F", "none", "-N", "-o", "ExitOnForwardFailure=yes", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes",
				"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-i", filepath.Join(dir, "user"), "-p", sshd,
				"-L", at+":localhost:"+port(t, c.url), login+"@127.0.0.1"))
			accepts(t, "127.0.0.1:"+at)
			host := "localhost:" + at
			response, err := http.Get("http://" + host + "/")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s's page through %s's ssh: %s", tt.user, login, response.Status)
			}
			without := "4005"
			if own {
				without = opened
			}
			for _, row := range []struct{ host, origin, code, want string }{
				{host, "http://" + host, "", without},
				{host, "http://" + host, c.secret, opened},
				{host, "http://evil.example", c.secret, "403"},
				{host, "http://localhost:1", c.secret, "403"},
				{host, "null", c.secret, "403"},
				{host, "none", c.secret, "403"},
				{"evil.example:" + at, "http://evil.example:" + at, c.secret, "421"},
			} {
				var key string
				k := knock{at: "127.0.0.1:" + at, host: row.host, origin: row.origin, code: row.code, key: &key}
				if got, err := k.try(); err != nil || got != row.want {
					t.Errorf("%s's page through %s's ssh: %+v: got %s, %v; want %s", tt.user, login, row, got, err, row.want)
				}
			}
		}
		c.signal(t, os.Interrupt)
	}
}

// TestOtherUser: another user of the machine gets nothing without the code: no session, no socket, no capture. With it he
// has all that the user has. The user himself is asked for nothing, as root and as one without rights.
func TestOtherUser(t *testing.T) {
	nobodys := asNobody(t, "0600")
	for user, as := range map[string]func(*exec.Cmd) *exec.Cmd{"root": me, "nobody": nobodys} {
		c := startCommand(t, as(exec.Command(built.get(t, "socketplayground", ".", "build"), "-addr", "localhost:0")))
		own := "127.0.0.1:" + port(t, c.url)
		others, his := own, forwarded(t, own)
		if user == "root" {
			others, his = his, others
		}
		before := packetSockets(t, c.cmd.Process.Pid)
		for range 50 {
			var key string
			if got, err := (knock{at: others, host: "localhost:1", origin: "http://localhost:1", key: &key}).try(); err != nil || got != "4005" {
				t.Fatalf("%s's page, another user without the code: got %s, %v", user, got, err)
			}
		}
		if n := sessions(t, his); n != 0 {
			t.Errorf("%s's page: %d sessions were opened for another user", user, n)
		}
		if after := packetSockets(t, c.cmd.Process.Pid); after != before {
			t.Errorf("%s's page: %d packet sockets, %d before", user, after, before)
		}
		for name, v := range map[string]*viewer{
			"another user with the code": viewWith(t, "http://"+others, c.secret), "the user": view(t, "http://"+his),
		} {
			s := v.listen("echo")
			conn := v.do(`"type":"dial","address":"` + s + `"`)
			if conn.Type != "ok" {
				t.Errorf("%s's page, %s: %+v", user, name, conn)
			}
			v.dialled("C1")
		}
		if n := sessions(t, his); n != 2 {
			t.Errorf("%s's page: %d sessions, want 2", user, n)
		}
		c.signal(t, os.Interrupt)
	}
}

// packetSockets is how many sockets of this network namespace capture packets (packet(7), /proc/net/packet).
func packetSockets(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/packet", pid))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(b), "\n") - 1 // a heading
}
