package playground_test

import (
	"slices"
	"testing"

	"socketplayground/playground"
	"socketplayground/playground/code"
)

// TestCodeHops: a TTL of the story is that of the packets of its programs, whichever family they are of.
func TestCodeHops(t *testing.T) {
	in := openWith(t, playground.Config{Labs: needLabs(t)}).manager
	for name, c := range map[string]struct{ listen, dial string }{
		"IPv4":                          {"192.0.2.2:8330", "192.0.2.2:8330"},
		"IPv6":                          {"[2001:db8::2]:8330", "[2001:db8::2]:8330"},
		"IPv4 with an IPv6 listener":    {":8330", "192.0.2.2:8330"},
		"IPv6 with a listener for both": {"[::]:8330", "[2001:db8::2]:8330"},
		"a name":                        {":8330", "server:8330"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := visit(t, in)
			s.do(&playground.OpenLab{})
			l, _ := s.listen(playground.Listen{Network: inLab, Address: c.listen, Options: options("TTL", 33)})
			client := s.dial(playground.Dial{Network: inLab, Address: c.dial, ReadMode: playground.ReadManual, Options: options("TTL", 7)})
			server := s.accept(l)
			s.setOption(server, "TTL", 9)
			s.write(client, "from the client")
			s.write(server, "from the server")
			s.read(client)
			s.read(server)
			s.setOption(client, "TTL", 8)
			s.write(client, "with another")
			s.read(server)
			want := hopsOf(s)
			if !slices.Equal(want["client"], []int64{7, 8}) || !slices.Equal(want["server"], []int64{9}) {
				t.Fatalf("the story's TTLs are %v", want)
			}
			story := &play{s.Log().Story(), s.Log().Events(0)}
			s.do(&playground.Close{All: true})
			for _, language := range code.Languages() {
				if language == "shell" {
					continue // nc sets none, and says so
				}
				t.Run(language, func(t *testing.T) {
					got := hopsOf(meet(t, in, story, language).session)
					for _, host := range hosts {
						if !slices.Equal(got[host], want[host]) {
							t.Errorf("the %s's data goes with TTL %v, want %v", host, got[host], want[host])
						}
					}
				})
			}
		})
	}
}

// firstData says whether a segment has data that was not sent before.
func firstData(e *playground.SegmentSent) bool { return e.Len > 0 && e.Of == 0 }

// hopsOf waits for three segments with data, and gives their TTLs by the host that sent them.
func hopsOf(s *session) map[string][]int64 {
	s.t.Helper()
	seen := 0
	await(s, "three segments with data", func(e *playground.SegmentSent) bool {
		if firstData(e) {
			seen++
		}
		return seen == 3
	})
	ttls := map[string][]int64{}
	for _, e := range s.Log().Events(0) {
		if e, ok := e.(*playground.SegmentSent); ok && firstData(e) {
			ttls[e.From] = append(ttls[e.From], e.TTL)
		}
	}
	return ttls
}
