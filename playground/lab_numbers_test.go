package playground_test

import (
	"encoding/json"
	"strings"
	"testing"

	"socketplayground/playground"
)

// TestKernelNumbers: a number in a kernel setting or a socket option is plain decimal, or it is refused and nothing is
// set. The kernel itself reads 010 as 8, 0x10 as 16, and of "5 6" the 5.
func TestKernelNumbers(t *testing.T) {
	s := openLab(t)
	for _, c := range []struct{ name, value, want string }{ // want: what the kernel then has; empty: refused
		{"tcp_retries2", "10", "10"},
		{"tcp_retries2", " 5 ", "5"},
		{"tcp_retries2", "010", ""},
		{"tcp_retries2", "08", ""},
		{"tcp_retries2", "00", ""},
		{"tcp_retries2", "0x10", ""},
		{"tcp_retries2", "+5", ""},
		{"tcp_retries2", "5 6", ""},
		{"tcp_retries2", "5.0", ""},
		{"tcp_retries2", "1e1", ""},
		{"tcp_fin_timeout", "020", ""},
		{"tcp_tw_reuse", "01", ""},
		{"tcp_rmem", "4096 131072 4194304", "4096 131072 4194304"},
		{"tcp_rmem", "4096\t131072 4194304", "4096 131072 4194304"},
		{"tcp_rmem", "4096 0200000 4194304", ""},
		{"tcp_rmem", "0x1000 131072 4194304", ""},
		{"tcp_rmem", "4096 131072 4194304 7", ""},
		{"tcp_wmem", "+4096 16384 4194304", ""},
		{"ip_local_port_range", "20000 30001", "20000 30001"},
		{"ip_local_port_range", "0100000 0170000", ""},
		{"ip_local_port_range", "20000 30000 5", ""},
		{"tcp_congestion_control", "reno", "reno"},
	} {
		was := s.Log().Now().Lab.Kernel["client"][c.name]
		cmd := &playground.SetKernel{Name: c.name, Value: c.value}
		if c.want != "" {
			s.do(cmd)
			was = c.want
		} else if e := s.refused(cmd); e.Field != "value" || !strings.Contains(e.Message, "the kernel reads 010 as 8") && !strings.Contains(e.Message, "which takes no more numbers than") {
			t.Errorf("%s %q is refused for its %s: %s", c.name, c.value, e.Field, e.Message)
		}
		for _, host := range []string{"client", "server"} {
			if got := strings.Join(strings.Fields(s.output(host, "cat", "/proc/sys/net/ipv4/"+c.name)), " "); got != was {
				t.Errorf("%s %q: the kernel of the %s has %s, want %s", c.name, c.value, host, got, was)
			}
		}
		// A demo file is held to the same before it runs.
		fields, err := json.Marshal(map[string]string{"name": c.name, "value": c.value})
		if err != nil {
			t.Fatal(err)
		}
		if err := playground.VetDemo("set_kernel", fields); (err == nil) != (c.want != "") {
			t.Errorf("in a demo %s %q: %v", c.name, c.value, err)
		}
	}
	id, _ := s.listen(playground.Listen{Network: "lab"})
	for _, value := range []string{"010", "0x10", "+5", "1e1", "5.0", `"5"`, `" 5 "`, "1_0", "[5]"} {
		cmd, err := playground.DecodeCommand("set_option", []byte(`{"socket":"`+id+`","name":"TTL","value":`+value+`}`))
		if err == nil {
			s.refused(cmd)
		}
	}
}
