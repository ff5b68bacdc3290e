package lab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"socketplayground/playground/lag"
)

// teardowns is how many Labs may end at the same time. Each keeps an OS thread busy while the kernel waits for
// everybody to let go of its devices, and Go never gives a thread back.
const teardowns = 4

// System makes Labs. Its methods may be called from any goroutine.
type System struct {
	backend Backend
	logger  *slog.Logger
	build   *thread // makes hosts; its home is the base namespace
	visit   *thread // works in the hosts' namespaces
	devices devices
	ending  chan struct{} // a place for each teardown that runs
	guard   *guardian     // nil: there is none
	missing []string      // see Missing

	settings func() []Setting // askSettings, once

	mu     sync.Mutex
	closed bool
	last   uint64            // number of the newest Lab
	labs   map[*Lab]struct{} // those whose teardown has not ended
	ends   sync.WaitGroup    // one for each of them
}

// New makes a System with the backend of the Config.
func New(cfg Config) (*System, error) {
	s := &System{backend: cfg.Backend, logger: cfg.Logger, labs: map[*Lab]struct{}{}, ending: make(chan struct{}, teardowns)}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	s.settings = sync.OnceValue(s.askSettings)
	var err error
	if s.build, err = startThread(enterBase); err != nil {
		return nil, err
	}
	switch cfg.Backend {
	case Capabilities, UserNamespace:
		s.devices = tunDevices{}
	case Veth:
		s.devices = vethDevices{base: s.build.home}
	default:
		s.build.close()
		return nil, fmt.Errorf("lab: there is no backend %q; let Probe find one", cfg.Backend)
	}
	if s.visit, err = startThread(func() error { return enter(int(s.build.home.Fd())) }); err != nil {
		s.build.close()
		return nil, err
	}
	if err = s.visit.in(s.build.home, func() error { s.missing = Missing(); return nil }); err != nil {
		s.visit.close()
		s.build.close()
		return nil, err
	}
	if cfg.Guardian {
		if s.guard, err = startGuardian(); err != nil {
			s.logger.Warn("if the playground is killed, its Labs stay for a while", "error", err)
		}
	}
	return s, nil
}

// enterBase takes the thread to a new namespace, from which those of the hosts are made.
func enterBase() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return errNamespace(err)
	}
	// A namespace shares the TCP hash table of this machine, which sock_diag walks for each list of sockets; those made
	// from this one get a small table of their own (inet_pernet_hashinfo_alloc, net/ipv4/inet_hashtables.c; Linux 6.1).
	// It is all the same but for the time a list takes.
	_ = os.WriteFile("/proc/sys/net/ipv4/tcp_child_ehash_entries", []byte("128"), 0)
	return nil
}

func errNamespace(err error) error {
	return fmt.Errorf("lab: the system refuses a network namespace; "+
		"run the program as root, or allow it user namespaces: %w", os.NewSyscallError("unshare", err))
}

// Backend is how this System makes hosts.
func (s *System) Backend() Backend { return s.backend }

// Open makes a Lab.
func (s *System) Open(ctx context.Context, o Options) (*Lab, error) {
	if o.MTU == 0 {
		o.MTU = DefaultMTU
	}
	if o.MTU < MinMTU || o.MTU > MaxMTU {
		return nil, fmt.Errorf("lab: an MTU of %d bytes is not possible; it is %d to %d", o.MTU, MinMTU, MaxMTU)
	}
	l := &Lab{system: s}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, ErrClosed
	}
	s.labs[l] = struct{}{}
	s.last++
	l.number = s.last
	s.ends.Add(1)
	s.mu.Unlock()

	err := ctx.Err()
	if err == nil {
		l.Client, err = s.newHost("client", clientAddresses, o)
	}
	if err == nil {
		l.Server, err = s.newHost("server", serverAddresses, o)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	s.guard.watch(l.number, int(l.Client.ns.Fd()), int(l.Server.ns.Fd()))
	return l, nil
}

// Close closes all Labs, waits until the kernel has taken them down, and ends the threads.
func (s *System) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	s.closed = true
	labs := make([]*Lab, 0, len(s.labs))
	for l := range s.labs {
		labs = append(labs, l)
	}
	s.mu.Unlock()
	for _, l := range labs {
		l.Close()
	}
	s.ends.Wait()
	s.guard.close()
	s.visit.close()
	s.build.close()
	return nil
}

// Lab is two hosts with a cable between them.
type Lab struct {
	Client, Server *Host

	system *System
	number uint64 // of the System's
	once   sync.Once
}

// Close ends the Lab and returns at once: calls that wait in it fail, its sockets and devices go in the background.
// System.Close waits for that.
func (l *Lab) Close() {
	l.once.Do(func() { go l.end() }) // System.ends counts it
}

// end takes the Lab down.
func (l *Lab) end() {
	s := l.system
	defer s.ends.Done()
	s.ending <- struct{}{}
	defer func() { <-s.ending }()
	s.guard.watch(l.number) // it must not keep the namespaces
	var errs []error
	for _, h := range []*Host{l.Client, l.Server} {
		if h != nil {
			errs = append(errs, h.close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		s.logger.Warn("a Lab was not taken down cleanly; the kernel ends what is left of it", "error", err)
	}
	s.mu.Lock()
	delete(s.labs, l)
	s.mu.Unlock()
}

// CaughtUp returns when what the hosts had sent before it was called was read from their Ports and handed on, and what they
// sent because of that.
func (l *Lab) CaughtUp(ctx context.Context) error {
	return lag.Wait(ctx, l.Client.port.behind(), l.Server.port.behind())
}

// SetQuickACK says whether the routes between the hosts ask for an ACK at once (RTAX_QUICKACK). Without it Linux
// delays ACKs by up to 200 ms (RFC 9293 §3.8.6.3), so that the ACK of a FIN often rides on the other side's own FIN
// and FIN_WAIT_2 is not seen.
func (l *Lab) SetQuickACK(on bool) error {
	for _, h := range []*Host{l.Client, l.Server} {
		if err := h.Do(func() error { return h.setRoutes(on) }); err != nil {
			return err
		}
	}
	return nil
}
