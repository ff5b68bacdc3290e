package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/width"

	"socketplayground/playground"
	"socketplayground/playground/demo"
)

// ladder draws events as lines of text: the time, what the client's side did, what crossed the wire, and what the
// server's side did. It draws what the events say and nothing else, in the order of the times that it prints: a segment is
// read, and a call is told, a little later than it happened, so that the log's order is another one.
type ladder struct {
	hosts   map[string]string // of sockets
	left    map[uint64]int64  // ns: when segments left, and landed
	landed  map[uint64]int64
	waiting []ladderLine // by their times
	first   int64        // ns: the time that the others are told from
	last    int64        // ns: of the newest line that was printed
}

// ladderLine is a line that is not printed yet.
type ladderLine struct {
	at   int64 // ns
	text string
	note bool // it stands between the lines of the ladder, at its time, and shows none
}

// settled is how long a line waits for what happened before it and is told after it.
const settled = 500 * time.Millisecond

func newLadder() *ladder {
	return &ladder{hosts: map[string]string{}, left: map[uint64]int64{}, landed: map[uint64]int64{}, first: -1}
}

// add takes an event in.
func (l *ladder) add(e playground.Event) {
	for _, line := range l.lines(e) {
		l.insert(line)
	}
}

// insert puts a line behind those of its time.
func (l *ladder) insert(line ladderLine) {
	i, _ := slices.BinarySearchFunc(l.waiting, line.at, func(w ladderLine, at int64) int { return cmp.Compare(w.at, at+1) })
	l.waiting = slices.Insert(l.waiting, i, line)
}

// take gives the lines of what happened before a time, to be printed.
func (l *ladder) take(until int64) (lines []string) {
	n := 0
	for ; n < len(l.waiting) && l.waiting[n].at < until; n++ {
		line := l.waiting[n]
		if line.note {
			lines = append(lines, line.text)
			continue
		}
		if l.first < 0 {
			l.first, l.last = line.at, line.at
		}
		text := clean(line.text)
		if line.at < l.last { // it came after a line that is printed: it stands where it came, and says when it was
			text += fmt.Sprintf("  (it was at %.3f ms)", ms(line.at-l.first))
		}
		l.last = max(l.last, line.at)
		lines = append(lines, fmt.Sprintf("# %11.3f ms  %s", ms(l.last-l.first), text))
	}
	l.waiting = slices.Delete(l.waiting, 0, n)
	return lines
}

func ms(ns int64) float64 { return float64(ns) / 1e6 }

const (
	sideWidth = 36
	wireWidth = 26
)

// lines draws an event; none for what a ladder does not show.
func (l *ladder) lines(e playground.Event) []ladderLine {
	switch e := e.(type) {
	case *playground.SocketOpened:
		l.hosts[e.Socket] = e.Host
	case *playground.CallReturned:
		what, result := fmt.Sprintf("%s(%s)", e.Op, e.Args), "→ "+e.Result
		if whole := what + " " + result; columns(e.Socket+" "+whole) < sideWidth || l.hosts[e.Socket] == "server" {
			return l.line(e.ReturnedNS, e.Socket, whole, "")
		}
		return append(l.line(e.ReturnedNS, e.Socket, what, ""), l.line(e.ReturnedNS, e.Socket, result, "")...)
	case *playground.CallsSummarised:
		return l.line(e.LastNS, e.Socket, fmt.Sprintf("%d × %s, %d bytes", e.Calls, e.Op, e.Bytes), "")
	case *playground.StateChanged:
		what := string(e.To)
		if e.Reason != "" {
			what += " (" + e.Reason + ")"
		}
		if e.Source == playground.SourceInferred {
			what += " (inferred)"
		}
		return l.line(l.when(e), e.Socket, what, "")
	case *playground.SegmentLanded:
		l.landed[e.Segment] = e.LandedNS
	case *playground.SegmentSent:
		l.left[e.Segment] = e.LeftNS
		if e.Network != demo.NetworkLab { // there it lands as it leaves
			l.landed[e.Segment] = e.LeftNS
		}
		return l.line(e.LeftNS, e.Socket, "", l.arrow(e))
	case *playground.WireIntervened:
		if e.Action != "released" {
			return l.line(e.AtNS, "", "", fmt.Sprintf("%s #%d", e.Action, e.Segment))
		}
	case *playground.SegmentsSummarised:
		return l.line(e.LastNS, "", "", fmt.Sprintf("%d segments", e.Count))
	}
	return nil
}

// when is the time at which a state began: where it is known, that of its segment, and not the one at which it was seen.
func (l *ladder) when(e *playground.StateChanged) int64 {
	at := l.landed
	if e.Edge == "left" {
		at = l.left
	}
	if t, ok := at[e.Segment]; ok && e.Segment != 0 {
		return min(t, e.AtNS)
	}
	return e.AtNS
}

// arrow is a segment from one side to the other.
func (l *ladder) arrow(e *playground.SegmentSent) string {
	text := e.Flags
	if e.ICMP != "" {
		text = "ICMP " + e.ICMP
	} else if e.Other != "" {
		text = e.Other
	}
	if e.Len > 0 {
		text += fmt.Sprintf(" len=%d", e.Len)
	}
	if e.OptionsBroken != 0 {
		text += ", options broken"
	}
	for _, m := range e.Marks {
		text += ", " + strings.ReplaceAll(m, "_", " ")
	}
	line := strings.Repeat("─", max(wireWidth-columns(text)-4, 2))
	if cmp.Or(e.From, l.hosts[e.Socket]) == "server" {
		return "◀" + line + " " + text
	}
	return text + " " + line + "▶"
}

// line puts what happened on its side.
func (l *ladder) line(at int64, socket, what, wire string) []ladderLine {
	if what != "" {
		what = strings.TrimSpace(socket + " " + what)
	}
	client, server := what, ""
	if l.hosts[socket] == "server" {
		client, server = "", what
	}
	text := fmt.Sprintf("%s│ %s│ %s", pad(clipped(client, sideWidth-1), sideWidth), pad(clipped(wire, wireWidth), wireWidth+1), clipped(server, 2*sideWidth))
	return []ladderLine{{at: at, text: strings.TrimRight(text, " ")}}
}

// clipped shortens a text to so many columns.
func clipped(s string, most int) string {
	if columns(s) <= most {
		return s
	}
	for columns(s) > most-1 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s + "…"
}

func pad(s string, to int) string { return s + strings.Repeat(" ", max(to-columns(s), 0)) }

// columns is how wide a terminal shows a text: Chinese characters take two (Unicode UAX #11).
func columns(s string) (n int) {
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
