package wire

import (
	"slices"
	"time"
)

const (
	// MaxRules bounds what each packet is compared with.
	MaxRules = 64
	// MaxCount bounds Next and Every.
	MaxCount = 1_000_000
)

// Action is what a rule does.
type Action string

// The actions of a rule.
const (
	ActionHold      Action = "hold"
	ActionDrop      Action = "drop"
	ActionDelay     Action = "delay"
	ActionDuplicate Action = "duplicate"
	ActionCorrupt   Action = "corrupt"
)

// Rule acts on the segments that it matches. Of several, the first, by ID, acts.
type Rule struct {
	ID     int
	On     bool
	Match  Match
	Action Action
	Delay  time.Duration // for ActionDelay: on top of the direction's own
	Next   int           // it acts on that many and switches itself off; 0: no end
	Every  int           // it acts on each Nth that it matches, the others are left to the rules after it; 0: on each
	Hits   int           // how many it acted on, ever
}

// rule is a Rule at work.
type rule struct {
	Rule
	test  test
	seen  int // since it was switched on: matched
	acted int // since it was switched on
}

// AddRule adds a rule behind all others and gives it its ID.
func (w *Wire) AddRule(r Rule) (Rule, error) {
	if err := r.check(); err != nil {
		return Rule{}, err
	}
	t, err := r.Match.compile()
	if err != nil {
		return Rule{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rules) >= MaxRules {
		return Rule{}, refuse(CodeQuotaExceeded, "", "There are %d rules, the most there can be. Remove one first.", MaxRules)
	}
	w.lastRule++
	r.ID, r.Hits = w.lastRule, 0
	w.rules = append(w.rules, &rule{Rule: r, test: t})
	w.look()
	return r, nil
}

// SetRule switches a rule on or off. One that is switched on counts its Next and Every from the start.
func (w *Wire) SetRule(id int, on bool) (Rule, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, err := w.findRule(id)
	if err != nil {
		return Rule{}, err
	}
	r := w.rules[i]
	if on && !r.On {
		r.seen, r.acted = 0, 0
	}
	r.On = on
	w.look()
	return r.Rule, nil
}

// RemoveRule removes a rule. What it holds stays held.
func (w *Wire) RemoveRule(id int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, err := w.findRule(id)
	if err != nil {
		return err
	}
	w.rules = slices.Delete(w.rules, i, i+1)
	w.look()
	return nil
}

// Rules returns the rules in their order.
func (w *Wire) Rules() []Rule {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Rule, len(w.rules))
	for i, r := range w.rules {
		out[i] = r.Rule
	}
	return out
}

func (w *Wire) findRule(id int) (int, error) {
	i := slices.IndexFunc(w.rules, func(r *rule) bool { return r.ID == id })
	if i < 0 {
		return 0, refuse(CodeNotFound, "rule", "There is no rule %d. Look at the list of rules for the ones there are.", id)
	}
	return i, nil
}

// matching returns the rule that acts on p and counts the hit; nil: none.
func (w *Wire) matching(p *Packet) *rule {
	if p.Segment == nil {
		return nil
	}
	for _, r := range w.rules {
		if !r.On || !r.test.matches(p) {
			continue
		}
		r.seen++
		if r.Every > 1 && r.seen%r.Every != 0 {
			continue
		}
		r.Hits++
		r.acted++
		if r.Next > 0 && r.acted == r.Next {
			r.On = false
			w.look()
		}
		return r
	}
	return nil
}

// did is the Intervention of a rule that has just matched.
func (r *rule) did(action string) Intervention {
	return Intervention{Action: action, By: ByRule, Rule: r.ID, Hits: r.Hits, UsedUp: !r.On}
}

// Check says what AddRule would refuse, as *Error.
func (r Rule) Check() error {
	if err := r.check(); err != nil {
		return err
	}
	_, err := r.Match.compile()
	return err
}

func (r *Rule) check() error {
	switch r.Action {
	case ActionHold, ActionDrop, ActionDuplicate, ActionCorrupt:
	case ActionDelay:
		if r.Delay <= 0 || r.Delay > MaxDelay {
			return invalid("delay_ms", "Set the delay of the rule between 1 and %d ms.", MaxDelay.Milliseconds())
		}
	default:
		return invalid("action", "Choose what the rule does: hold, drop, delay, duplicate or corrupt.")
	}
	if r.Next < 0 || r.Next > MaxCount {
		return invalid("next", "Set how many the rule acts on between 1 and %d, or 0 for no end.", MaxCount)
	}
	if r.Every < 0 || r.Every > MaxCount {
		return invalid("every", "Set every how many the rule acts between 1 and %d, or 0 for each.", MaxCount)
	}
	return nil
}
