package playground_test

import (
	"testing"

	"socketplayground/playground"
)

func TestDialCount(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{})
	for _, bad := range []int{-1, playground.MaxDialCount + 1} {
		if err := s.refused(&playground.Dial{Address: l, Count: bad}); err.Field != "count" || err.Code != playground.CodeQuotaExceeded {
			t.Errorf("%d: %s in field %q", bad, err.Code, err.Field)
		}
	}
}

// TestDescriptorsRunOut: dialling is refused, accepting pauses with a notice and goes on once a descriptor is free.
func TestDescriptorsRunOut(t *testing.T) {
	s := openWith(t, playground.Config{Descriptors: 4})
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorEcho}) // one, and one for the Accept that waits
	await(s, "the Accept", func(e *playground.CallStarted) bool { return e.Op == "Accept" })
	reply := s.do(&playground.Dial{Address: l, Count: 5, ReadMode: playground.ReadManual})
	if len(reply.Sockets) != 2 {
		t.Fatalf("%d connections were dialled with 2 descriptors left", len(reply.Sockets))
	}
	for _, call := range reply.Calls {
		s.returned(call)
	}
	notice := func(socket string) func(e *playground.Notice) bool {
		return func(e *playground.Notice) bool { return e.Code == "descriptors" && e.Socket == socket }
	}
	await(s, "word that 3 of 5 were not dialled", notice(""))
	await(s, "word that accepting pauses", notice(l))
	for _, cmd := range []playground.Command{&playground.Dial{Address: l}, &playground.Listen{Address: "127.0.0.1:0"}} {
		if err := s.refused(cmd); err.Code != playground.CodeQuotaExceeded {
			t.Errorf("%T: %s", cmd, err.Code)
		}
	}
	// One connection is served; the other waits in the accept queue.
	waiting := func(now *playground.Snapshot) (waiting, served string) {
		for _, id := range []string{l + ".1", l + ".2"} {
			if v := now.Sockets[id]; v != nil && v.Accepted {
				served = id
			} else if v != nil && v.State == playground.StateEstablished {
				waiting = id
			}
		}
		return waiting, served
	}
	now := s.until("one is served and one waits", func(now *playground.Snapshot) bool {
		w, served := waiting(now)
		return w != "" && served != "" && now.Sockets[served].Peer != ""
	})
	w, served := waiting(now)
	client := now.Sockets[served].Peer
	s.do(&playground.Close{Socket: client})
	s.socket(w, "is accepted", func(v *playground.SocketView) bool { return v.Accepted })
}

// TestNonsense: no command can do more than be refused.
func TestNonsense(t *testing.T) {
	s := open(t)
	l, address := s.listen(playground.Listen{Behavior: playground.BehaviorNeverAccept})
	c := s.dial(playground.Dial{Address: l})
	s.inState(l+".1", playground.StateEstablished)
	tests := []struct {
		name string
		cmd  playground.Command
		code playground.Code
	}{
		{"no address", &playground.Listen{}, playground.CodeInvalidArgument},
		{"no port", &playground.Listen{Address: "127.0.0.1"}, playground.CodeInvalidArgument},
		{"port too large", &playground.Listen{Address: ":65536"}, playground.CodeInvalidArgument},
		{"negative port", &playground.Dial{Address: "127.0.0.1:-1"}, playground.CodeInvalidArgument},
		{"port 0", &playground.Dial{Address: "127.0.0.1:0"}, playground.CodeInvalidArgument},
		{"control character", &playground.Dial{Address: "a\nb:80"}, playground.CodeInvalidArgument},
		{"system port", &playground.Listen{Address: ":80"}, playground.CodeDenied},
		{"not this machine", &playground.Dial{Address: "192.0.2.1:80"}, playground.CodeDenied},
		{"listen elsewhere", &playground.Listen{Address: "192.0.2.1:8000"}, playground.CodeDenied},
		{"bad host", &playground.Dial{Address: address, Host: "moon"}, playground.CodeInvalidArgument},
		{"bad timeout", &playground.Dial{Address: address, TimeoutMS: -1}, playground.CodeInvalidArgument},
		{"bad read mode", &playground.Dial{Address: address, ReadMode: "sometimes"}, playground.CodeInvalidArgument},
		{"bad local address", &playground.Dial{Address: address, Local: "here"}, playground.CodeInvalidArgument},
		{"no socket", &playground.Write{Data: "x"}, playground.CodeInvalidArgument},
		{"unknown socket", &playground.Write{Socket: "C9", Data: "x"}, playground.CodeNotFound},
		{"write on a listener", &playground.Write{Socket: l, Data: "x"}, playground.CodeConflict},
		{"read what nobody accepted", &playground.Read{Socket: l + ".1"}, playground.CodeConflict},
		{"close what nobody accepted", &playground.Close{Socket: l + ".1"}, playground.CodeConflict},
		{"options of what nobody accepted", &playground.SetOption{Socket: l + ".1", Name: "TTL", Value: raw(1)}, playground.CodeConflict},
		{"accept where nobody accepts", &playground.Accept{Socket: c}, playground.CodeConflict},
		{"behaviour of a connection", &playground.SetBehavior{Socket: c}, playground.CodeConflict},
		{"reset of a listener", &playground.Reset{Socket: l}, playground.CodeConflict},
		{"read beside the loop", &playground.Read{Socket: c}, playground.CodeConflict},
		{"read of a listener", &playground.Read{Socket: l}, playground.CodeConflict},
		{"digest of a listener", &playground.SetDigest{Socket: l, On: true}, playground.CodeConflict},
		{"read mode of nothing", &playground.SetReadMode{Socket: c}, playground.CodeInvalidArgument},
	}
	for _, test := range tests {
		if err := s.refused(test.cmd); err.Code != test.code {
			t.Errorf("%s: got %s (%s), want %s", test.name, err.Code, err.Message, test.code)
		}
	}
	if left := own(s.Log().Now()); len(left) != 3 {
		t.Errorf("refused commands left %v, want the 3 of before", left)
	}
}
