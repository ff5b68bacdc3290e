package playground

import "time"

// dropsEvery is how often the kernel is asked what it dropped, while there is traffic that is summarised: only then is
// there so much of it that a receive buffer can be full.
const dropsEvery = time.Second

// countDrops tells how many packets the kernel had to drop before anybody could read them. They are in no summary.
// The actor's.
func (s *Session) countDrops(now int64) {
	if now-s.dropsAt < int64(dropsEvery) {
		return
	}
	s.dropsAt = now
	run := s.lab
	s.spawn(func() {
		here, there := s.captures.drops(), run.drops()
		s.post(func() {
			s.tellDrops(&s.dropped, here, "segments of this machine that came faster than they could be captured")
			if run != nil && run == s.lab {
				s.tellDrops(&run.dropped, there, "packets that a host of the Lab sent faster than the wire took them; TCP sends them again")
			}
		})
	})
}

// tellDrops tells by how much a counter has grown. A capture that began anew counts from 0.
func (s *Session) tellDrops(told *uint64, total uint64, what string) {
	if total > *told {
		s.emit("", "", &EventsLost{Count: int64(total - *told), What: what})
	}
	*told = total
}

// drops is how many packets of both hosts never reached the wire; 0 where that cannot be asked.
func (l *labRun) drops() (n uint64) {
	if l == nil {
		return 0
	}
	for _, p := range []*place{l.client, l.server} {
		if d, err := p.network.(labHost).host.Drops(); err == nil {
			n += d
		}
	}
	return n
}
