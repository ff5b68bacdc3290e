package capture

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// crossings is how many segments may follow from one that was sent, each by the arrival of the one before: an ACK after a
// SYN and its answer, and what a FIN brings.
const crossings = 3

// crossedTime bounds how long one datagram may be on its way where a firewall swallows it, or a processor has no time.
const crossedTime = 200 * time.Millisecond

// crossed returns when what was sent on the loopback interface has arrived: a call of the sender's returns before, since
// each processor keeps what is sent on it in a queue (netif_rx and process_backlog, net/core/dev.c). So a datagram is sent
// behind what waits there, on each processor on which this program may run.
func crossed(ctx context.Context) error {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return fmt.Errorf("capture: a datagram behind what was sent: %w", err)
	}
	defer conn.Close()
	runtime.LockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("capture: the processors of this program: %w", err)
	}
	defer func() {
		if unix.SchedSetaffinity(0, &before) == nil { // else the thread ends with this goroutine
			runtime.UnlockOSThread()
		}
	}()
	for range crossings {
		for cpu, left := 0, before.Count(); left > 0; cpu++ {
			if !before.IsSet(cpu) {
				continue
			}
			left--
			var one unix.CPUSet
			one.Set(cpu)
			if err := unix.SchedSetaffinity(0, &one); err != nil {
				continue // it was taken away from us just now
			}
			if err := cross(ctx, conn); err != nil {
				return err
			}
		}
	}
	return nil
}

// cross sends a datagram to its own sender.
func cross(ctx context.Context, conn *net.UDPConn) error {
	until := time.Now().Add(crossedTime)
	if d, ok := ctx.Deadline(); ok && d.Before(until) {
		until = d
	}
	err := conn.SetDeadline(until)
	if err == nil {
		_, err = conn.WriteTo([]byte{0}, conn.LocalAddr())
	}
	if err == nil {
		_, _, err = conn.ReadFrom(make([]byte, 1))
	}
	return errors.Join(err, ctx.Err())
}
