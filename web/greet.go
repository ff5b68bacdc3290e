package web

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// greet answers the browser's hello and starts to follow the log. leave gives the session up.
func (v *viewer) greet(ctx context.Context) (leave func(), err error) {
	kind, b, err := v.ws.ReadMessage()
	if err != nil {
		return nil, closing{closeProtocol, "no hello came"}
	}
	if kind == websocket.TextMessage && !utf8.Valid(b) {
		return nil, errNotUTF8
	}
	var h hello
	if kind != websocket.TextMessage || json.Unmarshal(b, &h) != nil || h.Type != "hello" {
		return nil, closing{closeProtocol, "the first frame must be a hello"}
	}
	if h.Version != Version {
		return nil, closing{closeVersion, fmt.Sprintf("this server speaks version %d; reload the page", Version)}
	}
	if err := v.admit(h.Code); err != nil {
		_ = v.send(websocket.TextMessage, encode(refusal(0, err)), writeTimeout)
		return nil, closing{closeCode, "the code that the playground printed is needed"}
	}
	leave, err = v.enter(h.Session)
	if err != nil {
		_ = v.send(websocket.TextMessage, encode(refusal(0, err)), writeTimeout)
		return nil, closing{websocket.CloseTryAgainLater, "the server is full"}
	}
	session := v.session
	reply := helloReply{Type: "hello", Version: Version, Session: session.Key(), StartedAt: session.Started(),
		NowNS: int64(time.Since(session.Started())), Server: v.server.cfg.Version, Kernel: playground.ThisKernel(),
		Capabilities: v.server.cfg.Sessions.Capabilities(session)}
	if err := v.send(websocket.TextMessage, encode(reply), writeTimeout); err != nil {
		leave()
		return nil, err
	}
	log := session.Log()
	var since uint64
	if h.Since != nil && h.Session == session.Key() && log.Reaches(*h.Since) {
		since = *h.Since
	} else {
		if since, err = v.sendBase(ctx, log); err != nil {
			leave()
			return nil, err
		}
	}
	if log.Newest() == since { // say that nothing is missing, rather than nothing
		if err := v.send(websocket.TextMessage, []byte(`{"type":"events","events":[],"caught_up":true}`), writeTimeout); err != nil {
			leave()
			return nil, err
		}
	}
	v.wg.Go(func() { v.follow(ctx, log, since) })
	return leave, nil
}

// admit lets in the user's own programs, and those that have the code.
func (v *viewer) admit(code string) error {
	door, guesses := &v.server.cfg.Door, &v.server.guesses
	switch {
	case v.trusted:
		return nil
	case code == "":
		return &playground.Error{Code: playground.CodeDenied, Field: "code",
			Message: "This needs the code that the playground printed in its terminal when it started."}
	case door.right(code): // before wrong ones are counted, which others may send from the same address
		return nil
	case !guesses.may(v.from):
		return &playground.Error{Code: playground.CodeQuotaExceeded, Field: "code", Message: "Too many wrong codes came from there; wait some seconds and try again."}
	}
	guesses.wrong(v.from)
	return &playground.Error{Code: playground.CodeDenied, Field: "code",
		Message: "That is not the code that this playground printed in its terminal; one that was started again has a new one."}
}

// enter takes a place among the viewers and opens the session. leave gives both back.
func (v *viewer) enter(key string) (leave func(), err error) {
	s := v.server
	giveUp := func() { <-s.places }
	if !v.trusted { // so that there is always a place for the user's own pages
		select {
		case s.guests <- struct{}{}:
			giveUp = func() { <-s.places; <-s.guests }
		default:
			return nil, &playground.Error{Code: playground.CodeQuotaExceeded,
				Message: fmt.Sprintf("%d pages are open that were let in with the code, and there may be no more of these: close some.", cap(s.guests))}
		}
	}
	select {
	case s.places <- struct{}{}:
	default:
		if !v.trusted {
			<-s.guests
		}
		return nil, &playground.Error{Code: playground.CodeQuotaExceeded,
			Message: fmt.Sprintf("%d pages are open, and there may be no more: close some.", cap(s.places))}
	}
	var session *playground.Session
	var left func()
	if v.trusted {
		session, left, err = s.cfg.Sessions.Open(key)
	} else {
		session, left, err = s.cfg.Sessions.OpenGuest(key, network(v.from))
	}
	if err != nil {
		giveUp()
		return nil, err
	}
	s.callers.gone(plain(v.ws.NetConn()))
	v.session = session
	return func() { left(); giveUp() }, nil
}
