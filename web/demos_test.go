package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"socketplayground/playground/demo"
)

// get fetches a path, with the ETag of an answer before, if there was one.
func (r *running) get(t *testing.T, path, tag string) (*http.Response, []byte) {
	t.Helper()
	q, err := http.NewRequest(http.MethodGet, "http://"+r.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tag != "" {
		q.Header.Set("If-None-Match", tag)
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

// TestDemos: the list names demos that can be fetched as JSON and as files, and a browser that has one is told so.
func TestDemos(t *testing.T) {
	r := serve(t)
	res, body := r.get(t, "/demos", "")
	var list struct {
		Demos []struct {
			ID    string
			Steps int
			Title demo.Text
		}
	}
	if err := json.Unmarshal(body, &list); err != nil || len(list.Demos) == 0 {
		t.Fatalf("GET /demos: %v, %s", err, body)
	}
	tags := map[string]string{"/demos": res.Header.Get("ETag")}
	for _, d := range list.Demos {
		res, body := r.get(t, "/demos/"+d.ID, "")
		var one struct {
			Demo struct {
				ID    string
				Steps []json.RawMessage
			}
			Words map[string]map[string]string
		}
		if err := json.Unmarshal(body, &one); err != nil || one.Demo.ID != d.ID || len(one.Demo.Steps) != d.Steps || len(one.Words["zh"]) == 0 {
			t.Errorf("GET /demos/%s: %v, %.200s", d.ID, err, body)
		}
		tags["/demos/"+d.ID] = res.Header.Get("ETag")
		res, text := r.get(t, "/demos/"+d.ID+".yaml", "")
		if parsed, err := demo.Parse(text, nil); err != nil || parsed.ID != d.ID {
			t.Errorf("GET /demos/%s.yaml: %v", d.ID, err)
		}
		if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/yaml") {
			t.Errorf("a demo file is served as %q", kind)
		}
		tags["/demos/"+d.ID+".yaml"] = res.Header.Get("ETag")
	}
	for path, tag := range tags {
		if res, body := r.get(t, path, tag); tag == "" || res.StatusCode != http.StatusNotModified || len(body) != 0 {
			t.Errorf("%s again with the tag %s: %s, %d bytes", path, tag, res.Status, len(body))
		}
	}
	for _, path := range []string{"/demos/nonesuch", "/demos/nonesuch.yaml", "/demos/", "/demos/..%2fdemos.go"} {
		if res, _ := r.get(t, path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s, want 404", path, res.Status)
		}
	}
}

const demoText = `
demo: 1
id: test
title: {en: Test}
summary: {en: A test.}
network: machine
steps:
  - title: {en: Open}
    story: {en: It opens.}
    do:
      - listen: {as: S1, address: '127.0.0.1:0', behavior: echo}
      - dial: {as: C1, address: S1}
    checks: [C1 dial returns ok, peer of C1 is S1.1]
`

// TestRunDemo: a demo is read, run and controlled over the WebSocket, and whoever comes later sees the same.
func TestRunDemo(t *testing.T) {
	r := serve(t)
	c := r.dial(t, "")
	var read struct {
		Demo  struct{ ID string }
		Words map[string]map[string]string
	}
	if f := c.do("read_demo", map[string]any{"text": demoText}); json.Unmarshal(f.raw, &read) != nil || read.Demo.ID != "test" || len(read.Words["zh"]) != 2 {
		t.Errorf("read_demo: %s", f.raw)
	}
	if f := c.do("read_demo", map[string]any{"text": "demo: 1\nid: [\n"}); f.Code != "invalid_argument" || !strings.HasPrefix(f.Message, "line ") {
		t.Errorf("read_demo of a bad file: %s", f.raw)
	}
	if f := c.do("control_demo", map[string]any{"do": "stop"}); f.Code != "conflict" {
		t.Errorf("control_demo without a demo: %s", f.raw)
	}
	if f := c.do("run_demo", map[string]any{"text": demoText, "step": true, "language": "zh"}); f.Type != "ok" {
		t.Fatalf("run_demo: %s", f.raw)
	}
	c.wait("a pause before the first step", func(e event) bool { return e.Type == "demo_paused" })
	if f := c.do("run_demo", map[string]any{"text": demoText}); f.Code != "conflict" {
		t.Errorf("a second run_demo: %s", f.raw)
	}
	if f := c.do("control_demo", map[string]any{"do": "resume"}); f.Type != "ok" {
		t.Errorf("control_demo: %s", f.raw)
	}
	end := c.wait("the end", func(e event) bool { return e.Type == "demo_finished" })
	var finished struct {
		Verdict string
		Passed  int
	}
	if err := json.Unmarshal(end.raw, &finished); err != nil || finished.Verdict != "passed" || finished.Passed != 2 {
		t.Errorf("the demo ended as %s", end.raw)
	}
	other := r.dial(t, c.key)
	other.wait("the same end", func(e event) bool { return e.Type == "demo_finished" && e.Seq == end.Seq })
}
