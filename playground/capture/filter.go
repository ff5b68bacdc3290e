package capture

import (
	"fmt"
	"slices"

	"golang.org/x/net/bpf"
)

// Protocol numbers (RFC 9293, RFC 792, RFC 4443).
const (
	protoICMP   = 1
	protoTCP    = 6
	protoICMPv6 = 58
)

const (
	ipv6Header    = 40
	icmpHeader    = 8
	fragmentMask  = 0x1fff // the offset in the IPv4 fragment field (RFC 791 §3.1)
	icmpv6NoError = 0x80   // set in the type of every ICMPv6 message that is no error (RFC 4443 §2.1)
)

// filterProgram is a classic BPF program for packets that begin with their IP header. It passes the first snapLen
// bytes of a TCP packet with one of the ports at either end, and of an ICMP error that quotes one; never a packet
// with an excluded port.
func filterProgram(ports, exclude []uint16, snapLen int) ([]bpf.Instruction, error) {
	ports, exclude = distinct(ports), distinct(exclude)
	if n := len(ports) + len(exclude); n > MaxPorts {
		return nil, fmt.Errorf("capture: %d ports are more than a filter holds; ask for %d at most", n, MaxPorts-len(exclude))
	}
	if len(ports) == 0 {
		return []bpf.Instruction{drop}, nil
	}
	v4, v6 := findTCP4(), findTCP6()
	return slices.Concat(
		[]bpf.Instruction{
			bpf.LoadAbsolute{Off: 0, Size: 1},
			bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: 4}, // the IP version
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: 4, SkipFalse: uint8(len(v4) + 1)},
		},
		v4,
		[]bpf.Instruction{
			bpf.Jump{Skip: uint32(2 + len(v6))}, // the check of version 6, and what belongs to it
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: 6, SkipTrue: 1}, drop,
		},
		v6,
		// X is where a TCP header begins, that of the packet or a quoted one.
		eitherPort(exclude, drop),
		eitherPort(ports, bpf.RetConstant{Val: uint32(snapLen)}),
		[]bpf.Instruction{drop},
	), nil
}

var drop = bpf.RetConstant{Val: 0}

// distinct is a sorted copy without repetitions.
func distinct(ports []uint16) []uint16 { return slices.Compact(slices.Sorted(slices.Values(ports))) }

// findTCP4 puts into X where the TCP header is in an IPv4 packet or in the packet that its ICMP error quotes.
func findTCP4() []bpf.Instruction {
	quoted := []bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: protoICMP, SkipTrue: 1}, drop,
		bpf.LoadIndirect{Off: 0, Size: 1},                     // the errors among the types (RFC 1122 §3.2.2), redirects left out
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 3, SkipTrue: 4},  // destination unreachable
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 4, SkipTrue: 3},  // source quench
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 11, SkipTrue: 2}, // time exceeded
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 12, SkipTrue: 1}, // parameter problem
		drop,
		bpf.LoadIndirect{Off: icmpHeader + 9, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: protoTCP, SkipTrue: 1}, drop,
		bpf.LoadIndirect{Off: icmpHeader + 6, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: fragmentMask, SkipTrue: 1}, drop,
		bpf.LoadIndirect{Off: icmpHeader, Size: 1},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf},
		bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2}, // the length of the quoted header
		bpf.ALUOpX{Op: bpf.ALUOpAdd},
		bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: icmpHeader},
		bpf.TAX{},
	}
	return append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 6, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: fragmentMask, SkipTrue: 1}, drop,
		bpf.LoadMemShift{Off: 0}, // the length of the header
		bpf.LoadAbsolute{Off: 9, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: protoTCP, SkipTrue: uint8(len(quoted))},
	}, quoted...)
}

// findTCP6 does the same in an IPv6 packet.
func findTCP6() []bpf.Instruction {
	quoted := []bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: protoICMPv6, SkipTrue: 1}, drop,
		bpf.LoadAbsolute{Off: ipv6Header, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: icmpv6NoError, SkipTrue: 1}, drop,
		bpf.LoadAbsolute{Off: ipv6Header + icmpHeader + 6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: protoTCP, SkipTrue: 1}, drop,
		bpf.LoadConstant{Dst: bpf.RegX, Val: ipv6Header + icmpHeader + ipv6Header},
	}
	return append([]bpf.Instruction{
		bpf.LoadConstant{Dst: bpf.RegX, Val: ipv6Header},
		bpf.LoadAbsolute{Off: 6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: protoTCP, SkipTrue: uint8(len(quoted))},
	}, quoted...)
}

// eitherPort ends with the verdict if the source or the destination port is one of the ports, and falls through
// otherwise.
func eitherPort(ports []uint16, verdict bpf.Instruction) []bpf.Instruction {
	var program []bpf.Instruction
	for _, offset := range []uint32{0, 2} {
		program = append(program, bpf.LoadIndirect{Off: offset, Size: 2})
		for some := range slices.Chunk(ports, 200) { // a conditional jump spans 255 instructions at most
			for i, p := range some {
				program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(p), SkipTrue: uint8(len(some) - i)})
			}
			program = append(program, bpf.Jump{Skip: 1}, verdict)
		}
	}
	return program
}
