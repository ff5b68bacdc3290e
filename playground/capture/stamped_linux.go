package capture

import (
	"encoding/binary"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// stampedTime bounds how long the kernel is waited for.
const stampedTime = 200 * time.Millisecond

// unstamped is that the kernel was once waited for in vain, as where a firewall drops such datagrams: whoever begins to
// capture would be held up each time.
var unstamped atomic.Bool

// stamped returns when the kernel stamps packets as they arrive. It begins a little after the first socket has asked for
// that (net_enable_timestamp, net/core/dev.c, leaves it to a work queue), and what arrives before is stamped as it is read,
// later than all that follows (__sock_recv_timestamp, net/socket.c). SO_TIMESTAMPING fills in nothing, so a datagram that
// has a stamp was stamped. Where none can be sent, or the kernel takes too long, the first packets' times are late, and
// nobody waits for that again.
func stamped() {
	if unstamped.Load() {
		return
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return
	}
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	control := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPING, unix.SOF_TIMESTAMPING_RX_SOFTWARE|unix.SOF_TIMESTAMPING_SOFTWARE)
	})
	if errors.Join(control, err, conn.SetDeadline(time.Now().Add(stampedTime))) != nil {
		return
	}
	data, oob := make([]byte, 1), make([]byte, 128)
	for {
		if _, err := conn.WriteTo(data, conn.LocalAddr()); err != nil {
			return
		}
		_, n, _, _, err := conn.ReadMsgUDP(data, oob)
		if err != nil {
			unstamped.Store(true)
			return
		}
		if hasStamp(oob[:n]) {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// hasStamp says whether a message has a software time stamp, the first of struct scm_timestamping (linux/errqueue.h).
func hasStamp(oob []byte) bool {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return false
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SCM_TIMESTAMPING && len(m.Data) >= 8 {
			return binary.NativeEndian.Uint64(m.Data) != 0
		}
	}
	return false
}
