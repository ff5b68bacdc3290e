package playground

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// CallError is the error that a call returned: a result like any other, shown as a Go program would print it.
type CallError struct {
	Text   string `json:"text"`             // err.Error()
	Errno  string `json:"errno,omitempty"`  // ECONNREFUSED …, if the kernel gave one
	Kind   string `json:"kind"`             // one of the Err constants
	Why    string `json:"why"`              // one sentence
	Holder string `json:"holder,omitempty"` // our own socket that holds the address
}

// The kinds of a CallError.
const (
	ErrRefused            = "refused"
	ErrTimedOut           = "timed_out"
	ErrAddressInUse       = "address_in_use"
	ErrAddressUnavailable = "address_unavailable"
	ErrBrokenPipe         = "broken_pipe"
	ErrReset              = "reset"
	ErrClosed             = "closed"
	ErrDeadline           = "deadline"
	ErrEOF                = "eof"
	ErrCancelled          = "cancelled"
	ErrUnreachable        = "unreachable"
	ErrDenied             = "denied"
	ErrOther              = "other"
)

// errnos names the errors of tcp(7), connect(2), bind(2) and send(2) that a call can meet. Names, not numbers:
// numbers differ between systems.
var errnos = []struct {
	errno syscall.Errno
	name  string
	kind  string
}{
	{syscall.ECONNREFUSED, "ECONNREFUSED", ErrRefused},
	{syscall.ETIMEDOUT, "ETIMEDOUT", ErrTimedOut},
	{syscall.EADDRINUSE, "EADDRINUSE", ErrAddressInUse},
	{syscall.EADDRNOTAVAIL, "EADDRNOTAVAIL", ErrAddressUnavailable},
	{syscall.EPIPE, "EPIPE", ErrBrokenPipe},
	{syscall.ECONNRESET, "ECONNRESET", ErrReset},
	{syscall.ECONNABORTED, "ECONNABORTED", ErrReset},
	{syscall.EHOSTUNREACH, "EHOSTUNREACH", ErrUnreachable},
	{syscall.ENETUNREACH, "ENETUNREACH", ErrUnreachable},
	{syscall.EACCES, "EACCES", ErrDenied},
	{syscall.EPERM, "EPERM", ErrDenied},
	{syscall.ENOTCONN, "ENOTCONN", ErrClosed},
	{syscall.EINVAL, "EINVAL", ErrOther},
	{syscall.EMFILE, "EMFILE", ErrOther},
	{syscall.ENFILE, "ENFILE", ErrOther},
	{syscall.ENOBUFS, "ENOBUFS", ErrOther},
	{syscall.ENOMEM, "ENOMEM", ErrOther},
	{syscall.ENOENT, "ENOENT", ErrOther},
	{syscall.EAFNOSUPPORT, "EAFNOSUPPORT", ErrOther},
	{syscall.ENOPROTOOPT, "ENOPROTOOPT", ErrOther},
	{syscall.EISCONN, "EISCONN", ErrOther},
	{syscall.EAGAIN, "EAGAIN", ErrOther},
}

// describe turns the error of a call into what the event carries; nil for nil.
// op is the call (Dial, Read …), cancelled whether the user ended it.
func describe(op string, err error, cancelled bool) *CallError {
	if err == nil {
		return nil
	}
	c := &CallError{Text: err.Error(), Kind: ErrOther}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		for _, e := range errnos {
			if e.errno == errno {
				c.Errno, c.Kind = e.name, e.kind
			}
		}
	}
	var refusal *Error
	var netErr net.Error
	switch {
	case errors.As(err, &refusal):
		c.Kind, c.Why = ErrDenied, refusal.Message
		return c
	case errors.Is(err, io.EOF):
		c.Text, c.Kind = "EOF", ErrEOF
	case cancelled && (errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.Canceled) ||
		strings.Contains(c.Text, "operation was canceled")):
		// net reports a cancelled dial with an unexported error that only its text tells apart.
		c.Kind = ErrCancelled
	case errors.Is(err, net.ErrClosed):
		c.Kind = ErrClosed
	case c.Errno == "" && errors.As(err, &netErr) && netErr.Timeout():
		c.Kind = ErrDeadline
	}
	c.Why = why(op, c.Kind, c.Errno)
	return c
}

// why explains an error in one sentence. Sources: tcp(7), connect(2), bind(2), RFC 9293 §3.5.2 and §3.10.7.
func why(op, kind, errno string) string {
	switch kind {
	case ErrRefused:
		return "Nothing listens on that port: the SYN was answered with RST."
	case ErrTimedOut:
		if op == "Dial" {
			return "The kernel sent its SYNs again and again and nobody answered."
		}
		return "The kernel sent again and again, nothing was acknowledged, and it gave the connection up."
	case ErrDeadline:
		if op == "Dial" {
			return "The timeout of this Dial passed before the handshake was complete."
		}
		return "The deadline passed first; the connection itself is unharmed, so clear the deadline and go on."
	case ErrAddressInUse:
		if op == "Dial" {
			return "A connection with these two addresses exists already, perhaps in TIME_WAIT, or the local address is taken."
		}
		return "Another socket already listens on this port: close it, or choose another port."
	case ErrAddressUnavailable:
		if op == "Dial" {
			return "No local port was free for this destination, or the local address is not this machine's."
		}
		return "That address does not belong to this machine: listen on one of its own, or on 127.0.0.1."
	case ErrBrokenPipe:
		return "This end can no longer send: it closed its sending side, or the peer answered earlier bytes with RST."
	case ErrReset:
		return "The peer sent RST: it closed with unread data, closed with linger 0, or no longer knows this connection."
	case ErrClosed:
		if errno == "ENOTCONN" {
			return "The connection was already over when the call was made."
		}
		return "This program closed the descriptor itself; nothing went over the wire."
	case ErrEOF:
		return "The peer closed its sending side (FIN), and every byte before it has been read."
	case ErrCancelled:
		return "You cancelled it; the playground ends a waiting call by letting its deadline pass."
	case ErrUnreachable:
		return "This machine has no route to that address, or a router said so."
	case ErrDenied:
		return "The kernel does not allow it: ports below 1024 and some options need more rights."
	}
	switch errno {
	case "EMFILE", "ENFILE":
		return "This program has no descriptor left: close sockets, or raise the limit with ulimit -n."
	case "EINVAL":
		return "The kernel does not take this value or this call in the state the socket is in."
	case "ENOENT":
		return "The kernel has no congestion control of that name; /proc/sys/net/ipv4/tcp_available_congestion_control lists them."
	case "EAFNOSUPPORT":
		return "This machine does not speak that address family."
	}
	return "The call failed; the text above is all that the system said."
}
