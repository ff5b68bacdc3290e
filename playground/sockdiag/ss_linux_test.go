package sockdiag_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"socketplayground/playground/sockdiag"
)

// TestAgainstSS holds our reading of the kernel's answer against that of ss(8).
func TestAgainstSS(t *testing.T) {
	ss, err := exec.LookPath("ss")
	if err != nil {
		t.Skip("needs ss, of iproute2")
	}
	c := dial(t)
	ln := listen(t, "tcp4", "127.0.0.1:0")
	active := connect(t, ln)
	active.write(t, make([]byte, 777))
	passive := ln.accept(t)
	eventually(t, "all is received", func() bool {
		s, err := c.Lookup(passive.query())
		return err == nil && s.RecvQ == 777
	})
	s, err := c.Lookup(passive.query())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(ss, "-tanoemiOH", "sport", "=", fmt.Sprint(ln.local.Port()), "and",
		"dport", "=", fmt.Sprint(active.local.Port())).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	fields := strings.Fields(string(out))
	if len(fields) < 5 {
		t.Fatalf("ss says %q", out)
	}
	if got, want := fields[:5], []string{"ESTAB", "777", "0", s.Local.String(), s.Remote.String()}; strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("ss says %q, we say %q", got, want)
	}
	for _, want := range []string{
		fmt.Sprintf("ino:%d", s.Inode),
		fmt.Sprintf("sk:%x", uint64(s.Cookie)),
		fmt.Sprintf("skmem:(r%d,rb%d,t%d,tb%d,f%d,w%d,o%d,bl%d,d%d)", s.Mem.RMemAlloc, s.Mem.RcvBuf, s.Mem.WMemAlloc,
			s.Mem.SndBuf, s.Mem.FwdAlloc, s.Mem.WMemQueued, s.Mem.OptMem, s.Mem.Backlog, s.Mem.Drops),
		s.Congestion,
		fmt.Sprintf("wscale:%d,%d", s.Info.SndWScale, s.Info.RcvWScale),
		fmt.Sprintf("rto:%d", s.Info.RTO.Milliseconds()),
		fmt.Sprintf("mss:%d", s.Info.SndMSS),
		fmt.Sprintf("pmtu:%d", s.Info.PMTU),
		fmt.Sprintf("rcvmss:%d", s.Info.RcvMSS),
		fmt.Sprintf("advmss:%d", s.Info.AdvMSS),
		fmt.Sprintf("cwnd:%d", s.Info.SndCwnd),
		fmt.Sprintf("bytes_received:%d", s.Info.BytesReceived),
		fmt.Sprintf("segs_in:%d", s.Info.SegsIn),
		fmt.Sprintf("data_segs_in:%d", s.Info.DataSegsIn),
		fmt.Sprintf("rcv_space:%d", s.Info.RcvSpace),
		fmt.Sprintf("rcv_ssthresh:%d", s.Info.RcvSsthresh),
		fmt.Sprintf("minrtt:%v", float64(s.Info.MinRTT.Microseconds())/1000),
		fmt.Sprintf("snd_wnd:%d", s.Info.SndWnd),
	} {
		found := false
		for _, f := range fields {
			found = found || f == want
		}
		if !found {
			t.Errorf("ss does not say %q but\n%s", want, out)
		}
	}
	if s.State != sockdiag.Established {
		t.Errorf("got %v, want ESTABLISHED", s.State)
	}
}
