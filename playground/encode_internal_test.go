package playground

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// eventKinds makes an empty event of each kind.
func eventKinds() []func() Event {
	return []func() Event{
		func() Event { return new(SocketOpened) }, func() Event { return new(AddressAssigned) },
		func() Event { return new(ConnAccepted) }, func() Event { return new(PeerFound) },
		func() Event { return new(ProcessFound) }, func() Event { return new(CallStarted) },
		func() Event { return new(CallReturned) }, func() Event { return new(CallsSummarised) },
		func() Event { return new(StateChanged) }, func() Event { return new(MetricsSampled) },
		func() Event { return &OptionsRead{Options: Options{}} }, func() Event { return new(BehaviorChanged) },
		func() Event { return new(ReadModeChanged) }, func() Event { return new(DeadlineSet) },
		func() Event { return new(DescriptorClosed) }, func() Event { return new(TransferStarted) },
		func() Event { return new(TransferFinished) }, func() Event { return new(DigestComputed) },
		func() Event { return new(SocketRemoved) }, func() Event { return new(EventsLost) },
		func() Event { return new(Notice) },
		func() Event { return new(SegmentSent) }, func() Event { return new(SegmentLanded) },
		func() Event { return new(WireIntervened) }, func() Event { return new(SegmentsSummarised) },
		func() Event { return new(PortWatched) }, func() Event { return &LabOpened{Hosts: map[string][]string{}} },
		func() Event { return new(LabClosed) }, func() Event { return new(QuickAckSet) },
		func() Event { return &KernelSettingsRead{Settings: map[string]string{}} }, func() Event { return new(WireChanged) },
		func() Event { return new(DemoStarted) }, func() Event { return new(DemoStepStarted) },
		func() Event { return new(DemoAsked) }, func() Event { return new(DemoPredicted) },
		func() Event { return new(DemoCheckDecided) }, func() Event { return new(DemoPaused) }, func() Event { return new(DemoReading) },
		func() Event { return new(DemoResumed) }, func() Event { return new(DemoFinished) },
	}
}

// nasty are strings that an encoder can get wrong.
var nasty = []string{"", "plain", `"quoted\"`, "a\x00b\x1f\x7f", "line\nreturn\rtab\t", "\xff\xfe half \xc3", "中\u2028\u2029😀", "</script>&", "\ufffd"}

// fill puts random values into every field of an event, as deep as it goes.
func fill(e Event, random *rand.Rand) { fillValue(reflect.ValueOf(e).Elem(), random) }

func fillValue(v reflect.Value, random *rand.Rand) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(v.Field(i), random)
		}
	case reflect.Pointer:
		if random.IntN(4) == 0 {
			v.SetZero()
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(v.Elem(), random)
	case reflect.String:
		v.SetString(nasty[random.IntN(len(nasty))])
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(random.Int64N(1<<53) - 1<<52)
	case reflect.Float64:
		v.SetFloat(random.Float64() * 100)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(random.Uint64N(1 << 32))
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			text, _ := json.Marshal(nasty[random.IntN(len(nasty))]) // a string always can be
			v.SetBytes(text)
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), random.IntN(4), 4))
		for i := range v.Len() {
			fillValue(v.Index(i), random)
		}
	case reflect.Uint8:
		v.SetUint(uint64(random.IntN(256)))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		if v.Type() == reflect.TypeFor[Options]() {
			v.Set(reflect.ValueOf(Options{"NoDelay": true, "TTL": random.Int64N(1 << 53), "Congestion": nasty[random.IntN(len(nasty))]}))
			return
		}
		for range random.IntN(3) {
			value := reflect.New(v.Type().Elem()).Elem()
			fillValue(value, random)
			v.SetMapIndex(reflect.ValueOf(nasty[1+random.IntN(2)]), value)
		}
	default:
		panic("no random value for " + v.Type().String())
	}
}

// TestAppendEvent says the same as encoding/json, for every kind and any values, and DecodeEvent reads it back.
func TestAppendEvent(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for _, make := range eventKinds() {
		for round := range 200 {
			e := make()
			if round > 0 { // once with nothing but zero values
				fill(e, random)
			}
			e.header().Type = e.kind()
			want, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			got := AppendEvent(nil, e)
			if !reflect.DeepEqual(decoded(t, got), decoded(t, want)) {
				t.Fatalf("%s:\ngot  %s\nwant %s", e.kind(), got, want)
			}
			back, err := DecodeEvent(got)
			if err != nil {
				t.Fatalf("%s: %v\n%s", e.kind(), err, got)
			}
			if again := AppendEvent(nil, back); !reflect.DeepEqual(decoded(t, again), decoded(t, got)) {
				t.Fatalf("%s changes when it is read back:\n%s\n%s", e.kind(), got, again)
			}
		}
	}
}

// decoded gives JSON as values, with numbers as they were written.
func decoded(t *testing.T, b []byte) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}

// TestAppendEventAllocates nothing for the kinds that come by the thousand.
func TestAppendEventAllocates(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	w := jsonWriter{buf: make([]byte, 0, 64<<10)}
	for _, e := range []Event{new(CallStarted), new(CallReturned), new(CallsSummarised), new(StateChanged), new(MetricsSampled),
		new(SegmentSent), new(SegmentLanded), new(WireIntervened), new(SegmentsSummarised)} {
		fill(e, random)
		if started, ok := e.(*CallStarted); ok {
			started.Options = nil // of a Listen or a Dial, which do not
		}
		if n := testing.AllocsPerRun(100, func() {
			w.buf = w.buf[:0]
			w.event(e)
		}); n != 0 {
			t.Errorf("%s: %v allocations, want none", e.kind(), n)
		}
	}
}

func TestDecodeEventRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{``, `[]`, `{}`, `{"type":"nonesuch"}`, `{"type":"notice","message":5}`} {
		if e, err := DecodeEvent([]byte(bad)); err == nil {
			t.Errorf("%s gave %+v", bad, e)
		}
	}
}

func FuzzAppendEvent(f *testing.F) {
	f.Add("hello", []byte("\xff"), int64(-1))
	f.Fuzz(func(t *testing.T, text string, data []byte, n int64) {
		for _, e := range []Event{
			&CallReturned{Args: text, Result: text, Data: data, N: n, Error: &CallError{Text: text, Kind: text, Why: text}},
			&OptionsRead{Options: Options{text: n}, Unsupported: map[string]string{text: text}},
		} {
			h := e.header()
			h.Type, h.Socket = e.kind(), text
			want, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			if got := AppendEvent(nil, e); !reflect.DeepEqual(decoded(t, got), decoded(t, want)) {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	})
}
