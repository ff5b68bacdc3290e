package playground

import (
	"fmt"
	"math"
	"strings"
	"time"

	"socketplayground/playground/demo"
)

// demoStepRun is the step that runs.
type demoStepRun struct {
	n       int
	checks  []*demoJudge
	choices []*demoJudge // nil where a choice has no When
	waits   map[*demo.Check]*demoJudge
	right   bool // a choice was found right
	told    int  // choices that are decided and told
	asked   int64
	clock   time.Duration // of the run, at asked
	quiet   int64
	decided bool     // all checks are
	caught  bool     // what crossed in the quiet is known
	looking []string // sockets whose state or numbers are waited for
}

// demoTick is how often a run asks its checks when nothing happens, and looks at the sockets that they are about.
const demoTick = 20 * time.Millisecond

// forever is a limit that no wait of a demo reaches.
const forever = time.Duration(math.MaxInt64)

func (r *demoRun) playStep(n int) *demoEnd {
	if err := r.gate(n); err != nil {
		return err
	}
	if !r.tell(&DemoStepStarted{Step: n}) {
		return errDemoOver
	}
	if _, err := r.pump(); err != nil {
		return err
	}
	r.seen.stepAt = r.seen.now.Demo.StepNS[n]
	step := &r.demo.Steps[n]
	if step.KernelHas != "" {
		return r.passOver(n)
	}
	r.prepare(n)
	if r.predict && step.Predict != nil {
		if err := r.ask(n); err != nil {
			return err
		}
	}
	r.control.change(func() { r.control.hurry = false })
	begun := r.clock()
	for i := range step.Do {
		if err := r.act(&step.Do[i]); err != nil {
			return err
		}
	}
	if err := r.check(); err != nil {
		return err
	}
	if n == len(r.demo.Steps)-1 {
		return nil
	}
	return r.read(r.readingTime(step) - (r.clock() - begun))
}

// passOver tells of a step that this kernel cannot do that none of its checks can be observed.
func (r *demoRun) passOver(n int) *demoEnd {
	step := &r.demo.Steps[n]
	r.step = demoStepRun{n: n}
	r.control.change(func() { r.control.hurry = false })
	for i := range step.Checks {
		r.tell(&DemoCheckDecided{Step: n, Check: &i, Verdict: VerdictNotObserved, Detail: r.started.Lacks[step.KernelHas]})
	}
	if n == len(r.demo.Steps)-1 {
		return nil
	}
	return r.read(r.readingTime(step))
}

// errDemoOver says that the run was stopped, or its session has ended.
var errDemoOver = &demoEnd{}

// gate pauses before a step, where the user steps.
func (r *demoRun) gate(n int) *demoEnd {
	s, c := r.s, &r.control
	if _, err := r.until(forever, func() bool { return true }); err != nil { // a pause by the user is not one before the step
		return err
	}
	s.ask(func() {
		pause := false
		c.change(func() { pause, c.through = c.stepping && !c.through, false })
		if pause && s.demo == r && c.pause(s.now(), PausedByStep) {
			s.emit("", "", &DemoPaused{Step: n, Reason: PausedByStep})
			s.flushLog()
		}
	})
	_, err := r.until(forever, func() bool { return true })
	c.change(func() { c.through = false }) // the step command that opened the gate is used up
	return err
}

// prepare begins to look for what the step's checks are about.
func (r *demoRun) prepare(n int) {
	step := &r.demo.Steps[n]
	r.step = demoStepRun{n: n, waits: map[*demo.Check]*demoJudge{}}
	r.judges = r.judges[:0]
	for _, j := range r.soFar {
		r.judges = append(r.judges, j)
	}
	judge := func(c *demo.Check) *demoJudge {
		if j := r.soFar[c]; j != nil {
			return j
		}
		j := newDemoJudge(r.seen, c)
		r.judges = append(r.judges, j)
		return j
	}
	for _, c := range step.Checks {
		r.step.checks = append(r.step.checks, judge(c))
	}
	for i := range step.Do {
		if c := step.Do[i].Wait; c != nil {
			r.step.waits[c] = judge(c)
		}
	}
	if step.Predict == nil {
		return
	}
	for _, c := range step.Predict.Choices {
		var j *demoJudge
		if c.When != nil {
			j = judge(c.When)
		}
		r.step.choices = append(r.step.choices, j)
	}
}

// ask waits for the user's answer.
func (r *demoRun) ask(n int) *demoEnd {
	if !r.tell(&DemoAsked{Step: n}) {
		return errDemoOver
	}
	_, err := r.until(forever, func() bool { return r.control.read(&r.control.answered) })
	return err
}

// readingTime is how long the run waits for who reads the step's story.
func (r *demoRun) readingTime(step *demo.Step) time.Duration {
	return time.Duration(r.pace * float64(step.ReadingTime(r.language)))
}

func (r *demoRun) read(d time.Duration) *demoEnd {
	if d <= 0 {
		return nil
	}
	if !r.tell(&DemoReading{Step: r.step.n, ForMS: d.Milliseconds()}) {
		return errDemoOver
	}
	_, err := r.until(d, func() bool { return r.control.read(&r.control.hurry) })
	return err
}

// check waits until the step's checks are decided. Its commands have settled.
func (r *demoRun) check() *demoEnd {
	r.look(r.undecided())
	r.step.asked, r.step.clock = r.s.now(), r.clock()
	_, err := r.until(forever, func() bool { return r.step.decided })
	return err
}

// undecided are the sockets that the step's open checks are about.
func (r *demoRun) undecided() []string {
	var ids []string
	for _, j := range append(r.step.checks, r.step.choices...) {
		if j != nil && j.verdict == "" {
			if socket := looksAt(j.check.Fact); socket != "" {
				ids = append(ids, r.seen.name(socket))
			}
		}
	}
	return ids
}

// look takes a fresh look at sockets into account.
func (r *demoRun) look(ids []string) {
	if len(ids) > 0 {
		r.s.look(ids)
		_, _ = r.pump() // an end is found again by until
	}
}

// moment is how a check of the step is asked now.
func (r *demoRun) moment(j *demoJudge) moment {
	st := &r.step
	m := moment{now: r.s.now(), asked: st.asked, quiet: st.quiet}
	if st.asked != 0 {
		elapsed := r.clock() - st.clock
		m.over = elapsed >= j.within()
		if awaitsQuiet(j.check.Fact) && elapsed < j.check.Within { // what must not happen, for as long as the file says
			m.quiet = 0
		}
	}
	return m
}

// readAll takes in what has crossed until now, before anything is said not to have crossed.
func (r *demoRun) readAll() {
	r.s.catchUp(r.ctx)
	_, _ = r.pump() // an end is found again by until
}

// decided asks a judge. What is not to come for so long is not said before all is read that came in that time.
func (r *demoRun) decided(j *demoJudge, m moment) bool {
	if f, ok := j.check.Fact.(*demo.Count); ok && f.For > 0 && !j.caught && j.verdict == "" && m.asked != 0 && m.held(m.asked, f.For) {
		j.caught = true
		r.readAll()
	}
	return j.decide(r.seen, m)
}

// decide asks the step's checks and tells their verdicts as they come.
func (r *demoRun) decide() {
	st := &r.step
	all, rest := true, true // rest: those that await no quiet
	for i, j := range st.checks {
		if !r.decided(j, r.moment(j)) {
			all = false
			rest = rest && awaitsQuiet(j.check.Fact)
		} else if !j.told {
			j.told = true
			r.tell(&DemoCheckDecided{Step: st.n, Check: &i, Verdict: j.verdict, Detail: j.detail, Facts: j.facts})
		}
	}
	if rest && st.asked != 0 && st.quiet == 0 {
		st.quiet = r.s.now()
	}
	st.decided = r.decideChoices() && all
	if st.looking = nil; !st.decided && st.asked != 0 {
		st.looking = r.undecided()
	}
}

// decideChoices finds the choices that are right. As soon as one is, the others have no more time.
func (r *demoRun) decideChoices() bool {
	st := &r.step
	open, unseen := 0, false
	for i, j := range st.choices {
		if j == nil {
			continue
		}
		m := r.moment(j)
		m.over = m.over || st.right
		if st.right && m.quiet == 0 {
			m.quiet = 1 // long ago
		}
		if !r.decided(j, m) {
			open++
			continue
		}
		st.right = st.right || j.verdict == VerdictPassed
		unseen = unseen || j.verdict == VerdictNotObserved
		if !j.told {
			j.told = true
			r.tell(&DemoCheckDecided{Step: st.n, Choice: &i, Verdict: j.verdict, Detail: j.detail, Facts: j.facts})
		}
	}
	if open > 0 || st.asked == 0 {
		return len(st.choices) == 0
	}
	for i, j := range st.choices { // right if none of the others is
		if j == nil && st.told&(1<<i) == 0 {
			st.told |= 1 << i
			verdict := VerdictPassed
			switch {
			case st.right:
				verdict = VerdictFailed
			case unseen:
				verdict = VerdictNotObserved
			}
			r.tell(&DemoCheckDecided{Step: st.n, Choice: &i, Verdict: verdict})
		}
	}
	return true
}

// clock is the run's own: it stands still in a pause.
func (r *demoRun) clock() time.Duration { return r.control.clock(r.s.now()) }

// pump takes all events of the log that are new, and gives the channel that tells of more.
func (r *demoRun) pump() (more <-chan struct{}, err *demoEnd) {
	for {
		if r.ctx.Err() != nil {
			return nil, errDemoOver
		}
		events, more, ok := r.s.log.Page(r.since)
		if !ok {
			return nil, &demoEnd{VerdictNotObserved, "More happened than this run could follow."}
		}
		if len(events) == 0 {
			return more, nil
		}
		for _, e := range events {
			r.seen.observe(e)
			for _, j := range r.judges {
				j.observe(r.seen, e)
			}
		}
		r.since = events[len(events)-1].header().Seq
	}
}

// until waits for something that events, time or the user bring about, and no longer than limit of the run's clock; it
// says whether it came. Meanwhile the step's checks are told as they are decided.
func (r *demoRun) until(limit time.Duration, ready func() bool) (bool, *demoEnd) {
	start := r.clock()
	tick := time.NewTicker(demoTick)
	defer tick.Stop()
	for {
		more, err := r.pump()
		if err != nil {
			return false, err
		}
		if st := &r.step; st.quiet != 0 && !st.caught && r.s.now()-st.quiet >= int64(quietTime) {
			st.caught = true // before anything is said not to have crossed
			r.s.catchUp(r.ctx)
			continue
		}
		if !r.control.read(&r.control.paused) {
			r.decide()
			if ready() {
				return true, nil
			}
			if r.clock()-start >= limit {
				return false, nil
			}
		}
		select {
		case <-more:
		case <-r.control.changed:
		case <-tick.C:
			r.look(r.step.looking)
		case <-r.ctx.Done():
			return false, errDemoOver
		}
	}
}

// wait waits until a check comes true.
func (r *demoRun) wait(c *demo.Check) *demoEnd {
	j := r.step.waits[c]
	name := ""
	if socket := looksAt(c.Fact); socket != "" {
		name = r.seen.name(socket)
		r.look([]string{name})
	}
	asked, start := r.s.now(), r.clock()
	quiet := int64(0)
	_, err := r.until(forever, func() bool {
		elapsed := r.clock() - start
		if quiet == 0 && r.s.now()-asked >= int64(quietTime) && elapsed >= c.Within { // as moment does it for the step's checks
			quiet = asked
			if awaitsQuiet(c.Fact) {
				r.readAll()
			}
		}
		if r.decided(j, moment{now: r.s.now(), asked: asked, over: elapsed >= j.within(), quiet: quiet}) {
			return true
		}
		if name != "" {
			r.step.looking = append(r.step.looking, name)
		}
		return false
	})
	switch {
	case err != nil:
		return err
	case j.verdict != VerdictPassed:
		return &demoEnd{j.verdict, fmt.Sprintf("Step %d waited for “%s”: %s.", r.step.n+1, c.Source, strings.TrimSuffix(j.detail, "."))}
	}
	return nil
}
