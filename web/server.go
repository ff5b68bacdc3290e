// Package web serves the page and carries a session's commands and events over a WebSocket.
// It knows HTTP and frames, and nothing about TCP sockets. The protocol is in PROTOCOL.md.
package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/websocket"

	"socketplayground/playground"
)

// Config is what a Server needs.
type Config struct {
	Sessions *playground.Manager
	Static   fs.FS // index.html, css, js
	Door     Door
	Version  string
	Logger   *slog.Logger
	// TickViewer is the least time between two events frames of a viewer; 0 is a sixtieth of a second.
	TickViewer time.Duration
	// Connections is how many there may be that have not become viewers, and Viewers how many that have: at most, and for
	// 0, as many as maxConnections and maxViewers say.
	Connections, Viewers int
}

// Server is the HTTP side of the playground.
type Server struct {
	cfg      Config
	handler  http.Handler
	page     []byte
	chinese  []byte // the page for who asks for Chinese
	prefix   string // of the static files: their content's hash is in it
	upgrader websocket.Upgrader
	callers  *callers
	places   chan struct{} // of the viewers that have been let in
	guests   chan struct{} // those of them that have the code
	guesses  guesses
	ctx      context.Context
	cancel   context.CancelFunc
	viewers  sync.WaitGroup
	waiting  *playground.Pool // bytes that wait for viewers
	greeting greetings
	mu       sync.Mutex // orders enter and Stop
}

// New checks the configuration and builds the server. It starts nothing; Stop and Wait end the viewers it has got.
func New(cfg Config) (*Server, error) {
	switch {
	case cfg.Sessions == nil:
		return nil, errors.New("web: a Config needs Sessions")
	case cfg.Static == nil:
		return nil, errors.New("web: a Config needs Static")
	case cfg.Door.Code == "":
		return nil, errors.New("web: a Config needs a Code, or nobody could be asked for it")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.TickViewer == 0 {
		cfg.TickViewer = time.Second / 60
	}
	cfg.Connections = bounded(cfg.Connections, maxConnections)
	cfg.Viewers = bounded(cfg.Viewers, maxViewers)
	s := &Server{cfg: cfg, waiting: playground.NewPool(maxQueued+2*maxFrame, maxWaitingOwn, maxWaiting),
		callers: newCallers(cfg.Connections), greeting: newGreetings(), places: make(chan struct{}, cfg.Viewers), guests: make(chan struct{}, max(cfg.Viewers/guestsOf, 1))}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.upgrader = websocket.Upgrader{
		HandshakeTimeout:  10 * time.Second,
		ReadBufferSize:    4 << 10,
		WriteBufferSize:   16 << 10,
		WriteBufferPool:   &sync.Pool{},
		CheckOrigin:       func(*http.Request) bool { return true }, // the guard has
		EnableCompression: false,                                    // the read limit would not hold for a compressed message
	}
	if err := s.loadPage(); err != nil {
		return nil, err
	}

	r := chi.NewRouter()
	r.Use(middleware.GetHead)
	r.Get("/", s.servePage)
	r.Get("/healthz", s.health)
	r.Get("/ws", s.serveWebSocket)
	r.Get(exportPath+"{ticket}", s.serveExport)
	r.Get("/demos", s.serveDemos)
	r.Get("/demos/texts", s.serveDemoTexts)
	r.Get("/demos/{id}", s.serveDemo)
	r.Handle(s.prefix+"*", s.staticFiles())
	r.Handle("/favicon.ico", http.RedirectHandler(s.prefix+"favicon.svg", http.StatusFound))
	s.handler = newGuard(&s.cfg.Door, r)
	return s, nil
}

func bounded(n, most int) int {
	if n <= 0 {
		return most
	}
	return min(n, most)
}

// Stop tells every viewer that the server stops. End the sessions next, which ends the writes that block, then Wait.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel()
}

// enter counts a viewer in; false once the server stops, so that Wait misses none.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return false
	}
	s.viewers.Add(1)
	return true
}

// Wait returns when every viewer is gone. Call Stop first.
func (s *Server) Wait() { s.viewers.Wait() }

// loadPage reads index.html and puts the hash of all static files into the paths it names: what a browser has
// cached under a path can then never be out of date.
func (s *Server) loadPage() error {
	page, err := fs.ReadFile(s.cfg.Static, "index.html")
	if err != nil {
		return fmt.Errorf("web: the page is missing: %w", err)
	}
	sum := sha256.New()
	err = fs.WalkDir(s.cfg.Static, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(s.cfg.Static, path)
		fmt.Fprintf(sum, "%s %d\n", path, len(content))
		sum.Write(content)
		return err
	})
	if err != nil {
		return fmt.Errorf("web: reading the static files: %w", err)
	}
	s.prefix = "/static/" + hex.EncodeToString(sum.Sum(nil)[:8]) + "/"
	s.page = bytes.ReplaceAll(page, []byte(`"static/`), []byte(`"`+s.prefix))
	s.chinese = inChinese(s.page)
	return nil
}

func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Vary", "Accept-Language")
	page := s.page
	if prefersChinese(r.Header.Get("Accept-Language")) {
		page = s.chinese
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page))
}

func (s *Server) staticFiles() http.Handler {
	files := http.StripPrefix(s.prefix, http.FileServerFS(noListing{s.cfg.Static}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=31536000, immutable")
		files.ServeHTTP(w, r)
	})
}

// noListing has files and no folders to look into.
type noListing struct{ fs.FS }

func (n noListing) Open(name string) (fs.File, error) {
	f, err := n.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		f.Close()
		return nil, fs.ErrNotExist
	}
	return f, nil
}

// health says that the server is there, and to the user's own programs how many sessions there are.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !s.cfg.Door.trusted(r) {
		fmt.Fprintln(w, `{"status":"ok"}`)
		return
	}
	fmt.Fprintf(w, "{\"status\":\"ok\",\"sessions\":%d}\n", s.cfg.Sessions.Sessions())
}
