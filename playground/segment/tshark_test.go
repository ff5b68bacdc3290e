package segment_test

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/pcapng"
	"socketplayground/playground/segment"
)

// sharkMarks are Wireshark's fields for our marks. A fast retransmission is one of its kinds of retransmission.
var sharkMarks = []struct{ field, mark string }{
	{"tcp.analysis.retransmission", "retransmission"},
	{"tcp.analysis.duplicate_ack", "duplicate_ack"},
	{"tcp.analysis.out_of_order", "out_of_order"},
	{"tcp.analysis.zero_window", "zero_window"},
	{"tcp.analysis.zero_window_probe", "window_probe"},
	{"tcp.analysis.window_update", "window_update"},
	{"tcp.analysis.keep_alive", "keepalive"},
	{"tcp.analysis.keep_alive_ack", "keepalive_ack"},
	{"tcp.analysis.spurious_retransmission", "spurious_retransmission"},
	{"tcp.analysis.window_full", "window_full"},
}

// TestWireshark plays every story to Wireshark as well, in one capture with a connection each.
// It must read the same numbers, lengths, flags, windows and options, and mark the same, but for what the stories say.
func TestWireshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatalf("this test needs tshark, from the package of that name: %v", err)
	}
	path := filepath.Join(t.TempDir(), "stories.pcapng")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := pcapng.NewWriter(file, pcapng.Section{}, pcapng.Interface{Name: "wire"})
	if err != nil {
		t.Fatal(err)
	}

	var names, want []string
	decoder := segment.NewDecoder()
	at := time.Unix(1_700_000_000, 0)
	for i, x := range stories {
		src, dst := client4, server4
		if i%2 == 1 {
			src, dst = client6, server6
		}
		src = netip.AddrPortFrom(src.Addr(), uint16(20_000+i))
		tracker := segment.NewTracker()
		for j, one := range x.segments(src, dst, [2]uint32{1<<32 - 150, 5000}) {
			data := packet(t, one)
			at = at.Add(50 * time.Millisecond) // slower than what Wireshark takes for reordering
			if err := w.Write(pcapng.Packet{At: at, Data: data}); err != nil {
				t.Fatal(err)
			}
			var s segment.Segment
			if err := decoder.Decode(data, &s); err != nil {
				t.Fatal(err)
			}
			tr := tracker.Track(uint64(j+1), at.UnixNano(), &s)
			window := int(s.Window) << max(tr.WindowShift, 0)
			names = append(names, fmt.Sprintf("%s, segment %d", x.name, j+1))
			want = append(want, fmt.Sprintf("seq %d ack %d len %d flags %#04x window %d checksum %#04x %s; %s",
				tr.RelSeq, tr.RelAck, s.PayloadLen, uint16(s.Flags), window, s.Checksum, s.ChecksumState, marksFor(x.steps[j])))
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}

	args := []string{"-n", "-r", path, "-o", "tcp.check_checksum:TRUE", "-T", "fields", "-E", "separator=|", "-E", "occurrence=f"}
	for _, f := range []string{"_ws.malformed", "tcp.seq", "tcp.ack", "tcp.len", "tcp.flags", "tcp.window_size", "tcp.checksum", "tcp.checksum.status"} {
		args = append(args, "-e", f)
	}
	for _, m := range sharkMarks {
		args = append(args, "-e", m.field)
	}
	out, err := exec.Command(tshark, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("tshark shows %d segments, want %d", len(lines), len(want))
	}
	for i, line := range lines {
		if got := sharkSays(t, strings.Split(line, "|")); got != want[i] {
			t.Errorf("%s:\nWireshark %s\n     want %s", names[i], got, want[i])
		}
	}
}

// marksFor is what Wireshark should mark.
func marksFor(x step) string {
	switch {
	case x.shark == "none":
		return ""
	case x.shark != "":
		return x.shark
	}
	marks, _, _ := strings.Cut(x.want, " ")
	if !strings.Contains(marks, "_") && !strings.Contains(marks, "retransmission") && marks != "keepalive" {
		return "" // the want begins with " of"
	}
	return marks
}

func sharkSays(t *testing.T, f []string) string {
	t.Helper()
	if f[0] != "" {
		t.Errorf("malformed: %v", f)
	}
	flags, err := strconv.ParseUint(f[4], 0, 16)
	if err != nil {
		t.Fatal(err)
	}
	var marks []string
	for i, m := range sharkMarks {
		if f[8+i] != "" {
			marks = append(marks, m.mark)
		}
	}
	status := map[string]string{"0": "wrong", "1": "valid", "2": "unknown"}[f[7]]
	return fmt.Sprintf("seq %s ack %s len %s flags %#04x window %s checksum %s %s; %s", f[1], f[2], f[3], flags, f[5], f[6], status, strings.Join(marks, "+"))
}
