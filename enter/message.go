package enter

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// request is a Request on its way. Its texts are bytes, since file names and environments need not be UTF-8, and
// JSON's strings must.
type request struct {
	Host    string   `json:"host"`
	Session uint64   `json:"session"`
	Path    []byte   `json:"path"`
	Args    [][]byte `json:"args"`
	Env     [][]byte `json:"env"`
	Dir     []byte   `json:"dir"`
}

// fromClient is what follows a request.
type fromClient struct {
	Signal int `json:"signal"`
}

// fromServer is an answer.
type fromServer struct {
	Started int    `json:"started,omitempty"`
	Exit    *int   `json:"exit,omitempty"`
	Error   string `json:"error,omitempty"`
}

func texts[From, To ~string | ~[]byte](all []From) []To {
	converted := make([]To, len(all)) // never nil: without an environment, exec.Cmd would take the playground's
	for i, a := range all {
		converted[i] = To(a)
	}
	return converted
}

func (r Request) message() request {
	return request{r.Host, r.Session, []byte(r.Path), texts[string, []byte](r.Args), texts[string, []byte](r.Env), []byte(r.Dir)}
}

func (m request) request() (Request, error) {
	r := Request{m.Host, m.Session, string(m.Path), texts[[]byte, string](m.Args), texts[[]byte, string](m.Env), string(m.Dir)}
	switch {
	case !filepath.IsAbs(r.Path) || !filepath.IsAbs(r.Dir):
		return r, errors.New("the program's path and the working directory must be absolute")
	case len(r.Args) == 0:
		return r, errors.New("a command needs at least its name")
	}
	return r, nil
}

// send writes one message.
func send(w io.Writer, message any) error {
	b, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// receive reads one message of at most limit bytes. io.EOF: the other side has gone.
func receive(r *bufio.Reader, limit int, message any) error {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return fmt.Errorf("a message is longer than %d bytes", limit)
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return err
		}
		if err := json.Unmarshal(line, message); err != nil {
			return fmt.Errorf("a message cannot be read: %w", err)
		}
		return nil
	}
}
