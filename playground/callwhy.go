package playground

import (
	"errors"
	"net"
	"os"
)

// systemCall is the call into the kernel that failed, as package net names it: bind, connect, setsockopt …; else empty.
func systemCall(err error) string {
	var e *os.SyscallError
	if errors.As(err, &e) {
		return e.Syscall
	}
	return ""
}

// why explains an error in one sentence, from nothing but the call and the errno: where an errno has several causes it
// names them all. Session.explain knows more. Sources: tcp(7), connect(2), bind(2), RFC 9293 §3.5.2 and §3.10.7.
func why(op, system, kind, errno string) string {
	switch kind {
	case ErrRefused:
		return "Nothing listens on that address and port: the SYN was answered with RST."
	case ErrTimedOut:
		if op == "Dial" {
			return "The kernel sent its SYNs again and again and nobody answered."
		}
		return "Nothing came back for as long as the kernel, or UserTimeout, waits: neither for what was sent again nor for keep-alive or window probes. So the kernel gave the connection up."
	case ErrDeadline:
		if op == "Dial" {
			return "The timeout of this Dial passed before the handshake was complete."
		}
		return "The deadline passed first; the connection itself is unharmed, so clear the deadline and go on."
	case ErrAddressInUse:
		if op == "Dial" {
			return "The local address is taken, by a listener or by a connection: choose another local port, or none."
		}
		return "Another socket has this port: close it, or choose another port."
	case ErrAddressUnavailable:
		switch {
		case op != "Dial":
			return "That address does not belong to this machine (or IPv6 is off, if it is one): listen on one of its own, or on 127.0.0.1."
		case system == "bind":
			return "The local address is not one of this machine's (or IPv6 is off, if it is one): leave it out, or take one that is."
		}
		return "There is no local address and port left for this destination: all ports are in use towards it, or the local port was given and a connection between these two addresses exists (in TIME_WAIT too), or IPv6 is off."
	case ErrBrokenPipe:
		return "This end can no longer send: it closed its sending side, or a RST of the peer has ended the connection."
	case ErrReset:
		if errno == "ECONNABORTED" && op == "Dial" {
			return "The attempt was destroyed on this machine, as ss -K does: the kernel gave the program this error, and sent nothing for it."
		}
		if errno == "ECONNABORTED" {
			return "The connection was destroyed on this machine, as ss -K does: the kernel sent RST and gave the program this error."
		}
		return "The peer sent RST: it closed with unread data, closed with linger 0, closed its listener before it accepted, was destroyed (as by ss -K), or no longer knows this connection."
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
		if errno == "ENETUNREACH" {
			return "This host has no route to that address, or it is one of broadcast or multicast, to which TCP cannot connect."
		}
		return "Nobody on the network has that address, or a router said that it cannot be reached (ICMP)."
	case ErrDenied:
		return "The kernel does not allow it: ports below 1024 and some options need more rights, and a firewall's rule says the same."
	}
	switch errno {
	case "EMFILE", "ENFILE":
		return "This program has no descriptor left: close sockets, or raise the limit with ulimit -n."
	case "EINVAL":
		if op == "Dial" || op == "Listen" {
			return "The kernel does not take this address or option: a link-local address (fe80::…) needs its zone, the interface after a percent sign."
		}
		if op == "Accept" {
			return "The socket no longer listens: it was destroyed on this machine, as ss -K does. Close it and listen again."
		}
		return "The kernel does not take this value or this call in the state the socket is in."
	case "ENOENT":
		return "The kernel has no congestion control of that name; /proc/sys/net/ipv4/tcp_available_congestion_control lists them."
	case "EAFNOSUPPORT":
		return "This machine does not speak that address family."
	}
	return "The call failed; the text above is all that the system said."
}

// whyUnknownHost explains an error of the resolver.
func whyUnknownHost(e *net.DNSError) string {
	switch {
	case e.IsNotFound:
		return "Nobody knows a host of that name: check how it is spelled, or use the IP address."
	case e.Timeout():
		return "The name server did not answer in time: use the IP address."
	}
	return "The name could not be looked up: use the IP address."
}
