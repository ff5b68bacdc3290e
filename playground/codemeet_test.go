package playground_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
	"socketplayground/playground/code"
)

// missingTool says which tool a language needs that is not here; empty where all are.
func missingTool(language string) string {
	for _, tool := range map[string][]string{"go": {"go"}, "python": {"python3"}, "c": {"cc", "stdbuf"}, "shell": {"bash"}}[language] {
		if _, err := exec.LookPath(tool); err != nil {
			return tool
		}
	}
	return ""
}

// play is a story, and the session in which it was played.
type play struct {
	*code.Story
	events []playground.Event
}

// meet compiles the programs of a story and runs them against each other in a Lab of their own: what they print must be what
// the calls of the story returned. A story of this machine is one host's. Where the programs stop, the test does to the
// wire and the kernels what was done in the story. Shell scripts are checked and not run, since nc gives no results.
func meet(t *testing.T, in *playground.Manager, story *play, language string) *meeting {
	t.Helper()
	if tool := missingTool(language); tool != "" {
		t.Skipf("there is no %s here", tool)
	}
	files, ok := code.Write(story.Story, language, code.Options{Patience: busy})
	if !ok {
		t.Fatalf("there is no language %q", language)
	}
	m := &meeting{session: visit(t, in), play: story, runs: map[string]*run{}, person: person{slow: language == "python"}}
	m.do(&playground.OpenLab{})
	dir := t.TempDir()
	for i := range files {
		f := &files[i]
		command := build(t, dir, f, language)
		if command != nil {
			m.runs[f.Host] = &run{helped: map[string]int{}, meeting: m, file: f, cmd: exec.Command(command[0], command[1:]...)}
		}
	}
	if len(m.runs) == 0 {
		return m
	}
	before, stops := story.Stops()
	m.turn(before)
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience) // sleeps of the programs are part of it
	defer cancel()
	for _, host := range hosts {
		r := m.runs[host]
		if host == "client" && strings.Contains(m.runs["server"].file.Text(), "sleep") { // it does not only wait for the client
			m.person.takes(ctx, 2*time.Second)
		}
		r.start()
		defer r.stop()
		if host == "server" && beginsListening(story.Story) {
			r.listens(ctx)
		}
	}
	for n := range stops {
		stopped := []*run{}
		for _, host := range hosts {
			if r := m.runs[host]; slices.Contains(r.file.Stops, n) {
				r.wait(ctx, "it stops for a turn", func() bool { return r.stops() > slices.Index(r.file.Stops, n) })
				stopped = append(stopped, r)
			}
		}
		m.rests(stops[n])
		m.person.takes(ctx, 2*time.Second) // to read and to do it; SYN and SYN+ACK are repeated after 1 s
		m.turn(stops[n])
		if n%2 > 0 { // no program says which terminal comes first
			slices.Reverse(stopped)
		}
		for i, r := range stopped {
			if i > 0 {
				m.person.takes(ctx, time.Second)
			}
			r.enter()
			r.gone = n + 1
		}
	}
	for _, host := range hosts {
		m.runs[host].agrees(ctx)
	}
	for _, prompts := range []bool{false, true} { // who ends by itself may need the other still
		for _, host := range hosts {
			if r := m.runs[host]; slices.Contains(r.file.Output, code.Prompt) == prompts {
				r.ends(ctx)
			}
		}
	}
	return m
}

var hosts = []string{"server", "client"} // the server starts first

// busy is what other tests, which compile programs at the same time, may cost.
const busy = 600 * time.Millisecond

// meeting is where the programs of a story run.
type meeting struct {
	*session
	*play
	runs map[string]*run
	person
}

// place is the Lab's host on which a program of the story's host runs.
func (m *meeting) place(host string) string {
	if m.Network == "machine" {
		return "client"
	}
	return host
}

// rests waits until what the programs have sent has arrived, as it has for a person who reads what they print when they
// stop: as many segments are held as were in the story, and a datagram that follows those on their way has crossed, and
// the answer to it. Rules and step mode are about segments alone.
func (m *meeting) rests(turn code.Turn) {
	m.t.Helper()
	then := playground.NewSnapshot()
	for _, e := range m.events {
		if headerOf(e).Seq < turn.Seqs[0] {
			then.Apply(e)
		}
	}
	held := func(s *playground.Snapshot) (n int) {
		for _, f := range s.Lab.Flying {
			if f.Held != nil {
				n++
			}
		}
		return n
	}
	now := m.until("as many segments are held as were", func(now *playground.Snapshot) bool { return held(now) >= held(then) })
	if now.Lab.Wire.Cut {
		return // nothing is on its way
	}
	if line, err := m.echoes().ReadString('\n'); line != "port unreachable\n" {
		m.t.Fatalf("a datagram to a closed port brought %q, %v", line, err)
	}
}

// echoes sends a datagram from the Lab's client to a port of the server that is closed, whose kernel says so (RFC 1122
// §4.1.3.1), and prints that.
func (m *meeting) echoes() *bufio.Reader {
	m.t.Helper()
	_, _, out := m.program("client", "python3", "-c", `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("192.0.2.2", 9))
s.settimeout(10)
s.send(b"x")
try:
    print(s.recv(1))
except ConnectionRefusedError:
    print("port unreachable")
`)
	return out
}

// turn does to the wire and the kernels what was done in the story.
func (m *meeting) turn(turn code.Turn) {
	m.t.Helper()
	for _, e := range m.events {
		if slices.Contains(turn.Seqs, headerOf(e).Seq) {
			m.again(e)
		}
	}
}

// again does what an event tells of.
func (m *meeting) again(e playground.Event) {
	m.t.Helper()
	switch e := e.(type) {
	case *playground.KernelSettingsRead:
		for name, value := range e.Settings {
			m.do(&playground.SetKernel{Host: e.Host, Name: name, Value: value})
		}
	case *playground.QuickAckSet:
		m.do(&playground.SetQuickAck{On: e.On})
	case *playground.LabOpened:
		m.do(&playground.SetQuickAck{On: e.QuickAck})
	case *playground.WireIntervened:
		if e.Action != "released" {
			m.t.Fatalf("no test can do again that a segment was %s by hand", e.Action)
		}
		m.do(&playground.DeliverSegment{Oldest: true})
	case *playground.StateChanged: // of a socket whose TIME_WAIT was skipped
		m.do(&playground.SkipTimeWait{Socket: m.counterpart(e.Socket, playground.StateTimeWait)})
	case *playground.WireChanged:
		m.setWire(e.Wire)
	default:
		m.t.Fatalf("no test can do a %T again", e)
	}
}

// setWire brings the wire to what it was in the story.
func (m *meeting) setWire(want playground.WireSettings) {
	m.t.Helper()
	m.do(&playground.SetWire{Step: &want.Step, Cut: &want.Cut, Seed: &want.Seed, ToServer: changeTo(want.ToServer), ToClient: changeTo(want.ToClient)})
	have := m.Log().Now().Lab.Wire.Rules
	for i, r := range want.Rules {
		if i < len(have) {
			if have[i].On != r.On {
				m.do(&playground.SetRule{Rule: have[i].Rule, On: r.On})
			}
			continue
		}
		socket := ""
		if r.Socket != "" {
			socket = m.counterpart(r.Socket, playground.StateEstablished)
		}
		m.do(&playground.AddRule{On: &r.On, Direction: r.Direction, Flags: r.Flags, Next: r.Next, Every: r.Every, MinLen: r.MinLen,
			MaxLen: r.MaxLen, Text: r.Text, Retransmission: r.Retransmission, Socket: socket, Action: r.Action, DelayMS: r.DelayMS})
	}
	if len(want.Rules) < len(have) {
		m.t.Fatal("no test can remove a rule again")
	}
}

func changeTo(i playground.Impairment) *playground.ImpairmentChange {
	return &playground.ImpairmentChange{DelayMS: &i.DelayMS, JitterMS: &i.JitterMS, LossPct: &i.LossPct, DuplicatePct: &i.DuplicatePct,
		ReorderPct: &i.ReorderPct, CorruptPct: &i.CorruptPct, RateKbps: &i.RateKbps, Queue: &i.Queue, MTU: &i.MTU}
}

// counterpart is the socket that stands here for one of the story's that dialled: the one that was seen after as many
// others of its host that dialled.
func (m *meeting) counterpart(name string, state playground.State) (id string) {
	m.t.Helper()
	at, host := 0, ""
	for _, s := range m.Sockets {
		if s.Name == name {
			host = s.Host
		}
	}
	for _, c := range m.Calls {
		if i := slices.IndexFunc(m.Sockets, func(s code.Socket) bool { return s.Name == c.Socket }); c.Op == "Dial" && i >= 0 && m.Sockets[i].Host == host {
			if c.Socket == name {
				break
			}
			at++
		}
	}
	m.until(fmt.Sprintf("%s is met, in %s", name, state), func(now *playground.Snapshot) bool {
		var dialled []*playground.SocketView
		for _, v := range now.Sockets {
			if v.Kind == playground.KindOther && v.Host == m.place(host) && v.Remote != "" && v.State != playground.StateListen {
				dialled = append(dialled, v)
			}
		}
		slices.SortFunc(dialled, func(a, b *playground.SocketView) int { return int(a.OpenedNS - b.OpenedNS) })
		if at < len(dialled) && dialled[at].State == state {
			id = dialled[at].Socket
		}
		return id != ""
	})
	return id
}

// beginsListening says whether the server is there, and stays, before anything else is done.
func beginsListening(story *code.Story) bool {
	for i, c := range story.Calls {
		switch {
		case i == 0 && (c.Op != "Listen" || c.Err != nil):
			return false
		case c.Op == "Dial":
			return true
		case c.Op == "Close":
			return false
		}
	}
	return len(story.Calls) > 0
}

// build compiles a file, or checks it; it gives the command that runs it, nil for none.
func build(t *testing.T, dir string, f *code.File, language string) []string {
	t.Helper()
	at := filepath.Join(dir, f.Host)
	path := filepath.Join(at, f.Name)
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(f.Text()), 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(at, "program")
	do := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = at
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s\n%s", cmd, err, out, f.Text())
		}
		return string(out)
	}
	switch language {
	case "go":
		if err := os.WriteFile(filepath.Join(at, "go.mod"), []byte("module sockets\n\ngo 1.26\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if out := do("gofmt", "-d", f.Name); out != "" {
			t.Errorf("%s is not as gofmt writes it:\n%s", f.Name, out)
		}
		do("go", "vet", ".")
		do("go", "build", "-o", binary, ".")
		return []string{binary}
	case "python":
		do("python3", "-m", "py_compile", f.Name)
		return []string{"python3", "-u", path}
	case "c":
		do("cc", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", binary, f.Name)
		return []string{"stdbuf", "-oL", binary}
	}
	do("bash", "-n", f.Name)
	return nil
}
