package sockdiag

import (
	"encoding/binary"
	"errors"
	"reflect"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernel is a transport that answers a request with the datagrams a function gives.
type kernel struct {
	answer    func(seq uint32) [][]byte
	datagrams [][]byte
	requests  int
}

func (k *kernel) send(b []byte) error {
	k.requests++
	k.datagrams = append(k.datagrams, k.answer(binary.NativeEndian.Uint32(b[8:]))...)
	return nil
}

func (k *kernel) recv(b []byte) (int, error) {
	if len(k.datagrams) == 0 {
		return 0, syscall.EAGAIN
	}
	n := copy(b, k.datagrams[0])
	k.datagrams = k.datagrams[1:]
	return n, nil
}

func (k *kernel) Close() error { return nil }

func row(seq uint32, flags uint16, s Socket) []byte {
	return appendMessage(nil, message{msgType: msgSockByFamily, flags: flags, seq: seq, body: appendSocket(nil, s)})
}

func status(msgType uint16, seq uint32, errno syscall.Errno) []byte {
	return appendMessage(nil, message{msgType: msgType, seq: seq, body: errnoBody(int32(errno))})
}

func join(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func TestLookupAnswers(t *testing.T) {
	want := exampleSockets()[0]
	other := exampleSockets()[1]
	tests := []struct {
		name   string
		answer func(seq uint32) [][]byte
		err    error // nil: want is found
	}{
		{"found", func(seq uint32) [][]byte { return [][]byte{row(seq, 0, want)} }, nil},
		{"behind the answer to an earlier request", func(seq uint32) [][]byte {
			return [][]byte{row(seq-1, 0, other), join(status(msgError, seq-1, syscall.EPERM), row(seq, 0, want))}
		}, nil},
		{"ENOENT", func(seq uint32) [][]byte { return [][]byte{status(msgError, seq, syscall.ENOENT)} }, ErrNotFound},
		{"ESTALE", func(seq uint32) [][]byte { return [][]byte{status(msgError, seq, syscall.ESTALE)} }, ErrNotFound},
		{"EINVAL", func(seq uint32) [][]byte { return [][]byte{status(msgError, seq, syscall.EINVAL)} }, syscall.EINVAL},
		{"framing", func(seq uint32) [][]byte { return [][]byte{{1, 2, 3}} }, errMalformed},
		{"row", func(seq uint32) [][]byte {
			return [][]byte{appendMessage(nil, message{msgType: msgSockByFamily, seq: seq, body: []byte("short")})}
		}, errMalformed},
		{"type", func(seq uint32) [][]byte { return [][]byte{status(msgDone, seq, 0)} }, errMalformed},
		{"acknowledgement", func(seq uint32) [][]byte { return [][]byte{status(msgError, seq, 0)} }, errMalformed},
		{"nothing", func(uint32) [][]byte { return nil }, syscall.EAGAIN},
		{"the listener in place of the connection", func(seq uint32) [][]byte { return [][]byte{row(seq, 0, exampleSockets()[2])} }, ErrNotFound},
	}
	k := &kernel{}
	c := newClient(k) // one for all: an answer must not spoil the next
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k.answer = tt.answer
			got, err := c.Lookup(want.Query())
			if !errors.Is(err, tt.err) {
				t.Fatalf("got %v, want %v", err, tt.err)
			}
			if tt.err == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestDumpAnswers(t *testing.T) {
	a, b := exampleSockets()[0], exampleSockets()[1]
	var attempt int
	tests := []struct {
		name     string
		answer   func(seq uint32) [][]byte
		want     []Socket
		err      error
		requests int
	}{
		{"two datagrams", func(seq uint32) [][]byte {
			return [][]byte{join(row(seq, 0, a), row(seq-1, 0, b), row(seq, 0, b)), join(row(seq, 0, a), status(msgDone, seq, 0))}
		}, []Socket{a, b, a}, nil, 1},
		{"none", func(seq uint32) [][]byte { return [][]byte{status(msgDone, seq, 0)} }, nil, nil, 1},
		{"interrupted once", func(seq uint32) [][]byte {
			attempt++
			flags := uint16(0)
			if attempt == 1 {
				flags = flagDumpIntr
			}
			return [][]byte{row(seq, 0, a), row(seq, flags, b), status(msgDone, seq, 0)}
		}, []Socket{a, b}, nil, 2},
		{"interrupted for ever", func(seq uint32) [][]byte {
			return [][]byte{row(seq, flagDumpIntr, a), status(msgDone, seq, 0)}
		}, nil, errDumpInterrupted, maxDumpAttempts},
		{"refused", func(seq uint32) [][]byte { return [][]byte{status(msgError, seq, syscall.ENOENT)} }, nil, syscall.ENOENT, 1},
		{"failed at the end", func(seq uint32) [][]byte {
			return [][]byte{row(seq, 0, a), status(msgDone, seq, syscall.ENOMEM)}
		}, nil, syscall.ENOMEM, 1},
		{"one row malformed", func(seq uint32) [][]byte {
			return [][]byte{appendMessage(nil, message{msgType: msgSockByFamily, seq: seq}), row(seq, 0, a), status(msgDone, seq, 0)}
		}, nil, errMalformed, 1},
	}
	k := &kernel{}
	c := newClient(k)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k.answer, k.requests = tt.answer, 0
			got, err := c.Dump(Filter{Family: AFInet})
			if !errors.Is(err, tt.err) || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v; want %+v, %v", got, err, tt.want, tt.err)
			}
			if k.requests != tt.requests {
				t.Errorf("got %d requests, want %d", k.requests, tt.requests)
			}
			if len(k.datagrams) != 0 {
				t.Errorf("%d datagrams were not read", len(k.datagrams))
			}
		})
	}
}

func TestDestroyAnswers(t *testing.T) {
	q := exampleSockets()[0].Query()
	for errno, want := range map[syscall.Errno]error{
		0:                    nil,
		syscall.ENOENT:       ErrNotFound,
		syscall.ESTALE:       ErrNotFound,
		syscall.EPERM:        syscall.EPERM,
		syscall.EOPNOTSUPP:   errors.ErrUnsupported,
		syscall.ECONNREFUSED: syscall.ECONNREFUSED,
	} {
		c := newClient(&kernel{answer: func(seq uint32) [][]byte { return [][]byte{status(msgError, seq, errno)} }})
		if err := c.Destroy(q); !errors.Is(err, want) {
			t.Errorf("errno %d: got %v, want %v", errno, err, want)
		}
	}
}

// TestTCPInfoLayout holds our decoding of the current struct against that of golang.org/x/sys.
func TestTCPInfoLayout(t *testing.T) {
	want := fullTCPInfo()
	b := appendTCPInfo(nil, want)
	var theirs unix.TCPInfo
	if got := int(unsafe.Sizeof(theirs)); got != len(b) {
		t.Fatalf("their struct has %d bytes, ours %d", got, len(b))
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&theirs)), len(b)), b)
	for _, f := range []struct {
		name      string
		got, want uint64
	}{
		{"state", uint64(theirs.State), uint64(want.State)},
		{"options", uint64(theirs.Options), uint64(want.Options)},
		{"rto", uint64(theirs.Rto), uint64(want.RTO.Microseconds())},
		{"last_ack_recv", uint64(theirs.Last_ack_recv), uint64(want.LastAckRecv.Milliseconds())},
		{"rtt", uint64(theirs.Rtt), uint64(want.RTT.Microseconds())},
		{"snd_cwnd", uint64(theirs.Snd_cwnd), uint64(want.SndCwnd)},
		{"total_retrans", uint64(theirs.Total_retrans), uint64(want.TotalRetrans)},
		{"bytes_acked", theirs.Bytes_acked, want.BytesAcked},
		{"min_rtt", uint64(theirs.Min_rtt), uint64(want.MinRTT.Microseconds())},
		{"delivery_rate", theirs.Delivery_rate, want.DeliveryRate},
		{"sndbuf_limited", theirs.Sndbuf_limited, uint64(want.SndbufLimited.Microseconds())},
		{"bytes_retrans", theirs.Bytes_retrans, want.BytesRetrans},
		{"snd_wnd", uint64(theirs.Snd_wnd), uint64(want.SndWnd)},
		{"rcv_wnd", uint64(theirs.Rcv_wnd), uint64(want.RcvWnd)},
		{"total_rto_recoveries", uint64(theirs.Total_rto_recoveries), uint64(want.TotalRTORecoveries)},
		{"total_rto_time", uint64(theirs.Total_rto_time), uint64(want.TotalRTOTime.Milliseconds())},
		{"received_ce_bytes", uint64(theirs.Received_ce_bytes), uint64(want.ReceivedCEBytes)},
	} {
		if f.got != f.want {
			t.Errorf("%s: they read %d, we wrote %d", f.name, f.got, f.want)
		}
	}
}
