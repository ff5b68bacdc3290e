package demo

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// segs reads a list of kinds of segment.
func (s *scanner) segs() ([]Seg, error) {
	var list []Seg
	for {
		g, err := s.noun()
		if err != nil {
			return nil, err
		}
		list = append(list, g)
		if !s.take(", then") {
			return list, nil
		}
	}
}

// noun reads a kind of segment, and which fields it has.
func (s *scanner) noun() (Seg, error) {
	g, err := s.kind()
	for err == nil && (s.peek() == "with" || s.peek() == "without") {
		not := s.next() == "without"
		for more := true; more && err == nil; more = s.take("and") {
			f := SegField{Not: not}
			if f.Name, err = s.oneOf(SegFields); err != nil {
				break
			}
			n, isNumber := wholeNumber(s.peek())
			most, bounded := fieldMost[f.Name]
			switch f.Any = !isNumber; {
			case f.Name == "ecn" && slices.Contains(ECNs, s.peek()):
				f.Any, f.Text = false, s.next()
			case f.Name == "ecn" && isNumber:
				return g, s.wanted("one of " + strings.Join(ECNs, ", "))
			case f.Name == "df" && isNumber:
				return g, errors.New("df has no number: with df, or without df")
			case isNumber && bounded && n > most:
				return g, s.wanted(fmt.Sprintf("a number from %d to %d", 0, most))
			case isNumber:
				f.N = n
				s.next()
			case beginsNumber.MatchString(s.peek()):
				return g, errNotDecimal(s.peek())
			}
			g.With = append(g.With, f)
		}
	}
	return g, err
}

// kind reads a kind of segment.
func (s *scanner) kind() (Seg, error) {
	if s.peek() == SegData {
		s.next()
		g := Seg{Kind: SegData}
		g.Whole = s.take("exactly")
		switch {
		case strings.HasPrefix(s.peek(), `"`):
			if g.Text, _ = strconv.Unquote(s.next()); g.Text == "" { // the scanner has checked that it is a text
				return Seg{}, errors.New(`data "" says nothing: data alone is any, no data is none`)
			}
		case g.Whole:
			return Seg{}, s.wanted(`a text in quotes after exactly, such as data exactly "hello"`)
		}
		s.takeNoun("segment")
		return g, nil
	}
	for _, noun := range spelled {
		if s.takeNoun(noun[0]) {
			return Seg{Kind: noun[1]}, nil
		}
	}
	word := strings.TrimSuffix(s.peek(), "s")
	flags := strings.Split(word, "+")
	for _, f := range flags {
		if !slices.Contains(Flags, f) {
			return Seg{}, s.wanted("a kind of segment: flags such as SYN or SYN+ACK, data, segment, " + strings.Join(nouns[1:], ", "))
		}
	}
	s.next()
	return Seg{Kind: SegFlags, Flags: flags}, nil
}
