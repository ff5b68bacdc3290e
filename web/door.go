package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

// Door says who is let in.
type Door struct {
	// Names are what Host may name beside localhost, the loopback addresses and the address that was connected to: as
	// AllowedName gives them.
	Names []string
	// HalfLocalhost: one of the two addresses that localhost leads to is this server's, the other can be anybody's.
	HalfLocalhost bool
	// Code is the secret by which those are let in whom the connection does not tell to be the user's own.
	Code string
	// AskAll has everybody asked for it.
	AskAll bool
	// Ours says of a connection over loopback whether its client is a program of the user who runs this one; nil says no.
	Ours func(client, server netip.AddrPort) bool
}

// trusted says whether the connection itself tells that it is the user's own program that asks. An address tells nothing:
// every user of this machine has 127.0.0.1, and so has every program that forwards what comes from elsewhere.
func (d *Door) trusted(r *http.Request) bool {
	client, server, ok := ends(r)
	return ok && !d.AskAll && !forwarded(r.Header) && client.Addr().IsLoopback() && server.Addr().IsLoopback() &&
		d.Ours != nil && d.Ours(client, server)
}

// ends are the addresses of the connection of a request.
func ends(r *http.Request) (client, server netip.AddrPort, ok bool) {
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return client, server, false
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(interface{ AddrPort() netip.AddrPort })
	if local == nil {
		return client, server, false
	}
	server = local.AddrPort()
	return unmapped(client), unmapped(server), server.IsValid()
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// forwarders are headers, beside X-Forwarded-…, that only something between the browser and this server adds.
var forwarders = map[string]bool{
	"forwarded": true, // RFC 7239
	"via":       true, // RFC 9110 §7.6.3
	"x-real-ip": true, "x-client-ip": true, "x-cluster-client-ip": true, "true-client-ip": true, "client-ip": true,
	"x-original-host": true, "x-original-for": true, "x-original-forwarded-for": true, "x-original-url": true,
	"x-host": true, "x-scheme": true, "x-url-scheme": true, "x-forwarded": true, "forwarded-for": true,
	"x-proxyuser-ip": true, "proxy-connection": true, "cdn-loop": true, // RFC 8586
	"x-envoy-external-address": true, "x-envoy-original-path": true, "x-arr-log-id": true, "x-amzn-trace-id": true,
	"cf-connecting-ip": true, "cf-ray": true, "fastly-client-ip": true, "fly-client-ip": true, "x-appengine-user-ip": true,
	"x-azure-clientip": true, "x-ms-proxy": true, "x-tunnel-id": true, "tailscale-user-login": true,
}

// forwarded says whether something forwarded the request. What such a header says is not looked at, since whoever asks
// can write it; that it is there can only cost, never gain.
func forwarded(h http.Header) bool {
	for name := range h {
		name = strings.ReplaceAll(lower(name), "_", "-") // some gateways write them so
		if forwarders[name] || strings.HasPrefix(name, "x-forwarded-") {
			return true
		}
	}
	return false
}

// right compares a code in a time that tells nothing of how much of it is right.
func (d *Door) right(code string) bool {
	got, want := sha256.Sum256([]byte(code)), sha256.Sum256([]byte(d.Code))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// Wrong codes: so many at once, and so many a second after that, from each address.
const (
	wrongBurst = 10
	wrongRate  = 1
	// maxGuessers bounds the addresses that are told apart; all others share one measure.
	maxGuessers = 1024
)

// guesses counts wrong codes. They slow down who sends them: the right one is never kept waiting, since others may guess
// from the same address, and 128 random bits are not guessed.
type guesses struct {
	mu sync.Mutex
	by map[netip.Prefix]*rate.Limiter
}

// may says whether a code from there is looked at at all.
func (g *guesses) may(from netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.by[network(from)]
	if l == nil && len(g.by) >= maxGuessers {
		l = g.by[netip.Prefix{}]
	}
	return l == nil || l.Tokens() >= 1
}

// wrong notes a wrong code.
func (g *guesses) wrong(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := network(from)
	if g.by[key] == nil && len(g.by) >= maxGuessers {
		for at, l := range g.by {
			if l.Tokens() >= wrongBurst { // it has waited long enough to be as new
				delete(g.by, at)
			}
		}
		if len(g.by) >= maxGuessers {
			key = netip.Prefix{}
		}
	}
	if g.by == nil {
		g.by = map[netip.Prefix]*rate.Limiter{}
	}
	if g.by[key] == nil {
		g.by[key] = rate.NewLimiter(wrongRate, wrongBurst)
	}
	g.by[key].Allow()
}

// network is what one who guesses has at least: an IPv4 address, or 64 bits of IPv6 (RFC 6177).
func network(a netip.Addr) netip.Prefix {
	bits := 32
	if a = a.Unmap().WithZone(""); a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // fails only for an address that is none
	return p
}
