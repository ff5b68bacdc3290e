package playground

import "time"

// dropsEvery is how often the kernel is asked what it dropped, while there is traffic that is summarised: only then is
// there so much of it that a host's device can be full.
const dropsEvery = time.Second

// countDrops tells how many packets a Lab's hosts sent that the wire never got. They are in no summary. The actor's.
func (s *Session) countDrops(now int64) {
	run := s.lab
	if run == nil || now-run.dropsAt < int64(dropsEvery) {
		return
	}
	run.dropsAt = now
	s.spawn(func() {
		total := run.drops()
		s.post(func() {
			if n := int64(total - run.dropped); n > 0 && run == s.lab {
				run.dropped = total
				s.emit("", "", &EventsLost{Count: n, What: "packets that a host of the Lab sent faster than the wire took them; TCP sends them again"})
			}
		})
	})
}

// drops is how many packets of both hosts never reached the wire; 0 where that cannot be asked.
func (l *labRun) drops() (n uint64) {
	for _, p := range []*place{l.client, l.server} {
		if d, err := p.network.(labHost).host.Drops(); err == nil {
			n += d
		}
	}
	return n
}
