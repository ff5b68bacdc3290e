package playground

// formerSocket is what tells a socket's segments, and what stays of one that was removed: its segments are kept longer than
// it, and their rows show its name. No other socket of the session gets that name.
type formerSocket struct {
	kind   string
	lab    *labRun // nil: this machine
	target *target // nil: nobody knew its addresses
	until  int64   // ns: what crossed later between its addresses is another connection's
}

// has says whether a kept packet is one of the socket's: of a listener's, of all its connections.
func (f formerSocket) has(k *keptPacket) bool {
	t, key := f.target, k.flow.key
	switch {
	case t == nil || k.leftNS > f.until:
		return false
	case f.kind == KindListener || !t.remote.IsValid():
		return key.lab == f.lab && (key.a.Port() == t.local.Port() || key.b.Port() == t.local.Port())
	}
	return key == flowOf(f.lab, unmapped(t.local), unmapped(t.remote))
}

// maxFormer bounds the sockets that are remembered: some 100 bytes each.
const maxFormer = 8192

// formerSockets are the sockets that were removed, the newest of them.
type formerSockets struct {
	sockets map[string]formerSocket
	order   []string
}

func (f *formerSockets) add(c *socket, now int64) {
	if f.sockets == nil {
		f.sockets = map[string]formerSocket{}
	}
	if len(f.order) >= maxFormer {
		delete(f.sockets, f.order[0])
		f.order = f.order[1:]
	}
	f.sockets[c.id] = formerSocket{kind: c.kind, lab: c.place.lab, target: c.target.Load(), until: now}
	f.order = append(f.order, c.id)
}

// had says whether one of the sockets had these addresses.
func (f *formerSockets) had(t target) bool {
	for _, was := range f.sockets {
		if was.target != nil && was.target.pair() == t.pair() {
			return true
		}
	}
	return false
}
