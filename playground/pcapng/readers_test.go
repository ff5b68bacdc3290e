package pcapng_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"socketplayground/playground/pcapng"
)

// said is what each side says in the conversation.
const fromClient, fromServer = "hello from the client", "and the server answers"

// conversation is a whole connection over IPv4, its packets a microsecond and a nanosecond apart.
func conversation(t *testing.T) (all []pcapng.Packet) {
	t.Helper()
	seq := [2]uint32{1000, 5000}
	for _, step := range []struct {
		from int
		data string
		tcp  layers.TCP
	}{
		{0, "", layers.TCP{SYN: true}}, {1, "", layers.TCP{SYN: true, ACK: true}}, {0, "", layers.TCP{ACK: true}},
		{0, fromClient, layers.TCP{PSH: true, ACK: true}}, {1, "", layers.TCP{ACK: true}},
		{1, fromServer, layers.TCP{PSH: true, ACK: true}}, {0, "", layers.TCP{ACK: true}},
		{0, "", layers.TCP{FIN: true, ACK: true}}, {1, "", layers.TCP{FIN: true, ACK: true}}, {0, "", layers.TCP{ACK: true}},
	} {
		hosts, ports := [2]net.IP{{192, 0, 2, 1}, {192, 0, 2, 2}}, [2]layers.TCPPort{40000, 8330}
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: hosts[step.from], DstIP: hosts[1-step.from]}
		tcp := step.tcp
		tcp.SrcPort, tcp.DstPort, tcp.Window, tcp.Seq = ports[step.from], ports[1-step.from], 65000, seq[step.from]
		if tcp.ACK {
			tcp.Ack = seq[1-step.from]
		}
		if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
			t.Fatal(err)
		}
		b := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ip, &tcp, gopacket.Payload(step.data)); err != nil {
			t.Fatal(err)
		}
		seq[step.from] += uint32(len(step.data))
		if tcp.SYN || tcp.FIN {
			seq[step.from]++
		}
		all = append(all, pcapng.Packet{
			Direction: [2]pcapng.Direction{pcapng.Outbound, pcapng.Inbound}[step.from], At: at.Add(time.Duration(len(all)) * 1001),
			Data: bytes.Clone(b.Bytes()), Comments: []string{fmt.Sprintf("segment %d", len(all)+1), "second"},
		})
	}
	return all
}

// TestReaders: every program that people read captures with finds every packet in the file, what both sides sent, and
// where it shows times, these to the nanosecond.
func TestReaders(t *testing.T) {
	packets := conversation(t)
	folder := t.TempDir()
	path := filepath.Join(folder, "session.pcapng")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := pcapng.NewWriter(file, section, wire)
	if err != nil {
		t.Fatal(err)
	}
	var times []string
	for _, p := range packets {
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
		times = append(times, fmt.Sprintf("%d.%09d", p.At.Unix(), p.At.Nanosecond()))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := strings.Join(times, "\n")

	run := func(t *testing.T, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = folder
		var said, complained bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &complained
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s (tools/setup gets it): %v\n%s%s", name, err, &said, &complained)
		}
		return said.String()
	}
	stamps := regexp.MustCompile(`(?m)^\d{10}\.\d+`)
	timely := func(t *testing.T, said string) {
		t.Helper()
		if got := strings.Join(stamps.FindAllString(said, -1), "\n"); got != want {
			t.Errorf("the times are\n%s\nwant\n%s", got, want)
		}
	}
	bothWays := func(t *testing.T, said string) {
		t.Helper()
		if strings.Count(said, fromClient) != 1 || strings.Count(said, fromServer) != 1 {
			t.Errorf("what both sides sent is not there once:\n%s", said)
		}
	}

	t.Run("tcpdump", func(t *testing.T) {
		said := run(t, "tcpdump", "-r", path, "-n", "-tt", "--time-stamp-precision=nano", "-A")
		timely(t, said)
		bothWays(t, said)
	})
	t.Run("tshark", func(t *testing.T) {
		timely(t, run(t, "tshark", "-r", path, "-T", "fields", "-e", "frame.time_epoch"))
		bothWays(t, run(t, "tshark", "-r", path, "-q", "-z", "follow,tcp,ascii,0"))
	})
	t.Run("scapy", func(t *testing.T) { // a module of the system's own Python
		said := run(t, "/usr/bin/python3", "-c", "import sys; from scapy.all import *\nfor p in rdpcap(sys.argv[1]): print('{:.9f}'.format(p.time), bytes(p[TCP].payload).decode())", path)
		timely(t, said)
		bothWays(t, said)
	})
	t.Run("tcpflow", func(t *testing.T) { bothWays(t, run(t, "tcpflow", "-r", path, "-c", "-o", folder)) })
	t.Run("ngrep", func(t *testing.T) { bothWays(t, run(t, "ngrep", "-I", path, "-q", "-W", "byline", "e")) })
	t.Run("tcptrace", func(t *testing.T) {
		said := run(t, "tcptrace", "-n", "-l", path)
		for _, want := range []string{"10 packets seen, 10 TCP packets traced", "complete conn: yes"} {
			if !strings.Contains(said, want) {
				t.Errorf("it does not say %q:\n%s", want, said)
			}
		}
	})
	t.Run("capinfos", func(t *testing.T) {
		said := run(t, "capinfos", "-T", "-m", "-c", "-S", "-a", path)
		if !strings.Contains(said, times[0]) || !strings.Contains(said, ",10,") {
			t.Errorf("got %q", said)
		}
	})
	t.Run("editcap", func(t *testing.T) {
		run(t, "editcap", "-F", "nsecpcap", path, "edited.pcap")
		timely(t, run(t, "tcpdump", "-r", "edited.pcap", "-n", "-tt", "--time-stamp-precision=nano"))
		run(t, "editcap", path, "edited.pcapng")
		said := run(t, "tshark", "-r", "edited.pcapng", "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.packet_flags_direction", "-e", "frame.comment")
		timely(t, said)
		if !strings.HasPrefix(said, times[0]+"\t0x00000002\tsegment 1,second\n") {
			t.Errorf("direction and comments are lost:\n%s", said)
		}
	})
	t.Run("gopacket", func(t *testing.T) {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		r, err := pcapgo.NewNgReader(file, pcapgo.DefaultNgReaderOptions)
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		for {
			data, info, err := r.ReadPacketData()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&said, "%d.%09d %s\n", info.Timestamp.Unix(), info.Timestamp.Nanosecond(), data[40:])
		}
		timely(t, said.String())
		bothWays(t, said.String())
	})
}
