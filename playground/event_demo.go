package playground

import (
	"encoding/json"
	"maps"
	"slices"
)

// DemoStarted says that a demo began to run, and carries the whole of it, so that the log alone tells the story.
type DemoStarted struct {
	Header
	Demo     json.RawMessage              `json:"demo"` // normalised: demo.Demo.Normal
	Network  string                       `json:"network"`
	Language string                       `json:"language"`
	Predict  bool                         `json:"predict,omitempty"` // what the demo asks is asked of the person
	Words    map[string]map[string]string `json:"words,omitempty"`   // language → a check as written → in that language
	Lacks    map[string]string            `json:"lacks,omitempty"`   // kernel settings that the demo asks about and that are not there → why
}

// DemoStepStarted says that a step began.
type DemoStepStarted struct {
	Header
	Step int `json:"step"`
}

// DemoAsked says that the step waits for an answer to what it asks.
type DemoAsked struct {
	Header
	Step int `json:"step"`
}

// DemoPredicted is that answer.
type DemoPredicted struct {
	Header
	Step   int `json:"step"`
	Choice int `json:"choice"`
}

// DemoCheckDecided says whether a check held, or a choice was right: exactly one of Check and Choice is set.
type DemoCheckDecided struct {
	Header
	Step    int      `json:"step"`
	Check   *int     `json:"check,omitempty"`
	Choice  *int     `json:"choice,omitempty"`
	Verdict string   `json:"verdict"`
	Detail  string   `json:"detail,omitempty"` // what was seen instead
	Facts   []uint64 `json:"facts,omitempty"`  // seqs of the events that decided it
}

// DemoPaused says that the run waits for the user, before or in a step.
type DemoPaused struct {
	Header
	Step   int    `json:"step"`
	Reason string `json:"reason"`
}

// DemoReading says that the step is over and that the run leaves time to read its story; a pause stops that time.
type DemoReading struct {
	Header
	Step  int   `json:"step"`
	ForMS int64 `json:"for_ms"`
}

// DemoResumed says that the run goes on.
type DemoResumed struct{ Header }

// DemoFinished is the last event of a run.
type DemoFinished struct {
	Header
	Verdict     string `json:"verdict"`
	Passed      int    `json:"passed"`
	Failed      int    `json:"failed"`
	NotObserved int    `json:"not_observed"`
	Message     string `json:"message,omitempty"`
}

// The verdicts of a check, and of a demo.
const (
	VerdictPassed      = "passed"
	VerdictFailed      = "failed"
	VerdictNotObserved = "not_observed" // nobody could see it here
	VerdictStopped     = "stopped"      // of a demo: the user ended it, or took over
)

// The reasons of DemoPaused.
const (
	PausedByUser = "user"
	PausedByStep = "step" // each step is started by the user
)

func (*DemoStarted) kind() string      { return "demo_started" }
func (*DemoStepStarted) kind() string  { return "demo_step_started" }
func (*DemoAsked) kind() string        { return "demo_asked" }
func (*DemoPredicted) kind() string    { return "demo_predicted" }
func (*DemoCheckDecided) kind() string { return "demo_check_decided" }
func (*DemoPaused) kind() string       { return "demo_paused" }
func (*DemoReading) kind() string      { return "demo_reading" }
func (*DemoResumed) kind() string      { return "demo_resumed" }
func (*DemoFinished) kind() string     { return "demo_finished" }

func (e *DemoStarted) appendFields(w *jsonWriter) {
	w.key("demo")
	w.buf = append(w.buf, orNull(e.Demo)...)
	w.str("network", e.Network)
	w.str("language", e.Language)
	if e.Predict {
		w.bool("predict", true)
	}
	if len(e.Words) > 0 {
		w.object("words", func(w *jsonWriter) {
			for _, language := range slices.Sorted(maps.Keys(e.Words)) {
				w.name(language)
				w.element(func(w *jsonWriter) { w.entries(e.Words[language]) })
			}
		})
	}
	if len(e.Lacks) > 0 {
		w.object("lacks", func(w *jsonWriter) { w.entries(e.Lacks) })
	}
}

// orNull is JSON that is missing, as encoding/json has it.
func orNull(v json.RawMessage) json.RawMessage {
	if v == nil {
		return json.RawMessage("null")
	}
	return v
}

func (e *DemoStepStarted) appendFields(w *jsonWriter) { w.int("step", int64(e.Step)) }

func (e *DemoAsked) appendFields(w *jsonWriter) { w.int("step", int64(e.Step)) }

func (e *DemoPredicted) appendFields(w *jsonWriter) {
	w.int("step", int64(e.Step))
	w.int("choice", int64(e.Choice))
}

func (e *DemoCheckDecided) appendFields(w *jsonWriter) {
	w.int("step", int64(e.Step))
	if e.Check != nil {
		w.int("check", int64(*e.Check))
	}
	if e.Choice != nil {
		w.int("choice", int64(*e.Choice))
	}
	w.str("verdict", e.Verdict)
	w.optStr("detail", e.Detail)
	w.optUints("facts", e.Facts)
}

func (e *DemoPaused) appendFields(w *jsonWriter) {
	w.int("step", int64(e.Step))
	w.str("reason", e.Reason)
}

func (e *DemoReading) appendFields(w *jsonWriter) {
	w.int("step", int64(e.Step))
	w.int("for_ms", e.ForMS)
}

func (e *DemoResumed) appendFields(*jsonWriter) {}

func (e *DemoFinished) appendFields(w *jsonWriter) {
	w.str("verdict", e.Verdict)
	w.int("passed", int64(e.Passed))
	w.int("failed", int64(e.Failed))
	w.int("not_observed", int64(e.NotObserved))
	w.optStr("message", e.Message)
}
