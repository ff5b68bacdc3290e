package playground_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
)

// demoFile is a demo of steps, as a file.
func demoFile(network, steps string) string {
	return "demo: 1\nid: test\ntitle: {en: Test}\nsummary: {en: A test.}\nnetwork: " + network + "\nsteps:\n" + strings.TrimPrefix(steps, "\n")
}

// start starts a demo; seq is the log's before it.
func (s *session) start(cmd playground.RunDemo) (seq uint64) {
	s.t.Helper()
	seq = s.Log().Newest()
	s.do(&cmd)
	return seq
}

// ends waits for the end of the demo that was started after seq.
func (s *session) ends(seq uint64) *playground.DemoFinished {
	s.t.Helper()
	return awaitAfter(s, seq, "the demo's end", func(*playground.DemoFinished) bool { return true })
}

// plays runs a demo to its end and holds the verdicts of its checks against what they have to be: "0.1 passed".
func (s *session) plays(cmd playground.RunDemo, verdict string, want ...string) *playground.DemoFinished {
	s.t.Helper()
	seq := s.start(cmd)
	end := s.ends(seq)
	if end.Verdict != verdict {
		s.t.Errorf("the demo ended as %s (%s), want %s", end.Verdict, end.Message, verdict)
	}
	if got := s.decided(seq); !slices.Equal(got, want) {
		s.t.Errorf("the checks are decided as\n\t%s\nwant\n\t%s\nthe log:\n%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"), s.tail())
	}
	return end
}

// decided are the verdicts since seq, in the order of the demo: of checks "0.1 passed", of choices "0?1 failed". What was
// seen instead is told of those that did not pass.
func (s *session) decided(seq uint64) (all []string) {
	for _, e := range s.Log().Events(seq) {
		if e, ok := e.(*playground.DemoCheckDecided); ok {
			said := ""
			if e.Check != nil {
				said = fmt.Sprintf("%d.%d %s", e.Step, *e.Check, e.Verdict)
			} else {
				said = fmt.Sprintf("%d?%d %s", e.Step, *e.Choice, e.Verdict)
			}
			if e.Detail != "" {
				said += ": " + e.Detail
			}
			all = append(all, said)
		}
	}
	slices.Sort(all)
	return all
}

const handshake = `
  - title: {en: Open}
    story: {en: Three segments.}
    do:
      - listen: {as: S1, address: ':8330'}
      - dial: {as: C1, address: S1, read_mode: manual}
      - accept: S1
    checks:
      - S1 is LISTEN
      - C1 reaches ESTABLISHED
      - S1.1 is ESTABLISHED
      - peer of C1 is S1.1
      - C1 dial returns ok
  - title: {en: Close}
    story: {en: Four segments.}
    do:
      - write: {socket: C1, data: hello}
      - read: S1.1
      - close: C1
      - wait: S1.1 is CLOSE_WAIT
      - read: S1.1
      - close: S1.1
    checks:
      - S1.1 read returns "hello", then EOF
      - C1 reaches TIME_WAIT and stays 300ms
      - S1.1 reaches CLOSED
      - S1.1 never reaches TIME_WAIT
      - bytes read by S1.1 is 5
      - no call of C1 for 100ms
`

var closedOrderly = []string{"0.0 passed", "0.1 passed", "0.2 passed", "0.3 passed", "0.4 passed",
	"1.0 passed", "1.1 passed", "1.2 passed", "1.3 passed", "1.4 passed", "1.5 passed"}

func TestDemoHandshake(t *testing.T) {
	t.Run("on this machine", func(t *testing.T) {
		s := open(t)
		s.plays(playground.RunDemo{Text: demoFile("machine", strings.ReplaceAll(handshake, ":8330", "127.0.0.1:0"))}, "passed", closedOrderly...)
	})
	t.Run("in the Lab", func(t *testing.T) {
		s := openWith(t, playground.Config{Labs: needLabs(t)})
		s.plays(playground.RunDemo{Text: demoFile("lab", handshake+`
      - C1 segments contain data, then ACK, then FIN, then ACK
      - C1 sends data "hello", then FIN
      - S1.1 reaches CLOSE_WAIT, then LAST_ACK, then CLOSED
      - S1.1 is CLOSED because acknowledged
      - exactly 2 FINs of C1
      - exactly 1 FIN from C1
      - at least 3 ACKs of S1.1
      - at most 0 retransmissions of S1.1
      - exactly 1 SYN+ACK of C1 so far
      - timer of C1 is time_wait
      - timer expiry of C1 is at least 50s
      - kernel socket of S1.1 is no
`)}, "passed", slices.Sorted(slices.Values(append(slices.Clone(closedOrderly), "1.10 passed", "1.11 passed", "1.12 passed",
			"1.13 passed", "1.14 passed", "1.15 passed", "1.16 passed", "1.17 passed", "1.6 passed", "1.7 passed", "1.8 passed", "1.9 passed")))...)
	})
}
