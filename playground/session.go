package playground

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"socketplayground/playground/owner"
)

// Session is one visitor's world: its sockets, and the one ordered log of what happened to them.
//
// It is an actor. Its loop alone touches the fields marked so and alone appends to the log; everything else reaches
// it as a function sent to its inbox. Whatever may block (a call into the kernel that waits, a lookup of many
// sockets) runs in a goroutine of its own, owned by wg, and reports back the same way.
type Session struct {
	key      string
	number   uint64 // how a person names it on a command line; no secret
	machine  *place
	labs     Labs
	program  Program
	asker    string // whose command is being carried out, a value of By; the actor's
	captures *captures
	owners   func(inodes []uint32) map[uint32]owner.Process
	shares   shares // of what all sessions hold together
	logger   *slog.Logger
	log      *Log
	trace    *trace
	started  time.Time

	ctx           context.Context
	cancel        context.CancelFunc
	wg            sync.WaitGroup
	opening       sync.Mutex                     // held while a Lab is being opened
	exported      func(*export) (string, *Error) // keeps a file for a download
	inbox         chan func()
	writing       chan struct{}       // held by who writes programs
	reading       *semaphore.Weighted // held by who reads the whole log, of all sessions
	guestsReading *semaphore.Weighted // held before by guests' sessions; nil: it is the user's
	poked         atomic.Bool         // the loop knows that it must look at the flows

	detail  sharedBucket // calls that get an event of their own, over all sockets
	dialing *semaphore.Weighted
	calls   atomic.Uint64 // the last call number given
	handles sync.Map      // id → *socket, for the byte path that does not pass the actor
	ours    sync.Map      // cookie → *socket, from before connect(2): so that no scan takes our own for another's

	// The actor's.
	pending    []Event
	payloads   []payload // of pending events, by their index
	kept       payloadStore
	sockets    map[string]*socket
	order      []*socket // in the order they were made
	byCookie   map[uint64]*socket
	byPair     map[pair]*socket
	running    map[uint64]*call
	transfers  map[uint64]*transfer
	clients    int
	listeners  int
	others     int
	crowded    int64 // closed sockets that made room for others, to be told
	lastLoss   int64 // when that, or what was let go, was told last
	otherNames int   // X numbers given
	lastAt     int64
	lastFlush  int64
	lastScan   int64
	scanFrom   int
	sampling   bool          // a batch is on its way
	scanning   bool          // the same for what needs dumps
	fast       time.Duration // how often to look at a socket at which something has just happened
	flushFrom  int           // where the next flush begins, so that all sockets get their turn
	metricsOut int           // metrics events since the last flush
	blind      bool          // the user was told that states cannot be observed
	former     formerSockets
	unowned    map[uint32]*socket // sockets of other programs, by inode, whose process is to be found
	searching  bool               // for processes
	lab        *labRun            // nil: none is open
	closing    *labRun            // a Lab whose sockets are about to go; nil: none
	watched    map[uint16]bool    // ports of this machine
	uncaptured bool               // its segments cannot be had
	history    history
	refusals   []refusedDial // newest last
	demo       *demoRun      // nil: none runs
}

type payload struct {
	index int
	data  []byte
}

func newSession(m *Manager, key string, number uint64) *Session {
	s := &Session{
		key: key, number: number, machine: &place{network: m.cfg.Network, observer: m.observer}, labs: m.cfg.Labs, program: m.cfg.Program,
		captures: m.captures, owners: m.cfg.Owners, shares: m.pools.shares(), logger: m.cfg.Logger,
		log: newLog(), started: time.Now(), asker: byUser,
		inbox:   make(chan func(), 256),
		writing: make(chan struct{}, 1), reading: m.pools.reading,
		detail:    sharedBucket{bucket: newBucket(sessionRate, sessionBurst)},
		dialing:   semaphore.NewWeighted(MaxConcurrentDials),
		sockets:   map[string]*socket{},
		byCookie:  map[uint64]*socket{},
		byPair:    map[pair]*socket{},
		running:   map[uint64]*call{},
		transfers: map[uint64]*transfer{},
		unowned:   map[uint32]*socket{},
		watched:   map[uint16]bool{},
		fast:      fastSample,
	}
	s.trace = newTrace(s)
	s.log.hoard = m.pools.kept.join(s.log.shed)
	s.trace.kept.hoard = m.pools.kept.join(s.trace.shed)
	s.kept.hoard = m.pools.kept.join(s.kept.shed)
	s.ctx, s.cancel = context.WithCancel(m.ctx)
	return s
}

// Number names the session on a command line. It is no secret: whoever uses it must be who runs the server.
func (s *Session) Number() uint64 { return s.number }

// Key is the session's secret: who has it may act in the session.
func (s *Session) Key() string { return s.key }

// Started is the wall clock at at_ns 0.
func (s *Session) Started() time.Time { return s.started }

// Log is the session's log.
func (s *Session) Log() *Log { return s.log }

// Done is closed when the session ends.
func (s *Session) Done() <-chan struct{} { return s.ctx.Done() }

func (s *Session) now() int64 { return int64(time.Since(s.started)) }

// run is the actor. It ends with ctx: then every socket is closed, every goroutine waited for, and the log finished.
func (s *Session) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case f := <-s.inbox:
			s.crossings()
			f()
			s.drain()
			s.poked.Store(false)
		case <-timer.C:
		case <-s.ctx.Done():
			s.shutdown()
			return
		}
		next := s.tick()
		s.flushLog()
		timer.Reset(next)
	}
}

// drain takes what is waiting, up to a limit, so that a burst becomes one append.
func (s *Session) drain() {
	for range cap(s.inbox) {
		select {
		case f := <-s.inbox:
			s.crossings()
			f()
		default:
			return
		}
	}
}

// shutdown closes what is open, and keeps taking reports until every goroutine has ended.
func (s *Session) shutdown() {
	for _, c := range s.order {
		c.closeDescriptor()
	}
	run := s.lab
	done := make(chan struct{})
	go func() { // owned by this function, which waits for it below
		s.wg.Wait()
		if run != nil { // after all that looks at its sockets
			run.end()
		}
		close(done)
	}()
	for {
		select {
		case f := <-s.inbox:
			f()
		case <-done:
			_ = s.captures.want(s, nil) // ends what it began, and cannot fail
			s.drain()
			for _, c := range s.order { // an Accept may have brought one more
				c.closeDescriptor()
			}
			s.flushLog()
			s.log.finish()
			return
		}
	}
}

// post sends f to the actor. It is dropped only when the session has ended.
func (s *Session) post(f func()) {
	select {
	case s.inbox <- f:
	case <-s.ctx.Done():
		// The actor still takes reports while it waits for wg; one who is not in wg must not hang.
		select {
		case s.inbox <- f:
		default:
		}
	}
}

// ask runs f on the actor and waits for it; false where the session ended first, and then f has not run and never will.
func (s *Session) ask(f func()) bool {
	done := make(chan struct{})
	var claimed atomic.Bool
	message := func() {
		if !claimed.Swap(true) {
			f()
			close(done)
		}
	}
	select {
	case s.inbox <- message:
	case <-s.ctx.Done():
		return false
	}
	select {
	case <-done:
		return true
	case <-s.ctx.Done():
		if claimed.Swap(true) { // it is running, or has run
			<-done
			return true
		}
		return false
	}
}

// poke makes the loop look at the flows soon.
func (s *Session) poke() {
	if !s.poked.Swap(true) {
		select {
		case s.inbox <- func() {}:
		default: // it is busy, and will look anyway
		}
	}
}

// spawn starts a goroutine that the session waits for. An ended session starts nothing any more.
func (s *Session) spawn(f func()) {
	if s.ctx.Err() != nil {
		return
	}
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		f()
	}()
}

// emit adds an event to the turn's events. Times never run backwards in the log: at_ns is when a fact became known.
func (s *Session) emit(socket string, source Source, e Event) {
	h := e.header()
	s.lastAt = max(s.lastAt, s.now())
	h.Socket, h.Source, h.AtNS = socket, source, s.lastAt
	s.pending = append(s.pending, e)
}

// emitWith is emit for an event whose preview is shorter than its payload.
func (s *Session) emitWith(socket string, source Source, e Event, full []byte) {
	if len(full) > PreviewBytes {
		s.payloads = append(s.payloads, payload{index: len(s.pending), data: full})
	}
	s.emit(socket, source, e)
}

func (s *Session) notice(socket, level, code, message string) {
	s.emit(socket, "", &Notice{Level: level, Code: code, Message: message})
}

func (s *Session) flushLog() {
	if len(s.pending) == 0 {
		return
	}
	s.log.append(s.pending)
	for _, p := range s.payloads {
		s.kept.put(s.pending[p.index].header().Seq, p.data)
	}
	clear(s.pending)
	s.pending, s.payloads = s.pending[:0], s.payloads[:0]
}
