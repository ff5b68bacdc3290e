package web

import (
	"net/http"
	"strings"
)

// guard is the one gate before the router. It looks at every request, upgrades included, and fails closed.
//
// The exact list of hosts is what stops DNS rebinding: a page of another site whose name was pointed at 127.0.0.1
// sends its own name as Host. The exact list of origins stops any page of another site from opening the WebSocket:
// browsers put no same-origin policy on those (RFC 6455 §10.2).
type guard struct {
	hosts   map[string]bool // lower case, with port
	origins map[string]bool
	next    http.Handler
}

func newGuard(hosts []string, next http.Handler) *guard {
	g := &guard{hosts: map[string]bool{}, origins: map[string]bool{}, next: next}
	for _, h := range hosts {
		h = strings.ToLower(h)
		g.hosts[h] = true
		g.origins["http://"+h] = true
		if host, ok := strings.CutSuffix(h, ":80"); ok { // a browser leaves the default port out
			g.hosts[host] = true
			g.origins["http://"+host] = true
		}
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

	if !g.hosts[strings.ToLower(r.Host)] {
		http.Error(w, "This server does not answer to that host name. Open the address that it printed when it started.", http.StatusMisdirectedRequest)
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
	if len(origins) > 1 || len(origins) == 1 && !g.origins[strings.ToLower(origins[0])] || len(origins) == 0 && upgrade {
		http.Error(w, "That origin may not use this server. A command-line client sends Origin: http:// and the host and port it connects to.", http.StatusForbidden)
		return
	}
	g.next.ServeHTTP(w, r)
}
