package demos_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"socketplayground/playground/demo"
	"socketplayground/playground/demos"
)

// TestOrder: every demo has a place of its own on its shelf.
func TestOrder(t *testing.T) {
	type place struct {
		shelf string
		order int
	}
	taken := map[place]string{}
	for _, f := range demos.All() {
		at := place{f.Demo.Shelf, f.Demo.Order}
		if other := taken[at]; other != "" || at.order == 0 || at.shelf == "" {
			t.Errorf("%s is at %v, like %q", f.ID, at, other)
		}
		taken[at] = f.ID
	}
}

// TestKeywords: what people type finds the demo that is about it, and each demo has words in both languages.
func TestKeywords(t *testing.T) {
	for word, id := range map[string]string{
		"粘包": "byte-stream", "拆包": "byte-stream", "framing": "byte-stream",
		"半连接": "lost-third-ack", "半连接队列": "lost-third-ack", "SYN flood": "lost-third-ack", "全连接队列": "accept-queue-full",
		"端口复用": "address-already-in-use", "SO_REUSEADDR": "address-already-in-use", "EADDRINUSE": "address-already-in-use", "SO_REUSEPORT": "same-port-twice",
		"心跳": "peer-vanishes-while-idle", "heartbeat": "peer-vanishes-while-idle", "流量控制": "reader-stops-reading", "zero window": "reader-stops-reading",
		"retransmission": "one-lost-segment", "too many open files": "close-wait-leak", "broken pipe": "write-to-closed-peer", "connection refused": "nobody-is-listening",
	} {
		f, ok := demos.Find(id)
		if !ok || !slices.Contains(f.Demo.Keywords, word) {
			t.Errorf("%s is not found by %q: %q", id, word, f.Demo.Keywords)
		}
	}
	for _, f := range demos.All() {
		chinese := func(s string) bool {
			return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		}
		english := func(s string) bool { return !chinese(s) }
		if !slices.ContainsFunc(f.Demo.Keywords, chinese) || !slices.ContainsFunc(f.Demo.Keywords, english) {
			t.Errorf("%s has keywords in one language alone: %q", f.ID, f.Demo.Keywords)
		}
	}
}

// TestTimersAreOfAState: the kernel counts down in FIN_WAIT_2 with the same timer as in TIME_WAIT, so a check on it says
// something only once the state was waited for.
func TestTimersAreOfAState(t *testing.T) {
	checked := 0
	for _, f := range demos.All() {
		for n, step := range f.Demo.Steps {
			for _, c := range step.Checks {
				q, ok := c.Fact.(*demo.Quantity)
				if !ok || q.Name != "timer expiry" {
					continue
				}
				checked++
				if !slices.ContainsFunc(step.Do, func(a demo.Action) bool {
					if a.Wait == nil {
						return false
					}
					is, ok := a.Wait.Fact.(*demo.Is)
					return ok && is.Socket == q.Socket
				}) {
					t.Errorf("%s, step %d: %q stands without a wait for the state of %s", f.ID, n+1, c.Source, q.Socket)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no demo has such a check any more")
	}
}
