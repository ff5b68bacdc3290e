package playground

import (
	"slices"
	"strconv"
)

// The fields of each kind, in the order of its struct.

func (e *SocketOpened) appendFields(w *jsonWriter) {
	w.str("kind", e.Kind)
	w.str("host", e.Host)
	w.str("network", e.Network)
	w.optStr("family", e.Family)
	w.optStr("local", e.Local)
	w.optStr("remote", e.Remote)
	w.optStr("device", e.Device)
	w.optStr("listener", e.Listener)
	w.optStr("behavior", string(e.Behavior))
	w.optSettings(e.Settings)
	w.optInt("backlog", int64(e.Backlog))
	w.optStr("read_mode", string(e.ReadMode))
	w.optUint("call", e.Call)
	w.optStr("cookie", e.Cookie)
	w.optTrue("accepted", e.Accepted)
}

func (e *AddressAssigned) appendFields(w *jsonWriter) {
	w.optStr("family", e.Family)
	w.optStr("local", e.Local)
	w.optStr("remote", e.Remote)
	w.optStr("cookie", e.Cookie)
}

func (e *ConnAccepted) appendFields(w *jsonWriter) {
	w.str("listener", e.Listener)
	w.optUint("call", e.Call)
	w.optStr("read_mode", string(e.ReadMode))
}

func (e *PeerFound) appendFields(w *jsonWriter) { w.str("peer", e.Peer) }

func (e *ProcessFound) appendFields(w *jsonWriter) { w.object("process", e.Process.appendFields) }

func (p Process) appendFields(w *jsonWriter) {
	w.int("pid", int64(p.PID))
	w.str("name", p.Name)
	w.optTrue("inferred", p.Inferred)
}

func (e *CallStarted) appendFields(w *jsonWriter) {
	w.int("call", int64(e.Call))
	w.str("op", e.Op)
	w.optStr("args", e.Args)
	w.optStr("host", e.Host)
	w.optStr("by", e.By)
	w.optInt("bytes", e.Bytes)
	w.optBytes("data", e.Data)
	if len(e.Options) > 0 {
		w.object("options", e.Options.appendFields)
	}
	w.optStr("local", e.Local)
	w.optInt("timeout_ms", e.TimeoutMS)
}

func (e *CallReturned) appendFields(w *jsonWriter) {
	w.int("call", int64(e.Call))
	w.str("op", e.Op)
	w.optStr("args", e.Args)
	w.optStr("host", e.Host)
	w.optStr("by", e.By)
	w.int("started_ns", e.StartedNS)
	w.int("returned_ns", e.ReturnedNS)
	w.str("result", e.Result)
	w.optInt("n", e.N)
	w.optInt("bytes", e.Bytes)
	w.optBytes("data", e.Data)
	w.optError(e.Error)
}

func (e *CallsSummarised) appendFields(w *jsonWriter) {
	w.str("op", e.Op)
	w.optStr("by", e.By)
	w.int("calls", e.Calls)
	w.int("bytes", e.Bytes)
	w.int("first_ns", e.FirstNS)
	w.int("last_ns", e.LastNS)
	w.optBytes("data", e.Data)
}

func (e *StateChanged) appendFields(w *jsonWriter) {
	w.str("from", string(e.From))
	w.str("to", string(e.To))
	w.optUint("cause", e.Cause)
	w.optUint("segment", e.Segment)
	w.optStr("edge", e.Edge)
	w.optStr("timer", e.Timer)
	w.optStr("reason", e.Reason)
}

func (e *MetricsSampled) appendFields(w *jsonWriter) { w.object("metrics", e.Metrics.appendFields) }

func (m *Metrics) appendFields(w *jsonWriter) {
	w.int("recv_q", m.RecvQ)
	w.int("send_q", m.SendQ)
	if m.Timer != nil {
		w.object("timer", m.Timer.appendFields)
	}
	w.optInt("rcvbuf", m.RcvBuf)
	w.optInt("sndbuf", m.SndBuf)
	w.optInt("rmem", m.RMem)
	w.optInt("wmem", m.WMem)
	w.optInt("drops", m.Drops)
	w.optInt("uid", int64(m.UID))
	w.optInt("inode", int64(m.Inode))
	w.optStr("congestion", m.Congestion)
	if m.Info != nil {
		w.object("info", m.Info.appendFields)
	}
}

func (t *Timer) appendFields(w *jsonWriter) {
	w.str("kind", t.Kind)
	w.optStrs("for", t.For)
	w.int("expires_ms", t.ExpiresMS)
	w.int("retransmits", t.Retransmits)
}

func (i *TCPInfo) appendFields(w *jsonWriter) {
	w.optInt("rtt_us", i.RTTUS)
	w.optInt("rttvar_us", i.RTTVarUS)
	w.optInt("min_rtt_us", i.MinRTTUS)
	w.optInt("rto_us", i.RTOUS)
	w.optInt("ato_us", i.ATOUS)
	w.optInt("cwnd", i.Cwnd)
	w.optInt("ssthresh", i.Ssthresh)
	w.optInt("mss", i.MSS)
	w.optInt("rcv_mss", i.RcvMSS)
	w.optInt("pmtu", i.PMTU)
	w.optInt("unacked", i.Unacked)
	w.optInt("retrans", i.Retrans)
	w.optInt("total_retrans", i.TotalRetrans)
	w.optInt("lost", i.Lost)
	w.optInt("sacked", i.Sacked)
	w.optInt("backoff", i.Backoff)
	w.optInt("retransmits", i.Retransmits)
	w.optInt("probes", i.Probes)
	w.int("snd_wnd", i.SndWnd)
	w.int("rcv_wnd", i.RcvWnd)
	w.optInt("rcv_space", i.RcvSpace)
	w.optInt("rcv_ssthresh", i.RcvSsthresh)
	w.optInt("bytes_sent", i.BytesSent)
	w.optInt("bytes_acked", i.BytesAcked)
	w.optInt("bytes_received", i.BytesReceived)
	w.optInt("bytes_retrans", i.BytesRetrans)
	w.optInt("segs_out", i.SegsOut)
	w.optInt("segs_in", i.SegsIn)
	w.optInt("data_segs_out", i.DataSegsOut)
	w.optInt("data_segs_in", i.DataSegsIn)
	w.optInt("notsent_bytes", i.NotsentBytes)
	w.optInt("delivery_rate_bps", i.DeliveryRateBPS)
	w.optInt("pacing_rate_bps", i.PacingRateBPS)
	w.optInt("busy_us", i.BusyUS)
	w.optInt("rwnd_limited_us", i.RwndLimitedUS)
	w.optInt("sndbuf_limited_us", i.SndbufLimitedUS)
	w.optInt("last_data_sent_ms", i.LastDataSentMS)
	w.optInt("last_data_recv_ms", i.LastDataRecvMS)
	w.optInt("snd_wscale", i.SndWscale)
	w.optInt("rcv_wscale", i.RcvWscale)
	w.optStrs("options", i.Options)
	w.optTrue("delivery_rate_app_limited", i.DeliveryRateAppLimited)
}

func (e *OptionsRead) appendFields(w *jsonWriter) {
	w.object("options", e.Options.appendFields)
	if len(e.Unsupported) > 0 {
		w.object("unsupported", func(w *jsonWriter) {
			for _, name := range sortedKeys(e.Unsupported) {
				w.name(name)
				w.buf = appendString(w.buf, e.Unsupported[name])
			}
		})
	}
}

func (o Options) appendFields(w *jsonWriter) {
	for _, name := range sortedKeys(o) {
		w.name(name)
		switch v := o[name].(type) {
		case bool:
			w.buf = strconv.AppendBool(w.buf, v)
		case int64:
			w.buf = strconv.AppendInt(w.buf, v, 10)
		case string:
			w.buf = appendString(w.buf, v)
		default: // nothing else is ever put in
			w.buf = append(w.buf, "null"...)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (e *BehaviorChanged) appendFields(w *jsonWriter) {
	w.str("behavior", string(e.Behavior))
	w.optSettings(e.Settings)
}

func (s *BehaviorSettings) appendFields(w *jsonWriter) {
	w.optStr("banner", s.Banner)
	w.optInt("bytes", s.Bytes)
	w.optInt("interval_ms", s.IntervalMS)
}

func (e *ReadModeChanged) appendFields(w *jsonWriter) { w.str("read_mode", string(e.ReadMode)) }

func (e *DeadlineSet) appendFields(w *jsonWriter) {
	w.str("kind", e.Kind)
	w.optInt("after_ms", e.AfterMS)
}

func (e *DescriptorClosed) appendFields(w *jsonWriter) { w.optUint("call", e.Call) }

func (e *TransferStarted) appendFields(w *jsonWriter) {
	w.int("transfer", int64(e.Transfer))
	w.str("encoding", e.Encoding)
	w.int("bytes", e.Bytes)
	w.int("chunk", int64(e.Chunk))
	w.optInt("interval_ms", e.IntervalMS)
}

func (e *TransferFinished) appendFields(w *jsonWriter) {
	w.int("transfer", int64(e.Transfer))
	w.int("bytes", e.Bytes)
	w.int("started_ns", e.StartedNS)
	w.optTrue("cancelled", e.Cancelled)
	w.optError(e.Error)
}

func (e *DigestComputed) appendFields(w *jsonWriter) {
	w.str("direction", e.Direction)
	w.int("bytes", e.Bytes)
	w.str("sha256", e.SHA256)
	w.int("from", e.From)
}

func (e *SocketRemoved) appendFields(*jsonWriter) {}

func (e *EventsLost) appendFields(w *jsonWriter) {
	w.int("count", e.Count)
	w.str("what", e.What)
}

func (e *Notice) appendFields(w *jsonWriter) {
	w.str("level", e.Level)
	w.str("code", e.Code)
	w.str("message", e.Message)
}

func (e *CallError) appendFields(w *jsonWriter) {
	w.str("text", e.Text)
	w.optStr("errno", e.Errno)
	w.str("kind", e.Kind)
	w.str("why", e.Why)
	w.optStr("ended_by", e.EndedBy)
	w.optStr("holder", e.Holder)
}
