package web_test

import (
	"strings"
	"testing"
)

func TestPageLanguage(t *testing.T) {
	t.Parallel()
	r := serve(t)
	tests := []struct{ name, header, want string }{
		{"an empty header", "", "en"},
		{"English", "en-US,en;q=0.9", "en"},
		{"Chinese", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"},
		{"Chinese in capitals", "ZH-TW", "zh-CN"},
		{"English first", "en,zh;q=0.9", "en"},
		{"weights before order", "en;q=0.5, zh;q=0.8", "zh-CN"},
		{"a language without a page", "de-DE,de;q=0.9,zh;q=0.4", "zh-CN"},
		{"Chinese refused", "zh;q=0, en;q=0.1", "en"},
		{"a weight that is none", "zh;q=high", "en"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := exchange(t, r.addr, "GET / HTTP/1.1\r\nHost: "+r.addr+"\r\nAccept-Language: "+tt.header+"\r\n\r\n")
			if want := `<html lang="` + tt.want + `">`; !strings.Contains(body(t, got), want) {
				t.Errorf("Accept-Language %q: the page does not have %s", tt.header, want)
			}
			if got := got.Header.Get("Vary"); got != "Accept-Language" {
				t.Errorf("Vary = %q, want Accept-Language", got)
			}
		})
	}
}
