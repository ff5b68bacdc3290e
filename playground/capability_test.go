package playground_test

import (
	"regexp"
	"testing"

	"socketplayground/playground"
)

// What is not possible is said in a whole sentence, and the rest works.
func TestCapabilities(t *testing.T) {
	s := openWith(t, playground.Config{NoCapture: true, Labs: playground.Labs{}})
	all := s.manager.Capabilities(s.Session)
	sentence := regexp.MustCompile(`^[A-Z].*\.$`)
	for _, name := range []string{"capture", "lab", "exec"} {
		if c := all[name]; c.Available || c.Reason != "" && !sentence.MatchString(c.Reason) {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if !all["states"].Available {
		t.Errorf("states: %+v", all["states"])
	}
	if e := s.refused(&playground.OpenLab{}); e.Code != playground.CodeUnsupported {
		t.Errorf("open_lab: %v", e)
	}
	s.do(&playground.Listen{Address: "127.0.0.1:0"})
	s.do(&playground.WatchPort{Port: 1, On: true})
}
