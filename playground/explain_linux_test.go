package playground_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"socketplayground/playground"
)

// TestWhyTheSessionKnows: where the session, or the kernel's table, knows by whom an address is taken or a connection was
// reset, the error's sentence says so; a plain errno has several causes.
func TestWhyTheSessionKnows(t *testing.T) {
	machine := func(t testing.TB) *session { return open(t) }
	reuse := options("ReuseAddr", true)
	const mixed = "One end is IPv6 and the other IPv4: both must be of one family, so choose another local address, or none."
	tests := []struct {
		name  string
		open  func(testing.TB) *session
		fail  func(*session) (*playground.CallError, []any)
		errno string
		why   string // a format for what fail returns besides
	}{
		{"the port is a listener's of another session", machine, func(s *session) (*playground.CallError, []any) {
			other, leave, err := s.manager.Open("")
			if err != nil {
				s.t.Fatal(err)
			}
			defer leave()
			o := &session{Session: other, t: s.t, ctx: s.ctx, manager: s.manager}
			_, address := o.listen(playground.Listen{})
			return s.failed(s.do(&playground.Listen{Address: address}).Calls[0]), []any{address}
		}, "EADDRINUSE", "Another session of this playground, such as one in another tab, listens on %s: close it there, or choose another port."},

		{"the port is a connection's", machine, func(s *session) (*playground.CallError, []any) {
			l, address := s.listen(playground.Listen{})
			c := s.dial(playground.Dial{Address: l})
			return s.failed(s.do(&playground.Listen{Address: s.Log().Now().Sockets[c].Local}).Calls[0]), []any{c, address}
		}, "EADDRINUSE", "%s has this port for its connection with %s (ESTABLISHED): close it, or choose another port."},

		{"a Dial's local port is a listener's", machine, func(s *session) (*playground.CallError, []any) {
			l, _ := s.listen(playground.Listen{})
			m, taken := s.listen(playground.Listen{})
			return s.failed(s.do(&playground.Dial{Address: l, Local: taken}).Calls[0]), []any{m, taken}
		}, "EADDRINUSE", "%s already listens on %s: close it, or choose another port."},

		// connect(2) of a bound port to where a connection exists: EADDRNOTAVAIL, not EADDRINUSE.
		{"the four numbers exist already", machine, func(s *session) (*playground.CallError, []any) {
			l, _ := s.listen(playground.Listen{})
			c := s.dial(playground.Dial{Address: l, Options: reuse})
			local := s.Log().Now().Sockets[c].Local
			return s.failed(s.do(&playground.Dial{Address: l, Local: local, Options: reuse}).Calls[0]), []any{c}
		}, "EADDRNOTAVAIL", "%s has the same two addresses and ports (ESTABLISHED), and no two connections may have all four alike: choose another local port."},

		{"somebody listens on the other loopback address", machine, func(s *session) (*playground.CallError, []any) {
			_, port, _ := net.SplitHostPort(second(closedPort(s)))
			l, at := s.listen(playground.Listen{Address: "[::1]:" + port})
			return s.failed(s.do(&playground.Dial{Address: "127.0.0.1:" + port}).Calls[0]), []any{"127.0.0.1:" + port, l, at}
		}, "ECONNREFUSED", "Nothing listens on %s: the SYN was answered with RST. %s listens on %s."},

		{"somebody listens on another 127 address", machine, func(s *session) (*playground.CallError, []any) {
			l, at := s.listen(playground.Listen{Address: "127.0.0.2:0"})
			to := strings.Replace(at, "127.0.0.2", "127.0.0.1", 1)
			return s.failed(s.do(&playground.Dial{Address: to}).Calls[0]), []any{to, l, at}
		}, "ECONNREFUSED", "Nothing listens on %s: the SYN was answered with RST. %s listens on %s."},

		{"nobody listens on the port", machine, func(s *session) (*playground.CallError, []any) {
			_, address := closedPort(s)
			return s.failed(s.do(&playground.Dial{Address: address}).Calls[0]), nil
		}, "ECONNREFUSED", "Nothing listens on that address and port: the SYN was answered with RST."},

		{"the other host of the Lab listens", openLab, func(s *session) (*playground.CallError, []any) {
			l := s.listenLab(playground.Listen{Host: "client", Address: ":8331"})
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:8331"}).Calls[0]), []any{l}
		}, "ECONNREFUSED", "Nothing listens on 192.0.2.2:8331: the SYN was answered with RST. %s listens on [::]:8331 of the client."},

		{"this machine listens, not the Lab", openLab, func(s *session) (*playground.CallError, []any) {
			l, at := s.listen(playground.Listen{Network: "machine"})
			_, port, _ := net.SplitHostPort(at)
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:" + port}).Calls[0]), []any{port, l, at}
		}, "ECONNREFUSED", "Nothing listens on 192.0.2.2:%s: the SYN was answered with RST. %s listens on %s of this machine, not in the Lab."},

		{"an address of the other host of the Lab", openLab, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Listen{Network: inLab, Address: "192.0.2.1:8330"}).Calls[0]), nil
		}, "EADDRNOTAVAIL", "192.0.2.1 is no address of the server, which has 192.0.2.2, 2001:db8::2, and its own 127.0.0.1 and ::1."},

		{"a Dial from an address of the other host", openLab, func(s *session) (*playground.CallError, []any) {
			l := s.listenLab(playground.Listen{})
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: l, Local: "192.0.2.2:0"}).Calls[0]), nil
		}, "EADDRNOTAVAIL", "192.0.2.2 is no address of the client, which has 192.0.2.1, 2001:db8::1, and its own 127.0.0.1 and ::1."},

		{"IPv6 is off in the host", openLab, func(s *session) (*playground.CallError, []any) {
			s.output("client", "sysctl", "-w", "net.ipv6.conf.all.disable_ipv6=1")
			return s.failed(s.do(&playground.Listen{Network: inLab, Host: "client", Address: "[::1]:8330"}).Calls[0]), nil
		}, "EADDRNOTAVAIL", "The client does not have ::1 now: the address was taken away there, or, if it is one of IPv6, IPv6 is switched off there (net.ipv6.conf.all.disable_ipv6)."},

		{"IPv6 is off in the other host", openLab, func(s *session) (*playground.CallError, []any) {
			s.output("server", "sysctl", "-w", "net.ipv6.conf.all.disable_ipv6=1")
			return s.failed(s.do(&playground.Listen{Network: inLab, Address: "[2001:db8::2]:8330"}).Calls[0]), nil
		}, "EADDRNOTAVAIL", "The server does not have 2001:db8::2 now: the address was taken away there, or, if it is one of IPv6, IPv6 is switched off there (net.ipv6.conf.all.disable_ipv6)."},

		{"to IPv4 from IPv6", machine, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Address: "127.0.0.1:8463", Local: "[::1]:0"}).Calls[0]), nil
		}, "", mixed},

		{"to IPv6 from IPv4", machine, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Address: "[::1]:8463", Local: "127.0.0.1:0"}).Calls[0]), nil
		}, "", mixed},

		{"to a name of IPv4 from IPv6", openLab, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "server:8463", Local: "[2001:db8::1]:0"}).Calls[0]), nil
		}, "", mixed},

		{"the peer was destroyed", openLab, func(s *session) (*playground.CallError, []any) {
			l := s.listenLab(playground.Listen{Behavior: playground.BehaviorEcho})
			c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
			s.inState(l+".1", playground.StateEstablished)
			s.destroy("server", "state established sport = 8330")
			s.inReason(l+".1", playground.ReasonDestroyed)
			s.inState(c, playground.StateClosed)
			return s.read(c).Error, []any{l + ".1"}
		}, "ECONNRESET", "%s was destroyed, as ss -K does: its kernel sent RST for it."},

		{"writing on what was destroyed", openLab, func(s *session) (*playground.CallError, []any) {
			c, _ := s.connectedLab()
			s.destroy("client", "dport = 8330")
			s.inReason(c, playground.ReasonDestroyed)
			s.read(c) // takes ECONNABORTED
			return s.write(c, "x").Error, nil
		}, "EPIPE", "The connection was destroyed on this machine, as ss -K does, so nothing can be sent any more."},

		{"every local port is in use", openLab, func(s *session) (*playground.CallError, []any) {
			l := s.listenLab(playground.Listen{})
			s.do(&playground.SetKernel{Host: "client", Name: "ip_local_port_range", Value: "50000 50000"})
			s.dial(playground.Dial{Address: l})
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "192.0.2.2:8330"}).Calls[0]), nil
		}, "EADDRNOTAVAIL", "Every local port (net.ipv4.ip_local_port_range) is in use towards 192.0.2.2:8330: close a connection first."},

		{"the limited broadcast address", openLab, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "255.255.255.255:80"}).Calls[0]), nil
		}, "ENETUNREACH", "255.255.255.255 is a broadcast address, which stands for many hosts; a TCP connection has exactly two ends."},

		{"the cable's broadcast address", openLab, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "192.0.2.255:80"}).Calls[0]), nil
		}, "ENETUNREACH", "192.0.2.255 is a broadcast address, which stands for many hosts; a TCP connection has exactly two ends."},

		{"loopback's broadcast address", machine, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Address: "127.255.255.255:80"}).Calls[0]), nil
		}, "ENETUNREACH", "127.255.255.255 is a broadcast address, which stands for many hosts; a TCP connection has exactly two ends."},

		{"a multicast address", openLab, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "224.0.0.1:80"}).Calls[0]), nil
		}, "ENETUNREACH", "224.0.0.1 is a multicast address, which stands for many hosts; a TCP connection has exactly two ends."},

		{"a multicast address of IPv6", openLab, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "[ff02::1]:80"}).Calls[0]), nil
		}, "ENETUNREACH", "ff02::1 is a multicast address, which stands for many hosts; a TCP connection has exactly two ends."},

		{"no route", openLab, func(s *session) (*playground.CallError, []any) {
			return s.failed(s.do(&playground.Dial{Network: inLab, Address: "198.51.100.1:80"}).Calls[0]), nil
		}, "ENETUNREACH", "This host has no route to that address, or it is one of broadcast or multicast, to which TCP cannot connect."},

		{"the listener closed with its queue", openLab, func(s *session) (*playground.CallError, []any) {
			l := s.listenLab(playground.Listen{})
			c := s.dial(playground.Dial{Address: l, ReadMode: playground.ReadManual})
			s.inState(l+".1", playground.StateEstablished)
			s.do(&playground.Close{Socket: l})
			s.inState(c, playground.StateClosed)
			return s.read(c).Error, []any{l}
		}, "ECONNRESET", "%s was closed while this connection waited in its accept queue, and the kernel resets those that nobody accepted."},

		{"the peer was reset by hand", openLab, func(s *session) (*playground.CallError, []any) {
			c, server := s.connectedLab()
			s.do(&playground.Reset{Socket: server})
			s.inState(c, playground.StateClosed)
			return s.read(c).Error, []any{server}
		}, "ECONNRESET", "%s sent RST instead of FIN: it was closed with unread data, or reset by hand (linger 0)."},

		{"writing after the peer's reset", openLab, func(s *session) (*playground.CallError, []any) {
			c, server := s.connectedLab()
			s.do(&playground.Reset{Socket: server})
			s.inState(c, playground.StateClosed)
			s.read(c) // takes ECONNRESET
			return s.write(c, "x").Error, nil
		}, "EPIPE", "The peer's RST has ended this connection, so nothing can be sent any more."},

		{"writing after the half-close", openLab, func(s *session) (*playground.CallError, []any) {
			c, _ := s.connectedLab()
			s.returned(s.do(&playground.CloseWrite{Socket: c}).Calls[0])
			s.inState(c, playground.StateFinWait2)
			return s.write(c, "x").Error, nil
		}, "EPIPE", "This end closed its sending side itself; it can only read."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, values := test.fail(test.open(t))
			if got == nil {
				t.Fatal("the call succeeded")
			}
			if got.Errno != test.errno {
				t.Errorf("errno: got %q (%s), want %q", got.Errno, got.Text, test.errno)
			}
			if want := fmt.Sprintf(test.why, values...); got.Why != want {
				t.Errorf("why:\n got %s\nwant %s", got.Why, want)
			}
		})
	}
}

func second(_, b string) string { return b }

// TestWhoHoldsThePort: another program is named by its process.
func TestWhoHoldsThePort(t *testing.T) {
	s := open(t)
	program := exec.CommandContext(s.ctx, "python3", "-c",
		"import socket, sys; l = socket.create_server(('127.0.0.1', 0)); print(l.getsockname()[1], flush=True); sys.stdin.read()")
	stdin, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	var port int
	if _, err := fmt.Fscan(stdout, &port); err != nil {
		t.Fatal(err)
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", program.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	e := s.failed(s.do(&playground.Listen{Address: fmt.Sprintf("127.0.0.1:%d", port)}).Calls[0])
	want := fmt.Sprintf("%s (process %d) listens on 127.0.0.1:%d: end it, or choose another port.", strings.TrimSpace(string(name)), program.Process.Pid, port)
	if e.Errno != "EADDRINUSE" || e.Why != want {
		t.Errorf("%s\n got %s\nwant %s", e.Errno, e.Why, want)
	}
	stdin.Close()
	if err := program.Wait(); err != nil {
		t.Error(err)
	}
}
