package demo

import (
	"time"
	"unicode"
)

// How fast people read: some 200 words a minute where words are written apart, and 300 characters where they are not.
const (
	readWord      = 300 * time.Millisecond
	readCharacter = 200 * time.Millisecond

	shortestReading = 2 * time.Second
	longestReading  = 15 * time.Second
)

// ReadingTime is how long a person reads the step's story in a language: "en" or "zh". A name such as SYN_SENT is a word
// in both.
func (s *Step) ReadingTime(language string) time.Duration {
	var d time.Duration
	inWord := false
	for _, r := range s.Story.In(language) {
		switch {
		case unicode.Is(unicode.Han, r):
			d += readCharacter
			inWord = false
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '\'' || r == '’':
			if !inWord {
				d += readWord
			}
			inWord = true
		default:
			inWord = false
		}
	}
	return min(max(d, shortestReading), longestReading)
}

// Seconds is about how many seconds a demo takes for a person who reads along, in either language.
type Seconds struct {
	EN int `json:"en"`
	ZH int `json:"zh"`
}

// Takes is about how long the demo takes. What a step does is done while its story is read; after the last one nobody is
// waited for.
func (d *Demo) Takes() Seconds {
	in := func(language string) int {
		var sum time.Duration
		for i := range max(0, len(d.Steps)-1) {
			sum += d.Steps[i].ReadingTime(language)
		}
		return max(d.Seconds, int(sum.Round(time.Second).Seconds()))
	}
	return Seconds{EN: in("en"), ZH: in("zh")}
}
