package main

import (
	"log/slog"
	"net/netip"

	"socketplayground/playground"
	"socketplayground/playground/lab"
)

// openLabs finds out which way of making Labs this system allows, if any. guardian: they end even if this program is killed.
func openLabs(guardian bool, logger *slog.Logger) playground.Labs {
	support := lab.Probe()
	if !support.Available {
		return playground.Labs{Support: support}
	}
	system, err := lab.New(lab.Config{Backend: support.Backend, Guardian: guardian, Logger: logger})
	if err != nil {
		return playground.Labs{Support: lab.Support{Reason: err.Error(), Tried: support.Tried}}
	}
	return playground.Labs{System: system, Support: support}
}

// ownPorts are the ports that the page is served on.
func ownPorts(own []netip.AddrPort) []uint16 {
	var ports []uint16
	for _, a := range own {
		ports = append(ports, a.Port())
	}
	return ports
}
