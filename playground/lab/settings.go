package lab

// settings are the kernel settings that a host of a Lab may have of its own: those of TCP that one can see at work.
// The kernel has some 80 more per network namespace (net/ipv4/sysctl_net_ipv4.c).
var settings = []Setting{
	{Name: "tcp_syn_retries", Sentence: "How often a SYN is sent again before connect gives up.", Values: "1 to 127"},
	{Name: "tcp_syn_linear_timeouts", Sentence: "How many of those repeats come one second apart before the wait doubles each time.", Values: "0 to 127"},
	{Name: "tcp_synack_retries", Sentence: "How often a SYN, ACK is sent again before the half-open connection is dropped.", Values: "0 to 255"},
	{Name: "somaxconn", Sentence: "The longest accept queue that a listener can have, whatever backlog it asks for.", Values: "a number of connections"},
	{Name: "tcp_abort_on_overflow", Sentence: "Whether a listener whose accept queue is full answers the handshake's last ACK with a RST, instead of leaving it unanswered.", Values: "0 no, 1 yes"},
	{Name: "tcp_retries2", Sentence: "How often data is sent again without an answer before the connection is given up.", Values: "0 to 255"},
	{Name: "tcp_rto_min_us", Sentence: "The shortest time before data is sent again.", Values: "microseconds, 1 to 1000000"},
	{Name: "tcp_orphan_retries", Sentence: "How often data is sent again after the program has closed the socket; 0 means 8 times.", Values: "0 to 255"},
	{Name: "tcp_fin_timeout", Sentence: "How long a closed socket waits in FIN_WAIT_2 for the other side's FIN; TIME_WAIT is always 60 seconds.", Values: "seconds"},
	{Name: "tcp_tw_reuse", Sentence: "Whether connect may take the port of a connection that is in TIME_WAIT.", Values: "0 no, 1 yes, 2 on loopback only"},
	{Name: "tcp_keepalive_time", Sentence: "How long a connection is idle before keepalive asks whether the other side is there, unless the socket says otherwise.", Values: "seconds, 1 to 32767"},
	{Name: "tcp_keepalive_intvl", Sentence: "The time between keepalive probes, unless the socket says otherwise.", Values: "seconds, 1 to 32767"},
	{Name: "tcp_keepalive_probes", Sentence: "How many unanswered keepalive probes end the connection, unless the socket says otherwise.", Values: "1 to 127"},
	{Name: "tcp_congestion_control", Sentence: "What decides how much may be on the wire at once, for connections made from now on.", Values: "a name"},
	{Name: "tcp_slow_start_after_idle", Sentence: "Whether a connection that was idle starts slowly again.", Values: "0 no, 1 yes"},
	{Name: "tcp_window_scaling", Sentence: "Whether new connections offer windows above 65535 bytes.", Values: "0 no, 1 yes"},
	{Name: "tcp_sack", Sentence: "Whether new connections offer to acknowledge what arrived behind a gap.", Values: "0 no, 1 yes"},
	{Name: "tcp_timestamps", Sentence: "Whether the segments of new connections carry timestamps.", Values: "0 no, 1 yes with a random offset, 2 yes"},
	{Name: "tcp_rmem", Sentence: "The receive buffer of a connection: smallest, at first, largest.", Values: "three numbers of bytes"},
	{Name: "tcp_wmem", Sentence: "The send buffer of a connection: smallest, at first, largest.", Values: "three numbers of bytes"},
	{Name: "ip_local_port_range", Sentence: "The first and last port that connect chooses from.", Values: "two numbers, 1 to 65535"},
}
