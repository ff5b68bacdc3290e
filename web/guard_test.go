package web_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"socketplayground/playground"
	"socketplayground/web"
)

// TestHosts sends what Host may be over real connections: the names of this machine's loopback are answered, with any
// port, and no other.
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
		{"IPv6 loopback", "[::1]:" + port, ok},
		{"upper case", "LOCALHOST:" + port, ok},
		{"mixed case", "LocalHost:" + port, ok},
		{"no port", "localhost", ok},
		{"address without port", "127.0.0.1", ok},
		{"IPv6 without port", "[::1]", ok},
		{"other port", "localhost:" + other, ok},
		{"address, other port", "127.0.0.1:" + other, ok},
		{"IPv6, other port", "[::1]:" + other, ok},
		{"port 80", "localhost:80", ok},
		{"lowest port", "localhost:1", ok},
		{"highest port", "localhost:65535", ok},

		{"empty port", "localhost:", misdirect},
		{"port 0", "localhost:0", misdirect},
		{"port past the last", "localhost:65536", misdirect},
		{"endless port", "localhost:" + strings.Repeat("9", 400), misdirect},
		{"leading zero of the port", "localhost:0" + port, misdirect},
		{"sign of the port", "localhost:+" + port, misdirect},
		{"port in letters", "localhost:http", misdirect},
		{"two ports", "localhost:" + port + ":" + port, misdirect},
		{"trailing dot", "localhost.:" + port, misdirect},
		{"trailing dot after the address", "127.0.0.1.:" + port, misdirect},
		{"dot alone", ".:" + port, misdirect},
		{"userinfo", "user@localhost:" + port, badRequest},
		{"userinfo with a password", "user:password@localhost:" + port, badRequest},
		{"our name as userinfo", "localhost:" + port + "@evil.example", badRequest},
		{"empty", "", misdirect},
		{"port alone", ":" + port, misdirect},
		{"rebinding name", "evil.example:" + port, misdirect},
		{"rebinding name without a port", "evil.example", misdirect},
		{"rebinding service", "127.0.0.1.nip.io:" + port, misdirect},
		{"rebinding service, hexadecimal", "7f000001.rbndr.us:" + port, misdirect},
		{"name that public DNS points at loopback", "localtest.me:" + port, misdirect},
		{"subdomain of localhost", "a.localhost:" + port, misdirect},
		{"localhost as a subdomain", "localhost.evil.example:" + port, misdirect},
		{"prefix", "xlocalhost:" + port, misdirect},
		{"suffix", "localhostx:" + port, misdirect},
		{"localhost.localdomain", "localhost.localdomain:" + port, misdirect},
		{"ip6-localhost", "ip6-localhost:" + port, misdirect},
		{"IPv6, long", "[0:0:0:0:0:0:0:1]:" + port, misdirect},
		{"IPv6, leading zero", "[::01]:" + port, misdirect},
		{"IPv6 without brackets", "::1:" + port, misdirect},
		{"IPv6 without its end", "[::1:" + port, misdirect},
		{"IPv4 in brackets", "[127.0.0.1]:" + port, misdirect},
		{"a name in brackets", "[localhost]:" + port, misdirect},
		{"IPv4-mapped", "[::ffff:127.0.0.1]:" + port, misdirect},
		{"IPv4-mapped as browsers write it", "[::ffff:7f00:1]:" + port, misdirect},
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
		{"look-alikes", "ⅼocalhost:" + port, badRequest},
		{"control character", "localhost\x01:" + port, badRequest},
		{"long label", strings.Repeat("a", 64) + ".example:" + port, misdirect},
		{"long name", strings.Repeat("a.", 200) + "example:" + port, misdirect},
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
			{"absolute form with userinfo", "GET http://localhost@evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", misdirect},
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
		{"ours", []string{"http://127.0.0.1:" + port}, in},
		{"ours over TLS, which a proxy ended", []string{"https://127.0.0.1:" + port}, in},
		{"upper case", []string{"HTTP://127.0.0.1:" + port}, in},

		{"another name of this server", []string{"http://localhost:" + port}, out},

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
		{"port with a digit more", []string{"http://127.0.0.1:" + port + "0"}, out},
		{"port with a digit less", []string{"http://127.0.0.1:" + port[:len(port)-1]}, out},
		{"leading zero of the port", []string{"http://127.0.0.1:0" + port}, out},
		{"ws", []string{"ws://127.0.0.1:" + port}, out},
		{"wss", []string{"wss://127.0.0.1:" + port}, out},
		{"file", []string{"file://"}, out},
		{"file with our name", []string{"file://127.0.0.1:" + port}, out},
		{"ftp", []string{"ftp://127.0.0.1:" + port}, out},
		{"extension", []string{"chrome-extension://abcdefghijklmnopabcdefghijklmnop"}, out},
		{"app", []string{"app://127.0.0.1:" + port}, out},
		{"data", []string{"data:text/html,x"}, out},
		{"scheme left out", []string{"127.0.0.1:" + port}, out},
		{"scheme-relative", []string{"//127.0.0.1:" + port}, out},
		{"one slash", []string{"http:/127.0.0.1:" + port}, out},
		{"three slashes", []string{"http:///127.0.0.1:" + port}, out},
		{"trailing slash", []string{"http://127.0.0.1:" + port + "/"}, out},
		{"path", []string{"http://127.0.0.1:" + port + "/ws"}, out},
		{"query", []string{"http://127.0.0.1:" + port + "?"}, out},
		{"fragment", []string{"http://127.0.0.1:" + port + "#"}, out},
		{"trailing dot", []string{"http://127.0.0.1.:" + port}, out},
		{"userinfo", []string{"http://user@127.0.0.1:" + port}, out},
		{"our name as userinfo", []string{"http://127.0.0.1:" + port + "@evil.example"}, out},
		{"our name as a prefix", []string{"http://127.0.0.1:" + port + ".evil.example"}, out},
		{"our host as a prefix", []string{"http://localhost.evil.example:" + port}, out},
		{"our host as a suffix", []string{"http://evil127.0.0.1:" + port}, out},
		{"subdomain", []string{"http://evil.127.0.0.1:" + port}, out},
		{"rebinding service", []string{"http://127.0.0.1.nip.io:" + port}, out},
		{"IPv6 loopback of a server on IPv4 alone", []string{"http://[::1]:" + port}, out},
		{"IPv4-mapped", []string{"http://[::ffff:127.0.0.1]:" + port}, out},
		{"unspecified address", []string{"http://0.0.0.0:" + port}, out},
		{"short address", []string{"http://127.1:" + port}, out},
		{"decimal address", []string{"http://2130706433:" + port}, out},
		{"hexadecimal address", []string{"http://0x7f.0.0.1:" + port}, out},
		{"neighbour", []string{"http://192.168.1.10:" + port}, out},
		{"two origins in one header", []string{"http://127.0.0.1:" + port + " http://evil.example"}, out},
		{"list", []string{"http://127.0.0.1:" + port + ", http://evil.example"}, out},
		{"two headers, ours first", []string{"http://127.0.0.1:" + port, "http://evil.example"}, out},
		{"two headers, ours last", []string{"http://evil.example", "http://127.0.0.1:" + port}, out},
		{"two headers, both ours", []string{"http://127.0.0.1:" + port, "http://127.0.0.1:" + port}, out},
		{"backslash", []string{`http:\\127.0.0.1:` + port}, out},
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

// FuzzGuard: whatever is sent, nothing panics; a Host that is not one of loopback's names gets 421, whatever its port,
// and a foreign Origin never gets an answer.
func FuzzGuard(f *testing.F) {
	sessions, err := playground.NewManager(playground.Config{Network: playground.NewMachine(playground.Policy{})})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(sessions.Close)
	asked := 0
	door := web.Door{Code: code, Names: []string{"lab.example.org"}, Ours: func(_, _ netip.AddrPort) bool { asked++; return true }}
	server, err := web.New(web.Config{Sessions: sessions, Static: site, Door: door})
	if err != nil {
		f.Fatal(err)
	}
	for _, host := range []string{"localhost:8080", "LOCALHOST:9", "localhost.:8080", "evil.example", "", "[::1]:8080", "localhost:8080@x", "\x00", "\u212a:8080",
		"[::1", "::1", "]", "[]:1", ":", "127.0.0.1:65536", "lab.example.org", "Lab.Example.Org:443", "lab.example.org.", "0x7f.1:80"} {
		for _, origin := range []string{"", "http://localhost:8080", "null", "http://evil.example", "https://lab.example.org", "\xff"} {
			f.Add("GET", "/healthz", host, origin, "", "127.0.0.1:1", false)
			f.Add("GET", "/ws", host, origin, "X-Forwarded-For", "[::1%lo]:1", true)
		}
	}
	f.Add("POST", "/healthz?a=%zz", "localhost", "", "forwarded", "", false)
	f.Add("HEAD", "/static/../..//x/%2e%2e/", "localhost", "", "X_FORWARDED_PROTO", "@", false)
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	port := regexp.MustCompile(`^(:([1-9][0-9]{0,4}))?$`)
	f.Fuzz(func(t *testing.T, method, target, host, origin, header, from string, upgrade bool) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // net/http refuses it
		}
		r := &http.Request{Method: method, URL: u, Host: host, RequestURI: target, Header: http.Header{},
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody, RemoteAddr: from}
		if header != "" {
			r.Header.Set(header, "127.0.0.1")
		}
		r.Header.Del("Origin")
		r.Header.Del("Upgrade")
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		if upgrade {
			r.Header.Set("Upgrade", "websocket")
			r.Header.Set("Connection", "Upgrade")
		}
		asked = 0
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local)))
		named := false
		for _, name := range []string{"localhost", "127.0.0.1", "[::1]", "lab.example.org"} {
			if rest, ok := strings.CutPrefix(asciiLower(host), name); ok && port.MatchString(rest) {
				n, _ := strconv.Atoi(strings.TrimPrefix(rest, ":"))
				named = n <= 65535
			}
		}
		if foreign := w.Code == http.StatusMisdirectedRequest; foreign == named {
			t.Errorf("Host %q: %d", host, w.Code)
		}
		same := asciiLower(origin) == "http://"+asciiLower(host) || asciiLower(origin) == "https://"+asciiLower(host)
		badOrigin := origin != "" && !same || origin == "" && upgrade
		if badOrigin && w.Code != http.StatusForbidden && w.Code != http.StatusMisdirectedRequest && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s %s with Host %q, Origin %q, upgrade %v: %d", method, target, host, origin, upgrade, w.Code)
		}
		if w.Header().Get("Content-Security-Policy") == "" {
			t.Error("an answer without Content-Security-Policy")
		}
		if asked > 0 && strings.HasPrefix(asciiLower(header), "x-forwarded-") {
			t.Errorf("with %s it was asked whose the connection is: that decided", header)
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
