package playground

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

// socket is one socket of a session at run time. Fields are the actor's unless they say otherwise.
type socket struct {
	id    string
	kind  string
	host  string
	place *place
	s     *Session

	// Set once, before any goroutine but the actor's knows the socket by them.
	conn *net.TCPConn
	ln   *net.TCPListener
	raw  syscall.RawConn // nil while the program has no descriptor

	// Any goroutine's.
	target  atomic.Pointer[target]
	dialRaw atomic.Pointer[dialAttempt]    // while Dial runs
	dialTo  atomic.Pointer[netip.AddrPort] // the address that Dial tried last
	in, out flow
	reads   side
	writes  side
	turn    chan struct{} // held by whoever is in Write, so that bytes of two sends never mix
	watch   atomic.Pointer[[]*byteWatcher]
	ready   atomic.Bool  // conn may be used
	closing atomic.Bool  // Close was called
	slotted atomic.Bool  // holds a descriptor slot
	work    atomic.Int64 // what is under way and will still tell of it; gone once it has left the session
	crowded atomic.Bool  // other listeners share its port
	leaving atomic.Bool  // it leaves the session when nothing is under way any more
	counted bool         // in the session's share of sockets; the actor's

	state      State
	stateAt    int64
	opened     int64  // by when its SYN had been sent: Dial had returned, or somebody met the socket
	by         string // who asked for it, a value of By
	ender      *call  // the Close that ended the program's use of it; nil before
	closedAt   int64  // when it became CLOSED for good; 0 before
	seen       int64  // time of the newest observation taken in
	dialPort   uint16
	dialCall   uint64
	passive    bool // came through a listener
	open       bool // the program holds, or is getting, a descriptor
	accepted   bool
	timedOut   bool // a call returned ETIMEDOUT
	destroyed  bool // a call returned ECONNABORTED: somebody destroyed it, as ss -K does
	reset      bool // closed with linger 0, or with unread data, or a RST of it was read
	unasked    bool // that RST was none that anything here had asked for
	reason     string
	listener   *socket
	peer       *socket
	children   int
	behavior   Behavior
	settings   *BehaviorSettings
	acting     *call   // the newest Dial, Close or CloseWrite: what SYN and FIN come from
	skipped    bool    // TIME_WAIT was skipped
	doubt      *cause  // it was not found, where it may have become TIME_WAIT: what that look was after
	awaits     int64   // since when a state waits for the segment that goes with it
	held       []State // what was seen meanwhile
	traced     bool    // its segments are read from this machine's loopback
	failing    *failedDial
	accepting  bool
	stopAccept context.CancelFunc // ends the accept loop
	readMode   ReadMode
	reader     *reader // the loop that reads by itself
	reading    bool    // a user's Read is under way
	jobs       []*writeJob
	writing    bool
	queued     int64 // bytes in jobs
	told       AddressAssigned
	inode      uint32
	absentAt   int64 // another program's: when a look at all sockets there had not found it; 0: there was none

	next      int64 // session clock of the next sample
	hotUntil  int64
	metrics   *Metrics
	metricsAt int64
	recvQ     int64
	digestAt  [2]int64 // bytes hashed at the last digest event: written, read
}

// dialAttempt is a connect(2) under way.
type dialAttempt struct {
	raw    syscall.RawConn
	remote netip.AddrPort
	v6     bool
}

func (s *Session) newSocket(id, kind, host string, in *place) *socket {
	c := &socket{id: id, kind: kind, host: host, place: in, s: s, state: StateClosed, stateAt: s.now(), opened: s.now(), by: s.asker, turn: make(chan struct{}, 1)}
	c.in.init()
	c.out.init()
	return c
}

// hot makes the sampler look often for a while: something was just done to the socket or its peer.
func (c *socket) hot() {
	now := c.s.now()
	c.hotUntil = now + int64(hotTime)
	c.next = min(c.next, now+int64(c.s.fast))
	if p := c.peer; p != nil && p != c {
		p.hotUntil, p.next = c.hotUntil, min(p.next, c.next)
	}
}

// closeDescriptor closes the descriptor if there is one, and gives its slot back. Any goroutine may call it.
func (c *socket) closeDescriptor() error {
	c.closing.Store(true)
	var err error
	switch {
	case c.conn != nil:
		err = c.conn.Close()
	case c.ln != nil:
		err = c.ln.Close()
	}
	c.releaseSlot()
	return err
}

func (c *socket) releaseSlot() {
	if c.slotted.Swap(false) {
		c.s.shares.descriptors.Give(1)
	}
}

// descriptor is the raw connection while it is open, for observations.
func (c *socket) descriptor() syscall.RawConn {
	if c.closing.Load() {
		return nil
	}
	return c.raw
}

// wholeHour is far enough in the future for a socket that needs no sampling.
const wholeHour = int64(time.Hour)
