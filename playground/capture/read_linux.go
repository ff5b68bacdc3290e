package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Run hands each packet to f, in the order in which they arrived, until ctx is over or the Capture is closed; then
// it returns nil. It is called once.
func (c *Capture) Run(ctx context.Context, f func(Packet)) error {
	stop := context.AfterFunc(ctx, func() { _ = c.file.SetReadDeadline(time.Unix(1, 0)) }) // wakes the read
	defer stop()
	r := &reader{capture: c, data: make([]byte, c.snapLen)}
	for {
		err := c.raw.Read(r.read)
		if err == nil {
			err = r.err
		}
		switch {
		case ctx.Err() != nil, c.closed.Load():
			return nil
		case errors.Is(err, unix.ENETDOWN): // told once, when lo goes down; its packets come again when it is up
			continue
		case err != nil:
			return fmt.Errorf("capture: read from the loopback interface: %w", err)
		}
		p := r.packet()
		if now := c.filter.Load(); r.waited(now, p) {
			if n, err := now.vm.Run(p.Data); err != nil || n == 0 {
				continue
			}
		}
		f(p)
	}
}

// reader reads one packet at a time, each into the memory of the one before.
type reader struct {
	capture *Capture
	empty   *filter // the kernel ran it when nothing was left to read
	data    []byte
	control [128]byte // two messages: a time stamp and tpacket_auxdata
	n, oob  int
	err     error
}

// read is false where it would block, for the runtime's poller.
func (r *reader) read(fd uintptr) bool {
	now := r.capture.filter.Load()
	r.n, r.oob, _, _, r.err = unix.Recvmsg(int(fd), r.data, r.control[:], unix.MSG_DONTWAIT)
	if r.err == unix.EAGAIN {
		r.empty = now
		return false
	}
	return true
}

// waited says whether the packet may have passed an older filter than this one. Two facts rule it out together:
// all that had passed before was read, and the packet was stamped, which comes before the filter, when this one
// was there. The second alone is not enough: the kernel begins to stamp a little after the first socket has asked
// for it (net_enable_timestamp, net/core/dev.c), and stamps the packets before that as they are read.
func (r *reader) waited(f *filter, p Packet) bool { return r.empty != f || p.At.Before(f.since) }

// packet is what was read last.
func (r *reader) packet() Packet {
	p := Packet{Data: r.data[:r.n], OriginalLen: r.n}
	for rest := r.control[:r.oob]; len(rest) > 0; {
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
