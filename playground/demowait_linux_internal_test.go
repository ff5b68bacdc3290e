package playground

import (
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestWhatDoesNotCome: a wait or a check that something does not cross is decided once all is read that had crossed by
// then, though the capture is late.
func TestWhatDoesNotCome(t *testing.T) {
	for name, step := range map[string]string{
		"a wait": `
    do:
      - pause: 300ms
      - write: {socket: C1, data: hello}
      - reset: C1
      - wait: no RST of C1
`,
		"a wait for so long": `
    do:
      - go: {write: {socket: C1, data: abcdefgh, chunk: 1, interval_ms: 50}}
      - wait: no data of C1 for 300ms
`,
		"a check for so long": `
    do:
      - go: {write: {socket: C1, data: abcdefgh, chunk: 1, interval_ms: 50}}
    checks:
      - no data of C1 for 300ms
`,
	} {
		t.Run(name, func(t *testing.T) { lateCapture(t, step) })
	}
}

// lateCapture runs a demo's second step while the capture is held up by another session that wants the same packets.
func lateCapture(t *testing.T, step string) {
	m, err := NewManager(Config{Network: NewMachine(Policy{Local: func(a netip.Addr) bool { return a.IsLoopback() }})})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	demo, leave, err := m.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	if c := m.Capabilities(demo)["capture"]; !c.Available {
		if os.Getenv("CI") != "" {
			t.Fatal(c.Reason)
		}
		t.Skip(c.Reason)
	}
	other, leaveOther, err := m.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer leaveOther()
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := taken.Addr().(*net.TCPAddr).Port
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Do(t.Context(), &WatchPort{Port: port, On: true}); err != nil {
		t.Fatal(err)
	}
	text := `demo: 1
id: late
title: T
summary: S
network: machine
steps:
  - title: A
    story: B.
    do:
      - listen: {as: S1, address: '127.0.0.1:` + strconv.Itoa(port) + `'}
      - dial: {as: C1, address: S1}
      - wait: C1 segments contain SYN, then SYN+ACK
  - title: B
    story: B.` + step
	if _, err := demo.Do(t.Context(), &RunDemo{Text: text}); err != nil {
		t.Fatal(err)
	}
	var end *DemoFinished
	_, err = demo.Log().Wait(t.Context(), 0, func(e Event) bool {
		switch e := e.(type) {
		case *DemoStepStarted:
			if e.Step == 1 { // its first packet stays with the other session, and what comes waits behind it
				other.trace.mu.Lock()
				time.AfterFunc(4*quietTime, other.trace.mu.Unlock)
			}
		case *DemoFinished:
			end = e
		}
		return end != nil
	})
	if err != nil || end.Verdict != VerdictFailed || end.Failed == 0 && !strings.Contains(end.Message, "Step 2 waited for") {
		t.Errorf("%v: what had crossed was not seen: the demo ends as %+v", err, end)
	}
}
