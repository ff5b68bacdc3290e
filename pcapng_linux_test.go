package main

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"socketplayground/playground/capture"
	"socketplayground/playground/lab"
)

// packetsIn counts the packets of a pcapng file: its Enhanced Packet Blocks (draft-ietf-opsawg-pcapng, section 4.3).
func packetsIn(t *testing.T, name string) (n int) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for len(b) >= 12 {
		if binary.LittleEndian.Uint32(b) == 6 {
			n++
		}
		b = b[binary.LittleEndian.Uint32(b[4:]):]
	}
	return n
}

// TestPcapngHasAll: a demo that ends as soon as Dial has returned leaves a file with the whole handshake, every time. The
// segments are read after they have crossed, the last of them after Dial's return.
func TestPcapngHasAll(t *testing.T) {
	const runs = 50
	for _, network := range []string{"machine", "lab"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			switch {
			case network == "lab" && !lab.Probe().Available:
				t.Skip("no Lab here")
			case network == "machine" && capture.Supported() != nil:
				t.Skip(capture.Supported())
			}
			do := strings.Replace(opens, "127.0.0.1:0", ":8330", 1)
			if network == "machine" {
				do = opens
			}
			demo, dir := demoFile(t, network, do, "      - C1 dial returns ok\n"), t.TempDir()
			for i := range runs {
				pcapng, record := filepath.Join(dir, "pcapng"), filepath.Join(dir, "record")
				got := runIt(t, "-brief", "-pcapng", pcapng, "-record", record, demo)
				if got.code != exitOK {
					t.Fatalf("run %d: exit code %d: %s%s", i, got.code, got.stdout, got.stderr)
				}
				text, err := os.ReadFile(record)
				if err != nil {
					t.Fatal(err)
				}
				in, listed := packetsIn(t, pcapng), strings.Count(string(text), `"type":"segment_sent"`)
				if want := 3; in != want || listed != want {
					t.Errorf("run %d: %d segments in the pcapng and %d in the recording, want %d each", i, in, listed, want)
				}
			}
		})
	}
}

// TestPcapngOfNothing: where there is nothing to write, no file is written, nothing has failed, and the reason is told.
func TestPcapngOfNothing(t *testing.T) {
	listens := "      - listen: {as: S1, address: '127.0.0.1:0', behavior: manual}\n"
	for _, tt := range []struct {
		name, demo, want string
		args             []string
	}{
		{"no segment", demoFile(t, "machine", listens, "      - S1 listen returns ok\n"), "There is no segment to save yet", nil},
		{"not captured", demoFile(t, "machine", opens, "      - C1 dial returns ok\n"), "The playground was told not to capture", []string{"-capture=false"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "no segment" && capture.Supported() != nil {
				t.Skip(capture.Supported())
			}
			name := filepath.Join(t.TempDir(), "x.pcapng")
			got := runIt(t, append(tt.args, "-pcapng", name, tt.demo)...)
			if got.code != exitNotObserved || strings.Contains(got.stdout, "not ok") || !strings.Contains(got.stdout, "# not observed: no segments are written: "+tt.want) {
				t.Errorf("exit code %d:\n%s%s", got.code, got.stdout, got.stderr)
			}
			if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is a file: %v", err)
			}
		})
	}
}
