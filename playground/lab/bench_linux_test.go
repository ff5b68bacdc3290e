package lab_test

import (
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"socketplayground/playground/lab"
)

// backends are those that work here.
func backends(b *testing.B) []lab.Backend {
	s := support()
	if !s.Available {
		b.Skip(s.Reason)
	}
	if s.Backend == lab.Veth {
		return []lab.Backend{lab.Veth}
	}
	return []lab.Backend{s.Backend, lab.Veth}
}

func BenchmarkOpen(b *testing.B) {
	for _, backend := range backends(b) {
		b.Run(string(backend), func(b *testing.B) {
			s := newSystem(b, backend)
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				l, err := s.Open(b.Context(), lab.Options{})
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
				l.Close()
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "p95-µs")
		})
	}
}

// BenchmarkDial opens and closes connections: what making sockets on the shared thread costs.
func BenchmarkDial(b *testing.B) {
	for _, backend := range backends(b) {
		b.Run(string(backend), func(b *testing.B) {
			l := open(b, newSystem(b, backend), lab.Options{})
			ln, err := l.Server.Listen(b.Context(), ":8330", lab.SocketOptions{})
			if err != nil {
				b.Fatal(err)
			}
			defer ln.Close()
			for b.Loop() {
				c, err := l.Client.Dial(b.Context(), "server:8330", "", lab.SocketOptions{})
				if err != nil {
					b.Fatal(err)
				}
				a, err := ln.AcceptTCP()
				if err != nil {
					b.Fatal(err)
				}
				_ = c.SetLinger(0) // no TIME_WAIT
				c.Close()
				a.Close()
			}
		})
	}
}

// BenchmarkRoundTrip sends 64 bytes there and back.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("loopback", func(b *testing.B) {
		ln, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer ln.Close()
		client, err := net.Dial("tcp4", ln.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer client.Close()
		server, err := ln.Accept()
		if err != nil {
			b.Fatal(err)
		}
		roundTrip(b, client, server)
	})
	for _, backend := range backends(b) {
		b.Run(string(backend), func(b *testing.B) {
			l := open(b, newSystem(b, backend), lab.Options{})
			client, server := connect(b, l.Client, l.Server, "192.0.2.2:8330")
			roundTrip(b, client, server)
		})
	}
}

func roundTrip(b *testing.B, client, server net.Conn) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer server.Close()
		_, _ = io.Copy(struct{ io.Writer }{server}, struct{ io.Reader }{server})
	}()
	p := make([]byte, 64)
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := client.Write(p); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(client, p); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	client.Close()
	<-ended
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "p50-µs")
}
