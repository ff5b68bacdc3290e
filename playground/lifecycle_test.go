package playground_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"socketplayground/playground"
)

// TestSessionExpires: nobody looks, so after Config.Linger everything is closed.
func TestSessionExpires(t *testing.T) {
	s := openWith(t, playground.Config{Linger: 20 * time.Millisecond})
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	s.dial(playground.Dial{Address: l})
	again, leave, err := s.manager.Open(s.Key())
	if err != nil || again != s.Session {
		t.Fatalf("the key gave %p, %v; want %p", again, err, s.Session)
	}
	s.leave()
	s.leave() // a second time changes nothing
	if s.manager.Sessions() != 1 {
		t.Error("it ended though a viewer is left")
	}
	leave()
	select {
	case <-s.Done():
	case <-s.ctx.Done():
		t.Fatal("it did not end")
	}
	var refusal *playground.Error
	if _, err := s.Do(s.ctx, &playground.Listen{Address: ":0"}); !errors.As(err, &refusal) || refusal.Code != playground.CodeNotFound {
		t.Errorf("a command to an ended session: %v", err)
	}
	if _, err := s.WatchBytes("C1", nil); err == nil {
		t.Error("watching in an ended session succeeded")
	}
	// The log can be read to its end, and then says that there is nothing more.
	eventually(t, "the log is finished", func() error {
		if _, ok := s.Log().Next(s.ctx, s.Log().Now().Seq, 1<<20); ok {
			return errors.New("there is more")
		}
		return nil
	})
	eventually(t, "the manager has forgotten it", func() error {
		if n := s.manager.Sessions(); n != 0 {
			return fmt.Errorf("%d sessions", n)
		}
		return nil
	})
	fresh, leave, err := s.manager.Open(s.Key())
	if err != nil || fresh.Key() == s.Key() {
		t.Errorf("an expired key gave session %v, %v", fresh, err)
	}
	leave()
}

// TestComingBack within Config.Linger finds the same session, however often.
func TestComingBack(t *testing.T) {
	s := open(t)
	for range 100 {
		s.leave()
		var again *playground.Session
		var err error
		if again, s.leave, err = s.manager.Open(s.Key()); err != nil || again != s.Session {
			t.Fatalf("got %p, %v; want %p", again, err, s.Session)
		}
	}
}

func TestManagerConfig(t *testing.T) {
	if _, err := playground.NewManager(playground.Config{}); err == nil {
		t.Error("a manager without a network was made")
	}
	s := open(t)
	if err := s.manager.Observable(); err != nil {
		t.Errorf("states cannot be observed here: %v", err)
	}
	for n := s.manager.Sessions(); n < playground.MaxSessions; n++ {
		if _, _, err := s.manager.Open(""); err != nil {
			t.Fatal(err)
		}
	}
	var refusal *playground.Error
	if _, _, err := s.manager.Open(""); !errors.As(err, &refusal) || refusal.Code != playground.CodeQuotaExceeded {
		t.Errorf("one session more than %d: %v", playground.MaxSessions, err)
	}
	s.manager.Close()
	if _, _, err := s.manager.Open(""); !errors.As(err, &refusal) || refusal.Code != playground.CodeConflict {
		t.Errorf("a session of a closed manager: %v", err)
	}
}

// TestCloseWithManyOpen: 200 sockets and every kind of blocked call, and it is over in a moment.
func TestCloseWithManyOpen(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	s.do(&playground.Dial{Address: l, Count: 100})
	s.until("100 connections are open at both ends", func(now *playground.Snapshot) bool {
		return openEnds(now) == 200
	})
	manual, _ := s.listen(playground.Listen{})
	s.running(s.do(&playground.Accept{Socket: manual}).Calls[0])
	c, server := s.connected()
	s.fill(c)
	s.do(&playground.Write{Socket: c, Data: "waits behind"})
	s.running(s.do(&playground.Read{Socket: c}).Calls[0])
	s.do(&playground.Write{Socket: server, Data: "ab", Chunk: 1, IntervalMS: playground.MaxInterval.Milliseconds()})
	s.running(s.do(&playground.Dial{Address: fullListener(s)}).Calls[0])

	start := time.Now()
	s.manager.Close()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
	if _, err := s.Do(s.ctx, &playground.Close{Socket: c}); err == nil {
		t.Error("a command after that was taken")
	}
}

// openEnds counts established connections that a program has.
func openEnds(now *playground.Snapshot) int {
	n := 0
	for _, v := range now.Sockets {
		if v.Kind == playground.KindConn && v.State == playground.StateEstablished && v.Descriptor == "open" {
			n++
		}
	}
	return n
}

// TestThousandConnections are opened, shown and closed.
func TestThousandConnections(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	reply := s.do(&playground.Dial{Address: l, Count: 500})
	now := s.until("500 connections are open at both ends", func(now *playground.Snapshot) bool { return openEnds(now) == 1000 })
	peers := 0
	for _, v := range now.Sockets {
		if v.Peer != "" && now.Sockets[v.Peer].Peer == v.Socket {
			peers++
		}
	}
	if peers != 1000 {
		t.Errorf("%d of 1000 ends know their peer", peers)
	}
	for _, id := range reply.Sockets {
		s.do(&playground.Close{Socket: id})
	}
	s.until("all are closed or in TIME_WAIT", func(now *playground.Snapshot) bool {
		for _, v := range now.Sockets {
			if v.Kind == playground.KindConn && v.State != playground.StateClosed && v.State != playground.StateTimeWait {
				return false
			}
		}
		return true
	})
	s.until("no call runs but the loop's Accept", func(now *playground.Snapshot) bool { return len(now.Calls) == 1 })
	s.do(&playground.Remove{AllClosed: true})
	if left := own(s.Log().Now()); len(left) > 501 {
		t.Errorf("%d sockets are left, want the listener and what is in TIME_WAIT", len(left))
	}
}

// TestConcurrentCommands: viewers may do anything at the same time.
func TestConcurrentCommands(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			try := func(cmd playground.Command) playground.Reply {
				reply, err := s.Do(s.ctx, cmd)
				var refusal *playground.Error
				if err != nil && !errors.As(err, &refusal) {
					t.Errorf("worker %d: %T: %v", worker, cmd, err)
				}
				return reply
			}
			for round := range 5 {
				dialled := try(&playground.Dial{Address: l})
				if len(dialled.Sockets) != 1 {
					t.Errorf("worker %d: no socket", worker)
					return
				}
				c := dialled.Sockets[0]
				if err := waitReturn(s, dialled.Calls[0]); err != nil {
					t.Errorf("worker %d: %v", worker, err)
					return
				}
				try(&playground.Write{Socket: c, Data: "x", Digest: round%2 == 0})
				try(&playground.SetOption{Socket: c, Name: "TTL", Value: raw(8)})
				try(&playground.SetReadMode{Socket: c, ReadMode: playground.ReadManual})
				read := try(&playground.Read{Socket: c})
				try(&playground.SetReadMode{Socket: c, ReadMode: playground.ReadAuto})
				for _, call := range read.Calls {
					try(&playground.Cancel{Call: call})
				}
				try(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorEcho})
				try(&playground.Close{Socket: fmt.Sprintf("C%d", 1+(worker*7+round*3)%40)}) // anybody's
				try(&playground.Reset{Socket: c})
				try(&playground.Remove{AllClosed: true})
			}
		})
	}
	wg.Wait()
	// The session is as well as before.
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.write(c, "fine")
	if e := s.read(c); string(e.Data) != "fine" {
		t.Errorf("the echo is %q", e.Data)
	}
}

// waitReturn waits for a call outside the test's goroutine.
func waitReturn(s *session, call uint64) error {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	_, err := s.Log().Wait(ctx, 0, func(e playground.Event) bool {
		r, ok := e.(*playground.CallReturned)
		return ok && r.Call == call
	})
	return err
}

// TestCloseAll: one command closes every socket, and leaves alone what cannot be closed.
func TestCloseAll(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	for range 3 {
		s.dial(playground.Dial{Address: l})
	}
	// What the listener's close finds in its queue never has a descriptor.
	s.until("all are accepted", func(now *playground.Snapshot) bool {
		accepted := 0
		for _, v := range now.Sockets {
			if v.Accepted {
				accepted++
			}
		}
		return accepted == 3
	})
	var refusal *playground.Error
	if _, err := s.Do(s.ctx, &playground.Close{Socket: "C1", All: true}); !errors.As(err, &refusal) || refusal.Field != "all" {
		t.Errorf("one socket and all: %v, want it refused", err)
	}
	for range 2 { // the second finds nothing to close
		if _, err := s.Do(s.ctx, &playground.Close{All: true}); err != nil {
			t.Fatal(err)
		}
	}
	closed := map[string]bool{}
	await(s, "every descriptor to be closed", func(e *playground.DescriptorClosed) bool {
		closed[e.Socket] = true
		return len(closed) == 7
	})
}
