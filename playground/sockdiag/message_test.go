package sockdiag

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

// appendSocket encodes s as the kernel does; the reverse of decodeSocket.
func appendSocket(b []byte, s Socket) []byte {
	ne, be := binary.NativeEndian, binary.BigEndian
	b = append(b, s.Family, byte(s.State), byte(s.Timer), s.Retransmits)
	b = be.AppendUint16(b, s.Local.Port())
	b = be.AppendUint16(b, s.Remote.Port())
	b = appendAddr(b, s.Family, s.Local.Addr())
	b = appendAddr(b, s.Family, s.Remote.Addr())
	for _, v := range []uint32{
		s.Interface, uint32(s.Cookie), uint32(s.Cookie >> 32),
		uint32(s.Expires.Milliseconds()), s.RecvQ, s.SendQ, s.UID, s.Inode,
	} {
		b = ne.AppendUint32(b, v)
	}
	if s.Info != nil {
		b = appendAttribute(b, attrInfo, appendTCPInfo(nil, *s.Info))
	}
	if s.Mem != nil {
		var value []byte
		m := reflect.ValueOf(*s.Mem)
		for i := range m.NumField() {
			value = ne.AppendUint32(value, uint32(m.Field(i).Uint()))
		}
		b = appendAttribute(b, attrSKMemInfo, value)
	}
	if s.Congestion != "" {
		b = appendAttribute(b, attrCong, append([]byte(s.Congestion), 0))
	}
	return b
}

func appendAttribute(b []byte, attrType uint16, value []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(attrHeaderLen+len(value)))
	b = binary.NativeEndian.AppendUint16(b, attrType)
	b = append(b, value...)
	return append(b, make([]byte, align(len(value))-len(value))...)
}

// appendMessage encodes a netlink message.
func appendMessage(b []byte, m message) []byte {
	ne := binary.NativeEndian
	b = ne.AppendUint32(b, uint32(headerLen+len(m.body)))
	b = ne.AppendUint16(b, m.msgType)
	b = ne.AppendUint16(b, m.flags)
	b = ne.AppendUint32(b, m.seq)
	b = ne.AppendUint32(b, 0)
	b = append(b, m.body...)
	return append(b, make([]byte, align(len(m.body))-len(m.body))...)
}

func errnoBody(errno int32) []byte {
	return binary.NativeEndian.AppendUint32(nil, uint32(-errno))
}

func exampleSockets() []Socket {
	info := fullTCPInfo()
	return []Socket{
		{
			Family: AFInet, State: Established, Timer: TimerRetransmit, Expires: 200 * time.Millisecond, Retransmits: 3,
			Local: netip.MustParseAddrPort("192.0.2.1:443"), Remote: netip.MustParseAddrPort("192.0.2.2:50000"),
			Interface: 7, Cookie: 0x1122334455667788, RecvQ: 1, SendQ: 2, UID: 1000, Inode: 4711,
			Info: &info, Mem: &Mem{1, 2, 3, 4, 5, 6, 7, 8, 9}, Congestion: "cubic",
		},
		{
			Family: AFInet6, State: TimeWait, Timer: TimerTimeWait, Expires: time.Minute,
			Local: netip.MustParseAddrPort("[::ffff:192.0.2.1]:80"), Remote: netip.MustParseAddrPort("[::ffff:192.0.2.2]:50001"), Cookie: 1,
		},
		{
			Family: AFInet6, State: Listen, Local: netip.MustParseAddrPort("[::]:80"), Remote: netip.MustParseAddrPort("[::]:0"),
			Cookie: 2, SendQ: 4096, Mem: &Mem{RcvBuf: 131072}, Congestion: "dctcp",
		},
	}
}

func TestDecodeSocket(t *testing.T) {
	for _, want := range exampleSockets() {
		t.Run(want.State.String(), func(t *testing.T) {
			got, err := decodeSocket(appendSocket(nil, want))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestDecodeSocketTolerates(t *testing.T) {
	plain := exampleSockets()[1]
	b := appendSocket(nil, plain)
	withMem := plain
	withMem.Mem = &Mem{RMemAlloc: 5}
	tests := []struct {
		name string
		b    []byte
		want Socket
	}{
		{"unknown attribute", appendAttribute(b[:len(b):len(b)], 200, []byte("new")), plain},
		{"bytes too few for an attribute", append(b[:len(b):len(b)], 1, 2, 3), plain},
		{"attribute flags", appendAttribute(b[:len(b):len(b)], attrSKMemInfo|0x8000, []byte{5: 0}), func() Socket {
			s := plain
			s.Mem = &Mem{}
			return s
		}()},
		{"short memory info", appendAttribute(b[:len(b):len(b)], attrSKMemInfo, binary.NativeEndian.AppendUint32(nil, 5)), withMem},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := decodeSocket(tt.b); err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestDecodeSocketMalformed(t *testing.T) {
	good := appendSocket(nil, exampleSockets()[1])
	extended := func(b ...byte) []byte { return append(bytes.Clone(good), b...) }
	family := bytes.Clone(good)
	family[0] = 1
	shortInfo := appendAttribute(bytes.Clone(good), attrInfo, make([]byte, minTCPInfo-1))
	tooLong := binary.NativeEndian.AppendUint16(nil, 5)
	tooShort := binary.NativeEndian.AppendUint16(nil, 3)
	tests := []struct {
		name string
		b    []byte
	}{
		{"nothing", nil},
		{"cut", good[:diagMsgLen-1]},
		{"family", family},
		{"attribute longer than the message", extended(tooLong[0], tooLong[1], attrCong, 0)},
		{"attribute shorter than its header", extended(tooShort[0], tooShort[1], attrCong, 0)},
		{"TCP_INFO shorter than its first bytes", shortInfo},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s, err := decodeSocket(tt.b); !errors.Is(err, errMalformed) {
				t.Errorf("got %+v, %v; want %v", s, err, errMalformed)
			}
		})
	}
}

func TestCutMessage(t *testing.T) {
	first := message{msgType: msgSockByFamily, flags: 2, seq: 9, body: []byte("abcde")}
	second := message{msgType: msgDone, seq: 9, body: errnoBody(0)}
	b := appendMessage(appendMessage(nil, first), second)
	for _, want := range []message{first, second} {
		got, rest, err := cutMessage(b)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v; want %+v", got, err, want)
		}
		b = rest
	}
	if len(b) != 0 {
		t.Errorf("%d bytes are left", len(b))
	}
	for _, b := range [][]byte{nil, make([]byte, headerLen), appendMessage(nil, first)[:headerLen+2]} {
		if m, _, err := cutMessage(b); !errors.Is(err, errMalformed) {
			t.Errorf("got %+v, %v; want %v", m, err, errMalformed)
		}
	}
}

func TestErrno(t *testing.T) {
	for _, tt := range []struct {
		name string
		body []byte
		want uint32
	}{
		{"error", errnoBody(2), 2},
		{"acknowledgement", errnoBody(0), 0},
		{"the end of an old kernel's dump", nil, 0},
	} {
		if got := (message{body: tt.body}).errno(); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestRequestBytes pins the layout of struct inet_diag_req_v2.
func TestRequestBytes(t *testing.T) {
	ne := binary.NativeEndian
	header := func(b []byte) []byte {
		b = ne.AppendUint32(b, 72)
		b = ne.AppendUint16(b, 20)
		b = ne.AppendUint16(b, 1)
		b = ne.AppendUint32(b, 5)
		return ne.AppendUint32(b, 0)
	}
	zeros := func(n int) []byte { return make([]byte, n) }
	mapped := netip.MustParseAddr("::ffff:127.0.0.1").As16()
	ones := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	cookie := ne.AppendUint32(ne.AppendUint32(nil, 0x55667788), 0x11223344)
	states := ne.AppendUint32(nil, 0xfff)
	tests := []struct {
		name string
		q    Query
		want [][]byte
	}{
		{
			"IPv4 connection", Query{Local: netip.MustParseAddrPort("127.0.0.1:256"), Remote: netip.MustParseAddrPort("127.0.0.2:2")},
			[][]byte{{2, 6, 0x4a, 0}, states, {1, 0, 0, 2}, {127, 0, 0, 1}, zeros(12), {127, 0, 0, 2}, zeros(12), zeros(4), ones},
		},
		{
			"IPv4 listener with cookie", Query{Local: netip.MustParseAddrPort("0.0.0.0:80"), Cookie: 0x1122334455667788},
			[][]byte{{2, 6, 0x4a, 0}, states, {0, 80, 0, 0}, zeros(32), zeros(4), cookie},
		},
		{
			"v4-mapped, by AF_INET6", Query{Family: AFInet6, Local: netip.MustParseAddrPort("127.0.0.1:80"), Remote: netip.MustParseAddrPort("[::ffff:127.0.0.1]:2"), Interface: 3},
			[][]byte{{10, 6, 0x4a, 0}, states, {0, 80, 0, 2}, mapped[:], mapped[:], ne.AppendUint32(nil, 3), ones},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := tt.q.request()
			if err != nil {
				t.Fatal(err)
			}
			r.seq = 5
			if got, want := r.append(nil), append(header(nil), bytes.Join(tt.want, nil)...); !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range exampleSockets() {
		f.Add(appendMessage(nil, message{msgType: msgSockByFamily, seq: 1, body: appendSocket(nil, s)}))
	}
	f.Add(appendMessage(nil, message{msgType: msgError, body: errnoBody(2)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) > 0 {
			m, rest, err := cutMessage(b)
			if err != nil {
				return
			}
			if len(rest) >= len(b) {
				t.Fatal("a message took no bytes")
			}
			b = rest
			m.errno()
			s, err := decodeSocket(m.body)
			if err != nil {
				continue
			}
			again, err := decodeSocket(appendSocket(nil, s))
			if err != nil || !reflect.DeepEqual(again, s) {
				t.Fatalf("got %+v, %v; want %+v", again, err, s)
			}
		}
	})
}
