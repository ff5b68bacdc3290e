package capture

import (
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/net/bpf"
)

// The least of each packet that the filter looks at.
func ipv4(protocol byte, words int, fragment uint16, payload ...byte) []byte {
	h := make([]byte, 4*words)
	h[0], h[9] = 4<<4|byte(words), protocol
	binary.BigEndian.PutUint16(h[6:], fragment)
	return append(h, payload...)
}

func ipv6(next byte, payload ...byte) []byte {
	h := make([]byte, ipv6Header)
	h[0], h[6] = 6<<4, next
	return append(h, payload...)
}

func tcp(src, dst uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, src), dst)
}

func icmp(kind byte, quoted []byte) []byte {
	return append([]byte{kind, 0, 0, 0, 0, 0, 0, 0}, quoted...)
}

func TestFilter(t *testing.T) {
	const own, other, page = 8330, 8331, 8080
	tests := []struct {
		name   string
		packet []byte
		want   bool
	}{
		{"to the port", ipv4(protoTCP, 5, 0, tcp(other, own)...), true},
		{"from the port", ipv4(protoTCP, 5, 0, tcp(own, other)...), true},
		{"behind IP options", ipv4(protoTCP, 15, 0, tcp(own, other)...), true},
		{"don't fragment", ipv4(protoTCP, 5, 0x4000, tcp(own, other)...), true},
		{"first fragment", ipv4(protoTCP, 5, 0x2000, tcp(own, other)...), true},
		{"later fragment", ipv4(protoTCP, 5, 0x2001, tcp(own, other)...), false},
		{"another port", ipv4(protoTCP, 5, 0, tcp(other, other)...), false},
		{"an excluded port", ipv4(protoTCP, 5, 0, tcp(page, other)...), false},
		{"from the port to an excluded one", ipv4(protoTCP, 5, 0, tcp(own, page)...), false},
		{"from an excluded port to the port", ipv4(protoTCP, 5, 0, tcp(page, own)...), false},
		{"UDP", ipv4(17, 5, 0, tcp(own, own)...), false},
		{"IPv6 to the port", ipv6(protoTCP, tcp(other, own)...), true},
		{"IPv6 from the port", ipv6(protoTCP, tcp(own, other)...), true},
		{"IPv6 another port", ipv6(protoTCP, tcp(other, other)...), false},
		{"IPv6 an excluded port", ipv6(protoTCP, tcp(own, page)...), false},
		{"IPv6 UDP", ipv6(17, tcp(own, own)...), false},
		{"unreachable", ipv4(protoICMP, 5, 0, icmp(3, ipv4(protoTCP, 5, 0, tcp(own, other)...))...), true},
		{"unreachable, options in both headers", ipv4(protoICMP, 15, 0, icmp(3, ipv4(protoTCP, 15, 0, tcp(own, other)...))...), true},
		{"time exceeded", ipv4(protoICMP, 5, 0, icmp(11, ipv4(protoTCP, 6, 0, tcp(other, own)...))...), true},
		{"source quench", ipv4(protoICMP, 5, 0, icmp(4, ipv4(protoTCP, 5, 0, tcp(other, own)...))...), true},
		{"parameter problem", ipv4(protoICMP, 5, 0, icmp(12, ipv4(protoTCP, 5, 0, tcp(other, own)...))...), true},
		{"an echo that looks like an error", ipv4(protoICMP, 5, 0, icmp(8, ipv4(protoTCP, 5, 0, tcp(other, own)...))...), false},
		{"unreachable, another port", ipv4(protoICMP, 5, 0, icmp(3, ipv4(protoTCP, 5, 0, tcp(other, other)...))...), false},
		{"unreachable, an excluded port", ipv4(protoICMP, 5, 0, icmp(3, ipv4(protoTCP, 5, 0, tcp(own, page)...))...), false},
		{"unreachable, UDP", ipv4(protoICMP, 5, 0, icmp(3, ipv4(17, 5, 0, tcp(own, own)...))...), false},
		{"unreachable, a later fragment", ipv4(protoICMP, 5, 0, icmp(3, ipv4(protoTCP, 5, 9, tcp(own, own)...))...), false},
		{"ICMPv6 packet too big", ipv6(protoICMPv6, icmp(2, ipv6(protoTCP, tcp(own, other)...))...), true},
		{"ICMPv6 echo", ipv6(protoICMPv6, icmp(128, ipv6(protoTCP, tcp(own, other)...))...), false},
		{"ICMPv6 another port", ipv6(protoICMPv6, icmp(1, ipv6(protoTCP, tcp(other, other)...))...), false},
		{"ICMPv6 an excluded port", ipv6(protoICMPv6, icmp(1, ipv6(protoTCP, tcp(page, own)...))...), false},
		{"ICMPv6 UDP", ipv6(protoICMPv6, icmp(1, ipv6(17, tcp(own, own)...))...), false},
		{"no IP", append([]byte{5 << 4}, ipv6(protoTCP, tcp(own, own)...)[1:]...), false},
		{"cut off", ipv4(protoTCP, 5, 0, tcp(own, other)[:1]...), false},
		{"empty", nil, false},
	}
	many := make([]uint16, MaxPorts-1) // as many as there may be, the wanted one in the middle
	for i := range many {
		many[i] = uint16(20000 + i)
	}
	many[len(many)/2] = own
	for name, ports := range map[string][]uint16{"one port": {own}, "many ports": many, "twice the same": {own, own}} {
		program, err := filterProgram(ports, []uint16{page}, 99)
		if err != nil {
			t.Fatal(err)
		}
		vm, err := bpf.NewVM(program)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range tests {
			want := 0
			if tt.want {
				want = 99
			}
			if got, err := vm.Run(tt.packet); err != nil || got != want {
				t.Errorf("%s, %s: got %d bytes, %v; want %d", name, tt.name, got, err, want)
			}
		}
	}
}

// TestFilterPorts runs through every port of the largest filter, and those beside it.
func TestFilterPorts(t *testing.T) {
	var ports, exclude []uint16
	for i := range MaxPorts / 2 {
		ports = append(ports, uint16(1+4*i))
		exclude = append(exclude, uint16(3+4*i))
	}
	program, err := filterProgram(ports, exclude, 1000)
	if err != nil {
		t.Fatal(err)
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	for port := range uint16(4 * MaxPorts) {
		for _, packet := range [][]byte{ipv4(protoTCP, 5, 0, tcp(port, 0)...), ipv6(protoTCP, tcp(0, port)...)} {
			n, err := vm.Run(packet)
			if got, want := n > 0, slices.Contains(ports, port); err != nil || got != want {
				t.Fatalf("port %d: got %t, %v; want %t", port, got, err, want)
			}
		}
	}
}

func TestFilterNothing(t *testing.T) {
	program, err := filterProgram(nil, []uint16{1}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := vm.Run(ipv4(protoTCP, 5, 0, tcp(0, 0)...)); n != 0 || err != nil {
		t.Errorf("got %d bytes, %v; want nothing to pass", n, err)
	}
}

func TestFilterTooManyPorts(t *testing.T) {
	ports := make([]uint16, MaxPorts)
	for i := range ports {
		ports[i] = uint16(i)
	}
	if _, err := filterProgram(ports, nil, 1); err != nil {
		t.Error(err)
	}
	if _, err := filterProgram(ports, []uint16{9999}, 1); err == nil {
		t.Errorf("%d ports were accepted", MaxPorts+1)
	}
}
