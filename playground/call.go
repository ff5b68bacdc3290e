package playground

import (
	"fmt"
	"strconv"
	"time"
)

// call is one that has started and not returned, as the actor knows it.
type call struct {
	id      uint64
	socket  *socket // nil for a Listen
	op      string
	host    string
	args    string
	by      string
	started int64
	asked   DialSpec // of a Listen or a Dial: what args do not say
	timeout time.Duration
	cancel  func() bool // nil: cannot be cancelled
}

// The values of By.
const (
	byUser     = "user"
	byDemo     = "demo" // the demo that runs
	byBehavior = "behavior"
)

func (c *socket) label() string {
	if c == nil {
		return ""
	}
	return c.id
}

// start tells that a call began. The actor's.
func (s *Session) start(k call, size int64, data []byte) *call {
	if k.id == 0 {
		k.id = s.calls.Add(1)
	}
	k.started = s.now()
	s.running[k.id] = &k
	s.emit(k.socket.label(), SourceCall, &CallStarted{Call: k.id, Op: k.op, Args: k.args, Host: k.host, By: k.by, Bytes: size, Data: data,
		Options: k.asked.Options, Local: k.asked.Local, TimeoutMS: k.timeout.Milliseconds()})
	return &k
}

// returned tells what a call returned. The actor's.
func (s *Session) returned(k *call, at int64, result string, err *CallError) {
	delete(s.running, k.id)
	s.emit(k.socket.label(), SourceCall, &CallReturned{Call: k.id, Op: k.op, Args: k.args, Host: k.host, By: k.by,
		StartedNS: k.started, ReturnedNS: at, Result: result, Error: err})
}

// resultOf spells returned values as Go prints them.
func resultOf(value string, err error) string {
	text := "nil"
	switch {
	case err == nil:
	case err.Error() == "EOF":
		text = "io.EOF"
	default:
		text = err.Error()
	}
	if value == "" {
		return text
	}
	return value + ", " + text
}

// doCancel ends a blocked call or a running transfer.
func (s *Session) doCancel(c *Cancel) (Reply, *Error) {
	switch {
	case c.Call != 0 && c.Transfer != 0, c.Call == 0 && c.Transfer == 0:
		return Reply{}, invalid("call", "Say which call, or which transfer.")
	case c.Transfer != 0:
		t, ok := s.transfers[c.Transfer]
		if !ok {
			return Reply{}, refuse(CodeNotFound, "transfer", "Transfer %d is not running.", c.Transfer)
		}
		t.cancelled = true
		s.cancelJob(t.socket, t.job)
		return Reply{}, nil
	}
	if k, ok := s.running[c.Call]; ok {
		if k.cancel == nil || !k.cancel() {
			return Reply{}, conflict("%s (call %d) cannot be cancelled; it returns by itself.", k.op, k.id)
		}
		return Reply{}, nil
	}
	// Reads and Writes of a loop are not in running; their side knows them.
	for _, k := range s.order {
		if k.reads.cancel(c.Call) || k.writes.cancel(c.Call) {
			return Reply{}, nil
		}
	}
	return Reply{}, refuse(CodeNotFound, "call", "Call %d is not waiting any more.", c.Call)
}

func countResult(n int, err error) string { return resultOf(strconv.Itoa(n), err) }

func argsOf(values ...any) string {
	text := ""
	for i, v := range values {
		if i > 0 {
			text += ", "
		}
		switch v := v.(type) {
		case string:
			text += strconv.Quote(v)
		default:
			text += fmt.Sprint(v)
		}
	}
	return text
}
