package web_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// A file that save_pcapng made is given once, to whoever has the ticket.
func TestExport(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("capturing on loopback needs root, or CAP_NET_RAW")
	}
	r := serve(t)
	c := r.dial(t, "")
	if f := c.do("save_pcapng", nil); f.Type != "error" || f.Code != "not_found" {
		t.Errorf("with nothing to save: %s", f.raw)
	}
	c.pairOf("echo", nil)
	var answer struct{ Download string }
	eventually(t, "a segment to be kept", func() bool {
		f := c.do("save_pcapng", nil)
		return f.Type == "ok" && json.Unmarshal(f.raw, &answer) == nil
	})
	if !strings.HasPrefix(answer.Download, "/download/") {
		t.Fatalf("the path is %q", answer.Download)
	}
	fetch := func(method, path string) (*http.Response, []byte) {
		t.Helper()
		q, err := http.NewRequest(method, "http://"+r.addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, body
	}
	if res, _ := fetch(http.MethodHead, answer.Download); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("HEAD: %s", res.Status)
	}
	res, body := fetch(http.MethodGet, answer.Download)
	if res.StatusCode != http.StatusOK || !bytes.HasPrefix(body, []byte{0x0a, 0x0d, 0x0d, 0x0a}) { // a section header block
		t.Errorf("GET: %s, %d bytes", res.Status, len(body))
	}
	if d := res.Header.Get("Content-Disposition"); !strings.Contains(d, "attachment") || !strings.Contains(d, ".pcapng") {
		t.Errorf("Content-Disposition is %q", d)
	}
	for _, path := range []string{answer.Download, "/download/" + strings.Repeat("0", 32), "/download/..%2f..%2fetc%2fpasswd"} {
		if res, _ := fetch(http.MethodGet, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s: %s", path, res.Status)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
