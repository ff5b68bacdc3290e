package playground_test

import (
	"testing"

	"socketplayground/playground"
)

// TestDemoInLab: checks on segments and on what each did, where all of it is seen.
func TestDemoInLab(t *testing.T) {
	for _, c := range []struct {
		name, steps string
		checks      int
	}{
		{"refused", `
  - title: {en: Refused}
    story: {en: Nobody listens.}
    do:
      - set_wire: {preset: lan}
      - listen: {as: S1, address: ':8330'}
      - close: S1
      - dial: {as: C1, address: '192.0.2.2:8330'}
    checks:
      - C1 dial returns ECONNREFUSED
      - C1 segments are SYN, then RST+ACK
      - C1 reaches SYN_SENT, then CLOSED
      - C1 is CLOSED because refused
      - C1 never reaches ESTABLISHED
`, 5},
		{"reset", `
  - title: {en: Open}
    story: {en: It opens.}
    do:
      - open_lab: {quick_ack: false}
      - listen: {as: S1, address: ':8330'}
      - dial: {as: C1, address: S1, read_mode: manual}
      - accept: S1
      - wait: S1.1 is ESTABLISHED
    checks:
      - C1 segments are SYN, then SYN+ACK, then ACK
  - title: {en: Reset}
    story: {en: It ends at once.}
    do:
      - go: {read: S1.1}
      - reset: C1
    checks:
      - C1 segments are RST
      - C1 sends RST
      - S1.1 read returns ECONNRESET
      - S1.1 is CLOSED because reset_received
      - C1 is CLOSED because reset_sent
      - exactly 1 RST of S1.1
      - no RST from S1.1
      - exactly 4 segments of C1 so far
`, 9},
		{"lost once", `
  - title: {en: Open}
    story: {en: It opens.}
    do:
      - listen: {as: S1, address: ':8330', behavior: echo}
      - dial: {as: C1, address: S1}
      - add_rule: {flags: DATA, direction: to_server, next: 1, action: drop}
      - write: {socket: C1, data: hello}
      - wait: C1 read returns "hello"
    checks:
      - at least 1 retransmission of C1
      - at least 1 retransmission from C1
      - exactly 1 dropped segment of C1
      - no dropped segment from S1.1
      - C1 segments contain data "hello", then retransmission, then data "hello"
      - bytes read by S1.1 is 5
      - option NoDelay of C1 is true
      - timer of S1.1 is keepalive
`, 8},
		{"much", `
  - title: {en: Much}
    story: {en: Eight megabytes.}
    do:
      - listen: {as: S1, address: ':8330', behavior: discard}
      - dial: {as: C1, address: S1}
      - {write: {socket: C1, encoding: pattern, data: x, bytes: 8388608}, within: 60s}
      - wait: bytes read by S1.1 is 8388608 within 60s
    checks:
      - bytes written by C1 is 8388608
      - at least 100 data segments of C1
      - at least 2 calls of C1
      - S1.1 read returns ok
`, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openWith(t, playground.Config{Labs: needLabs(t)})
			seq := s.start(playground.RunDemo{Text: demoFile("lab", c.steps)})
			if end := s.ends(seq); end.Verdict != "passed" || end.Passed != c.checks {
				t.Errorf("the demo ended as %+v:\n%q\n%s", end, s.decided(seq), s.tail())
			}
		})
	}
}
