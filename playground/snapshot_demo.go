package playground

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// DemoView is what the events say about the newest demo that ran in the session.
type DemoView struct {
	Demo       json.RawMessage              `json:"demo"`
	Network    string                       `json:"network"`
	Language   string                       `json:"language"`
	Predict    bool                         `json:"predict,omitempty"`
	Words      map[string]map[string]string `json:"words,omitempty"`
	Lacks      map[string]string            `json:"lacks,omitempty"`
	Step       int                          `json:"step"` // -1 before the first
	Status     string                       `json:"status"`
	Reason     string                       `json:"reason,omitempty"` // of a pause
	Verdict    string                       `json:"verdict,omitempty"`
	Message    string                       `json:"message,omitempty"`
	Checks     map[string]DemoCheck         `json:"checks"`    // by "step.check"
	Choices    map[string]DemoCheck         `json:"choices"`   // by "step.choice"
	Predicted  map[string]int               `json:"predicted"` // by step
	StartedNS  int64                        `json:"started_ns"`
	FinishedNS int64                        `json:"finished_ns,omitempty"`
	StepNS     []int64                      `json:"step_ns"` // when each step began
	// ReadingForNS is the whole time to read the step, ReadingUntilNS when it is over, and ReadingLeftNS what is left of it
	// in a pause.
	ReadingForNS   int64 `json:"reading_for_ns,omitempty"`
	ReadingUntilNS int64 `json:"reading_until_ns,omitempty"`
	ReadingLeftNS  int64 `json:"reading_left_ns,omitempty"`
}

// DemoCheck is a check that was decided.
type DemoCheck struct {
	Verdict string   `json:"verdict"`
	Detail  string   `json:"detail,omitempty"`
	Facts   []uint64 `json:"facts,omitempty"`
}

// The values of DemoView.Status.
const (
	demoRunning  = "running"
	demoAsking   = "asking"
	demoPaused   = "paused"
	demoFinished = "finished"
)

// applyDemo takes an event about the demo; it says whether it was one.
func (s *Snapshot) applyDemo(e Event) bool {
	if e, ok := e.(*DemoStarted); ok {
		s.Demo = &DemoView{Demo: e.Demo, Network: e.Network, Language: e.Language, Predict: e.Predict, Words: e.Words, Lacks: e.Lacks, Step: -1,
			Status: demoRunning, Checks: map[string]DemoCheck{}, Choices: map[string]DemoCheck{},
			Predicted: map[string]int{}, StartedNS: e.AtNS, StepNS: []int64{}}
		return true
	}
	return s.Demo != nil && s.Demo.apply(e)
}

func (d *DemoView) apply(e Event) bool {
	switch e := e.(type) {
	case *DemoStepStarted:
		d.Step, d.Status = e.Step, demoRunning
		d.StepNS = append(d.StepNS, e.AtNS)
		d.ReadingForNS, d.ReadingUntilNS, d.ReadingLeftNS = 0, 0, 0
	case *DemoAsked:
		d.Status = demoAsking
	case *DemoPredicted:
		d.Status = demoRunning
		d.Predicted[fmt.Sprint(e.Step)] = e.Choice
	case *DemoCheckDecided:
		decided := DemoCheck{Verdict: e.Verdict, Detail: e.Detail, Facts: e.Facts}
		if e.Check != nil {
			d.Checks[fmt.Sprintf("%d.%d", e.Step, *e.Check)] = decided
		}
		if e.Choice != nil {
			d.Choices[fmt.Sprintf("%d.%d", e.Step, *e.Choice)] = decided
		}
	case *DemoPaused:
		d.Status, d.Reason = demoPaused, e.Reason
		if d.ReadingUntilNS != 0 {
			d.ReadingUntilNS, d.ReadingLeftNS = 0, max(1, d.ReadingUntilNS-e.AtNS)
		}
	case *DemoReading:
		d.ReadingForNS = e.ForMS * int64(time.Millisecond)
		d.ReadingUntilNS = e.AtNS + d.ReadingForNS
	case *DemoResumed:
		d.Status, d.Reason = demoRunning, ""
		if d.ReadingLeftNS != 0 {
			d.ReadingUntilNS, d.ReadingLeftNS = e.AtNS+d.ReadingLeftNS, 0
		}
	case *DemoFinished:
		d.Status, d.Reason, d.Verdict, d.Message, d.FinishedNS = demoFinished, "", e.Verdict, e.Message, e.AtNS
		d.ReadingForNS, d.ReadingUntilNS, d.ReadingLeftNS = 0, 0, 0
	default:
		return false
	}
	return true
}

func (d *DemoView) clone() *DemoView {
	if d == nil {
		return nil
	}
	c := *d
	c.Checks, c.Choices, c.Predicted = maps.Clone(d.Checks), maps.Clone(d.Choices), maps.Clone(d.Predicted)
	c.StepNS = slices.Clone(d.StepNS)
	return &c
}
