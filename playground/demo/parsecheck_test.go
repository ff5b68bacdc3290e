package demo_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"socketplayground/playground/demo"
)

func TestParseCheck(t *testing.T) {
	tests := []struct {
		text, zh string
		want     demo.Fact
	}{
		{"C1 is ESTABLISHED", "C1 处于 ESTABLISHED", &demo.Is{Socket: "C1", States: []string{"ESTABLISHED"}}},
		{"S1.1 is not LISTEN or CLOSED", "S1.1 不处于 LISTEN 或 CLOSED", &demo.Is{Socket: "S1.1", Not: true, States: []string{"LISTEN", "CLOSED"}}},
		{"C1 is CLOSED because reset_received", "C1 处于 CLOSED，原因是收到 RST",
			&demo.Is{Socket: "C1", States: []string{"CLOSED"}, Reason: "reset_received"}},
		{"C1 reaches FIN_WAIT_1, then FIN_WAIT_2 and stays 2s", "C1 进入 FIN_WAIT_1，再到 FIN_WAIT_2，并保持 2s",
			&demo.Reaches{Socket: "C1", States: []string{"FIN_WAIT_1", "FIN_WAIT_2"}, Stays: 2 * time.Second}},
		{"C1 never reaches TIME_WAIT", "C1 从不进入 TIME_WAIT", &demo.Never{Socket: "C1", State: "TIME_WAIT"}},
		{"S1.1 stays CLOSE_WAIT 500ms", "S1.1 保持 CLOSE_WAIT 500ms", &demo.Stays{Socket: "S1.1", State: "CLOSE_WAIT", For: time.Second / 2}},
		{"C1 write returns 3, then EPIPE", "C1 的 Write 返回 3，再返回 EPIPE",
			&demo.Returns{Socket: "C1", Call: "Write", Results: []demo.Result{{Kind: demo.ResultN, N: 3}, {Kind: demo.ResultErrno, Errno: "EPIPE"}}}},
		{`C1 read returns "a, then \"b\"", then EOF`, `C1 的 Read 返回 "a, then \"b\""，再返回 EOF`,
			&demo.Returns{Socket: "C1", Call: "Read", Results: []demo.Result{{Kind: demo.ResultText, Text: `a, then "b"`}, {Kind: demo.ResultEOF}}}},
		{"C2 dial returns timeout after 1s", "C2 的 Dial 返回超时，耗时至少 1s",
			&demo.Returns{Socket: "C2", Call: "Dial", Results: []demo.Result{{Kind: demo.ResultTimeout}}, After: time.Second}},
		{"C1 close_write takes at most 10ms", "C1 的 CloseWrite 耗时至多 10ms",
			&demo.Takes{Socket: "C1", Call: "CloseWrite", Compare: demo.AtMost, For: 10 * time.Millisecond}},
		{"S1 accept is waiting", "S1 的 Accept 正在等待", &demo.Waiting{Socket: "S1", Call: "Accept"}},
		{`C1 segments contain SYN, then SYN+ACK, then data "hi", then zero window`, `C1 的报文段依次包含 SYN、SYN+ACK、含 "hi" 的数据、零窗口`,
			&demo.Segments{Socket: "C1", List: []demo.Seg{{Kind: demo.SegFlags, Flags: []string{"SYN"}},
				{Kind: demo.SegFlags, Flags: []string{"SYN", "ACK"}}, {Kind: demo.SegData, Text: "hi"}, {Kind: demo.SegZeroWindow}}}},
		{`no data exactly "hi" of C1`, `C1 的连接上没有恰为 "hi" 的数据`,
			&demo.Count{Compare: demo.Exactly, Seg: demo.Seg{Kind: demo.SegData, Text: "hi", Whole: true}, Socket: "C1"}},
		{"C1 segments are FIN, then ACK", "C1 的报文段依次恰为 FIN、ACK", &demo.Segments{Socket: "C1", Exactly: true,
			List: []demo.Seg{{Kind: demo.SegFlags, Flags: []string{"FIN"}}, {Kind: demo.SegFlags, Flags: []string{"ACK"}}}}},
		{"C1 segments are SYN with seq 0 and mss 1460 and wscale without timestamps, then ACK with ack 1", "C1 的报文段依次恰为 SYN（有 seq 0、有 mss 1460、有 wscale、没有 timestamps）、ACK（有 ack 1）",
			&demo.Segments{Socket: "C1", Exactly: true, List: []demo.Seg{
				{Kind: demo.SegFlags, Flags: []string{"SYN"}, With: []demo.SegField{{Name: "seq"}, {Name: "mss", N: 1460}, {Name: "wscale", Any: true}, {Name: "timestamps", Not: true, Any: true}}},
				{Kind: demo.SegFlags, Flags: []string{"ACK"}, With: []demo.SegField{{Name: "ack", N: 1}}}}}},
		{"S1.1 sends RST", "S1.1 依次发出 RST", &demo.Segments{Socket: "S1.1", Sent: true, List: []demo.Seg{{Kind: demo.SegFlags, Flags: []string{"RST"}}}}},
		{"at least 1 retransmission of C1", "C1 的连接上至少有 1 次重传",
			&demo.Count{Compare: demo.AtLeast, N: 1, Seg: demo.Seg{Kind: demo.SegRetransmitted}, Socket: "C1"}},
		{"exactly 3 SYNs from C1 so far", "至今来自 C1 的 SYN 恰好 3 个",
			&demo.Count{Compare: demo.Exactly, N: 3, Seg: demo.Seg{Kind: demo.SegFlags, Flags: []string{"SYN"}}, Socket: "C1", From: true, SoFar: true}},
		{"at most 2 data segments of C1", "C1 的连接上至多有 2 个数据段", &demo.Count{Compare: demo.AtMost, N: 2, Seg: demo.Seg{Kind: demo.SegData}, Socket: "C1"}},
		{"no RST of C1 for 300ms", "300ms 内，C1 的连接上没有 RST",
			&demo.Count{Compare: demo.Exactly, Seg: demo.Seg{Kind: demo.SegFlags, Flags: []string{"RST"}}, Socket: "C1", For: 300 * time.Millisecond}},
		{"exactly 2 dropped segments of C1", "C1 的连接上恰好有 2 个被丢弃的报文段",
			&demo.Count{Compare: demo.Exactly, N: 2, Seg: demo.Seg{Kind: demo.SegDropped}, Socket: "C1"}},
		{"at least 2 calls of C1", "来自 C1 的调用至少 2 次", &demo.Count{Compare: demo.AtLeast, N: 2, Calls: true, Socket: "C1"}},
		{"accept queue of S1 is 1", "S1 的全连接队列为 1", &demo.Quantity{Name: "accept queue", Socket: "S1", Compare: demo.Exactly, N: 1}},
		{"receive queue of S1.1 is at least 1000 and stays 1s", "S1.1 的接收队列至少为 1000，并保持 1s",
			&demo.Quantity{Name: "receive queue", Socket: "S1.1", Compare: demo.AtLeast, N: 1000, Stays: time.Second}},
		{"timer of C1 is persist", "C1 的定时器为 persist", &demo.Quantity{Name: "timer", Socket: "C1", Compare: demo.Exactly, Text: "persist"}},
		{"timer expiry of C1 is at least 50s", "C1 的定时器剩余时间至少为 50s",
			&demo.Quantity{Name: "timer expiry", Socket: "C1", Compare: demo.AtLeast, For: 50 * time.Second}},
		{"bytes read by C1 is 10", "C1 的已读字节数为 10", &demo.Quantity{Name: "bytes read", Socket: "C1", Compare: demo.Exactly, N: 10}},
		{"kernel socket of C1 is no", "C1 的内核套接字已不存在", &demo.Quantity{Name: "kernel socket", Socket: "C1", Compare: demo.Exactly, Text: "no"}},
		{"option NoDelay of C1 is true", "C1 的选项 NoDelay 为 true", &demo.Quantity{Name: "option", Option: "NoDelay", Socket: "C1", Compare: demo.Exactly, Text: "true"}},
		{"peer of C1 is S1.1", "C1 的对端是 S1.1", &demo.Peer{Socket: "C1", Peer: "S1.1"}},
	}
	for _, tt := range tests {
		got, err := demo.ParseCheck(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if !reflect.DeepEqual(got.Fact, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.text, got.Fact, tt.want)
		}
		if got.ZH() != tt.zh {
			t.Errorf("%s: in Chinese %q, want %q", tt.text, got.ZH(), tt.zh)
		}
		if got.String() != tt.text {
			t.Errorf("%q became %q", tt.text, got)
		}
	}
}

func TestParseCheckWithin(t *testing.T) {
	got, err := demo.ParseCheck("C1 reaches LAST_ACK and stays 1s within 20s")
	if err != nil {
		t.Fatal(err)
	}
	want := &demo.Reaches{Socket: "C1", States: []string{"LAST_ACK"}, Stays: time.Second}
	if got.Within != 20*time.Second || !reflect.DeepEqual(got.Fact, want) {
		t.Errorf("got %v within %v, want %v within 20s", got.Fact, got.Within, want)
	}
}

func TestParseCheckErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "such as: C1 reaches ESTABLISHED"},
		{"D1 is LISTEN", `instead of "D1" must come a socket`},
		{"C1", "here must come is, is not, reaches"},
		{"C1 is OPEN", `instead of "OPEN" must come one of LISTEN, SYN_SENT`},
		{"C1 is ESTABLISHED because refused", "only CLOSED has a reason"},
		{"C1 is CLOSED because tired", `instead of "tired" must come one of refused`},
		{"C1 is ESTABLISHED now", `complete before "now"`},
		{"C1 reaches ESTABLISHED within soon", `"soon" is not a duration`},
		{"C1 reaches ESTABLISHED within 1h", `"1h" is not a duration`},
		{"C1 stays ESTABLISHED", "here must come a duration"},
		{"C1 read", "here must come returns, takes or is waiting"},
		{"C1 read returns eof", `instead of "eof" must come ok, error, an errno such as EPIPE, EOF`},
		{`C1 read returns "x`, "has no closing quote"},
		{"C1 sends SYN with luck", `instead of "luck" must come one of seq, ack`},
		{"C1 sends HELLO", `instead of "HELLO" must come a kind of segment`},
		{"at least many SYNs of C1", `instead of "many" must come a number`},
		{"at least 1 SYN", "here must come of, or from, and a socket"},
		{"accept queue of S1", "here must come is, and a value"},
		{"timer of C1 is slow", `instead of "slow" must come one of retransmit`},
		{"peer of C1 is nobody", `instead of "nobody" must come a socket`},
		{strings.Repeat("C", demo.MaxText+1), "at most 4000 bytes"},
	}
	for _, tt := range tests {
		_, err := demo.ParseCheck(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q: got %v, want an error with %q", tt.text, err, tt.want)
		}
	}
}
