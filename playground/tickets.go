package playground

import (
	"io"
	"time"
)

// export is a file that waits to be fetched.
type export struct {
	name    string
	session *Session
	size    int64 // what it holds, or will while it is written
	expiry  *time.Timer
	write   func(io.Writer) error
}

// offer answers with a ticket for a file about some sockets; size is what the file takes in memory until it is fetched.
func (s *Session) offer(sockets []string, extension string, size int64, write func(io.Writer) error) (Reply, *Error) {
	name := "socketplayground"
	if len(sockets) == 1 {
		name += "-" + sockets[0]
	}
	ticket, refusal := s.exported(&export{name: name + s.started.Format("-2006-01-02-150405") + extension, session: s, size: size, write: write})
	if refusal != nil {
		return Reply{}, refusal
	}
	return Reply{Download: ticket}, nil
}

// keep holds a file for a while and gives the ticket that fetches it.
func (m *Manager) keep(e *export) (string, *Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || e.session.ctx.Err() != nil {
		return "", errEnded()
	}
	waiting := 0
	for _, other := range m.exports {
		if other.session == e.session {
			waiting++
		}
	}
	if waiting >= MaxExports {
		return "", refuse(CodeQuotaExceeded, "", "%d files of this session wait to be fetched; fetch one, or try again in a minute.", MaxExports)
	}
	switch e.session.shares.exports.Take(e.size) {
	case ShareUsed:
		return "", refuse(CodeQuotaExceeded, "", "The files that wait to be fetched are too large together; fetch one, save fewer sockets, or try again in a minute.")
	case PoolUsed:
		return "", refuse(CodeQuotaExceeded, "", "The files that all sessions wait for are too large together; save fewer sockets, or try again in a minute.")
	}
	ticket := newKey()
	e.expiry = time.AfterFunc(m.cfg.ExportLife, func() { m.drop(ticket) })
	m.exports[ticket] = e
	return ticket, nil
}

// drop forgets a file that nobody has fetched.
func (m *Manager) drop(ticket string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.exports[ticket]; ok {
		delete(m.exports, ticket)
		e.session.shares.exports.Give(e.size)
	}
}

// dropAll forgets the files of a session that has ended.
func (m *Manager) dropAll(s *Session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ticket, e := range m.exports {
		if e.session == s {
			e.expiry.Stop()
			delete(m.exports, ticket)
		}
	}
}

// Exports is how many files wait to be fetched.
func (m *Manager) Exports() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.exports)
}

// Export gives a file up, once: its name, and what writes it, which is to be called, once. ok is false for a ticket that
// is unknown, used or old.
func (m *Manager) Export(ticket string) (name string, write func(io.Writer) error, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.exports[ticket]
	if !ok {
		return "", nil, false
	}
	e.expiry.Stop()
	delete(m.exports, ticket)
	return e.name, func(w io.Writer) error {
		defer e.session.shares.exports.Give(e.size)
		return e.write(w)
	}, true
}
