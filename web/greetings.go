package web

import (
	"context"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/semaphore"

	"socketplayground/playground"
)

// greetings bound what the snapshots take that viewers begin with. The user's own pages never queue behind those that were
// let in with the code, of which hundreds may come at once and read nothing.
type greetings struct {
	making        *semaphore.Weighted // held by who makes a snapshot
	guestsMaking  *semaphore.Weighted // held before by a guest: at most one of them is before the user
	sending       *semaphore.Weighted // bytes of snapshots on their way to the user's own viewers
	guestsSending *semaphore.Weighted // and to guests
}

func newGreetings() greetings {
	return greetings{making: semaphore.NewWeighted(1), guestsMaking: semaphore.NewWeighted(1),
		sending: semaphore.NewWeighted(maxGreetings), guestsSending: semaphore.NewWeighted(maxGuestGreetings)}
}

// room is where the viewer's snapshot takes its place, and for how many bytes at most.
func (v *viewer) room() (room *semaphore.Weighted, most int64) {
	if v.trusted {
		return v.server.greeting.sending, maxGreetings
	}
	return v.server.greeting.guestsSending, maxGuestGreetings
}

// sendBase sends the snapshot at the log's base, and gives its seq. Many who come at once are not to hold a large one each:
// who finds no room for it waits without, and makes it anew.
func (v *viewer) sendBase(ctx context.Context, log *playground.Log) (since uint64, err error) {
	since, b, err := v.base(ctx, log)
	if err != nil {
		return 0, err
	}
	room, most := v.room()
	if size := min(int64(len(b)), most); size > maxWaitingOwn {
		if !room.TryAcquire(size) {
			b = nil
			if err := room.Acquire(ctx, size); err != nil {
				return 0, err
			}
		}
		defer room.Release(size)
	}
	if b == nil {
		if since, b, err = v.base(ctx, log); err != nil {
			return 0, err
		}
	}
	return since, v.send(websocket.TextMessage, b, writeTimeout)
}

// base makes the frame of the snapshot at the log's base, one viewer after the other.
func (v *viewer) base(ctx context.Context, log *playground.Log) (since uint64, frame []byte, err error) {
	g := &v.server.greeting
	if !v.trusted {
		if err := g.guestsMaking.Acquire(ctx, 1); err != nil {
			return 0, nil, err
		}
		defer g.guestsMaking.Release(1)
	}
	if err := g.making.Acquire(ctx, 1); err != nil {
		return 0, nil, err
	}
	defer g.making.Release(1)
	base := log.Base()
	b := append([]byte(`{"type":"snapshot","snapshot":`), encode(base)...)
	return base.Seq, append(b, '}'), nil
}
