//go:build linux || darwin

package enter

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// client is one Exec, as the playground sees it.
type client struct {
	conn *net.UnixConn
	mine Judge
	in   *bufio.Reader
}

// serve runs the client's command until it has ended.
func (c *client) serve(ctx context.Context, start Start) {
	defer c.conn.Close()
	if err := c.admit(); err != nil {
		c.refuse(ExitRefused, err)
		return
	}
	r, files, err := c.request(ctx)
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	if err != nil {
		c.refuse(ExitRefused, fmt.Errorf("the request is not one of this version's exec: %w", err))
		return
	}
	cmd := &exec.Cmd{
		Path: r.Path, Args: r.Args, Env: r.Env, Dir: r.Dir,
		Stdin: files[0], Stdout: files[1], Stderr: files[2],
		// Away from the terminal in which the playground runs; its process group gets the signals.
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	run, err := start(ctx, r, cmd)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.refuse(ExitNotFound, err)
		return
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOEXEC):
		c.refuse(ExitCannotExecute, err)
		return
	case err != nil:
		c.refuse(ExitRefused, err)
		return
	}
	for _, f := range files { // the command has its own; ours would keep a pipe open after it
		_ = f.Close()
	}
	files = nil
	_ = send(c.conn, fromServer{Started: cmd.Process.Pid}) // who has gone is noticed below
	code := c.follow(ctx, cmd, run.Gone)
	if run.Done != nil {
		run.Done()
	}
	_ = send(c.conn, fromServer{Exit: &code})
}

// refuse says why nothing was run.
func (c *client) refuse(code int, err error) {
	_ = send(c.conn, fromServer{Exit: &code, Error: err.Error()})
}

// admit lets in the user of this process alone: what is run here has its rights.
func (c *client) admit() error {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return err
	}
	if e := raw.Control(func(fd uintptr) { err = c.mine(fd) }); e != nil {
		return e
	}
	if err != nil {
		return fmt.Errorf("this playground lets in the user that started it alone, as whom exec is to be run: %w", err)
	}
	return nil
}

// request reads the request and its three files.
func (c *client) request(ctx context.Context) (r Request, files []*os.File, err error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(requestTime))
	wake := context.AfterFunc(ctx, func() { _ = c.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer func() {
		if wake() {
			_ = c.conn.SetReadDeadline(time.Time{})
		}
	}()
	first := make([]byte, 4<<10)
	control := make([]byte, syscall.CmsgSpace(3*4)) // three descriptors; the kernel closes what does not fit
	n, oob, flags, _, err := c.conn.ReadMsgUnix(first, control)
	if err != nil {
		return r, nil, err
	}
	messages, err := syscall.ParseSocketControlMessage(control[:oob])
	if err != nil {
		return r, nil, err
	}
	for _, m := range messages {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			return r, files, err
		}
		for _, fd := range fds { // close-on-exec, by package net
			files = append(files, os.NewFile(uintptr(fd), "standard stream"))
		}
	}
	if len(files) != 3 || flags&syscall.MSG_CTRUNC != 0 {
		return r, files, fmt.Errorf("it comes with %d descriptors and needs three", len(files))
	}
	c.in = bufio.NewReader(io.MultiReader(bytes.NewReader(first[:n]), c.conn))
	var m request
	if err := receive(c.in, MaxRequest, &m); err != nil {
		return r, files, err
	}
	r, err = m.request()
	return r, files, err
}

// follow sends the client's signals on until the command has ended, and ends it when the client or the place goes or
// ctx is over. It gives the exit code.
func (c *client) follow(ctx context.Context, cmd *exec.Cmd, place <-chan struct{}) int {
	exited, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // its result is in cmd.ProcessState
	}()
	defer signalGroup(cmd, syscall.SIGKILL) // what it has started and left behind would keep the place
	signals, reading := make(chan syscall.Signal), make(chan struct{})
	go func() {
		defer close(reading)
		c.signals(signals, exited)
		close(gone)
	}()
	defer func() {
		_ = c.conn.SetReadDeadline(time.Unix(1, 0)) // ends the reader
		<-reading
	}()
	for {
		select {
		case <-exited:
			return exitCode(cmd.ProcessState)
		case s := <-signals:
			signalGroup(cmd, s)
			continue
		case <-gone:
		case <-place:
		case <-ctx.Done():
		}
		break
	}
	signalGroup(cmd, syscall.SIGHUP)
	kill := time.NewTimer(killTime)
	defer kill.Stop()
	select {
	case <-exited:
	case <-kill.C:
		signalGroup(cmd, syscall.SIGKILL)
		<-exited
	}
	return exitCode(cmd.ProcessState)
}

// signals hands over the client's signals until it goes away, or sends what it must not.
func (c *client) signals(to chan<- syscall.Signal, exited <-chan struct{}) {
	for {
		var m fromClient
		if err := receive(c.in, maxMessage, &m); err != nil {
			return
		}
		s := syscall.Signal(m.Signal)
		if !slices.Contains(forwarded, os.Signal(s)) {
			return
		}
		select {
		case to <- s:
		case <-exited:
			return
		}
	}
}

// signalGroup sends to the command and to what it has started, as a terminal does. Between the command's end and
// Wait's return its number could in theory be another's; numbers are not given anew that soon.
func signalGroup(cmd *exec.Cmd, s syscall.Signal) { _ = syscall.Kill(-cmd.Process.Pid, s) }

// exitCode is the code of a command as a shell gives it.
func exitCode(state *os.ProcessState) int {
	if s, ok := state.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return ExitSignal + int(s.Signal())
	}
	return state.ExitCode()
}
