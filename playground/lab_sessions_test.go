package playground_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
)

// entangle opens a Lab, and leaves in it what can be left open: listeners, connections, calls that wait, a closed
// window, a segment held, an orphan whose FIN nobody gets.
func (s *session) entangle() {
	s.t.Helper()
	c, server := s.connectedLab()
	l, _, _ := strings.Cut(server, ".")
	full := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.accept(l)
	s.do(&playground.Write{Socket: full, Encoding: playground.EncodingPattern, Data: "x", Bytes: 32 << 20})
	s.do(&playground.Dial{Address: l}) // nobody accepts it
	s.running(s.do(&playground.Read{Socket: c}).Calls[0])
	s.rule(playground.AddRule{Direction: "to_client", Flags: "DATA", Action: "hold"})
	s.write(server, "held from "+server)
	s.held(s.data("held from " + server))
	s.do(&playground.Close{Socket: server})
	cut := true
	s.do(&playground.SetWire{Cut: &cut})
	s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:99"})
	s.do(&playground.Accept{Socket: s.listenLab(playground.Listen{Address: "[::]:0"})})
}

// TestLabCloses: with everything open the Lab goes, and all that is in it, and can be opened again.
func TestLabCloses(t *testing.T) {
	s := openLab(t)
	l, _ := s.listen(playground.Listen{})
	here := s.dial(playground.Dial{Address: l})
	for range 2 {
		s.entangle()
		s.do(&playground.CloseLab{})
		now := s.Log().Now()
		if now.Lab != nil {
			t.Fatal("the Lab is still told to be open")
		}
		for id, v := range now.Sockets {
			if v.Network != "machine" {
				t.Errorf("%s is left: %+v", id, v)
			}
		}
		s.until("no call waits, and no transfer", func(now *playground.Snapshot) bool { return len(now.Calls) <= 1 && len(now.Transfers) == 0 })
		if err := s.refused(&playground.CloseLab{}); err.Code != playground.CodeConflict {
			t.Errorf("closing it again: %s", err.Code)
		}
	}
	if v := s.Log().Now().Sockets[here]; v == nil || v.State != playground.StateEstablished {
		t.Errorf("the connection on this machine is %+v", v)
	}
	s.listenLab(playground.Listen{})
	if s.Log().Now().Lab == nil {
		t.Error("listening in the Lab did not open one")
	}
}

// TestLabSessions: fifty Labs at once come and go, and leave nothing.
func TestLabSessions(t *testing.T) {
	const count = 50
	cfg := playground.Config{Labs: needLabs(t), Network: playground.NewMachine(playground.Policy{}), Linger: time.Millisecond}
	round := func() {
		t.Helper()
		m, err := playground.NewManager(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		for range count {
			one, leave, err := m.Open("")
			if err != nil {
				t.Fatal(err)
			}
			s := &session{Session: one, t: t, ctx: t.Context(), manager: m}
			c, server := s.connectedLab()
			s.write(c, "hello")
			s.arrives(server, "hello")
			defer leave()
		}
		if n := m.Sessions(); n != count {
			t.Errorf("there are %d sessions", n)
		}
	}
	threads := func() int { return entries(t, "/proc/self/task") }
	round() // the runtime's threads, and those that take Labs down
	leaks, before := leakCheck(t), threads()
	round()
	leaks()
	// The runtime keeps the threads that it had to make while others were in system calls. A leak is one a Lab.
	eventually(t, "the threads are gone", func() error {
		if n := threads(); n > before+count/5 {
			return fmt.Errorf("%d threads, %d before", n, before)
		}
		return nil
	})
}

// TestLabEndsWithItsSession: nobody looks, the session ends, and its Lab with it.
func TestLabEndsWithItsSession(t *testing.T) {
	s := openWith(t, playground.Config{Labs: needLabs(t), Linger: time.Millisecond})
	s.entangle()
	s.leave()
	<-s.Done()
	eventually(t, "the session is gone", func() error {
		if n := s.manager.Sessions(); n != 0 {
			return fmt.Errorf("%d sessions", n)
		}
		return nil
	})
}
