package playground

import (
	"fmt"
	"slices"
	"strings"

	"socketplayground/playground/kernel"
	"socketplayground/playground/lab"
)

// readSettings reads the kernel settings of both hosts.
func (l *labRun) readSettings() (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for _, p := range []*place{l.client, l.server} {
		list, err := p.network.(labHost).host.Settings()
		if err != nil {
			return all, err
		}
		all[p.host] = map[string]string{}
		for _, s := range list {
			all[p.host][s.Name] = s.Value
		}
	}
	return all, nil
}

// unknownSetting refuses a name that is none of a kernel setting that the Lab knows.
func unknownSetting(name string) *Error {
	return invalid("name", "There is no kernel setting %q here; there are %s.", clip(name, 40), joined(settingNames()))
}

// checkSetting refuses a value in which a number is another to the kernel than to a person.
func checkSetting(s lab.Setting, value string) *Error {
	if err := s.Plain(value); err != nil {
		return &Error{Code: CodeInvalidArgument, Field: "value", Err: err, Message: sentence(err)}
	}
	return nil
}

// settingNames are the kernel settings that the Lab knows, whether this kernel has them or not.
func settingNames() []string {
	var names []string
	for _, s := range lab.SettingsList() {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return names
}

// missingSetting says why a kernel setting that the Lab knows is not there.
func missingSetting(s lab.Setting) string {
	this := kernel.This()
	switch {
	case this.System != "Linux":
		return fmt.Sprintf("This kernel, %s, has no %s, which is a setting of Linux.", this, s.Name)
	case s.Since != "" && this.OlderThan(s.Since):
		return fmt.Sprintf("This kernel, %s, has no %s, which came with Linux %s.", this, s.Name, s.Since)
	}
	return fmt.Sprintf("This kernel, %s, does not show %s to the hosts of the Lab here.", this, s.Name)
}

// missing says of those of the named kernel settings that the kernel does not have in a network why that is.
func (l Labs) missing(network string, names []string) map[string]string {
	absent := lab.Missing()
	if network == networkLab && l.System != nil {
		absent = l.System.Missing()
	}
	var reasons map[string]string
	for _, name := range names {
		if s, ok := lab.FindSetting(name); ok && slices.Contains(absent, name) {
			if reasons == nil {
				reasons = map[string]string{}
			}
			reasons[name] = missingSetting(s)
		}
	}
	return reasons
}

// doSetKernel sets a kernel setting on one host or both, and tells what the kernel made of it.
func (s *Session) doSetKernel(c *SetKernel) (Reply, *Error) {
	if s.lab == nil {
		return Reply{}, noLab()
	}
	hosts := []*place{s.lab.client, s.lab.server}
	if c.Host != "" {
		host, err := hostOr(c.Host, "")
		if err != nil {
			return Reply{}, err
		}
		hosts = []*place{s.lab.on(host)}
	}
	value := c.Value
	setting, known := lab.FindSetting(c.Name)
	was, there := s.lab.defaults[c.Name]
	switch {
	case !known:
		return Reply{}, unknownSetting(c.Name)
	case !there && c.Optional:
		return Reply{}, nil
	case !there:
		return Reply{}, refuse(CodeUnsupported, "name", "%s", missingSetting(setting))
	case c.Reset:
		value = was
	default:
		if err := askedSetting(c, was); err != nil {
			return Reply{}, err
		}
	}
	for _, p := range hosts {
		read, err := p.network.(labHost).host.SetSetting(c.Name, value)
		if err != nil {
			return Reply{}, &Error{Code: CodeInvalidArgument, Field: "value", Err: err,
				Message: fmt.Sprintf("%s does not take it: %s.", c.Name, strings.TrimPrefix(err.Error(), "lab: "))}
		}
		s.emit("", SourceCall, &KernelSettingsRead{Host: p.host, Settings: map[string]string{c.Name: read}})
	}
	return Reply{}, nil
}

// notInSetting says whether a rune is in no value of a kernel setting: the kernel would stop reading at some of them.
func notInSetting(r rune) bool { return r != '\t' && notInName(r) && r != ' ' }

func joined(names []string) string { return strings.Join(names, ", ") }
