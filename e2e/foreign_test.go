package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A page of another site, another port of this machine included, opens no WebSocket of the playground, by none of its
// names, and begins no session.
func TestForeignPage(t *testing.T) {
	s := start(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.url, "http://"), ":")
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<!doctype html><title>another site</title><link rel=icon href=data:,>")
	}))
	defer foreign.Close()
	p := browse(t, &server{url: foreign.URL})
	p.allow("WebSocket connection to")
	eval[bool](p, `(window.tried = {}, true)`)
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "evil.localhost", "127.0.0.2"} {
		eval[bool](p, fmt.Sprintf(`(() => {
			const ws = new WebSocket('ws://%[1]s:%[2]s/ws');
			ws.onopen = () => { window.tried['%[1]s'] = 'open'; };
			ws.onclose = () => { window.tried['%[1]s'] ??= 'closed'; };
			return true;
		})()`, host, port))
		p.eventually("an answer under "+host, func() (bool, error) { return eval[string](p, `window.tried['`+host+`'] ?? ''`) != "", nil })
		if got := eval[string](p, `window.tried['`+host+`']`); got != "closed" {
			t.Errorf("a foreign page opens a WebSocket under %s: %s", host, got)
		}
	}
	response, err := http.Get(s.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b := make([]byte, 200)
	n, _ := response.Body.Read(b) // the length is checked by what it says
	if got := string(b[:n]); !strings.Contains(got, `"sessions":0`) {
		t.Errorf("/healthz says %s", got)
	}
}
