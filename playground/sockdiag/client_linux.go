package sockdiag

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// Client asks the kernel about the sockets of one network namespace.
// It must be used by one goroutine at a time. A call that fails leaves it usable.
type Client struct {
	conn transport
	seq  uint32
	out  []byte // the request
	in   []byte // what the kernel sent
	rest []byte // the part of in that was not looked at yet
}

// transport carries netlink datagrams to and from the kernel.
type transport interface {
	send(b []byte) error
	recv(b []byte) (int, error)
	Close() error
}

// receiveBuffer is the most the kernel puts into one datagram of a dump (netlink_recvmsg, net/netlink/af_netlink.c).
const receiveBuffer = 32 << 10

// maxDumpAttempts bounds how often a dump is repeated that the kernel calls inconsistent.
const maxDumpAttempts = 4

// Dial opens a Client for the network namespace of the calling thread; it stays there from then on,
// whichever goroutine or thread uses it. Dial fails, wrapping errors.ErrUnsupported, where the system
// does not offer sock_diag for TCP. The descriptor is close-on-exec.
func Dial() (*Client, error) {
	conn, err := dialNetlink()
	if err != nil {
		return nil, fmt.Errorf("sockdiag: cannot open a sock_diag netlink socket; "+
			"let the sandbox or container of this program allow AF_NETLINK: %w (%w)", err, errors.ErrUnsupported)
	}
	c := newClient(conn)
	// A kernel without tcp_diag answers every lookup with ENOENT, as if no socket existed.
	// It does the same for a dump, which otherwise never fails: this one asks for no state, so it costs nothing.
	if _, err := c.dumpOnce(request{family: AFInet}, nil); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("sockdiag: this kernel does not tell about TCP sockets; "+
			"load its module tcp_diag (modprobe tcp_diag): %w (%w)", err, errors.ErrUnsupported)
	}
	return c, nil
}

func newClient(conn transport) *Client {
	return &Client{
		conn: conn,
		out:  make([]byte, 0, headerLen+requestLen),
		in:   make([]byte, receiveBuffer),
	}
}

// Close closes the Client.
func (c *Client) Close() error { return c.conn.Close() }

// Lookup asks about one socket, without walking any table.
// The error is ErrNotFound if there is no such socket; a socket that is bound but neither listens
// nor connects is not found either, and neither is a closed one.
func (c *Client) Lookup(q Query) (Socket, error) {
	r, err := q.request()
	if err != nil {
		return Socket{}, err
	}
	if err := c.send(r); err != nil {
		return Socket{}, err
	}
	m, err := c.next()
	if err != nil {
		return Socket{}, err
	}
	switch m.msgType {
	case msgSockByFamily:
	case msgError:
		if err := refusal("lookup", m); err != nil {
			return Socket{}, err
		}
		return Socket{}, errMalformed // no acknowledgement was asked for
	default:
		return Socket{}, errMalformed
	}
	s, err := decodeSocket(m.body)
	if err != nil {
		return Socket{}, err
	}
	// For a connection that is gone the kernel falls back to the listener that would take
	// a SYN from the same peer (__inet_lookup, include/net/inet_hashtables.h).
	if s.Remote.Port() != q.Remote.Port() {
		return Socket{}, ErrNotFound
	}
	return s, nil
}

// Dump lists the sockets that pass f, in no order that means anything.
func (c *Client) Dump(f Filter) ([]Socket, error) {
	families := []uint8{f.Family}
	switch f.Family {
	case 0:
		families = []uint8{AFInet, AFInet6}
	case AFInet, AFInet6:
	default:
		return nil, errUnknownFamily
	}
	states := f.States
	if states == 0 {
		states = AllStates
	}
	var sockets []Socket
	for _, family := range families {
		var err error
		sockets, err = c.dump(request{
			family: family, extensions: extensions, states: states,
			local: portOnly(f.LocalPort), remote: portOnly(f.RemotePort),
		}, sockets)
		if err != nil {
			return nil, err
		}
	}
	return sockets, nil
}

// portOnly is how a dump's request names a port: its addresses are not looked at.
func portOnly(port uint16) netip.AddrPort { return netip.AddrPortFrom(netip.Addr{}, port) }

var errDumpInterrupted = errors.New("sockdiag: the sockets changed too fast for a consistent list; try again")

// dump appends the sockets r asks for, and starts anew as long as the kernel calls the list inconsistent.
func (c *Client) dump(r request, sockets []Socket) ([]Socket, error) {
	for range maxDumpAttempts {
		all, err := c.dumpOnce(r, sockets)
		if !errors.Is(err, errDumpInterrupted) {
			return all, err
		}
	}
	return nil, errDumpInterrupted
}

// dumpOnce reads a dump to its end even when part of it is wrong, so that the kernel is free for the next one.
func (c *Client) dumpOnce(r request, sockets []Socket) ([]Socket, error) {
	r.msgType, r.flags = msgSockByFamily, flagRequest|flagDump
	if err := c.send(r); err != nil {
		return nil, err
	}
	var failed error
	for {
		m, err := c.next()
		if err != nil {
			return nil, err
		}
		if m.flags&flagDumpIntr != 0 {
			failed = errDumpInterrupted
		}
		switch m.msgType {
		case msgSockByFamily:
			s, err := decodeSocket(m.body)
			if err != nil {
				failed = err
				continue
			}
			sockets = append(sockets, s)
		case msgDone, msgError:
			if m.errno() != 0 {
				return nil, refusal("dump", m)
			}
			if failed != nil {
				return nil, failed
			}
			return sockets, nil
		default:
			failed = errMalformed
		}
	}
}

// Destroy ends a connection or listener at once, whoever owns it, as ss --kill does (SOCK_DESTROY): the peer
// of a connection gets an RST, the program ECONNABORTED; TIME_WAIT just ends. q must have a Cookie, because the
// kernel would take the listener instead of a connection that is gone.
//
// The error is ErrNotFound if there is no such socket. It is os.ErrPermission (EPERM) without CAP_NET_ADMIN in the
// user namespace that owns the network namespace, and errors.ErrUnsupported (EOPNOTSUPP) where the kernel was built
// without INET_DIAG_DESTROY.
func (c *Client) Destroy(q Query) error {
	if q.Cookie == 0 {
		return errors.New("sockdiag: destroying a socket needs its cookie; look it up first")
	}
	r, err := q.request()
	if err != nil {
		return err
	}
	r.msgType, r.flags = msgSockDestroy, flagRequest|flagAck
	if err := c.send(r); err != nil {
		return err
	}
	m, err := c.next()
	if err != nil {
		return err
	}
	if m.msgType != msgError {
		return errMalformed
	}
	return refusal("destroy", m)
}

// refusal is the error an NLMSG_ERROR or NLMSG_DONE carries; nil if it carries none.
func refusal(op string, m message) error {
	errno := syscall.Errno(m.errno())
	switch {
	case errno == 0:
		return nil
	case op != "dump" && (errno == syscall.ENOENT || errno == syscall.ESTALE):
		return ErrNotFound
	case op == "destroy" && errno == syscall.EPERM:
		return fmt.Errorf("sockdiag: destroying a socket needs CAP_NET_ADMIN in its network namespace: %w", errno)
	case op == "destroy" && errno == syscall.EOPNOTSUPP:
		return fmt.Errorf("sockdiag: this kernel cannot destroy sockets; it needs CONFIG_INET_DIAG_DESTROY: %w", errno)
	default:
		return fmt.Errorf("sockdiag: the kernel refused the %s: %w", op, errno)
	}
}

// send starts an exchange. What an earlier one left unread is not looked at any more.
func (c *Client) send(r request) error {
	c.seq++
	c.rest = nil
	r.seq = c.seq
	c.out = r.append(c.out[:0])
	if err := c.conn.send(c.out); err != nil {
		return fmt.Errorf("sockdiag: cannot ask the kernel: %w", err)
	}
	return nil
}

// next gives the next message that answers the request sent last. Its body is valid until the call after.
func (c *Client) next() (message, error) {
	for {
		if len(c.rest) == 0 {
			n, err := c.conn.recv(c.in)
			if err != nil {
				return message{}, fmt.Errorf("sockdiag: cannot read the kernel's answer: %w", err)
			}
			c.rest = c.in[:n]
		}
		m, rest, err := cutMessage(c.rest)
		if err != nil {
			c.rest = nil
			return message{}, err
		}
		c.rest = rest
		if m.seq == c.seq {
			return m, nil
		}
	}
}
