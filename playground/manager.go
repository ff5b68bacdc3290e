package playground

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"socketplayground/playground/owner"
)

// Config is what a Manager needs.
type Config struct {
	Network     Network                                        // this machine
	Labs        Labs                                           // nil: there are none
	Program     Program                                        // nil: demos start no programs
	Exec        string                                         // the command that runs a program in a Lab, as the page shows it; empty: there is none
	Owners      func(inodes []uint32) map[uint32]owner.Process // who holds sockets; nil: owner.Find
	Exclude     []uint16                                       // TCP ports whose segments are never shown: the page's own
	NoCapture   bool                                           // segments of this machine are not to be captured, whatever the rights
	Logger      *slog.Logger
	Descriptors int64         // how many descriptors sockets may use, over all sessions; 0 is MaxSockets
	Linger      time.Duration // how long a session outlives its last viewer; 0 is SessionLinger
	ExportLife  time.Duration // how long a file waits to be fetched; 0 is ExportLife
}

// Manager holds the sessions of a server.
type Manager struct {
	cfg      Config
	observer *observer
	captures *captures
	pools    *pools
	ctx      context.Context
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	keeper   sync.Once // runs pools.kept

	mu       sync.Mutex
	sessions map[string]*entry
	numbers  uint64 // session numbers given
	exports  map[string]*export
	closed   bool
}

type entry struct {
	session *Session
	guest   *netip.Prefix // where who began it with the code comes from; nil: the user began it
	viewers int
	expiry  *time.Timer // runs while nobody looks
}

// NewManager checks the configuration. It starts nothing; Close ends what Open started.
func NewManager(cfg Config) (*Manager, error) {
	if cfg.Network == nil {
		return nil, errors.New("playground: a Config needs a Network")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Owners == nil {
		cfg.Owners = owner.Find
	}
	if cfg.Descriptors <= 0 {
		cfg.Descriptors = MaxSockets
	}
	cfg.Descriptors = min(cfg.Descriptors, MaxDescriptors)
	if cfg.Linger <= 0 {
		cfg.Linger = SessionLinger
	}
	if cfg.ExportLife <= 0 {
		cfg.ExportLife = ExportLife
	}
	m := &Manager{cfg: cfg, observer: newObserver(observerClients),
		pools: newPools(cfg.Descriptors), sessions: map[string]*entry{}, exports: map[string]*export{}}
	m.captures = newCaptures(cfg)
	m.ctx, m.cancel = context.WithCancel(context.Background())
	return m, nil
}

// Close ends every session, closes every socket, and waits until that is done.
func (m *Manager) Close() {
	m.mu.Lock()
	m.closed = true
	for _, e := range m.sessions {
		e.expiry.Stop()
	}
	m.mu.Unlock()
	m.cancel()
	m.wg.Wait()
	m.captures.close()
	m.observer.close()
}

// Open gives the session with that key to a viewer, or a new one where the key is empty or unknown. The viewer calls
// leave when it goes; a session that nobody looks at ends after Config.Linger.
func (m *Manager) Open(key string) (s *Session, leave func(), err error) {
	return m.open(key, nil)
}

// OpenGuest is Open for somebody who is not known to be the user who runs the program: of new sessions, those have a
// share of the places, and leave the rest to the user. Who comes from one network has at most half of what the others leave.
func (m *Manager) OpenGuest(key string, from netip.Prefix) (s *Session, leave func(), err error) {
	return m.open(key, &from)
}

func (m *Manager) open(key string, guest *netip.Prefix) (s *Session, leave func(), err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, nil, refuse(CodeConflict, "", "The server is stopping; start it again and reload.")
	}
	e, ok := m.sessions[key]
	if !ok {
		if len(m.sessions) >= MaxSessions {
			return nil, nil, refuse(CodeQuotaExceeded, "", "%d sessions are open, and there may be no more: close other tabs and wait a minute.", MaxSessions)
		}
		if guest != nil {
			if err := m.roomForGuest(*guest); err != nil {
				return nil, nil, err
			}
		}
		e = m.start(guest)
	}
	e.viewers++
	e.expiry.Stop()
	var once sync.Once
	return e.session, func() { once.Do(func() { m.leave(e) }) }, nil
}

// roomForGuest says whether a guest may begin a session. The caller holds mu.
func (m *Manager) roomForGuest(from netip.Prefix) error {
	all, own := 0, 0
	for _, e := range m.sessions {
		if e.guest == nil {
			continue
		}
		all++
		if *e.guest == from {
			own++
		}
	}
	switch left := MaxGuestSessions - (all - own); { // by others
	case all >= MaxGuestSessions:
		return refuse(CodeQuotaExceeded, "", "%d sessions are open that were begun with the code, and there may be no more of these: close other tabs and wait a minute.", MaxGuestSessions)
	case own >= max(left/2, 1):
		return refuse(CodeQuotaExceeded, "", "%d sessions are open that were begun with the code from where you are, and the rest is for others: close other tabs and wait a minute.", own)
	}
	return nil
}

// start makes a session; guest is the network of the guest who begins it, nil: the user does. The caller holds mu.
func (m *Manager) start(guest *netip.Prefix) *entry {
	key := newKey()
	m.numbers++
	s := newSession(m, key, m.numbers)
	s.exported = m.keep
	if guest != nil {
		s.guestsReading = m.pools.guestsReading
	}
	e := &entry{session: s, guest: guest}
	e.expiry = time.AfterFunc(m.cfg.Linger, func() { m.expire(e) })
	m.sessions[key] = e
	m.keeper.Do(func() { m.wg.Go(func() { m.pools.kept.run(m.ctx) }) })
	m.wg.Add(1)
	go func() {
		defer m.wg.Done()
		s.run()
		m.dropAll(s)
		s.giveBack()
	}()
	return e
}

func (m *Manager) leave(e *entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e.viewers--
	if e.viewers == 0 && !m.closed {
		e.expiry.Reset(m.cfg.Linger)
	}
}

func (m *Manager) expire(e *entry) {
	m.mu.Lock()
	if e.viewers > 0 { // somebody came back as the timer fired
		m.mu.Unlock()
		return
	}
	delete(m.sessions, e.session.key)
	m.mu.Unlock()
	e.session.cancel()
}

// Sessions is how many sessions there are.
func (m *Manager) Sessions() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sessions)
}

// Observable says why states cannot be observed here; nil where they can.
func (m *Manager) Observable() error { return m.observer.err }

// newKey is a session's secret: 128 random bits.
func newKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
