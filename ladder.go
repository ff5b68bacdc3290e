package main

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"socketplayground/playground"
)

// ladder draws events as lines of text: the time, what the client's side did, what crossed the wire, and what the
// server's side did. It draws what the events say, in their order, and nothing else.
type ladder struct {
	hosts map[string]string // of sockets
	first int64             // ns: the time that the others are told from
}

func newLadder() *ladder { return &ladder{hosts: map[string]string{}, first: -1} }

const (
	sideWidth = 36
	wireWidth = 26
)

// lines draws an event; none for what a ladder does not show.
func (l *ladder) lines(e playground.Event) []string {
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
		return l.line(e.AtNS, e.Socket, what, "")
	case *playground.SegmentSent:
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

// arrow is a segment from one side to the other.
func (l *ladder) arrow(e *playground.SegmentSent) string {
	text := e.Flags
	if e.ICMP != "" {
		text = "ICMP " + e.ICMP
	}
	if e.Len > 0 {
		text += fmt.Sprintf(" len=%d", e.Len)
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
func (l *ladder) line(at int64, socket, what, wire string) []string {
	if l.first < 0 {
		l.first = at
	}
	if what != "" {
		what = strings.TrimSpace(socket + " " + what)
	}
	client, server := what, ""
	if l.hosts[socket] == "server" {
		client, server = "", what
	}
	ms := float64(at-l.first) / 1e6
	text := fmt.Sprintf("%11.3f ms  %s│ %s│ %s", ms, pad(clipped(client, sideWidth-1), sideWidth), pad(clipped(wire, wireWidth), wireWidth+1), clipped(server, 2*sideWidth))
	return []string{strings.TrimRight(text, " ")}
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
