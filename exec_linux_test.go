package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"socketplayground/enter"
)

// labProgram is the built program, with a page that has the Lab open.
type labProgram struct {
	*child
	*viewer
	t  *testing.T
	as func(*exec.Cmd) *exec.Cmd
}

// me runs a command as this user.
func me(cmd *exec.Cmd) *exec.Cmd { return cmd }

func startLab(t *testing.T, as func(*exec.Cmd) *exec.Cmd) *labProgram {
	t.Helper()
	dir, err := os.MkdirTemp("", "exec") // t.TempDir is long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv(enter.DirectoryVariable, filepath.Join(dir, "d"))
	if err := os.Chmod(dir, 0o777); err != nil { // whoever runs the program makes the directory
		t.Fatal(err)
	}
	return startLabOf(t, built.get(t, "socketplayground", ".", "build"), as)
}

// startLabOf is startLab with a binary of its own.
func startLabOf(t *testing.T, binary string, as func(*exec.Cmd) *exec.Cmd) *labProgram {
	t.Helper()
	c := startCommand(t, as(exec.Command(binary, "-addr", "localhost:0")))
	p := &labProgram{child: c, viewer: viewWith(t, c.url, c.secret), t: t, as: as}
	if a := p.do(`"type":"open_lab"`); a.Type != "ok" {
		t.Fatalf("CI must be able to make a Lab: %+v", a)
	}
	return p
}

// exec is a command that runs another in the Lab.
func (p *labProgram) exec(args ...string) *exec.Cmd {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	p.t.Cleanup(cancel)
	args = append([]string{"exec", "-addr", "localhost:" + port(p.t, p.url)}, args...)
	cmd := p.as(exec.CommandContext(ctx, built.get(p.t, "socketplayground", ".", "build"), args...))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	return cmd
}

// running is a program in the Lab whose lines are read and written.
type running struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *strings.Builder
}

func (p *labProgram) start(args ...string) *running {
	p.t.Helper()
	r := &running{t: p.t, cmd: p.exec(args...), stderr: &strings.Builder{}}
	r.cmd.Stderr = r.stderr
	var err error
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		p.t.Fatal(err)
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	r.out = bufio.NewReader(out)
	if err := r.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = r.cmd.Process.Kill(); _ = r.cmd.Wait() }) // where the test has not ended it
	return r
}

func (r *running) line() string {
	r.t.Helper()
	line, err := r.out.ReadString('\n')
	if err != nil {
		r.t.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// ends waits until the program has ended, and gives its exit code.
func (r *running) ends() int {
	r.t.Helper()
	_, _ = io.Copy(io.Discard, r.out) // it may say more
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode()
}

func (p *labProgram) listen(fields string) {
	p.t.Helper()
	a := p.do(`"type":"listen","network":"lab",` + fields)
	if a.Type != "ok" {
		p.t.Fatalf("listen: %+v", a)
	}
	p.listening("S1")
}

func (p *labProgram) reaches(socket, state string) {
	p.t.Helper()
	p.wait(socket+" in "+state, func(e event) bool { return e.Type == "state_changed" && e.Socket == socket && e.To == state })
}

// other waits for another program's socket, and gives its name in the log.
func (p *labProgram) other(what string, f func(event) bool) string {
	p.t.Helper()
	return p.wait(what, func(e event) bool {
		return e.Type == "socket_opened" && e.Kind == "other" && e.Network == "lab" && f(e)
	}).Socket
}

// process waits until the log says whose a socket is.
func (p *labProgram) process(socket, name string) (pid int) {
	p.t.Helper()
	e := p.wait("the process of "+socket, func(e event) bool { return e.Type == "process_found" && e.Socket == socket })
	if e.Process.Name != name {
		p.t.Errorf("%s is held by %+v, want %s", socket, e.Process, name)
	}
	return e.Process.PID
}

func remoteIs(address string) func(event) bool {
	return func(e event) bool { return e.Remote == address }
}

func ended(pid int) func() bool {
	return func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
}

// TestExecCurl: curl gets a page from a listener of the Lab that a person serves by hand, and stands in the log with its
// name.
func TestExecCurl(t *testing.T) {
	p := startLab(t, me)
	p.listen(`"address":":8330"`)
	curl := p.start("--", "curl", "-sS", "--noproxy", "*", "http://192.0.2.2:8330/")
	x := p.other("curl's socket", remoteIs("192.0.2.2:8330"))
	p.process(x, "curl")
	p.reaches("S1.1", "ESTABLISHED")
	p.do(`"type":"accept","socket":"S1"`)
	p.wait("S1.1 is accepted", func(e event) bool { return e.Type == "conn_accepted" && e.Socket == "S1.1" })
	p.do(`"type":"read","socket":"S1.1"`) // what is not read would be answered with a reset
	p.do(`"type":"write","socket":"S1.1","data":"HTTP/1.1 200 OK\\r\\nContent-Length: 14\\r\\n\\r\\nfrom the page\n"`)
	if got := curl.line(); got != "from the page" {
		t.Errorf("curl got %q", got)
	}
	if code := curl.ends(); code != 0 || curl.stderr.Len() > 0 {
		t.Errorf("curl ended with %d: %s", code, curl.stderr)
	}
	p.do(`"type":"close","socket":"S1.1"`)
	p.reaches(x, "TIME_WAIT")
}

// TestExecNetcat: nc serves in the Lab, and the page dials it.
func TestExecNetcat(t *testing.T) {
	p := startLab(t, me)
	nc := p.start("-host", "server", "nc", "-l", "8330")
	x := p.other("nc's listener", func(e event) bool { return e.Host == "server" && strings.HasSuffix(e.Local, ":8330") })
	p.process(x, "nc")
	p.do(`"type":"dial","network":"lab","address":"192.0.2.2:8330"`)
	p.dialled("C1")
	p.do(`"type":"write","socket":"C1","data":"to nc\n"`)
	if got := nc.line(); got != "to nc" {
		t.Errorf("nc got %q", got)
	}
	p.do(`"type":"close","socket":"C1"`) // nc leaves when its peer does
	p.reaches("C1", "FIN_WAIT_1")
	nc.in.Close()
	if code := nc.ends(); code != 0 {
		t.Errorf("nc ended with %d: %s", code, nc.stderr)
	}
}

// TestExecSS: ss shows the host's sockets and no others.
func TestExecSS(t *testing.T) {
	p := startLab(t, me)
	p.listen(`"address":":8330"`)
	for host, want := range map[string]string{"server": "*:8330", "client": ""} {
		out, err := p.exec("-host", host, "-session", "1", "--", "ss", "-Htan").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		lines := strings.Fields(string(out))
		if want == "" && len(lines) > 0 || want != "" && (len(lines) != 5 || lines[0] != "LISTEN" || lines[3] != want) {
			t.Errorf("on the %s, ss prints %q; want %q alone", host, out, want)
		}
	}
}

// TestExecTutorial: the two programs of a first tutorial talk in the Lab, and the log names both.
func TestExecTutorial(t *testing.T) { startLab(t, me).tutorial() }

func (p *labProgram) tutorial() {
	t := p.t
	t.Helper()
	server := p.start("-host", "server", built.get(t, "server", "./examples/tutorial/server", "build"))
	if got := server.line(); got != "listening on [::]:8330" {
		t.Fatalf("the server says %q", got)
	}
	l := p.other("the server's listener", func(e event) bool { return e.Host == "server" && strings.HasSuffix(e.Local, ":8330") && e.Remote == "" })
	serverPID := p.process(l, "server")
	client := p.start(built.get(t, "client", "./examples/tutorial/client", "build"), "192.0.2.2:8330")
	if got := client.line(); got != "connected to 192.0.2.2:8330" {
		t.Fatalf("the client says %q", got)
	}
	dialled := p.other("the client's socket", remoteIs("192.0.2.2:8330"))
	clientPID := p.process(dialled, "client")
	accepted := p.other("the server's connection", func(e event) bool { return e.Host == "server" && e.Remote != "" })
	if pid := p.process(accepted, "server"); pid != serverPID || pid == clientPID {
		t.Errorf("the server's connection is held by %d, its listener by %d, the client's by %d", pid, serverPID, clientPID)
	}
	if _, err := io.WriteString(client.in, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if got := client.line(); got != "got hello" {
		t.Errorf("the client says %q", got)
	}
	p.wait("a segment with the text", func(e event) bool { return e.Type == "segment_sent" && e.Socket == dialled })
	client.in.Close()
	if code := client.ends(); code != 0 {
		t.Errorf("the client ended with %d: %s", code, client.stderr)
	}
	for _, state := range []string{"FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT"} {
		p.reaches(dialled, state)
	}
	for _, state := range []string{"CLOSE_WAIT", "LAST_ACK", "CLOSED"} {
		p.reaches(accepted, state)
	}
	if err := server.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := server.ends(); code != 128+int(syscall.SIGINT) {
		t.Errorf("the server ended with %d, want that of SIGINT: %s", code, server.stderr)
	}
	p.reaches(l, "CLOSED")
}

// stubborn is a program in the Lab that heeds no SIGHUP, with one of its own that holds a socket.
func (p *labProgram) stubborn() (r *running, pids []int) {
	p.t.Helper()
	r = p.start("sh", "-c", `trap "" HUP; nc -l 8331 & echo $$; echo $!; cat`)
	for range 2 {
		pid, err := strconv.Atoi(r.line())
		if err != nil {
			p.t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	p.other("nc's listener", func(e event) bool { return strings.HasSuffix(e.Local, ":8331") })
	return r, pids
}

// TestExecEnds: a program ends with the Lab and with the playground, however that ends, and so do those that it has
// started.
func TestExecEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(*labProgram)
	}{
		{"the Lab closes", func(p *labProgram) { p.do(`"type":"close_lab"`) }},
		{"SIGTERM", func(p *labProgram) {
			if took := p.signal(p.t, syscall.SIGTERM); took > 2*time.Second {
				p.t.Errorf("the playground took %v to end, want 2 s at most", took)
			}
		}},
		{"SIGKILL", func(p *labProgram) {
			if err := p.cmd.Process.Kill(); err != nil {
				p.t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := startLab(t, me)
			r, pids := p.stubborn()
			tt.end(p)
			if code := r.ends(); code == 0 {
				t.Errorf("exec ended with 0, and said %q", r.stderr)
			}
			for _, pid := range pids {
				eventually(t, "a program has ended", ended(pid))
			}
			if tt.name == "the Lab closes" {
				return
			}
			out, err := p.exec("true").CombinedOutput()
			if err == nil || !strings.Contains(string(out), "no playground of yours answers") {
				t.Errorf("exec without a playground: %v, %q", err, out)
			}
		})
	}
}

// TestExecRefused: what cannot be run is answered with one sentence and the exit code that the shell would give.
func TestExecRefused(t *testing.T) {
	p := startLab(t, me)
	view(t, p.url).do(`"type":"open_lab"`) // a second session
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte("\x7fELF"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"which session", []string{"true"}, 125, "2 sessions are open; say which with -session"},
		{"no such session", []string{"-session", "7", "true"}, 125, "There is no session 7"},
		{"no such host", []string{"-host", "router", "true"}, 125, "the hosts are client and server"},
		{"no such flag", []string{"-colour", "true"}, 125, "socketplayground exec -help"},
		{"no number", []string{"-session", "one", "true"}, 125, "socketplayground exec -help"},
		{"no port", []string{"-addr", "localhost", "true"}, 125, "is not host:port"},
		{"no command", nil, 125, "say which command"},
		{"no such program", []string{"no-such-program"}, 127, "there is no program no-such-program"},
		{"not a program", []string{"-session", "1", garbage}, 126, "exec format error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := p.exec(tt.args...)
			out, _ := cmd.CombinedOutput()
			text := string(out)
			if code := cmd.ProcessState.ExitCode(); code != tt.code {
				t.Errorf("got exit code %d, want %d", code, tt.code)
			}
			if !strings.HasPrefix(text, "socketplayground: ") || strings.Count(text, "\n") != 1 || !strings.Contains(text, tt.want) {
				t.Errorf("got %q, want one line that says %q", text, tt.want)
			}
		})
	}
	if out, err := p.exec("-session", "1", "sh", "-c", "exit 42").CombinedOutput(); err == nil || err.(*exec.ExitError).ExitCode() != 42 {
		t.Errorf("got %v and %q, want the program's exit code, 42", err, out)
	}
}

// TestExecHelp: help runs nothing.
func TestExecHelp(t *testing.T) {
	out, err := exec.Command(built.get(t, "socketplayground", ".", "build"), "exec", "-help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Usage: socketplayground exec", "-addr", "-host", "-session"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q does not say %q", out, want)
		}
	}
}
