package playground_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
	"socketplayground/playground/lab"
)

// patience bounds every wait of these tests. What they wait for takes milliseconds; the rest is for a busy machine.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	if address := os.Getenv(programVariable); address != "" {
		os.Exit(dialAndHold(address))
	}
	if handled, code := lab.Reexec(); handled { // as the program does: Labs need a user namespace where we are not root
		os.Exit(code)
	}
	// The runtime opens its poller with the first socket and keeps it: not a leak of whichever test comes first.
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close()
	}
	// Programs as Debian has them: what a version manager puts before them takes ten times as long to begin.
	if err := os.Setenv("PATH", "/usr/bin:"+os.Getenv("PATH")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := labSystem.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "the Labs cannot be closed:", err)
		code = 1
	}
	os.Exit(code)
}

// session is a Session under test, with a manager of its own.
type session struct {
	*playground.Session
	t       testing.TB
	ctx     context.Context
	manager *playground.Manager
	leave   func()
}

// open starts a session on this machine's network. When the test is over everything is closed, and nothing may be left.
func open(t testing.TB) *session {
	return openWith(t, playground.Config{})
}

func openWith(t testing.TB, cfg playground.Config) *session {
	t.Helper()
	leaks := leakCheck(t)
	if cfg.Network == nil {
		cfg.Network = playground.NewMachine(playground.Policy{})
	}
	m, err := playground.NewManager(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	t.Cleanup(func() {
		m.Close()
		cancel()
		leaks()
	})
	s, leave, err := m.Open("")
	if err != nil {
		t.Fatal(err)
	}
	return &session{Session: s, t: t, ctx: ctx, manager: m, leave: leave}
}

// leakCheck counts goroutines and descriptors; the function that it returns holds the count against a later one. They are
// all of the process: a test that runs beside others has none to count, and Setenv, for the same reason, refuses it.
func leakCheck(t testing.TB) func() {
	t.Helper()
	t.Setenv("PLAYGROUND_TEST", "alone")
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors(t)
	return func() {
		t.Helper()
		eventually(t, "no goroutine is left", func() error {
			if n := runtime.NumGoroutine(); n > goroutines {
				buf := make([]byte, 64<<10)
				return fmt.Errorf("%d goroutines, %d before:\n%s", n, goroutines, buf[:runtime.Stack(buf, true)])
			}
			return nil
		})
		eventually(t, "no descriptor is left", func() error {
			if n := openDescriptors(t); n > descriptors {
				return fmt.Errorf("%d descriptors, %d before", n, descriptors)
			}
			return nil
		})
	}
}

func openDescriptors(t testing.TB) int { t.Helper(); return entries(t, "/proc/self/fd") }

// entries counts what is in a directory.
func entries(t testing.TB, dir string) int {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// eventually polls for a fact that no event tells; holds says what is still missing.
func eventually(t testing.TB, fact string, holds func() error) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		err := holds()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after %v it is still not so that %s: %v", patience, fact, err)
		}
	}
}

// do carries out a command that must be taken.
func (s *session) do(cmd playground.Command) playground.Reply {
	s.t.Helper()
	reply, err := s.Do(s.ctx, cmd)
	if err != nil {
		s.t.Fatalf("%T %+v: %v", cmd, cmd, err)
	}
	return reply
}

// refused carries out a command that must be refused.
func (s *session) refused(cmd playground.Command) *playground.Error {
	s.t.Helper()
	_, err := s.Do(s.ctx, cmd)
	return s.refusal(cmd, err)
}

// refusal is the error with which a command was refused.
func (s *session) refusal(cmd playground.Command, err error) *playground.Error {
	s.t.Helper()
	var refusal *playground.Error
	if !errors.As(err, &refusal) {
		s.t.Fatalf("%T %+v: got %v, want a refusal", cmd, cmd, err)
	}
	if refusal.Code == "" || !strings.HasSuffix(refusal.Message, ".") {
		s.t.Errorf("%T: a refusal has a code and a sentence, got %q %q", cmd, refusal.Code, refusal.Message)
	}
	return refusal
}

// headerOf is the part that every event has.
func headerOf(e playground.Event) playground.Header {
	return reflect.ValueOf(e).Elem().FieldByName("Header").Interface().(playground.Header)
}

// await waits for an event of a kind that satisfies holds, whether it is in the log already or comes yet.
func await[E playground.Event](s *session, what string, holds func(E) bool) E {
	s.t.Helper()
	return awaitAfter(s, 0, what, holds)
}

// awaitAfter is await for an event later than seq.
func awaitAfter[E playground.Event](s *session, seq uint64, what string, holds func(E) bool) E {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	e, err := s.Log().Wait(ctx, seq, func(e playground.Event) bool {
		typed, ok := e.(E)
		return ok && holds(typed)
	})
	if err != nil {
		s.t.Fatalf("waiting for %s: %v; the log:\n%s", what, err, s.tail())
	}
	return e.(E)
}

// until waits until the snapshot satisfies holds, and returns it.
func (s *session) until(what string, holds func(*playground.Snapshot) bool) *playground.Snapshot {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	pace := time.NewTicker(2 * time.Millisecond) // a snapshot of a thousand sockets is not made at every event
	defer pace.Stop()
	for ; ; <-pace.C {
		now := s.Log().Now()
		if holds(now) {
			return now
		}
		if _, err := s.Log().Wait(ctx, now.Seq, func(playground.Event) bool { return true }); err != nil {
			s.t.Fatalf("waiting until %s: %v; the log:\n%s", what, err, s.tail())
		}
	}
}

// tail is the end of the log, for a failure.
func (s *session) tail() string {
	var b []byte
	events := s.Log().Events(0)
	for _, e := range events[max(0, len(events)-60):] {
		if _, noise := e.(*playground.MetricsSampled); noise {
			continue
		}
		b = append(playground.AppendEvent(b, e), '\n')
	}
	return string(b)
}

// socket waits until a socket of the snapshot satisfies holds.
func (s *session) socket(id, what string, holds func(*playground.SocketView) bool) *playground.SocketView {
	s.t.Helper()
	return s.until(id+" "+what, func(now *playground.Snapshot) bool {
		v := now.Sockets[id]
		return v != nil && holds(v)
	}).Sockets[id]
}

// inState waits until a socket is in a state.
func (s *session) inState(id string, want playground.State) *playground.SocketView {
	s.t.Helper()
	return s.socket(id, "is in "+string(want), func(v *playground.SocketView) bool {
		return v.State == want && (want != playground.StateClosed || v.ClosedNS != 0)
	})
}

// returned waits for the result of a call.
func (s *session) returned(call uint64) *playground.CallReturned {
	s.t.Helper()
	return await(s, fmt.Sprintf("the return of call %d", call), func(e *playground.CallReturned) bool { return e.Call == call })
}

// failed waits for the error of a call.
func (s *session) failed(call uint64) *playground.CallError {
	s.t.Helper()
	e := s.returned(call)
	if e.Error == nil {
		s.t.Fatalf("%s returned %q, want an error", e.Op, e.Result)
	}
	return e.Error
}

// listen opens a listener on a free port and gives its name and its address.
func (s *session) listen(cmd playground.Listen) (id, address string) {
	s.t.Helper()
	if cmd.Address == "" {
		cmd.Address = "127.0.0.1:0"
	}
	call := s.do(&cmd).Calls[0]
	opened := await(s, "the listener", func(e *playground.SocketOpened) bool { return e.Call == call })
	s.inState(opened.Socket, playground.StateListen)
	return opened.Socket, opened.Local
}

// dial opens a connection and waits until it is open.
func (s *session) dial(cmd playground.Dial) (id string) {
	s.t.Helper()
	reply := s.do(&cmd)
	if e := s.returned(reply.Calls[0]); e.Error != nil {
		s.t.Fatalf("Dial %s: %s", cmd.Address, e.Error.Text)
	}
	return reply.Sockets[0]
}

// accept accepts the next connection of a manual listener.
func (s *session) accept(listener string) (id string) {
	s.t.Helper()
	call := s.do(&playground.Accept{Socket: listener}).Calls[0]
	if e := s.returned(call); e.Error != nil {
		s.t.Fatalf("Accept: %s", e.Error.Text)
	}
	for _, e := range s.Log().Events(0) {
		switch e := e.(type) {
		case *playground.ConnAccepted:
			if e.Call == call {
				return e.Socket
			}
		case *playground.SocketOpened:
			if e.Call == call && e.Accepted {
				return e.Socket
			}
		}
	}
	s.t.Fatalf("no socket came of Accept %d:\n%s", call, s.tail())
	return ""
}

// connected is a client and the server end of its connection, both read by hand.
func (s *session) connected() (client, server string) {
	s.t.Helper()
	l, _ := s.listen(playground.Listen{})
	client = s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	return client, s.accept(l)
}

// write sends text and waits for Write to return.
func (s *session) write(id, text string) *playground.CallReturned {
	s.t.Helper()
	return s.returned(s.do(&playground.Write{Socket: id, Data: text}).Calls[0])
}

// read calls Read once and waits for it.
func (s *session) read(id string) *playground.CallReturned {
	s.t.Helper()
	return s.returned(s.do(&playground.Read{Socket: id}).Calls[0])
}

// fill writes to a socket whose peer does not read, until the peer's window is closed.
func (s *session) fill(id string) (transfer uint64) {
	s.t.Helper()
	transfer = s.do(&playground.Write{Socket: id, Encoding: playground.EncodingPattern, Data: "0123456789", Bytes: 64 << 20}).Transfers[0]
	s.socket(id, "probes a closed window", func(v *playground.SocketView) bool {
		return v.Metrics != nil && v.Metrics.Timer != nil && v.Metrics.Timer.Kind == "persist"
	})
	return transfer
}

// running waits until a call has started and not returned.
func (s *session) running(call uint64) {
	s.t.Helper()
	s.until(fmt.Sprintf("call %d runs", call), func(now *playground.Snapshot) bool { return now.Calls[call] != nil })
}

// options are option values of a command.
func options(pairs ...any) playground.RawOptions {
	o := playground.RawOptions{}
	for i := 0; i < len(pairs); i += 2 {
		o[pairs[i].(string)] = raw(pairs[i+1])
	}
	return o
}

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func portOf(t testing.TB, address string) uint16 {
	t.Helper()
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return a.Port()
}
