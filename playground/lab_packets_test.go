package playground_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"socketplayground/playground"
)

// handmade sends packets that no kernel would, from the Lab's client to its server. The kernel fills in only the IPv4
// header's checksum and length (raw(7)).
const handmade = `
import socket
from scapy.all import IP, IPv6, TCP, UDP, ICMP, Raw, fragment, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
v4 = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
v6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
def four(p): v4.sendto(bytes(p), ('192.0.2.2', 0))
def six(p): v6.sendto(bytes(p), ('2001:db8::2', 0))
ip, ip6 = IP(src='192.0.2.1', dst='192.0.2.2', id=77), IPv6(src='2001:db8::1', dst='2001:db8::2', fl=0xabcde)
def tcp(port, **more): return TCP(sport=port, dport=9, seq=1, ack=1, **more)
four(IP(src='192.0.2.1', dst='192.0.2.2', tos=46<<2|3, flags='DF', id=4711)/tcp(1001, flags=0x1c2))   # SYN, ECE, CWR, AE
four(ip/tcp(1002, flags='S', options=[(172, bytes([0,0,1,0,0,2,0,0,3])), (30, b'\x01\x81'), ('MSS', 1400)]))
four(ip/tcp(1003, flags='PAU', urgptr=4)/Raw(b'abcX'))
broken = bytearray(bytes(tcp(1004, flags='S', options=[('MSS', 1400), ('NOP', None), ('NOP', None), ('NOP', None), ('NOP', None)])))
broken[24:28] = bytes([8, 0, 1, 2])
four(ip.__class__(src='192.0.2.1', dst='192.0.2.2', proto=6)/Raw(bytes(broken)))
short = bytearray(bytes(tcp(1005, flags='S'))); short[12] = 0x40
four(IP(src='192.0.2.1', dst='192.0.2.2', proto=6)/Raw(bytes(short)))
long = bytearray(bytes(tcp(1006, flags='S'))); long[12] = 0xf0
four(IP(src='192.0.2.1', dst='192.0.2.2', proto=6)/Raw(bytes(long)))
four(IP(src='192.0.2.1', dst='192.0.2.2', proto=6)/Raw(bytes(tcp(1007, flags='S'))[:12]))
for p in fragment(ip/tcp(1008, flags='PA')/Raw(b'x'*60), fragsize=48): four(p)
four(ip/UDP(sport=1009, dport=9)/Raw(b'hello'))
four(ip/ICMP()/Raw(b'ping'))
six(ip6/IPv6ExtHdrDestOpt()/tcp(1010, flags='S'))
six(ip6/IPv6ExtHdrFragment(nh=6, offset=6, m=0, id=9)/Raw(b'y'*16))
`

// TestHandmadePackets: whatever crosses the wire is listed, counted, and in the saved file, and what its headers say is
// told: also what no kernel sends, what is broken, a piece, or no segment at all.
func TestHandmadePackets(t *testing.T) {
	s := openLab(t)
	s.output("client", "/usr/bin/python3", "-c", handmade) // python3-scapy
	last := await(s, "the last of them", func(e *playground.SegmentSent) bool { return strings.HasPrefix(e.Src, "2001:db8::1") && e.Other != "" })
	s.landed(last.Segment)

	var told []string
	numbers := map[uint64]bool{}
	for _, e := range s.Log().Events(0) {
		e, ok := e.(*playground.SegmentSent)
		if !ok {
			continue
		}
		numbers[e.Segment] = true
		if e.From != "client" {
			continue // the server's kernel answers some of them
		}
		said := []string{e.Src, e.Flags + e.Other}
		for _, field := range []struct {
			name  string
			value int64
		}{{"dscp", e.DSCP}, {"id", e.IPID}, {"urgent", e.Urgent}, {"broken at", e.OptionsBroken}, {"label", e.FlowLabel}, {"ip", e.IPHeader}} {
			if field.value != 0 {
				said = append(said, fmt.Sprintf("%s %d", field.name, field.value))
			}
		}
		if e.DF {
			said = append(said, "DF")
		}
		if e.ECN != "" {
			said = append(said, e.ECN)
		}
		for _, o := range e.Options {
			said = append(said, fmt.Sprintf("%d %s %s", o.Kind, o.Name, o.Value))
		}
		told = append(told, strings.Join(said, "|"))
	}
	want := []string{
		"192.0.2.1:1001|SYN, ECE, CWR, AE|dscp 46|id 4711|ip 20|DF|CE",
		"192.0.2.1:1002|SYN|id 77|ip 20|172 accecn0 EE0B 1 ECEB 2 EE1B 3|30 mptcp MP_CAPABLE 0181|2 mss 1400|0 eol ",
		"192.0.2.1:1003|PSH, ACK, URG|id 77|urgent 4|ip 20",
		"192.0.2.1:1004|SYN|id 1|broken at 24|ip 20|2 mss 1400|8 broken 000102",
		"192.0.2.1:1005|broken TCP header: data offset 4, less than 5|id 1|ip 20",
		"192.0.2.1:1006|broken TCP header: data offset 15, 60 bytes, in a segment of 20|id 1|ip 20",
		"192.0.2.1:1007|broken TCP header: 12 bytes, fewer than 20|id 1|ip 20",
		"192.0.2.1:1008|IP fragment of TCP from byte 0, more follow|id 77|ip 20",
		"192.0.2.1|IP fragment of TCP from byte 48, the last|id 77|ip 20",
		"192.0.2.1:1009|UDP|id 77|ip 20",
		"192.0.2.1|ICMP EchoRequest|id 77|ip 20",
		"[2001:db8::1]:1010|SYN|label 703710|ip 48",
		"2001:db8::1|IP fragment of TCP from byte 48, the last|label 703710|ip 48",
	}
	if !slices.Equal(told, want) {
		t.Errorf("the client's packets are told as\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}

	path := s.saved(playground.SavePcapng{})
	out, err := exec.Command("tcpdump", "-n", "-r", path).Output()
	if got := strings.Count(string(out), "\n"); err != nil || got != len(numbers) {
		t.Errorf("%d packets are in the saved file, %v; %d are listed:\n%s", got, err, len(numbers), out)
	}
	comments := strings.Join(dissect(t, path, "", "frame.comment"), "\n")
	for _, want := range []string{"urgent pointer 4: the last urgent byte is seq 4", "options broken at byte 24 of the TCP header", "broken TCP header: data offset 4",
		"IP fragment of TCP from byte 48, the last", "UDP", "ECN: CE", "sent by the client"} {
		if !strings.Contains(comments, want) {
			t.Errorf("no packet has the comment %q:\n%s", want, comments)
		}
	}
	answer := s.do(&playground.Segments{First: 1, Last: uint64(len(numbers))})
	if len(answer.Segments) != len(numbers) {
		t.Errorf("%d of %d can be asked for", len(answer.Segments), len(numbers))
	}
}

// TestHandmadePacketsInStepMode: a piece of a segment and a broken one wait for the user, as segments do; what carries no
// TCP waits for nobody. A cut cable drops all of them, and says so.
func TestHandmadePacketsInStepMode(t *testing.T) {
	s := openLab(t)
	s.step(true)
	s.output("client", "/usr/bin/python3", "-c", handmade)
	other := func(begins string) *playground.SegmentSent {
		t.Helper()
		return await(s, begins, func(e *playground.SegmentSent) bool { return strings.HasPrefix(e.Other, begins) })
	}
	for _, what := range []string{"broken TCP header: data offset 4", "IP fragment of TCP from byte 0", "IP fragment of TCP from byte 48"} {
		s.deliver(s.held(other(what)))
	}
	s.landed(other("UDP").Segment)
	s.step(false)
	cut := true
	s.do(&playground.SetWire{Cut: &cut})
	before := s.Log().Now().Seq
	s.output("client", "/usr/bin/python3", "-c", handmade)
	again := awaitAfter(s, before, "UDP", func(e *playground.SegmentSent) bool { return e.Other == "UDP" })
	if e := s.intervened(again.Segment, "dropped"); e.By != "cut" {
		t.Errorf("it was dropped by %s", e.By)
	}
}
