package playground_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"socketplayground/playground"
)

// programs asks for the session's programs as a file.
func (s *session) programs() (ticket string, refusal *playground.Error) {
	s.t.Helper()
	cmd := &playground.Programs{Language: "go", Download: true}
	reply, err := s.Do(s.ctx, cmd)
	if err != nil {
		return "", s.refused(cmd)
	}
	return reply.Download, nil
}

// waiting waits until that many files wait to be fetched.
func (s *session) waiting(n int) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%d files wait", n), func() error {
		if got := s.manager.Exports(); got != n {
			return fmt.Errorf("%d do", got)
		}
		return nil
	})
}

// TestExportsAreForgotten by a timer, whether or not another file is ever saved.
func TestExportsAreForgotten(t *testing.T) {
	s := openWith(t, playground.Config{ExportLife: 50 * time.Millisecond})
	s.connected()
	ticket, refusal := s.programs()
	if refusal != nil {
		t.Fatal(refusal)
	}
	s.waiting(0)
	if _, _, ok := s.manager.Export(ticket); ok {
		t.Error("a file that was forgotten can be fetched")
	}
}

// TestExportsAShare: a session that fetches nothing cannot keep another from saving.
func TestExportsAShare(t *testing.T) {
	s := open(t)
	s.connected()
	var tickets []string
	for range playground.MaxExports {
		ticket, refusal := s.programs()
		if refusal != nil {
			t.Fatal(refusal)
		}
		tickets = append(tickets, ticket)
	}
	if _, refusal := s.programs(); refusal == nil || refusal.Code != playground.CodeQuotaExceeded {
		t.Errorf("one more than %d: %v", playground.MaxExports, refusal)
	}
	other, leave, err := s.manager.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	beside := &session{Session: other, t: t, ctx: s.ctx, manager: s.manager}
	beside.connected()
	if _, refusal := beside.programs(); refusal != nil {
		t.Errorf("another session: %v", refusal)
	}

	// A place is free again as soon as a file is fetched.
	_, write, ok := s.manager.Export(tickets[0])
	var file bytes.Buffer
	if !ok || write(&file) != nil || !bytes.HasPrefix(file.Bytes(), []byte("PK")) {
		t.Fatalf("the file cannot be fetched: %d bytes", file.Len())
	}
	if _, refusal := s.programs(); refusal != nil {
		t.Errorf("after a file was fetched: %v", refusal)
	}
	s.waiting(playground.MaxExports + 1)
}

// TestExportsEndWithTheirSession: when the last page is closed, its files do not wait for anybody.
func TestExportsEndWithTheirSession(t *testing.T) {
	s := openWith(t, playground.Config{Linger: 20 * time.Millisecond, ExportLife: time.Hour})
	s.connected()
	ticket, refusal := s.programs()
	if refusal != nil {
		t.Fatal(refusal)
	}
	s.waiting(1)
	s.leave()
	s.waiting(0)
	if _, _, ok := s.manager.Export(ticket); ok {
		t.Error("a file of a session that has ended can be fetched")
	}
}

// TestExportsHoldNoPackets: captures that wait to be fetched cost next to nothing, however much was captured; and each
// has the packets of when it was asked for.
func TestExportsHoldNoPackets(t *testing.T) {
	s := openLab(t)
	l := s.listenLab(playground.Listen{Behavior: playground.BehaviorDiscard})
	c := s.dial(playground.Dial{Address: l})
	send := func(total int64) {
		s.do(&playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: 32 << 20})
		s.socket(l+".1", "has read all", func(v *playground.SocketView) bool { return v.Read == total })
	}
	send(32 << 20)
	before := liveBytes()
	var tickets []string
	for range playground.MaxExports {
		tickets = append(tickets, s.do(&playground.SavePcapng{}).Download)
	}
	if grown := liveBytes() - before; grown > 4<<20 {
		t.Errorf("%d files that wait hold %d bytes", playground.MaxExports, grown)
	}
	count := func(ticket string) int64 {
		t.Helper()
		_, write, ok := s.manager.Export(ticket)
		if !ok {
			t.Fatal("the file is gone")
		}
		var n counter
		if err := write(&n); err != nil {
			t.Fatal(err)
		}
		return int64(n)
	}
	first := count(tickets[0])
	send(64 << 20)
	if again := count(tickets[1]); again != first {
		t.Errorf("fetched at once the file has %d bytes, fetched after more was sent %d", first, again)
	}
	if all := count(s.do(&playground.SavePcapng{}).Download); all <= first {
		t.Errorf("a file saved later has %d bytes, the earlier one %d", all, first)
	}
}

// liveBytes is what the heap holds after a collection.
func liveBytes() int64 {
	runtime.GC()
	runtime.GC() // what finalizers let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// counter is an io.Writer that keeps nothing.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
