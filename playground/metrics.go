package playground

// Metrics are a socket's numbers at one moment. Zero means zero or not available, except where a pointer tells.
type Metrics struct {
	RecvQ      int64    `json:"recv_q"` // bytes not yet read; for a listener, connections in the accept queue
	SendQ      int64    `json:"send_q"` // bytes not yet acknowledged; for a listener, the backlog
	Timer      *Timer   `json:"timer,omitempty"`
	RcvBuf     int64    `json:"rcvbuf,omitempty"`
	SndBuf     int64    `json:"sndbuf,omitempty"`
	RMem       int64    `json:"rmem,omitempty"`
	WMem       int64    `json:"wmem,omitempty"`
	Drops      int64    `json:"drops,omitempty"` // segments that it has dropped; a listener with a full accept queue, SYNs and last ACKs (tcp_listendrop, include/net/tcp.h)
	UID        uint32   `json:"uid,omitempty"`
	Inode      uint32   `json:"inode,omitempty"`
	Congestion string   `json:"congestion,omitempty"`
	Info       *TCPInfo `json:"info,omitempty"`
}

// TCPInfo is what the playground shows of struct tcp_info (tcp(7), include/uapi/linux/tcp.h).
type TCPInfo struct {
	RTTUS           int64    `json:"rtt_us,omitempty"`
	RTTVarUS        int64    `json:"rttvar_us,omitempty"`
	MinRTTUS        int64    `json:"min_rtt_us,omitempty"`
	RTOUS           int64    `json:"rto_us,omitempty"`
	ATOUS           int64    `json:"ato_us,omitempty"`
	Cwnd            int64    `json:"cwnd,omitempty"`     // segments
	Ssthresh        int64    `json:"ssthresh,omitempty"` // segments
	MSS             int64    `json:"mss,omitempty"`
	RcvMSS          int64    `json:"rcv_mss,omitempty"`
	PMTU            int64    `json:"pmtu,omitempty"`
	Unacked         int64    `json:"unacked,omitempty"` // segments
	Retrans         int64    `json:"retrans,omitempty"` // segments in flight again
	TotalRetrans    int64    `json:"total_retrans,omitempty"`
	Lost            int64    `json:"lost,omitempty"`
	Sacked          int64    `json:"sacked,omitempty"`
	Backoff         int64    `json:"backoff,omitempty"`
	Retransmits     int64    `json:"retransmits,omitempty"` // timeouts since the last progress
	Probes          int64    `json:"probes,omitempty"`      // keepalive and window probes without an answer
	SndWnd          int64    `json:"snd_wnd"`               // bytes the peer allows; 0 is news
	RcvWnd          int64    `json:"rcv_wnd"`               // bytes that we allowed with the newest segment: offeredWindow
	RcvSpace        int64    `json:"rcv_space,omitempty"`
	RcvSsthresh     int64    `json:"rcv_ssthresh,omitempty"`
	BytesSent       int64    `json:"bytes_sent,omitempty"`
	BytesAcked      int64    `json:"bytes_acked,omitempty"`
	BytesReceived   int64    `json:"bytes_received,omitempty"`
	BytesRetrans    int64    `json:"bytes_retrans,omitempty"`
	SegsOut         int64    `json:"segs_out,omitempty"`
	SegsIn          int64    `json:"segs_in,omitempty"`
	DataSegsOut     int64    `json:"data_segs_out,omitempty"`
	DataSegsIn      int64    `json:"data_segs_in,omitempty"`
	NotsentBytes    int64    `json:"notsent_bytes,omitempty"`
	DeliveryRateBPS int64    `json:"delivery_rate_bps,omitempty"` // bits a second
	PacingRateBPS   int64    `json:"pacing_rate_bps,omitempty"`   // bits a second
	BusyUS          int64    `json:"busy_us,omitempty"`
	RwndLimitedUS   int64    `json:"rwnd_limited_us,omitempty"`
	SndbufLimitedUS int64    `json:"sndbuf_limited_us,omitempty"`
	LastDataSentMS  int64    `json:"last_data_sent_ms,omitempty"`
	LastDataRecvMS  int64    `json:"last_data_recv_ms,omitempty"`
	SndWscale       int64    `json:"snd_wscale,omitempty"`
	RcvWscale       int64    `json:"rcv_wscale,omitempty"`
	Options         []string `json:"options,omitempty"`

	// DeliveryRateAppLimited says that DeliveryRateBPS is what the program wrote, and that the path may carry more.
	DeliveryRateAppLimited bool `json:"delivery_rate_app_limited,omitempty"`
}
