package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"socketplayground/playground/lab/labtest"
)

// belongings is what a process has that a leak would add to.
type belongings struct{ descriptors, threads int }

func (c *child) belongings(t *testing.T) belongings {
	t.Helper()
	count := func(dir string) int {
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/%s", c.cmd.Process.Pid, dir))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	return belongings{count("fd"), count("task")}
}

// census counts the namespaces that the program has.
func (c *child) census(t *testing.T) (*labtest.Census, int) {
	t.Helper()
	all := labtest.NewCensus(t)
	return all, all.AddProcess(t, fmt.Sprintf("/proc/%d", c.cmd.Process.Pid))
}

// children are the processes that the program has started, proc_pid_task(5).
func children(t *testing.T, pid int) (found []int) {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, field := range strings.Fields(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, child)
		}
	}
	return found
}

// TestManyLabs: 200 sessions have a Lab each, all at once. Told to end, the program has ended within 2 s; killed, it is
// gone at once; and either way nothing of the Labs is left.
func TestManyLabs(t *testing.T) {
	const labs = 200
	for _, tt := range []struct {
		name string
		end  func(*testing.T, *labProgram)
	}{
		{"SIGTERM", func(t *testing.T, p *labProgram) {
			took := p.signal(t, syscall.SIGTERM)
			t.Logf("ended in %v", took.Round(time.Millisecond))
			if took > 2*time.Second {
				t.Errorf("it took %v to end, want 2 s at most", took)
			}
		}},
		{"SIGKILL", func(t *testing.T, p *labProgram) {
			if err := p.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-p.ended // killed
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := startLab(t, me)
			begun := time.Now()
			for i := range labs {
				v := p.viewer
				if i > 0 {
					v = view(t, p.url)
				}
				if a := v.do(`"type":"open_lab"`); i > 0 && a.Type != "ok" {
					t.Fatalf("Lab %d: %+v", i, a)
				}
				v.do(`"type":"listen","network":"lab","address":":8330","behavior":"echo"`)
				v.listening("S1")
				v.do(`"type":"dial","network":"lab","address":"[2001:db8::2]:8330"`)
				v.dialled("C1")
				if a := v.do(`"type":"write","socket":"C1","data":"hello"`); a.Type != "ok" {
					t.Fatalf("%+v", a)
				}
				v.wait("the echo", func(e event) bool { return e.Type == "call_returned" && e.Socket == "C1" && e.Op == "Read" })
			}
			t.Logf("%d Labs in %v, %+v", labs, time.Since(begun).Round(time.Millisecond), p.belongings(t))
			all, n := p.census(t)
			if n != 2*labs+1 {
				t.Errorf("the program has %d namespaces, want 2 for each of %d Labs and the base", n, labs)
			}
			family := children(t, p.cmd.Process.Pid)
			if len(family) == 0 {
				t.Error("the program has no guardian")
			}
			begun = time.Now()
			tt.end(t, p)
			for _, pid := range family {
				eventually(t, fmt.Sprintf("process %d has ended", pid), func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
			}
			eventually(t, "all namespaces are gone", func() bool { return all.Alive(t) == 0 })
			t.Logf("all namespaces were gone after %v", time.Since(begun).Round(time.Millisecond))
		})
	}
}

// TestLabCycles: 200 times a session's Lab is opened, used and closed, and the program is as it was.
func TestLabCycles(t *testing.T) {
	p := startLab(t, me)
	sockets := 0
	cycle := func() {
		p.do(`"type":"open_lab"`) // the first is open
		listener := p.do(`"type":"listen","network":"lab","address":":8330","behavior":"echo"`)
		if listener.Type != "ok" {
			t.Fatalf("%+v", listener)
		}
		sockets++
		p.listening(fmt.Sprint("S", sockets))
		p.do(`"type":"dial","network":"lab","address":"192.0.2.2:8330"`)
		p.dialled(fmt.Sprint("C", sockets))
		if a := p.do(`"type":"close_lab"`); a.Type != "ok" {
			t.Fatalf("%+v", a)
		}
		p.events = p.events[:0] // they are many
	}
	const warm, cycles = 20, 200 // the runtime's threads, and those for teardown
	for range warm {
		cycle()
	}
	settled := func() bool { _, n := p.census(t); return n == 1 } // the base
	eventually(t, "the first Labs are gone", settled)
	before := p.belongings(t)
	begun := time.Now()
	for range cycles {
		cycle()
	}
	t.Logf("%d Labs in %v", cycles, time.Since(begun).Round(time.Millisecond))
	eventually(t, "all Labs are gone", settled)
	var after belongings
	eventually(t, fmt.Sprintf("descriptors as before, %d", before.descriptors), func() bool {
		after = p.belongings(t)
		return after.descriptors <= before.descriptors
	})
	t.Logf("before %+v, after %+v", before, after)
	if after.threads > before.threads+5 { // the runtime keeps those that it had to make while others were in system calls
		t.Errorf("got %d threads, had %d", after.threads, before.threads)
	}
	if took := p.signal(t, os.Interrupt); took > 2*time.Second {
		t.Errorf("it took %v to end, want 2 s at most", took)
	}
}

// TestNoGuardianOfOthers: a program that has not called lab.Reexec, such as this test binary, is never run once more as a
// guardian, whatever it asks for.
func TestNoGuardianOfOthers(t *testing.T) {
	var log bytes.Buffer
	labs := openLabs(true, slog.New(slog.NewTextHandler(&log, nil)))
	if labs.System == nil {
		t.Skip("no Lab here: ", labs.Support.Reason)
	}
	defer labs.Close()
	if family := children(t, os.Getpid()); len(family) > 0 {
		t.Errorf("processes %v were started", family)
	}
	if !strings.Contains(log.String(), "has called Reexec") {
		t.Errorf("the log does not say that there is no guardian: %q", &log)
	}
}
