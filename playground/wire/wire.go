package wire

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"socketplayground/playground/segment"
)

// Direction is the way a packet goes.
type Direction int

// The directions of a wire.
const (
	ToServer Direction = iota
	ToClient
)

// Other is the way back.
func (d Direction) Other() Direction { return 1 - d }

// String names the direction as the protocol does.
func (d Direction) String() string {
	if d == ToServer {
		return "to_server"
	}
	return "to_client"
}

// Port is a host's end of the wire: one IP packet a call. ReadPacket blocks until there is one or the Port is closed.
// WritePacket must not block for long, since the whole wire waits for it. A packet that it refuses (as a kernel refuses
// one that is corrupt beyond recognition) is lost, and the wire goes on.
type Port interface {
	ReadPacket(p []byte) (int, error)
	WritePacket(p []byte) error
	Close() error
}

// Stream is a Port that hands over one packet after the other: f gets the length of each, which is in b, and says
// whether it takes more. It spares what a call costs that begins and ends with each packet.
type Stream interface {
	ReadPackets(b []byte, f func(n int) (more bool)) error
}

// Packet is one IP packet on the wire. The Observer gets a pointer to it, which is valid, with all that it points to,
// until the packet's Landed or the Intervened that drops it has returned, and is to be looked at only within the
// Observer's methods.
type Packet struct {
	Number    uint64    // unique on the wire; given by the Observer
	Direction Direction // which way it goes
	Data      []byte    // from the IP header on; never changed: corruption makes new bytes
	LeftAt    time.Time // when it was read; an answer of the wire: when it was made
	LandedAt  time.Time // right before it was written, so that it is before anything that this caused
	// Segment is what the Observer decoded it to, which says so where it is a piece of one or broken; nil: not TCP. Where nothing is switched on, the Packet given to Sent
	// is the one before, with its Segment: an Observer that decodes into that one allocates nothing.
	Segment        *segment.Segment
	Retransmission bool   // the Observer says that it repeats an earlier one
	CopyOf         uint64 // the number of the packet of which the wire made this copy
	Held           *Hold  // nil: not held
	// Straight: nothing is switched on. Landed is the next that the Observer is told, and nothing needs the Number or the
	// Segment.
	Straight bool
}

// Hold says since when a packet is held, and by what.
type Hold struct {
	By   string // ByRule, ByStep or ByUser
	Rule int
	At   time.Time
}

// Observer is told what happens, in the order in which it happens, and never two things at a time. Its methods must
// not block, and must not call the wire.
type Observer interface {
	// Sent: p was just read from the host that sent it. It fills in Number, Segment and Retransmission.
	Sent(p *Packet)
	// Landed: p was written to the other host, or could not be, because of err.
	Landed(p *Packet, err error)
	// Intervened: the wire did something to p. It numbers i.Copy and i.Answer, where there are any.
	Intervened(p *Packet, i Intervention)
}

// Intervention is what the wire did to a packet, and why.
type Intervention struct {
	Action string
	By     string
	Rule   int           // the rule's ID, where By is ByRule
	Hits   int           // the rule's hits, this one included
	UsedUp bool          // the rule has switched itself off
	Delay  time.Duration // Delayed: by how much
	Copy   *Packet       // Duplicated: the duplicate; its Number is 0 and must be filled in
	Answer *Packet       // Dropped by ByMTU: the ICMP error sent back, nil if none; it lands next. Number is 0, Segment nil: fill in
}

// What an Intervention's Action may be.
const (
	Held       = "held"
	Released   = "released"
	Dropped    = "dropped"
	Delayed    = "delayed"
	Duplicated = "duplicated"
	Corrupted  = "corrupted"
	Reordered  = "reordered"
)

// What an Intervention may be By.
const (
	ByRule      = "rule"
	ByStep      = "step"
	ByUser      = "user"
	ByLoss      = "loss"
	ByDuplicate = "duplicate"
	ByReorder   = "reorder"
	ByCorrupt   = "corrupt"
	ByQueue     = "queue"
	ByMTU       = "mtu"
	ByCut       = "cut"
)

// Wire joins two Ports.
type Wire struct {
	observer Observer
	made     time.Time
	ended    atomic.Bool // Run is about to return: nothing more is treated

	mu       sync.Mutex // also held around the Observer's methods and Port.WritePacket, see the package comment
	settings Settings
	rules    []*rule
	lastRule int
	lines    [2]line            // by Direction
	flying   map[uint64]*flight // all that is scheduled or held, by number
	held     int
	bytes    int // of all that flies
	room     Room
}

// Room is what several wires have together for what flies, in bytes. Its methods must not block.
type Room interface {
	Full() bool
	Add(bytes int) // negative: they have left
}

// ample is room without end.
type ample struct{}

func (ample) Full() bool { return false }
func (ample) Add(int)    {}

// Within bounds what flies by room, besides the wire's own bounds. Call it before Run.
func (w *Wire) Within(room Room) { w.room = room }

// line is one direction of the wire.
type line struct {
	from, to Port
	plain    bool // nothing is switched on: a packet that has none before it goes straight through
	dice     dice
	gate     gate
	queue    queue
	wake     chan struct{} // tells the scheduler that another packet is the next
}

// New makes a wire with nothing switched on. It starts nothing: that is Run's.
func New(client, server Port, o Observer) *Wire {
	w := &Wire{observer: o, made: time.Now(), flying: map[uint64]*flight{}, room: ample{}}
	w.lines[ToServer] = line{from: client, to: server, wake: make(chan struct{}, 1)}
	w.lines[ToClient] = line{from: server, to: client, wake: make(chan struct{}, 1)}
	w.apply(Settings{Seed: 1}.WithDefaults())
	return w
}

// Run carries packets until ctx is over, when it returns nil, or a Port cannot be read. It closes both Ports, and all
// its goroutines have ended when it returns. A Wire runs once.
func (w *Wire) Run(ctx context.Context) error {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	for d := range w.lines {
		all.Go(func() { stop(w.read(Direction(d))) })
		all.Go(func() { w.schedule(running, Direction(d)) })
	}
	<-running.Done()
	w.ended.Store(true) // or one direction would write to a Port that the other has lost
	for d := range w.lines {
		w.lines[d].from.Close() // ends the reader; what a Port says about being closed helps nobody
	}
	all.Wait()

	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.flying {
		w.leave(f)
	}
	w.held = 0
	for d := range w.lines {
		w.lines[d].queue = queue{}
	}
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(running)
}

// read is the reader of a direction.
func (w *Wire) read(d Direction) error {
	l := &w.lines[d]
	buffer := make([]byte, maxPacket)
	straight := new(Packet) // used again and again
	receive := func(n int) (more bool) { return w.receive(d, buffer[:n], straight) }
	if s, ok := l.from.(Stream); ok {
		if err := s.ReadPackets(buffer, receive); err != nil {
			return fmt.Errorf("reading what goes %s: %w", d, err)
		}
		return nil
	}
	for {
		n, err := l.from.ReadPacket(buffer)
		if err != nil {
			return fmt.Errorf("reading what goes %s: %w", d, err)
		}
		if !receive(n) {
			return nil
		}
	}
}

// receive takes a packet that was just read, and says whether there may be more. straight is a Packet for one that goes
// straight through.
func (w *Wire) receive(d Direction, data []byte, straight *Packet) (more bool) {
	leftAt := w.clock()
	l := &w.lines[d]
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended.Load() {
		return false
	}
	if l.plain && len(l.queue.due) == 0 && len(data) <= w.settings.direction(d).MTU {
		*straight = Packet{Direction: d, Data: data, LeftAt: leftAt, Segment: straight.Segment, Straight: true}
		w.observer.Sent(straight)
		w.land(straight)
		return true
	}
	// It may wait, and what the Observer decodes points into its bytes: they must be its own from the start.
	p := &Packet{Direction: d, Data: slices.Clone(data), LeftAt: leftAt}
	w.observer.Sent(p)
	w.treat(p)
	return true
}

// clock is time.Now, for half its cost, which two times for each packet make felt: it asks the monotonic clock alone.
func (w *Wire) clock() time.Time { return w.made.Add(time.Since(w.made)) }

// land writes p to the host that it is for. The caller holds mu.
func (w *Wire) land(p *Packet) {
	p.LandedAt = w.clock()
	err := w.lines[p.Direction].to.WritePacket(p.Data)
	w.observer.Landed(p, err)
}
