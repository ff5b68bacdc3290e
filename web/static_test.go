package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"socketplayground/playground"
	"socketplayground/web"
)

var prefixPattern = regexp.MustCompile(`"(/static/[0-9a-f]{16}/)js/main\.js"`)

// prefixOf is the path of the static files, as the page names it.
func prefixOf(t *testing.T, r *running) string {
	t.Helper()
	m := prefixPattern.FindStringSubmatch(body(t, exchange(t, r.addr, "GET / HTTP/1.1\r\nHost: "+r.addr+"\r\n\r\n")))
	if m == nil {
		t.Fatal("the page names no static file under a hash")
	}
	return m[1]
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPage(t *testing.T) {
	t.Parallel()
	r := serve(t)
	got := exchange(t, r.addr, "GET / HTTP/1.1\r\nHost: "+r.addr+"\r\n\r\n")
	page := body(t, got)
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/html; charset=utf-8" || got.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("got %s, %s, Cache-Control %s", got.Status, got.Header.Get("Content-Type"), got.Header.Get("Cache-Control"))
	}
	if strings.Contains(page, `"static/`) {
		t.Errorf("the page names a static file without its hash: %s", page)
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	r := serve(t)
	prefix := prefixOf(t, r)
	const immutable = "max-age=31536000, immutable"
	tests := []struct {
		name, path string
		status     int
		kind       string
		cache      string
	}{
		{"script", prefix + "js/main.js", http.StatusOK, "text/javascript; charset=utf-8", immutable},
		{"style", prefix + "css/style.css", http.StatusOK, "text/css; charset=utf-8", immutable},
		{"picture", prefix + "favicon.svg", http.StatusOK, "image/svg+xml", immutable},
		{"not there", prefix + "js/none.js", http.StatusNotFound, "", ""},
		{"folder", prefix + "js/", http.StatusNotFound, "", ""},
		{"folder without slash", prefix + "js", http.StatusNotFound, "", ""},
		{"root", prefix, http.StatusNotFound, "", ""},
		{"another hash", "/static/0000000000000000/js/main.js", http.StatusNotFound, "", ""},
		{"no hash", "/static/js/main.js", http.StatusNotFound, "", ""},
		{"static alone", "/static/", http.StatusNotFound, "", ""},
		{"nothing", "/nothing", http.StatusNotFound, "", ""},
		{"index by name", "/index.html", http.StatusNotFound, "", ""},
		{"traversal", prefix + "../../../../etc/passwd", http.StatusNotFound, "", ""},
		{"traversal within", prefix + "js/../../../server.go", http.StatusNotFound, "", ""},
		{"encoded traversal", prefix + "%2e%2e/%2e%2e/etc/passwd", http.StatusNotFound, "", ""},
		{"encoded slashes", prefix + "..%2f..%2fetc%2fpasswd", http.StatusNotFound, "", ""},
		{"backslashes", prefix + `..\..\etc\passwd`, http.StatusNotFound, "", ""},
		{"absolute path", prefix + "/etc/passwd", http.StatusNotFound, "", ""},
		{"NUL", prefix + "js/main.js%00", http.StatusNotFound, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := exchange(t, r.addr, "GET "+tt.path+" HTTP/1.1\r\nHost: "+r.addr+"\r\n\r\n")
			if got.StatusCode != tt.status || got.Header.Get("Cache-Control") != tt.cache {
				t.Errorf("got %s, Cache-Control %q, want %d, %q", got.Status, got.Header.Get("Cache-Control"), tt.status, tt.cache)
			}
			if tt.kind != "" && got.Header.Get("Content-Type") != tt.kind {
				t.Errorf("Content-Type: got %q, want %q", got.Header.Get("Content-Type"), tt.kind)
			}
			if text := body(t, got); strings.Contains(text, "root:") || strings.Contains(text, "<a href") {
				t.Errorf("the body shows what it must not: %s", text)
			}
		})
	}
}

// TestPrefixFollowsContent: one changed byte gives every static file another path, so no browser keeps an old one.
func TestPrefixFollowsContent(t *testing.T) {
	t.Parallel()
	door := web.Door{Code: code}
	page := func(script string) string {
		sessions, err := playground.NewManager(playground.Config{Network: playground.NewMachine(playground.Policy{})})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(sessions.Close)
		s, err := web.New(web.Config{Sessions: sessions, Door: door, Static: fstest.MapFS{
			"index.html": {Data: []byte(`"static/js/main.js"`)}, "js/main.js": {Data: []byte(script)}}})
		if err != nil {
			t.Fatal(err)
		}
		r, w := httptest.NewRequest(http.MethodGet, "http://localhost:1/", nil), httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return prefixPattern.FindString(w.Body.String())
	}
	a, b, c := page("1"), page("2"), page("1")
	if a == "" || a == b || a != c {
		t.Errorf("prefixes of two contents, and of the first again: %s %s %s", a, b, c)
	}
}

// TestConfig: a server that cannot work is refused when it is made.
func TestConfig(t *testing.T) {
	t.Parallel()
	door := web.Door{Code: code}
	sessions, err := playground.NewManager(playground.Config{Network: playground.NewMachine(playground.Policy{})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sessions.Close)
	for _, tt := range []struct {
		name, want string
		cfg        web.Config
	}{
		{"no sessions", "Sessions", web.Config{Static: site, Door: door}},
		{"no static files", "Static", web.Config{Sessions: sessions, Door: door}},
		{"no code", "Code", web.Config{Sessions: sessions, Static: site}},
		{"no index.html", "page is missing", web.Config{Sessions: sessions, Static: fstest.MapFS{}, Door: door}},
	} {
		if _, err := web.New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error that names %s", tt.name, err, tt.want)
		}
	}
}
