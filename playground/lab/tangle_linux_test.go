package lab_test

import (
	"context"
	"net"

	"socketplayground/playground/lab"
)

// entangle opens a Lab with open connections, and with closed ones whose last data nobody acknowledges: orphans in
// FIN_WAIT_1, of which the kernel lets go when it has sent often enough: by default after 106 s, here after the first
// time.
func entangle(s *lab.System) error {
	l, err := s.Open(context.Background(), lab.Options{QuickACK: true})
	if err != nil {
		return err
	}
	for _, h := range []*lab.Host{l.Client, l.Server} {
		if _, err := h.SetSetting("tcp_orphan_retries", "1"); err != nil {
			return err
		}
	}
	return tangle(l)
}

// tangle makes the connections. The Lab does not carry packets afterwards.
func tangle(l *lab.Lab) error {
	cut := make(chan struct{})
	go pass(l.Client.Port(), l.Server.Port(), cut)
	go pass(l.Server.Port(), l.Client.Port(), cut)
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	ln, err := l.Server.Listen(ctx, ":8330", lab.SocketOptions{})
	if err != nil {
		return err
	}
	defer ln.Close()
	var ends []*net.TCPConn
	for _, address := range []string{"server:8330", "[2001:db8::2]:8330", "server:8330"} {
		c, err := l.Client.Dial(ctx, address, "", lab.SocketOptions{})
		if err != nil {
			return err
		}
		a, err := ln.AcceptTCP()
		if err != nil {
			return err
		}
		ends = append(ends, c, a)
	}
	// The third one has a closed window in front of it: its orphan probes for ever, RFC 9293 §3.8.6.1.
	if err := ends[4].SetWriteBuffer(1 << 20); err != nil {
		return err
	}
	if err := fill(ends[4]); err != nil {
		return err
	}
	close(cut) // from now on nothing arrives
	for _, c := range ends {
		if _, err := c.Write([]byte("last words")); err != nil && c != ends[4] {
			return err
		}
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}
