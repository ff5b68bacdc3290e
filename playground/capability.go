package playground

import (
	"fmt"
	"os/exec"
	"strings"
	"unicode"
	"unicode/utf8"

	"socketplayground/playground/kernel"
	"socketplayground/playground/lab"
)

// Capability is something that not every system can do.
type Capability struct {
	Available bool             `json:"available"`
	Reason    string           `json:"reason,omitempty"`
	Backend   string           `json:"backend,omitempty"`
	Tried     []TriedBackend   `json:"tried,omitempty"`
	Settings  []SettingSummary `json:"settings,omitempty"`
	Lacks     []LackingSetting `json:"lacks,omitempty"`
	Command   string           `json:"command,omitempty"`
}

// TriedBackend is a way to make Labs that does not work here.
type TriedBackend struct {
	Backend string `json:"backend"`
	Error   string `json:"error"`
}

// SettingSummary says what a kernel setting does.
type SettingSummary struct {
	Name     string `json:"name"`
	Sentence string `json:"sentence"`
	Hint     string `json:"hint,omitempty"`
}

// Kernel is the kernel's name; ThisKernel that of the one whose sockets are seen.
type Kernel = kernel.Kernel

func ThisKernel() Kernel { return kernel.This() }

// LackingSetting is a kernel setting that the kernel does not have here, and why.
type LackingSetting struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Capabilities says what this system can do for a session.
func (m *Manager) Capabilities(s *Session) map[string]Capability {
	all := map[string]Capability{"states": available(m.observer.err), "capture": m.captures.capability(m.cfg.Labs), "lab": m.cfg.Labs.capability()}
	if c := m.cfg.Exec; c != "" && all["lab"].Available {
		all["exec"] = Capability{Available: true, Command: fmt.Sprintf("%s -session %d", c, s.number)}
	} else if !all["lab"].Available {
		all["exec"] = Capability{Reason: "Programs are run in a Lab, and this server makes none."}
	} else {
		all["exec"] = Capability{Reason: "This server runs no programs; what it printed when it started says why."}
	}
	return all
}

func available(err error) Capability {
	if err != nil {
		return Capability{Reason: sentence(err)}
	}
	return Capability{Available: true}
}

// sentence is an error as a person reads it: without the package in front, with a capital letter and a full stop.
func sentence(err error) string {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "lab: "), "capture: ")
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// capability says whether segments of this machine can be captured. A user namespace, which a Lab without root needs,
// gives no right to this machine's packets, whatever the program's file has.
func (c *captures) capability(labs Labs) Capability {
	err := c.supported()
	if err != nil && labs.Support.Backend == lab.UserNamespace {
		return Capability{Reason: "In the user namespace that the Lab needs here nobody may capture this machine's segments; run the playground as root to have both, or with -lab=false after setcap cap_net_raw+ep."}
	}
	return available(err)
}

func (l Labs) capability() Capability {
	c := Capability{Available: l.Support.Available && l.System != nil, Reason: l.Support.Reason, Backend: string(l.Support.Backend)}
	for _, t := range l.Support.Tried {
		c.Tried = append(c.Tried, TriedBackend{Backend: string(t.Backend), Error: sentence(t.Err)})
	}
	if !c.Available {
		return c
	}
	lacks := l.missing(networkLab, settingNames())
	for _, s := range l.System.Settings() {
		if lacks[s.Name] != "" {
			c.Lacks = append(c.Lacks, LackingSetting{Name: s.Name, Reason: lacks[s.Name]})
			continue
		}
		c.Settings = append(c.Settings, SettingSummary{Name: s.Name, Sentence: s.Sentence, Hint: s.Values})
	}
	return c
}

// supported says why segments of this machine cannot be captured; nil where they can.
func (c *captures) supported() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Start starts a program of the user's on a host of a session's Lab, which is opened if there is none. session 0 is
// the only one there is, or the one whose Lab is open. gone is closed when the Lab ends, and the program is to be ended
// then; done is to be called when it has ended.
func (m *Manager) Start(session uint64, host string, cmd *exec.Cmd) (gone <-chan struct{}, done func(), err error) {
	s, err := m.choose(session)
	if err != nil {
		return nil, nil, err
	}
	host, refusal := hostOr(host, "client")
	if refusal == nil {
		refusal = s.ensureLab(s.ctx, true)
	}
	if refusal != nil {
		return nil, nil, refusal
	}
	var run *labRun
	if !s.ask(func() { run = s.lab }) || run == nil {
		return nil, nil, noLab()
	}
	run.programs.Add(1)
	since := s.now()
	if err := run.on(host).network.(labHost).host.Start(cmd); err != nil {
		run.programs.Add(-1)
		return nil, nil, err
	}
	left := s.programStarted(run, host, cmd, since)
	return run.ended, func() {
		left()
		run.programs.Add(-1)
	}, nil
}

// choose finds the session that a person means.
func (m *Manager) choose(number uint64) (*Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var with, any []*Session
	for _, e := range m.sessions {
		if e.session.number == number {
			return e.session, nil
		}
		any = append(any, e.session)
		if e.session.log.Now().Lab != nil {
			with = append(with, e.session)
		}
	}
	switch {
	case number != 0:
		return nil, refuse(CodeNotFound, "session", "There is no session %d; the page shows its number in the Lab.", number)
	case len(with) == 1:
		return with[0], nil
	case len(with) == 0 && len(any) == 1:
		return any[0], nil
	case len(any) == 0:
		return nil, refuse(CodeNotFound, "session", "No page is open; open it in the browser first.")
	}
	return nil, refuse(CodeConflict, "session", "%d sessions are open; say which with -session, the page shows its number in the Lab.", len(any))
}
