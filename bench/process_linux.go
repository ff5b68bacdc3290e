package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// process is a server under measurement: a child of ours, and the children it makes.
type process struct {
	cmd  *exec.Cmd
	addr string // host:port it serves on
}

// start runs a program that prints its address, or a URL, as a word of its first line.
func start(ctx context.Context, name string, args ...string) (*process, error) {
	cmd := command(ctx, name, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("%s said nothing: %w", name, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // ends with the process
	for _, word := range strings.Fields(line) {
		if word = strings.TrimPrefix(word, "http://"); strings.Contains(word, ":") {
			p.addr = word
			return p, nil
		}
	}
	p.stop()
	return nil, fmt.Errorf("%s did not say where it serves: %s", name, line)
}

// startAt runs a program that serves on a given address and says nothing when it is ready.
func startAt(ctx context.Context, addr string, ready func() bool, name string, args ...string) (*process, error) {
	cmd := command(ctx, name, args...)
	cmd.Stderr = nil // websockify tells of every connection
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, addr: addr}
	for end := time.Now().Add(10 * time.Second); !ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.stop()
			return nil, fmt.Errorf("%s does not answer on %s", name, addr)
		}
	}
	return p, nil
}

// command makes a process group of its own, so that the children of a server end with it.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}

func (p *process) stop() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.cmd.Wait()
}

// family is the process and its descendants.
func (p *process) family() []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		if pid, fields, ok := readStat(path); ok {
			parent, _ := strconv.Atoi(fields[1])
			children[parent] = append(children[parent], pid)
		}
	}
	all := []int{p.cmd.Process.Pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// readStat gives the fields after the program's name: state, parent, … (proc_pid_stat(5) counts them from 3).
func readStat(path string) (pid int, fields []string, ok bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, nil, false
	}
	end := strings.LastIndexByte(string(b), ')')
	pid, err = strconv.Atoi(strings.Fields(string(b))[0])
	if err != nil || end < 0 {
		return 0, nil, false
	}
	return pid, strings.Fields(string(b[end+1:])), true
}

// tick is the unit of utime and stime; sysconf(_SC_CLK_TCK) is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpu is the processor time used so far, user and system, ended children included.
func (p *process) cpu() time.Duration {
	var ticks int
	for _, pid := range p.family() {
		if _, f, ok := readStat(fmt.Sprintf("/proc/%d/stat", pid)); ok {
			for _, field := range f[11:15] { // utime, stime, cutime, cstime
				n, _ := strconv.Atoi(field)
				ticks += n
			}
		}
	}
	return time.Duration(ticks) * tick
}

// memory is the resident memory of the family; what two of them share counts once (Pss, proc_pid_smaps(5)).
func (p *process) memory() (bytes int64) {
	for _, pid := range p.family() {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == "Pss:" {
				n, _ := strconv.ParseInt(f[1], 10, 64)
				bytes += n << 10
			}
		}
	}
	return bytes
}

// pin keeps every thread of processes to one core, or to all of them where core is negative. Threads that come
// later inherit it from the thread that makes them.
func pin(core int, pids ...int) error {
	var set unix.CPUSet
	for i := range 1024 {
		if core < 0 || i == core {
			set.Set(i)
		}
	}
	for _, pid := range pids {
		for range 2 { // a thread may have come while we looked
			tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
			if err != nil {
				return err
			}
			for _, t := range tasks {
				tid, _ := strconv.Atoi(filepath.Base(t))
				if err := unix.SchedSetaffinity(tid, &set); err != nil && err != unix.ESRCH {
					return err
				}
			}
		}
	}
	return nil
}
