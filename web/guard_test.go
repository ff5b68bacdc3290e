package web_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/web"
)

// TestHosts sends what Host may be over real connections: only the exact names of this server are answered.
func TestHosts(t *testing.T) {
	t.Parallel()
	r := serve(t)
	_, port, _ := net.SplitHostPort(r.addr)
	n, _ := strconv.Atoi(port)
	other := strconv.Itoa(n ^ 1)
	const (
		ok         = http.StatusOK
		misdirect  = http.StatusMisdirectedRequest
		badRequest = http.StatusBadRequest // net/http's own, before the guard
	)
	tests := []struct {
		name, host string
		want       int
	}{
		{"address", "127.0.0.1:" + port, ok},
		{"localhost", "localhost:" + port, ok},
		{"upper case", "LOCALHOST:" + port, ok},
		{"mixed case", "LocalHost:" + port, ok},

		{"no port", "localhost", misdirect},
		{"address without port", "127.0.0.1", misdirect},
		{"empty port", "localhost:", misdirect},
		{"other port", "localhost:" + other, misdirect},
		{"address, other port", "127.0.0.1:" + other, misdirect},
		{"port 80", "localhost:80", misdirect},
		{"leading zero of the port", "localhost:0" + port, misdirect},
		{"port with a digit more", "localhost:" + port + "0", misdirect},
		{"port with a digit less", "localhost:" + port[:len(port)-1], misdirect},
		{"trailing dot", "localhost.:" + port, misdirect},
		{"trailing dot after the address", "127.0.0.1.:" + port, misdirect},
		{"dot alone", ".:" + port, misdirect},
		{"userinfo", "user@localhost:" + port, badRequest},
		{"userinfo with a password", "user:password@localhost:" + port, badRequest},
		{"our name as userinfo", "localhost:" + port + "@evil.example", badRequest},
		{"empty", "", misdirect},
		{"port alone", ":" + port, misdirect},
		{"rebinding name", "evil.example:" + port, misdirect},
		{"rebinding service", "127.0.0.1.nip.io:" + port, misdirect},
		{"rebinding service, hexadecimal", "7f000001.rbndr.us:" + port, misdirect},
		{"name that public DNS points at loopback", "localtest.me:" + port, misdirect},
		{"subdomain of localhost", "a.localhost:" + port, misdirect},
		{"localhost as a subdomain", "localhost.evil.example:" + port, misdirect},
		{"prefix", "xlocalhost:" + port, misdirect},
		{"suffix", "localhostx:" + port, misdirect},
		{"localhost.localdomain", "localhost.localdomain:" + port, misdirect},
		{"IPv6 loopback of a server on IPv4 alone", "[::1]:" + port, misdirect},
		{"IPv6, long", "[0:0:0:0:0:0:0:1]:" + port, misdirect},
		{"IPv6 without brackets", "::1:" + port, misdirect},
		{"IPv4-mapped", "[::ffff:127.0.0.1]:" + port, misdirect},
		{"IPv6 unspecified", "[::]:" + port, misdirect},
		{"IPv6 with a zone", "[::1%25lo]:" + port, misdirect},
		{"unspecified address", "0.0.0.0:" + port, misdirect},
		{"short address", "127.1:" + port, misdirect},
		{"decimal address", "2130706433:" + port, misdirect},
		{"hexadecimal address", "0x7f000001:" + port, misdirect},
		{"octal address", "0177.0.0.1:" + port, misdirect},
		{"other loopback address", "127.0.0.2:" + port, misdirect},
		{"neighbour's address", "192.168.1.10:" + port, misdirect},
		{"percent-encoded", "local%68ost:" + port, misdirect},
		{"two names", "localhost:" + port + ",evil.example", misdirect},
		{"path", "localhost:" + port + "/", badRequest},
		{"blank inside", "local host:" + port, badRequest},
		{"Kelvin sign and other look-alikes", "ⅼocalhost:" + port, badRequest},
		{"control character", "localhost\x01:" + port, badRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := exchange(t, r.addr, "GET /healthz HTTP/1.1\r\nHost: "+tt.host+"\r\nConnection: close\r\n\r\n")
			if got.StatusCode != tt.want {
				t.Errorf("Host %q: got %s, want %d", tt.host, got.Status, tt.want)
			}
		})
	}

	t.Run("forms of a request", func(t *testing.T) {
		tests := []struct {
			name, request string
			want          int
		}{
			{"absolute form wins over Host", "GET http://evil.example/healthz HTTP/1.1\r\nHost: " + r.addr + "\r\n\r\n", misdirect},
			{"absolute form of ours", "GET http://" + r.addr + "/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", ok},
			{"no Host", "GET /healthz HTTP/1.1\r\n\r\n", badRequest},
			{"no Host in HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", misdirect},
			{"two Hosts", "GET /healthz HTTP/1.1\r\nHost: " + r.addr + "\r\nHost: evil.example\r\n\r\n", badRequest},
			{"X-Forwarded-Host is not looked at", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: " + r.addr + "\r\n\r\n", misdirect},
			{"Forwarded is not looked at", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nForwarded: host=" + r.addr + "\r\n\r\n", misdirect},
			{"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", misdirect},
		}
		for _, tt := range tests {
			if got := exchange(t, r.addr, tt.request); got.StatusCode != tt.want {
				t.Errorf("%s: got %s, want %d", tt.name, got.Status, tt.want)
			}
		}
	})
}

// TestOrigins sends WebSocket handshakes as pages of other sites would: only pages of this server get in.
func TestOrigins(t *testing.T) {
	t.Parallel()
	r := serve(t)
	_, port, _ := net.SplitHostPort(r.addr)
	n, _ := strconv.Atoi(port)
	other := strconv.Itoa(n ^ 1)
	const (
		in  = http.StatusSwitchingProtocols
		out = http.StatusForbidden
	)
	tests := []struct {
		name    string
		origins []string
		want    int
	}{
		{"address", []string{"http://127.0.0.1:" + port}, in},
		{"localhost", []string{"http://localhost:" + port}, in},

		{"absent", nil, out},
		{"empty", []string{""}, out},
		{"null", []string{"null"}, out},
		{"NULL", []string{"NULL"}, out},
		{"undefined", []string{"undefined"}, out},
		{"star", []string{"*"}, out},
		{"other site", []string{"http://evil.example"}, out},
		{"other site, secure", []string{"https://evil.example"}, out},
		{"other site, our port", []string{"http://evil.example:" + port}, out},
		{"no port", []string{"http://localhost"}, out},
		{"address without port", []string{"http://127.0.0.1"}, out},
		{"port 80", []string{"http://localhost:80"}, out},
		{"other port of localhost", []string{"http://localhost:" + other}, out},
		{"other port of the address", []string{"http://127.0.0.1:" + other}, out},
		{"port with a digit more", []string{"http://localhost:" + port + "0"}, out},
		{"port with a digit less", []string{"http://localhost:" + port[:len(port)-1]}, out},
		{"leading zero of the port", []string{"http://localhost:0" + port}, out},
		{"https", []string{"https://localhost:" + port}, out},
		{"ws", []string{"ws://localhost:" + port}, out},
		{"wss", []string{"wss://localhost:" + port}, out},
		{"file", []string{"file://"}, out},
		{"file with our name", []string{"file://localhost:" + port}, out},
		{"ftp", []string{"ftp://localhost:" + port}, out},
		{"extension", []string{"chrome-extension://abcdefghijklmnopabcdefghijklmnop"}, out},
		{"app", []string{"app://localhost:" + port}, out},
		{"data", []string{"data:text/html,x"}, out},
		{"scheme left out", []string{"localhost:" + port}, out},
		{"scheme-relative", []string{"//localhost:" + port}, out},
		{"one slash", []string{"http:/localhost:" + port}, out},
		{"three slashes", []string{"http:///localhost:" + port}, out},
		{"trailing slash", []string{"http://localhost:" + port + "/"}, out},
		{"path", []string{"http://localhost:" + port + "/ws"}, out},
		{"query", []string{"http://localhost:" + port + "?"}, out},
		{"fragment", []string{"http://localhost:" + port + "#"}, out},
		{"trailing dot", []string{"http://localhost.:" + port}, out},
		{"userinfo", []string{"http://user@localhost:" + port}, out},
		{"our name as userinfo", []string{"http://localhost:" + port + "@evil.example"}, out},
		{"our name as a prefix", []string{"http://localhost:" + port + ".evil.example"}, out},
		{"our host as a prefix", []string{"http://localhost.evil.example:" + port}, out},
		{"our host as a suffix", []string{"http://evillocalhost:" + port}, out},
		{"subdomain", []string{"http://evil.localhost:" + port}, out},
		{"rebinding service", []string{"http://127.0.0.1.nip.io:" + port}, out},
		{"IPv6 loopback of a server on IPv4 alone", []string{"http://[::1]:" + port}, out},
		{"IPv4-mapped", []string{"http://[::ffff:127.0.0.1]:" + port}, out},
		{"unspecified address", []string{"http://0.0.0.0:" + port}, out},
		{"short address", []string{"http://127.1:" + port}, out},
		{"decimal address", []string{"http://2130706433:" + port}, out},
		{"hexadecimal address", []string{"http://0x7f.0.0.1:" + port}, out},
		{"neighbour", []string{"http://192.168.1.10:" + port}, out},
		{"two origins in one header", []string{"http://localhost:" + port + " http://evil.example"}, out},
		{"list", []string{"http://localhost:" + port + ", http://evil.example"}, out},
		{"two headers, ours first", []string{"http://localhost:" + port, "http://evil.example"}, out},
		{"two headers, ours last", []string{"http://evil.example", "http://localhost:" + port}, out},
		{"two headers, both ours", []string{"http://localhost:" + port, "http://localhost:" + port}, out},
		{"backslash", []string{`http:\\localhost:` + port}, out},
		{"percent-encoded", []string{"http://local%68ost:" + port}, out},
	}
	handshake := "GET /ws HTTP/1.1\r\nHost: " + r.addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			request := handshake
			for _, o := range tt.origins {
				request += "Origin: " + o + "\r\n"
			}
			got := exchange(t, r.addr, request+"\r\n")
			if got.StatusCode != tt.want {
				t.Errorf("Origin %q: got %s, want %d", tt.origins, got.Status, tt.want)
			}
			if got := got.Header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("Access-Control-Allow-Origin is %q; there is no CORS here", got)
			}
		})
	}

	// A foreign origin gets nothing else either; a page of ours does, and so does one who types the address.
	for _, tt := range []struct {
		name, origin string
		want         int
	}{
		{"typed address", "", http.StatusOK},
		{"our page", "Origin: http://" + r.addr + "\r\n", http.StatusOK},
		{"other site", "Origin: http://evil.example\r\n", out},
		{"null", "Origin: null\r\n", out},
	} {
		if got := exchange(t, r.addr, "GET /healthz HTTP/1.1\r\nHost: "+r.addr+"\r\n"+tt.origin+"\r\n"); got.StatusCode != tt.want {
			t.Errorf("/healthz, %s: got %s, want %d", tt.name, got.Status, tt.want)
		}
	}
}

// TestMethods: nothing but GET and HEAD does anything, so no form of another site can change anything.
func TestMethods(t *testing.T) {
	t.Parallel()
	r := serve(t)
	for _, path := range []string{"/", "/healthz", "/ws", "/static/", "/nothing"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X"} {
			got := exchange(t, r.addr, method+" "+path+" HTTP/1.1\r\nHost: "+r.addr+"\r\nContent-Length: 0\r\n\r\n")
			if got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: got %s, Allow %q", method, path, got.Status, got.Header.Get("Allow"))
			}
		}
	}
	for path, want := range map[string]int{"/": http.StatusOK, "/healthz": http.StatusOK, "/nothing": http.StatusNotFound} {
		if got := exchange(t, r.addr, "HEAD "+path+" HTTP/1.1\r\nHost: "+r.addr+"\r\n\r\n"); got.StatusCode != want {
			t.Errorf("HEAD %s: got %s, want %d", path, got.Status, want)
		}
	}
}

// TestHeaders: every answer carries the security headers, refusals included, and none sets a cookie.
func TestHeaders(t *testing.T) {
	t.Parallel()
	r := serve(t)
	h := "Host: " + r.addr + "\r\n"
	for _, tt := range []struct{ name, request string }{
		{"page", "GET / HTTP/1.1\r\n" + h},
		{"health", "GET /healthz HTTP/1.1\r\n" + h},
		{"static file", "GET " + prefixOf(t, r) + "js/main.js HTTP/1.1\r\n" + h},
		{"static file that is not there", "GET " + prefixOf(t, r) + "js/none.js HTTP/1.1\r\n" + h},
		{"favicon", "GET /favicon.ico HTTP/1.1\r\n" + h},
		{"no upgrade on /ws", "GET /ws HTTP/1.1\r\n" + h},
		{"404", "GET /nothing HTTP/1.1\r\n" + h},
		{"405", "POST / HTTP/1.1\r\nContent-Length: 0\r\n" + h},
		{"403", "GET / HTTP/1.1\r\nOrigin: http://evil.example\r\n" + h},
		{"421", "GET / HTTP/1.1\r\nHost: evil.example\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := exchange(t, r.addr, tt.request+"\r\n")
			for name, want := range map[string]string{
				"X-Content-Type-Options":       "nosniff",
				"Referrer-Policy":              "no-referrer",
				"Cross-Origin-Resource-Policy": "same-origin",
				"Set-Cookie":                   "",
				"Access-Control-Allow-Origin":  "",
			} {
				if got := got.Header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			policy := got.Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
				if !strings.Contains(policy, want) {
					t.Errorf("Content-Security-Policy %q lacks %s", policy, want)
				}
			}
			if strings.Contains(policy, "unsafe") {
				t.Errorf("Content-Security-Policy allows something unsafe: %s", policy)
			}
		})
	}
}

// FuzzGuard: whatever is sent, nothing panics, a foreign Host gets 421, and a foreign Origin never gets an answer.
func FuzzGuard(f *testing.F) {
	const host = "localhost:8080"
	sessions, err := playground.NewManager(playground.Config{Network: playground.NewMachine(playground.Policy{})})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(sessions.Close)
	server, err := web.New(web.Config{Sessions: sessions, Static: site, Hosts: []string{host}})
	if err != nil {
		f.Fatal(err)
	}
	for _, host := range []string{host, "LOCALHOST:8080", "localhost.:8080", "evil.example", "", "[::1]:8080", "localhost:8080@x", "\x00", "\u212a:8080"} {
		for _, origin := range []string{"", "http://localhost:8080", "null", "http://evil.example", "http://localhost:8080,", "\xff"} {
			f.Add("GET", "/", host, origin, false)
			f.Add("GET", "/ws", host, origin, true)
		}
	}
	f.Add("POST", "/healthz?a=%zz", host, "", false)
	f.Add("HEAD", "/static/../..//x/%2e%2e/", host, "", false)
	f.Fuzz(func(t *testing.T, method, target, host, origin string, upgrade bool) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // net/http refuses it
		}
		r := &http.Request{Method: method, URL: u, Host: host, RequestURI: target, Header: http.Header{},
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"}
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		if upgrade {
			r.Header.Set("Upgrade", "websocket")
			r.Header.Set("Connection", "Upgrade")
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r.WithContext(t.Context()))
		ours := asciiLower(host) == "localhost:8080"
		if foreign := w.Code == http.StatusMisdirectedRequest; foreign == ours {
			t.Errorf("Host %q: %d", host, w.Code)
		}
		badOrigin := origin != "" && asciiLower(origin) != "http://localhost:8080" || origin == "" && upgrade
		if badOrigin && w.Code != http.StatusForbidden && w.Code != http.StatusMisdirectedRequest && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s %s with Host %q, Origin %q, upgrade %v: %d", method, target, host, origin, upgrade, w.Code)
		}
		if w.Header().Get("Content-Security-Policy") == "" {
			t.Error("an answer without Content-Security-Policy")
		}
	})
}

// asciiLower folds A to Z and nothing else, as host names do (RFC 4343).
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
