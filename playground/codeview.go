package playground

import (
	"bytes"
	"context"
	"io"
	"slices"

	"socketplayground/playground/code"
)

// CodeFile is a program that does what was done, as the page shows it.
type CodeFile struct {
	Name    string     `json:"name"`
	Host    string     `json:"host"`
	Run     string     `json:"run"`
	Sockets []string   `json:"sockets"`
	Calls   int        `json:"calls"`
	Lines   []CodeLine `json:"lines"`
}

// CodeLine is a line of it: its tokens, each a class and a text, and the events that it stands for.
type CodeLine struct {
	Tokens []code.Token `json:"tokens"`
	Seqs   []uint64     `json:"seqs,omitempty"`
}

// programs writes the programs of the session, or of some connections of it, beside the actor: with what a long log holds
// that takes seconds. One is written at a time, so that a session has one processor at most with it.
func (s *Session) programs(ctx context.Context, c *Programs) (Reply, error) {
	if c.Comments != "" && c.Comments != "en" && c.Comments != "zh" {
		return Reply{}, invalid("comments", "The comments are en or zh, not %q.", clip(c.Comments, 20))
	}
	if !slices.Contains(code.Languages(), c.Language) {
		return Reply{}, invalid("language", "There is no language %q: choose go, python, c or shell.", clip(c.Language, 20))
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(s.ctx, stop)()
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return Reply{}, s.over(ctx)
	}
	done, err := s.readingTurn(ctx)
	if err != nil {
		return Reply{}, s.over(ctx)
	}
	defer done()
	story, err := s.story()
	if err != nil {
		return Reply{}, err
	}
	if refusal := restrict(story, c.Sockets); refusal != nil {
		return Reply{}, refusal
	}
	options := code.Options{Chinese: c.Comments == "zh"}
	files, _ := code.WriteContext(ctx, story, c.Language, options) // it is one of the languages
	if ctx.Err() != nil {
		return Reply{}, s.over(ctx)
	}
	if c.Download {
		var module bytes.Buffer // compressed, and far smaller than the story
		if err := code.Module(&module, story.Network, c.Language, files, options); err != nil {
			return Reply{}, &Error{Code: CodeInternal, Message: "The file cannot be made: " + err.Error() + ".", Err: err}
		}
		var reply Reply
		var refusal *Error
		if !s.ask(func() {
			reply, refusal = s.offer(c.Sockets, ".zip", int64(module.Cap()), func(w io.Writer) error {
				_, err := w.Write(module.Bytes())
				return err
			})
		}) {
			refusal = errEnded()
		}
		if refusal != nil {
			return Reply{}, refusal
		}
		return reply, nil
	}
	reply := Reply{Files: []CodeFile{}}
	for i := range files {
		f := &files[i]
		view := CodeFile{Name: f.Name, Host: f.Host, Run: f.Run, Sockets: f.Sockets, Calls: f.Calls, Lines: make([]CodeLine, len(f.Lines))}
		for j, tokens := range code.HighlightContext(ctx, f, c.Language) {
			view.Lines[j] = CodeLine{Tokens: tokens, Seqs: f.Lines[j].Seqs}
		}
		reply.Files = append(reply.Files, view)
	}
	if ctx.Err() != nil {
		return Reply{}, s.over(ctx)
	}
	return reply, nil
}

// over is why a command that was waited for was given up.
func (s *Session) over(ctx context.Context) error {
	if s.ctx.Err() != nil {
		return errEnded()
	}
	return ctx.Err()
}

// story is what was done so far, with the payloads as far as they are kept: which of them it needs is found out first, so
// that the actor is asked once.
func (s *Session) story() (*code.Story, error) {
	if !s.ask(s.flushLog) {
		return nil, errEnded()
	}
	base, events := s.log.Whole()
	full := map[uint64][]byte{}
	storyOf(base, events, func(seq uint64, preview []byte) []byte {
		if len(preview) == PreviewBytes { // there may be more
			full[seq] = preview
		}
		return preview
	})
	if !s.ask(func() {
		for seq, preview := range full {
			full[seq] = s.payloadOf(seq, preview)
		}
	}) {
		return nil, errEnded()
	}
	return storyOf(base, events, func(seq uint64, preview []byte) []byte {
		if p, ok := full[seq]; ok {
			return p
		}
		return preview
	}), nil
}

// payloadOf gives the bytes of an event as far as they are kept. The actor's.
func (s *Session) payloadOf(seq uint64, preview []byte) []byte {
	if full, ok := s.kept.get(seq); ok {
		return full
	}
	return preview
}

// Story is what the events so far say was done, for the programs of package code. It is exported for whoever runs a demo
// and then its programs; payloads are as short as in the events.
func (l *Log) Story() *code.Story {
	base, events := l.Whole()
	return storyOf(base, events, func(_ uint64, preview []byte) []byte { return preview })
}

// restrict keeps what was done with some sockets, the listeners of theirs and their other ends.
func restrict(story *code.Story, names []string) *Error {
	if len(names) == 0 {
		return nil
	}
	wanted := map[string]bool{}
	for _, name := range names {
		i := slices.IndexFunc(story.Sockets, func(s code.Socket) bool { return s.Name == name })
		if i < 0 {
			return refuse(CodeNotFound, "sockets", "There is no socket %s in this session.", clip(name, 20))
		}
		wanted[name] = true
		if peer := story.Sockets[i].Peer; peer != "" {
			wanted[peer] = true
		}
	}
	for _, s := range story.Sockets {
		if wanted[s.Name] && s.Listener != "" {
			wanted[s.Listener] = true
		}
	}
	story.Sockets = slices.DeleteFunc(story.Sockets, func(s code.Socket) bool { return !wanted[s.Name] })
	story.Calls = slices.DeleteFunc(story.Calls, func(c code.Call) bool {
		return !wanted[c.Socket] || c.Op == "Accept" && c.Conn != "" && !wanted[c.Conn]
	})
	return nil
}
