package demo

import (
	"math"
	"regexp"
	"strings"
	"time"
)

// The words that a check may use where it names a state, why a socket is CLOSED, a call or a flag. They are those of the
// protocol (web/PROTOCOL.md); a test of package playground holds them together.
var (
	States  = words("LISTEN SYN_SENT SYN_RCVD ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT CLOSED")
	Reasons = words("refused timed_out reset_sent reset_received aborted time_wait_over acknowledged never_opened closed destroyed unknown")
	Flags   = words("SYN FIN RST PSH ACK URG ECE CWR AE")
	// SegFields are the header's, seq and ack relative to the connection's first, and options by the protocol's names.
	// Those of the IP header are there too.
	SegFields = words("seq ack len win ttl urgent ace reserved dscp ecn df id flow_label " +
		"mss wscale sack_permitted sack timestamps md5 user_timeout ao mptcp fast_open encryption_negotiation accecn0 accecn1 experiment nop eol unknown broken")
	// ECNs are the values of ecn, RFC 3168 §5.
	ECNs   = words("Not-ECT ECT(0) ECT(1) CE")
	Timers = words("retransmit keepalive fin_wait_2 time_wait persist none")
)

// Options are those that a check may ask about, and what their values are.
var Options = map[string]string{
	"NoDelay": "bool", "Cork": "bool", "KeepAlive": "bool", "KeepAliveIdle": "number", "KeepAliveInterval": "number", "KeepAliveCount": "number",
	"Linger": "number", "UserTimeout": "number", "RcvBuf": "number", "SndBuf": "number", "MaxSeg": "number", "TTL": "number",
	"Congestion": "word", "DeferAccept": "number", "ReuseAddr": "bool", "ReusePort": "bool",
}

// OptionRange is the least and the greatest value that the kernel gives of an option that is a number.
func OptionRange(option string) (least, most int64) {
	switch option {
	case "TTL":
		return 1, 255
	case "KeepAliveIdle", "KeepAliveInterval":
		return 1, 32767
	case "KeepAliveCount":
		return 1, 127
	case "Linger":
		return -1, math.MaxInt32
	case "MaxSeg":
		return 0, math.MaxUint16
	}
	return 0, math.MaxInt32
}

// quantityMost is the greatest value of a quantity that has one.
var quantityMost = map[string]int64{"local port": math.MaxUint16, "remote port": math.MaxUint16}

// fieldMost is the greatest value of a segment's field that has one: what its bits hold.
var fieldMost = map[string]int64{"seq": math.MaxUint32, "ack": math.MaxUint32, "len": math.MaxUint16, "ttl": math.MaxUint8, "urgent": math.MaxUint16, "ace": 7, "reserved": 15,
	"dscp": 63, "id": math.MaxUint16, "flow_label": 1<<20 - 1, "mss": math.MaxUint16, "wscale": math.MaxUint8}

// Calls are the calls that a check may ask about, and what Go calls them.
var Calls = map[string]string{
	"listen": "Listen", "dial": "Dial", "accept": "Accept", "read": "Read", "write": "Write",
	"close_write": "CloseWrite", "close_read": "CloseRead", "close": "Close",
}

var (
	socketName = regexp.MustCompile(`^(C[1-9][0-9]{0,4}|S[1-9][0-9]{0,4}(\.[1-9][0-9]{0,4})?|X[1-9][0-9]{0,4})$`)
	openedName = regexp.MustCompile(`^[CSP][1-9][0-9]{0,2}$`)
	errnoName  = regexp.MustCompile(`^E[A-Z0-9]{2,15}$`)
)

func words(list string) []string { return strings.Fields(list) }

// duration reads a duration as Go writes it, above 0 and within MaxWait.
func duration(word string) (time.Duration, bool) {
	d, err := time.ParseDuration(word)
	return d, err == nil && d > 0 && d <= MaxWait
}
