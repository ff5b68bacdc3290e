package playground

import (
	"cmp"
	"errors"
	"math"
	"net/netip"
	"time"

	"socketplayground/playground/wire"
)

// The presets of the wire.
const (
	presetOff        = "off"
	presetOwn        = "own"
	presetSlowMotion = "slow_motion"
)

// presets are wires that everybody has met. Delays are one way.
var presets = map[string]wire.Impairment{
	presetOff: {},
	"lan":     {Delay: 250 * time.Microsecond, RateKbps: 1_000_000},
	"4g":      {Delay: 25 * time.Millisecond, Jitter: 8 * time.Millisecond, Loss: 0.1, RateKbps: 30_000},
	// Geostationary: 36,000 km up and down again.
	"satellite": {Delay: 270 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.5, RateKbps: 20_000},
	// Long enough to see a packet travel, and both ways together shorter than the second after which a SYN is sent again.
	presetSlowMotion: {Delay: 300 * time.Millisecond},
}

// doWire carries out a command about the wire.
func (s *Session) doWire(cmd Command) (Reply, *Error) {
	if s.lab == nil {
		return Reply{}, noLab()
	}
	var reply Reply
	var err error
	run := s.lab
	switch c := cmd.(type) {
	case *SetWire:
		err = s.setWire(run, c)
	case *AddRule:
		reply.Rule, err = s.addRule(run, c)
	case *SetRule:
		_, err = run.wire.SetRule(c.Rule, c.On)
	case *RemoveRule:
		err = run.wire.RemoveRule(c.Rule)
		delete(run.rules, c.Rule)
	case *HoldSegment:
		err = run.wire.Hold(c.Segment)
	case *DeliverSegment:
		if c.Oldest {
			_, err = run.wire.DeliverOldest()
		} else {
			err = run.wire.Deliver(c.Segment)
		}
	case *DropSegment:
		err = run.wire.Drop(c.Segment)
	case *DuplicateSegment:
		_, err = run.wire.Duplicate(c.Segment)
	}
	if err != nil {
		return Reply{}, refused(err)
	}
	s.crossings() // what this did is in the log before the wire's new settings
	switch cmd.(type) {
	case *SetWire, *AddRule, *SetRule, *RemoveRule:
		s.tellWire(run)
	}
	return reply, nil
}

// refused makes a refusal of the wire's one of ours.
func refused(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var w *wire.Error
	if errors.As(err, &w) {
		return &Error{Code: Code(w.Code), Field: w.Field, Message: w.Message, Err: err}
	}
	return &Error{Code: CodeInternal, Message: err.Error(), Err: err}
}

// over is what a wire is set to by the command, from what it was set to.
func (c *SetWire) over(now wire.Settings) (wire.Settings, *Error) {
	if c.Preset != "" {
		p, ok := presets[c.Preset]
		if !ok {
			return now, invalid("preset", "The presets are %s.", joined(sortedKeys(presets)))
		}
		now.ToServer, now.ToClient = p, p
		if c.Preset == presetOff {
			now.Step, now.Cut = false, false
		}
	}
	if c.ToServer != nil {
		c.ToServer.apply(&now.ToServer)
	}
	if c.ToClient != nil {
		c.ToClient.apply(&now.ToClient)
	}
	set(&now.Step, c.Step)
	set(&now.Cut, c.Cut)
	set(&now.Seed, c.Seed)
	if err := now.Check(); err != nil {
		return now, refused(err)
	}
	return now, nil
}

func (s *Session) setWire(run *labRun, c *SetWire) error {
	set, refusal := c.over(run.wire.Settings())
	if refusal != nil {
		return refusal
	}
	preset := run.preset
	if c.Preset != "" {
		preset = c.Preset
		if c.Preset == presetOff {
			for _, r := range run.wire.Rules() {
				if _, err := run.wire.SetRule(r.ID, false); err != nil {
					return err
				}
			}
		}
	}
	if c.ToServer != nil || c.ToClient != nil {
		preset = presetOwn
	}
	if err := run.wire.SetSettings(set); err != nil {
		return err
	}
	run.preset = preset
	if preset == presetOwn {
		run.preset = presetOf(run.wire.Settings())
	}
	return nil
}

// presetOf is the preset that both directions are as.
func presetOf(set wire.Settings) string {
	for name, p := range presets {
		same := wire.Settings{ToServer: p, ToClient: p}.WithDefaults()
		if set.ToServer == same.ToServer && set.ToClient == same.ToClient {
			return name
		}
	}
	return presetOwn
}

// apply changes what is given. Values out of range are the wire's to refuse.
func (c *ImpairmentChange) apply(m *wire.Impairment) {
	for _, f := range []struct {
		ms *float64
		of *time.Duration
	}{{c.DelayMS, &m.Delay}, {c.JitterMS, &m.Jitter}} {
		if f.ms != nil {
			*f.of = milliseconds(*f.ms)
		}
	}
	set(&m.Loss, c.LossPct)
	set(&m.Duplicate, c.DuplicatePct)
	set(&m.Reorder, c.ReorderPct)
	set(&m.Corrupt, c.CorruptPct)
	set(&m.RateKbps, c.RateKbps)
	set(&m.Queue, given(c.Queue))
	set(&m.MTU, given(c.MTU))
}

// given is a number of which the wire takes 0 for "not said". Who says 0 is refused, as for any that is out of range.
func given(n *int) *int {
	if n != nil && *n == 0 {
		outside := -1
		return &outside
	}
	return n
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// milliseconds is a duration; what no duration can be becomes one that every limit refuses.
func milliseconds(ms float64) time.Duration {
	if !(ms >= 0 && ms <= 1e9) {
		return -1
	}
	return time.Duration(math.Round(ms * 1e6))
}

// rule is the rule that the command describes, of any connection.
func (c *AddRule) rule() (wire.Rule, *Error) {
	r := wire.Rule{On: c.On == nil || *c.On, Action: wire.Action(c.Action), Next: c.Next, Every: c.Every,
		Delay: milliseconds(c.DelayMS),
		Match: wire.Match{Flags: c.Flags, MinLen: c.MinLen, MaxLen: c.MaxLen, Retransmission: c.Retransmission}}
	switch c.Direction {
	case "", "both":
	case wire.ToServer.String(), wire.ToClient.String():
		d := wire.ToServer
		if c.Direction == wire.ToClient.String() {
			d = wire.ToClient
		}
		r.Match.Direction = &d
	default:
		return r, invalid("direction", "The direction is both, to_server or to_client, not %q.", clip(c.Direction, 20))
	}
	if c.Text != "" {
		text, err := decodeText(c.Text)
		if err != nil {
			return r, &Error{Code: CodeInvalidArgument, Field: "text", Message: err.Message, Err: err}
		}
		r.Match.Text = text
	}
	if r.Delay < 0 || r.Delay > wire.MaxDelay { // whatever the rule does: it would be told as it is
		return r, invalid("delay_ms", "Set the delay of the rule between 1 and %d ms.", wire.MaxDelay.Milliseconds())
	}
	return r, nil
}

func (s *Session) addRule(run *labRun, c *AddRule) (int, error) {
	r, refusal := c.rule()
	if refusal != nil {
		return 0, refusal
	}
	if c.Socket != "" {
		k, err := s.find(c.Socket)
		if err != nil {
			return 0, err
		}
		t := k.target.Load()
		if k.place.lab != run || t == nil || !t.remote.IsValid() {
			return 0, conflict("%s is no connection in the Lab; name one, or leave the socket out.", k.id)
		}
		r.Match.Conn = &[2]netip.AddrPort{unmapped(t.local), unmapped(t.remote)}
	}
	if n := len(run.wire.Rules()); n >= MaxRules {
		return 0, refuse(CodeQuotaExceeded, "", "There are %d rules, the most there can be; remove one first.", n)
	}
	added, err := run.wire.AddRule(r)
	if err == nil {
		run.rules[added.ID] = ruleWords{socket: c.Socket, text: c.Text}
	}
	return added.ID, err
}

// tellWire tells all that is set on the wire.
func (s *Session) tellWire(run *labRun) {
	run.wireDirty.Store(false)
	run.toldWire = s.now()
	set := run.wire.Settings()
	w := WireSettings{ToServer: told(set.ToServer), ToClient: told(set.ToClient), Step: set.Step, Cut: set.Cut,
		Preset: run.preset, Seed: set.Seed, Rules: []WireRule{}}
	attentive := set.Step
	for _, r := range run.wire.Rules() {
		attentive = attentive || r.On
		words := run.rules[r.ID]
		e := WireRule{Rule: r.ID, On: r.On, Direction: "both", Flags: r.Match.Flags, Next: r.Next, Every: r.Every,
			MinLen: r.Match.MinLen, MaxLen: r.Match.MaxLen, Text: words.text, Retransmission: r.Match.Retransmission,
			Socket: words.socket, Action: string(r.Action), DelayMS: inMS(r.Delay), Hits: r.Hits}
		if d := r.Match.Direction; d != nil {
			e.Direction = d.String()
		}
		w.Rules = append(w.Rules, e)
	}
	run.tap.attentive.Store(attentive)
	s.emit("", "", &WireChanged{Wire: w})
}

func told(m wire.Impairment) Impairment {
	return Impairment{DelayMS: inMS(m.Delay), JitterMS: inMS(m.Jitter), LossPct: m.Loss, DuplicatePct: m.Duplicate,
		ReorderPct: m.Reorder, CorruptPct: m.Corrupt, RateKbps: m.RateKbps,
		Queue: cmp.Or(m.Queue, wire.DefaultQueue), MTU: cmp.Or(m.MTU, wire.DefaultMTU)}
}

func inMS(d time.Duration) float64 { return float64(d) / 1e6 }
