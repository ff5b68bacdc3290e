package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Probe finds the backend that works here, by making a Lab with each in turn until one does.
func Probe() Support {
	var s Support
	backends := []Backend{Capabilities, UserNamespace, Veth}
	for _, b := range backends {
		if err := attempt(b); err != nil {
			s.Tried = append(s.Tried, Attempt{Backend: b, Err: err})
			continue
		}
		s.Available, s.Backend = true, b
		break
	}
	s.Reason = s.reason()
	return s
}

// attempt makes a Lab and ends it.
func attempt(b Backend) error {
	entered := userNamespace() == nil
	switch {
	case b == Capabilities && (entered || !capable()):
		return errors.New("lab: the program itself may not make network namespaces; run it as root for that")
	case b == UserNamespace && capable() && !entered:
		return errors.New("lab: a user namespace would give nothing that the program may not do already")
	case b == UserNamespace && !entered:
		return userNamespace()
	}
	sys, err := New(Config{Backend: b})
	if err != nil {
		if entered && errors.Is(err, os.ErrPermission) { // AppArmor lets one in and then takes the rights away
			return fmt.Errorf("%w; %s", err, userNamespaceHint())
		}
		return err
	}
	_, err = sys.Open(context.Background(), Options{})
	return errors.Join(err, sys.Close())
}

// reason tells the outcome in one sentence.
func (s Support) reason() string {
	why := func(b Backend) string {
		for _, a := range s.Tried {
			if a.Backend == b {
				return strings.TrimPrefix(a.Err.Error(), "lab: ")
			}
		}
		return ""
	}
	switch {
	case !s.Available && userNamespace() != nil && !capable():
		return "This system lets the program make no network namespaces: " + why(UserNamespace) + "."
	case !s.Available:
		return "This system lets the program make no hosts: " + why(Veth) + "."
	case s.Backend == Capabilities:
		return "The program may make network namespaces and TUN devices itself."
	case s.Backend == UserNamespace:
		return "The program runs in a user namespace, where it may make network namespaces and TUN devices."
	case userNamespace() == nil:
		return "The program runs in a user namespace and uses veth devices and packet sockets: " + why(UserNamespace) + "."
	}
	return "The program may make network namespaces itself and uses veth devices and packet sockets: " + why(Capabilities) + "."
}
