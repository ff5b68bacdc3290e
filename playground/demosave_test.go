package playground_test

import (
	"strconv"
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
	if d.ID != "hello-close" || d.Network != demo.NetworkEither || server == "" {
		t.Errorf("it is called %s and runs in %s", d.ID, d.Network)
	}
	for _, want := range []string{`listen: {as: S1, address: ":8330"}`, "go: {accept: S1}", "dial: {as: C1, address: S1, read_mode: manual}",
		"write: {socket: C1, data: hello}", "read: S1.1", "close: C1", `S1.1 read returns "hello"`, "S1.1 read returns EOF", "C1 reaches TIME_WAIT",
		"en: S1 listens on :8330", "zh: S1 在 :8330 上监听", `en: C1 writes "hello"`, "zh: C1 调用 Close"} {
		if !strings.Contains(text, want) {
			t.Errorf("it has no %q:\n%s", want, text)
		}
	}
	if len(d.Steps) != 9 {
		t.Errorf("of 9 commands it has %d steps", len(d.Steps))
	}
	for i, step := range d.Steps {
		if d.Summary.ZH == "" || step.Title.ZH == "" || !strings.HasPrefix(step.Story.ZH, "手动完成，") {
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
	if d.Network != demo.NetworkMachine || d.Title.EN != "My demo" { // an address was chosen that only this machine has
		t.Errorf("it is %q and runs on %s", d.Title.EN, d.Network)
	}
	for _, want := range []string{"as: S3", "address: S3", "S2 listen returns EADDRINUSE", "set_deadline: {socket: C1, after_ms: 3600000, kind: read}", "close: S1"} {
		if !strings.Contains(text, want) {
			t.Errorf("it has no %q:\n%s", want, text)
		}
	}
}

// TestSaveDemoAnywhere: what needs no wire of ours and no address of one network runs in both, and where the port is taken
// on this machine it still does in the Lab.
func TestSaveDemoAnywhere(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Address: ":0"})
	port := strconv.Itoa(int(portOf(t, s.Log().Now().Sockets[l].Local)))
	c := s.dial(playground.Dial{Address: "127.0.0.1:" + port})
	s.inState(c, playground.StateEstablished)
	s.failed(s.do(&playground.Dial{Address: "127.0.0.1:1"}).Calls[0])
	text, d := s.savedDemo("Either")
	for _, want := range []string{"network: either", "dial: {as: C1, address: S1}", "dial: {as: C2, address: server:1}", "C1 reaches ESTABLISHED"} {
		if !strings.Contains(text, want) {
			t.Errorf("it has no %q:\n%s", want, text)
		}
	}
	if d.Network != demo.NetworkEither {
		t.Errorf("it runs on %s", d.Network)
	}

	s = openLab(t)
	s.listenLab(playground.Listen{})
	s.do(&playground.SetWire{Step: new(true)})
	if text, d = s.savedDemo("Lab"); d.Network != demo.NetworkLab || !strings.Contains(text, "zh: 更改线路") {
		t.Errorf("what changes the wire runs on %s:\n%s", d.Network, text)
	}
}

// TestSaveLongDemo: more commands than a demo has steps go into fewer.
func TestSaveLongDemo(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{})
	for range demo.MaxSteps {
		s.do(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorEcho})
	}
	if _, d := s.savedDemo("Long"); len(d.Steps) > demo.MaxSteps || len(d.Steps) < demo.MaxSteps/2 {
		t.Errorf("%d commands are %d steps", demo.MaxSteps+1, len(d.Steps))
	}
}
