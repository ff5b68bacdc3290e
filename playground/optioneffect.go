package playground

import "fmt"

// unheeded says what an option that was just set does not do, where the kernel takes the value and pays no heed to it; empty
// where it has its effect. now is what all options are. The page tells it at once, for the call itself returns nil.
func (c *socket) unheeded(name string, now Options) string {
	switch name {
	case "MaxSeg":
		if c.kind == KindConn { // tcp_mss_to_mtu, net/ipv4/tcp_output.c, is asked with what the SYNs agreed on
			return fmt.Sprintf("MaxSeg of %s has no effect now: its SYNs have agreed on the size of its segments. Set it in Dial, or on a listener for connections to come.", c.id)
		}
	case "DeferAccept":
		if c.kind == KindConn {
			return fmt.Sprintf("DeferAccept of %s has no effect now: it is about the handshake, which is over. Set it on a listener for connections to come.", c.id)
		}
	case "KeepAliveIdle", "KeepAliveInterval", "KeepAliveCount":
		if now["KeepAlive"] == false {
			return fmt.Sprintf("%s of %s has no effect as long as KeepAlive is off.", name, c.id)
		}
		if timeout, _ := now["UserTimeout"].(int64); name == "KeepAliveCount" && timeout > 0 { // tcp_keepalive_timer, net/ipv4/tcp_timer.c
			return fmt.Sprintf("KeepAliveCount of %s has no effect as long as UserTimeout is set: time ends the connection, and no count of probes.", c.id)
		}
	case "RcvBuf":
		size, _ := now["RcvBuf"].(int64)
		if c.kind != KindConn || c.metrics == nil || c.metrics.Info == nil {
			break
		}
		// RFC 7323 §2.2: the scale is sent in the SYN and holds for good.
		if most := int64(65535) << c.metrics.Info.RcvWscale; size > most {
			return fmt.Sprintf("The window of %s stays at %d bytes at most, however large RcvBuf is: its scale was fixed in the SYN. Set RcvBuf in Dial or Listen.", c.id, most)
		}
	}
	return ""
}
