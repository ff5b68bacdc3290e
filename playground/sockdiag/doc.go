// Package sockdiag asks the Linux kernel about TCP sockets: their state, queues, timer, memory and TCP_INFO.
//
// It is a client of inet_diag (sock_diag(7), net/ipv4/inet_diag.c), the netlink interface behind ss(8).
// Any user may ask about any socket of the network namespace; only [Client.Destroy] needs a privilege.
//
// There are two ways to ask. [Client.Lookup] names one socket by its addresses and costs the same few
// microseconds however many sockets there are: the way to watch a socket. [Client.Dump] lists sockets,
// filtered in the kernel: the way to discover them. A dump is no snapshot: the kernel walks its tables
// while they change.
//
// A socket's identity is its [Cookie]. The kernel keeps it from the request socket (SYN_RCVD) through
// the full socket to the TIME_WAIT entry, and SO_COOKIE gives the same number for a file descriptor.
// Addresses are used again, and the inode becomes 0 when the program closes its descriptor.
//
// What sock_diag does not tell: which program holds a socket, how a socket came to be in its state,
// and anything at all about a socket that is gone.
package sockdiag
