package lab

import (
	"net"
	"net/netip"
)

// resolve gives the addresses that an address of the form host:port means on a host of a Lab, literally, in the order in
// which they are dialled. Labs have no name server, and this machine's must not be asked: its names lead elsewhere.
func resolve(op, address string) ([]string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &net.OpError{Op: op, Net: "tcp", Err: err}
	}
	if _, err := netip.ParseAddr(host); host == "" || err == nil {
		return []string{address}, nil
	}
	at := func(host string) string { return net.JoinHostPort(host, port) }
	switch host {
	case "localhost":
		return []string{at("::1"), at("127.0.0.1")}, nil // as RFC 6724 §6 sorts them
	case "client":
		return []string{at(clientAddresses[0].String())}, nil
	case "server":
		return []string{at(serverAddresses[0].String())}, nil
	}
	return nil, &net.OpError{Op: op, Net: "tcp", Err: &net.DNSError{
		Err: "no such host in the Lab; its names are client, server and localhost", Name: host, IsNotFound: true}}
}
