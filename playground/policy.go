package playground

import (
	"net/netip"
)

// Policy says which addresses sockets may use. The zero Policy allows this machine's loopback and nothing else.
type Policy struct {
	// Any allows every target; Targets allows these beside loopback.
	Any     bool
	Targets []netip.Prefix
	// LowPorts allows binding ports below 1024, to listen and to dial from.
	LowPorts bool
	// Own are the playground's own listeners: dialling them would let a page drive the playground through itself.
	Own []netip.AddrPort
	// Local tells whether an address is one of this machine's; nil knows only loopback.
	Local func(netip.Addr) bool
}

// MayDial checks a resolved address, at connect time. 0.0.0.0 and :: reach this machine's listeners,
// and so does ::ffff:127.0.0.1; they count as loopback.
func (p Policy) MayDial(to netip.AddrPort) *Error {
	addr := to.Addr().Unmap().WithZone("")
	here := addr.IsLoopback() || addr.IsUnspecified() || (p.Local != nil && p.Local(addr))
	for _, own := range p.Own {
		if here && own.Port() == to.Port() {
			return refuse(CodeDenied, "address", "Port %d is the playground's own page; choose another port.", to.Port())
		}
	}
	if p.reaches(addr) {
		return nil
	}
	return refuse(CodeDenied, "address", "%s is not on this machine's loopback; start the playground with -targets %s to allow it.", addr, netip.PrefixFrom(addr, addr.BitLen()))
}

func (p Policy) reaches(addr netip.Addr) bool {
	if p.Any || addr.IsLoopback() || addr.IsUnspecified() {
		return true
	}
	for _, t := range p.Targets {
		if t.Contains(addr) {
			return true
		}
	}
	return false
}

// MayListen checks the address of a listener. The unspecified address is allowed: the network keeps such a
// listener to the loopback device (see machine.Listen), unless Any says otherwise.
func (p Policy) MayListen(at netip.AddrPort) *Error {
	if err := p.MayBind("address", at.Port()); err != nil {
		return err
	}
	addr := at.Addr().Unmap().WithZone("")
	if p.reaches(addr) {
		return nil
	}
	return refuse(CodeDenied, "address", "%s is not on this machine's loopback; listen on 127.0.0.1, ::1 or just :%d.", addr, at.Port())
}

// MayBind checks a local port, of a listener or of a connection to be; the command's field names it. Which of this
// machine's addresses a connection leaves from is the kernel's to refuse: where it leads to is MayDial's.
func (p Policy) MayBind(field string, port uint16) *Error {
	if port != 0 && port < 1024 && !p.LowPorts {
		return refuse(CodeDenied, field, "Ports below 1024 belong to the system; take one from 1024 up, or 0 to be given one.")
	}
	for _, own := range p.Own {
		if own.Port() == port {
			return refuse(CodeDenied, field, "Port %d is the playground's own page; choose another port.", port)
		}
	}
	return nil
}

// MayServe says whether an accepted connection may stay; it is the second line behind the device a listener is bound to.
func (p Policy) MayServe(from netip.Addr) bool {
	addr := from.Unmap().WithZone("")
	return p.reaches(addr) || (p.Local != nil && p.Local(addr))
}

// loopbackOnly says whether a wildcard listener must be kept to the loopback device.
func (p Policy) loopbackOnly() bool { return !p.Any && len(p.Targets) == 0 }
