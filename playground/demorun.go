package playground

import (
	"cmp"
	"context"
	"slices"

	"socketplayground/playground/demo"
	"socketplayground/playground/demos"
)

// demoRun is a demo that runs in a session. Its goroutine (play) reads the session's log as any viewer does, gives
// commands as a browser would, and says what it finds through the actor, as long as it is the session's demo: stopping is
// the actor's, so that nothing of a run comes after its demo_finished.
type demoRun struct {
	s        *Session
	demo     *demo.Demo // as it is on this kernel
	started  *DemoStarted
	network  string
	language string
	pace     float64
	predict  bool
	ctx      context.Context
	cancel   context.CancelFunc
	control  demoControl

	// The runner's.
	seen     *demoWitness
	since    uint64                     // read up to here
	soFar    map[*demo.Check]*demoJudge // of the whole run
	judges   []*demoJudge               // fed with events: those of soFar, and the step's
	step     demoStepRun                // that runs
	programs map[string]*demoProgram

	// The actor's.
	at     int            // the step
	counts map[string]int // by verdict
}

// maxPace bounds the reading time to what nobody would wait for.
const maxPace = 10

func parseDemo(text string) (*demo.Demo, *Error) {
	d, err := demo.Parse([]byte(text), VetDemo)
	if err != nil {
		return nil, &Error{Code: CodeInvalidArgument, Field: "text", Message: err.Error(), Err: err}
	}
	return d, nil
}

// readDemo reads a demo file for whoever wants to look at it first. It needs no session.
func readDemo(c *ReadDemo) (Reply, error) {
	d, err := parseDemo(c.Text)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Demo: &DemoReply{Demo: d.Normal(), Words: d.Words(), Takes: d.Takes()}}, nil
}

// runDemo starts a demo.
func (s *Session) runDemo(ctx context.Context, c *RunDemo) (Reply, error) {
	if ctx.Err() != nil {
		return Reply{}, ctx.Err()
	}
	r, refusal := s.newDemoRun(c)
	if refusal != nil {
		return Reply{}, refusal
	}
	if !s.ask(func() {
		if s.demo != nil {
			refusal = conflict("A demo is running: stop it first.")
			return
		}
		r.begin()
	}) {
		refusal = errEnded()
	}
	if refusal != nil {
		r.cancel()
		return Reply{}, refusal
	}
	return Reply{}, nil
}

// newDemoRun checks the command.
func (s *Session) newDemoRun(c *RunDemo) (*demoRun, *Error) {
	var d *demo.Demo
	var refusal *Error
	switch {
	case (c.Demo == "") == (c.Text == ""):
		return nil, invalid("demo", "Name a demo, or give the text of one; not both.")
	case c.Text != "":
		if d, refusal = parseDemo(c.Text); refusal != nil {
			return nil, refusal
		}
	default:
		f, ok := demos.Find(c.Demo)
		if !ok {
			return nil, refuse(CodeNotFound, "demo", "There is no demo %q.", clip(c.Demo, 40))
		}
		d = f.Demo
	}
	if c.Language != "" && c.Language != "en" && c.Language != "zh" {
		return nil, invalid("language", "The language is en or zh, not %q.", clip(c.Language, 20))
	}
	if !(c.Pace >= 0 && c.Pace <= maxPace) {
		return nil, invalid("pace", "The pace is a number from 0 to %d; 1 leaves time to read.", maxPace)
	}
	network, refusal := s.demoNetwork(d, c.Network)
	if refusal != nil {
		return nil, refusal
	}
	lacks := s.labs.missing(network, d.Settings())
	r := &demoRun{s: s, demo: d.On(func(setting string) bool { return lacks[setting] != "" }), network: network, language: cmp.Or(c.Language, "en"), pace: c.Pace, predict: c.Predict,
		soFar: map[*demo.Check]*demoJudge{}, programs: map[string]*demoProgram{}, at: -1, counts: map[string]int{}}
	r.started = &DemoStarted{Demo: d.Normal(), Network: network, Language: r.language, Predict: c.Predict, Words: d.Words(), Lacks: lacks}
	r.control = newDemoControl(c.Step)
	r.ctx, r.cancel = context.WithCancel(s.ctx)
	return r, nil
}

// demoNetwork is where a demo is to run.
func (s *Session) demoNetwork(d *demo.Demo, wanted string) (string, *Error) {
	lab := s.labs.Support.Available && s.labs.System != nil
	switch {
	case !slices.Contains([]string{"", networkMachine, networkLab}, wanted):
		return "", invalid("network", "The network is machine or lab, not %q.", clip(wanted, 20))
	case d.Network == demo.NetworkLab && wanted == networkMachine:
		return "", invalid("network", "This demo needs the Lab; it cannot run on this machine's own network.")
	case d.Network == demo.NetworkMachine && wanted == networkLab:
		return "", invalid("network", "This demo runs on this machine; it cannot run in the Lab.")
	}
	network := cmp.Or(wanted, d.Network)
	if network == demo.NetworkEither {
		network = networkMachine
		if lab {
			network = networkLab
		}
	}
	if network == networkLab && !lab {
		return "", noLabs(s.labs)
	}
	return network, nil
}

// begin starts the run. The actor's.
func (r *demoRun) begin() {
	s := r.s
	s.demo = r
	s.emit("", "", r.started)
	s.flushLog()
	now := s.log.Now()
	r.since = now.Seq
	r.seen = newDemoWitness(now, r.network, s.captures.supported() == nil, s.machine.observer.err == nil)
	s.spawn(r.play)
}

// finishDemo tells the end of a run, unless that was done. The actor's.
func (s *Session) finishDemo(r *demoRun, verdict, message string) {
	if s.demo != r {
		return
	}
	s.emit("", "", &DemoFinished{Verdict: verdict, Message: message, Passed: r.counts[VerdictPassed],
		Failed: r.counts[VerdictFailed], NotObserved: r.counts[VerdictNotObserved]})
	s.demo = nil
	r.cancel()
}

// tell puts an event of the run into the log; false where the run is over. What begins something waits for the end of a
// pause, which may have come since the runner looked. The runner's.
func (r *demoRun) tell(e Event) bool {
	for {
		told, paused := r.tellUnpaused(e)
		if !paused {
			return told
		}
		if _, err := r.until(forever, func() bool { return true }); err != nil {
			return false
		}
	}
}

func (r *demoRun) tellUnpaused(e Event) (told, paused bool) {
	r.s.ask(func() {
		if told = r.s.demo == r; !told {
			return
		}
		switch e.(type) {
		case *DemoStepStarted, *DemoAsked, *DemoReading:
			if paused = r.control.read(&r.control.paused); paused {
				return
			}
		}
		switch e := e.(type) {
		case *DemoStepStarted:
			r.at = e.Step
		case *DemoAsked:
			r.control.change(func() { r.control.asking, r.control.answered = e.Step, false })
		case *DemoCheckDecided:
			if e.Check != nil {
				r.counts[e.Verdict]++
			}
		}
		r.s.emit("", "", e)
		r.s.flushLog()
	})
	return told, paused
}

// play runs the steps. It ends with the run or the session.
func (r *demoRun) play() {
	verdict, message := "", ""
	if err := r.steps(); err != nil {
		if r.ctx.Err() != nil {
			return // stopped, or the session has ended: nothing more is to be told
		}
		verdict, message = err.verdict, err.message
	}
	r.s.catchUp(r.ctx) // the run's segments come before its end
	r.s.ask(func() {
		if verdict == "" {
			verdict = r.verdict()
		}
		r.s.finishDemo(r, verdict, message)
		r.s.flushLog()
	})
}

// verdict is what the checks add up to. The actor's.
func (r *demoRun) verdict() string {
	switch {
	case r.counts[VerdictFailed] > 0:
		return VerdictFailed
	case r.counts[VerdictNotObserved] > 0:
		return VerdictNotObserved
	}
	return VerdictPassed
}

// demoEnd is why a run ends before its last step.
type demoEnd struct{ verdict, message string }

// steps runs one step after the other. The whole run's counts begin with the first.
func (r *demoRun) steps() *demoEnd {
	for _, s := range r.demo.Steps {
		for _, c := range checksOf(s) {
			if f, ok := c.Fact.(*demo.Count); ok && f.SoFar {
				r.soFar[c] = newDemoJudge(r.seen, c)
			}
		}
	}
	for n := range r.demo.Steps {
		if err := r.playStep(n); err != nil {
			return err
		}
	}
	return nil
}

// checksOf are a step's checks, waits and whens.
func checksOf(s demo.Step) []*demo.Check {
	list := slices.Clone(s.Checks)
	for _, a := range s.Do {
		if a.Wait != nil {
			list = append(list, a.Wait)
		}
	}
	if s.Predict != nil {
		for _, c := range s.Predict.Choices {
			if c.When != nil {
				list = append(list, c.When)
			}
		}
	}
	return list
}
