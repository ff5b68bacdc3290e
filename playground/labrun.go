package playground

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"socketplayground/playground/lab"
	"socketplayground/playground/wire"
)

// Labs makes Labs. The zero value makes none.
type Labs struct {
	System  *lab.System
	Support lab.Support
}

// Close ends all Labs.
func (l Labs) Close() error {
	if l.System == nil {
		return nil
	}
	return l.System.Close()
}

// labRun is a session's Lab while it is open: two hosts, the wire between them, and who looks at both.
type labRun struct {
	lab       *lab.Lab
	wire      *wire.Wire
	tap       *tap
	client    *place
	server    *place
	stop      context.CancelFunc
	ended     chan struct{} // the wire has
	sockets   int           // the actor's: left in a Lab that is being closed
	left      chan struct{} // none is
	closed    chan struct{} // it is told to be closed
	programs  atomic.Int64  // of the user, running in it
	ran       []*labProgram // the actor's: of these, those that a person started; also some that have ended
	preset    string        // the actor's
	rules     map[int]ruleWords
	toldWire  int64
	wireDirty atomic.Bool // hits to be told
	defaults  map[string]string
	dropped   uint64 // the actor's: packets told to be lost
	dropsAt   int64
}

// ruleWords is what the wire does not keep of a rule: how the user said it.
type ruleWords struct{ socket, text string }

// far is the other host.
func (l *labRun) far(p *place) *place {
	if p == l.client {
		return l.server
	}
	return l.client
}

// on gives a host by its name.
func (l *labRun) on(host string) *place {
	if host == "client" {
		return l.client
	}
	return l.server
}

// has says whether an address is one of a Lab's host.
func (p *place) has(a netip.Addr) bool {
	h, ok := p.network.(labHost)
	return ok && slices.Contains(h.host.Addresses(), a.Unmap().WithZone(""))
}

// needsLab says whether a command is about a Lab that is to be opened if there is none.
func needsLab(cmd Command) bool {
	switch c := cmd.(type) {
	case *OpenLab:
		return true
	case *Listen:
		return c.Network == networkLab
	case *Dial:
		return c.Network == networkLab
	}
	return false
}

// The values of the field network.
const (
	networkMachine = "machine"
	networkLab     = "lab"
)

// ensureLab opens the session's Lab if there is none. It takes some milliseconds, and the actor is not made to wait.
func (s *Session) ensureLab(ctx context.Context, quickACK bool) *Error {
	s.opening.Lock()
	defer s.opening.Unlock()
	open := false
	var before *labRun
	if !s.ask(func() { open, before = s.lab != nil, s.closing }) {
		return errEnded()
	}
	if open {
		return nil
	}
	if before != nil { // one Lab is told after the other
		select {
		case <-before.closed:
		case <-s.ctx.Done():
			return errEnded()
		}
	}
	if !s.labs.Support.Available || s.labs.System == nil {
		return noLabs(s.labs)
	}
	made, err := s.labs.System.Open(ctx, lab.Options{QuickACK: quickACK})
	if err != nil {
		return &Error{Code: CodeInternal, Message: "The Lab cannot be opened: " + err.Error() + ".", Err: err}
	}
	run, err := s.furnish(made)
	if err != nil {
		made.Close()
		return &Error{Code: CodeInternal, Message: "The Lab cannot be opened: " + err.Error() + ".", Err: err}
	}
	settings, refusal := run.readSettings()
	if !s.ask(func() { s.labOpened(run, quickACK, settings, refusal) }) {
		run.end()
		return errEnded()
	}
	return nil
}

// noLabs says why there can be no Lab.
func noLabs(labs Labs) *Error {
	return refuse(CodeUnsupported, "network", "%s", cmp.Or(labs.Support.Reason, "This server makes no Labs."))
}

// furnish gives a new Lab its wire, and observers in both hosts.
func (s *Session) furnish(made *lab.Lab) (*labRun, error) {
	run := &labRun{lab: made, ended: make(chan struct{}), left: make(chan struct{}), closed: make(chan struct{}), preset: presetOff, rules: map[int]ruleWords{}}
	for _, h := range []*lab.Host{made.Client, made.Server} {
		p := &place{network: labHost{h}, lab: run, host: h.Name()}
		if err := h.Do(func() error {
			raiseTimeWaits()
			p.observer = newObserver(labObservers)
			return p.observer.err
		}); err != nil {
			run.closeObservers()
			return nil, err
		}
		if h == made.Client {
			run.client = p
		} else {
			run.server = p
		}
	}
	run.tap = newTap(s, run)
	run.wire = wire.New(made.Client.Port(), made.Server.Port(), run.tap)
	run.wire.Within(flyingRoom{s.shares.flying})
	ctx, stop := context.WithCancel(context.Background())
	run.stop = stop
	go func() { // ends with end, which waits for it
		defer close(run.ended)
		if err := run.wire.Run(ctx); err != nil {
			s.post(func() { s.closeLab(run, "The wire broke: "+err.Error()) })
		}
	}()
	return run, nil
}

// raiseTimeWaits lets the calling thread's namespace have as many sockets in TIME_WAIT as a session has. The kernel's
// default is half the buckets of the namespace's table of connections (tcp_set_hashinfo, net/ipv4/tcp_ipv4.c), of which a
// Lab's host has few; past it a connection ends without TIME_WAIT. Where the kernel lets nobody set this, the table was
// not made small either.
func raiseTimeWaits() {
	_ = os.WriteFile("/proc/sys/net/ipv4/tcp_max_tw_buckets", []byte(strconv.Itoa(MaxSockets)), 0)
}

// labObservers is how many goroutines may ask a host's kernel at the same time: the wire, and one call.
const labObservers = 2

func (l *labRun) closeObservers() {
	for _, p := range []*place{l.client, l.server} {
		if p != nil && p.observer != nil {
			p.observer.close()
		}
	}
}

// end takes the Lab down. What is still open in it is destroyed with its hosts, and its connections are forgotten once
// nothing crosses its wire any more.
func (l *labRun) end() {
	l.stop()
	<-l.ended
	l.tap.s.trace.forgetLab(l)
	l.tap.s.trace.leave(l.tap)
	l.closeObservers()
	l.lab.Close()
}

// labOpened takes the new Lab into the log. The actor's.
func (s *Session) labOpened(run *labRun, quickACK bool, settings map[string]map[string]string, refusal error) {
	s.lab = run
	hosts := map[string][]string{}
	for _, p := range []*place{run.client, run.server} {
		for _, a := range p.network.(labHost).host.Addresses() {
			hosts[p.host] = append(hosts[p.host], a.String())
		}
	}
	s.emit("", "", &LabOpened{Backend: string(s.labs.Support.Backend), Reason: s.labs.Support.Reason, Hosts: hosts, QuickAck: quickACK})
	s.tellWire(run)
	if refusal != nil {
		s.notice("", "warning", "kernel_settings", "The hosts' kernel settings cannot be read: "+refusal.Error())
	}
	run.defaults = settings["client"]
	for _, host := range []string{"client", "server"} {
		if len(settings[host]) > 0 {
			s.emit("", SourceCall, &KernelSettingsRead{Host: host, Settings: settings[host], Defaults: run.defaults})
		}
	}
}

func (s *Session) doCloseLab() (Reply, *Error) {
	if s.lab == nil {
		return Reply{}, conflict("No Lab is open.")
	}
	run := s.lab
	s.closeLab(run, "")
	return Reply{wait: run.closed}, nil
}

// lingerTime is how long a Lab that is closed waits for what is under way on its sockets. All of it ends at once but a
// Close that lingers (socket(7), SO_LINGER), which cannot be ended; its socket then outlives the Lab.
const lingerTime = time.Second

// closeLab ends the Lab and all sockets in it. The actor's.
func (s *Session) closeLab(run *labRun, reason string) {
	if s.lab != run {
		return
	}
	s.crossings() // what crossed until now is told
	s.flushSegments(s.now(), true)
	s.lab, s.closing = nil, run
	for _, c := range s.order {
		if c.place.lab == run {
			run.sockets++
		}
	}
	if run.sockets == 0 {
		close(run.left)
	}
	for _, c := range slices.Clone(s.order) {
		if c.place.lab != run {
			continue
		}
		if c.stopAccept != nil {
			c.stopAccept()
		}
		if c.reader != nil {
			c.reader.end()
		}
		if c.open {
			c.open = false
			_ = c.closeDescriptor() // nobody is there to be told
			s.emit(c.id, SourceCall, &DescriptorClosed{})
		}
		s.closed(c, SourceInferred, cause{}, ReasonAborted)
		s.remove(c)
	}
	s.spawn(func() {
		defer run.end()
		timer := time.NewTimer(lingerTime)
		defer timer.Stop()
		select {
		case <-run.left:
		case <-timer.C:
		case <-s.ctx.Done():
		}
		s.ask(func() {
			s.closing = nil
			s.emit("", "", &LabClosed{Reason: reason})
			s.flushLog()
			close(run.closed)
		})
	})
}

// left says whether a place is gone with its Lab. What a call of ours brings from there is let go at once. The actor's.
func (s *Session) left(p *place) bool { return p.lab != nil && p.lab != s.lab }

// where says in which place a command's socket is to live. The actor's.
func (s *Session) where(network, host string) (*place, *Error) {
	switch network {
	case "", networkMachine:
		return s.machine, nil
	case networkLab:
		if s.lab == nil { // closed since Do opened it
			return nil, conflict("The Lab was just closed; try again.")
		}
		return s.lab.on(host), nil
	}
	return nil, invalid("network", "The network is machine or lab, not %q.", clip(network, 20))
}

// doSetQuickAck asks the hosts' routes for an ACK at once, or no longer.
func (s *Session) doSetQuickAck(c *SetQuickAck) (Reply, *Error) {
	if s.lab == nil {
		return Reply{}, noLab()
	}
	if err := s.lab.lab.SetQuickACK(c.On); err != nil {
		return Reply{}, &Error{Code: CodeInternal, Message: "The routes refused it: " + err.Error() + ".", Err: err}
	}
	s.emit("", "", &QuickAckSet{On: c.On})
	return Reply{}, nil
}

func noLab() *Error { return conflict("There is no Lab; switch to the Lab first.") }

// doSkipTimeWait has the kernel destroy a socket that waits: SOCK_DESTROY of sock_diag(7).
func (s *Session) doSkipTimeWait(c *SkipTimeWait) (Reply, *Error) {
	k, err := s.find(c.Socket)
	switch {
	case err != nil:
		return Reply{}, err
	case k.place.machine():
		return Reply{}, conflict("%s lives on this machine, whose kernel is not ours to command; TIME_WAIT can be skipped in the Lab.", k.id)
	case k.state != StateTimeWait:
		return Reply{}, conflict("%s is in %s, not in TIME_WAIT.", k.id, k.state)
	}
	t := *k.target.Load()
	if e := k.place.observer.destroy(t); e != nil {
		return Reply{}, &Error{Code: CodeInternal, Field: "socket", Err: e,
			Message: fmt.Sprintf("The kernel did not destroy %s: %v.", k.id, e)}
	}
	k.skipped = true
	k.next = s.now()
	return Reply{}, nil
}
