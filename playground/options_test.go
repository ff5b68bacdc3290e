package playground_test

import (
	"encoding/json"
	"strings"
	"testing"

	"socketplayground/playground"
)

// TestOptions sets each option and reads it back from the kernel.
func TestOptions(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{})
	c := s.dial(playground.Dial{Address: l})
	tests := []struct {
		name     string
		socket   string
		value    any
		readBack any
	}{
		{"NoDelay", c, false, false},
		{"NoDelay", c, true, true},
		{"Cork", c, true, true},
		{"KeepAlive", c, false, false},
		{"KeepAliveIdle", c, 33, int64(33)},
		{"KeepAliveInterval", c, 4, int64(4)},
		{"KeepAliveCount", c, 5, int64(5)},
		{"Linger", c, 3, int64(3)},
		{"Linger", c, 0, int64(0)},
		{"Linger", c, -1, int64(-1)},
		{"UserTimeout", c, 1234, int64(1234)},
		{"RcvBuf", c, 50_000, int64(100_000)}, // the kernel doubles it, for its own bookkeeping (socket(7))
		{"SndBuf", c, 60_000, int64(120_000)},
		{"MaxSeg", l, 600, int64(600)}, // an open connection tells its current one, not the limit
		{"MaxSeg", l, 0, int64(536)},   // the kernel's own again (RFC 9293 §3.7.1)
		{"RcvBuf", c, 0, int64(2304)},  // SOCK_MIN_RCVBUF, include/net/sock.h
		{"TTL", c, 9, int64(9)},
		{"TTL", c, -1, int64(64)}, // net.ipv4.ip_default_ttl
		{"DeferAccept", l, 7200, int64(7207)},
		{"Congestion", c, "reno", "reno"},
		{"DeferAccept", l, 1, int64(1)},
		{"DeferAccept", l, 2, int64(3)}, // counted in retransmits of SYN-ACK, at 1, 3, 7 … s (tcp(7))
		{"ReuseAddr", l, false, false},
		{"ReusePort", l, true, true},
	}
	for _, test := range tests {
		call := s.do(&playground.SetOption{Socket: test.socket, Name: test.name, Value: raw(test.value)}).Calls[0]
		set := s.returned(call)
		if set.Error != nil {
			t.Errorf("%s = %v: %s", test.name, test.value, set.Error.Text)
			continue
		}
		if !strings.Contains(set.Op+set.Args, test.name) && !strings.HasPrefix(set.Op, "Set") {
			t.Errorf("%s is told as %s(%s)", test.name, set.Op, set.Args)
		}
		e := awaitAfter(s, set.Seq, test.name+" read back", func(e *playground.OptionsRead) bool { return e.Socket == test.socket })
		if got := e.Options[test.name]; got != test.readBack {
			t.Errorf("%s = %v: read back %v (%T), want %v", test.name, test.value, got, got, test.readBack)
		}
	}
}

func TestBadOptions(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{})
	tests := []struct {
		name, value string
		field       string
		code        playground.Code
	}{
		{"NoDelay", `1`, "value", playground.CodeInvalidArgument},
		{"KeepAliveIdle", `0`, "value", playground.CodeInvalidArgument},
		{"KeepAliveIdle", `1.5`, "value", playground.CodeInvalidArgument},
		{"KeepAliveCount", `128`, "value", playground.CodeInvalidArgument},
		{"Linger", `-2`, "value", playground.CodeInvalidArgument},
		{"TTL", `256`, "value", playground.CodeInvalidArgument},
		{"TTL", `-2`, "value", playground.CodeInvalidArgument},
		{"MaxSeg", `87`, "value", playground.CodeInvalidArgument},
		{"UserTimeout", `2147483648`, "value", playground.CodeInvalidArgument},
		{"MaxSeg", `"big"`, "value", playground.CodeInvalidArgument},
		{"RcvBuf", `99999999999999999999`, "value", playground.CodeInvalidArgument},
		{"Congestion", `""`, "value", playground.CodeInvalidArgument},
		{"Congestion", `"sixteen-letters!"`, "value", playground.CodeInvalidArgument},
		{"UserTimeout", ``, "value", playground.CodeInvalidArgument},
		{"Quickack", `true`, "name", playground.CodeInvalidArgument},
		{"", `true`, "name", playground.CodeInvalidArgument},
	}
	for _, test := range tests {
		err := s.refused(&playground.SetOption{Socket: l, Name: test.name, Value: json.RawMessage(test.value)})
		if err.Field != test.field || err.Code != test.code {
			t.Errorf("%s = %s: got %s in field %q (%s)", test.name, test.value, err.Code, err.Field, err.Message)
		}
	}
	for _, bad := range []playground.RawOptions{options("Quickack", true), options("TTL", 0)} {
		for _, cmd := range []playground.Command{
			&playground.Listen{Address: "127.0.0.1:0", Options: bad},
			&playground.Dial{Address: l, Options: bad},
		} {
			if err := s.refused(cmd); err.Field != "options" {
				t.Errorf("%T: the field is %q (%s)", cmd, err.Field, err.Message)
			}
		}
	}
	// What only the kernel can know comes back as the call's error.
	e := s.failed(s.do(&playground.SetOption{Socket: l, Name: "Congestion", Value: raw("nonesuch")}).Calls[0])
	if e.Errno != "ENOENT" || !strings.HasSuffix(e.Why, ".") {
		t.Errorf("an unknown congestion control gave %+v", e)
	}
}

func TestOptionsAtCreation(t *testing.T) {
	s := open(t)
	asked := options("NoDelay", false, "KeepAlive", false, "RcvBuf", 40_000, "SndBuf", 30_000, "TTL", 5,
		"UserTimeout", 700, "Congestion", "reno", "Linger", 2)
	want := map[string]any{"NoDelay": false, "KeepAlive": false, "RcvBuf": int64(80_000), "SndBuf": int64(60_000), "TTL": int64(5),
		"UserTimeout": int64(700), "Congestion": "reno", "Linger": int64(2)}
	l, _ := s.listen(playground.Listen{Options: asked})
	c := s.dial(playground.Dial{Address: l, Options: asked})
	for _, id := range []string{l, c} {
		v := s.socket(id, "has its options read", func(v *playground.SocketView) bool { return v.Options != nil })
		for name, value := range want {
			if got := v.Options[name]; got != value && !(id == l && name == "NoDelay") {
				t.Errorf("%s: %s is %v, want %v", id, name, got, value)
			}
		}
	}
	// What a listener has, its connections inherit (socket(7)), unless Go switches it on.
	accepted := s.accept(l)
	if v := s.socket(accepted, "has its options read", func(v *playground.SocketView) bool { return v.Options != nil }); v.Options["KeepAlive"] != false {
		t.Errorf("%s: KeepAlive is %v, though its listener has it off", accepted, v.Options["KeepAlive"])
	}
	// Without options a socket has Go's defaults.
	d := s.dial(playground.Dial{Address: l})
	v := s.socket(d, "has its options read", func(v *playground.SocketView) bool { return v.Options != nil })
	if v.Options["NoDelay"] != true || v.Options["KeepAlive"] != true || v.Options["KeepAliveIdle"] != int64(15) {
		t.Errorf("Go's defaults are %v", v.Options)
	}
}

func TestBacklog(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Backlog: 3})
	v := s.socket(l, "has metrics", func(v *playground.SocketView) bool { return v.Metrics != nil })
	if v.Backlog != 3 || v.Metrics.SendQ != 3 {
		t.Errorf("asked for 3, the event says %d and the kernel %d", v.Backlog, v.Metrics.SendQ)
	}
	for _, bad := range []int{-1, playground.MaxBacklog + 1} {
		if err := s.refused(&playground.Listen{Address: "127.0.0.1:0", Backlog: bad}); err.Field != "backlog" {
			t.Errorf("%d: the field is %q", bad, err.Field)
		}
	}
}
