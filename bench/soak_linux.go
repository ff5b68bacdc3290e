package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"socketplayground/playground"
	"socketplayground/playground/lab"
)

// Soak: sessions do what people may do, at random and without a pause, for as long as one likes. Nothing may be missing
// from a log, no command may be stuck, what two reducers make of the events must be one, and when a round is over nothing
// of it may be left.

const (
	soakSessions = 5
	soakRound    = 20 * time.Second
	// soakSettle is how long what was begun may take to end once everything was closed: a Lab's retransmissions among it.
	soakSettle = 30 * time.Second
	// soakGrowth is how much more memory the last round may leave behind than the first: the runtime's own.
	soakGrowth = 16 << 20
)

// soak is a run of the soak.
type soak struct {
	seed     uint64
	manager  *playground.Manager
	labs     playground.Labs
	commands int
	refused  int
	mu       sync.Mutex // of the counts
}

func soakMain(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	length := flags.Duration("for", 2*time.Minute, "how `long`")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano()), "of the commands; the `number` that a failed run printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	fmt.Printf("soak: %v, seed %d\n", *length, *seed)
	s := &soak{seed: *seed}
	support := lab.Probe()
	if !support.Available {
		return fmt.Errorf("no Lab can be made here: %s", support.Reason)
	}
	system, err := lab.New(lab.Config{Backend: support.Backend})
	if err != nil {
		return err
	}
	defer system.Close()
	s.labs = playground.Labs{System: system, Support: support}
	var first counted
	var firstHeap int
	end := time.Now().Add(*length)
	for round := uint64(0); round == 0 || time.Now().Before(end); round++ {
		if err := s.round(ctx, round, min(time.Until(end), soakRound)); err != nil {
			return fmt.Errorf("seed %d, round %d: %w", *seed, round, err)
		}
		heap := heapInUse()
		now := census()
		if round == 0 { // what the runtime and the Labs keep once they were used
			first, firstHeap = now, heap
		} else {
			now = settled(first)
		}
		fmt.Printf("round %d: %d commands, %d of them refused; left: %.1f MiB, %d goroutines, %d descriptors\n",
			round, s.commands, s.refused, float64(heap)/(1<<20), now.goroutines, now.descriptors)
		if heap > firstHeap+soakGrowth || now.more(first) {
			return fmt.Errorf("seed %d, round %d leaves more than the first: %d bytes and %+v, not %d and %+v", *seed, round, heap, now, firstHeap, first)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// heapInUse is what is on the heap once nothing runs.
func heapInUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// round is a server's life: sessions that act, are closed and looked through, and end.
func (s *soak) round(ctx context.Context, round uint64, length time.Duration) error {
	manager, err := playground.NewManager(playground.Config{Network: playground.NewMachine(playground.Policy{}), Labs: s.labs, Linger: time.Millisecond})
	if err != nil {
		return err
	}
	defer manager.Close()
	s.manager = manager
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make(chan error, soakSessions)
	for i := range uint64(soakSessions) {
		go func() { errs <- s.session(ctx, round*soakSessions+i, length) }() // waited for below
	}
	var all []error
	for range soakSessions {
		if err := <-errs; err != nil {
			all = append(all, err)
			stop()
		}
	}
	return errors.Join(all...)
}

// session acts in a session of its own until length is over.
func (s *soak) session(ctx context.Context, number uint64, length time.Duration) error {
	session, leave, err := s.manager.Open("")
	if err != nil {
		return err
	}
	defer leave()
	f := &follower{snapshot: playground.NewSnapshot()}
	following, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { f.follow(following, session.Log()) })
	defer wg.Wait()
	defer stop()

	v := &visitor{soak: s, session: session, random: rand.New(rand.NewPCG(s.seed, number))}
	for end := time.Now().Add(length); time.Now().Before(end) && ctx.Err() == nil; {
		if err := v.act(ctx); err != nil {
			return fmt.Errorf("session %d: %w", number, err)
		}
	}
	if err := v.rest(ctx); err != nil {
		return fmt.Errorf("session %d: %w", number, err)
	}
	if ctx.Err() != nil { // another has failed
		return nil
	}
	leave() // and with that nobody looks: it ends, and so does its log
	select {
	case <-session.Done():
	case <-time.After(soakSettle):
		return fmt.Errorf("session %d does not end", number)
	}
	wg.Wait()
	if f.err != nil {
		return fmt.Errorf("session %d: %w", number, f.err)
	}
	want, err := json.Marshal(session.Log().Now())
	if err != nil {
		return err
	}
	got, err := json.Marshal(f.snapshot)
	if err != nil {
		return err
	}
	if string(got) != string(want) {
		return fmt.Errorf("session %d: the events add up to\n%s\nand the session says\n%s", number, got, want)
	}
	if number%soakSessions == 0 {
		if err := pageReduces(ctx, f, want); err != nil {
			return fmt.Errorf("session %d: %w", number, err)
		}
	}
	return nil
}

// follower is a second reducer, of the events as they are sent to a page.
type follower struct {
	snapshot *playground.Snapshot
	recorded []byte
	err      error
}

// recordedMost bounds what is kept for the page's reducer; beyond it, that is not asked.
const recordedMost = 64 << 20

func (f *follower) follow(ctx context.Context, log *playground.Log) {
	for {
		b, ok := log.Next(ctx, f.snapshot.Seq, 1<<20)
		if !ok {
			if ctx.Err() == nil && !log.Reaches(f.snapshot.Seq) {
				f.err = fmt.Errorf("the log does not reach back to event %d", f.snapshot.Seq)
			}
			return
		}
		if len(f.recorded) < recordedMost {
			if len(f.recorded) > 0 {
				f.recorded = append(f.recorded, ',')
			}
			f.recorded = append(f.recorded, b.JSON...)
		}
		var events []json.RawMessage
		if f.err = json.Unmarshal(fmt.Appendf(nil, "[%s]", b.JSON), &events); f.err != nil {
			return
		}
		for _, raw := range events {
			e, err := playground.DecodeEvent(raw)
			if err != nil {
				f.err = err
				return
			}
			before := f.snapshot.Seq
			if f.snapshot.Apply(e); f.snapshot.Seq != before+1 {
				f.err = fmt.Errorf("event %d follows %d", f.snapshot.Seq, before)
				return
			}
		}
	}
}

// pageReduces has the page's own reducer, under node, take the same events.
func pageReduces(ctx context.Context, f *follower, want []byte) error {
	node, err := exec.LookPath("node")
	if err != nil || len(f.recorded) >= recordedMost {
		return nil
	}
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("where the module is: %w", err)
	}
	dir, err := os.MkdirTemp("", "soak")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "recording.json"), fmt.Appendf(nil, "[%s]", f.recorded), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "snapshot.json"), want, 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, node, "--test", "--test-name-pattern", "the page reduces", "test/reduce-recording.test.js")
	cmd.Dir = filepath.Join(string(out[:len(out)-1]), "static")
	cmd.Env = append(os.Environ(), "RECORDING="+dir)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the page's reducer: %w\n%s", err, said)
	}
	return nil
}
