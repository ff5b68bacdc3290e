package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"socketplayground/playground"
)

// viewer is one browser connection: the goroutine of its request reads, one writes, one follows the log.
// run waits for them, and for the few that carry out commands beside the others. Binary writes have a goroutine a socket while they last, which the server waits for.
type viewer struct {
	server  *Server
	ws      *websocket.Conn
	session *playground.Session
	queue   *outbox
	trusted bool              // the user's own program, which needs no code
	from    netip.Addr        // where it connects from
	share   *playground.Share // of the bytes that wait for viewers
	events  chan eventsFrame  // unbuffered: the log is only read as fast as this viewer takes it
	rate    *rate.Limiter
	reading *semaphore.Weighted // commands that are carried out beside the others
	cancel  context.CancelCauseFunc
	wg      sync.WaitGroup

	watching map[string]func() // socket → stop; the reader's alone

	mu         sync.Mutex
	uploads    map[string]*upload
	unanswered int // frames in uploads
}

// closing is why a connection ends, as the close frame tells it.
type closing struct {
	code int
	text string
}

func (c closing) Error() string { return c.text }

// errNotUTF8 ends a connection as RFC 6455 §8.1 asks.
var errNotUTF8 = closing{websocket.CloseInvalidFramePayloadData, "a text frame must be UTF-8"}

func (s *Server) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, "The server is stopping; start it again and reload.", http.StatusServiceUnavailable)
		return
	}
	defer s.viewers.Done()
	trusted := s.cfg.Door.trusted(r)
	client, _, _ := ends(r)
	ws, err := s.upgrader.Upgrade(patient{w}, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	defer s.callers.gone(plain(ws.NetConn()))
	ctx, cancel := context.WithCancelCause(s.ctx)
	share := s.waiting.Share()
	defer share.End()
	v := &viewer{server: s, ws: ws, trusted: trusted, from: client.Addr(), share: share, queue: newOutbox(share), events: make(chan eventsFrame), cancel: cancel,
		rate: rate.NewLimiter(commandRate, commandBurst), reading: semaphore.NewWeighted(maxReading), uploads: map[string]*upload{}, watching: map[string]func(){}}
	if tcp, ok := ws.NetConn().(*patientConn); ok {
		_ = tcp.SetWriteBuffer(viewerBuffer)
	}
	v.run(ctx)
}

// run greets, then reads until the connection or the server ends.
func (v *viewer) run(ctx context.Context) {
	defer v.ws.Close()
	v.ws.SetReadLimit(maxMessage)
	_ = v.ws.SetReadDeadline(time.Now().Add(helloTimeout))
	stop := context.AfterFunc(ctx, func() {
		_ = v.ws.SetReadDeadline(time.Unix(1, 0)) // ends the reader
		// A write under way may finish, so that a close frame can follow; a viewer that takes nothing is not waited for.
		_ = v.ws.NetConn().SetWriteDeadline(time.Now().Add(farewellTimeout))
	})
	defer stop()

	leave, err := v.greet(ctx)
	if err == nil {
		defer leave()
		v.ws.SetPongHandler(func(string) error { return v.ws.SetReadDeadline(time.Now().Add(pongTimeout)) })
		_ = v.ws.SetReadDeadline(time.Now().Add(pongTimeout))
		if ctx.Err() != nil { // the deadline just set must not outlive the end
			_ = v.ws.SetReadDeadline(time.Unix(1, 0))
		}
		v.wg.Go(func() { v.writeLoop(ctx) })
		err = v.readLoop(ctx)
	}
	v.cancel(err)
	v.endUploads()
	for _, stop := range v.watching {
		stop()
	}
	v.queue.close()
	v.wg.Wait()
	v.bye(context.Cause(ctx))
}

// eventsFrame is a frame of events, and what it took of the viewer's share.
type eventsFrame struct {
	data  []byte
	taken int64
}

// follow turns the log into frames: the first event at once, then as many as came in a tick.
func (v *viewer) follow(ctx context.Context, log *playground.Log, since uint64) {
	for {
		b, ok := log.Next(ctx, since, maxFrame)
		most := maxFrame
		var taken int64
		if ok && (len(b.JSON) > leastFrame || !b.CaughtUp) {
			if taken = maxFrame; v.share.Take(taken) != playground.Enough { // others wait for much: less at a time
				taken, most = 0, leastFrame
				b, ok = log.Next(ctx, since, leastFrame)
			}
		}
		if !ok {
			select {
			case <-ctx.Done():
			case <-v.session.Done():
				v.cancel(closing{closeEnded, "the session has ended"})
			default:
				v.cancel(closing{closeSlow, "this viewer was too slow for the log"})
			}
			return
		}
		size := len(b.JSON)
		if !b.CaughtUp {
			size = most
		}
		out := make([]byte, 0, size+64)
		out = append(out, `{"type":"events","events":[`...)
		out = append(out, b.JSON...)
		for !b.CaughtUp && len(out) < most {
			if b, ok = log.Next(ctx, b.Last, most-len(out)); !ok {
				break // told on the next turn
			}
			out = append(out, ',')
			out = append(out, b.JSON...)
			since = b.Last
		}
		if ok {
			since = b.Last
		}
		out = append(out, ']')
		if b.CaughtUp {
			out = append(out, `,"caught_up":true`...)
		}
		out = append(out, '}')
		select {
		case v.events <- eventsFrame{out, taken}:
		case <-ctx.Done():
			return
		}
		if !b.CaughtUp { // the frame is full: a viewer that catches up is held up by nothing but its own speed
			continue
		}
		pause := time.NewTimer(v.server.cfg.TickViewer)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return
		}
	}
}

// writeLoop is the only writer once the greeting is over.
func (v *viewer) writeLoop(ctx context.Context) {
	ping := time.NewTicker(pingInterval)
	defer ping.Stop()
	var err error
	for err == nil {
		select {
		case <-v.queue.ready:
			err = v.sendQueued(writeTimeout)
		case b := <-v.events:
			err = v.send(websocket.TextMessage, b.data, writeTimeout)
			v.share.Give(b.taken)
		case <-ping.C:
			err = v.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
		case <-ctx.Done():
			_ = v.sendQueued(farewellTimeout) // the last answers; the connection may be gone already
			return
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
		err = closing{closeSlow, "this viewer took nothing for too long"}
	}
	v.cancel(err)
}

func (v *viewer) sendQueued(timeout time.Duration) error {
	list := v.queue.take()
	defer clear(list) // its place is used again, and is not to hold what was sent
	for _, m := range list {
		if err := v.send(m.kind, m.data, timeout); err != nil {
			return err
		}
		m.release()
		v.share.Give(m.size())
	}
	return nil
}

func (v *viewer) send(kind int, b []byte, timeout time.Duration) error {
	_ = v.ws.SetWriteDeadline(time.Now().Add(timeout))
	return v.ws.WriteMessage(kind, b)
}

// bye sends the close frame that the cause asks for.
func (v *viewer) bye(cause error) {
	end := closing{websocket.CloseNormalClosure, ""}
	if v.server.ctx.Err() != nil {
		end = closing{closeStopping, "the server stops"}
	} else {
		errors.As(cause, &end)
	}
	_ = v.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(end.code, end.text), time.Now().Add(farewellTimeout))
}

// readLoop takes frames until the connection ends.
func (v *viewer) readLoop(ctx context.Context) error {
	for {
		kind, r, err := v.ws.NextReader()
		if err != nil {
			if errors.Is(err, websocket.ErrReadLimit) {
				return closing{websocket.CloseMessageTooBig, "a frame holds at most 64 KiB"}
			}
			return err
		}
		buf := frames.Get().(*[]byte)
		b, err := readAll(r, (*buf)[:0])
		if err != nil {
			frames.Put(buf)
			return err
		}
		if kind == websocket.BinaryMessage {
			if !v.binary(b, buf) {
				return closing{closeProtocol, "a binary frame is malformed"}
			}
			continue // the upload gives the buffer back
		}
		err = v.text(ctx, b)
		frames.Put(buf)
		if err != nil {
			return err
		}
	}
}

// frames are buffers for what browsers send.
var frames = sync.Pool{New: func() any { b := make([]byte, 0, maxMessage); return &b }}

// readAll reads a message into b, which has room for the largest that the read limit allows.
func readAll(r io.Reader, b []byte) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// text carries out one command, or refuses it.
func (v *viewer) text(ctx context.Context, b []byte) error {
	if !utf8.Valid(b) { // gorilla/websocket leaves that to whoever reads
		return errNotUTF8
	}
	e, refused, isObject := readEnvelope(b)
	if !isObject {
		return closing{closeProtocol, "a text frame must be a JSON object with an id and a type"}
	}
	if !v.rate.Allow() {
		v.reply(errorReply{Type: "error", ID: e.id, Code: playground.CodeQuotaExceeded,
			Message: fmt.Sprintf("That was more than %d commands a second; wait a moment.", commandRate)})
		return nil
	}
	if refused != nil {
		v.reply(refusal(e.id, refused))
		return nil
	}
	if e.kind == "watch_bytes" {
		v.watchBytes(e.id, b)
		return nil
	}
	cmd, err := playground.DecodeCommand(e.kind, b)
	if err != nil {
		v.reply(refusal(e.id, err))
		return nil
	}
	switch cmd.(type) {
	case *playground.Programs, *playground.SaveDemo: // they read the whole log, which takes long, and change nothing
		if !v.reading.TryAcquire(1) {
			v.reply(errorReply{Type: "error", ID: e.id, Code: playground.CodeQuotaExceeded,
				Message: fmt.Sprintf("%d such commands are under way already; wait for one.", maxReading)})
			return nil
		}
		v.wg.Go(func() {
			defer v.reading.Release(1)
			v.carryOut(ctx, e.id, cmd)
		})
	default:
		v.carryOut(ctx, e.id, cmd)
	}
	return nil
}

// carryOut carries out a command and answers it.
func (v *viewer) carryOut(ctx context.Context, id int64, cmd playground.Command) {
	r, err := v.session.Do(ctx, cmd)
	if err != nil {
		v.reply(refusal(id, err))
		return
	}
	ok := okReply{Type: "ok", ID: id, Calls: r.Calls, Sockets: r.Sockets, Transfers: r.Transfers}
	if p := r.Payload; p != nil {
		ok.Data, ok.Bytes, ok.Complete = p.Data, p.Bytes, p.Complete
	}
	ok.Rule, ok.Segments = r.Rule, r.Segments
	if d := r.Demo; d != nil {
		ok.Demo, ok.Words, ok.Takes = d.Demo, d.Words, &d.Takes
	}
	ok.Text = r.Text
	ok.Files = r.Files
	if r.Download != "" {
		ok.Download = exportPath + r.Download
	}
	v.reply(ok)
}

// reply answers a command. Where all viewers together have too much waiting, a large answer, which only tells what is still
// there, becomes a refusal; what was done is told, or the connection ends and the events tell it to who comes back.
func (v *viewer) reply(m any) {
	data := encode(m)
	short := v.queue.put(message{kind: websocket.TextMessage, data: data})
	if ok, is := m.(okReply); is && short == playground.PoolUsed && len(data) > smallAnswer {
		short = v.queue.put(message{kind: websocket.TextMessage, data: encode(errorReply{Type: "error", ID: ok.ID, Code: playground.CodeQuotaExceeded,
			Message: "Too much waits for all the pages that are open; try again in a moment."})})
	}
	switch short {
	case playground.ShareUsed:
		v.cancel(closing{closeSlow, "this viewer took no answers for too long"})
	case playground.PoolUsed:
		v.cancel(closing{websocket.CloseTryAgainLater, "too much waits for all viewers"})
	}
}

// watchBytes starts or ends the binary frames of what a socket reads.
func (v *viewer) watchBytes(id int64, b []byte) {
	var c struct {
		Socket string `json:"socket"`
		On     bool   `json:"on"`
	}
	if err := playground.DecodeFields("watch_bytes", b, &c); err != nil {
		v.reply(refusal(id, err))
		return
	}
	if stop, ok := v.watching[c.Socket]; ok {
		stop()
		delete(v.watching, c.Socket)
	}
	if c.On {
		if len(v.watching) >= maxWatched {
			v.reply(errorReply{Type: "error", ID: id, Code: playground.CodeQuotaExceeded, Message: fmt.Sprintf("A viewer may watch the bytes of %d sockets; end one first.", maxWatched)})
			return
		}
		stop, err := v.session.WatchBytes(c.Socket, func(offset int64, p []byte) {
			m := message{kind: websocket.BinaryMessage}
			if len(p) < smallRead { // a buffer of frames would be waste
				m.data = appendFrame(make([]byte, 0, len(p)+maxFrameHeader), frameRead, c.Socket, uint64(offset), p)
			} else {
				m.buf = frames.Get().(*[]byte)
				m.data = appendFrame((*m.buf)[:0], frameRead, c.Socket, uint64(offset), p)
			}
			if v.queue.put(m) != playground.Enough { // too slow for these bytes, or all are: the next frame's offset tells how many were left out
				m.release()
			}
		})
		if err != nil {
			v.reply(refusal(id, err))
			return
		}
		v.watching[c.Socket] = stop
	}
	v.reply(okReply{Type: "ok", ID: id})
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
