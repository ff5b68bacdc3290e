package web

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// TestReplyWhereAllWait: where what waits for all viewers together is used up, a long answer becomes a refusal, a short one
// comes out of what each has to itself, and where that is used up too the viewer is not told that it was slow.
func TestReplyWhereAllWait(t *testing.T) {
	t.Parallel()
	pool := playground.NewPool(maxQueued, 4<<10, 1<<20)
	other := pool.Share()
	other.Add(1<<20 + 4<<10)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	v := &viewer{queue: newOutbox(pool.Share()), cancel: cancel}
	v.reply(okReply{Type: "ok", ID: 7, Text: strings.Repeat("x", 100_000)})
	v.reply(okReply{Type: "ok", ID: 8})
	var got []string
	for _, m := range v.queue.take() {
		got = append(got, string(m.data))
	}
	if len(got) != 2 || !strings.Contains(got[0], `"id":7`) || !strings.Contains(got[0], "quota_exceeded") || !strings.Contains(got[1], `"ok"`) || ctx.Err() != nil {
		t.Errorf("the answers are %q, and the connection ended: %v", got, context.Cause(ctx))
	}
	for range 100 {
		v.reply(okReply{Type: "ok", ID: 9})
	}
	var end closing
	if !errors.As(context.Cause(ctx), &end) || end.code != websocket.CloseTryAgainLater {
		t.Errorf("with nothing left it ended with %v", context.Cause(ctx))
	}
}
