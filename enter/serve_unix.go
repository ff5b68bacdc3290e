//go:build linux || darwin

package enter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Server runs the commands of those who connect to its socket.
type Server struct {
	listener *net.UnixListener
	mine     Judge
}

// Listen makes the socket at path, at which those are served whose connection mine finds to be of this user. Serve must
// be called, and removes it.
func Listen(path string, mine Judge) (*Server, error) {
	l, err := listen(path)
	if err != nil {
		return nil, err
	}
	return &Server{listener: l, mine: mine}, nil
}

// Serve serves until ctx is over; then it ends the commands and waits for them, and returns nil.
func (s *Server) Serve(ctx context.Context, start Start) error {
	l := s.listener
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() }) // removes the socket, too
	defer stop()
	slots := make(chan struct{}, MaxClients)
	for {
		conn, err := l.AcceptUnix()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("exec: %w", err)
		case err != nil: // no descriptor free, most likely: those who wait are served when there is one
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		c := &client{conn: conn, mine: s.mine}
		select {
		case slots <- struct{}{}:
			clients.Go(func() {
				defer func() { <-slots }()
				c.serve(ctx, start)
			})
		default:
			c.refuse(ExitRefused, fmt.Errorf("%d commands are running already; end one first", MaxClients))
			_ = conn.Close()
		}
	}
}

// listen makes the socket. What a playground that was killed has left is replaced; its port was its own, so nobody
// else makes this socket at the same time.
func listen(path string) (*net.UnixListener, error) {
	address := &net.UnixAddr{Name: path, Net: "unix"}
	l, err := net.ListenUnix("unix", address)
	if !errors.Is(err, syscall.EADDRINUSE) {
		if err != nil {
			return nil, fmt.Errorf("programs cannot be run in a host: %w", err)
		}
		return l, nil
	}
	// A file that is no socket refuses like a socket without a listener (unix_find_bsd, net/unix/af_unix.c).
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != fs.ModeSocket {
		return nil, fmt.Errorf("%s is no socket; remove it", path)
	}
	switch conn, err := net.DialUnix("unix", nil, address); {
	case err == nil:
		_ = conn.Close()
		return nil, fmt.Errorf("another playground answers at %s; stop it, or choose another port with -addr", path)
	case !errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%s cannot be asked whether it is in use: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		return nil, fmt.Errorf("a socket that nobody uses cannot be replaced: %w", err)
	}
	if l, err = net.ListenUnix("unix", address); err != nil {
		return nil, fmt.Errorf("programs cannot be run in a host: %w", err)
	}
	return l, nil
}
