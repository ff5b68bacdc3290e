package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
)

// The programs of a session arrive in the answer, and as a zip file that is given once.
func TestCode(t *testing.T) {
	r := serve(t)
	c := r.dial(t, "")
	c.pairOf("echo", nil)
	var answer struct {
		Files []struct {
			Name  string
			Lines []struct {
				Tokens [][2]string
				Seqs   []uint64
			}
		}
		Download string
	}
	ask := func(fields map[string]any) {
		t.Helper()
		f := c.do("code", fields)
		if err := json.Unmarshal(f.raw, &answer); f.Type != "ok" || err != nil {
			t.Fatalf("%v %s", err, f.raw)
		}
	}
	ask(map[string]any{"language": "python", "sockets": []string{"C1"}})
	if len(answer.Files) != 2 || answer.Files[0].Name != "client.py" || answer.Files[1].Name != "server.py" {
		t.Fatalf("got %+v", answer.Files)
	}
	linked := false
	for _, l := range answer.Files[0].Lines {
		if slices.Contains(l.Tokens, [2]string{"call", "create_connection"}) && len(l.Seqs) > 0 {
			linked = true
		}
		if l.Tokens == nil {
			t.Error("an empty line is a list of no tokens, not null")
		}
	}
	if !linked {
		t.Errorf("no line stands for the Dial: %+v", answer.Files[0].Lines)
	}

	ask(map[string]any{"language": "go", "download": true})
	res, err := http.Get("http://" + r.addr + answer.Download)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%v, %q", err, res.Header.Get("Content-Type"))
	}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Open("sockets/client/main.go"); err != nil {
		t.Error(err)
	}

	for field, fields := range map[string]map[string]any{"language": {"language": "perl"}, "sockets": {"language": "go", "sockets": []string{"C9"}}} {
		var refusal struct{ Field string }
		if f := c.do("code", fields); f.Type != "error" || json.Unmarshal(f.raw, &refusal) != nil || refusal.Field != field {
			t.Errorf("%v: got %s", fields, f.raw)
		}
	}
}
