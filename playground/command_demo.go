package playground

import (
	"encoding/json"

	"socketplayground/playground/demo"
)

// RunDemo runs a demo: a built-in one by its name, or the text of a demo file. It is answered when the run has begun.
type RunDemo struct {
	Demo     string  `json:"demo"`
	Text     string  `json:"text"`
	Network  string  `json:"network"`  // machine or lab; empty: the demo's
	Language string  `json:"language"` // en (empty) or zh
	Pace     float64 `json:"pace"`     // of the reading time after each step; 0: as fast as it goes
	Step     bool    `json:"step"`     // pause before each step
	Predict  bool    `json:"predict"`  // ask what the demo asks
}

// ControlDemo pauses or resumes the demo that runs, goes one step on, or stops it.
type ControlDemo struct {
	Do string `json:"do"`
}

// PredictDemo answers what a step asks.
type PredictDemo struct {
	Step   int `json:"step"`
	Choice int `json:"choice"`
}

// ReadDemo reads the text of a demo file and runs nothing.
type ReadDemo struct {
	Text string `json:"text"`
}

func (*RunDemo) command() string     { return "run_demo" }
func (*ControlDemo) command() string { return "control_demo" }
func (*PredictDemo) command() string { return "predict_demo" }
func (*ReadDemo) command() string    { return "read_demo" }

// The values of ControlDemo.Do.
const (
	demoPause  = "pause"
	demoResume = "resume"
	demoStep   = "step" // run the next step, then pause
	demoStop   = "stop" // and leave the sockets to the user
)

// DemoSeconds is how long a demo takes, by language.
type DemoSeconds = demo.Seconds

// DemoReply answers ReadDemo.
type DemoReply struct {
	Demo  json.RawMessage              `json:"demo"`
	Words map[string]map[string]string `json:"words"`
	Takes demo.Seconds                 `json:"takes"`
}
