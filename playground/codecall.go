package playground

import (
	"strconv"
	"strings"
	"time"

	"socketplayground/playground/code"
)

// begin takes a call in, with what its arguments say.
func (t *storyTeller) begin(c *code.Call, number uint64, op, args, host string) {
	if op == "Write" && len(t.transfers[c.Socket]) > 0 && !c.ByBehavior {
		return // the transfer stands for it
	}
	c.Op, c.Number = op, number
	t.calls[number] = c
	switch op {
	case "Listen", "Dial":
		c.Address = lastQuoted(args)
		if op == "Listen" { // until its socket is told of; a failed one never is
			c.Socket = t.nameless(host)
		}
	case "Read":
		c.Auto = t.modes[c.Socket] == ReadAuto
		c.Size = DefaultChunk
		if size, ok := strings.CutPrefix(args, "buf[:"); ok {
			c.Size, _ = strconv.ParseInt(strings.TrimSuffix(size, "]"), 10, 64)
		} else if s := t.socket(t.socket(c.Socket).Listener); c.ByBehavior && s.Bytes > 0 {
			c.Size = int64(s.Bytes)
		}
	case "SetDeadline", "SetReadDeadline", "SetWriteDeadline":
		c.Op = "SetDeadline"
		c.Deadline = map[string]string{"SetDeadline": "both", "SetReadDeadline": "read", "SetWriteDeadline": "write"}[op]
		if after, ok := strings.CutPrefix(args, "now + "); ok {
			c.After, _ = time.ParseDuration(after) // as we printed it
		}
	case "Close":
		if linger := t.lingers[number-1]; linger != nil && linger.Socket == c.Socket {
			c.Op = "Reset"
			linger.Op = ""
			c.Seqs = append(append([]uint64{}, linger.Seqs...), c.Seqs...)
			c.Start = linger.Start
			t.drop(linger)
		}
	default:
		if option, ok := optionCall(op, args); ok {
			c.Op, c.Option = "SetOption", option
			if op == "SetLinger" && args == "0" {
				t.lingers[number] = c
			}
		}
	}
	t.made = append(t.made, c)
}

// drop takes a call out again.
func (t *storyTeller) drop(c *code.Call) {
	for i := len(t.made) - 1; i >= 0; i-- {
		if t.made[i] == c {
			t.made = append(t.made[:i], t.made[i+1:]...)
			return
		}
	}
}

// nameless is the socket of a Listen that made none.
func (t *storyTeller) nameless(host string) string {
	name := "S"
	if host == "client" {
		name = "SC"
	}
	if _, ok := t.sockets[name]; !ok {
		t.sockets[name] = len(t.story.Sockets)
		t.story.Sockets = append(t.story.Sockets, code.Socket{Name: name, Host: host, Behavior: string(BehaviorManual)})
	}
	return name
}

func (t *storyTeller) returned(e *CallReturned) {
	h := e.header()
	c := t.calls[e.Call]
	if c == nil {
		c = &code.Call{Socket: h.Socket, ByBehavior: e.By == byBehavior, Start: time.Duration(e.StartedNS)}
		t.begin(c, e.Call, e.Op, e.Args, e.Host)
	}
	if running := t.transfers[h.Socket]; e.Op == "Write" && len(running) > 0 && e.By != byBehavior {
		c = running[0]
		if c.Data == nil {
			c.Data = e.Data
		}
		if len(c.Seqs) < 100 { // the beginning is enough to find the line by
			c.Seqs = append(c.Seqs, h.Seq)
		}
		return
	}
	delete(t.calls, e.Call)
	if linger := t.lingers[e.Call]; linger != nil && linger.Op == "" { // its Close stands for it
		return
	}
	c.Waits, c.End, c.N = false, time.Duration(e.ReturnedNS), e.N
	c.Start = min(c.Start, time.Duration(e.StartedNS))
	c.Seqs = append(c.Seqs, h.Seq)
	if e.Op == "Read" || e.Op == "Write" {
		c.Data = t.payload(h.Seq, e.Data)
	}
	if e.Op == "Write" {
		c.Size = e.Bytes
	}
	if e.Error != nil {
		c.Err = errorOf(e.Error)
	}
}

func (t *storyTeller) summarised(e *CallsSummarised) {
	h := e.header()
	if running := t.transfers[h.Socket]; e.Op == "Write" && len(running) > 0 {
		if running[0].Data == nil {
			running[0].Data = e.Data
		}
		return
	}
	t.made = append(t.made, &code.Call{Seqs: []uint64{h.Seq}, Socket: h.Socket, Op: e.Op, ByBehavior: e.By == byBehavior, Start: time.Duration(e.FirstNS),
		End: time.Duration(e.LastNS), Times: e.Calls, N: e.Bytes, Size: e.Bytes, Data: e.Data, Auto: t.modes[h.Socket] == ReadAuto})
}

// optionCall is what a call that sets an option sets: doSetOption says how it is told.
func optionCall(op, args string) (code.Option, bool) {
	name, value := "", args
	for option, setter := range goSetters {
		if setter == op {
			name = option
		}
	}
	if op == "setsockopt" {
		quoted, rest, ok := strings.Cut(args, ", ")
		if !ok {
			return code.Option{}, false
		}
		name, value = lastQuoted(quoted), rest
	}
	spec, ok := findOption(name)
	if !ok {
		return code.Option{}, false
	}
	switch spec.kind {
	case boolOption:
		return code.Option{Name: name, Value: value == "true"}, true
	case intOption:
		n, _ := strconv.ParseInt(value, 10, 64)
		return code.Option{Name: name, Value: n}, true
	}
	return code.Option{Name: name, Value: lastQuoted(value)}, true
}

// lastQuoted is the last argument of a call, a string.
func lastQuoted(args string) string {
	if i := strings.LastIndex(args, ", "); i >= 0 {
		args = args[i+2:]
	}
	s, _ := strconv.Unquote(args)
	return s
}
