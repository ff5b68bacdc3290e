package playground

import (
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"socketplayground/playground/sockdiag"
)

// labProgram is a program of the user's that was started on a host of a Lab.
type labProgram struct {
	host    string
	process Process
	endedNS int64 // 0: it runs
}

// ownerMemory is how long after its end a program may still be whose socket is being looked at: a scan and a search lie between.
const ownerMemory = 2 * time.Second

// programStarted takes in a program that runs on a host now; gone is to be called when it has ended. Not the actor's.
func (s *Session) programStarted(run *labRun, host string, cmd *exec.Cmd) (gone func()) {
	p := &labProgram{host: host, process: Process{PID: cmd.Process.Pid, Name: filepath.Base(cmd.Path), Inferred: true}}
	s.ask(func() {
		now := s.now()
		run.ran = slices.DeleteFunc(run.ran, func(p *labProgram) bool { return p.endedNS != 0 && now-p.endedNS > int64(ownerMemory) })
		run.ran = append(run.ran, p)
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
		if p.host != c.place.host || p.endedNS != 0 && s.now()-p.endedNS > int64(ownerMemory) {
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
