package playground

import (
	"slices"

	"socketplayground/playground/sockdiag"
)

// Timer is the kernel's timer of a socket (idiag_timer of inet_diag, include/uapi/linux/inet_diag.h).
type Timer struct {
	// Kind is the kernel's number as a word: retransmit (1), keepalive (2), time_wait (3), persist (4). One kind serves
	// several purposes: see For.
	Kind string `json:"kind"`
	// For is what the timer may be for. With more than one the kernel does not tell which.
	For         []string `json:"for,omitempty"`
	ExpiresMS   int64    `json:"expires_ms"`
	Retransmits int64    `json:"retransmits"` // timeouts that sent something again; probes, for keepalive and persist
}

// The values of Timer.For.
const (
	TimerForSYN         = "syn"          // sends the SYN again
	TimerForSYNACK      = "syn_ack"      // sends the SYN, ACK again
	TimerForRTO         = "rto"          // sends the oldest unacknowledged segment again (RFC 6298)
	TimerForTLP         = "tlp"          // a tail loss probe: new data, or the last segment again (RFC 8985 §7)
	TimerForReordering  = "reordering"   // holds for lost what later segments have overtaken (RFC 8985 §6.2)
	TimerForKeepalive   = "keepalive"    // asks a silent peer for a sign of life (RFC 9293 §3.8.4)
	TimerForFinWait2    = "fin_wait_2"   // ends the wait for a FIN of which no program will learn (tcp_fin_timeout)
	TimerForTimeWait    = "time_wait"    // ends TIME_WAIT
	TimerForWindowProbe = "window_probe" // asks for the window, or sends what fits into it (RFC 9293 §3.8.6.1)
)

func timerOf(r sockdiag.Socket) *Timer {
	if r.Timer == sockdiag.TimerNone {
		return nil
	}
	return &Timer{Kind: r.Timer.String(), For: timerFor(r), ExpiresMS: r.Expires.Milliseconds(), Retransmits: int64(r.Retransmits)}
}

// timerFor says what the timer of a row may be for.
func timerFor(r sockdiag.Socket) []string {
	switch r.Timer {
	case sockdiag.TimerRetransmit:
		return retransmitFor(r)
	case sockdiag.TimerKeepalive:
		// tcp_keepalive_timer (net/ipv4/tcp_timer.c) serves a socket without a program in FIN_WAIT_2 for nothing but this
		// wait, as long as it is not for a time-wait socket: for what tcp_fin_timeout has above 60 s.
		if r.State == sockdiag.FinWait2 && r.Inode == 0 {
			return []string{TimerForFinWait2}
		}
		return []string{TimerForKeepalive}
	case sockdiag.TimerTimeWait:
		// The small socket of TIME_WAIT waits in FIN_WAIT_2 too (tcp_time_wait, net/ipv4/tcp_minisocks.c).
		if r.State == sockdiag.FinWait2 {
			return []string{TimerForFinWait2}
		}
		return []string{TimerForTimeWait}
	case sockdiag.TimerPersist:
		return []string{TimerForWindowProbe}
	}
	return nil
}

// retransmitFor is timerFor of kind 1, by which the kernel means ICSK_TIME_RETRANS, ICSK_TIME_LOSS_PROBE and
// ICSK_TIME_REO_TIMEOUT alike (inet_sk_diag_fill, net/ipv4/inet_diag.c). The last two need SACK; a probe, a connection
// that has no loss to repair and no probe in flight (tcp_schedule_loss_probe, net/ipv4/tcp_output.c); reordering, a
// segment that arrived before an older one.
func retransmitFor(r sockdiag.Socket) []string {
	switch {
	case r.State == sockdiag.SynSent:
		return []string{TimerForSYN}
	case r.State == sockdiag.SynRecv:
		return []string{TimerForSYNACK}
	}
	may := []string{TimerForRTO}
	i := r.Info
	sack := i == nil || i.Options&sockdiag.OptSACK != 0
	if sack && (i == nil || i.Retransmits == 0 && i.Retrans == 0 && (i.CAState == sockdiag.CAOpen || i.CAState == sockdiag.CACWR)) {
		may = append(may, TimerForTLP)
	}
	if sack && (i == nil || i.Sacked > 0) {
		may = append(may, TimerForReordering)
	}
	return may
}

// name is the timer as a check and the end of a state name it: its kind, or the wait for a FIN that two kinds serve.
func (t *Timer) name() string {
	if slices.Contains(t.For, TimerForFinWait2) {
		return TimerForFinWait2
	}
	return t.Kind
}
