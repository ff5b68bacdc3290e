package playground

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"socketplayground/playground/wire"
)

// quietTap is a tap on the wire of a Lab whose connections are all quiet: both ends are known to be in a state that lasts.
func quietTap(packets ...*wire.Packet) *tap {
	s := &Session{started: time.Now(), inbox: make(chan func(), 1)}
	s.trace = newTrace(s)
	run := &labRun{client: &place{host: "client"}, server: &place{host: "server"}}
	run.client.lab, run.server.lab = run, run
	for _, p := range packets {
		src, dst := tapEnd(p.Data[12:], p.Data[20:]), tapEnd(p.Data[16:], p.Data[22:])
		s.trace.flow(run, src, dst).quiet = true
	}
	return newTap(s, run)
}

func tapEnd(address, port []byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(address)), binary.BigEndian.Uint16(port))
}

// tapPacket is a segment between the hosts of a Lab, with the options that Linux gives it.
func tapPacket(d wire.Direction, payload int) *wire.Packet {
	b := make([]byte, 20+32+payload)
	copy(b, []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6})
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	client, server := []byte{192, 0, 2, 1, 0x9c, 0x40}, []byte{192, 0, 2, 2, 0x20, 0x8a}
	if d == wire.ToClient {
		client, server = server, client
	}
	copy(b[12:], client[:4])
	copy(b[16:], server[:4])
	copy(b[20:], client[4:])
	copy(b[22:], server[4:])
	copy(b[32:], []byte{8 << 4, 0x18, 1, 0xf6, 0, 0, 0, 0, 1, 1, 8, 10})
	return &wire.Packet{Direction: d, Data: b}
}

// BenchmarkTap is what the tap costs of a segment that is neither listed nor looked at, as are nearly all of a fast
// connection. Two carry data, each answered by the other.
func BenchmarkTap(b *testing.B) {
	for _, bb := range []struct {
		name    string
		payload int
	}{{"64B", 64}, {"1448B", 1448}} {
		b.Run(bb.name, func(b *testing.B) {
			packets := [2]*wire.Packet{tapPacket(wire.ToServer, bb.payload), tapPacket(wire.ToClient, bb.payload)}
			t := quietTap(packets[0])
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				p := packets[n&1]
				binary.BigEndian.PutUint32(p.Data[24:], uint32(n/2*bb.payload+1))
				binary.BigEndian.PutUint32(p.Data[28:], uint32((n+1)/2*bb.payload+1))
				p.LeftAt, p.LandedAt = t.s.started, t.s.started
				t.Sent(p)
				t.Landed(p, nil)
			}
			if len(t.s.trace.flows) != 1 || t.s.trace.pending() != (b.N > segmentFlowBurst) {
				b.Errorf("%d connections", len(t.s.trace.flows))
			}
		})
	}
}
