// Package demo is the format of demo files: a script of commands with a story in English and Chinese, and checks in the
// words of TCP. It reads, checks and writes such files, and knows the checks as a syntax tree. It runs nothing: what a
// command's fields mean, and whether a check holds, the engine says (package playground).
//
// The format is YAML, of which the JSON form of a demo is a part: both are read by the same Parse.
package demo

import (
	"encoding/json"
	"time"
)

// Version is the format's version, the value of the key "demo".
const Version = 1

// Demo is a demo file.
type Demo struct {
	Version  int      `json:"demo"`
	ID       string   `json:"id"`
	Title    Text     `json:"title"`
	Summary  Text     `json:"summary"`
	Shelf    string   `json:"shelf,omitempty"`
	Order    int      `json:"order,omitempty"`    // within the shelf
	Network  string   `json:"network"`            // one of the Network constants
	Seconds  int      `json:"seconds,omitempty"`  // about how long it takes by itself, where nobody reads
	Lesson   int      `json:"lesson,omitempty"`   // the number that it has in the list of lessons
	Myth     *Text    `json:"myth,omitempty"`     // what many believe, and the run contradicts
	Picture  []string `json:"picture,omitempty"`  // an emblem for the gallery's card: "SYN>", "<RST", "data>x"
	Keywords []string `json:"keywords,omitempty"` // what people type who look for it, in any language
	Steps    []Step   `json:"steps"`
}

// The networks that a demo may ask for. Either is the Lab where there is one.
const (
	NetworkMachine = "machine"
	NetworkLab     = "lab"
	NetworkEither  = "either"
)

// Shelves are the gallery's, in its order.
var Shelves = []string{"course", "failure", "weird"}

// Text is what a person reads, in both languages. Chinese may be missing.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh,omitempty"`
}

// In is the text in a language ("en" or "zh").
func (t Text) In(language string) string {
	if language == "zh" && t.ZH != "" {
		return t.ZH
	}
	return t.EN
}

// Step is a part of the story, with what is done in it and what must then be so.
type Step struct {
	Title   Text     `json:"title"`
	Story   Text     `json:"story"`
	Why     *Text    `json:"why,omitempty"`
	Sources []string `json:"sources,omitempty"` // the RFC sections and man pages that the story follows
	Predict *Predict `json:"predict,omitempty"`
	Do      []Action `json:"do,omitempty"`
	Checks  []*Check `json:"checks,omitempty"`

	// KernelHas names a kernel setting. On a kernel without it the step is Otherwise, and without one it is not run.
	KernelHas string     `json:"if_kernel_has,omitempty"`
	Otherwise *Otherwise `json:"otherwise,omitempty"`
}

// Predict is a question that is asked before a step's actions. The run says which choice is right.
type Predict struct {
	Question Text     `json:"question"`
	Choices  []Choice `json:"choices"`
}

// Choice is an answer. It is right if When passes; one without When is right if no other is.
type Choice struct {
	Text Text   `json:"text"`
	When *Check `json:"when,omitempty"`
}

// Action is an entry of a step's do: exactly one of Command, Wait and Pause.
type Action struct {
	// Command is the type of a command of the protocol, or start_program or kill.
	Command string
	// Fields are the command's own, as one JSON object, without As.
	Fields json.RawMessage
	// As names what the command opens: S1, C1, P1.
	As string
	// Count is how many sockets it opens: As and those after it.
	Count int
	// Socket is what the command acts on, or empty.
	Socket string
	// Go: the run goes on although the command's calls have not returned.
	Go bool

	Wait  *Check        // it must come true before the run goes on
	Pause time.Duration // of nothing but time

	Within time.Duration // how long the command may take to settle; 0: SettleTime
	Line   int           // in the file
}

// Limits of a demo file, each far above what a lesson needs: a demo may come from anybody.
const (
	MaxBytes    = 32 << 10 // a demo fits into one frame of the protocol, as a string within JSON
	MaxSteps    = 40
	MaxActions  = 40 // a step
	MaxChecks   = 20 // a step
	MaxChoices  = 6
	MaxText     = 4000 // bytes of one text
	MaxKeywords = 24
	MaxKeyword  = 60 // bytes of one
	MaxDepth    = 12
	// MaxWait is the longest a single wait, pause or check may take; MaxTotal what the waits of a whole demo may add up to.
	MaxWait  = 120 * time.Second
	MaxTotal = 20 * time.Minute
	// SettleTime is how long a command or a check may take where the file does not say.
	SettleTime = 5 * time.Second
	// MaxCount is the most sockets that one dial of a demo opens.
	MaxCount = 200
)
