package web

import (
	"fmt"
	"net/http"
	"net/netip"
)

// guard is the one gate before the router. It looks at every request, upgrades included, and fails closed.
//
// The name in Host is what stops DNS rebinding: a page of another site whose name was pointed at 127.0.0.1 sends its own
// name. The port in it tells nothing of that, and ssh -L, VS Code and containers change it, so any will do. An address is
// no name that could be pointed elsewhere: a page whose origin has it comes from there. That Origin must be the very Host
// stops a page of another site from opening the WebSocket, on which browsers put no same-origin policy (RFC 6455 §10.2):
// with another port it is another site.
//
// The name localhost alone is two addresses, of which a browser takes the one that answers. Where this server has
// 127.0.0.1 and the port is free for others on [::1], another user's program there is the same site as this server: its
// page closes that listener, opens a WebSocket to where it came from, and the browser, whose user's own it is, comes here
// (the other way round as well). So that port of localhost is not answered then. Other ports of localhost lead here only
// through a program that forwards, and whose site that is, is for who started it to say.
type guard struct {
	door  *Door
	names map[string]bool
	next  http.Handler
}

func newGuard(door *Door, next http.Handler) *guard {
	g := &guard{door: door, next: next, names: map[string]bool{"localhost": true, "127.0.0.1": true, "[::1]": true}}
	for _, name := range door.Names {
		g.names[name] = true
	}
	return g
}

// contentPolicy allows what the page needs and nothing else; Trusted Types make innerHTML and its like throw.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")

	if why := g.misdirected(r); why != "" {
		http.Error(w, why, http.StatusMisdirectedRequest)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are answered here; commands go over the WebSocket at /ws.", http.StatusMethodNotAllowed)
		return
	}
	// A browser sends Origin with every upgrade. A command-line client must send it too: it is no secret,
	// and asking for it keeps the rule without an exception.
	origins := r.Header.Values("Origin")
	upgrade := len(r.Header.Values("Upgrade")) > 0
	if len(origins) > 1 || len(origins) == 1 && !sameOrigin(origins[0], r.Host) || len(origins) == 0 && upgrade {
		http.Error(w, "That origin may not use this server: Origin must be http:// or https:// and the very Host of the request. "+
			"A command-line client sends Origin: http:// and the host and port it connects to. "+
			"A proxy must hand the browser's Host on; its name is allowed with -allow-host.", http.StatusForbidden)
		return
	}
	g.next.ServeHTTP(w, r)
}

// sameOrigin says whether a page of that origin came from that host.
func sameOrigin(origin, host string) bool {
	origin, host = lower(origin), lower(host)
	return origin == "http://"+host || origin == "https://"+host
}

// misdirected says why a request with that Host is not answered, and what to do; it is empty where one is.
func (g *guard) misdirected(r *http.Request) string {
	name, port, ok := splitHost(r.Host)
	if !ok {
		return "The Host of this request is no name or address with a port as browsers send it. Open the address that the playground printed when it started."
	}
	_, server, known := ends(r)
	switch {
	case name == "localhost" && g.door.HalfLocalhost && (!known || leadsHere(port, server)):
		return fmt.Sprintf("On this port localhost can lead to another user's program as well, which then could act in this page: open http://%s:%d, "+
			"or start the playground with -addr localhost:%d.", hostOf(server.Addr()), server.Port(), server.Port())
	case g.names[name], known && name == hostOf(server.Addr()):
		return ""
	}
	return fmt.Sprintf("This server does not answer to the name %s. Open the address that it printed when it started, or start it with -allow-host %s if that name is yours.", name, name)
}

// leadsHere says whether a browser that is sent to localhost with that port can have come straight to the server's
// address. Without a port it went to that of its scheme.
func leadsHere(port uint16, server netip.AddrPort) bool {
	straight := port == server.Port() || port == 0 && (server.Port() == 80 || server.Port() == 443)
	return straight && (server.Addr() == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || server.Addr() == netip.IPv6Loopback())
}
