package playground

import (
	"bytes"
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

// doCode writes the programs of the session, or of some connections of it.
func (s *Session) doCode(c *Programs) (Reply, *Error) {
	s.flushLog()
	story := storyOf(s.log.Base(), s.log.Events(0), s.payloadOf)
	if refusal := restrict(story, c.Sockets); refusal != nil {
		return Reply{}, refusal
	}
	if c.Comments != "" && c.Comments != "en" && c.Comments != "zh" {
		return Reply{}, invalid("comments", "The comments are en or zh, not %q.", clip(c.Comments, 20))
	}
	options := code.Options{Chinese: c.Comments == "zh"}
	files, ok := code.Write(story, c.Language, options)
	if !ok {
		return Reply{}, invalid("language", "There is no language %q: choose go, python, c or shell.", clip(c.Language, 20))
	}
	if c.Download {
		var module bytes.Buffer // compressed, and far smaller than the story
		if err := code.Module(&module, story.Network, c.Language, files, options); err != nil {
			return Reply{}, &Error{Code: CodeInternal, Message: "The file cannot be made: " + err.Error() + ".", Err: err}
		}
		return s.offer(c.Sockets, ".zip", int64(module.Cap()), func(w io.Writer) error {
			_, err := w.Write(module.Bytes())
			return err
		})
	}
	reply := Reply{Files: []CodeFile{}}
	for i := range files {
		f := &files[i]
		view := CodeFile{Name: f.Name, Host: f.Host, Run: f.Run, Sockets: f.Sockets, Calls: f.Calls, Lines: make([]CodeLine, len(f.Lines))}
		for j, tokens := range code.Highlight(f, c.Language) {
			view.Lines[j] = CodeLine{Tokens: tokens, Seqs: f.Lines[j].Seqs}
		}
		reply.Files = append(reply.Files, view)
	}
	return reply, nil
}

// payloadOf gives the bytes of an event as far as they are kept.
func (s *Session) payloadOf(seq uint64, preview []byte) []byte {
	if full, ok := s.kept.get(seq); ok {
		return full
	}
	return preview
}

// Story is what the events so far say was done, for the programs of package code. It is exported for whoever runs a demo
// and then its programs; payloads are as short as in the events.
func (l *Log) Story() *code.Story {
	return storyOf(l.Base(), l.Events(0), func(_ uint64, preview []byte) []byte { return preview })
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
