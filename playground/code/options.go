package code

import "fmt"

// sockopt is a socket option as setsockopt(2) takes it: the names of its level and number in C, and the number itself,
// since Go's syscall and Python's socket do not know all of them (socket(7), tcp(7), ip(7); asm-generic/socket.h).
type sockopt struct {
	level, name string
	number      int
	inGo, inPy  bool // it is known there by name
}

var sockopts = map[string]sockopt{
	"NoDelay":           {"IPPROTO_TCP", "TCP_NODELAY", 1, true, true},
	"Cork":              {"IPPROTO_TCP", "TCP_CORK", 3, true, true},
	"KeepAlive":         {"SOL_SOCKET", "SO_KEEPALIVE", 9, true, true},
	"KeepAliveIdle":     {"IPPROTO_TCP", "TCP_KEEPIDLE", 4, true, true},
	"KeepAliveInterval": {"IPPROTO_TCP", "TCP_KEEPINTVL", 5, true, true},
	"KeepAliveCount":    {"IPPROTO_TCP", "TCP_KEEPCNT", 6, true, true},
	"UserTimeout":       {"IPPROTO_TCP", "TCP_USER_TIMEOUT", 18, false, true},
	"RcvBuf":            {"SOL_SOCKET", "SO_RCVBUF", 8, true, true},
	"SndBuf":            {"SOL_SOCKET", "SO_SNDBUF", 7, true, true},
	"MaxSeg":            {"IPPROTO_TCP", "TCP_MAXSEG", 2, true, true},
	"TTL":               {"IPPROTO_IP", "IP_TTL", 2, true, true},
	"Congestion":        {"IPPROTO_TCP", "TCP_CONGESTION", 13, false, true},
	"DeferAccept":       {"IPPROTO_TCP", "TCP_DEFER_ACCEPT", 9, true, true},
	"ReuseAddr":         {"SOL_SOCKET", "SO_REUSEADDR", 2, true, true},
	"ReusePort":         {"SOL_SOCKET", "SO_REUSEPORT", 15, false, true},
}

// number is the value of an option that is a number or a switch.
func (o Option) number() int64 {
	switch v := o.Value.(type) {
	case bool:
		if v {
			return 1
		}
	case int64:
		return v
	case int:
		return int64(v)
	case float64:
		return int64(v)
	}
	return 0
}

// linger is what SO_LINGER is set to: on or off, and for how many seconds.
func (o Option) linger() (on, seconds int64) {
	if n := o.number(); n >= 0 {
		return 1, n
	}
	return 0, 0
}

func (o Option) String() string { return fmt.Sprintf("%s %v", o.Name, o.Value) }
