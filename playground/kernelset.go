package playground

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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
	was, known := s.lab.defaults[c.Name]
	switch {
	case !known:
		return Reply{}, invalid("name", "There is no kernel setting %q here; there are %s.", clip(c.Name, 40), joined(slices.Sorted(maps.Keys(s.lab.defaults))))
	case c.Reset:
		value = was
	case strings.TrimSpace(value) == "" || len(value) > 200:
		return Reply{}, invalid("value", "Say a value for %s, such as %s.", c.Name, was)
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

func joined(names []string) string { return strings.Join(names, ", ") }
