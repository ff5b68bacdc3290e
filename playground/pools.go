package playground

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"

	"socketplayground/playground/segment"
	"socketplayground/playground/wire"
)

// pools bound what all sessions of a Manager hold together.
type pools struct {
	descriptors, sockets, waiting, facts, flows, tracked, flying, exports *Pool
	kept                                                                  *hoards
	reading, guestsReading                                                *semaphore.Weighted // commands that read a whole log
}

func newPools(descriptors int64) *pools {
	own := min(descriptorsOwn, descriptors/(2*MaxSessions))
	return &pools{
		descriptors: NewPool(MaxSockets, own, descriptors-own*MaxSessions),
		sockets:     NewPool(MaxSockets+MaxOthers, socketsOwn, socketsCommon),
		waiting:     NewPool(WaitingBytes, waitingOwn, waitingCommon),
		facts:       NewPool(queueLimit, factsOwn, factsCommon),
		flows:       NewPool(maxSegmentFlows, flowsOwn, flowsCommon),
		tracked:     NewPool(2*segment.MaxConnections, trackedOwn, trackedCommon),
		flying:      NewPool(wire.MaxFlyingBytes+MaxSockets, flyingOwn, flyingCommon),
		exports:     NewPool(ExportBytes, exportOwn, exportCommon),
		kept:        newHoards(KeptBytes),
		reading:     semaphore.NewWeighted(maxReaders),

		guestsReading: semaphore.NewWeighted(maxGuestReaders),
	}
}

// shares are what one session has of the pools.
type shares struct {
	descriptors *Share // of sockets that are open
	sockets     *Share // that are remembered
	waiting     *Share // bytes of calls that wait, and of what waits for the actor
	facts       *Share // about segments, for the actor
	flows       *Share // connections of which segments were seen
	tracked     *Share // connections whose segments are followed
	flying      *Share // bytes on the Lab's wire
	exports     *Share // bytes of files that wait to be fetched
}

func (p *pools) shares() shares {
	return shares{
		descriptors: p.descriptors.Share(), sockets: p.sockets.Share(), waiting: p.waiting.Share(), facts: p.facts.Share(),
		flows: p.flows.Share(), tracked: p.tracked.Share(), flying: p.flying.Share(), exports: p.exports.Share(),
	}
}

// end gives everything back.
func (s *shares) end() {
	for _, share := range []*Share{s.descriptors, s.sockets, s.waiting, s.facts, s.flows, s.tracked, s.flying, s.exports} {
		share.End()
	}
}

// readingTurn waits until a command of the session may read its whole log. Guests' sessions take turns among themselves
// first, so that no more than maxGuestReaders of them are ever before the user's.
func (s *Session) readingTurn(ctx context.Context) (done func(), err error) {
	leave := func() {}
	if g := s.guestsReading; g != nil {
		if err := g.Acquire(ctx, 1); err != nil {
			return nil, err
		}
		leave = func() { g.Release(1) }
	}
	if err := s.reading.Acquire(ctx, 1); err != nil {
		leave()
		return nil, err
	}
	return func() { s.reading.Release(1); leave() }, nil
}

// flyingRoom is a session's share of what flies on all wires.
type flyingRoom struct{ *Share }

// Full implements wire.Room.
func (r flyingRoom) Full() bool { return r.Room() <= 0 }

// Add implements wire.Room.
func (r flyingRoom) Add(bytes int) { r.Share.Add(int64(bytes)) }

// trackedRoom is a session's share of the connections that are followed.
type trackedRoom struct{ share *Share }

// Take implements segment.Room.
func (r trackedRoom) Take() bool { return r.share.Take(1) == Enough }

// Give implements segment.Room.
func (r trackedRoom) Give(connections int) { r.share.Add(-int64(connections)) }

// giveBack lets others have what an ended session held.
func (s *Session) giveBack() {
	s.shares.end()
	for _, h := range s.hoards() {
		h.leave()
	}
}

func (s *Session) hoards() [3]*hoard { return [3]*hoard{s.log.hoard, s.trace.kept.hoard, s.kept.hoard} }

// tellLosses tells what the session has lost so that all together stay within their bounds. The actor's.
func (s *Session) tellLosses(now int64) {
	if s.lastLoss != 0 && now < s.lastLoss+int64(lossInterval) {
		return
	}
	var lost [3]int64
	for i, h := range s.hoards() {
		lost[i] = h.lost.Swap(0)
	}
	if lost != [3]int64{} {
		s.lastLoss = now
		s.notice("", "warning", "kept_less", fmt.Sprintf("All sessions together keep more than there is room for: %d of the oldest events, %d of the oldest segments and %d payloads of this session are no longer kept.", lost[0], lost[1], lost[2]))
	}
	if s.crowded > 0 {
		s.lastLoss = now
		s.notice("", "warning", "crowded", fmt.Sprintf("%d of the oldest closed sockets were removed, so that new connections have a place.", s.crowded))
		s.crowded = 0
	}
}

// lossInterval is the least time between two such notices.
const lossInterval = 10 * time.Second
