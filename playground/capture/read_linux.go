package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Run hands each packet to f, in the order in which they arrived, until ctx is over or the Capture is closed; then
// it returns nil. It is called once.
func (c *Capture) Run(ctx context.Context, f func(Packet)) error {
	woken, wake, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	defer woken.Close()
	defer wake.Close()
	for _, until := range []context.Context{ctx, c.over} {
		stop := context.AfterFunc(until, func() { _ = wake.Close() })
		defer stop()
	}
	defer c.lag.Empty() // nobody reads any more
	r := newReader(c, int(woken.Fd()))
	for {
		var n int
		err := c.control(func(fd int) (err error) {
			n, err = r.read(fd)
			return err
		})
		switch {
		case ctx.Err() != nil, c.over.Err() != nil:
			return nil
		case errors.Is(err, unix.ENETDOWN), errors.Is(err, unix.EINTR): // lo goes down: told once; its packets come again when it is up
			continue
		case err != nil:
			return fmt.Errorf("capture: read from the loopback interface: %w", err)
		}
		for i := range n {
			p := r.packet(i)
			if now := c.filter.Load(); r.older(now, p) {
				if n, err := now.vm.Run(p.Data); err != nil || n == 0 {
					continue
				}
			}
			f(p)
			if ctx.Err() != nil {
				return nil
			}
		}
	}
}

// reader reads packets, as many at a time as there are, into the memory of those before.
//
// It keeps away from Go's poller: that would be woken by the kernel for each packet, at the expense of the program that
// sends it, whether or not anybody waits. To be woken costs several times what it costs to read a packet; so where
// packets come fast, they are let gather instead.
type reader struct {
	capture  *Capture
	woken    int     // a descriptor that can be read when the capture is over
	empty    *filter // the kernel ran it when nothing was left to read
	messages []message
	headers  []header
	wakes    int       // those that are left of the ration
	rationed time.Time // when there were more last
}

// message is the room for one packet.
type message struct {
	data    []byte
	control [128]byte // two messages: a time stamp and tpacket_auxdata
	vector  unix.Iovec
}

// header is struct mmsghdr (recvmmsg(2)).
type header struct {
	unix.Msghdr
	n uint32
}

const (
	// batch is how many packets are read at once, and batchBytes the room for them.
	batch      = 64
	batchBytes = 256 << 10
	// wakeBurst is how many packets may wake the reader in a row, and wakeEvery after how long one more may. Else it
	// looks again after gatherTime.
	wakeBurst  = 64
	wakeEvery  = 10 * time.Millisecond
	gatherTime = 500 * time.Microsecond
)

func newReader(c *Capture, woken int) *reader {
	n := max(1, min(batch, batchBytes/c.snapLen))
	r := &reader{capture: c, woken: woken, messages: make([]message, n), headers: make([]header, n)}
	for i := range r.messages {
		m, h := &r.messages[i], &r.headers[i]
		m.data = make([]byte, c.snapLen)
		m.vector.Base = &m.data[0]
		m.vector.SetLen(len(m.data))
		h.Iov = &m.vector
		h.SetIovlen(1)
		h.Control = &m.control[0]
	}
	return r
}

// read waits for packets and gives how many there are.
func (r *reader) read(fd int) (int, error) {
	for i := range r.headers {
		r.headers[i].SetControllen(len(r.messages[i].control))
	}
	for {
		now := r.capture.filter.Load()
		r.capture.lag.Reads()
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.headers[0])), uintptr(len(r.headers)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EAGAIN:
			r.empty = now
			r.capture.lag.Empty()
		default:
			return 0, errno
		}
		if !r.mayWake() {
			time.Sleep(gatherTime)
			continue
		}
		wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(r.woken), Events: unix.POLLIN}}
		if _, err := unix.Poll(wait, -1); err != nil || wait[1].Revents != 0 {
			return 0, err
		}
	}
}

// mayWake takes a wake from the ration.
func (r *reader) mayWake() bool {
	if more := int(time.Since(r.rationed) / wakeEvery); more > 0 {
		r.wakes, r.rationed = min(wakeBurst, r.wakes+more), time.Now()
	}
	if r.wakes == 0 {
		return false
	}
	r.wakes--
	return true
}

// older says whether the packet may have passed an older filter than this one. Two facts rule it out together:
// all that had passed before was read, and the packet was stamped, which comes before the filter, when this one
// was there. The second alone is not enough: the kernel begins to stamp a little after the first socket has asked
// for it (net_enable_timestamp, net/core/dev.c), and stamps the packets before that as they are read.
func (r *reader) older(f *filter, p Packet) bool { return r.empty != f || p.At.Before(f.since) }

// packet is one of those that were read last.
func (r *reader) packet(i int) Packet {
	m, h := &r.messages[i], &r.headers[i]
	p := Packet{Data: m.data[:h.n], OriginalLen: int(h.n)}
	for rest := m.control[:h.Controllen]; len(rest) > 0; {
		h, data, next, err := unix.ParseOneSocketControlMessage(rest)
		if err != nil {
			break
		}
		rest = next
		switch {
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS && len(data) >= int(unsafe.Sizeof(unix.Timespec{})):
			p.At = time.Unix((*unix.Timespec)(unsafe.Pointer(&data[0])).Unix())
		case h.Level == unix.SOL_PACKET && h.Type == unix.PACKET_AUXDATA && len(data) >= 8:
			// struct tpacket_auxdata begins with tp_status and tp_len (linux/if_packet.h).
			p.ChecksumOffloaded = binary.NativeEndian.Uint32(data)&unix.TP_STATUS_CSUMNOTREADY != 0
			p.OriginalLen = int(binary.NativeEndian.Uint32(data[4:]))
		}
	}
	return p
}
