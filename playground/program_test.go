package playground_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"

	"socketplayground/playground"
)

// programVariable makes this test's program a client of that address, before it does anything else.
const programVariable = "SOCKETPLAYGROUND_TEST_DIAL"

func program(ctx context.Context, address string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = append(os.Environ(), programVariable+"="+address)
	return cmd
}

func dialAndHold(address string) int {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(playground.ProgramReady)
	_, _ = io.Copy(io.Discard, os.Stdin)
	conn.Close()
	return 0
}

const killed = `
  - title: {en: Start}
    story: {en: Another process connects.}
    do:
      - listen: {as: S1, address: ':18331'}
      - start_program: {as: P1, program: client, address: S1}
      - accept: S1
    checks: [S1.1 is ESTABLISHED]
  - title: {en: Kill}
    story: {en: The kernel closes for it.}
    do:
      - go: {read: S1.1}
      - kill: P1
    checks: [S1.1 reaches CLOSE_WAIT, S1.1 read returns EOF]
`

// TestDemoProgram: a demo starts a second process, and kills it; one that is left ends with the session.
func TestDemoProgram(t *testing.T) {
	t.Run("on this machine", func(t *testing.T) {
		s := openWith(t, playground.Config{Program: program})
		s.plays(playground.RunDemo{Text: demoFile("machine", killed)}, "passed", "0.0 passed", "1.0 passed", "1.1 passed")
	})
	t.Run("in the Lab", func(t *testing.T) {
		s := openWith(t, playground.Config{Program: program, Labs: needLabs(t)})
		s.plays(playground.RunDemo{Text: demoFile("lab", killed)}, "passed", "0.0 passed", "1.0 passed", "1.1 passed")
	})
	t.Run("left alone", func(t *testing.T) {
		s := openWith(t, playground.Config{Program: program, Labs: needLabs(t)})
		s.plays(playground.RunDemo{Text: demoFile("lab", `
  - title: {en: Start}
    story: {en: Another process connects.}
    do:
      - listen: {as: S1, address: ':8330'}
      - start_program: {as: P1, program: client, address: S1}
      - {kill: P1, within: 5s}
      - start_program: {as: P2, program: client, address: S1}
`)}, "passed")
		s.do(&playground.CloseLab{})
	})
	t.Run("nobody there", func(t *testing.T) {
		s := openWith(t, playground.Config{Program: program})
		end := s.plays(playground.RunDemo{Text: demoFile("machine", `
  - title: {en: Start}
    story: {en: Nobody listens.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0'}
      - close: S1
      - start_program: {as: P1, program: client, address: S1}
`)}, "failed")
		if want := "Step 1, start_program P1: A program dials an open listener of the demo, such as S1."; end.Message != want {
			t.Errorf("the demo ended with %q, want %q", end.Message, want)
		}
	})
}
