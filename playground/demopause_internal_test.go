package playground

import (
	"testing"
	"time"
)

// TestPauseBetweenHops: a pause that comes after the run has looked, and before it tells of its next step, holds that up.
func TestPauseBetweenHops(t *testing.T) {
	s := openInternal(t, Config{NoCapture: true})
	r, refusal := s.newDemoRun(&RunDemo{Demo: "handshake-and-close", Network: networkMachine})
	if refusal != nil {
		t.Fatal(refusal)
	}
	s.ask(func() { // as begin does, without the runner
		s.demo = r
		s.emit("", "", r.started)
		s.flushLog()
		now := s.log.Now()
		r.since, r.seen = now.Seq, newDemoWitness(now, r.network, false, true)
	})
	defer r.cancel()
	for _, next := range []Event{&DemoStepStarted{}, &DemoAsked{}, &DemoReading{ForMS: 1000}} {
		if _, err := s.Do(t.Context(), &ControlDemo{Do: demoPause}); err != nil {
			t.Fatal(err)
		}
		told := make(chan bool, 1)
		go func() { told <- r.tell(next) }() // ends with the pause
		select {
		case <-told:
			t.Fatalf("%T is told in a pause", next)
		case <-time.After(50 * time.Millisecond):
		}
		if now := s.log.Now().Demo; now.Status != demoPaused {
			t.Errorf("with %T about to come the run is %s, want paused", next, now.Status)
		}
		if _, err := s.Do(t.Context(), &ControlDemo{Do: demoResume}); err != nil {
			t.Fatal(err)
		}
		if !<-told {
			t.Errorf("%T is not told after the pause", next)
		}
	}
}
