package playground

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// sockopt is where an option lives: its level and number (tcp(7), socket(7), ip(7)).
type sockopt struct{ level, number int }

var sockopts = map[string]sockopt{
	"NoDelay":           {unix.IPPROTO_TCP, unix.TCP_NODELAY},
	"Cork":              {unix.IPPROTO_TCP, unix.TCP_CORK},
	"KeepAlive":         {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
	"KeepAliveIdle":     {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
	"KeepAliveInterval": {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL},
	"KeepAliveCount":    {unix.IPPROTO_TCP, unix.TCP_KEEPCNT},
	"Linger":            {unix.SOL_SOCKET, unix.SO_LINGER},
	"UserTimeout":       {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT},
	"RcvBuf":            {unix.SOL_SOCKET, unix.SO_RCVBUF},
	"SndBuf":            {unix.SOL_SOCKET, unix.SO_SNDBUF},
	"MaxSeg":            {unix.IPPROTO_TCP, unix.TCP_MAXSEG},
	"TTL":               {unix.IPPROTO_IP, unix.IP_TTL},
	"Congestion":        {unix.IPPROTO_TCP, unix.TCP_CONGESTION},
	"DeferAccept":       {unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT},
	"ReuseAddr":         {unix.SOL_SOCKET, unix.SO_REUSEADDR},
	"ReusePort":         {unix.SOL_SOCKET, unix.SO_REUSEPORT},
}

// optionSupport says why this system cannot set an option; empty where it can.
func optionSupport(string) (why string) { return "" }

func sockoptOf(name string, v6 bool) sockopt {
	o := sockopts[name]
	if name == "TTL" && v6 {
		o = sockopt{unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS}
	}
	return o
}

func setOption(fd uintptr, name string, value any, v6 bool) error {
	o := sockoptOf(name, v6)
	var err error
	switch v := value.(type) {
	case bool:
		n := 0
		if v {
			n = 1
		}
		err = unix.SetsockoptInt(int(fd), o.level, o.number, n)
	case string:
		err = unix.SetsockoptString(int(fd), o.level, o.number, v)
	case int64:
		if name == "Linger" {
			l := unix.Linger{Linger: int32(max(v, 0))}
			if v >= 0 {
				l.Onoff = 1
			}
			err = unix.SetsockoptLinger(int(fd), o.level, o.number, &l)
			break
		}
		err = unix.SetsockoptInt(int(fd), o.level, o.number, int(v))
		if name == "TTL" && v6 && err == nil {
			// An IPv6 socket may speak IPv4 with its peer, and then this is what counts (ipv6_mapped, net/ipv6/tcp_ipv6.c).
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TTL, int(v))
		}
	default:
		return fmt.Errorf("option %s: no value of type %T", name, value)
	}
	if err != nil {
		return os.NewSyscallError("setsockopt "+name, err)
	}
	return nil
}

func getOption(fd uintptr, name string, v6 bool) (any, error) {
	o := sockoptOf(name, v6)
	spec, _ := findOption(name)
	switch {
	case spec.kind == stringOption:
		return unix.GetsockoptString(int(fd), o.level, o.number)
	case name == "Linger":
		l, err := unix.GetsockoptLinger(int(fd), o.level, o.number)
		if err != nil {
			return nil, err
		}
		if l.Onoff == 0 {
			return int64(-1), nil
		}
		return int64(l.Linger), nil
	}
	n, err := unix.GetsockoptInt(int(fd), o.level, o.number)
	if err != nil {
		return nil, err
	}
	if spec.kind == boolOption {
		return n != 0, nil
	}
	return int64(n), nil
}
