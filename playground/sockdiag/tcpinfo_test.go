package sockdiag

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"
	"time"
)

// appendTCPInfo encodes t field by field in the order of include/uapi/linux/tcp.h, and cuts or fills it to t.Size.
func appendTCPInfo(b []byte, t TCPInfo) []byte {
	ne := binary.NativeEndian
	start := len(b)
	micros := func(d time.Duration) uint32 { return uint32(d.Microseconds()) }
	millis := func(d time.Duration) uint32 { return uint32(d.Milliseconds()) }
	u32 := func(values ...uint32) {
		for _, v := range values {
			b = ne.AppendUint32(b, v)
		}
	}
	u64 := func(values ...uint64) {
		for _, v := range values {
			b = ne.AppendUint64(b, v)
		}
	}
	scales, flags := t.SndWScale|t.RcvWScale<<4, t.FastOpenClientFail<<1
	if t.DeliveryRateAppLimited {
		flags |= 1
	}
	if bigEndian {
		scales, flags = t.SndWScale<<4|t.RcvWScale, t.FastOpenClientFail<<5
		if t.DeliveryRateAppLimited {
			flags |= 1 << 7
		}
	}
	b = append(b, byte(t.State), byte(t.CAState), t.Retransmits, t.Probes, t.Backoff, byte(t.Options), scales, flags)
	u32(micros(t.RTO), micros(t.ATO), t.SndMSS, t.RcvMSS, t.Unacked, t.Sacked, t.Lost, t.Retrans, t.Fackets)
	u32(millis(t.LastDataSent), 0, millis(t.LastDataRecv), millis(t.LastAckRecv))
	u32(t.PMTU, t.RcvSsthresh, micros(t.RTT), micros(t.RTTVar), t.SndSsthresh, t.SndCwnd, t.AdvMSS, t.Reordering)
	u32(micros(t.RcvRTT), t.RcvSpace, t.TotalRetrans)
	u64(t.PacingRate, t.MaxPacingRate, t.BytesAcked, t.BytesReceived)
	u32(t.SegsOut, t.SegsIn, t.NotsentBytes, micros(t.MinRTT), t.DataSegsIn, t.DataSegsOut)
	u64(t.DeliveryRate, uint64(t.BusyTime.Microseconds()), uint64(t.RwndLimited.Microseconds()), uint64(t.SndbufLimited.Microseconds()))
	u32(t.Delivered, t.DeliveredCE)
	u64(t.BytesSent, t.BytesRetrans)
	u32(t.DSACKDups, t.ReordSeen, t.RcvOOOPack, t.SndWnd, t.RcvWnd, t.Rehash)
	b = ne.AppendUint16(b, t.TotalRTO)
	b = ne.AppendUint16(b, t.TotalRTORecoveries)
	u32(millis(t.TotalRTOTime), t.ReceivedCE, t.DeliveredE1Bytes, t.DeliveredE0Bytes, t.DeliveredCEBytes,
		t.ReceivedE1Bytes, t.ReceivedE0Bytes, t.ReceivedCEBytes)
	if missing := t.Size - (len(b) - start); missing > 0 {
		return append(b, make([]byte, missing)...)
	}
	return b[:start+t.Size]
}

// fullTCPInfo has a different value in every field.
func fullTCPInfo() TCPInfo {
	var t TCPInfo
	v := reflect.ValueOf(&t).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Type() == reflect.TypeFor[time.Duration]():
			f.SetInt(int64(time.Duration(i) * time.Millisecond))
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		case f.CanUint():
			f.SetUint(uint64(i))
		}
	}
	t.Size, t.SndWScale, t.RcvWScale, t.FastOpenClientFail = 280, 7, 9, 2
	return t
}

func TestParseTCPInfoSizes(t *testing.T) {
	full := fullTCPInfo()
	b := appendTCPInfo(nil, full)
	for size := minTCPInfo; size <= len(b)+64; size++ {
		want := full
		want.Size = size
		longer := append(b[:len(b):len(b)], make([]byte, 64)...)
		got, err := ParseTCPInfo(longer[:size])
		if err != nil {
			t.Fatal(err)
		}
		if size >= 276 {
			if got != want {
				t.Errorf("%d bytes: got %+v, want %+v", size, got, want)
			}
			continue
		}
		// What is there is right, and what is missing or cut is zero.
		g, w := reflect.ValueOf(got), reflect.ValueOf(want)
		for i := range g.NumField() {
			if !g.Field(i).IsZero() && !g.Field(i).Equal(w.Field(i)) {
				t.Errorf("%d bytes: got %s %v, want %v or zero", size, g.Type().Field(i).Name, g.Field(i), w.Field(i))
			}
		}
	}
	for size := range minTCPInfo {
		if _, err := ParseTCPInfo(b[:size]); err == nil {
			t.Errorf("%d bytes were taken for a struct tcp_info", size)
		}
	}
}

// TestParseTCPInfoSince checks the sizes that TCPInfo's comments name.
func TestParseTCPInfoSince(t *testing.T) {
	b := appendTCPInfo(nil, fullTCPInfo())
	for _, tt := range []struct {
		size int
		last func(TCPInfo) bool
	}{
		{104, func(t TCPInfo) bool { return t.TotalRetrans != 0 }},
		{120, func(t TCPInfo) bool { return t.MaxPacingRate != 0 }},
		{144, func(t TCPInfo) bool { return t.SegsIn != 0 }},
		{160, func(t TCPInfo) bool { return t.DataSegsOut != 0 }},
		{192, func(t TCPInfo) bool { return t.SndbufLimited != 0 }},
		{224, func(t TCPInfo) bool { return t.ReordSeen != 0 }},
		{232, func(t TCPInfo) bool { return t.SndWnd != 0 }},
		{240, func(t TCPInfo) bool { return t.Rehash != 0 }},
		{248, func(t TCPInfo) bool { return t.TotalRTOTime != 0 }},
		{276, func(t TCPInfo) bool { return t.ReceivedCEBytes != 0 }},
	} {
		whole, _ := ParseTCPInfo(b[:tt.size])
		cut, _ := ParseTCPInfo(b[:tt.size-1])
		if !tt.last(whole) || tt.last(cut) {
			t.Errorf("%d bytes are not just what the last field needs", tt.size)
		}
	}
}

func TestParseTCPInfoHugeTime(t *testing.T) {
	b := appendTCPInfo(nil, TCPInfo{Size: 280})
	for i := 168; i < 176; i++ {
		b[i] = 0xff // tcpi_busy_time
	}
	got, err := ParseTCPInfo(b)
	if want := time.Duration(math.MaxInt64).Truncate(time.Microsecond); err != nil || got.BusyTime != want {
		t.Errorf("got %v, %v; want %v", got.BusyTime, err, want)
	}
}

func TestParseTCPInfoNoMinRTT(t *testing.T) {
	for _, tt := range []struct{ sent, want time.Duration }{
		{math.MaxUint32 * time.Microsecond, 0},
		{11 * time.Microsecond, 11 * time.Microsecond},
	} {
		got, err := ParseTCPInfo(appendTCPInfo(nil, TCPInfo{Size: 280, MinRTT: tt.sent}))
		if err != nil || got.MinRTT != tt.want {
			t.Errorf("%v: got %v, %v; want %v", tt.sent, got.MinRTT, err, tt.want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Established.String(), "ESTABLISHED"}, {SynSent.String(), "SYN_SENT"}, {SynRecv.String(), "SYN_RCVD"},
		{FinWait1.String(), "FIN_WAIT_1"}, {FinWait2.String(), "FIN_WAIT_2"}, {TimeWait.String(), "TIME_WAIT"},
		{Close.String(), "CLOSED"}, {CloseWait.String(), "CLOSE_WAIT"}, {LastAck.String(), "LAST_ACK"},
		{Listen.String(), "LISTEN"}, {Closing.String(), "CLOSING"}, {NewSynRecv.String(), "SYN_RCVD"},
		{BoundInactive.String(), "CLOSED"}, {State(14).String(), "State(14)"},
		{TimerNone.String(), ""}, {TimerRetransmit.String(), "retransmit"}, {TimerKeepalive.String(), "keepalive"},
		{TimerTimeWait.String(), "time_wait"}, {TimerPersist.String(), "persist"}, {TimerKind(5).String(), "TimerKind(5)"},
		{CAOpen.String(), "open"}, {CALoss.String(), "loss"}, {CAState(5).String(), "CAState(5)"},
		{Cookie(0xab).String(), "00000000000000ab"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	if Established != 1 || BoundInactive != 13 {
		t.Errorf("got %d and %d, want the kernel's 1 and 13", Established, BoundInactive)
	}
	if got, want := (OptTimestamps | OptWScale | OptTFOChild).Names(), []string{"timestamps", "wscale", "tfo_child"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := TCPOptions(0).Names(); got != nil {
		t.Errorf("got %q, want none", got)
	}
}
