package playground_test

import (
	"strings"
	"testing"

	"socketplayground/playground"
)

// TestWaitingOfASession: what waits in all calls of a session is bounded, the refusal says what to do, another session
// goes on, and it is all given back.
func TestWaitingOfASession(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{Behavior: playground.BehaviorSlowRead, Settings: &playground.BehaviorSettings{Bytes: 1, IntervalMS: 60_000}})
	const conns = playground.WaitingBytes/playground.MaxQueuedBytes + 2
	dialled := s.do(&playground.Dial{Address: l, Count: conns, ReadMode: playground.ReadManual})
	for _, call := range dialled.Calls {
		s.returned(call)
	}
	data := strings.Repeat("x", 64<<10)
	var refusal *playground.Error
	taken := 0
	for _, c := range dialled.Sockets {
		s.fill(c)
		for range playground.MaxQueuedBytes/len(data) - 1 {
			cmd := &playground.Write{Socket: c, Data: data}
			if _, err := s.Do(s.ctx, cmd); err != nil {
				refusal = s.refusal(cmd, err) // asked again, it might be taken: a transfer gives a buffer back after each call
				break
			}
			taken += len(data)
		}
		if refusal != nil {
			break
		}
	}
	if refusal == nil || refusal.Code != playground.CodeQuotaExceeded || !strings.Contains(refusal.Message, "cancel") {
		t.Fatalf("after %d bytes: %v", taken, refusal)
	}
	if taken > playground.WaitingBytes || taken < playground.WaitingBytes/2 {
		t.Errorf("%d bytes wait, the bound is %d", taken, playground.WaitingBytes)
	}
	other, leave, err := s.manager.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	beside := &session{Session: other, t: t, ctx: s.ctx, manager: s.manager}
	c, _ := beside.connected()
	beside.do(&playground.Write{Socket: c, Data: data})

	for _, c := range dialled.Sockets {
		s.do(&playground.Reset{Socket: c})
	}
	c, _ = s.connected()
	eventually(t, "there is room again", func() error {
		_, err := s.Do(s.ctx, &playground.Write{Socket: c, Data: data})
		return err
	})
}

// TestTransfersOfASession: the buffers of transfers are counted too, long before each socket has one of the largest.
func TestTransfersOfASession(t *testing.T) {
	s := open(t)
	l, _ := s.listen(playground.Listen{})
	dialled := s.do(&playground.Dial{Address: l, Count: playground.WaitingBytes/playground.MaxChunk + 1, ReadMode: playground.ReadManual})
	for _, call := range dialled.Calls {
		s.returned(call)
	}
	running := 0
	var refusal *playground.Error
	for _, c := range dialled.Sockets {
		cmd := &playground.Write{Socket: c, Encoding: playground.EncodingRandom, Bytes: playground.MaxTransferBytes, Chunk: playground.MaxChunk}
		if _, err := s.Do(s.ctx, cmd); err != nil {
			refusal = s.refusal(cmd, err)
			break
		}
		running++
	}
	if refusal == nil || refusal.Code != playground.CodeQuotaExceeded || running < 32 {
		t.Errorf("after %d transfers: %v", running, refusal)
	}
}
