package playground_test

import (
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
	"socketplayground/playground/demo"
)

// savedDemo asks the session for what was done in it.
func (s *session) savedDemo(title string) (string, *demo.Demo) {
	s.t.Helper()
	text := s.do(&playground.SaveDemo{Title: title}).Text
	d, err := demo.Parse([]byte(text), playground.VetDemo)
	if err != nil {
		s.t.Fatalf("what was saved is no demo: %v\n%s", err, text)
	}
	return text, d
}

// TestSaveDemo: what was done by hand becomes a demo, which does the same and sees the same.
func TestSaveDemo(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{})
	waits := s.do(&playground.Accept{Socket: l}).Calls[0]
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	server := s.returned(waits).Result
	s.write(c, "hello")
	s.read(l + ".1")
	s.returned(s.do(&playground.Close{Socket: c}).Calls[0])
	s.inState(l+".1", playground.StateCloseWait)
	s.returned(s.do(&playground.Read{Socket: l + ".1"}).Calls[0])
	s.returned(s.do(&playground.Close{Socket: l + ".1"}).Calls[0])
	s.inState(c, playground.StateTimeWait)
	text, d := s.savedDemo("Hello, close")
	if d.ID != "hello-close" || d.Network != demo.NetworkLab || server == "" {
		t.Errorf("it is called %s and runs in %s", d.ID, d.Network)
	}
	for _, want := range []string{`listen: {as: S1, address: ":8330"}`, "go: {accept: S1}", "dial: {as: C1, address: S1, read_mode: manual}",
		"write: {socket: C1, data: hello}", "read: S1.1", "close: C1", `S1.1 read returns "hello", then EOF`, "C1 reaches ", "TIME_WAIT"} {
		if !strings.Contains(text, want) {
			t.Errorf("it has no %q:\n%s", want, text)
		}
	}
	for i, step := range d.Steps {
		if d.Summary.ZH == "" || step.Title.ZH == "" || !strings.HasPrefix(step.Story.ZH, "手工完成：") {
			t.Errorf("step %d is not in Chinese too: %+v", i+1, step.Story)
		}
	}
	again := openLab(t)
	again.do(&playground.RunDemo{Text: text})
	end := await(again, "the end", func(*playground.DemoFinished) bool { return true })
	if end.Verdict != playground.VerdictPassed || end.Passed == 0 {
		t.Errorf("run again it %s: %+v\n%s", end.Verdict, end, text)
		for _, e := range again.Log().Events(0) {
			if e, ok := e.(*playground.DemoCheckDecided); ok && e.Verdict != playground.VerdictPassed {
				t.Errorf("check %d: %s", *e.Check, e.Detail)
			}
		}
	}
}

// TestSaveDemoOfNothing says what to do first.
func TestSaveDemoOfNothing(t *testing.T) {
	s := open(t)
	if err := s.refused(&playground.SaveDemo{}); err.Code != playground.CodeConflict || !strings.Contains(err.Message, "listen or connect first") {
		t.Errorf("got %+v", err)
	}
}

// TestSaveDemoNames: sockets get the names that a demo gives them, whatever they were called; what a demo cannot say is
// left out and told.
func TestSaveDemoNames(t *testing.T) {
	s := open(t)
	l, address := s.listen(playground.Listen{})
	s.failed(s.do(&playground.Listen{Address: address}).Calls[0])
	second, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	c := s.dial(playground.Dial{Address: second})
	s.returned(s.do(&playground.Close{Socket: l}).Calls[0])
	s.do(&playground.SetDeadline{Socket: c, Kind: "read", AfterMS: new(int64(time.Hour / time.Millisecond))})
	text, d := s.savedDemo("")
	if d.Network != demo.NetworkMachine || d.Title.EN != "My demo" {
		t.Errorf("it is %q and runs on %s", d.Title.EN, d.Network)
	}
	for _, want := range []string{"as: S3", "address: S3", "S2 listen returns EADDRINUSE", "set_deadline: {socket: C1, after_ms: 3600000, kind: read}", "close: S1"} {
		if !strings.Contains(text, want) {
			t.Errorf("it has no %q:\n%s", want, text)
		}
	}
}
