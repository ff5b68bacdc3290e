package playground_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
)

func TestEcho(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.write(c, "hello")
	if e := s.read(c); string(e.Data) != "hello" {
		t.Errorf("the echo is %q", e.Data)
	}
	s.do(&playground.Close{Socket: c})
	s.inState(l+".1", playground.StateClosed) // it closes its side on EOF
	s.inState(c, playground.StateTimeWait)
}

func TestDiscard(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorDiscard})
	c := s.dial(playground.Dial{Address: l})
	s.write(c, "hello")
	s.socket(l+".1", "has read all", func(v *playground.SocketView) bool { return v.Read == 5 })
	s.do(&playground.CloseWrite{Socket: c})
	s.inState(l+".1", playground.StateClosed)
	if v := s.Log().Now().Sockets[c]; v.Read != 0 {
		t.Errorf("discard sent %d bytes back", v.Read)
	}
}

func TestGreet(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorGreet, Settings: &playground.BehaviorSettings{Banner: `220 hi\r\n`}})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	if e := s.read(c); string(e.Data) != "220 hi\r\n" {
		t.Errorf("the banner is %q", e.Data)
	}
	s.write(c, "QUIT")
	s.socket(l+".1", "reads by itself", func(v *playground.SocketView) bool { return v.Read == 4 })
}

func TestSlowRead(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorSlowRead, Settings: &playground.BehaviorSettings{Bytes: 2, IntervalMS: 20}})
	c := s.dial(playground.Dial{Address: l})
	s.write(c, "sixsix")
	s.socket(l+".1", "has read all", func(v *playground.SocketView) bool { return v.Read == 6 })
	var last int64
	for _, e := range s.Log().Events(0) {
		r, ok := e.(*playground.CallReturned)
		if !ok || r.Op != "Read" || r.Socket != l+".1" {
			continue
		}
		if r.N > 2 {
			t.Errorf("a slow read took %d bytes, want at most 2", r.N)
		}
		if pause := time.Duration(r.StartedNS - last); last != 0 && pause < 20*time.Millisecond {
			t.Errorf("only %v lie between two slow reads", pause)
		}
		last = r.ReturnedNS
	}
}

// TestSlowReadOfMuch: a slow read may take more at a time than the buffers hold that all loops share.
func TestSlowReadOfMuch(t *testing.T) {
	for _, size := range []int{playground.DefaultChunk + 1, playground.MaxChunk} {
		s := open(t)
		l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorSlowRead, Settings: &playground.BehaviorSettings{Bytes: int64(size), IntervalMS: 1}})
		c := s.dial(playground.Dial{Address: l})
		s.do(&playground.Write{Socket: c, Encoding: playground.EncodingPattern, Data: "0123456789", Bytes: int64(2 * size)})
		s.socket(l+".1", "has read all", func(v *playground.SocketView) bool { return v.Read == int64(2*size) })
	}
}

func TestNeverRead(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorNeverRead})
	c := s.dial(playground.Dial{Address: l})
	s.write(c, "hello")
	v := s.socket(l+".1", "is accepted and keeps what came", func(v *playground.SocketView) bool {
		return v.Accepted && v.Metrics != nil && v.Metrics.RecvQ == 5
	})
	if v.Read != 0 {
		t.Errorf("%d bytes were read", v.Read)
	}
}

func TestNeverAccept(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorNeverAccept})
	s.dial(playground.Dial{Address: l})
	if v := s.inState(l+".1", playground.StateEstablished); v.Accepted {
		t.Error("it was accepted")
	}
	// The kernel resets what waits when the listener closes.
	s.do(&playground.Close{Socket: l})
	s.inState("C1", playground.StateClosed)
	s.inState(l+".1", playground.StateClosed)
}

func TestHangUp(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorHangUp})
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.inState(c, playground.StateCloseWait)
	s.inState(l+".1", playground.StateFinWait2)
	if e := s.read(c); e.Result != "0, io.EOF" {
		t.Errorf("Read gave %q", e.Result)
	}
}

func TestResetAtOnce(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorReset})
	dial := s.do(&playground.Dial{Address: l, ReadMode: playground.ReadManual})
	c := dial.Sockets[0]
	if v := s.inState(c, playground.StateClosed); v.Reason != playground.ReasonResetReceived {
		t.Errorf("%s is CLOSED because of %q", c, v.Reason)
	}
	if v := s.inState(l+".1", playground.StateClosed); v.Reason != playground.ReasonResetSent {
		t.Errorf("%s is CLOSED because of %q", l+".1", v.Reason)
	}
	e := s.returned(dial.Calls[0]).Error // the RST may be there before Dial has returned
	if e == nil {
		e = s.read(c).Error
	}
	if e == nil || e.Errno != "ECONNRESET" {
		t.Errorf("neither Dial nor Read met the reset: %+v", e)
	}
}

// TestBehaviorChanges while the loop waits in Accept, back and forth.
func TestBehaviorChanges(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	waiting := await(s, "the loop's Accept", func(e *playground.CallStarted) bool { return e.Op == "Accept" })
	if err := s.refused(&playground.Accept{Socket: l}); err.Code != playground.CodeConflict {
		t.Errorf("an Accept by hand beside the loop: %s", err.Code)
	}

	s.do(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorManual})
	s.returned(waiting.Call)
	s.dial(playground.Dial{Address: l})
	s.inState(l+".1", playground.StateEstablished)
	if got := s.accept(l); got != l+".1" {
		t.Errorf("Accept gave %s", got)
	}
	byHand := s.do(&playground.Accept{Socket: l}).Calls[0]
	s.running(byHand)

	s.do(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorEcho})
	for range 2 { // one of them is taken by the Accept that waited
		c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
		s.write(c, "again")
		if e := s.read(c); string(e.Data) != "again" {
			t.Errorf("the echo is %q", e.Data)
		}
	}
	for range 20 { // faster than the loop can follow
		s.do(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorManual})
		s.do(&playground.SetBehavior{Socket: l, Behavior: playground.BehaviorEcho})
	}
	c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
	s.write(c, "still")
	if e := s.read(c); string(e.Data) != "still" {
		t.Errorf("the echo is %q", e.Data)
	}
}

func TestBadBehaviors(t *testing.T) {
	s := open(t)
	long := strings.Repeat("x", playground.MaxBanner+1)
	tests := []struct {
		name     string
		behavior playground.Behavior
		settings *playground.BehaviorSettings
		field    string
		code     playground.Code
	}{
		{"unknown", "sleepy", nil, "behavior", playground.CodeInvalidArgument},
		{"bad escape", playground.BehaviorGreet, &playground.BehaviorSettings{Banner: `\q`}, "settings", playground.CodeInvalidArgument},
		{"long banner", playground.BehaviorGreet, &playground.BehaviorSettings{Banner: long}, "settings", playground.CodeQuotaExceeded},
		{"negative bytes", playground.BehaviorSlowRead, &playground.BehaviorSettings{Bytes: -1}, "settings", playground.CodeInvalidArgument},
		{"long interval", playground.BehaviorSlowRead, &playground.BehaviorSettings{IntervalMS: 1e9}, "settings", playground.CodeInvalidArgument},
	}
	for _, test := range tests {
		err := s.refused(&playground.Listen{Address: "127.0.0.1:0", Behavior: test.behavior, Settings: test.settings})
		if err.Field != test.field || err.Code != test.code {
			t.Errorf("%s: got %s in field %q (%s)", test.name, err.Code, err.Field, err.Message)
		}
	}
}

// TestOutsideClient: a Go program that knows nothing of the playground talks to it.
func TestOutsideClient(t *testing.T) {
	s := open(t)
	_, address := s.listen(playground.Listen{Behavior: playground.BehaviorEcho})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}
