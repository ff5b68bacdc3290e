package web

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// joined are the two ends of a connection, the first of which is a viewer's.
func joined(t testing.TB) (*patientConn, net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return &patientConn{TCPConn: near.(*net.TCPConn)}, far
}

// TestPatience: a deadline a little later than the one that is set is left out, and any other is set.
func TestPatience(t *testing.T) {
	now := time.Now()
	for _, test := range []struct {
		name          string
		first, second time.Time
		want          time.Time // the deadline in force
	}{
		{"a little later", now.Add(writeTimeout), now.Add(writeTimeout + deadlineStep/2), now.Add(writeTimeout)},
		{"the same", now.Add(writeTimeout), now.Add(writeTimeout), now.Add(writeTimeout)},
		{"much later", now.Add(writeTimeout), now.Add(writeTimeout + deadlineStep), now.Add(writeTimeout + deadlineStep)},
		{"earlier", now.Add(writeTimeout), now.Add(farewellTimeout), now.Add(farewellTimeout)},
		{"over", now.Add(writeTimeout), time.Unix(1, 0), time.Unix(1, 0)},
		{"none after one", now.Add(writeTimeout), time.Time{}, time.Time{}},
		{"one after none", time.Time{}, now.Add(writeTimeout), now.Add(writeTimeout)},
		{"after one that is over", time.Unix(1, 0), now.Add(writeTimeout), now.Add(writeTimeout)},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, _ := joined(t)
			for _, deadline := range []time.Time{test.first, test.second} {
				if err := c.SetWriteDeadline(deadline); err != nil {
					t.Fatal(err)
				}
			}
			if !c.set.Equal(test.want) {
				t.Errorf("the deadline is %v, want %v", c.set, test.want)
			}
			_, err := c.Write([]byte("a"))
			if over := test.want.Equal(time.Unix(1, 0)); errors.Is(err, os.ErrDeadlineExceeded) != over {
				t.Errorf("a write: %v", err)
			}
		})
	}
}

// BenchmarkDeadline is what each frame to a viewer costs besides its bytes.
func BenchmarkDeadline(b *testing.B) {
	c, _ := joined(b)
	b.Run("Each", func(b *testing.B) {
		for b.Loop() {
			_ = c.TCPConn.SetWriteDeadline(time.Now().Add(writeTimeout))
		}
	})
	b.Run("Patient", func(b *testing.B) {
		for b.Loop() {
			_ = c.SetWriteDeadline(time.Now().Add(writeTimeout))
		}
	})
}
