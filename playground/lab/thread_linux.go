package lab

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// thread is an OS thread that runs functions in network namespaces, one at a time. Between them it rests in its home,
// because a thread keeps the namespace it is in from ending.
type thread struct {
	home  *os.File
	calls chan func()
	stop  chan struct{}
	ended chan struct{}
}

// startThread makes a thread whose home is the namespace in which enter leaves it.
func startThread(enter func() error) (*thread, error) {
	t := &thread{calls: make(chan func()), stop: make(chan struct{}), ended: make(chan struct{})}
	entered := make(chan error)
	go t.run(enter, entered) // ends with close
	if err := <-entered; err != nil {
		<-t.ended
		return nil, err
	}
	return t, nil
}

// run is never unlocked from its thread, so that the thread ends with it and nobody else gets one in a strange namespace.
func (t *thread) run(enter func() error, entered chan<- error) {
	runtime.LockOSThread()
	defer close(t.ended)
	err := enter()
	if err == nil {
		t.home, err = ownNamespace()
	}
	entered <- err
	if err != nil {
		return
	}
	defer t.home.Close()
	for {
		select {
		case call := <-t.calls:
			call()
		case <-t.stop:
			return
		}
	}
}

// ownNamespace is the network namespace of the calling thread.
func ownNamespace() (*os.File, error) { return os.Open("/proc/thread-self/ns/net") }

// in runs f on the thread in the namespace ns. A closed ns or thread gives ErrClosed.
func (t *thread) in(ns *os.File, f func() error) error {
	result := make(chan error, 1)
	call := func() { result <- t.visit(ns, f) }
	select {
	case t.calls <- call:
		return <-result
	case <-t.ended:
		return ErrClosed
	}
}

// visit enters ns by os.File's own descriptor, held while f runs: by its number, a namespace closed meanwhile could be
// mistaken for the one that got its number.
func (t *thread) visit(ns *os.File, f func() error) error {
	raw, err := ns.SyscallConn()
	if err != nil {
		return ErrClosed
	}
	controlErr := raw.Control(func(fd uintptr) {
		if err = enter(int(fd)); err != nil {
			return
		}
		err = errors.Join(f(), enter(int(t.home.Fd())))
	})
	if controlErr != nil {
		return ErrClosed
	}
	return err
}

func enter(ns int) error {
	if err := unix.Setns(ns, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("lab: the network namespace cannot be entered: %w", os.NewSyscallError("setns", err))
	}
	return nil
}

// close ends the thread, once it has done what it was doing.
func (t *thread) close() {
	close(t.stop)
	<-t.ended
}
