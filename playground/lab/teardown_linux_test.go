package lab_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"socketplayground/playground/lab"
	"socketplayground/playground/lab/labtest"
)

// belongings is what a process has that a leak would add to.
type belongings struct{ descriptors, threads, goroutines int }

func own(t testing.TB) belongings {
	t.Helper()
	count := func(dir string) int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	return belongings{count("/proc/self/fd"), count("/proc/self/task"), runtime.NumGoroutine()}
}

// TestCycles opens and closes Labs, every other one with orphans in it.
func TestCycles(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		const cycles = 200
		c := labtest.NewCensus(t)
		one := func(i int) {
			l, err := s.Open(t.Context(), lab.Options{})
			if err != nil {
				t.Fatal(i, err)
			}
			c.AddLab(t, l)
			if i%2 == 0 {
				if err := tangle(l); err != nil {
					t.Fatal(i, err)
				}
			}
			l.Close()
		}
		const warm = 20 // the runtime's threads, and those for teardown
		for i := range warm {
			one(i)
		}
		eventually(t, "the first Labs are gone", func() bool { return c.Alive(t) == 0 })
		before := own(t)
		start := time.Now()
		for i := range cycles {
			one(i)
		}
		made := time.Since(start)
		eventually(t, "all namespaces are gone", func() bool { return c.Alive(t) == 0 })
		t.Logf("%d Labs opened and closed in %v, all gone after %v", cycles, made, time.Since(start))
		var after belongings
		eventually(t, "descriptors and goroutines are as before", func() bool {
			after = own(t)
			return after.descriptors <= before.descriptors && after.goroutines <= before.goroutines
		})
		// The runtime keeps the threads that it had to make while others were in system calls.
		if after.threads > before.threads+5 {
			t.Errorf("got %d threads, had %d", after.threads, before.threads)
		}
		t.Logf("before %+v, after %+v", before, after)
	})
}

// TestMany has 200 Labs at the same time, all in use.
func TestMany(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		const count = 200
		c := labtest.NewCensus(t)
		before := own(t)
		labs := make([]*lab.Lab, count)
		took := make([]time.Duration, count)
		start := time.Now()
		for i := range labs {
			at := time.Now()
			l, err := s.Open(t.Context(), lab.Options{})
			if err != nil {
				t.Fatal(i, err)
			}
			labs[i], took[i] = l, time.Since(at)
			c.AddLab(t, l)
		}
		opened := time.Since(start)
		slices.Sort(took)
		with := own(t)
		if alive := c.Alive(t); alive != 2*count {
			t.Errorf("%d namespaces are there, want %d", alive, 2*count)
		}
		t.Logf("%d Labs in %v, p50 %v, p95 %v; %.1f descriptors each; threads %d, before %d", count, opened, took[count/2],
			took[count*95/100], float64(with.descriptors-before.descriptors)/count, with.threads, before.threads)
		var waits []func()
		for i, l := range labs {
			wait := join(l)
			client, server := connect(t, l.Client, l.Server, "192.0.2.2:8330")
			exchange(t, client, server, fmt.Sprintf("in Lab %d", i))
			client.Close()
			server.Close()
			l.Close()
			waits = append(waits, wait)
		}
		closed := time.Now()
		for _, wait := range waits {
			wait()
		}
		eventually(t, "all namespaces are gone", func() bool { return c.Alive(t) == 0 })
		t.Logf("all gone %v after the last was closed", time.Since(closed))
		// The runtime keeps the threads that it made while the kernel took its time: some, but not one a Lab.
		if after := own(t); after.threads > before.threads+count/4 {
			t.Errorf("got %d threads, had %d", after.threads, before.threads)
		}
	})
}

// TestKill kills a program that has Labs with orphans, and waits until the kernel has let go of all.
func TestKill(t *testing.T) {
	if !support().Available {
		t.Skip(support().Reason)
	}
	kill := func(t *testing.T, cmd *exec.Cmd, outer func(inner int) int) {
		c := labtest.NewCensus(t)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		pid, _ := firstLine(t, out)
		if n := c.AddProcess(t, fmt.Sprintf("/proc/%d", pid)); n != 3*2+1 {
			t.Errorf("the program holds %d namespaces, want those of 3 Labs and the base", n)
		}
		start := time.Now()
		if err := syscall.Kill(outer(pid), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		// The program has ended when the last descriptor of its output is closed.
		if _, err := io.Copy(io.Discard, out); err != nil {
			t.Error(err)
		}
		t.Logf("the program has ended after %v", time.Since(start))
		_ = cmd.Wait() // killed
		eventually(t, "all namespaces are gone", func() bool { return c.Alive(t) == 0 })
		t.Logf("all namespaces were gone after %v", time.Since(start))
	}
	t.Run("own", func(t *testing.T) {
		kill(t, again(t, "hold"), func(pid int) int { return pid })
	})
	for _, mode := range []string{"0666", "0600"} {
		t.Run("pair "+mode, func(t *testing.T) {
			kill(t, asNobody(t, mode, "hold"), parentOf(t))
		})
	}
}

// parentOf gives the parent's process number.
func parentOf(t *testing.T) func(pid int) int {
	return func(pid int) int {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		var ppid int
		var state string
		after := stat[slices.Index(stat, ')')+1:]
		if _, err := fmt.Sscan(string(after), &state, &ppid); err != nil {
			t.Fatal(err)
		}
		return ppid
	}
}
