// Package lab makes pairs of hosts that share nothing but a cable, and the cable ends in this program.
//
// A [Lab] is two [Host]s, client and server. Each is a network namespace of Linux (network_namespaces(7)) with a TCP
// of its own: its own sockets, ports, routes, timers and kernel settings. What a host sends is read from its [Port],
// and what is written to the Port is received by the host, one IP packet a call. Nothing else leads in or out, so two
// Labs may have the same addresses, and neither reaches the other, this machine or the world.
//
// # How a host is reached
//
// A descriptor belongs to the namespace in which it was made and works from any goroutine. So only making one has to
// happen on a thread that is in the host's namespace: a [System] has one thread for that, which all its hosts share,
// and one that builds Labs. Both are locked and never unlocked: they end with the System.
//
// # Backends
//
// [Probe] tries three ways, in this order, and says which one works: the program's own capabilities with a TUN device,
// a user namespace (which [Reexec] enters) with a TUN device, and pairs of veth devices read by packet sockets, which
// need no /dev/net/tun. The packets are the same in all: whole IP packets, no larger than the MTU, with checksums filled in
// and verified.
package lab
