package web

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// graceTime is how long a connection gets at least for what it came for. One that asks has asked by then, and those that
// wait to be accepted wait no longer than it takes for all that may be open to be replaced.
const graceTime = 30 * time.Millisecond

// callers are the connections that have not become viewers: those that have not asked yet, that wait for an answer, that
// stay open for another question, and WebSockets before their hello. Each takes a descriptor, of which the program has a
// limited number, and to leave them open costs a caller nothing. So they are bounded: when one too many comes, that one
// goes which has asked for nothing for the longest time.
type callers struct {
	max   int
	freed chan struct{} // holds a token when one has gone

	mu      sync.Mutex
	waiting *list.List // of *caller: for the caller to say something, the longest in front
	busy    *list.List // of *caller: with an answer under way, the oldest in front
	at      map[net.Conn]*caller
}

type caller struct {
	conn  net.Conn
	in    *list.List
	place *list.Element
	since time.Time
}

func newCallers(max int) *callers {
	return &callers{max: max, freed: make(chan struct{}, 1), waiting: list.New(), busy: list.New(), at: map[net.Conn]*caller{}}
}

// note follows http.Server.ConnState. For a new connection that is the loop that accepts, which goes on when there is
// room: so there is never more than one too many for each listener.
func (c *callers) note(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateClosed:
		c.gone(conn)
	case http.StateNew:
		c.mu.Lock()
		k := &caller{conn: conn}
		c.at[conn] = k
		c.put(k, c.waiting)
		c.mu.Unlock()
		c.makeRoom()
	default:
		c.move(conn, c.waiting)
	}
}

// answering notes that a request is being answered.
func (c *callers) answering(conn net.Conn) { c.move(conn, c.busy) }

func (c *callers) move(conn net.Conn, to *list.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.at[conn]; ok { // else it was made to go
		k.in.Remove(k.place)
		c.put(k, to)
	}
}

// put lets a caller be the newest of a list. The caller of put holds mu.
func (c *callers) put(k *caller, in *list.List) {
	k.in, k.place, k.since = in, in.PushBack(k), time.Now()
}

// makeRoom closes connections until there are no more than there may be.
func (c *callers) makeRoom() {
	for {
		wait := c.closeOne()
		if wait <= 0 {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-c.freed:
			timer.Stop()
		}
	}
}

// closeOne closes a connection if there are too many, and says after what time to look again; 0 if there is room.
func (c *callers) closeOne() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.at) <= c.max {
		return 0
	}
	var victim *caller
	if front := c.waiting.Front(); front != nil {
		k := front.Value.(*caller)
		if early := graceTime - time.Since(k.since); early > 0 && (c.busy.Len() == 0 || c.busy.Len() < c.max/2) {
			return early
		} else if early <= 0 {
			victim = k
		}
	}
	if victim == nil { // answers that nobody fetches keep others out
		victim = c.busy.Front().Value.(*caller)
	}
	c.remove(victim)
	_ = victim.conn.Close() // who reads from it or writes to it sees that
	return 1
}

// gone takes a connection out: it was closed, or has become a viewer.
func (c *callers) gone(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k, ok := c.at[conn]; ok {
		c.remove(k)
		select {
		case c.freed <- struct{}{}:
		default:
		}
	}
}

// remove is for who holds mu.
func (c *callers) remove(k *caller) {
	k.in.Remove(k.place)
	delete(c.at, k.conn)
}

// connKey is the key of a request's connection in its context.
type connKey struct{}

// ConnContext is for http.Server.ConnContext, ConnState for the field of that name: together they bound the connections.
func (s *Server) ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// ConnState is for http.Server.ConnState.
func (s *Server) ConnState(conn net.Conn, state http.ConnState) { s.callers.note(conn, state) }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if conn, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		s.callers.answering(conn)
	}
	s.handler.ServeHTTP(w, r)
}
