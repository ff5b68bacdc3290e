package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"socketplayground/playground"
	"socketplayground/playground/lab"
	"socketplayground/playground/wire"
)

// pair is a TCP connection with both ends in this process, as the playground has them, over one of the ways that are
// compared.
type pair struct {
	name           string
	client, server *net.TCPConn
	end            func()
}

// stream sends bytes from the client to the server, and returns when all have come.
func (p *pair) stream(size int64) (time.Duration, error) {
	began := time.Now()
	sent := make(chan error, 1)
	go func() { // ends with the last byte, or with the connection
		buf := make([]byte, chunk)
		for left := size; left > 0; {
			n, err := p.client.Write(buf[:min(left, chunk)])
			if err != nil {
				sent <- err
				return
			}
			left -= int64(n)
		}
		sent <- nil
	}()
	buf := make([]byte, chunk)
	for got := int64(0); got < size; {
		n, err := p.server.Read(buf)
		if err != nil {
			return 0, err
		}
		got += int64(n)
	}
	took := time.Since(began)
	return took, <-sent
}

// pingPong makes n round trips.
func (p *pair) pingPong(n int) ([]time.Duration, error) {
	answered := make(chan error, 1)
	go func() { // ends with the last answer, or with the connection
		buf := make([]byte, pingSize)
		for range n {
			if _, err := io.ReadFull(p.server, buf); err != nil {
				answered <- err
				return
			}
			if _, err := p.server.Write(buf); err != nil {
				answered <- err
				return
			}
		}
		answered <- nil
	}()
	times := make([]time.Duration, 0, n)
	buf := make([]byte, pingSize)
	for range n {
		began := time.Now()
		if _, err := p.client.Write(buf); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(p.client, buf); err != nil {
			return nil, err
		}
		times = append(times, time.Since(began))
	}
	return times, <-answered
}

// join dials a listener and accepts; the listener is closed then.
func join(l *net.TCPListener, dial func() (net.Conn, error)) (client, server *net.TCPConn, err error) {
	defer l.Close()
	c, err := dial()
	if err != nil {
		return nil, nil, err
	}
	server, err = l.AcceptTCP()
	return c.(*net.TCPConn), server, err
}

// listenOn and dialTo are net's, without Multipath TCP.
func listenOn(address string) (*net.TCPListener, error) {
	var c net.ListenConfig
	c.SetMultipathTCP(false)
	l, err := c.Listen(context.Background(), "tcp4", address)
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

func dialTo(address string) (net.Conn, error) {
	var d net.Dialer
	d.SetMultipathTCP(false)
	return d.Dial("tcp4", address)
}

func overLoopback() (*pair, error) {
	l, err := listenOn("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	client, server, err := join(l, func() (net.Conn, error) { return dialTo(l.Addr().String()) })
	if err != nil {
		return nil, err
	}
	return &pair{loopbackName, client, server, func() { client.Close(); server.Close() }}, nil
}

// blindfold is an Observer that looks at nothing.
type blindfold struct{}

func (blindfold) Sent(*wire.Packet)                          {}
func (blindfold) Landed(*wire.Packet, error)                 {}
func (blindfold) Intervened(*wire.Packet, wire.Intervention) {}

// labAddress is where the server of a Lab listens.
const labAddress = "192.0.2.2:8330"

// overPlainWire is a Lab whose wire nobody looks at.
func overPlainWire(ctx context.Context, support lab.Support) (*pair, error) {
	system, err := lab.New(lab.Config{Backend: support.Backend})
	if err != nil {
		return nil, err
	}
	made, err := system.Open(ctx, lab.Options{})
	if err != nil {
		return nil, errors.Join(err, system.Close())
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	w := wire.New(made.Client.Port(), made.Server.Port(), blindfold{})
	go func() { ended <- w.Run(running) }() // ends with stop
	end := func() {
		stop()
		<-ended
		made.Close()
		_ = system.Close()
	}
	l, err := made.Server.Listen(ctx, labAddress, lab.SocketOptions{})
	if err != nil {
		end()
		return nil, err
	}
	client, server, err := join(l, func() (net.Conn, error) { return made.Client.Dial(ctx, labAddress, "", lab.SocketOptions{}) })
	if err != nil {
		end()
		return nil, err
	}
	return &pair{plainWireName, client, server, func() { client.Close(); server.Close(); end() }}, nil
}

// overSession is a session's Lab, whose wire the session reads. The sockets are plain ones, as of another program in
// the Lab: what is measured is the wire and its tap, without the calls that a session records.
func overSession(ctx context.Context, support lab.Support) (*pair, error) {
	e, err := newEngine(support)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*pair, error) {
		e.end()
		return nil, err
	}
	s, leave, err := e.sessions.Open("")
	if err != nil {
		return fail(err)
	}
	defer leave()
	delayed := false // as in the other Lab: ACKs wait for data
	if _, err := s.Do(ctx, &playground.OpenLab{QuickAck: &delayed}); err != nil {
		return fail(err)
	}
	var l *net.TCPListener
	err = e.within("server", func() (err error) {
		l, err = listenOn(labAddress)
		return err
	})
	if err != nil {
		return fail(err)
	}
	client, server, err := join(l, func() (c net.Conn, err error) {
		err = e.within("client", func() (err error) {
			c, err = dialTo(labAddress)
			return err
		})
		return c, err
	})
	if err != nil {
		return fail(err)
	}
	return &pair{ourName, client, server, func() { client.Close(); server.Close(); e.end() }}, nil
}

// engine is the playground without its page.
type engine struct {
	sessions *playground.Manager
	system   *lab.System
}

// newEngine makes one; without Labs where the system allows none.
func newEngine(support lab.Support) (*engine, error) {
	e := &engine{}
	var err error
	if support.Available {
		if e.system, err = lab.New(lab.Config{Backend: support.Backend}); err != nil {
			return nil, err
		}
	}
	e.sessions, err = playground.NewManager(playground.Config{Network: playground.NewMachine(playground.Policy{}),
		Labs: playground.Labs{System: e.system, Support: support}})
	return e, err
}

func (e *engine) end() {
	e.sessions.Close()
	if e.system != nil {
		_ = e.system.Close()
	}
}

// within runs f on a thread in a host's network namespace, to which the sockets that f makes belong. The way in is a
// program in the host.
func (e *engine) within(host string, f func() error) error {
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	_, done, err := e.sessions.Start(0, host, cmd)
	if err != nil {
		return err
	}
	defer done()
	defer cmd.Wait()
	defer in.Close()
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", cmd.Process.Pid))
	if err != nil {
		return err
	}
	defer namespace.Close()
	ended := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends in that namespace, with its goroutine
		err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET)
		if err == nil {
			err = f()
		}
		ended <- err
	}()
	return <-ended
}
