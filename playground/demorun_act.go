package playground

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"socketplayground/playground/demo"
)

// act carries out one entry of a step's do.
func (r *demoRun) act(a *demo.Action) *demoEnd {
	switch {
	case a.Wait != nil:
		return r.wait(a.Wait)
	case a.Pause > 0:
		_, err := r.until(a.Pause, func() bool { return false })
		return err
	}
	// A pause before a command holds it up; one that comes later lets what is under way go on.
	if _, err := r.until(forever, func() bool { return true }); err != nil {
		return err
	}
	var settled func() bool
	var err error
	switch a.Command {
	case "start_program":
		settled, err = r.startProgram(a)
	case "kill":
		settled, err = r.killProgram(a)
	case "cancel":
		settled, err = r.cancelCalls(a)
	default:
		settled, err = r.give(a)
	}
	if err == nil && !a.Go {
		err = r.settle(a, settled)
	}
	if err == nil && a.Command == "listen" && !r.demo.ExpectsNoListener(a.As) {
		err = r.mustListen(a.As)
	}
	return r.ended(a, err)
}

// mustListen says why a Listen failed. Who goes on without the listener would find whatever else has the port.
func (r *demoRun) mustListen(name string) error {
	if why := r.seen.unopened(name); why != "" {
		return errors.New(why)
	}
	return nil
}

// ended makes an error of an action the run's end.
func (r *demoRun) ended(a *demo.Action, err error) *demoEnd {
	var end *demoEnd
	var refusal *Error
	switch {
	case err == nil:
		return nil
	case r.ctx.Err() != nil:
		return errDemoOver
	case errors.As(err, &end):
		return end
	}
	verdict := VerdictFailed
	if errors.As(err, &refusal) && refusal.Code == CodeUnsupported {
		verdict = VerdictNotObserved
	}
	return &demoEnd{verdict, fmt.Sprintf("Step %d, %s: %s.", r.step.n+1, actionName(a), strings.TrimSuffix(err.Error(), "."))}
}

func (e *demoEnd) Error() string { return e.message }

func actionName(a *demo.Action) string {
	for _, name := range []string{a.As, a.Socket} {
		if name != "" {
			return a.Command + " " + name
		}
	}
	return a.Command
}

// settle waits until what an action began is over.
func (r *demoRun) settle(a *demo.Action, settled func() bool) error {
	limit := demo.SettleTime
	if a.Within > 0 {
		limit = a.Within
	}
	done, end := r.until(limit, settled)
	switch {
	case end != nil:
		return end
	case !done:
		return fmt.Errorf("it was not over after %v. Give it more time with within, or put it under go if it is to wait", limit)
	}
	return nil
}

// wireless are the commands that an either-demo may give for the Lab's sake and that mean nothing on this machine, where
// there is no wire of ours and the kernel is everybody's.
var wireless = []string{"open_lab", "set_wire", "set_quick_ack", "set_kernel"}

// give gives a command to the session, as a browser would.
func (r *demoRun) give(a *demo.Action) (settled func() bool, err error) {
	if r.network == networkMachine && slices.Contains(wireless, a.Command) {
		return func() bool { return true }, nil
	}
	cmd, err := r.command(a)
	if err != nil {
		return nil, err
	}
	if _, opens := cmd.(*OpenLab); r.network == networkLab && !opens && r.seen.now.Lab == nil {
		if _, err := r.do(&OpenLab{}); err != nil {
			return nil, err
		}
	}
	reply, err := r.do(cmd)
	if err != nil {
		return nil, err
	}
	switch cmd.(type) {
	case *Listen:
		r.seen.listening(a.As, reply.Calls[0])
	case *Dial:
		first, _ := strconv.Atoi(a.As[1:]) // package demo has checked it
		for i, name := range reply.Sockets {
			r.seen.names[fmt.Sprintf("C%d", first+i)] = name
		}
	}
	return r.over(reply), nil
}

// do is Session.Do while the run is the session's.
func (r *demoRun) do(cmd Command) (Reply, error) {
	return r.s.carryOut(r.ctx, cmd, byDemo, func() bool { return r.s.demo == r })
}

// over says whether all that a reply promised has come: calls that have returned, transfers that are finished.
func (r *demoRun) over(reply Reply) func() bool {
	return func() bool {
		for _, id := range reply.Calls {
			if r.seen.now.Calls[id] != nil {
				return false
			}
		}
		for _, id := range reply.Transfers {
			if r.seen.now.Transfers[id] != nil {
				return false
			}
		}
		return true
	}
}

// command makes the session's command of an action: with its names, in the run's network.
func (r *demoRun) command(a *demo.Action) (Command, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(a.Fields, &fields); err != nil {
		return nil, err
	}
	for _, field := range []string{"socket", "address"} {
		var name string
		if json.Unmarshal(fields[field], &name) != nil {
			continue
		}
		if why := r.seen.unopened(name); why != "" {
			return nil, errors.New(why)
		}
		if r.seen.now.Sockets[r.seen.name(name)] != nil {
			fields[field] = jsonString(r.seen.name(name))
		} else if field == "address" {
			fields[field] = jsonString(r.address(name))
		}
	}
	if a.Command == "listen" || a.Command == "dial" {
		fields["network"] = jsonString(r.network)
	}
	object, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	return DecodeCommand(a.Command, object)
}

// address is what a demo's address is where it runs: the Lab knows its hosts by name, and this machine is both of them.
func (r *demoRun) address(a string) string {
	if host, port, err := net.SplitHostPort(a); err == nil && r.network == networkMachine && (host == "server" || host == "client") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return a
}

func jsonString(v string) json.RawMessage { return appendString(nil, v) }

// cancelCalls ends what blocks on a socket.
func (r *demoRun) cancelCalls(a *demo.Action) (settled func() bool, err error) {
	if why := r.seen.unopened(a.Socket); why != "" {
		return nil, errors.New(why)
	}
	name := r.seen.name(a.Socket)
	var all Reply
	for id, c := range r.seen.now.Calls {
		if c.Socket == name {
			all.Calls = append(all.Calls, id)
		}
	}
	for id, t := range r.seen.now.Transfers {
		if t.Socket == name {
			all.Transfers = append(all.Transfers, id)
		}
	}
	if len(all.Calls)+len(all.Transfers) == 0 {
		return nil, fmt.Errorf("nothing waits on %s", a.Socket)
	}
	for _, cmd := range all.cancels() {
		var refusal *Error
		if _, err := r.do(cmd); err != nil && !(errors.As(err, &refusal) && refusal.Code == CodeNotFound) { // it has just returned
			return nil, err
		}
	}
	return r.over(all), nil
}

// cancels are the commands that end what a reply promised.
func (r Reply) cancels() (list []Command) {
	for _, id := range r.Transfers {
		list = append(list, &Cancel{Transfer: id})
	}
	for _, id := range r.Calls {
		list = append(list, &Cancel{Call: id})
	}
	return list
}

// programGrace bounds how long a program that was killed may take to be gone.
const programGrace = 5 * time.Second

func (r *demoRun) startProgram(a *demo.Action) (settled func() bool, err error) {
	var f struct {
		Address string `json:"address"`
		Host    string `json:"host"`
	}
	if err := json.Unmarshal(a.Fields, &f); err != nil {
		return nil, err
	}
	if why := r.seen.unopened(f.Address); why != "" {
		return nil, errors.New(why)
	}
	p, err := r.s.startProgram(r.seen.name(f.Address), f.Host)
	if err != nil {
		return nil, err
	}
	r.programs[a.As] = p
	r.tell(&Notice{Level: "info", Code: "program_started", Message: fmt.Sprintf("%s is process %d, which dials %s.", a.As, p.pid, f.Address)})
	ctx, cancel := context.WithTimeout(r.ctx, max(a.Within, demo.SettleTime))
	defer cancel()
	if err := p.connected(ctx); err != nil {
		return nil, err
	}
	return func() bool { return true }, nil
}

func (r *demoRun) killProgram(a *demo.Action) (settled func() bool, err error) {
	p := r.programs[a.Socket]
	if p == nil {
		return nil, fmt.Errorf("there is no program %s", a.Socket)
	}
	ctx, cancel := context.WithTimeout(r.ctx, programGrace)
	defer cancel()
	if err := p.kill(ctx); err != nil {
		return nil, err
	}
	r.tell(&Notice{Level: "info", Code: "program_killed", Message: fmt.Sprintf("Process %d was killed (SIGKILL).", p.pid)})
	return func() bool { return true }, nil
}
