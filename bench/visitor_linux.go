package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"socketplayground/playground"
)

// visitor does in a session what a person may do, at random.
type visitor struct {
	soak    *soak
	session *playground.Session
	random  *rand.Rand
	rules   []int
}

// crowd is how many sockets a visitor has before it closes all, and quiet the longest it does nothing.
const (
	crowd = 60
	quiet = 20 * time.Millisecond
)

// act gives one command that makes sense as things are.
func (v *visitor) act(ctx context.Context) error {
	now := v.session.Log().Now()
	var sockets []*playground.SocketView
	for _, s := range now.Sockets {
		sockets = append(sockets, s)
	}
	slices.SortFunc(sockets, func(a, b *playground.SocketView) int { return cmp.Compare(a.Socket, b.Socket) })
	if err := v.do(ctx, v.choose(now, sockets)); err != nil {
		return err
	}
	wait := time.NewTimer(time.Duration(v.random.Int64N(int64(quiet))))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	return nil
}

// do carries a command out. That it comes too late for a socket is no fault; that it is not understood is.
func (v *visitor) do(ctx context.Context, cmd playground.Command) error {
	bounded, stop := context.WithTimeout(ctx, soakSettle)
	defer stop()
	reply, err := v.session.Do(bounded, cmd)
	v.soak.mu.Lock()
	v.soak.commands++
	if err != nil {
		v.soak.refused++
	}
	v.soak.mu.Unlock()
	var refusal *playground.Error
	switch {
	case err == nil:
	case errors.As(err, &refusal) && slices.Contains([]playground.Code{playground.CodeConflict, playground.CodeNotFound, playground.CodeQuotaExceeded}, refusal.Code):
		return nil
	case ctx.Err() != nil:
		return nil
	default:
		return fmt.Errorf("%T %+v: %w", cmd, cmd, err)
	}
	if reply.Rule != 0 {
		v.rules = append(v.rules, reply.Rule)
	}
	if reply.Download != "" && v.random.IntN(4) > 0 { // else nobody fetches it
		if _, write, ok := v.soak.manager.Export(reply.Download); ok {
			if err := write(io.Discard); err != nil {
				return fmt.Errorf("a file: %w", err)
			}
		}
	}
	return nil
}

// pick is one of a list, the zero value where it is empty.
func pick[T any](r *rand.Rand, list ...T) (one T) {
	if len(list) > 0 {
		one = list[r.IntN(len(list))]
	}
	return one
}

// choose makes a command.
func (v *visitor) choose(now *playground.Snapshot, sockets []*playground.SocketView) playground.Command {
	r := v.random
	if len(sockets) > crowd {
		for _, s := range sockets {
			if s.State == playground.StateClosed && s.Descriptor == "closed" {
				return &playground.Remove{Socket: s.Socket}
			}
		}
		return &playground.Close{All: true}
	}
	var conns, listeners []string
	for _, s := range sockets {
		switch {
		case s.Kind == playground.KindListener && s.State == playground.StateListen:
			listeners = append(listeners, s.Socket)
		case s.Kind == playground.KindConn && s.Descriptor == "open" && s.State != playground.StateClosed:
			conns = append(conns, s.Socket)
		}
	}
	network := pick(r, "machine", "lab", "lab")
	if len(listeners) == 0 || r.IntN(40) == 0 {
		return &playground.Listen{Network: network, Address: ":0", Behavior: v.behavior()}
	}
	if len(conns) < 4 || r.IntN(12) == 0 {
		return &playground.Dial{Address: pick(r, listeners...), Count: 1 + r.IntN(3), ReadMode: pick(r, playground.ReadAuto, playground.ReadManual), TimeoutMS: 2000}
	}
	c := pick(r, conns...)
	percent := func(most float64) *float64 { p := r.Float64() * most; return &p }
	switch r.IntN(28) {
	case 0, 1, 2, 3, 4, 5:
		return &playground.Write{Socket: c, Data: fmt.Sprintf("%0*d", 1+r.IntN(3000), r.Int())}
	case 6, 7:
		return &playground.Write{Socket: c, Encoding: pick(r, playground.EncodingRandom, playground.EncodingPattern), Data: "ab", Bytes: 1 + r.Int64N(1<<20), Chunk: 1 + r.IntN(64<<10), Digest: r.IntN(3) == 0}
	case 8, 9:
		return &playground.Read{Socket: c}
	case 10:
		return &playground.SetReadMode{Socket: c, ReadMode: pick(r, playground.ReadAuto, playground.ReadManual)}
	case 11, 12:
		return &playground.Close{Socket: c}
	case 13:
		return &playground.Reset{Socket: c}
	case 14:
		return &playground.CloseWrite{Socket: c}
	case 15:
		return &playground.CloseRead{Socket: c}
	case 16:
		after := 1 + r.Int64N(200)
		return &playground.SetDeadline{Socket: c, AfterMS: &after}
	case 17:
		return &playground.SetBehavior{Socket: pick(r, listeners...), Behavior: v.behavior()}
	case 18:
		return &playground.Accept{Socket: pick(r, listeners...)}
	case 19:
		change := &playground.ImpairmentChange{DelayMS: percent(20), JitterMS: percent(10), LossPct: percent(10), DuplicatePct: percent(5), ReorderPct: percent(5)}
		if now.Lab == nil {
			return &playground.OpenLab{}
		}
		return &playground.SetWire{ToServer: change, ToClient: change}
	case 20:
		if now.Lab == nil {
			return &playground.OpenLab{}
		}
		if len(v.rules) > 8 {
			rule := v.rules[0]
			v.rules = v.rules[1:]
			return &playground.RemoveRule{Rule: rule}
		}
		return &playground.AddRule{Direction: pick(r, "to_server", "to_client"), Flags: pick(r, "DATA", "SYN", "FIN"), Action: pick(r, "drop", "delay", "duplicate"), DelayMS: 30, Next: 1 + r.IntN(5)}
	case 21:
		return &playground.SavePcapng{}
	case 22:
		return &playground.Programs{Language: pick(r, "go", "python", "c", "shell"), Download: r.IntN(2) == 0}
	case 23:
		return &playground.Segments{First: 1, Last: 1 + r.Uint64N(400)}
	case 24:
		for call := range now.Calls {
			return &playground.Cancel{Call: call}
		}
		return &playground.SaveDemo{Title: "soak"}
	case 25:
		for _, s := range sockets {
			if s.State == playground.StateClosed && s.Descriptor == "closed" {
				return &playground.Remove{Socket: s.Socket}
			}
		}
		return &playground.SetDigest{Socket: c, On: true}
	case 26:
		if r.IntN(20) == 0 {
			v.rules = nil
			return &playground.CloseLab{}
		}
		return &playground.SkipTimeWait{Socket: pick(r, sockets...).Socket}
	}
	return &playground.Dial{Network: network, Address: fmt.Sprintf("%s:%d", map[string]string{"machine": "127.0.0.1", "lab": "192.0.2.2"}[network], 2000+r.IntN(500)), TimeoutMS: 500}
}

func (v *visitor) behavior() playground.Behavior {
	return pick(v.random, playground.BehaviorEcho, playground.BehaviorEcho, playground.BehaviorDiscard, playground.BehaviorManual, playground.BehaviorReset, playground.BehaviorHangUp, playground.BehaviorSlowRead)
}

// rest closes everything and waits until no call and no transfer is under way.
func (v *visitor) rest(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	if err := v.do(ctx, &playground.CloseLab{}); err != nil {
		return err
	}
	end := time.Now().Add(soakSettle)
	for {
		if err := v.do(ctx, &playground.Close{All: true}); err != nil {
			return err
		}
		now := v.session.Log().Now()
		if len(now.Calls) == 0 && len(now.Transfers) == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("after everything was closed, %d calls and %d transfers are stuck: %+v %+v", len(now.Calls), len(now.Transfers), now.Calls, now.Transfers)
		}
		for call := range now.Calls {
			if err := v.do(ctx, &playground.Cancel{Call: call}); err != nil {
				return err
			}
		}
		pause := time.NewTimer(quiet)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil
		}
	}
}
