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

// TestDemoFailures: what goes wrong in a demo ends it with a sentence, or fails a check with what was seen.
func TestDemoFailures(t *testing.T) {
	for _, c := range []struct {
		name, steps, verdict, message string
		decided                       []string
	}{
		{"a check that is not so", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
    checks: [S1 is LISTEN, S1 is CLOSED within 100ms, S1 never reaches CLOSED, S1 accept returns ok within 50ms]
`, "failed", "", []string{"0.0 passed", "0.1 failed: S1 is in LISTEN.", "0.2 passed", "0.3 failed: Accept of S1 was not called in this step."}},
		{"refused", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
      - dial: {as: C1, address: S1}
      - accept: S1
      - dial: {as: C2, address: '127.0.0.1:1'}
      - reset: C1
      - close: S1.1
    checks: [C2 dial returns ECONNREFUSED, C2 is CLOSED because refused, C2 never reaches ESTABLISHED, C1 is CLOSED, S1.1 is CLOSED]
`, "passed", "", []string{"0.0 passed", "0.1 passed", "0.2 passed", "0.3 passed", "0.4 passed"}},
		{"a listener that cannot be opened", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:18339'}
      - listen: {as: S2, address: '127.0.0.1:18339'}
      - listen: {as: S3, address: '127.0.0.1:0'}
      - dial: {as: C1, address: S3}
    checks: [S1 listen returns ok, S2 listen returns EADDRINUSE, S3 listen returns ok, S3 is LISTEN, C1 dial returns ok, peer of C1 is S3.1]
`, "passed", "", []string{"0.0 passed", "0.1 passed", "0.2 passed", "0.3 passed", "0.4 passed", "0.5 passed"}},
		{"a wait that does not come true", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
      - wait: S1 is CLOSED within 50ms
    checks: [S1 listen returns ok]
`, "failed", "Step 1 waited for “S1 is CLOSED within 50ms”: S1 is in LISTEN.", []string{"0.0 passed"}},
		{"a command that is refused", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0', behavior: echo}
      - accept: S1
`, "failed", "Step 1, accept S1: S1 accepts by itself (echo); set it to manual to accept by hand.", nil},
		{"a command that does not return", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
      - {accept: S1, within: 50ms}
`, "failed", "Step 1, accept S1: it was not over after 50ms. Give it more time with within, or put it under go if it is to wait.", nil},
		{"nothing to cancel", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
      - cancel: S1
`, "failed", "Step 1, cancel S1: nothing waits on S1.", nil},
		{"a program where there are none", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
      - start_program: {as: P1, program: client, address: S1}
`, "not_observed", "Step 1, start_program P1: This server starts no programs.", nil},
		{"segments where there are none", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0', behavior: echo}
      - dial: {as: C1, address: S1}
    checks: [C1 segments contain SYN, no RST of C1]
  - title: {en: B}
    story: {en: B.}
    do:
      - wait: C1 segments contain SYN
`, "not_observed", "Step 2 waited for “C1 segments contain SYN”: Segments cannot be observed here: that needs the right to capture, or the Lab.",
			[]string{"0.0 not_observed: Segments cannot be observed here: that needs the right to capture, or the Lab.",
				"0.1 not_observed: Segments cannot be observed here: that needs the right to capture, or the Lab."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openWith(t, playground.Config{NoCapture: true})
			end := s.plays(playground.RunDemo{Text: demoFile("machine", c.steps)}, c.verdict, c.decided...)
			if end.Message != c.message {
				t.Errorf("the demo ended with %q, want %q", end.Message, c.message)
			}
			if total := end.Passed + end.Failed + end.NotObserved; total != len(c.decided) {
				t.Errorf("the end counts %d checks, %d were decided", total, len(c.decided))
			}
		})
	}
}

// TestDemoPortTaken: where the port of a demo is taken, the run says that its Listen failed and who has the port, and
// stops there: what comes next would meet the other listener. One that is about such a Listen goes on, but for what needs
// the listener.
func TestDemoPortTaken(t *testing.T) {
	s := openWith(t, playground.Config{NoCapture: true})
	other, leave, err := s.manager.Open("") // as of another tab
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	o := &session{Session: other, t: t, ctx: s.ctx, manager: s.manager}
	_, address := o.listen(playground.Listen{})
	why := "Another session of this playground, such as one in another tab, listens on " + address + ": close it there, or choose another port." +
		" So S1 was not opened (listen tcp " + address + ": bind: address already in use)."
	end := s.plays(playground.RunDemo{Text: demoFile("machine", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '`+address+`'}
      - dial: {as: C1, address: '`+address+`'}
    checks: [C1 is ESTABLISHED, S1 listen returns ok]
`)}, "failed")
	if want := "Step 1, listen S1: " + why; end.Message != want {
		t.Errorf("the demo ended with\n%q, want\n%q", end.Message, want)
	}
	for _, c := range []struct{ name, do, action string }{
		{"dial", "dial: {as: C1, address: S1}", "dial C1"},
		{"accept", "accept: S1", "accept S1"},
		{"close of what it would accept", "close: S1.1", "close S1.1"},
		{"cancel", "cancel: S1", "cancel S1"},
		{"start_program", "start_program: {as: P1, program: client, address: S1}", "start_program P1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			end := s.plays(playground.RunDemo{Text: demoFile("machine", `
  - title: {en: A}
    story: {en: A.}
    do:
      - listen: {as: S1, address: '`+address+`'}
    checks: [S1 is LISTEN, S1 is not CLOSED, accept queue of S1 is 0, S1 listen returns EADDRINUSE]
  - title: {en: B}
    story: {en: B.}
    do:
      - `+c.do+`
`)}, "failed", "0.0 failed: "+why, "0.1 failed: "+why, "0.2 failed: "+why, "0.3 passed")
			if want := "Step 2, " + c.action + ": " + why; end.Message != want {
				t.Errorf("the demo ended with\n%q, want\n%q", end.Message, want)
			}
		})
	}
	if n := len(s.Log().Now().Sockets); n != 0 {
		t.Errorf("%d sockets were opened", n)
	}
}

const waits = `
  - title: {en: Wait}
    story: {en: It waits.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
      - go: {accept: S1}
    checks: [S1 accept is waiting]
  - title: {en: Come}
    story: {en: It comes.}
    predict:
      question: {en: What does Accept return?}
      choices:
        - {text: {en: A connection}, when: S1 accept returns ok}
        - {text: {en: An error}, when: S1 accept returns error}
        - {text: {en: Nothing}}
    do:
      - dial: {as: C1, address: S1, read_mode: manual}
      - go: {read: C1}
      - wait: C1 read is waiting
      - cancel: C1
    checks: [C1 read returns error]
`

// runEvents is what a run told, without the verdicts, from seq on.
func (s *session) runEvents(seq uint64) (all []string) {
	for _, e := range s.Log().Events(seq) {
		switch e := e.(type) {
		case *playground.DemoStepStarted:
			all = append(all, fmt.Sprint("step ", e.Step))
		case *playground.DemoAsked:
			all = append(all, fmt.Sprint("asked ", e.Step))
		case *playground.DemoPredicted:
			all = append(all, fmt.Sprint("predicted ", e.Choice))
		case *playground.DemoPaused:
			all = append(all, fmt.Sprintf("paused %d %s", e.Step, e.Reason))
		case *playground.DemoResumed:
			all = append(all, "resumed")
		case *playground.DemoFinished:
			all = append(all, "finished "+e.Verdict)
		}
	}
	return all
}

func (s *session) told(seq uint64, want ...string) {
	s.t.Helper()
	if got := s.runEvents(seq); !slices.Equal(got, want) {
		s.t.Errorf("the run told\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// paused waits until the run is paused after seq; it gives the pause's own seq.
func (s *session) paused(seq uint64) uint64 {
	s.t.Helper()
	return awaitAfter(s, seq, "a pause", func(*playground.DemoPaused) bool { return true }).Seq
}

func (s *session) control(do string) { s.t.Helper(); s.do(&playground.ControlDemo{Do: do}) }

func TestDemoPredict(t *testing.T) {
	s := open(t)
	seq := s.start(playground.RunDemo{Text: demoFile("machine", waits), Predict: true})
	awaitAfter(s, seq, "the question", func(e *playground.DemoAsked) bool { return e.Step == 1 })
	for _, bad := range []playground.PredictDemo{{Step: 0}, {Step: 1, Choice: 3}, {Step: 1, Choice: -1}} {
		s.refused(&bad)
	}
	s.control("pause")
	s.control("resume")
	s.do(&playground.PredictDemo{Step: 1, Choice: 2})
	if end := s.ends(seq); end.Verdict != "passed" || end.Passed != 2 {
		t.Errorf("the demo ended as %+v", end)
	}
	s.told(seq, "step 0", "step 1", "asked 1", "paused 1 user", "resumed", "asked 1", "predicted 2", "finished passed")
	if got, want := s.decided(seq), []string{"0.0 passed", "1.0 passed", "1?0 passed", "1?1 failed: Accept of S1 returned", "1?2 failed"}; len(got) != len(want) ||
		!slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("decided %q, want %q", got, want)
	}
	s.refused(&playground.PredictDemo{Step: 1})
	s.refused(&playground.ControlDemo{Do: "pause"})
}

func TestDemoSteps(t *testing.T) {
	s := open(t)
	seq := s.start(playground.RunDemo{Text: demoFile("machine", waits), Step: true})
	first := s.paused(seq)
	if n := s.Log().Now().Sockets["S1"]; n != nil {
		t.Error("a demo that steps began without being told")
	}
	s.control("step")
	s.paused(first)
	if got := s.decided(seq); !slices.Equal(got, []string{"0.0 passed"}) {
		t.Errorf("after one step the verdicts are %q", got)
	}
	s.control("step")
	if end := s.ends(seq); end.Verdict != "passed" {
		t.Errorf("the demo ended as %+v", end)
	}
	s.told(seq, "paused 0 step", "resumed", "step 0", "paused 1 step", "resumed", "step 1", "finished passed")
}

// TestDemoPause: a pause stops the clock of the reading time and of waits; stepping on ends the reading time.
func TestDemoPause(t *testing.T) {
	s := open(t)
	seq := s.start(playground.RunDemo{Text: demoFile("machine", waits), Pace: 10})
	awaitAfter(s, seq, "the first step's check", func(e *playground.DemoCheckDecided) bool { return e.Step == 0 })
	s.control("pause")
	s.control("pause") // and once is enough
	at := s.paused(seq)
	s.control("step") // goes on with the next step, though there were 20 s left to read
	if end := s.ends(at); end.Verdict != "passed" {
		t.Errorf("the demo ended as %+v", end)
	}
	s.told(seq, "step 0", "paused 0 user", "resumed", "step 1", "finished passed")
}

// TestDemoPauseKeepsSteps: who pauses within a step and goes on, goes on step by step, as the page does that asks whether
// to take over; resuming where a step was to be started goes on to the end.
func TestDemoPauseKeepsSteps(t *testing.T) {
	s := open(t)
	seq := s.start(playground.RunDemo{Step: true, Predict: true, Text: demoFile("machine", `
  - title: A
    story: Listen.
    predict:
      question: Does it?
      choices: [{text: "Yes", when: S1 reaches LISTEN}, {text: "No"}]
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
  - title: B
    story: Listen again.
    do:
      - listen: {as: S2, address: '127.0.0.1:0'}
  - title: C
    story: And again.
    do:
      - listen: {as: S3, address: '127.0.0.1:0'}
`)})
	s.paused(seq)
	s.control("step")
	at := awaitAfter(s, seq, "the question", func(e *playground.DemoAsked) bool { return e.Step == 0 }).Seq
	s.control("pause")
	at = s.paused(at)
	s.control("resume")
	s.do(&playground.PredictDemo{Step: 0})
	at = s.paused(at)
	s.control("resume")
	s.ends(at)
	s.told(seq, "paused 0 step", "resumed", "step 0", "asked 0", "paused 0 user", "resumed", "asked 0", "predicted 0",
		"paused 1 step", "resumed", "step 1", "step 2", "finished passed")
}

// TestDemoStop: a demo that is stopped in the middle of a call leaves everything as it is, and gives no command more.
func TestDemoStop(t *testing.T) {
	s := open(t)
	steps := strings.Replace(waits, "      - cancel: C1\n", "      - wait: C1 read returns ok within 60s\n", 1)
	seq := s.start(playground.RunDemo{Text: demoFile("machine", steps)})
	s.socket("S1.1", "is accepted", func(v *playground.SocketView) bool { return v.Accepted })
	s.until("C1 reads", func(now *playground.Snapshot) bool {
		for _, c := range now.Calls {
			if c.Socket == "C1" && c.Op == "Read" {
				return true
			}
		}
		return false
	})
	if e := s.refused(&playground.RunDemo{Demo: "handshake-and-close"}); e.Code != playground.CodeConflict {
		t.Errorf("a second demo is refused as %s, want conflict", e.Code)
	}
	s.control("stop")
	s.told(seq, "step 0", "step 1", "finished stopped")
	if end := s.ends(seq); end.Verdict != "stopped" || end.Passed != 1 {
		t.Errorf("the demo ended as %+v", end)
	}
	s.write("S1.1", "by hand")
	await(s, "what was written by hand", func(e *playground.CallReturned) bool { return e.Op == "Read" && string(e.Data) == "by hand" })
	// And again in the same session: its sockets have other names now, its demo the same.
	s.plays(playground.RunDemo{Text: demoFile("machine", strings.ReplaceAll(handshake, ":8330", "127.0.0.1:0"))}, "passed", closedOrderly...)
	if s.Log().Now().Sockets["S2.1"] == nil {
		t.Error("the second run made no S2.1")
	}
}

// TestDemoEndsWithItsSession, whatever it waits for.
func TestDemoEndsWithItsSession(t *testing.T) {
	for _, cmd := range []playground.RunDemo{
		{Text: demoFile("machine", strings.Replace(waits, "      - cancel: C1\n", "      - wait: C1 read returns ok within 60s\n", 1))},
		{Text: demoFile("machine", waits), Pace: 10},
		{Text: demoFile("machine", waits), Step: true},
		{Text: demoFile("machine", waits), Predict: true},
		{Text: demoFile("machine", strings.Replace(waits, "      - cancel: C1\n", "      - pause: 60s\n", 1))},
	} {
		t.Run("", func(t *testing.T) {
			s := open(t)
			seq := s.start(cmd)
			awaitAfter(s, seq, "something of the run", func(e playground.Event) bool { return headerOf(e).Seq > seq+1 })
		}) // what open registered ends the session, and looks for what is left
	}
}

func TestDemoRefusals(t *testing.T) {
	s := open(t)
	good := demoFile("machine", waits)
	for _, c := range []struct {
		cmd     playground.RunDemo
		code    playground.Code
		message string
	}{
		{playground.RunDemo{}, "invalid_argument", "Name a demo"},
		{playground.RunDemo{Demo: "x", Text: good}, "invalid_argument", "Name a demo"},
		{playground.RunDemo{Demo: "nonesuch"}, "not_found", `There is no demo "nonesuch".`},
		{playground.RunDemo{Text: good, Language: "fr"}, "invalid_argument", "The language"},
		{playground.RunDemo{Text: good, Pace: -1}, "invalid_argument", "The pace"},
		{playground.RunDemo{Text: good, Network: "moon"}, "invalid_argument", "The network"},
		{playground.RunDemo{Text: good, Network: "lab"}, "invalid_argument", "This demo runs on this machine"},
		{playground.RunDemo{Text: demoFile("lab", waits), Network: "machine"}, "invalid_argument", "This demo needs the Lab"},
		{playground.RunDemo{Text: demoFile("lab", waits)}, "unsupported", "This server makes no Labs."},
		{playground.RunDemo{Text: demoFile("machine", strings.Replace(waits, "accept:", "acept:", 1))}, "invalid_argument", "line "},
		{playground.RunDemo{Text: demoFile("machine", strings.Replace(waits, "read_mode: manual", "mode: manual", 1))}, "invalid_argument", "line "},
	} {
		e := s.refused(&c.cmd)
		if e.Code != c.code || !strings.HasPrefix(e.Message, c.message) {
			t.Errorf("%+v is refused as %s %q, want %s %q", c.cmd, e.Code, e.Message, c.code, c.message)
		}
	}
	if e := s.refused(&playground.ReadDemo{Text: "demo: 1\n"}); e.Field != "text" {
		t.Errorf("a bad file is refused for its %s, want text", e.Field)
	}
	r := s.do(&playground.ReadDemo{Text: good}).Demo
	again := s.do(&playground.ReadDemo{Text: string(r.Demo)}).Demo
	if string(again.Demo) != string(r.Demo) || len(r.Words["zh"]) != 5 {
		t.Errorf("a demo read again is %s with the words %v, want %s", again.Demo, r.Words, r.Demo)
	}
	if n := s.Log().Newest(); n != 0 {
		t.Errorf("%d events came of demos that were not run", n)
	}
}
