package demo

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ParseCheck reads a check. Its error says what is allowed where the text is wrong.
func ParseCheck(text string) (*Check, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("a check has at most %d bytes", MaxText)
	}
	s, err := newScanner(text)
	if err != nil {
		return nil, err
	}
	c := &Check{Source: strings.TrimSpace(text)}
	if word, ok := s.end("within"); ok {
		if c.Within, ok = duration(word); !ok {
			return nil, badDuration(word)
		}
	}
	if c.Fact, err = s.parseFact(); err != nil {
		return nil, err
	}
	if s.peek() != "" {
		return nil, fmt.Errorf("the check is complete before %s", clip(strings.Join(s.words[s.at:], " ")))
	}
	return c, nil
}

// sentence is an error that needs no words around it.
type sentence string

func (s sentence) Error() string { return string(s) }

func errNotDecimal(word string) error { return sentence(fmt.Sprintf(notDecimal, clip(word))) }

func badDuration(word string) error {
	return fmt.Errorf("%s is not a duration such as 200ms or 2s, of at most %v", clip(word), MaxWait)
}

// parseFact reads the sentence by its first words.
func (s *scanner) parseFact() (Fact, error) {
	switch w := s.peek(); {
	case w == "":
		return nil, errors.New("a check is a sentence such as: C1 reaches ESTABLISHED")
	case w == "at" || w == "exactly" || w == "no":
		return s.parseCount()
	case s.take("peer of"):
		return s.parsePeer()
	case w == "option":
		return s.parseQuantity("option")
	case socketName.MatchString(w):
		return s.parseSocket(s.next())
	}
	for _, name := range slices.SortedFunc(maps.Keys(Quantities), longestFirst) {
		if s.take(name) {
			s.at-- // parseQuantity looks at the last word again
			return s.parseQuantity(name)
		}
	}
	return nil, s.wanted("a socket (C1, S1, S1.1), a number (at least, at most, exactly, no), option, peer of, or one of " +
		strings.Join(slices.Sorted(maps.Keys(Quantities)), ", "))
}

func longestFirst(a, b string) int { return len(b) - len(a) }

// parseSocket reads what follows a socket's name.
func (s *scanner) parseSocket(socket string) (Fact, error) {
	switch {
	case s.take("is not"):
		states, err := s.states("or")
		return &Is{Socket: socket, Not: true, States: states}, err
	case s.take("is"):
		states, err := s.states("or")
		f := &Is{Socket: socket, States: states}
		if err == nil && s.take("because") {
			if len(states) != 1 || states[0] != "CLOSED" {
				return nil, errors.New("only CLOSED has a reason")
			}
			f.Reason, err = s.oneOf(Reasons)
		}
		return f, err
	case s.take("never reaches"):
		state, err := s.oneOf(States)
		return &Never{Socket: socket, State: state}, err
	case s.take("stays"):
		state, err := s.oneOf(States)
		if err != nil {
			return nil, err
		}
		d, err := s.duration()
		return &Stays{Socket: socket, State: state, For: d}, err
	case s.take("reaches"):
		f := &Reaches{Socket: socket}
		if word, ok := s.end("and stays"); ok {
			if f.Stays, ok = duration(word); !ok {
				return nil, badDuration(word)
			}
		}
		var err error
		f.States, err = s.states(", then")
		return f, err
	case s.take("segments contain"):
		list, err := s.segs()
		return &Segments{Socket: socket, List: list}, err
	case s.take("segments are"):
		list, err := s.segs()
		return &Segments{Socket: socket, Exactly: true, List: list}, err
	case s.take("sends"):
		list, err := s.segs()
		return &Segments{Socket: socket, Sent: true, List: list}, err
	}
	if call, ok := Calls[s.peek()]; ok {
		s.next()
		return s.parseCall(socket, call)
	}
	return nil, s.wanted("is, is not, reaches, never reaches, stays, segments contain, segments are, sends, or a call (" +
		strings.Join(slices.Sorted(maps.Keys(Calls)), ", ") + ")")
}

func (s *scanner) parseCall(socket, call string) (Fact, error) {
	switch {
	case s.take("is waiting"):
		return &Waiting{Socket: socket, Call: call}, nil
	case s.take("takes"):
		f := &Takes{Socket: socket, Call: call}
		var err error
		if f.Compare, err = s.compare(AtLeast, AtMost); err == nil {
			f.For, err = s.duration()
		}
		return f, err
	case s.take("returns"):
		f := &Returns{Socket: socket, Call: call}
		if word, ok := s.end("after"); ok {
			if f.After, ok = duration(word); !ok {
				return nil, badDuration(word)
			}
		}
		for {
			r, err := s.result()
			if err != nil {
				return nil, err
			}
			f.Results = append(f.Results, r)
			if !s.take(", then") {
				return f, nil
			}
		}
	}
	return nil, s.wanted("returns, takes or is waiting")
}

func (s *scanner) result() (Result, error) {
	w := s.peek()
	n, isNumber := wholeNumber(w)
	switch {
	case w == ResultOK || w == ResultError || w == ResultEOF || w == ResultTimeout || w == ResultClosed:
		s.next()
		return Result{Kind: w}, nil
	case errnoName.MatchString(w):
		s.next()
		return Result{Kind: ResultErrno, Errno: w}, nil
	case isNumber:
		s.next()
		return Result{Kind: ResultN, N: n}, nil
	case beginsNumber.MatchString(w):
		return Result{}, errNotDecimal(w)
	case strings.HasPrefix(w, `"`):
		s.next()
		text, _ := strconv.Unquote(w) // the scanner has checked it
		return Result{Kind: ResultText, Text: text}, nil
	}
	return Result{}, s.wanted(`ok, error, an errno such as EPIPE, EOF, timeout, closed, a number of bytes, or a "text"`)
}

func (s *scanner) parseCount() (Fact, error) {
	f := &Count{}
	none := s.take("no")
	var err error
	if none {
		f.Compare = Exactly
	} else {
		if f.Compare, err = s.compare(Exactly, AtLeast, AtMost); err != nil {
			return nil, err
		}
		if f.N, err = s.number(); err != nil {
			return nil, err
		}
	}
	if none {
		if word, ok := s.end("for"); ok {
			if f.For, ok = duration(word); !ok {
				return nil, badDuration(word)
			}
		}
	}
	if s.takeNoun("call") {
		f.Calls = true
	} else if f.Seg, err = s.noun(); err != nil {
		return nil, err
	}
	switch {
	case s.take("of"):
	case s.take("from"):
		f.From = true
	default:
		return nil, s.wanted("of, or from, and a socket")
	}
	if f.Socket, err = s.socket(); err != nil {
		return nil, err
	}
	f.SoFar = s.take("so far")
	return f, nil
}

func (s *scanner) parsePeer() (Fact, error) {
	f := &Peer{}
	var err error
	if f.Socket, err = s.socket(); err != nil {
		return nil, err
	}
	if !s.take("is") {
		return nil, s.wanted("is, and a socket")
	}
	f.Peer, err = s.socket()
	return f, err
}

// parseQuantity reads a sentence about a value; the scanner stands at the last word of its name.
func (s *scanner) parseQuantity(name string) (Fact, error) {
	s.next()
	f := &Quantity{Name: name, Compare: Exactly}
	if name == "option" {
		var err error
		if f.Option, err = s.oneOf(slices.Sorted(maps.Keys(Options))); err != nil {
			return nil, err
		}
	}
	if !s.take("of") && !s.take("by") {
		return nil, s.wanted("of, and a socket")
	}
	var err error
	if f.Socket, err = s.socket(); err != nil {
		return nil, err
	}
	if !s.take("is") {
		return nil, s.wanted("is, and a value")
	}
	if word, ok := s.end("and stays"); ok {
		if f.Stays, ok = duration(word); !ok {
			return nil, badDuration(word)
		}
	}
	kind := Quantities[name]
	if kind == "number" || kind == "duration" {
		if s.peek() == "at" {
			if f.Compare, err = s.compare(AtLeast, AtMost); err != nil {
				return nil, err
			}
		}
		if kind == "number" {
			most, bounded := quantityMost[name]
			if !bounded {
				most = greatest
			}
			f.N, err = s.numberIn(0, most)
			return f, err
		}
		f.For, err = s.duration()
		return f, err
	}
	switch name {
	case "timer":
		f.Text, err = s.oneOf(Timers)
	case "family":
		f.Text, err = s.oneOf([]string{"tcp4", "tcp6"})
	case "kernel socket":
		f.Text, err = s.oneOf([]string{"yes", "no"})
	default:
		f.Text, err = s.optionValue(f.Option)
	}
	return f, err
}

// optionValue reads the value of an option as the kernel's is written (see Options).
func (s *scanner) optionValue(option string) (string, error) {
	word := s.peek()
	switch kind := Options[option]; {
	case word == "":
		return "", s.wanted("the option's value")
	case kind == "bool" && word != "true" && word != "false":
		return "", s.wanted("true or false")
	case kind == "number":
		_, err := s.numberIn(OptionRange(option))
		return word, err
	}
	return s.next(), nil
}

// states reads states that stand between separators.
func (s *scanner) states(separator string) ([]string, error) {
	var list []string
	for {
		state, err := s.oneOf(States)
		if err != nil {
			return nil, err
		}
		list = append(list, state)
		if !s.take(separator) {
			return list, nil
		}
	}
}

func (s *scanner) oneOf(list []string) (string, error) {
	if !slices.Contains(list, s.peek()) {
		return "", s.wanted("one of " + strings.Join(list, ", "))
	}
	return s.next(), nil
}

func (s *scanner) socket() (string, error) {
	if !socketName.MatchString(s.peek()) {
		return "", s.wanted("a socket, such as C1, S1 or S1.1")
	}
	return s.next(), nil
}

func (s *scanner) compare(allowed ...Compare) (Compare, error) {
	names := make([]string, len(allowed))
	for i, c := range allowed {
		if s.take(string(c)) {
			return c, nil
		}
		names[i] = string(c)
	}
	return "", s.wanted("one of " + strings.Join(names, ", "))
}

// greatest is more than there is of anything that a check counts.
const greatest = 1e15

func (s *scanner) number() (int64, error) { return s.numberIn(0, greatest) }

// numberIn reads a number that is one of these.
func (s *scanner) numberIn(least, most int64) (int64, error) {
	word := s.peek()
	n, err := strconv.ParseInt(word, 10, 64)
	isNumber := wholeDigits.MatchString(word)
	switch {
	case !isNumber && beginsNumber.MatchString(word):
		return 0, errNotDecimal(word)
	case !isNumber:
		return 0, s.wanted("a number")
	case err != nil || n < least || n > most:
		return 0, s.wanted(fmt.Sprintf("a number from %d to %d", least, most))
	}
	s.next()
	return n, nil
}

func (s *scanner) duration() (time.Duration, error) {
	d, ok := duration(s.peek())
	if !ok {
		return 0, s.wanted(fmt.Sprintf("a duration such as 200ms or 2s, of at most %v", MaxWait))
	}
	s.next()
	return d, nil
}
