package lab

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Settings gives the host's kernel settings as they are. One that this kernel does not have is left out.
func (h *Host) Settings() ([]Setting, error) {
	found := make([]Setting, 0, len(settings))
	err := h.Do(func() error {
		for _, s := range settings {
			value, err := readSetting(s.Name)
			if err != nil {
				continue
			}
			s.Value = value
			if s.Name == "tcp_congestion_control" {
				if names, err := readSetting("tcp_available_congestion_control"); err == nil {
					s.Values = strings.Join(strings.Fields(names), ", ")
				}
			}
			found = append(found, s)
		}
		return nil
	})
	return found, err
}

// Setting reads one of the host's kernel settings.
func (h *Host) Setting(name string) (value string, err error) {
	if err := known(name); err != nil {
		return "", err
	}
	err = h.Do(func() (err error) { value, err = readSetting(name); return err })
	return value, err
}

// SetSetting changes one of the host's kernel settings and gives what the kernel made of the value.
func (h *Host) SetSetting(name, value string) (readBack string, err error) {
	if err := known(name); err != nil {
		return "", err
	}
	err = h.Do(func() (err error) {
		if err := os.WriteFile(settingPath(name), []byte(value), 0); err != nil {
			s := settings[slices.IndexFunc(settings, func(s Setting) bool { return s.Name == name })]
			return fmt.Errorf("lab: the %s's kernel does not take %q for %s; it takes %s: %w", h.name, value, name, s.Values, err)
		}
		readBack, err = readSetting(name)
		return err
	})
	return readBack, err
}

// known refuses what is not in the list: some settings of a namespace say things about this machine.
func known(name string) error {
	if slices.ContainsFunc(settings, func(s Setting) bool { return s.Name == name }) {
		return nil
	}
	return fmt.Errorf("lab: %q is not one of the kernel settings of a Lab's host", name)
}

// readSetting reads one of the calling thread's namespace. The kernel separates numbers by tabs.
func readSetting(name string) (string, error) {
	b, err := os.ReadFile(settingPath(name))
	if err != nil {
		return "", fmt.Errorf("lab: this kernel does not tell %s: %w", name, err)
	}
	return strings.Join(strings.Fields(string(b)), " "), nil
}

func settingPath(name string) string {
	if name == "somaxconn" {
		return "/proc/sys/net/core/somaxconn"
	}
	return "/proc/sys/net/ipv4/" + name
}
