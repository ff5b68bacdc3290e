package playground_test

import (
	"strings"
	"testing"
	"time"

	"socketplayground/playground"
)

// TestSettingsOffered: what the page is told it can set is what the hosts have; what this kernel lacks has a reason.
func TestSettingsOffered(t *testing.T) {
	s := openLab(t)
	lab := s.manager.Capabilities(s.Session)["lab"]
	defaults := s.Log().Now().Lab.Defaults
	for _, o := range lab.Settings {
		if _, ok := defaults[o.Name]; !ok {
			t.Errorf("%s is offered, and the hosts do not have it", o.Name)
		}
	}
	for _, l := range lab.Lacks {
		if _, ok := defaults[l.Name]; ok || !strings.HasPrefix(l.Reason, "This kernel, "+playground.ThisKernel().String()+", ") {
			t.Errorf("%s is said not to be there: %s", l.Name, l.Reason)
		}
	}
	if len(lab.Settings) != len(defaults) {
		t.Errorf("%d settings are offered, and the hosts have %d", len(lab.Settings), len(defaults))
	}
}

// TestLabKernel: kernel settings of one host or both are set, read back, and set back.
func TestLabKernel(t *testing.T) {
	s := openLab(t)
	before := s.Log().Now().Lab
	if n := len(before.Defaults); n < 15 || before.Kernel["client"]["tcp_syn_retries"] == "" || before.Kernel["server"]["tcp_syn_retries"] != before.Defaults["tcp_syn_retries"] {
		t.Fatalf("the hosts' settings are %+v, with %d defaults", before.Kernel, n)
	}
	const name = "tcp_syn_retries"
	set := func(cmd playground.SetKernel, client, server string) {
		t.Helper()
		cmd.Name = name
		s.do(&cmd)
		got := s.Log().Now().Lab.Kernel
		if got["client"][name] != client || got["server"][name] != server {
			t.Errorf("after %+v the client has %s and the server %s, want %s and %s", cmd, got["client"][name], got["server"][name], client, server)
		}
		for host, want := range map[string]string{"client": client, "server": server} {
			if kernel := s.output(host, "cat", "/proc/sys/net/ipv4/"+name); kernel != want+"\n" {
				t.Errorf("the kernel of the %s says %q, want %s", host, kernel, want)
			}
		}
	}
	standard := before.Defaults[name]
	set(playground.SetKernel{Host: "client", Value: "2"}, "2", standard)
	set(playground.SetKernel{Value: "3"}, "3", "3")
	set(playground.SetKernel{Host: "client", Reset: true}, standard, "3")
	set(playground.SetKernel{Reset: true}, standard, standard)
	if err := s.refused(&playground.SetKernel{Name: name, Value: "1000"}); err.Field != "value" {
		t.Errorf("a value that the kernel refuses: %s %s", err.Field, err.Message)
	}
	set(playground.SetKernel{Reset: true}, standard, standard)

}

// TestLabQuickAck: without it an ACK waits for something to ride on.
func TestLabQuickAck(t *testing.T) {
	s := openLab(t)
	if !s.Log().Now().Lab.QuickAck {
		t.Error("it is off at first")
	}
	c, server := s.connectedLab()
	acked := func(text string) time.Duration {
		t.Helper()
		s.write(c, text)
		s.arrives(server, text)
		e := s.data(text)
		ack := s.segment("server", "ACK", func(a *playground.SegmentSent) bool { return a.Segment > e.Segment && a.AckRel == e.SeqRel+e.Len })
		return time.Duration(ack.LeftNS - e.LeftNS)
	}
	if took := acked("at once"); took > 20*time.Millisecond {
		t.Errorf("the ACK came after %v", took)
	}
	s.do(&playground.SetQuickAck{})
	if s.Log().Now().Lab.QuickAck {
		t.Error("it is not told to be off")
	}
	s.write(server, "so that") // the server is in the middle of a conversation (tcp_enter_pingpong_mode)
	s.arrives(c, "so that")
	took := acked("later")
	for i := 0; took < 30*time.Millisecond && i < 20; i++ { // the first ones of a connection are quick in any case
		s.write(server, "again")
		s.arrives(c, "again")
		took = acked("later" + string(rune('a'+i)))
	}
	if took < 30*time.Millisecond { // TCP_DELACK_MIN is 40 ms, include/net/tcp.h
		t.Errorf("the ACK came after %v, want it delayed", took)
	}
	s.do(&playground.SetQuickAck{On: true})
	if took := acked("at once again"); took > 20*time.Millisecond {
		t.Errorf("the ACK came after %v", took)
	}
}

// TestLabSkipTimeWait: in the Lab nobody has to wait for 60 s.
func TestLabSkipTimeWait(t *testing.T) {
	s := openLab(t)
	c, server := s.connectedLab()
	s.do(&playground.Close{Socket: c})
	s.inState(c, playground.StateFinWait2)
	s.do(&playground.Close{Socket: server})
	s.inState(c, playground.StateTimeWait)
	s.do(&playground.SkipTimeWait{Socket: c})
	s.inState(c, playground.StateClosed)
	s.ended(c, "TIME_WAIT as FIN, ACK landed", "CLOSED: aborted")
	if err := s.refused(&playground.SkipTimeWait{Socket: c}); err.Code != playground.CodeConflict {
		t.Errorf("once more: %s", err.Code)
	}
	l, _ := s.listen(playground.Listen{})
	here := s.dial(playground.Dial{Address: l})
	if err := s.refused(&playground.SkipTimeWait{Socket: here}); err.Code != playground.CodeConflict {
		t.Errorf("on this machine: %s", err.Code)
	}
}
