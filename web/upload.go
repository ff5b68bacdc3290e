package web

import (
	"fmt"
	"maps"
	"slices"

	"socketplayground/playground"
)

// upload is the binary writes of one socket, in their order. Its goroutine stays for the next ones.
type upload struct {
	frames     chan frame // has room for all that may be unanswered
	unanswered int        // viewer.mu guards it
}

type frame struct {
	id      int64 // 0: whoever sent it wants no answer
	payload []byte
	buf     *[]byte // whose payload is a part, from frames
}

// binary queues the bytes of a frame behind the earlier ones of its socket.
func (v *viewer) binary(b []byte, buf *[]byte) bool {
	kind, socket, n, payload, ok := parseFrame(b)
	if !ok || kind != frameWrite || n > maxID {
		frames.Put(buf)
		return false
	}
	f := frame{id: int64(n), payload: payload, buf: buf}
	v.mu.Lock()
	u, running := v.uploads[socket]
	full := v.unanswered == maxUnansweredAll || running && u.unanswered == maxUnanswered
	var held error
	if !full {
		held = v.session.Hold(maxMessage)
	}
	if !full && held == nil {
		if !running {
			u = &upload{frames: make(chan frame, maxUnanswered)}
			v.uploads[socket] = u
		}
		u.unanswered++ // from here on the upload does not end by itself
		v.unanswered++
	}
	v.mu.Unlock()
	if full {
		frames.Put(buf)
		v.reply(errorReply{Type: "error", ID: f.id, Code: playground.CodeQuotaExceeded,
			Message: fmt.Sprintf("%d frames wait for %s already, or %d for all sockets; send the next when one is answered.", maxUnanswered, playground.Clip(socket, 20), maxUnansweredAll)})
		return true
	}
	if held != nil {
		frames.Put(buf)
		v.reply(refusal(f.id, held))
		return true
	}
	u.frames <- f
	if !running {
		v.server.viewers.Go(func() { v.upload(socket, u) }) // outlives the viewer: what it sent is written
	}
	return true
}

// upload writes the frames of a socket until the viewer goes, or the socket takes no more.
func (v *viewer) upload(socket string, u *upload) {
	for f := range u.frames {
		n, err := v.session.WriteBytes(socket, f.payload)
		frames.Put(f.buf)
		v.session.Release(maxMessage)
		v.mu.Lock()
		u.unanswered--
		v.unanswered--
		over := err != nil && u.unanswered == 0
		if over {
			delete(v.uploads, socket)
		}
		v.mu.Unlock()
		switch {
		case err != nil:
			v.reply(refusal(f.id, err))
		case f.id != 0:
			v.reply(okReply{Type: "ok", ID: f.id, N: n})
		}
		if over {
			return
		}
	}
}

// endUploads lets the uploads end when they have written what they have.
func (v *viewer) endUploads() {
	v.mu.Lock()
	uploads := slices.Collect(maps.Values(v.uploads))
	v.mu.Unlock()
	for _, u := range uploads {
		close(u.frames)
	}
}
