//go:build linux || darwin

package enter

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

// forwarded are the signals that a terminal, or who ends a program, sends to Exec but means for the command.
var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGWINCH}

// Exec has the playground at path run the command, and returns its exit code when it has ended. With an error the
// code is one of those above. From call to return the forwarded signals go to the command alone.
func Exec(path string, c Command) (code int, err error) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, forwarded...)
	defer signal.Stop(signals)

	r, code, err := c.request()
	if err != nil {
		return code, err
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return ExitRefused, fmt.Errorf("no playground of yours answers at %s; start one, or name its page with -addr", path)
	case err != nil:
		return ExitRefused, fmt.Errorf("the playground cannot be reached: %w", err)
	}
	defer conn.Close()
	if err := hand(conn, r, c.Stdin, c.Stdout, c.Stderr); err != nil {
		return ExitRefused, err
	}

	answers, lost := make(chan fromServer), make(chan error, 1)
	over := make(chan struct{})
	defer close(over)
	started := 0 // the command's process, and its group
	go func() {  // ends with conn
		in := bufio.NewReader(conn)
		for {
			var m fromServer
			if err := receive(in, maxMessage, &m); err != nil {
				lost <- err
				return
			}
			select {
			case answers <- m:
			case <-over:
				return
			}
		}
	}()
	for {
		select {
		case s := <-signals:
			// An error comes up in the answers too.
			_ = send(conn, fromClient{Signal: int(s.(syscall.Signal))})
		case m := <-answers:
			switch {
			case m.Started > 0:
				started = m.Started
			case m.Error != "":
				code = ExitRefused
				if m.Exit != nil {
					code = *m.Exit
				}
				return code, errors.New(m.Error)
			case m.Exit != nil:
				return *m.Exit, nil
			}
		case <-lost:
			if started > 0 { // the playground was killed and had no time for it
				_ = syscall.Kill(-started, syscall.SIGKILL)
			}
			return ExitRefused, errors.New("the playground has ended, and the command with it")
		}
	}
}

// request completes the command with what it inherits.
func (c Command) request() (Request, int, error) {
	if len(c.Args) == 0 {
		return Request{}, ExitRefused, errors.New("say which command to run, such as: exec -- ss -tan")
	}
	dir, err := os.Getwd()
	if err != nil {
		return Request{}, ExitRefused, fmt.Errorf("the working directory is not known: %w", err)
	}
	path, err := exec.LookPath(c.Args[0])
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return Request{}, ExitNotFound, fmt.Errorf("there is no program %s; check its name and PATH", c.Args[0])
	case err != nil:
		return Request{}, ExitCannotExecute, fmt.Errorf("the program cannot be run: %w", err)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return Request{Host: c.Host, Session: c.Session, Path: path, Args: c.Args, Env: os.Environ(), Dir: dir}, 0, nil
}

// hand sends the request with the descriptors. They travel with its first byte, which is never split.
func hand(conn *net.UnixConn, r Request, files ...*os.File) error {
	b, err := json.Marshal(r.message())
	if err != nil {
		return err
	}
	b = append(b, '\n')
	if len(b) > MaxRequest {
		return fmt.Errorf("arguments and environment are longer than the %d bytes that exec takes; shorten them", MaxRequest)
	}
	fds := make([]int, len(files))
	for i, f := range files {
		fds[i] = int(f.Fd())
	}
	// One who refuses may have closed already; the refusal is read as an answer.
	refused := func(err error) bool { return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) }
	switch _, _, err := conn.WriteMsgUnix(b[:1], syscall.UnixRights(fds...), nil); {
	case refused(err):
		return nil
	case err != nil:
		return fmt.Errorf("standard input, output and error cannot be handed over; all three must be open: %w", err)
	}
	if _, err := conn.Write(b[1:]); err != nil && !refused(err) {
		return fmt.Errorf("the command cannot be handed over: %w", err)
	}
	return nil
}
