package playground

import (
	"context"
	"sync"
)

// Pool bounds what many hold of one thing together. Each holder has a part to itself, so that none can take the last of
// it from all others; what a holder has beyond that part comes out of what is common. So the sum is the part times the
// holders, and the common rest.
type Pool struct {
	most, own int64 // of one holder: what it may have, and what of that nobody can take from it

	mu     sync.Mutex
	common int64         // what is left
	freed  chan struct{} // closed when something was given back; nil: nobody waits
}

// NewPool makes a pool: most is the bound of one holder, own its part, common what all share beyond their parts.
func NewPool(most, own, common int64) *Pool { return &Pool{most: most, own: own, common: common} }

// Share is what one holder has of a Pool. Any goroutine may use it.
type Share struct {
	pool  *Pool
	held  int64 // pool.mu guards it
	ended bool
}

// Share adds a holder, which End takes away.
func (p *Pool) Share() *Share { return &Share{pool: p} }

// Shortage says which bound a Take would have passed.
type Shortage int

// The shortages.
const (
	Enough    Shortage = iota
	ShareUsed          // the holder's own bound
	PoolUsed           // that of all together
)

// Take takes n, or nothing and says why.
func (s *Share) Take(n int64) Shortage {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	return s.take(n)
}

func (s *Share) take(n int64) Shortage {
	if s.ended || s.held+n > s.pool.most {
		return ShareUsed
	}
	if beyond := s.beyond(s.held+n) - s.beyond(s.held); beyond > s.pool.common {
		return PoolUsed
	}
	s.move(n)
	return Enough
}

// Wait takes n as soon as it can, or gives the error of ctx.
func (s *Share) Wait(ctx context.Context, n int64) error {
	for {
		s.pool.mu.Lock()
		if s.take(n) == Enough {
			s.pool.mu.Unlock()
			return nil
		}
		if s.pool.freed == nil {
			s.pool.freed = make(chan struct{})
		}
		freed := s.pool.freed
		s.pool.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Room is how much could be taken now.
func (s *Share) Room() int64 {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	return min(s.pool.most-s.held, max(s.pool.own-s.held, 0)+s.pool.common)
}

// Add takes n whether or not there is room, for who has asked with Room before; or gives −n back.
func (s *Share) Add(n int64) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if !s.ended {
		s.move(n)
	}
}

// Give gives n back.
func (s *Share) Give(n int64) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if !s.ended {
		s.move(-n)
	}
}

// Held is what the holder has.
func (s *Share) Held() int64 {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	return s.held
}

// End gives everything back, for good.
func (s *Share) End() {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	s.move(-s.held)
	s.ended = true
}

// move changes what is held. The caller holds mu.
func (s *Share) move(n int64) {
	s.pool.common -= s.beyond(s.held+n) - s.beyond(s.held)
	s.held += n
	if n < 0 && s.pool.freed != nil {
		close(s.pool.freed)
		s.pool.freed = nil
	}
}

// beyond is what of n comes out of what is common.
func (s *Share) beyond(n int64) int64 { return max(n-s.pool.own, 0) }
