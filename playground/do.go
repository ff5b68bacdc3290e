package playground

import (
	"context"
	"encoding/json"
)

// Reply is what a command that was taken answers.
type Reply struct {
	Calls     []uint64
	Sockets   []string
	Transfers []uint64
	Payload   *PayloadReply
	Rule      int               // of AddRule
	Segments  []json.RawMessage // of Segments
	Download  string            // of SavePcapng and Programs: a ticket for Manager.Export
	Files     []CodeFile        // of Programs
	Demo      *DemoReply        // of ReadDemo
	Text      string            // of SaveDemo

	wait <-chan struct{} // closed when all is told that the answer promises; nil: it is
}

// PayloadReply answers a Payload command.
type PayloadReply struct {
	Data     []byte
	Bytes    int64
	Complete bool
}

// Do carries a command out, or refuses it with an *Error. It returns when the command is under way;
// what it does arrives in the log.
func (s *Session) Do(ctx context.Context, cmd Command) (Reply, error) {
	switch c := cmd.(type) {
	case *RunDemo:
		return s.runDemo(ctx, c)
	case *ReadDemo:
		return readDemo(c)
	case *SaveDemo:
		return s.saveDemo(ctx, c)
	case *Programs:
		return s.programs(ctx, c)
	case *SavePcapng:
		return s.savePcapng(ctx, c)
	}
	return s.carryOut(ctx, cmd, byUser, func() bool { return true })
}

// carryOut is Do of a command that the actor carries out, if it is still wanted by then; by says whose it is.
func (s *Session) carryOut(ctx context.Context, cmd Command, by string, wanted func() bool) (Reply, error) {
	var reply Reply
	var refusal *Error
	if ctx.Err() != nil {
		return Reply{}, ctx.Err()
	}
	if err := s.mayResolve(ctx, cmd); err != nil {
		return Reply{}, err
	}
	if needsLab(cmd) {
		quickACK := true
		if o, ok := cmd.(*OpenLab); ok && o.QuickAck != nil {
			quickACK = *o.QuickAck
		}
		if err := s.ensureLab(ctx, quickACK); err != nil {
			return Reply{}, err
		}
	}
	if showsSegments(cmd) {
		s.catchUp(ctx)
	}
	if !s.ask(func() {
		if !wanted() {
			refusal = conflict("The demo was stopped.")
			return
		}
		at := s.now() // before what it does can have come of it
		s.asker = by
		reply, refusal = s.do(cmd)
		s.asker = byUser
		if refusal == nil {
			s.history.add(cmd, reply, at)
		}
		s.flushLog() // what the answer promises is in the log before the answer
	}) {
		return Reply{}, errEnded()
	}
	if refusal != nil {
		return Reply{}, refusal
	}
	if reply.wait != nil {
		select {
		case <-reply.wait:
		case <-ctx.Done():
		case <-s.ctx.Done():
		}
	}
	return reply, nil
}

// do is the actor's side of Do: one case a command, in the order of the protocol.
func (s *Session) do(cmd Command) (Reply, *Error) {
	switch c := cmd.(type) {
	case *Listen:
		return s.doListen(c)
	case *SetBehavior:
		return s.doSetBehavior(c)
	case *Accept:
		return s.doAccept(c)
	case *Dial:
		return s.doDial(c)
	case *Write:
		return s.doWrite(c)
	case *Read:
		return s.doRead(c)
	case *CloseWrite:
		return s.doShutdown(c.Socket, "CloseWrite")
	case *CloseRead:
		return s.doShutdown(c.Socket, "CloseRead")
	case *Close:
		return s.doCloseCommand(c)
	case *Reset:
		return s.doClose(c.Socket, true)
	case *SetOption:
		return s.doSetOption(c)
	case *SetDeadline:
		return s.doSetDeadline(c)
	case *SetReadMode:
		return s.doSetReadMode(c)
	case *SetDigest:
		return s.doSetDigest(c)
	case *Cancel:
		return s.doCancel(c)
	case *Remove:
		return s.doRemove(c)
	case *Payload:
		return s.doPayload(c)
	case *WatchPort:
		return s.doWatchPort(c)
	case *OpenLab:
		return Reply{}, nil // Do has opened it
	case *CloseLab:
		return s.doCloseLab()
	case *SetQuickAck:
		return s.doSetQuickAck(c)
	case *SetKernel:
		return s.doSetKernel(c)
	case *SetWire, *AddRule, *SetRule, *RemoveRule, *HoldSegment, *DeliverSegment, *DropSegment, *DuplicateSegment:
		return s.doWire(cmd)
	case *SkipTimeWait:
		return s.doSkipTimeWait(c)
	case *Segments:
		return s.doSegments(c)
	case *ControlDemo:
		return s.doControlDemo(c)
	case *PredictDemo:
		return s.doPredictDemo(c)
	}
	return Reply{}, invalid("type", "There is no such command.")
}
