package playground

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// hostsFile looks names up in this machine's hosts file and nowhere else: Go's own resolver, which reads that file, in
// front of no name server. What a name server is asked leaves the machine, whatever the connection later may do.
var hostsFile = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
	return nil, errNoNameServer
}}

var errNoNameServer = errors.New("no name server is asked")

// hostName is the host of an address where it must be looked up; empty where it is an IP address, or absent.
func hostName(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	return host
}

// resolver is who may be asked for a name: where any address may be reached anybody, else the hosts file alone.
func (p Policy) resolver() *net.Resolver {
	if p.Any {
		return net.DefaultResolver
	}
	return hostsFile
}

// MayResolve refuses an address whose name only a name server could know, where none may be asked. It reads a file.
// field is the command's.
func (p Policy) MayResolve(ctx context.Context, field, address string) *Error {
	host := hostName(address)
	if host == "" || p.Any || isLocalhost(host) {
		return nil
	}
	if _, err := hostsFile.LookupNetIP(ctx, "ip", host); err == nil || ctx.Err() != nil {
		return nil
	}
	return refuse(CodeDenied, field, "%q is not in this machine's hosts file, and no name server is asked: type an IP address such as 127.0.0.1, or start the playground with -targets any.", clip(host, 60))
}

// addresses are what Dial has to try for an address, one after the other. A name is Go's to look up and to race the
// families of, except localhost where the hosts file lacks it: that is loopback whoever is asked (RFC 6761 §6.3), and
// Windows keeps it out of the file.
func (p Policy) addresses(ctx context.Context, address string) []string {
	host := hostName(address)
	if p.Any || !isLocalhost(host) {
		return []string{address}
	}
	if _, err := hostsFile.LookupNetIP(ctx, "ip", host); err == nil {
		return []string{address}
	}
	_, port, _ := net.SplitHostPort(address) // hostName has split it
	return []string{net.JoinHostPort("::1", port), net.JoinHostPort("127.0.0.1", port)}
}

// bindable is an address to bind, with its name looked up: of several addresses the first of IPv4, as net.Listen and
// net.ResolveTCPAddr take it. Unlike the latter it ends with ctx.
func (p Policy) bindable(ctx context.Context, address string) (string, error) {
	host := hostName(address)
	if host == "" {
		return address, nil
	}
	_, port, _ := net.SplitHostPort(address) // hostName has split it
	found, err := p.resolver().LookupNetIP(ctx, "ip", host)
	switch {
	case err == nil:
	case isLocalhost(host) && !p.Any:
		return net.JoinHostPort("127.0.0.1", port), nil
	default:
		return "", err
	}
	first := found[0]
	for _, a := range found {
		if a.Unmap().Is4() {
			first = a.Unmap()
			break
		}
	}
	return net.JoinHostPort(first.String(), port), nil
}

// isLocalhost says whether a name is localhost or below it (RFC 6761 §6.3).
func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// mayResolve is the policy's word on the names of a command, before the actor carries it out: it reads a file. What is no
// address at all is the actor's to refuse, and a Lab knows its own names.
func (s *Session) mayResolve(ctx context.Context, cmd Command) *Error {
	if needsLab(cmd) {
		return nil
	}
	policy := s.machine.network.Policy()
	may := func(field, address string, listening bool) *Error {
		if address = normalAddress(address); checkAddress(field, address, listening) != nil {
			return nil
		}
		return policy.MayResolve(ctx, field, address)
	}
	switch c := cmd.(type) {
	case *Listen:
		return may("address", c.Address, true)
	case *Dial:
		if err := may("address", c.Address, false); err != nil {
			return err
		}
		return may("local", c.Local, false)
	}
	return nil
}
