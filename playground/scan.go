package playground

import (
	"slices"
	"time"

	"socketplayground/playground/sockdiag"
)

// scanRequest asks for all sockets of a place that use a port; 0 is any port.
type scanRequest struct {
	place *place
	port  uint16
}

type scanResult struct {
	place *place
	at    int64
	rows  []sockdiag.Socket
	whole bool // nothing that was asked for is missing
}

// scan looks for sockets, outside the actor. What cannot be asked for gives no rows; the lookups of our own sockets
// tell why.
func (s *Session) scan(r scanRequest) scanResult {
	f := scanResult{place: r.place, at: s.now(), whole: true}
	r.place.steady(func() {
		filters := [][2]uint16{{r.port, 0}, {0, r.port}}
		if r.port == 0 {
			filters = filters[:1]
		}
		for _, ports := range filters {
			rows, err := r.place.observer.dump(s.ctx, ports[0], ports[1])
			if err == nil {
				f.rows = append(f.rows, rows...)
			}
			f.whole = f.whole && err == nil
		}
	})
	return f
}

// scanned takes in what a scan found, sockets of other programs among it.
func (s *Session) scanned(f scanResult) {
	if f.place.lab != nil && f.place.lab != s.lab {
		return // closed meanwhile
	}
	for _, r := range f.rows {
		if c := s.meet(f.place, r); c != nil && c.seen < f.at && c.closedAt == 0 {
			s.took(c, observation{place: f.place, at: f.at, found: true, source: SourceSockDiag, state: kernelState(r.State), row: r}, cause{})
			s.linkPeer(c)
		}
	}
	if f.place.lab != nil && f.whole {
		f.place.scannedAt = f.at
	}
}

// scanList says where to look for other programs' sockets, when it is time.
func (s *Session) scanList(now int64) []scanRequest {
	if s.lastScan != 0 && now-s.lastScan < int64(s.scanInterval()) {
		return nil
	}
	var list []scanRequest
	if s.lab != nil && s.lab.programs.Load() > 0 {
		list = append(list, scanRequest{place: s.lab.client}, scanRequest{place: s.lab.server})
	}
	s.interest()
	if ports := s.machinePorts(); s.machine.observer.err == nil {
		if len(ports) > scanPorts { // in turn
			s.scanFrom = (s.scanFrom + scanPorts) % len(ports)
			ports = append(ports[s.scanFrom:], ports[:s.scanFrom]...)[:scanPorts]
		}
		for _, p := range ports {
			list = append(list, scanRequest{place: s.machine, port: p})
		}
	}
	if len(list) > 0 {
		s.lastScan = max(now, 1)
	}
	return list
}

// scanInterval is short where somebody waits for what another program does.
func (s *Session) scanInterval() time.Duration {
	if s.awaitsOthers() {
		return watchEvery
	}
	return scanEvery
}

// awaitsOthers says whether a port is watched, or a program of the user runs in the Lab.
func (s *Session) awaitsOthers() bool {
	return len(s.watched) > 0 || s.lab != nil && s.lab.programs.Load() > 0
}

// machinePorts are the ports of this machine that the session uses or watches.
func (s *Session) machinePorts() []uint16 {
	var ports []uint16
	add := func(port uint16) {
		if port != 0 && !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	for port := range s.watched {
		add(port)
	}
	for _, c := range s.order {
		t := c.target.Load()
		switch {
		case !c.place.machine() || c.kind == KindOther || t == nil || c.over():
		case c.kind == KindListener:
			add(t.local.Port())
		case c.listener == nil: // else its listener's port
			add(t.remote.Port())
		}
	}
	return ports
}
