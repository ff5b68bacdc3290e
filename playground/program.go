package playground

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// Program makes the command of a second process of this program, which dials an address, holds the connection, and ends
// when its standard input does. It writes one line to its standard output: ProgramReady, or why it could not connect.
// Only main may make one: any other program, such as a test's, would do all its work once more (see lab.Reexec).
type Program func(ctx context.Context, address string) *exec.Cmd

// ProgramReady is the line that says that the connection is there.
const ProgramReady = "connected"

// demoProgram is such a process while it runs, and after.
type demoProgram struct {
	pid   int
	cmd   *exec.Cmd
	first chan string   // its line, or what there was of it
	gone  chan struct{} // it has ended
}

// startProgram starts a process that dials one of the session's listeners, from a host of the Lab or from this machine.
// It ends with the session, and with its Lab.
func (s *Session) startProgram(listener, host string) (*demoProgram, error) {
	if s.program == nil {
		return nil, refuse(CodeUnsupported, "", "This server starts no programs.")
	}
	host, refusal := hostOr(host, "client")
	var in *place
	var address string
	if refusal == nil && !s.ask(func() {
		l, ok := s.sockets[listener]
		if !ok || l.kind != KindListener || !l.open {
			refusal = invalid("address", "A program dials an open listener of the demo, such as S1.")
			return
		}
		in = s.sameNetwork(l.place, host)
		address = dialable(in, l)
		if in.machine() {
			s.interest(portOf(address)) // before the first SYN
		} else {
			in.lab.programs.Add(1)
		}
		s.lastScan = 0 // somebody comes
	}) {
		refusal = errEnded()
	}
	if refusal != nil {
		return nil, refusal
	}
	ctx, cancel := context.WithCancel(s.ctx)
	p := &demoProgram{cmd: s.program(ctx, address), first: make(chan string, 1), gone: make(chan struct{})}
	stdin, stdout, err := p.start(in)
	if err != nil {
		cancel()
		if !in.machine() {
			in.lab.programs.Add(-1)
		}
		return nil, &Error{Code: CodeInternal, Message: "The program cannot be started: " + err.Error() + ".", Err: err}
	}
	p.pid = p.cmd.Process.Pid
	s.wg.Go(func() {
		defer cancel()
		line, _ := bufio.NewReader(io.LimitReader(stdout, 1<<10)).ReadString('\n')
		p.first <- strings.TrimSpace(line)
		_, _ = io.Copy(io.Discard, stdout) // until it ends
		_ = p.cmd.Wait()                   // how it ended is seen on its socket
		stdin.Close()
		close(p.gone)
		s.post(func() { s.lastScan = 0 })
		if !in.machine() {
			in.lab.programs.Add(-1)
		}
	})
	if !in.machine() {
		s.wg.Go(func() {
			select {
			case <-in.lab.ended:
				cancel()
			case <-p.gone:
			}
		})
	}
	return p, nil
}

// start starts it with pipes: standard input stays open for as long as it is to live, and ends with us, however we end.
func (p *demoProgram) start(in *place) (stdin io.WriteCloser, stdout io.ReadCloser, err error) {
	if stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	if stdout, err = p.cmd.StdoutPipe(); err != nil {
		stdin.Close()
		return nil, nil, err
	}
	start := p.cmd.Start
	if h, ok := in.network.(labHost); ok {
		start = func() error { return h.host.Start(p.cmd) }
	}
	if err = start(); err != nil {
		stdin.Close()
		stdout.Close()
	}
	return stdin, stdout, err
}

// connected waits until it has its connection.
func (p *demoProgram) connected(ctx context.Context) error {
	select {
	case line := <-p.first:
		if line != ProgramReady {
			return fmt.Errorf("the program could not connect: %s", clip(line, 200))
		}
		return nil
	case <-ctx.Done():
		return errors.New("the program has not connected in time")
	}
}

// kill ends it by SIGKILL, which no program can catch, and waits until it is gone.
func (p *demoProgram) kill(ctx context.Context) error {
	if err := p.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("the program is gone already: %w", err)
	}
	select {
	case <-p.gone:
		return nil
	case <-ctx.Done():
		return errors.New("the program was killed and is still there")
	}
}
