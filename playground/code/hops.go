package code

import "net/netip"

// A TTL is two options: IPv4 packets take it from IP_TTL, IPv6 packets their hop limit from IPV6_UNICAST_HOPS (ip(7),
// ipv6(7)). An IPv6 socket has both, since it may speak IPv4; an IPv4 socket has only the first.
var (
	ipTTL    = sockopts["TTL"]
	hopLimit = sockopt{"IPPROTO_IPV6", "IPV6_UNICAST_HOPS", 16, true, true}
)

// hops says what a socket may send, by the address that it, or its listener, was opened with: IPv4 packets, IPv6 packets;
// or that the address is a name, and only the running program knows.
func (p *program) hops(socket string) (ipv4, ipv6, named bool) {
	opening := p.opening(socket)
	if opening == nil {
		return true, false, false
	}
	host, _ := p.split(opening.Address)
	a, err := netip.ParseAddr(host)
	switch {
	case err != nil && host == "" && opening.Op == "Listen":
		return true, true, false
	case err != nil:
		return true, false, true
	case a.Is6() && a.IsUnspecified():
		return true, true, false
	}
	return a.Is4() || a.Is4In6(), a.Is6() && !a.Is4In6(), false
}

// opening is the step that opened a socket, or its listener; nil where it is not in the program.
func (p *program) opening(socket string) *step {
	for i := range p.steps {
		st := &p.steps[i]
		if (st.Op == "Dial" || st.Op == "Listen") && (st.Socket == socket || p.all[socket] != nil && st.Socket == p.all[socket].Listener) {
			return st
		}
	}
	return nil
}

// takes are the options of setsockopt(2) that an option of the story is, in a program that knows the family.
func (p *program) takes(socket string, o Option) []sockopt {
	if o.Name != "TTL" {
		return []sockopt{sockopts[o.Name]}
	}
	switch ipv4, ipv6, _ := p.hops(socket); {
	case ipv4 && ipv6:
		return []sockopt{hopLimit, ipTTL}
	case ipv6:
		return []sockopt{hopLimit}
	}
	return []sockopt{ipTTL}
}
