package sockdiag_test

import (
	"testing"

	"socketplayground/playground/sockdiag"
)

func BenchmarkLookup(b *testing.B) {
	c := dial(b)
	conn := connect(b, listen(b, "tcp4", "127.0.0.1:0"))
	q := conn.query()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Lookup(q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookupNotFound(b *testing.B) {
	c := dial(b)
	conn := connect(b, listen(b, "tcp4", "127.0.0.1:0"))
	q := conn.query()
	q.Cookie = 1
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Lookup(q); err == nil {
			b.Fatal("found a socket with a cookie that is long gone")
		}
	}
}

func BenchmarkDumpByPort(b *testing.B) {
	c := dial(b)
	ln := listen(b, "tcp4", "127.0.0.1:0")
	for range 4 {
		connect(b, ln)
	}
	b.ReportAllocs()
	for b.Loop() {
		sockets, err := c.Dump(sockdiag.Filter{Family: sockdiag.AFInet, LocalPort: ln.local.Port()})
		if err != nil {
			b.Fatal(err)
		}
		if len(sockets) != 5 {
			b.Fatalf("got %d sockets, want the listener and its 4 connections", len(sockets))
		}
	}
}
