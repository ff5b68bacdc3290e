package main

import (
	"context"
	"math"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"socketplayground/playground/lab"
)

// How long repeated segments are waited for.
const (
	synTime    = 12 * time.Second
	synACKTime = 8 * time.Second
)

// repeats lets the client dial into a cable whose other end nobody serves, then gives the server one of those SYNs.
func (f *facts) repeats(l *lab.Lab) error {
	ln, err := l.Server.Listen(context.Background(), ":8330", lab.SocketOptions{})
	if err != nil {
		return err
	}
	defer ln.Close()
	ctx, stop := context.WithTimeout(context.Background(), synTime)
	defer stop()
	go func() { // ends with ctx
		if c, err := l.Client.Dial(ctx, "192.0.2.2:8330", "", lab.SocketOptions{}); err == nil {
			c.Close()
		}
	}()
	var syn []byte
	f.SYN = leaving(ctx, l.Client.Port(), &syn)
	ctx, stop = context.WithTimeout(context.Background(), synACKTime)
	defer stop()
	if err := l.Server.Port().WritePacket(syn); err != nil {
		return err
	}
	f.SYNACK = leaving(ctx, l.Server.Port(), nil)
	return nil
}

// leaving are the seconds after the first at which IPv4 packets leave a host until ctx ends. first, if any, gets the
// first one.
func leaving(ctx context.Context, port lab.Port, first *[]byte) []float64 {
	packets := make(chan time.Time)
	go func() { // ends when the Lab is closed, or with the next packet
		p := make([]byte, lab.MaxMTU)
		for {
			n, err := port.ReadPacket(p)
			if err != nil {
				return
			}
			if p[0]>>4 != 4 {
				continue
			}
			if first != nil && *first == nil {
				*first = append([]byte{}, p[:n]...)
			}
			select {
			case packets <- time.Now():
			case <-ctx.Done():
				return
			}
		}
	}()
	var began time.Time
	var seconds []float64
	for {
		select {
		case at := <-packets:
			if began.IsZero() {
				began = at
			}
			seconds = append(seconds, math.Round(at.Sub(began).Seconds()*10)/10)
		case <-ctx.Done():
			return seconds
		}
	}
}

// rawTCPInfo asks for as many bytes as into has, and says how many came.
func rawTCPInfo(fd int, into []byte) (int, error) {
	size := uint32(len(into))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.IPPROTO_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(&into[0])), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, errno
	}
	return int(size), nil
}
