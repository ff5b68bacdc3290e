package playground_test

import (
	"fmt"
	"maps"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"

	"socketplayground/playground"
)

// row is one socket as ss(8) and the playground both show it.
type row struct {
	state         playground.State
	recvQ, sendQ  int64
	local, remote string
}

// ssStates are the names that ss gives the states (iproute2, misc/ss.c).
var ssStates = map[string]playground.State{
	"LISTEN": playground.StateListen, "SYN-SENT": playground.StateSynSent, "SYN-RECV": playground.StateSynRcvd,
	"ESTAB": playground.StateEstablished, "FIN-WAIT-1": playground.StateFinWait1, "FIN-WAIT-2": playground.StateFinWait2,
	"CLOSE-WAIT": playground.StateCloseWait, "CLOSING": playground.StateClosing, "LAST-ACK": playground.StateLastAck,
	"TIME-WAIT": playground.StateTimeWait,
}

// agrees waits until the playground and ss say the same about every socket on a port: which there are, their states,
// queues and addresses. Both look at their own moment, so they are asked until they agree.
func (s *session) agrees(port uint16) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("the playground and ss agree about port %d", port), func() error {
		theirs, err := ssRows(port)
		if err != nil {
			return err
		}
		ours := s.rows(port)
		if !maps.Equal(ours, theirs) {
			return fmt.Errorf("the playground has (each with how many)\n%v\nand ss has\n%v", ours, theirs)
		}
		return nil
	})
}

// rows are the session's sockets on a port that the kernel still has.
func (s *session) rows(port uint16) map[row]int {
	rows := map[row]int{}
	for _, v := range s.Log().Now().Sockets {
		if v.State == playground.StateClosed || !strings.HasSuffix(v.Local, fmt.Sprintf(":%d", port)) && !strings.HasSuffix(v.Remote, fmt.Sprintf(":%d", port)) {
			continue
		}
		r := row{state: v.State, local: v.Local, remote: v.Remote}
		if v.Metrics != nil {
			r.recvQ, r.sendQ = v.Metrics.RecvQ, v.Metrics.SendQ
		}
		rows[r]++
	}
	return rows
}

func ssRows(port uint16) (map[row]int, error) {
	out, err := exec.Command("ss", "-tanH", fmt.Sprintf("( sport = :%d or dport = :%d )", port, port)).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	rows := map[row]int{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) < 5 {
			return nil, fmt.Errorf("ss says %q", line)
		}
		r := row{state: ssStates[f[0]]}
		if r.state == "" {
			return nil, fmt.Errorf("ss has a state %q", f[0])
		}
		if r.recvQ, err = strconv.ParseInt(f[1], 10, 64); err != nil {
			return nil, err
		}
		if r.sendQ, err = strconv.ParseInt(f[2], 10, 64); err != nil {
			return nil, err
		}
		if r.local, err = ssAddress(f[3]); err != nil {
			return nil, err
		}
		if r.remote, err = ssAddress(f[4]); err != nil {
			return nil, err
		}
		rows[r]++
	}
	return rows, nil
}

// ssAddress reads an address as ss spells it: *:8330 for a dual-stack wildcard, *%lo:8330 where that is kept to a
// device, [::ffff:127.0.0.1]:8330 for IPv4 in an IPv6 socket. A listener's remote side is no address: empty.
func ssAddress(text string) (string, error) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 {
		return "", fmt.Errorf("ss has an address %q", text)
	}
	host, port := text[:i], text[i+1:]
	if port == "*" {
		return "", nil
	}
	host, _, _ = strings.Cut(host, "%")
	host = strings.Trim(host, "[]")
	if host == "*" {
		host = "::"
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return "", err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", err
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)).String(), nil
}
