package pcapng_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"socketplayground/playground/pcapng"
)

var (
	section = pcapng.Section{Application: "Socket Playground", OS: "Linux 6.1.0-57-cloud-amd64", Comment: "session: ladder of ten segments"}
	wire    = pcapng.Interface{Name: "wire", Description: "192.0.2.1, 2001:db8::1 to 192.0.2.2, 2001:db8::2"}
	at      = time.Unix(1_700_000_000, 123_456_789)
)

// syn4 and syn6 are SYNs from 192.0.2.1:40000 to 192.0.2.2:8330, and from and to the hosts' IPv6 addresses.
var (
	syn4 = slices.Concat([]byte{0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0xb6, 0xcc, 192, 0, 2, 1, 192, 0, 2, 2}, tcp)
	syn6 = slices.Concat([]byte{0x60, 0, 0, 0, 0, 20, 6, 64}, host6(1), host6(2), tcp)
	tcp  = []byte{0x9c, 0x40, 0x20, 0x8a, 0, 0, 3, 0xe8, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0}
)

func host6(n byte) []byte { return append([]byte{0x20, 1, 0x0d, 0xb8, 11: 0}, 0, 0, 0, n) }

func packets() []pcapng.Packet {
	long := strings.Repeat("é", 40_000) // 80000 bytes
	return []pcapng.Packet{
		{Direction: pcapng.Outbound, At: at, Data: syn4, Comments: []string{"C1: LISTEN to SYN_SENT", "second comment"}},
		{Direction: pcapng.Inbound, At: at.Add(1), Data: syn6, Comments: []string{"a\xffb"}},
		{At: at.Add(2), Data: syn4[:31], OriginalLen: 40},
		{Direction: pcapng.Inbound, At: at.Add(3), Data: syn4, Comments: []string{long}},
	}
}

// wantComments is what becomes of the comments above: valid, and no longer than an option may be.
var wantComments = [][]string{{"C1: LISTEN to SYN_SENT", "second comment"}, {"a\ufffdb"}, nil, {strings.Repeat("é", 32_767)}}

func write(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := pcapng.NewWriter(&file, section, wire)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets() {
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestReadBack(t *testing.T) {
	r, err := pcapgo.NewNgReader(bytes.NewReader(write(t)), pcapgo.NgReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.SectionInfo(); got.Application != section.Application || got.OS != section.OS || got.Comment != section.Comment {
		t.Errorf("section: got %+v, want %+v", got, section)
	}
	for i, want := range packets() {
		data, info, options, err := r.ReadPacketDataWithOptions()
		if err != nil {
			t.Fatalf("packet %d: %v", i, err)
		}
		length := max(want.OriginalLen, len(want.Data))
		if !bytes.Equal(data, want.Data) || info.Length != length || info.InterfaceIndex != 0 || !info.Timestamp.Equal(want.At) {
			t.Errorf("packet %d: got %x, %+v, want %x, length %d, at %v", i, data, info, want.Data, length, want.At)
		}
		direction := pcapng.Unknown
		if options.Flags != nil {
			direction = map[pcapgo.NgEpbFlag]pcapng.Direction{pcapgo.NgEpbFlagDirectionInbound: pcapng.Inbound, pcapgo.NgEpbFlagDirectionOutbound: pcapng.Outbound}[options.Flags.Direction]
		}
		if direction != want.Direction {
			t.Errorf("packet %d: flags %+v, want direction %v", i, options.Flags, want.Direction)
		}
		if !slices.Equal(options.Comments, wantComments[i]) {
			t.Errorf("packet %d: comments %.80q, want %.80q", i, options.Comments, wantComments[i])
		}
	}
	if _, _, err := r.ReadPacketData(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last packet: %v, want EOF", err)
	}
	if r.NInterfaces() != 1 {
		t.Fatalf("%d interfaces; libpcap reads no more than one", r.NInterfaces())
	}
	got, err := r.Interface(0)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != wire.Name || got.Description != wire.Description || got.Comment != "" ||
		got.LinkType != layers.LinkTypeRaw || got.TimestampResolution != 9 {
		t.Errorf("interface: got %+v, want %+v", got, wire)
	}
}

// TestWireshark: the program that people open the file with reads it as it is meant.
func TestWireshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Fatalf("this test needs tshark, from the package of that name: %v", err)
	}
	file := filepath.Join(t.TempDir(), "session.pcapng")
	if err := os.WriteFile(file, write(t), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-n", "-r", file, "-T", "fields", "-E", "separator=|", "-E", "aggregator=;",
		"-e", "frame.time_epoch", "-e", "frame.interface_name", "-e", "frame.packet_flags_direction", "-e", "frame.cap_len", "-e", "frame.len",
		"-e", "ip.src", "-e", "ipv6.src", "-e", "tcp.srcport", "-e", "tcp.flags.str", "-e", "_ws.malformed", "-e", "frame.comment").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1700000000.123456789|wire|0x00000002|40|40|192.0.2.1||40000|··········S·||C1: LISTEN to SYN_SENT;second comment",
		"1700000000.123456790|wire|0x00000001|60|60||2001:db8::1|40000|··········S·||a\ufffdb",
		"1700000000.123456791|wire||31|40|192.0.2.1||40000|||",
		"1700000000.123456792|wire|0x00000001|40|40|192.0.2.1||40000|··········S·||" + wantComments[3][0],
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d packets, want %d:\n%.2000s", len(got), len(want), out)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("packet %d:\n got %.200s\nwant %.200s", i, got[i], want[i])
		}
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		packet pcapng.Packet
		want   string
	}{
		{"longer than its original", pcapng.Packet{At: at, Data: syn4, OriginalLen: 39}, "original length 39"},
		{"no time", pcapng.Packet{Data: syn4}, "before 1970"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var file bytes.Buffer
			w, err := pcapng.NewWriter(&file, section, wire)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(test.packet); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(file.Bytes(), syn4) {
				t.Error("the refused packet was written")
			}
		})
	}
}

// TestWriteError: a full disk is told, at the latest by Flush.
func TestWriteError(t *testing.T) {
	w, err := pcapng.NewWriter(full{}, section, wire)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("Flush: got %v, want %v", err, errFull)
	}
	if err := w.Write(packets()[0]); !errors.Is(err, errFull) {
		t.Errorf("Write after that: got %v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left on device")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
