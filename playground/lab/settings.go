package lab

// settings are the kernel settings that a host of a Lab may have of its own: those of TCP that one can see at work. A
// sentence says what the kernel does with the number, which is often not what the name says; each was seen with two values.
// Values says what the numbers mean, where they are of a unit; which of them the kernel takes is its own answer
// (System.Settings).
// The kernel has some 80 more per network namespace (net/ipv4/sysctl_net_ipv4.c).
var settings = []Setting{
	// tcp_write_timeout, net/ipv4/tcp_timer.c: as many repeats as the two settings together, and no longer than so many
	// doubled waits take. Before Linux 6.5 there were no linear ones.
	{Name: "tcp_syn_retries", Sentence: "How long connect tries: 1 is 3 seconds, 2 is 7, 6 some two minutes. " +
		"Where each wait is twice the one before, that is as many SYNs sent again as the number says; with tcp_syn_linear_timeouts at 4 more fit in: 1 gives 2, 2 gives 5, 3 gives 7, 6 gives 10."},
	{Name: "tcp_syn_linear_timeouts", Sentence: "How many repeated SYNs leave the next wait at one second before it doubles each time: " +
		"with 4 a SYN leaves after 0, 1, 2, 3, 4, 5, 7, 11 seconds, with 0 after 0, 1, 3, 7. tcp_syn_retries ends it.", Since: "6.5"},
	{Name: "tcp_synack_retries", Sentence: "How often at most a SYN, ACK is sent again before the half-open connection is dropped, each wait twice the one before: " +
		"0 is 1 second, 1 is 3, 5 is 63. Answers to a repeated SYN do not count."},
	{Name: "somaxconn", Sentence: "The largest backlog that listen takes from now on; a larger one is cut to it. The accept queue holds one connection more than the backlog.", Values: "connections"},
	{Name: "tcp_abort_on_overflow", Sentence: "Whether a listener whose accept queue is full answers the handshake's last ACK with a RST, instead of leaving it unanswered. A SYN that finds it full is dropped in either case.", Values: "0 no, 1 yes"},
	// retransmits_timed_out and tcp_model_timeout, net/ipv4/tcp_timer.c: 200 ms doubled so many times, whatever
	// tcp_rto_min_us is, and 120 s a time above 9.
	{Name: "tcp_retries2", Sentence: "How long data may stay unacknowledged, counted from the first timeout: 1 is 0.6 seconds, 3 is 3, 8 is 102, 15 is 924. " +
		"The connection fails with ETIMEDOUT when the next wait after that is over, so more repeats fit in than the number says: 3 gives 5, the tail loss probe among them. A socket's UserTimeout takes its place."},
	{Name: "tcp_rto_min_us", Sentence: "The shortest retransmission timeout of sockets opened from now on, and what the tail loss probe of a single segment waits beside two round trips. The kernel counts both in ticks of some milliseconds. A SYN waits a second in any case.", Values: "microseconds", Since: "6.11"},
	{Name: "tcp_orphan_retries", Sentence: "What tcp_retries2 is, for a socket that its program has closed: 1 is 0.6 seconds, 2 is 1.4, 3 is 3; 0 is taken for 8, which is 102. More repeats fit in than the number says: 1 gives 3, 2 gives 4."},
	// tcp_fin_time, include/net/tcp.h: at least 3.5 timeouts.
	{Name: "tcp_fin_timeout", Sentence: "How long a closed socket waits in FIN_WAIT_2 for the other side's FIN, but no less than 3.5 retransmission timeouts; TIME_WAIT is always 60 seconds.", Values: "seconds"},
	{Name: "tcp_tw_reuse", Sentence: "Whether connect may choose a port whose connection to the same address has been in TIME_WAIT for a second, if both had timestamps. " +
		"A port that the program binds itself is not asked about: where both sockets have SO_REUSEADDR it is taken at once, even with 0.", Values: "0 no, 1 yes, 2 on loopback only"},
	{Name: "tcp_keepalive_time", Sentence: "How long a connection with keep-alive is idle before the first probe, unless the socket says otherwise. Go's do: 15 seconds.", Values: "seconds"},
	{Name: "tcp_keepalive_intvl", Sentence: "The time between keep-alive probes without an answer, unless the socket says otherwise. Go's do: 15 seconds.", Values: "seconds"},
	{Name: "tcp_keepalive_probes", Sentence: "How many unanswered keep-alive probes end the connection, unless the socket says otherwise. Go's do: 9. With UserTimeout time decides, and no count."},
	{Name: "tcp_congestion_control", Sentence: "What decides how much may be on the wire at once, for connections made from now on.", Values: "a name", Word: true},
	// tcp_slow_start_after_idle_check, include/net/tcp.h
	{Name: "tcp_slow_start_after_idle", Sentence: "Whether a connection that sent nothing for longer than its retransmission timeout starts slowly again: its congestion window is halved for each such timeout, down to 10. bbr leaves it as it is.", Values: "0 no, 1 yes"},
	{Name: "tcp_window_scaling", Sentence: "Whether new connections may offer windows above 65535 bytes. It takes both ends: where one has 0, neither does.", Values: "0 no, 1 yes"},
	{Name: "tcp_sack", Sentence: "Whether new connections acknowledge what arrived behind a gap. It takes both ends.", Values: "0 no, 1 yes"},
	{Name: "tcp_timestamps", Sentence: "Whether the segments of new connections carry timestamps. It takes both ends.", Values: "0 no, 1 yes with a random offset, 2 yes"},
	{Name: "tcp_rmem", Sentence: "The receive buffer of a connection: smallest, when its socket is opened, largest to which the kernel lets it grow. RcvBuf of a socket takes its place.", Values: "three numbers of bytes", Numbers: 3},
	{Name: "tcp_wmem", Sentence: "The send buffer of a connection: smallest, when its socket is opened, largest. The kernel enlarges it as soon as the connection is open, up to the largest. SndBuf of a socket takes its place.", Values: "three numbers of bytes", Numbers: 3},
	// __inet_hash_connect, net/ipv4/inet_hashtables.c; ipv4_local_port_range, net/ipv4/sysctl_net_ipv4.c
	{Name: "ip_local_port_range", Sentence: "The first and last port that connect chooses from; of an odd number of ports one is left out.", Values: "two numbers, none below ip_unprivileged_port_start", Numbers: 2},
}
