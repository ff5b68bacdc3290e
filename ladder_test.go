package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"socketplayground/playground"
)

// drawn are the lines of a ladder, one after the other, without the spaces between.
func drawn(events ...playground.Event) (lines []string) {
	l := newLadder()
	for _, e := range events {
		l.add(e)
	}
	for _, line := range l.take(1 << 62) {
		lines = append(lines, strings.Join(strings.Fields(strings.ReplaceAll(line, "│", " ")), " "))
	}
	return lines
}

func head(at int64, socket string, source playground.Source) playground.Header {
	return playground.Header{AtNS: at * 1e6, Socket: socket, Source: source}
}

// TestLadderOrder: what is told late stands at its own time, a state with its segment, and no time lies before the one above.
func TestLadderOrder(t *testing.T) {
	got := drawn(
		&playground.SocketOpened{Header: head(0, "C1", ""), Host: "client"},
		&playground.SocketOpened{Header: head(0, "S1.1", ""), Host: "server"},
		&playground.CallReturned{Header: head(9, "C1", playground.SourceCall), Op: "Dial", ReturnedNS: 4e6, Result: "conn, nil"},
		&playground.SegmentSent{Header: head(10, "C1", playground.SourceSegment), Segment: 1, Network: "machine", From: "client", LeftNS: 1e6, Flags: "SYN"},
		&playground.StateChanged{Header: head(10, "C1", playground.SourceInferred), To: playground.StateSynSent, Segment: 1, Edge: "left"},
		&playground.SegmentSent{Header: head(11, "S1.1", playground.SourceSegment), Segment: 2, Network: "machine", From: "server", LeftNS: 2e6, Flags: "SYN, ACK"},
		&playground.StateChanged{Header: head(11, "C1", playground.SourceSockDiag), To: playground.StateEstablished, Segment: 2, Edge: "landed"},
		&playground.StateChanged{Header: head(12, "S1.1", playground.SourceInferred), To: playground.StateSynRcvd, Segment: 1, Edge: "landed"},
	)
	want := []string{"# 0.000 ms SYN ───────────────────▶", "# 0.000 ms C1 SYN_SENT (inferred)", "# 0.000 ms S1.1 SYN_RCVD (inferred)", "# 1.000 ms ◀────────────── SYN, ACK",
		"# 1.000 ms C1 ESTABLISHED", "# 3.000 ms C1 Dial() → conn, nil"}
	if !slices.Equal(got, want) {
		t.Errorf("the ladder is\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestLadderOfALab: on a wire a state stands where its segment lands, and not where it left.
func TestLadderOfALab(t *testing.T) {
	got := drawn(
		&playground.SocketOpened{Header: head(0, "S1.1", ""), Host: "server"},
		&playground.SegmentSent{Header: head(1, "C1", playground.SourceSegment), Segment: 1, Network: "lab", From: "client", LeftNS: 1e6, Flags: "SYN"},
		&playground.SegmentLanded{Header: head(42, "", playground.SourceSegment), Segment: 1, LandedNS: 41e6},
		&playground.StateChanged{Header: head(42, "S1.1", playground.SourceSockDiag), To: playground.StateSynRcvd, Segment: 1, Edge: "landed"},
	)
	if want := []string{"# 0.000 ms SYN ───────────────────▶", "# 40.000 ms S1.1 SYN_RCVD"}; !slices.Equal(got, want) {
		t.Errorf("the ladder is %q, want %q", got, want)
	}
}

// TestLadderTooLate: what comes after a later line is printed stands there, and says when it was.
func TestLadderTooLate(t *testing.T) {
	l := newLadder()
	l.add(&playground.CallReturned{Header: head(5, "C1", ""), Op: "Write", ReturnedNS: 2e6, Result: "1, nil"})
	l.take(1 << 62)
	l.add(&playground.CallReturned{Header: head(6, "C1", ""), Op: "Read", ReturnedNS: 1e6, Result: "1, nil"})
	if got := l.take(1 << 62); len(got) != 1 || !strings.Contains(got[0], " 0.000 ms ") || !strings.Contains(got[0], "(it was at -1.000 ms)") {
		t.Errorf("the late line is %q", got)
	}
}

var ladderTime = regexp.MustCompile(`(?m)^ +# +([0-9.]+) ms `)

// TestRunPrintsTimeForward: in a run on this machine, whose segments are read late, no time goes back.
func TestRunPrintsTimeForward(t *testing.T) {
	file := demoFile(t, "machine", opens+"      - write: {socket: C1, data: hello}\n      - close: {socket: C1}\n", "      - C1 write returns 5\n      - S1.1 is CLOSE_WAIT\n")
	for range 10 {
		out := runIt(t, file).stdout
		last := -1.0
		times := ladderTime.FindAllStringSubmatch(out, -1)
		for _, m := range times {
			at, err := strconv.ParseFloat(m[1], 64)
			if err != nil || at < last {
				t.Fatalf("%s ms stands below %v ms, %v:\n%s", m[1], last, err, out)
			}
			last = at
		}
		if len(times) < 5 {
			t.Errorf("the ladder has %d lines:\n%s", len(times), out)
		}
	}
}
