package wire_test

import (
	"errors"
	"testing"
	"time"

	"socketplayground/playground/wire"
)

// refused checks that err is an *Error with that code, that field, and something to do.
func refused(t *testing.T, err error, code wire.Code, field string) {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) {
		t.Fatalf("got the error %v, want a *wire.Error", err)
	}
	if e.Code != code || e.Field != field || len(e.Message) < 20 {
		t.Errorf("refused with %q, field %q, %q; want %q, field %q", e.Code, e.Field, e.Message, code, field)
	}
}

func TestHeldByStepMode(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{Step: true})
		r.send(wire.ToServer, data("a"), data("b"))
		r.send(wire.ToClient, data("c"))
		r.send(wire.ToServer, data("d"))
		r.ok(r.Deliver(2)) // out of turn
		r.ok(r.Drop(4))
		oldest, err := r.DeliverOldest()
		r.ok(err)
		if oldest != 1 {
			t.Errorf("the oldest was %d, want 1", oldest)
		}
		copied, err := r.Duplicate(3)
		r.ok(err)
		if copied != 5 {
			t.Errorf("the copy is %d, want 5", copied)
		}
		refused(t, r.Hold(3), wire.CodeConflict, "segment")
		refused(t, r.Deliver(2), wire.CodeNotFound, "segment")
		refused(t, r.Drop(4), wire.CodeNotFound, "segment")
		_, err = r.Duplicate(99)
		refused(t, err, wire.CodeNotFound, "segment")
		r.pass(3 * time.Second)
		r.set(wire.Settings{})
		_, err = r.DeliverOldest()
		refused(t, err, wire.CodeNotFound, "oldest")
		r.want("0ms 1 sent", "0ms 1 held by step", "0ms 2 sent", "0ms 2 held by step", "0ms 3 sent", "0ms 3 held by step",
			"0ms 4 sent", "0ms 4 held by step",
			"0ms 2 released by user", "0ms 2 landed", "0ms 4 dropped by user", "0ms 1 released by user", "0ms 1 landed",
			"0ms 3 duplicated by user, copy 5", "0ms 5 held by step",
			"3000ms 3 released by step", "3000ms 3 landed", "3000ms 5 released by step", "3000ms 5 landed")
		if c := r.seen.landed[3]; c.CopyOf != 3 || c.Direction != wire.ToClient || c.Held != nil {
			t.Errorf("the copy landed as %+v", c)
		}
	})
}

// What step mode held goes on behind what is on its way already, with the delay that is then set.
func TestStepModeEndsInOrder(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		slow := wire.Impairment{Delay: time.Second}
		r.set(wire.Settings{ToServer: slow})
		r.send(wire.ToServer, data("a"))
		r.set(wire.Settings{ToServer: slow, Step: true})
		rule := r.rule(wire.Rule{Action: wire.ActionHold, Next: 1})
		r.send(wire.ToServer, data("b"), data("c"), data("d"))
		r.pass(100 * ms)
		r.set(wire.Settings{})
		r.pass(2 * time.Second)
		r.want("0ms 1 sent", "0ms 2 sent", "0ms 2 held by rule 1, used up", "0ms 3 sent", "0ms 3 held by step", "0ms 4 sent", "0ms 4 held by step",
			"100ms 3 released by step", "100ms 4 released by step", "1000ms 1 landed", "1000ms 3 landed", "1000ms 4 landed")
		if err := r.RemoveRule(rule.ID); err != nil {
			t.Error(err)
		}
		if left := r.Flying(); len(left) != 1 || left[0].Number != 2 || *left[0].Held != (wire.Hold{By: wire.ByRule, Rule: 1, At: left[0].LeftAt}) {
			t.Errorf("on the wire is %+v, want segment 2, held by rule 1", left)
		}
	})
}

func TestHandsOnWhatIsScheduled(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{ToServer: wire.Impairment{Delay: time.Second}})
		r.send(wire.ToServer, data("a"), data("b"), data("c"), data("d"))
		r.ok(r.Deliver(3))
		r.ok(r.Hold(1))
		r.ok(r.Drop(2))
		_, err := r.Duplicate(4)
		r.ok(err)
		r.pass(2 * time.Second)
		r.ok(r.Deliver(1))
		r.want("0ms 1 sent", "0ms 2 sent", "0ms 3 sent", "0ms 4 sent", "0ms 3 released by user", "0ms 3 landed",
			"0ms 1 held by user", "0ms 2 dropped by user", "0ms 4 duplicated by user, copy 5", "1000ms 4 landed", "1000ms 5 landed",
			"2000ms 1 released by user", "2000ms 1 landed")
	})
}

// Nobody waits behind a packet that the user took off the wire.
func TestWhatIsTakenAwayHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{ToServer: wire.Impairment{Delay: 30 * time.Second}})
		r.send(wire.ToServer, data("a"), data("b"))
		r.set(wire.Settings{})
		r.ok(r.Drop(1))
		r.ok(r.Hold(2))
		r.send(wire.ToServer, data("c"))
		r.want("0ms 1 sent", "0ms 2 sent", "0ms 1 dropped by user", "0ms 2 held by user", "0ms 3 sent", "0ms 3 landed")
	})
}

func TestSettingsChangeNothingThatIsScheduled(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{ToServer: wire.Impairment{Delay: 100 * ms}})
		r.send(wire.ToServer, data("a"))
		r.set(wire.Settings{Cut: true, Step: true, ToServer: wire.Impairment{Loss: 100, MTU: wire.MinMTU}})
		r.send(wire.ToServer, data("b"))
		r.pass(time.Second)
		r.want("0ms 1 sent", "0ms 2 sent", "0ms 2 dropped by cut", "100ms 1 landed")
	})
}

func TestWhatIsHeldIsBounded(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{Step: true})
		for range wire.MaxHeld + 10 {
			r.send(wire.ToServer, data("x"))
		}
		if n := len(r.Flying()); n != wire.MaxHeld {
			t.Errorf("%d are held, want %d", n, wire.MaxHeld)
		}
		if got := r.seen.lines[len(r.seen.lines)-1]; got != "0ms 4106 dropped by queue" {
			t.Errorf("the last was %q, want it dropped by queue", got)
		}
		_, err := r.Duplicate(1)
		refused(t, err, wire.CodeQuotaExceeded, "segment")
		r.set(wire.Settings{ToServer: wire.Impairment{Delay: time.Second}})
		r.ok(r.Hold(1))
		if n := len(r.Flying()); n != wire.MaxHeld {
			t.Errorf("%d fly, want %d: one held, the others scheduled", n, wire.MaxHeld)
		}
	})
}

func TestWhatIsScheduledIsBounded(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		size, sent, want int
	}{
		"packets": {41, wire.MaxFlying + 5, wire.MaxFlying},
		"bytes":   {wire.MaxMTU, 600, wire.MaxFlyingBytes/wire.MaxMTU + 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.set(wire.Settings{ToServer: wire.Impairment{Delay: time.Minute, MTU: wire.MaxMTU}})
				packet := data(string(make([]byte, tt.size-40)))
				for range tt.sent {
					r.send(wire.ToServer, packet)
				}
				if n := len(r.Flying()); n != tt.want {
					t.Errorf("%d are scheduled, want %d", n, tt.want)
				}
				r.pass(time.Minute)
				if n := len(r.seen.landed); n != tt.want {
					t.Errorf("%d landed, want %d", n, tt.want)
				}
			})
		})
	}
}
