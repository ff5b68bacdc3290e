package web_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"socketplayground/playground"
	"socketplayground/playground/lab"
)

// fillVariable, as an environment variable, makes this test binary a helper: the server that is filled, or who fills it,
// in a network namespace of their own.
const fillVariable = "SOCKETPLAYGROUND_TEST_FILL"

// consumption is what the server holds.
type consumption struct{ Heap, Goroutines, Files, Sessions int64 }

// TestEveryBoundAtOnce fills what all sessions may hold together, in a process of its own, and looks at that process: it
// stays below 2 GiB, it answers, sessions beside it notice nothing, and it gives everything back.
func TestEveryBoundAtOnce(t *testing.T) {
	switch os.Getenv(fillVariable) {
	case "server":
		serveToBeFilled(t)
		return
	case "filler":
		fillEverything(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("a network namespace of its own needs root")
	}
	binary := filepath.Join(t.TempDir(), "fill.test") // without the race detector, which takes many times the memory
	if out, err := exec.Command("go", "test", "-c", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	cmd := exec.Command("unshare", "-n", "sh", "-c", `ip link set lo up && exec "$@"`, "sh", binary, "-test.run=^TestEveryBoundAtOnce$", "-test.v", "-test.timeout=3m")
	cmd.Env = append(os.Environ(), fillVariable+"=filler")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

// serveToBeFilled is the server. It says what it holds on a port beside, and ends with its standard input.
func serveToBeFilled(t *testing.T) {
	_ = os.Unsetenv("GOMEMLIMIT")
	debug.SetMemoryLimit(playground.MemoryLimit) // as main does
	support := lab.Probe()
	system, err := lab.New(lab.Config{Backend: support.Backend})
	if err != nil {
		t.Fatalf("no Labs: %v %s", err, support.Reason)
	}
	defer system.Close()
	r := serve(t, func(c *playground.Config) {
		c.Descriptors, c.Linger, c.Labs = playground.MaxDescriptors, 200*time.Millisecond, playground.Labs{System: system, Support: support}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	aside := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		files, _ := os.ReadDir("/proc/self/fd")
		_ = json.NewEncoder(w).Encode(consumption{int64(m.HeapAlloc), int64(runtime.NumGoroutine()), int64(len(files)), int64(r.sessions.Sessions())})
	})}
	go func() { _ = aside.Serve(l) }() // ends with Close
	defer aside.Close()
	fmt.Fprintln(os.Stderr, "serving", r.addr, l.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// filled is the server's process, as who fills it sees it.
type filled struct {
	*running
	t     *testing.T
	pid   int
	aside string
}

// consumes asks for what the server holds, after a collection.
func (f *filled) consumes() (c consumption) {
	f.t.Helper()
	res, err := http.Get("http://" + f.aside)
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&c); err != nil {
		f.t.Fatal(err)
	}
	return c
}

// status reads a field of the process's status, in KiB (proc_pid_status(5)).
func (f *filled) status(name string) (kib int64) {
	f.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.pid))
	if err != nil {
		f.t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			_, _ = fmt.Sscan(rest, &kib)
		}
	}
	return kib
}

func fillEverything(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestEveryBoundAtOnce$", "-test.timeout=3m")
	cmd.Env = append(os.Environ(), fillVariable+"=server")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server: %v", err)
		}
	}()
	f := &filled{running: &running{t: t}, t: t, pid: cmd.Process.Pid}
	lines := bufio.NewReader(stderr)
	line, err := lines.ReadString('\n')
	if n, _ := fmt.Sscanf(line, "serving %s %s", &f.addr, &f.aside); err != nil || n != 2 {
		t.Fatalf("the server says %q, %v", line, err)
	}
	var said sync.WaitGroup
	said.Go(func() { _, _ = io.Copy(os.Stderr, lines) })
	defer said.Wait()
	defer stdin.Close()

	before := f.consumes()
	began := time.Now()
	var draining sync.WaitGroup
	defer draining.Wait()
	clients := f.fill(t, &draining)
	defer func() {
		for _, c := range clients {
			c.ws.Close()
		}
	}()
	other := f.dial(t, "") // who is beside
	_, conn := other.pairOf("echo", nil)
	full := f.consumes()
	t.Logf("filled in %v: %+v, RSS %d MiB, at most %d MiB", time.Since(began).Round(time.Millisecond), full, f.status("VmRSS")>>10, f.status("VmHWM")>>10)
	if full.Heap < playground.KeptBytes*3/4 || full.Sessions < playground.MaxSessions-1 {
		t.Errorf("it is not full: %+v", full)
	}
	healthy := percentile(t, "/healthz", 200, func() {
		res, err := http.Get("http://" + f.addr + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	})
	trip := percentile(t, "a round trip", 200, func() {
		call := other.ok("write", map[string]any{"socket": conn, "data": "ping"}).Calls[0]
		other.wait("the Write", func(e event) bool { return e.Type == "call_returned" && e.Call == call })
		other.events = nil
	})
	if healthy > 100*time.Millisecond || trip > 100*time.Millisecond {
		t.Errorf("while it is full, 99 of 100 are answered within: /healthz %v, a round trip %v; want 100 ms", healthy, trip)
	}
	if most := f.status("VmHWM") >> 10; most >= 2<<10 {
		t.Errorf("the process had %d MiB", most)
	}

	for _, c := range append(clients, other) {
		c.ws.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	var after consumption
	eventually(t, "everything is given back", func() bool {
		after = f.consumes()
		return after.Sessions == before.Sessions && after.Heap < before.Heap+32<<20 && after.Goroutines <= before.Goroutines+5 && after.Files <= before.Files+5
	})
	t.Logf("given back: %+v, RSS %d MiB", after, f.status("VmRSS")>>10)
}

// percentile measures how long something takes, and gives what 99 of 100 stay within.
func percentile(t *testing.T, what string, n int, f func()) time.Duration {
	t.Helper()
	var all []time.Duration
	for range n {
		began := time.Now()
		f()
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	t.Logf("%s: median %v, p99 %v", what, all[n/2], all[n*99/100])
	return all[n*99/100]
}

// fill opens all sessions and has each fill its part of everything. As many act at a time as there are processors: who
// fills must not be what makes the server slow.
func (f *filled) fill(t *testing.T, draining *sync.WaitGroup) (clients []*client) {
	var mu sync.Mutex
	var fillers sync.WaitGroup
	places := make(chan struct{}, runtime.NumCPU())
	const sessions = playground.MaxSessions - 1
	refusals := map[string]int{}
	for n := range sessions {
		places <- struct{}{}
		fillers.Go(func() {
			defer func() { <-places }()
			c := f.dial(t, "")
			mu.Lock()
			clients = append(clients, c)
			mu.Unlock()
			refused := c.fillSession(n)
			draining.Go(c.drain)
			mu.Lock()
			for _, code := range refused {
				refusals[code]++
			}
			mu.Unlock()
		})
	}
	fillers.Wait()
	var keys []string
	for _, c := range clients {
		keys = append(keys, c.key)
	}
	// Each session has as many viewers as there may be, each of whom is greeted with all there is.
	for n := range playground.MaxSessions*4 - sessions - 4 {
		places <- struct{}{}
		fillers.Go(func() {
			defer func() { <-places }()
			c := f.dialRaw(t) // who comes to a session whose past is going may be sent away to come back
			c.send(map[string]any{"type": "hello", "version": 1, "code": code, "session": keys[n%sessions]})
			mu.Lock()
			clients = append(clients, c)
			mu.Unlock()
			draining.Go(c.drain)
		})
	}
	fillers.Wait()
	t.Logf("refused: %v", refusals)
	if refusals["quota_exceeded"] == 0 || len(refusals) != 1 {
		t.Errorf("refused: %v, want quota_exceeded and nothing else", refusals)
	}
	return clients
}

// drain takes whatever comes, without a look at it, until the connection ends: who takes nothing is cut.
func (c *client) drain() {
	_ = c.ws.SetReadDeadline(time.Time{})
	for {
		_, r, err := c.ws.NextReader()
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r)
	}
}

// fillLab fills a Lab's wire: connections that are followed and told apart, and what they send is held until no more is taken.
func (c *client) fillLab(try func(kind string, fields map[string]any) bool) {
	if !try("listen", map[string]any{"network": "lab", "address": ":8330", "behavior": "discard"}) {
		return
	}
	opened := c.ok("dial", map[string]any{"network": "lab", "address": "192.0.2.2:8330", "count": 64, "read_mode": "manual"})
	c.waitAll(opened.Calls)
	for i := range playground.MaxRules - 1 {
		try("add_rule", map[string]any{"direction": "to_client", "action": "drop", "text": strings.Repeat("y", 60) + fmt.Sprint(i)})
	}
	try("add_rule", map[string]any{"direction": "to_server", "flags": "DATA", "action": "hold"})
	try("set_wire", map[string]any{"to_server": map[string]any{"delay_ms": 10_000}})
	for _, s := range opened.Sockets {
		try("write", map[string]any{"socket": s, "encoding": "random", "bytes": 1 << 20, "chunk": 1 << 16})
	}
}

// waitAll waits until calls have returned.
func (c *client) waitAll(calls []uint64) {
	for i := 0; len(calls) > 0; i++ {
		for i == len(c.events) {
			c.read()
		}
		if e := c.events[i]; e.Type == "call_returned" {
			calls = slices.DeleteFunc(calls, func(call uint64) bool { return call == e.Call })
		}
	}
}

// heavy is how many of the sessions fill what all have together; the others are there.
const heavy = 24

// labs is how many of those have a Lab, whose wire they fill: together they have all that may fly.
const labs = 2

// fillSession fills the n-th session; it gives the codes of what was refused.
func (c *client) fillSession(n int) (refused []string) {
	c.listen("manual")
	if n >= heavy {
		return nil
	}
	try := func(kind string, fields map[string]any) bool {
		if f := c.do(kind, fields); f.Type == "error" {
			if refused = append(refused, f.Code); f.Code != "quota_exceeded" {
				c.t.Logf("%s is answered %s", kind, f.raw)
			}
			return false
		}
		c.events = nil
		return true
	}
	c.listen("manual") // S2, which nobody dials
	conns := 4
	if n < 4 {
		conns = 200 // many sockets, each of which waits
	}
	dialled := c.ok("dial", map[string]any{"address": "S1", "count": conns, "read_mode": "manual"})
	c.waitAll(dialled.Calls)
	if n%(heavy/labs) == 0 {
		c.fillLab(try)
	}
	// Files that nobody fetches.
	for range playground.MaxExports + 1 {
		try("code", map[string]any{"language": "go", "download": true})
	}
	// What waits: the buffers of transfers, which nobody reads, and data behind them.
	data := strings.Repeat("x", 60<<10)
	for _, s := range dialled.Sockets {
		if !try("write", map[string]any{"socket": s, "encoding": "random", "bytes": 1 << 30, "chunk": 1 << 20}) {
			break
		}
		for range 8 {
			if !try("write", map[string]any{"socket": s, "data": data}) {
				break
			}
		}
	}
	// What is kept: events of 20 KiB.
	banner := strings.Repeat(`\x41`, playground.MaxBanner)
	for range 450 {
		try("set_behavior", map[string]any{"socket": "S2", "behavior": "greet", "settings": map[string]any{"banner": banner}})
	}
	return refused
}
