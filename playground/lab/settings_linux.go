package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Settings is SettingsList with what this kernel takes for each: it is asked once, in a namespace of nobody's.
func (s *System) Settings() []Setting { return slices.Clone(s.settings()) }

func (s *System) askSettings() []Setting {
	list := SettingsList()
	err := s.build.in(s.build.home, func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return errNamespace(err)
		}
		for i := range list {
			list[i].ask()
		}
		return nil
	})
	if err != nil {
		s.logger.Warn("the kernel cannot be asked which values its settings take", "error", err)
	}
	return list
}

// ask asks the kernel which values it takes, in the calling thread's namespace, which is to be thrown away.
func (s *Setting) ask() {
	if s.Name == "tcp_congestion_control" {
		// Of those in tcp_available_congestion_control a namespace's default can only be one that this machine allows
		// (tcp_set_default_congestion_control, net/ipv4/tcp_cong.c).
		if names, err := readSetting("tcp_allowed_congestion_control"); err == nil {
			s.Values = strings.Join(strings.Fields(names), ", ")
		}
		return
	}
	text, err := readSetting(s.Name)
	if err != nil {
		return // this kernel does not have it
	}
	usual, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return // several numbers
	}
	takes := func(value int64) bool { return writeSetting(s.Name, strconv.FormatInt(value, 10)) == nil }
	low, high := furthest(usual, math.MinInt32, takes), furthest(usual, math.MaxUint32, takes)
	if s.Values == "" {
		s.Values = fmt.Sprintf("%d to %d", low, high)
	} else {
		s.Values = fmt.Sprintf("%s, %d to %d", s.Values, low, high)
	}
}

// furthest is the value that is taken and lies next to limit, of those that begin with taken and have no gap.
func furthest(taken, limit int64, takes func(int64) bool) int64 {
	if takes(limit) {
		return limit
	}
	for refused := limit; taken-refused > 1 || refused-taken > 1; {
		if middle := taken + (refused-taken)/2; takes(middle) {
			taken = middle
		} else {
			refused = middle
		}
	}
	return taken
}

// Settings gives the host's kernel settings as they are. One that this kernel does not have is left out.
func (h *Host) Settings() ([]Setting, error) {
	list := h.system.Settings()
	found := make([]Setting, 0, len(list))
	err := h.Do(func() error {
		for _, s := range list {
			value, err := readSetting(s.Name)
			if err != nil {
				continue
			}
			s.Value = value
			found = append(found, s)
		}
		return nil
	})
	return found, err
}

// Missing are the names in SettingsList that this process's kernel does not have, or does not show where the process is.
func Missing() []string {
	var names []string
	for _, s := range settings {
		if _, err := os.Stat(settingPath(s.Name)); err != nil {
			names = append(names, s.Name)
		}
	}
	return names
}

// Missing are the names in SettingsList that the kernel does not give the hosts.
func (s *System) Missing() []string { return s.missing }

// Setting reads one of the host's kernel settings.
func (h *Host) Setting(name string) (value string, err error) {
	if err := known(name); err != nil {
		return "", err
	}
	err = h.Do(func() (err error) { value, err = readSetting(name); return err })
	return value, err
}

// SetSetting changes one of the host's kernel settings and gives what the kernel made of the value. The kernel alone judges it.
func (h *Host) SetSetting(name, value string) (readBack string, err error) {
	if err := known(name); err != nil {
		return "", err
	}
	list := h.system.Settings()
	err = h.Do(func() (err error) {
		if err := writeSetting(name, value); err != nil {
			takes := "other values"
			if i := slices.IndexFunc(list, func(s Setting) bool { return s.Name == name }); i >= 0 { // else the hosts have no such setting
				takes = list[i].Values
			}
			var path *fs.PathError // its path says nothing to a person
			if errors.As(err, &path) {
				err = path.Err
			}
			return fmt.Errorf("lab: the %s's kernel does not take %q for %s; it takes %s: %w", h.name, value, name, takes, err)
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

func writeSetting(name, value string) error { return os.WriteFile(settingPath(name), []byte(value), 0) }

func settingPath(name string) string {
	if name == "somaxconn" {
		return "/proc/sys/net/core/somaxconn"
	}
	return "/proc/sys/net/ipv4/" + name
}
