package wire_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// port is an end of the wire in memory.
type port struct {
	in     chan []byte
	closed chan struct{}
	once   sync.Once
	mu     sync.Mutex
	out    [][]byte
	write  func([]byte) error // instead of keeping it
}

func newPort() *port { return &port{in: make(chan []byte), closed: make(chan struct{})} }

func (p *port) ReadPacket(b []byte) (int, error) {
	select {
	case packet := <-p.in:
		return copy(b, packet), nil
	case <-p.closed:
		return 0, io.ErrClosedPipe
	}
}

func (p *port) WritePacket(b []byte) error {
	if p.write != nil {
		return p.write(b)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = append(p.out, slices.Clone(b))
	return nil
}

func (p *port) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *port) written() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out
}

// recorder is an Observer that writes down what it is told, as "12ms 3 dropped by rule 1".
type recorder struct {
	start   time.Time
	last    uint64
	lines   []string
	landed  []wire.Packet
	again   bool // everything is a retransmission
	decoder *segment.Decoder
	inside  atomic.Int32
	overlap atomic.Bool
}

func newRecorder() *recorder {
	return &recorder{start: time.Now(), decoder: segment.NewDecoder()}
}

func (r *recorder) enter() func() {
	if r.inside.Add(1) != 1 {
		r.overlap.Store(true)
	}
	return func() { r.inside.Add(-1) }
}

func (r *recorder) add(p *wire.Packet, format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf("%dms %d ", time.Since(r.start).Milliseconds(), p.Number)+fmt.Sprintf(format, args...))
}

func (r *recorder) number(p *wire.Packet) {
	r.last++
	p.Number = r.last
}

func (r *recorder) Sent(p *wire.Packet) {
	defer r.enter()()
	r.number(p)
	p.Segment, p.Retransmission = new(segment.Segment), r.again
	if r.decoder.Decode(p.Data, p.Segment) != nil {
		p.Segment = nil
	}
	r.add(p, "sent")
}

func (r *recorder) Landed(p *wire.Packet, err error) {
	defer r.enter()()
	kept := *p
	kept.Data = slices.Clone(p.Data)
	r.landed = append(r.landed, kept)
	if err != nil {
		r.add(p, "refused: %v", err)
		return
	}
	r.add(p, "landed")
}

func (r *recorder) Intervened(p *wire.Packet, i wire.Intervention) {
	defer r.enter()()
	text := i.Action + " by " + i.By
	if i.By == wire.ByRule {
		text += fmt.Sprint(" ", i.Rule)
	}
	if i.UsedUp {
		text += ", used up"
	}
	if i.Delay > 0 {
		text += fmt.Sprint(", ", i.Delay)
	}
	for name, made := range map[string]*wire.Packet{"copy": i.Copy, "answer": i.Answer} {
		if made != nil {
			r.number(made)
			text += fmt.Sprintf(", %s %d", name, made.Number)
		}
	}
	r.add(p, "%s", text)
}

// rig is a running wire in a synctest bubble.
type rig struct {
	*wire.Wire
	t              *testing.T
	client, server *port
	seen           *recorder
	done           chan error
	stop           context.CancelFunc
}

func inBubble(t *testing.T, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, client: newPort(), server: newPort(), seen: newRecorder(), done: make(chan error, 1)}
		r.Wire = wire.New(r.client, r.server, r.seen)
		ctx, stop := context.WithCancel(t.Context())
		r.stop = stop
		go func() { r.done <- r.Run(ctx) }()
		f(r)
		stop()
		if err := <-r.done; err != nil { // the bubble itself fails the test where a goroutine is left
			t.Errorf("Run returned %v after its context was over, want nil", err)
		}
		if r.seen.overlap.Load() {
			t.Error("two methods of the Observer ran at the same time")
		}
	})
}

// send gives the wire packets, one after the other, each once the one before was treated.
func (r *rig) send(d wire.Direction, packets ...[]byte) {
	from := r.client
	if d == wire.ToClient {
		from = r.server
	}
	for _, p := range packets {
		from.in <- p
		synctest.Wait()
	}
}

// pass lets the bubble's clock run.
func (r *rig) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (r *rig) set(s wire.Settings) {
	r.t.Helper()
	if err := r.SetSettings(s); err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
}

func (r *rig) rule(x wire.Rule) wire.Rule {
	r.t.Helper()
	x.On = true
	made, err := r.AddRule(x)
	if err != nil {
		r.t.Fatal(err)
	}
	return made
}

// want compares what the Observer was told, all of it, in its order.
func (r *rig) want(lines ...string) {
	r.t.Helper()
	if !slices.Equal(r.seen.lines, lines) {
		r.t.Errorf("the Observer was told\n  %q, want\n  %q", r.seen.lines, lines)
	}
}

func (r *rig) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Error(err)
	}
	synctest.Wait()
}

// tcp4 is a TCP segment from the client (port 40000) to the server (8330), or back, in IPv4 with DF.
func tcp4(d wire.Direction, flags segment.Flags, payload string) []byte {
	p := make([]byte, 40, 40+len(payload))
	p = append(p, payload...)
	p[0], p[6], p[8], p[9] = 0x45, 0x40, 64, 6
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)))
	copy(p[12:], []byte{192, 0, 2, 1, 192, 0, 2, 2})
	binary.BigEndian.PutUint16(p[20:], 40000)
	binary.BigEndian.PutUint16(p[22:], 8330)
	if d == wire.ToClient {
		copy(p[12:], []byte{192, 0, 2, 2, 192, 0, 2, 1})
		binary.BigEndian.PutUint16(p[20:], 8330)
		binary.BigEndian.PutUint16(p[22:], 40000)
	}
	p[32], p[33] = 5<<4, byte(flags)
	return p
}

// tcp6 is a TCP segment from 2001:db8::1 to 2001:db8::2.
func tcp6(payload string) []byte {
	p := make([]byte, 60, 60+len(payload))
	p = append(p, payload...)
	p[0], p[6], p[7] = 0x60, 6, 64
	binary.BigEndian.PutUint16(p[4:], uint16(len(p)-40))
	copy(p[8:], []byte{0x20, 1, 0xd, 0xb8, 15: 1})
	copy(p[24:], []byte{0x20, 1, 0xd, 0xb8, 15: 2})
	binary.BigEndian.PutUint16(p[40:], 40000)
	binary.BigEndian.PutUint16(p[42:], 8330)
	p[52], p[53] = 5<<4, byte(segment.ACK)
	return p
}

func data(text string) []byte { return tcp4(wire.ToServer, segment.PSH|segment.ACK, text) }

func ptr[T any](v T) *T { return &v }

const ms = time.Millisecond
