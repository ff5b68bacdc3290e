package wire

import "time"

// Bounds, each with its reason.
const (
	// MaxDelay is the longest delay or jitter: longer than the kernel waits for its first retransmissions, and a person
	// for anything.
	MaxDelay = time.Minute
	// MaxRateKbps is 10 Gbit/s, more than the wire carries at all.
	MaxRateKbps = 10_000_000
	// MaxQueue bounds what may wait for the rate.
	MaxQueue = 10_000
	// MinMTU is the size of a packet that every host must accept (RFC 791 §3.1). Linux believes in no path MTU below
	// 552 (net/ipv4/route.c, min_pmtu), so connections would not get through a smaller one.
	MinMTU = 576
	// MaxMTU is the longest packet there is in IPv4.
	MaxMTU = maxPacket

	// MaxHeld is how many packets may be held, in both directions: far more than a person looks at.
	MaxHeld = 4096
	// MaxFlying and MaxFlyingBytes bound all that is scheduled or held: 100 ms of a gigabit a second, and some.
	MaxFlying      = 16_384
	MaxFlyingBytes = 32 << 20

	// DefaultQueue and DefaultMTU stand in where nothing is said.
	DefaultQueue = 1000
	DefaultMTU   = 1500

	maxPacket = 65_535
)

// Settings are everything about a wire but its rules. The zero value switches nothing on.
type Settings struct {
	ToServer, ToClient Impairment
	Step               bool  // every segment is held
	Cut                bool  // everything is dropped
	Seed               int64 // of the chances
}

// Impairment is what happens to the packets of one direction. The zero value is a perfect wire.
type Impairment struct {
	Delay, Jitter                     time.Duration // the delay is Delay ± Jitter, evenly spread, and never less than 0
	Loss, Duplicate, Reorder, Corrupt float64       // percent
	RateKbps                          int           // 1000 bits a second, of IP packets; 0: no limit
	Queue                             int           // packets that may wait for the rate; 0: DefaultQueue
	MTU                               int           // bytes of an IP packet; 0: DefaultMTU
}

// Settings returns what is set.
func (w *Wire) Settings() Settings {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.settings
}

// SetSettings sets everything at once, for what leaves from now on; or nothing, and says in an *Error what is wrong.
// Where step mode ends, what it held goes on, in the order in which it was sent.
func (w *Wire) SetSettings(s Settings) error {
	if err := s.Check(); err != nil {
		return err
	}
	s = s.WithDefaults()
	w.mu.Lock()
	defer w.mu.Unlock()
	stepped := w.settings.Step
	w.apply(s)
	if stepped && !s.Step {
		w.releaseStepped()
	}
	return nil
}

// Check says which value SetSettings would refuse, as *Error.
func (s Settings) Check() error {
	s = s.WithDefaults()
	if err := s.ToServer.check(ToServer); err != nil {
		return err
	}
	return s.ToClient.check(ToClient)
}

func (w *Wire) apply(s Settings) {
	before := w.settings
	w.settings = s
	for d := range w.lines {
		dice, was, is := &w.lines[d].dice, before.direction(Direction(d)), s.direction(Direction(d))
		if dice.unset() || s.Seed != before.Seed || is.random() && !was.random() {
			dice.seed(s.Seed, Direction(d))
		}
	}
	w.look()
}

// look finds out which directions have nothing switched on.
func (w *Wire) look() {
	ruled := false
	for _, r := range w.rules {
		ruled = ruled || r.On
	}
	for d := range w.lines {
		w.lines[d].plain = !ruled && !w.settings.Step && !w.settings.Cut && w.settings.direction(Direction(d)).plain()
	}
}

func (s *Settings) direction(d Direction) *Impairment {
	if d == ToServer {
		return &s.ToServer
	}
	return &s.ToClient
}

// WithDefaults is the settings with what stands in where nothing is said.
func (s Settings) WithDefaults() Settings {
	for _, m := range []*Impairment{&s.ToServer, &s.ToClient} {
		if m.Queue == 0 {
			m.Queue = DefaultQueue
		}
		if m.MTU == 0 {
			m.MTU = DefaultMTU
		}
	}
	return s
}

func (m *Impairment) random() bool {
	return m.Jitter > 0 || m.Loss > 0 || m.Duplicate > 0 || m.Reorder > 0 || m.Corrupt > 0
}

func (m *Impairment) plain() bool { return !m.random() && m.Delay == 0 && m.RateKbps == 0 }

func (m *Impairment) check(d Direction) error {
	field := func(name string) string { return d.String() + "." + name }
	for _, f := range []struct {
		name, what string
		value      time.Duration
	}{{"delay_ms", "delay", m.Delay}, {"jitter_ms", "jitter", m.Jitter}} {
		if f.value < 0 || f.value > MaxDelay {
			return invalid(field(f.name), "Set the %s between 0 and %d ms.", f.what, MaxDelay.Milliseconds())
		}
	}
	for _, f := range []struct {
		name, what string
		value      float64
	}{
		{"loss_pct", "loss", m.Loss}, {"duplicate_pct", "share of duplicates", m.Duplicate},
		{"reorder_pct", "share sent out of order", m.Reorder}, {"corrupt_pct", "share of corrupt packets", m.Corrupt},
	} {
		if !(f.value >= 0 && f.value <= 100) { // NaN is neither
			return invalid(field(f.name), "Set the %s between 0 and 100 percent.", f.what)
		}
	}
	for _, f := range []struct {
		name, what     string
		value, low, up int
	}{
		{"rate_kbps", "rate in kbit/s, or 0 for no limit,", m.RateKbps, 0, MaxRateKbps},
		{"queue", "queue in packets", m.Queue, 1, MaxQueue},
		{"mtu", "MTU in bytes", m.MTU, MinMTU, MaxMTU},
	} {
		if f.value < f.low || f.value > f.up {
			return invalid(field(f.name), "Set the %s between %d and %d.", f.what, f.low, f.up)
		}
	}
	return nil
}
