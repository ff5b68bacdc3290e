package playground

import (
	"maps"
	"os/exec"
	"path/filepath"
	"slices"

	"socketplayground/playground/sockdiag"
)

// labProgram is a program of the user's that was started on a host of a Lab.
type labProgram struct {
	place     *place
	process   Process
	startedNS int64
	endedNS   int64 // 0: it runs
}

// maxRan bounds the programs that are remembered; of that many nobody can say which it was.
const maxRan = 16

// programStarted takes in a program that runs on a host, since a time before it could open anything; gone is to be called
// when it has ended. Not the actor's.
func (s *Session) programStarted(run *labRun, host string, cmd *exec.Cmd, since int64) (gone func()) {
	p := &labProgram{place: run.on(host), process: Process{PID: cmd.Process.Pid, Name: filepath.Base(cmd.Path), Inferred: true}, startedNS: since}
	s.ask(func() {
		// What one has left behind was found by the scan after its end, if not before.
		run.ran = slices.DeleteFunc(run.ran, func(p *labProgram) bool { return p.endedNS != 0 && p.endedNS < p.place.scannedAt })
		run.ran = append(run.ran[max(0, len(run.ran)-maxRan):], p)
		s.lastScan = 0
	})
	return func() {
		s.post(func() {
			p.endedNS = s.now()
			s.lastScan = 0 // what it left behind is looked at once more
		})
	}
}

// inferOwner names the program of a socket that nobody holds any more, if only one ran there. The actor's.
func (s *Session) inferOwner(c *socket) {
	run := c.place.lab
	if run == nil || run != s.lab {
		return
	}
	var only *labProgram
	running := int64(0)
	for _, p := range run.ran {
		if p.endedNS == 0 {
			running++
		}
		if p.place != c.place || p.startedNS > c.opened || p.endedNS != 0 && p.endedNS < c.absentAt {
			continue
		}
		if only != nil {
			return
		}
		only = p
	}
	if only != nil && run.programs.Load() <= running { // a demo's program is another
		s.emit(c.id, SourceInferred, &ProcessFound{Process: only.process})
	}
}

// closedByProgram says whether a connection in that state has no file because a program closed it, and not because none
// has accepted it.
func closedByProgram(state sockdiag.State) bool {
	return slices.Contains([]sockdiag.State{sockdiag.FinWait1, sockdiag.FinWait2, sockdiag.Closing, sockdiag.LastAck, sockdiag.TimeWait}, state)
}

// findOwners starts one search for the processes of all sockets met since the last: it reads every descriptor there is.
func (s *Session) findOwners() {
	if s.searching || len(s.unowned) == 0 {
		return
	}
	met := s.unowned
	s.unowned, s.searching = map[uint32]*socket{}, true
	s.spawn(func() {
		owners := s.owners(slices.Collect(maps.Keys(met)))
		s.post(func() {
			s.searching = false
			for _, inode := range slices.Sorted(maps.Keys(met)) {
				c := met[inode]
				if s.sockets[c.id] != c {
					continue
				}
				if p, ok := owners[inode]; ok {
					s.emit(c.id, SourceSockDiag, &ProcessFound{Process: Process{PID: p.PID, Name: p.Name}})
				} else {
					s.inferOwner(c)
				}
			}
		})
	})
}
