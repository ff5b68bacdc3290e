package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// DNS rebinding: a name of somebody else's leads to this machine, so that the browser takes the playground for that site's
// own server. Its pages get 421 whatever they ask for, their WebSocket is not opened, and no session begins.
func TestRebinding(t *testing.T) {
	s := start(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(s.url, "http://"), ":")
	port, _, _ = strings.Cut(port, "/")
	const names = "MAP evil.test 127.0.0.1,MAP localhost.evil.test 127.0.0.1,MAP 127.0.0.1.evil.test 127.0.0.1"
	p := browse(t, &server{url: "about:blank"}, chromedp.Flag("host-resolver-rules", names))
	p.allow("421")
	p.allow("WebSocket connection to")
	p.allow("Cross-Origin-Opener-Policy header has been ignored") // a page by http from no localhost
	for _, host := range []string{"evil.test", "localhost.evil.test", "127.0.0.1.evil.test"} {
		p.open("http://" + host + ":" + port + "/")
		if got := eval[string](p, `location.host + ' ' + document.body.textContent`); !strings.HasPrefix(got, host+":"+port+" This server does not answer to the name "+host) {
			t.Fatalf("the page of %s is %.200q", host, got)
		}
		eval[bool](p, `(() => {
			window.got = {};
			const note = (name, what) => { window.got[name] ??= what; };
			for (const path of ['/', '/healthz', '/demos', '/static/js/main.js', '/ws']) fetch(path).then((r) => note(path, String(r.status)), () => note(path, 'failed'));
			fetch('/ws', { method: 'POST', body: '{"type":"listen","address":":0"}' }).then((r) => note('POST', String(r.status)), () => note('POST', 'failed'));
			const ws = new WebSocket('ws://' + location.host + '/ws');
			ws.onopen = () => note('socket', 'open');
			ws.onclose = () => note('socket', 'closed');
			return true;
		})()`)
		p.eventually("seven answers to "+host, func() (bool, error) { return eval[int](p, `Object.keys(window.got).length`) == 7, nil })
		for name, got := range eval[map[string]string](p, `window.got`) {
			if got != "421" && got != "403" && (name != "socket" || got != "closed") {
				t.Errorf("%s of %s: %s", name, host, got)
			}
		}
	}
	response, err := http.Get(s.url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if b, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(b), `"sessions":0`) {
		t.Errorf("%v: /healthz says %s", err, b)
	}
}
