package playground

import (
	"net"
	"slices"

	"socketplayground/playground/demo"
)

// labOnly are the commands without which what follows them is another story, and that only the Lab can carry out.
var labOnly = []string{"set_quick_ack", "set_kernel", "set_wire", "add_rule", "set_rule", "remove_rule",
	"hold_segment", "deliver_segment", "drop_segment", "duplicate_segment", "skip_time_wait"}

// network is where the demo runs: anywhere, unless something in it is of the Lab, or of this machine.
func (m *demoMaker) network(done []commanded) string {
	lab, machine := false, false
	for _, c := range done {
		lab = lab || slices.Contains(labOnly, c.name)
		machine = machine || c.name == "watch_port"
		addresses := []string{fieldText(c, "local")}
		switch c.name {
		case "listen":
			addresses = append(addresses, fieldText(c, "address"))
		case "dial":
			addresses = append(addresses, m.portable(c))
		}
		for _, address := range addresses {
			if address != "" && !isName(address) && !everywhere(address) {
				lab = lab || fieldText(c, "network") == networkLab
				machine = machine || fieldText(c, "network") != networkLab
			}
		}
	}
	switch {
	case lab && !m.machine:
		return demo.NetworkLab
	case machine && !m.lab:
		return demo.NetworkMachine
	}
	return demo.NetworkEither
}

// everywhere says whether an address means the same in the Lab and on this machine.
func everywhere(address string) bool {
	host, _, err := net.SplitHostPort(normalAddress(address))
	return err == nil && (host == "" || host == "server" || host == "client")
}

// portable is the address of a dial by a name that the Lab and this machine both know, if it has one: that of the
// listener which had it, or of its host.
func (m *demoMaker) portable(c commanded) string {
	address := fieldText(c, "address")
	host, port, err := net.SplitHostPort(normalAddress(address))
	if err != nil || isName(address) {
		return address
	}
	inLab := fieldText(c, "network") == networkLab
	loopback := host == "127.0.0.1" || host == "localhost" || host == ""
	if inLab && host != "server" || !inLab && !loopback {
		return address
	}
	for name, l := range m.listeners {
		if m.names[name] != "" && l.port == portOf(":"+port) && (l.network == networkLab) == inLab && l.opened <= c.at && (l.closedNS == 0 || l.closedNS > c.at) {
			return name
		}
	}
	return net.JoinHostPort("server", port)
}

func fieldText(c commanded, name string) string {
	text, _ := c.fields[name].(string)
	return text
}
