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
	Text    string `json:"text"`               // err.Error()
	Errno   string `json:"errno,omitempty"`    // ECONNREFUSED …, if the kernel gave one
	Kind    string `json:"kind"`               // one of the Err constants
	Why     string `json:"why"`                // one sentence
	EndedBy string `json:"ended_by,omitempty"` // whose Close ended the call while it waited, a value of By
	Holder  string `json:"holder,omitempty"`   // our own socket that holds the address
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
	ErrUnknownHost        = "unknown_host"
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
	var name *net.DNSError
	switch {
	case errors.As(err, &refusal):
		c.Kind, c.Why = ErrDenied, refusal.Message
		return c
	case errors.As(err, &name) && !cancelled: // before Timeout, which a name server's silence is too
		c.Kind, c.Why = ErrUnknownHost, whyUnknownHost(name)
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
	c.Why = why(op, systemCall(err), c.Kind, c.Errno)
	return c
}
