package playground

import (
	"sync"
	"time"
)

// demoControl is what the user wants of a run: the actor writes it, the runner reads it.
type demoControl struct {
	changed chan struct{} // has room for one

	mu       sync.Mutex
	paused   bool
	byStep   bool // paused since each step is started by the user
	pausedAt int64
	lost     int64 // time spent in pauses that are over
	stepping bool  // pause before each step
	through  bool  // but not before the next one
	hurry    bool  // the user has read enough
	asking   int   // the step that asks; -1: none
	answered bool
}

func newDemoControl(stepping bool) demoControl {
	return demoControl{changed: make(chan struct{}, 1), stepping: stepping, asking: -1}
}

func (c *demoControl) signal() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// change lets f change it and wakes the runner.
func (c *demoControl) change(f func()) {
	c.mu.Lock()
	f()
	c.mu.Unlock()
	c.signal()
}

// read gives one of its values.
func (c *demoControl) read(value *bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *value
}

// pause stops the run's clock, for PausedByUser or PausedByStep; it says whether it ran.
func (c *demoControl) pause(now int64, reason string) (did bool) {
	c.change(func() {
		if did = !c.paused; did {
			c.paused, c.pausedAt, c.byStep = true, now, reason == PausedByStep
		}
	})
	return did
}

func (c *demoControl) resume(now int64) (did bool) {
	c.change(func() {
		if did = c.paused; did {
			c.paused = false
			c.lost += now - c.pausedAt
		}
	})
	return did
}

// clock is the session's clock without the pauses.
func (c *demoControl) clock(now int64) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused {
		now = c.pausedAt
	}
	return time.Duration(now - c.lost)
}

func noDemo() *Error { return conflict("No demo is running.") }

// doControlDemo pauses, resumes, steps or stops the demo.
func (s *Session) doControlDemo(c *ControlDemo) (Reply, *Error) {
	r := s.demo
	if r == nil {
		return Reply{}, noDemo()
	}
	switch c.Do {
	case demoPause:
		if r.control.pause(s.now(), PausedByUser) {
			s.emit("", "", &DemoPaused{Step: max(r.at, 0), Reason: PausedByUser})
		}
	case demoResume:
		r.control.change(func() { // who paused within a step goes on as before, step by step too
			if r.control.paused && r.control.byStep {
				r.control.stepping = false
			}
		})
		s.resumeDemo(r)
	case demoStep:
		r.control.change(func() { r.control.stepping, r.control.through, r.control.hurry = true, true, true })
		s.resumeDemo(r)
	case demoStop:
		s.finishDemo(r, VerdictStopped, "")
	default:
		return Reply{}, invalid("do", "A demo can pause, resume, step or stop, not %q.", clip(c.Do, 20))
	}
	return Reply{}, nil
}

// resumeDemo goes on after a pause. A step that waits for an answer still does.
func (s *Session) resumeDemo(r *demoRun) {
	if !r.control.resume(s.now()) {
		return
	}
	s.emit("", "", &DemoResumed{})
	if step, waits := r.control.waitsForAnswer(); waits {
		s.emit("", "", &DemoAsked{Step: step})
	}
}

func (c *demoControl) waitsForAnswer() (step int, waits bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asking, c.asking >= 0 && !c.answered
}

func (s *Session) doPredictDemo(c *PredictDemo) (Reply, *Error) {
	r := s.demo
	if r == nil {
		return Reply{}, noDemo()
	}
	step, waits := r.control.waitsForAnswer()
	if !waits || step != c.Step {
		return Reply{}, conflict("The demo asks nothing in that step now.")
	}
	if n := len(r.demo.Steps[step].Predict.Choices); c.Choice < 0 || c.Choice >= n {
		return Reply{}, invalid("choice", "The choice is a number from 0 to %d.", n-1)
	}
	s.emit("", "", &DemoPredicted{Step: step, Choice: c.Choice})
	r.control.change(func() { r.control.answered = true })
	return Reply{}, nil
}
