package playground

import (
	"strings"

	"socketplayground/playground/lab"
	"socketplayground/playground/wire"
)

// vetValues finds a value of a command that no session takes, wherever and whenever it runs. The rules are those that the
// command itself asks; what this system alone cannot do is no fault of the file.
func vetValues(cmd Command) error {
	refusal := valuesOf(cmd)
	if refusal == nil || refusal.Code == CodeUnsupported {
		return nil // and no *Error that is nil
	}
	return refusal
}

func valuesOf(cmd Command) (refusal *Error) {
	first := func(checks ...*Error) *Error {
		for _, c := range checks {
			if c != nil {
				return c
			}
		}
		return nil
	}
	switch c := cmd.(type) {
	case *Listen:
		_, host := hostOr(c.Host, "")
		_, _, behavior := checkBehavior(c.Behavior, c.Settings)
		_, options := checkOptions(c.Options)
		return first(host, checkBacklog(c.Backlog), behavior, options)
	case *SetBehavior:
		_, _, refusal = checkBehavior(c.Behavior, c.Settings)
	case *Dial:
		_, host := hostOr(c.Host, "")
		_, timeout := dialTimeout(c)
		_, mode := checkReadMode(c.ReadMode, ReadAuto)
		_, options := checkOptions(c.Options)
		return first(host, timeout, checkDialCount(c.Count), mode, options)
	case *Write:
		_, refusal = jobOf(c)
	case *Read:
		_, refusal = readSize(c)
	case *SetReadMode:
		_, refusal = askedReadMode(c)
	case *SetOption:
		_, _, refusal = askedOption(c)
	case *SetDeadline:
		_, _, refusal = askedDeadline(c)
	case *WatchPort:
		_, refusal = askedPort(c)
	case *SetKernel:
		_, host := hostOr(c.Host, "")
		return first(host, askedSetting(c, ""))
	case *SetWire:
		_, refusal = c.over(wire.Settings{})
	case *SetRule:
		return checkRuleNumber(c.Rule)
	case *RemoveRule:
		return checkRuleNumber(c.Rule)
	case *AddRule:
		r, err := c.rule()
		if err == nil {
			if wrong := r.Check(); wrong != nil {
				err = refused(wrong)
			}
		}
		return err
	}
	return refusal
}

// checkRuleNumber refuses what no rule has for a number; whether there is such a rule, only the run knows.
func checkRuleNumber(n int) *Error {
	if n < 1 {
		return invalid("rule", "Rules are numbered from 1; %d is none.", n)
	}
	return nil
}

// askedSetting checks what a kernel setting is to be. was is its value before, an example in the refusal; empty: the
// setting says one itself.
func askedSetting(c *SetKernel, was string) *Error {
	setting, known := lab.FindSetting(c.Name)
	switch {
	case !known:
		return unknownSetting(c.Name)
	case c.Reset:
		return nil
	case strings.TrimSpace(c.Value) == "" || len(c.Value) > 200 || strings.ContainsFunc(c.Value, notInSetting):
		if was == "" {
			return invalid("value", "Say a value for %s: %s.", c.Name, setting.Values)
		}
		return invalid("value", "Say a value for %s, such as %s.", c.Name, was)
	}
	return checkSetting(setting, c.Value)
}
