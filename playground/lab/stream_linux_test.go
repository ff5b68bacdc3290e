package lab_test

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"socketplayground/playground/lab"
)

// stream is what the wire looks for in a Port.
type stream interface {
	ReadPackets(b []byte, f func(n int) (more bool)) error
}

// datagrams has a host send UDP datagrams to the other, whose last byte counts them.
func datagrams(t *testing.T, from, to *lab.Host, first, count int) {
	t.Helper()
	err := from.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		address := &unix.SockaddrInet4{Port: 9, Addr: to.Addresses()[0].As4()}
		for i := range count {
			if err := unix.Sendto(fd, []byte{byte(first + i)}, 0, address); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStream: a Port that hands over packets in a row gives each once and in order, those that were there before and
// those that come while it waits, stops where it is told to and goes on there, and ends with its Lab.
func TestStream(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l, err := s.Open(t.Context(), lab.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		port, ok := l.Client.Port().(stream)
		if want := s.Backend() != lab.Veth; ok != want { // a packet socket hands over one packet a call
			t.Fatalf("the Port hands over packets in a row: %v, want %v", ok, want)
		}
		if !ok {
			return
		}
		const count = 100
		datagrams(t, l.Client, l.Server, 0, count)
		var got []byte
		waiting := make(chan struct{}) // all that were there are read
		ended := make(chan error)
		take := func(b []byte) func(n int) bool {
			return func(n int) bool {
				if b[9] == unix.IPPROTO_UDP {
					got = append(got, b[n-1])
				}
				if len(got) == count {
					close(waiting)
				}
				return len(got) != count/2 && len(got) != 2*count
			}
		}
		go func() {
			b := make([]byte, 1<<16)
			first := port.ReadPackets(b, take(b))
			half := len(got)
			second := port.ReadPackets(b, take(b))
			if half != count/2 {
				second = errors.Join(second, errors.New("it did not stop where it was told to"))
			}
			ended <- errors.Join(first, second)
			ended <- port.ReadPackets(b, take(b))
		}()
		<-waiting
		datagrams(t, l.Client, l.Server, count, count)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		want := make([]byte, 2*count)
		for i := range want {
			want[i] = byte(i)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		l.Close()
		if err := <-ended; !errors.Is(err, lab.ErrClosed) {
			t.Errorf("at the end of the Lab: got %v", err)
		}
		if err := l.Client.Port().WritePacket(make([]byte, 40)); !errors.Is(err, lab.ErrClosed) {
			t.Errorf("a write after it: got %v", err)
		}
	})
}
