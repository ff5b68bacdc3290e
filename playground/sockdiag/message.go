package sockdiag

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"time"
)

// Netlink's framing (include/uapi/linux/netlink.h) and sock_diag's messages (sock_diag.h, inet_diag.h).
const (
	msgError        = 2  // NLMSG_ERROR; errno 0 is an acknowledgement
	msgDone         = 3  // NLMSG_DONE, the end of a dump
	msgSockByFamily = 20 // SOCK_DIAG_BY_FAMILY: the request, and each socket of the answer
	msgSockDestroy  = 21 // SOCK_DESTROY
	flagRequest     = 0x001
	flagAck         = 0x004
	flagDumpIntr    = 0x010 // NLM_F_DUMP_INTR: the tables changed under the dump in a way that matters
	flagDump        = 0x300
	protoTCP        = 6
	headerLen       = 16 // struct nlmsghdr
	requestLen      = 56 // struct inet_diag_req_v2
	diagMsgLen      = 72 // struct inet_diag_msg
	attrHeaderLen   = 4  // struct nlattr
	attrTypeMask    = 0x3fff
	attrInfo        = 2 // INET_DIAG_INFO
	attrCong        = 4 // INET_DIAG_CONG
	attrSKMemInfo   = 7 // INET_DIAG_SKMEMINFO
	extensions      = 1<<(attrInfo-1) | 1<<(attrCong-1) | 1<<(attrSKMemInfo-1)
	noCookie        = ^Cookie(0) // INET_DIAG_NOCOOKIE, twice
)

var errMalformed = errors.New("sockdiag: the kernel's answer is malformed; report it with the output of uname -r")

// request is a struct inet_diag_req_v2 and the header before it.
type request struct {
	msgType, flags uint16
	seq            uint32
	family         uint8
	extensions     uint8
	states         StateMask
	local, remote  netip.AddrPort // the zero value is the unspecified address, port 0
	iface          uint32
	cookie         Cookie
}

// append encodes r. Addresses and ports travel in network byte order, all else in the machine's.
func (r request) append(b []byte) []byte {
	ne, be := binary.NativeEndian, binary.BigEndian
	b = ne.AppendUint32(b, headerLen+requestLen)
	b = ne.AppendUint16(b, r.msgType)
	b = ne.AppendUint16(b, r.flags)
	b = ne.AppendUint32(b, r.seq)
	b = ne.AppendUint32(b, 0) // from: the kernel knows

	b = append(b, r.family, protoTCP, r.extensions, 0)
	b = ne.AppendUint32(b, uint32(r.states))

	b = be.AppendUint16(b, r.local.Port())
	b = be.AppendUint16(b, r.remote.Port())
	b = appendAddr(b, r.family, r.local.Addr())
	b = appendAddr(b, r.family, r.remote.Addr())
	b = ne.AppendUint32(b, r.iface)
	b = ne.AppendUint32(b, uint32(r.cookie))
	return ne.AppendUint32(b, uint32(r.cookie>>32))
}

func appendAddr(b []byte, family uint8, a netip.Addr) []byte {
	var wire [16]byte
	switch {
	case !a.IsValid():
	case family == AFInet:
		v4 := a.Unmap().As4()
		copy(wire[:], v4[:])
	default:
		wire = a.As16()
	}
	return append(b, wire[:]...)
}

// request makes the lookup for q.
func (q Query) request() (request, error) {
	if !q.Local.IsValid() || q.Local.Port() == 0 {
		return request{}, errors.New("sockdiag: a query needs the socket's local address and port")
	}
	v4 := is4(q.Local.Addr()) && (!q.Remote.Addr().IsValid() || is4(q.Remote.Addr()))
	family := q.Family
	switch {
	case family == 0 && v4:
		family = AFInet
	case family == 0:
		family = AFInet6
	case family == AFInet && !v4:
		return request{}, errors.New("sockdiag: a query with family AF_INET needs IPv4 addresses")
	case family != AFInet && family != AFInet6:
		return request{}, errUnknownFamily
	}
	cookie := q.Cookie
	if cookie == 0 {
		cookie = noCookie
	}
	return request{
		msgType: msgSockByFamily, flags: flagRequest,
		family: family, extensions: extensions, states: AllStates,
		local: q.Local, remote: q.Remote, iface: q.Interface, cookie: cookie,
	}, nil
}

var errUnknownFamily = errors.New("sockdiag: the family must be AFInet, AFInet6 or zero")

func is4(a netip.Addr) bool { return a.Unmap().Is4() }

// message is one netlink message; body is part of the buffer it was cut from.
type message struct {
	msgType, flags uint16
	seq            uint32
	body           []byte
}

// cutMessage takes the first message off b.
func cutMessage(b []byte) (m message, rest []byte, err error) {
	if len(b) < headerLen {
		return message{}, nil, errMalformed
	}
	ne := binary.NativeEndian
	n := ne.Uint32(b)
	if n < headerLen || uint64(n) > uint64(len(b)) {
		return message{}, nil, errMalformed
	}
	m = message{msgType: ne.Uint16(b[4:]), flags: ne.Uint16(b[6:]), seq: ne.Uint32(b[8:]), body: b[headerLen:n]}
	return m, b[min(align(int(n)), len(b)):], nil
}

// errno gives the error number of an NLMSG_ERROR or NLMSG_DONE, 0 for success.
// The kernel sends it negative; an NLMSG_DONE of an old kernel has none.
func (m message) errno() uint32 {
	if len(m.body) < 4 {
		return 0
	}
	return uint32(-int32(binary.NativeEndian.Uint32(m.body)))
}

// decodeSocket decodes a struct inet_diag_msg and the attributes behind it.
func decodeSocket(b []byte) (Socket, error) {
	if len(b) < diagMsgLen {
		return Socket{}, errMalformed
	}
	ne, be := binary.NativeEndian, binary.BigEndian
	s := Socket{
		Family:      b[0],
		State:       State(b[1]),
		Timer:       TimerKind(b[2]),
		Retransmits: b[3],
		Interface:   ne.Uint32(b[40:]),
		Cookie:      Cookie(ne.Uint32(b[44:])) | Cookie(ne.Uint32(b[48:]))<<32,
		Expires:     time.Duration(ne.Uint32(b[52:])) * time.Millisecond,
		RecvQ:       ne.Uint32(b[56:]),
		SendQ:       ne.Uint32(b[60:]),
		UID:         ne.Uint32(b[64:]),
		Inode:       ne.Uint32(b[68:]),
	}
	local, remote := b[8:24], b[24:40]
	switch s.Family {
	case AFInet:
		local, remote = local[:4], remote[:4]
	case AFInet6:
	default:
		return Socket{}, errMalformed
	}
	localAddr, _ := netip.AddrFromSlice(local)
	remoteAddr, _ := netip.AddrFromSlice(remote)
	s.Local = netip.AddrPortFrom(localAddr, be.Uint16(b[4:]))
	s.Remote = netip.AddrPortFrom(remoteAddr, be.Uint16(b[6:]))
	return s, s.decodeAttributes(b[diagMsgLen:])
}

func (s *Socket) decodeAttributes(b []byte) error {
	for len(b) >= attrHeaderLen {
		n := int(binary.NativeEndian.Uint16(b))
		if n < attrHeaderLen || n > len(b) {
			return errMalformed
		}
		value := b[attrHeaderLen:n]
		switch binary.NativeEndian.Uint16(b[2:]) & attrTypeMask {
		case attrInfo:
			info, err := ParseTCPInfo(value)
			if err != nil {
				return errMalformed
			}
			s.Info = &info
		case attrSKMemInfo:
			f := fields(value)
			s.Mem = &Mem{
				RMemAlloc: f.uint32(), RcvBuf: f.uint32(), WMemAlloc: f.uint32(), SndBuf: f.uint32(),
				FwdAlloc: f.uint32(), WMemQueued: f.uint32(), OptMem: f.uint32(), Backlog: f.uint32(), Drops: f.uint32(),
			}
		case attrCong:
			name, _, _ := bytes.Cut(value, []byte{0})
			s.Congestion = congestionName(name)
		}
		b = b[min(align(n), len(b)):]
	}
	return nil
}

// congestionName saves the string of a usual name from being made anew for every answer.
func congestionName(b []byte) string {
	switch string(b) {
	case "cubic":
		return "cubic"
	case "reno":
		return "reno"
	case "bbr":
		return "bbr"
	default:
		return string(b)
	}
}

// align rounds up to NLMSG_ALIGNTO and NLA_ALIGNTO.
func align(n int) int { return (n + 3) &^ 3 }
