package playground

import (
	"fmt"
	"os"
)

// ephemeralPorts is the range that connect(2) chooses local ports from (ip(7), ip_local_port_range).
func ephemeralPorts() (low, high uint16, ok bool) {
	b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 0, 0, false
	}
	_, err = fmt.Sscan(string(b), &low, &high)
	return low, high, err == nil
}
