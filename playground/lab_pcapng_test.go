package playground_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"socketplayground/playground"
)

// independent is tcpdump on a host of the Lab, which knows nothing of us.
type independent struct {
	t    *testing.T
	cmd  *exec.Cmd
	done func()
	path string

	copied sync.WaitGroup
	mu     sync.Mutex
	file   []byte
}

// dump starts tcpdump and waits until it listens.
func (s *session) dump(t *testing.T, host string) *independent {
	t.Helper()
	d := &independent{t: t, path: filepath.Join(t.TempDir(), host+".pcap")}
	// By way of stdout: tcpdump as root becomes another user, who may not write there.
	d.cmd = exec.CommandContext(s.ctx, "tcpdump", "-i", "any", "-n", "-s", "160", "-B", "16384", "-U", "--immediate-mode", "-w", "-", "tcp")
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := d.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, d.done, err = s.manager.Start(s.Number(), host, d.cmd); err != nil {
		t.Fatalf("this test needs tcpdump, from the package of that name: %v", err)
	}
	lines := bufio.NewReader(said)
	for line := ""; !strings.Contains(line, "listening on"); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("tcpdump said %q, %v", line, err)
		}
	}
	t.Cleanup(func() { // where the test failed before it finished
		if d.cmd.ProcessState == nil {
			_ = d.cmd.Process.Kill()
			d.copied.Wait()
			_ = d.cmd.Wait()
			d.done()
		}
	})
	d.copied.Go(func() { _, _ = io.Copy(io.Discard, lines) })
	d.copied.Go(func() { _, _ = io.Copy(d, out) })
	return d
}

// Write implements io.Writer.
func (d *independent) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.file = append(d.file, p...)
	return len(p), nil
}

// packets counts what has been written so far (pcap-savefile(5)).
func (d *independent) packets() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for at := 24; at+16 <= len(d.file); n++ {
		at += 16 + int(binary.NativeEndian.Uint32(d.file[at+8:]))
	}
	return n
}

// finish ends it once it has seen that many packets, and gives the file.
func (d *independent) finish(packets int) string {
	d.t.Helper()
	eventually(d.t, "tcpdump has seen all", func() error {
		if n := d.packets(); n < packets {
			return fmt.Errorf("%d of %d packets", n, packets)
		}
		return nil
	})
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		d.t.Fatal(err)
	}
	d.copied.Wait()
	if err := d.cmd.Wait(); err != nil {
		d.t.Errorf("tcpdump: %v", err)
	}
	d.done()
	if err := os.WriteFile(d.path, d.file, 0o600); err != nil {
		d.t.Fatal(err)
	}
	return d.path
}

// saved fetches a capture of the session.
func (s *session) saved(cmd playground.SavePcapng) string {
	s.t.Helper()
	ticket := s.do(&cmd).Download
	name, write, ok := s.manager.Export(ticket)
	if !ok || !strings.HasSuffix(name, ".pcapng") {
		s.t.Fatalf("the file is %q, %v", name, ok)
	}
	if _, _, again := s.manager.Export(ticket); again {
		s.t.Error("a file can be fetched twice")
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(s.t.(*testing.T).TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// dissect has tshark read a file: the fields of each packet, joined by "|".
func dissect(t testing.TB, path, filter string, fields ...string) []string {
	t.Helper()
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=a", "-E", "aggregator=;"}
	if filter != "" {
		args = append(args, "-Y", filter)
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("this test needs tshark, from the package of that name: %v", err)
	}
	if len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// TestLabPcapng: what tcpdump sees on both hosts and what we save agree, segment by segment.
func TestLabPcapng(t *testing.T) {
	s := openLab(t)
	dumps := map[string]*independent{"client": s.dump(t, "client"), "server": s.dump(t, "server")}
	l := s.listenLab(playground.Listen{Behavior: playground.BehaviorEcho})
	r := s.rule(playground.AddRule{Direction: "to_server", Flags: "DATA", Action: "drop", Next: 1})
	c4 := s.dial(playground.Dial{Address: l})
	s.write(c4, "this is lost once")
	s.again(s.data("this is lost once"))
	c6 := s.dial(playground.Dial{Network: inLab, Address: "[2001:db8::2]:8330"})
	const size = 1 << 20
	for _, c := range []string{c4, c6} {
		before := s.Log().Now().Sockets[c].Read
		s.do(&playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: size})
		s.socket(c, "has its echo", func(v *playground.SocketView) bool { return v.Read >= before+size })
		s.do(&playground.Close{Socket: c})
		s.inState(c, playground.StateTimeWait)
		s.inState(s.Log().Now().Sockets[c].Peer, playground.StateClosed)
	}
	refused := s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:81"})
	s.failed(refused.Calls[0])
	s.inState(refused.Sockets[0], playground.StateClosed)

	path := s.saved(playground.SavePcapng{})
	fields := []string{"ip.src", "ipv6.src", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags", "tcp.window_size_value"}
	ours, comments := map[string][]string{}, ""
	for i, line := range dissect(t, path, "", slices.Concat([]string{"_ws.malformed", "frame.packet_flags_direction"}, fields, []string{"frame.comment"})...) {
		f := strings.SplitN(line, "|", len(fields)+3)
		if f[0] != "" {
			t.Errorf("tshark finds packet %d malformed", i+1)
		}
		from := map[string]string{"0x00000002": "client", "0x00000001": "server"}[f[1]]
		ours[from] = append(ours[from], strings.Join(f[2:len(f)-1], "|"))
		comments += f[len(f)-1] + "\n"
	}
	for _, host := range []string{"client", "server"} {
		if len(ours[host]) < size/1448 {
			t.Errorf("only %d segments of the %s were saved", len(ours[host]), host)
		}
	}
	lost := 1 // the rule's: the server's tcpdump cannot have it
	theirs := map[string]string{
		"client": dumps["client"].finish(len(ours["client"]) + len(ours["server"])),
		"server": dumps["server"].finish(len(ours["client"]) + len(ours["server"]) - lost),
	}
	addresses := map[string][2]string{"client": {"192.0.2.1|", "|2001:db8::1|"}, "server": {"192.0.2.2|", "|2001:db8::2|"}}
	dropped := s.byRule(s.data("this is lost once").Segment, "dropped", r)
	first := slices.IndexFunc(ours["client"], func(line string) bool { return strings.Contains(line, "|17|") })
	for at, file := range theirs {
		lines := dissect(t, file, "", fields...)
		for from, prefixes := range addresses {
			got, want := []string(nil), ours[from]
			for _, line := range lines {
				if strings.HasPrefix(line, prefixes[0]) || strings.HasPrefix(line, prefixes[1]) {
					got = append(got, line)
				}
			}
			if at == "server" && from == "client" {
				want = slices.Delete(slices.Clone(want), first, first+1)
			}
			if !slices.Equal(got, want) {
				i := 0
				for i < min(len(got), len(want)) && got[i] == want[i] {
					i++
				}
				t.Errorf("on the %s, of what the %s sent, tcpdump has %d segments and we have %d; number %d differs:\n%v\n%v",
					at, from, len(got), len(want), i, got[i:min(i+3, len(got))], want[i:min(i+3, len(want))])
			}
		}
	}

	for _, want := range []string{"sent by the client", "sent by the server", "segment 1: C1 → ", "C1: CLOSED → SYN_SENT, as it left", "dropped by rule 1", "retransmission",
		"S1.1: SYN_RCVD → ESTABLISHED, as it landed", "C3: SYN_SENT → CLOSED, as it landed"} {
		if !strings.Contains(comments, want) {
			t.Errorf("no packet has the comment %q", want)
		}
	}
	one := s.saved(playground.SavePcapng{Segments: []uint64{dropped.Segment}})
	if got := dissect(t, one, "", "tcp.len", "frame.interface_name", "frame.packet_flags_direction"); !slices.Equal(got, []string{"17|wire|0x00000002"}) {
		t.Errorf("one segment was asked for, and the file has %v", got)
	}
	third := dissect(t, s.saved(playground.SavePcapng{Sockets: []string{"C3"}}), "", "tcp.flags.str")
	if len(third) != 2 || !strings.Contains(third[0], "S") || !strings.Contains(third[1], "R") {
		t.Errorf("the refused connection has %q, want SYN and RST", third)
	}
}
