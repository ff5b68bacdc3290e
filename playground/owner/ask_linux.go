package owner

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// question is a JSON value that a Client sends; of its fields one is set. A question about a descriptor brings it along
// (SCM_RIGHTS, unix(7)).
type question struct {
	Inodes     []uint32         `json:"inodes,omitempty"`
	Peer       []netip.AddrPort `json:"peer,omitempty"` // of, other
	Descriptor bool             `json:"descriptor,omitempty"`
}

// answer is what comes back for each.
type answer struct {
	Found   map[uint32]Process `json:"found,omitempty"`
	Another bool               `json:"another,omitempty"`
	Unknown string             `json:"unknown,omitempty"` // why
}

// Serve answers a Client, with what the witness says, until it goes.
func Serve(conn *net.UnixConn, witness Witness) error {
	in := &passing{conn: conn}
	defer in.close()
	questions, answers := json.NewDecoder(in), json.NewEncoder(conn)
	for {
		var q question
		// A client that is killed with an answer unread resets the connection (unix(7)).
		if err := questions.Decode(&q); errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
			return nil
		} else if err != nil {
			return err
		}
		var a answer
		switch {
		case len(q.Peer) == 2:
			a = verdict(witness.Peer(q.Peer[0], q.Peer[1]))
		case q.Descriptor:
			a = verdict(in.judge(witness))
		default:
			a.Found = witness.Find(q.Inodes)
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

func verdict(err error) answer {
	switch {
	case err == nil:
		return answer{}
	case errors.Is(err, ErrAnother):
		return answer{Another: true}
	}
	return answer{Unknown: err.Error()}
}

// passing reads a connection, and keeps the descriptors that come with the bytes.
type passing struct {
	conn  *net.UnixConn
	files []*os.File
}

func (p *passing) Read(b []byte) (int, error) {
	control := make([]byte, syscall.CmsgSpace(4)) // one; the kernel closes what does not fit
	n, oob, _, _, err := p.conn.ReadMsgUnix(b, control)
	if err != nil {
		return max(n, 0), err // a failed recvmsg(2) gives -1, which no Reader may
	}
	messages, err := syscall.ParseSocketControlMessage(control[:oob])
	if err != nil {
		return n, err
	}
	for _, m := range messages {
		fds, err := syscall.ParseUnixRights(&m)
		if err != nil {
			return n, err
		}
		for _, fd := range fds { // close-on-exec, by package net
			p.files = append(p.files, os.NewFile(uintptr(fd), "passed"))
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// judge has the witness look at the descriptor that came, and closes it.
func (p *passing) judge(witness Witness) error {
	if len(p.files) == 0 {
		return errors.New("no descriptor came")
	}
	defer p.close()
	return witness.Descriptor(p.files[0].Fd())
}

func (p *passing) close() {
	for _, f := range p.files {
		_ = f.Close()
	}
	p.files = nil
}

// Client is the Witness that asks another program. When that has gone it finds nobody, and nothing is known.
type Client struct {
	mu      sync.Mutex // a question and its answer belong together
	conn    *net.UnixConn
	answers *json.Decoder
}

// NewClient asks over conn, at whose other end Serve is.
func NewClient(conn *net.UnixConn) *Client {
	return &Client{conn: conn, answers: json.NewDecoder(conn)}
}

// Find is the other program's Find.
func (c *Client) Find(inodes []uint32) map[uint32]Process {
	a, err := c.ask(question{Inodes: inodes}, nil)
	if err != nil {
		return nil
	}
	return a.Found
}

// Peer is the other program's Peer.
func (c *Client) Peer(of, other netip.AddrPort) error {
	return c.judge(question{Peer: []netip.AddrPort{of, other}}, nil)
}

// Descriptor is what the other program's Descriptor says of the same file.
func (c *Client) Descriptor(fd uintptr) error {
	return c.judge(question{Descriptor: true}, syscall.UnixRights(int(fd)))
}

func (c *Client) judge(q question, rights []byte) error {
	a, err := c.ask(q, rights)
	switch {
	case err != nil:
		return errors.New("the process outside of the user namespace, which could tell, has gone")
	case a.Another:
		return ErrAnother
	case a.Unknown != "":
		return errors.New(a.Unknown)
	}
	return nil
}

func (c *Client) ask(q question, rights []byte) (a answer, err error) {
	b, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// Descriptors travel with the first byte; a single call may leave out some of the rest.
	if _, _, err := c.conn.WriteMsgUnix(b[:1], rights, nil); err != nil {
		return a, err
	}
	if _, err := c.conn.Write(b[1:]); err != nil {
		return a, err
	}
	err = c.answers.Decode(&a)
	return a, err
}
