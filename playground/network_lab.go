package playground

import (
	"context"
	"net"
	"syscall"

	"socketplayground/playground/lab"
)

// labHost is the network of one host of a Lab. Nothing leads out of it, so its policy allows all there is.
type labHost struct{ host *lab.Host }

// Name implements Network.
func (labHost) Name() string { return "lab" }

// Policy implements Network.
func (labHost) Policy() Policy { return Policy{Any: true, LowPorts: true} }

// Listen implements Network.
func (l labHost) Listen(ctx context.Context, spec ListenSpec) (*net.TCPListener, error) {
	ln, err := l.host.Listen(ctx, spec.Address, lab.SocketOptions{
		Backlog: spec.Backlog, Control: before(spec.Options), KeepAlive: keepAlive(spec.Options)})
	if err != nil {
		return nil, err
	}
	return opened(ln, spec.Options)
}

// Dial implements Network.
func (l labHost) Dial(ctx context.Context, spec DialSpec) (*net.TCPConn, error) {
	conn, err := l.host.Dial(ctx, spec.Address, spec.Local, lab.SocketOptions{
		Control: before(spec.Options), Connecting: spec.Connecting, KeepAlive: keepAlive(spec.Options)})
	if err != nil {
		return nil, err
	}
	return opened(conn, spec.Options)
}

// before sets the options that a socket needs before bind(2).
func before(o Options) func(network, address string, c syscall.RawConn) error {
	return func(network, _ string, c syscall.RawConn) error {
		return onDescriptor(c, func(fd uintptr) error { return setOptions(fd, o, beforeBind, network == "tcp6") })
	}
}
