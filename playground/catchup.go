package playground

import (
	"context"
	"errors"
	"time"
)

// catchUpTime bounds how long somebody waits for segments that have crossed and are not read yet.
const catchUpTime = time.Second

// showsSegments says whether a command shows what has crossed until now.
func showsSegments(cmd Command) bool {
	switch c := cmd.(type) {
	case *SavePcapng, *Segments, *Programs:
		return true
	case *Payload:
		return c.Segment != 0
	}
	return false
}

// catchUp returns when all segments are taken in that were sent until now: they are read off this machine's loopback and off
// the Lab's wire some time after they have crossed. Where they come so fast that this takes too long, the log says so.
func (s *Session) catchUp(ctx context.Context) {
	var run *labRun
	if !s.ask(func() { run = s.lab }) {
		return
	}
	limited, cancel := context.WithTimeout(ctx, catchUpTime)
	defer cancel()
	err := s.captures.caughtUp(limited, s)
	if run != nil {
		err = errors.Join(err, run.lab.CaughtUp(limited))
	}
	s.ask(func() { // which begins with what was read
		s.interest() // the log has what was lost
		if err != nil && ctx.Err() == nil && s.lab == run {
			s.notice("", "warning", "segments_late", "Segments come faster than they can be read: of the newest, some are missing here.")
		}
		s.flushLog()
	})
}
