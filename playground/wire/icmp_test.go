package wire_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

func TestTooBig(t *testing.T) {
	t.Parallel()
	change := func(p []byte, at int, b ...byte) []byte {
		p = slices.Clone(p)
		copy(p[at:], b)
		return p
	}
	v4, v6 := data(string(make([]byte, 1400))), tcp6(string(make([]byte, 1400)))
	ping, pingV6 := change(change(v4, 9, 1), 20, 8), change(change(v6, 6, 58), 40, 128)
	tests := []struct {
		name   string
		mtu    int
		packet []byte
		want   string // what becomes of it
		told   int    // the MTU in the answer; 0: no answer
	}{
		{"IPv4 that fits", 1440, v4, "landed", 0},
		{"IPv4", 1439, v4, "dropped", 1439},
		{"IPv4 without DF", 1000, change(v4, 6, 0), "dropped", 0},
		{"IPv4, a later fragment", 1000, change(v4, 6, 0x40, 1), "dropped", 0},
		{"IPv4, to many", 1000, change(v4, 16, 224), "dropped", 0},
		{"ICMP echo", 1000, ping, "dropped", 1000},
		{"ICMP error", 1000, change(ping, 20, 3), "dropped", 0},
		{"IPv6", 1400, v6, "dropped", 1400},
		{"IPv6, where the MTU is less than IPv6 allows", 600, v6, "dropped", 1280},
		{"IPv6 of 1280", 600, v6[:1280], "landed", 0},
		{"IPv6, to many", 1300, change(v6, 24, 0xff, 2), "dropped", 0},
		{"ICMPv6 echo", 1300, pingV6, "dropped", 1300},
		{"ICMPv6 error", 1300, change(pingV6, 40, 1), "dropped", 0},
		{"not IP", 1000, make([]byte, 1001), "dropped", 0},
		{"IPv4 cut off", 1000, change(make([]byte, 1001), 0, 0x4f), "dropped", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.set(wire.Settings{ToServer: wire.Impairment{MTU: tt.mtu}})
				r.send(wire.ToServer, tt.packet)
				switch {
				case tt.want == "landed":
					r.want("0ms 1 sent", "0ms 1 landed")
				case tt.told == 0:
					r.want("0ms 1 sent", "0ms 1 dropped by mtu")
				default:
					r.want("0ms 1 sent", "0ms 1 dropped by mtu, answer 2", "0ms 2 landed")
					checkAnswer(t, tt.packet, r.client.written()[0], tt.told)
				}
			})
		})
	}
}

// checkAnswer takes the answer apart by the RFCs.
func checkAnswer(t *testing.T, packet, answer []byte, mtu int) {
	t.Helper()
	summed := func(parts ...[]byte) uint32 {
		s := uint32(0)
		for _, p := range parts {
			if len(p)%2 == 1 {
				p = append(slices.Clone(p), 0)
			}
			for ; len(p) > 0; p = p[2:] {
				s += uint32(binary.BigEndian.Uint16(p))
			}
		}
		for s > 0xffff {
			s = s>>16 + s&0xffff
		}
		return s
	}
	var icmp []byte
	if answer[0]>>4 == 4 {
		icmp = answer[20:]
		if got := int(binary.BigEndian.Uint16(icmp[6:])); icmp[0] != 3 || icmp[1] != 4 || got != mtu {
			t.Errorf("type %d code %d MTU %d, want 3, 4, %d", icmp[0], icmp[1], got, mtu)
		}
		if len(answer) != 576 || int(binary.BigEndian.Uint16(answer[2:])) != len(answer) || answer[9] != 1 || answer[8] == 0 {
			t.Errorf("%d bytes with the header % x", len(answer), answer[:20])
		}
		if !bytes.Equal(answer[12:16], packet[16:20]) || !bytes.Equal(answer[16:20], packet[12:16]) {
			t.Errorf("the answer goes from %v to %v", answer[12:16], answer[16:20])
		}
		if summed(answer[:20]) != 0xffff || summed(icmp) != 0xffff {
			t.Errorf("checksums are wrong: %#x and %#x", summed(answer[:20]), summed(icmp))
		}
	} else {
		icmp = answer[40:]
		if got := int(binary.BigEndian.Uint32(icmp[4:])); icmp[0] != 2 || icmp[1] != 0 || got != mtu {
			t.Errorf("type %d code %d MTU %d, want 2, 0, %d", icmp[0], icmp[1], got, mtu)
		}
		if len(answer) != 1280 || int(binary.BigEndian.Uint16(answer[4:])) != len(icmp) || answer[6] != 58 || answer[7] == 0 {
			t.Errorf("%d bytes with the header % x", len(answer), answer[:40])
		}
		if !bytes.Equal(answer[8:24], packet[24:40]) || !bytes.Equal(answer[24:40], packet[8:24]) {
			t.Errorf("the answer goes from %x to %x", answer[8:24], answer[24:40])
		}
		length := binary.BigEndian.AppendUint32(nil, uint32(len(icmp)))
		if s := summed(answer[8:40], length, []byte{0, 58}, icmp); s != 0xffff {
			t.Errorf("the checksum is wrong: %#x", s)
		}
	}
	if !bytes.Equal(icmp[8:], packet[:len(icmp)-8]) {
		t.Error("what it quotes is not how the packet begins")
	}
}

// The decoder of package segment reads the answer as an error about the connection.
func TestAnswerDecodes(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.set(wire.Settings{ToServer: wire.Impairment{MTU: 1300}})
		r.send(wire.ToServer, data(string(make([]byte, 1400))), tcp6(string(make([]byte, 1400))))
		for i, address := range []string{"192.0.2.1", "2001:db8::1"} {
			var s segment.Segment
			if err := segment.NewDecoder().Decode(r.client.written()[i], &s); err != nil || s.ICMP == nil {
				t.Fatalf("decoded to %+v, %v", s, err)
			}
			want := netip.AddrPortFrom(netip.MustParseAddr(address), 40000)
			if s.ICMP.MTU != 1300 || s.ICMP.About[0] != want || s.Dst.Addr() != want.Addr() {
				t.Errorf("decoded to %+v for %v", s.ICMP, s.Dst)
			}
		}
		if a := r.seen.landed[0]; a.Direction != wire.ToClient {
			t.Errorf("the answer went %v", a.Direction)
		}
	})
}
