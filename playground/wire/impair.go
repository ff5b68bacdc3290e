package wire

import (
	"math/rand/v2"
	"time"
)

// dice is the chance of one direction.
type dice struct{ rand *rand.Rand }

func (d *dice) unset() bool { return d.rand == nil }

// seed starts anew. The directions differ, or what is lost one way would be lost the other way too.
func (d *dice) seed(seed int64, way Direction) {
	d.rand = rand.New(rand.NewPCG(uint64(seed), uint64(way)))
}

// fate is what may befall a packet. Each packet draws all of it, so that turning up one chance leaves what the others
// strike as it was.
type fate struct{ loss, duplicate, corrupt, reorder bool }

func (d *dice) roll(m *Impairment) fate {
	strikes := func(percent float64) bool { return d.rand.Float64()*100 < percent }
	return fate{strikes(m.Loss), strikes(m.Duplicate), strikes(m.Corrupt), strikes(m.Reorder)}
}

// delay is how long the delay is this time.
func (d *dice) delay(m *Impairment) time.Duration {
	if m.Jitter == 0 {
		return m.Delay
	}
	return max(0, m.Delay-m.Jitter+time.Duration(d.rand.Int64N(2*int64(m.Jitter)+1)))
}

// corrupt returns a copy of an IP packet with one bit changed, behind the IP header where there is something: a bit of
// the IP header would mostly be caught by IP, and it is TCP's checksum, which finds every single bit, that is looked at.
func (d *dice) corrupt(packet []byte) []byte {
	out := append([]byte(nil), packet...)
	from := headerLen(out)
	if from >= len(out) {
		from = 0
	}
	if len(out) > 0 {
		out[from+d.rand.IntN(len(out)-from)] ^= 1 << d.rand.IntN(8)
	}
	return out
}

// headerLen is the length of the IP header.
func headerLen(packet []byte) int {
	switch {
	case len(packet) >= ipv4Header && packet[0]>>4 == 4:
		return max(ipv4Header, int(packet[0]&15)*4)
	case len(packet) >= ipv6Header && packet[0]>>4 == 6:
		return ipv6Header
	}
	return 0
}
