package playground_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"socketplayground/playground"
)

func TestPolicyMayDial(t *testing.T) {
	t.Parallel()
	lan := netip.MustParseAddr("198.51.100.7")
	own := playground.Policy{
		Own:   []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8080")},
		Local: func(a netip.Addr) bool { return a == lan },
	}
	anyone := own
	anyone.Any = true
	some := own
	some.Targets = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	tests := []struct {
		name   string
		policy playground.Policy
		to     string
		want   bool
	}{
		{"loopback", own, "127.0.0.1:80", true},
		{"all of 127/8", own, "127.9.9.9:80", true},
		{"IPv6 loopback", own, "[::1]:80", true},
		{"another machine", own, "192.0.2.1:80", false},
		{"another machine, mapped", own, "[::ffff:192.0.2.1]:80", false},
		{"link local", own, "[fe80::1%lo]:80", false},
		{"metadata service", own, "169.254.169.254:80", false},
		{"our own address, not a target", own, "198.51.100.7:80", false},
		{"anywhere", anyone, "192.0.2.1:80", true},
		{"a target", some, "198.51.100.9:80", true},
		{"a target, mapped", some, "[::ffff:198.51.100.9]:80", true},
		{"not a target", some, "192.0.2.1:80", false},

		{"own port: 127.0.0.1", anyone, "127.0.0.1:8080", false},
		{"own port: 127.0.0.2", anyone, "127.0.0.2:8080", false},
		{"own port: [::1]", anyone, "[::1]:8080", false},
		{"own port: 0.0.0.0", anyone, "0.0.0.0:8080", false},
		{"own port: [::]", anyone, "[::]:8080", false},
		{"own port: mapped loopback", anyone, "[::ffff:127.0.0.1]:8080", false},
		{"own port: mapped unspecified", anyone, "[::ffff:0.0.0.0]:8080", false},
		{"own port: this machine's address", anyone, "198.51.100.7:8080", false},
		{"the same port elsewhere", anyone, "192.0.2.1:8080", true},
	}
	for _, test := range tests {
		err := test.policy.MayDial(netip.MustParseAddrPort(test.to))
		if got := err == nil; got != test.want {
			t.Errorf("%s: MayDial(%s) is %v (%v), want %v", test.name, test.to, got, err, test.want)
		}
		if err != nil && (err.Code != playground.CodeDenied || err.Field != "address") {
			t.Errorf("%s: refused with %s in field %q", test.name, err.Code, err.Field)
		}
	}
}

func TestPolicyMayListen(t *testing.T) {
	t.Parallel()
	p := playground.Policy{Own: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8080")}}
	tests := []struct {
		at   string
		want bool
	}{
		{"127.0.0.1:8330", true}, {"[::1]:0", true}, {"[::]:8330", true}, {"0.0.0.0:8330", true},
		{"127.0.0.1:80", false}, {"127.0.0.1:1023", false}, {"127.0.0.1:1024", true},
		{"127.0.0.1:8080", false}, {"[::]:8080", false}, {"192.0.2.1:8330", false},
	}
	for _, test := range tests {
		if got := p.MayListen(netip.MustParseAddrPort(test.at)) == nil; got != test.want {
			t.Errorf("MayListen(%s) is %v, want %v", test.at, got, test.want)
		}
	}
}

// TestPolicyMayBind: whatever binds a local port keeps to one rule, by whatever name the address goes.
func TestPolicyMayBind(t *testing.T) {
	page := netip.MustParseAddrPort("127.0.0.1:8080")
	s := openWith(t, playground.Config{Network: playground.NewMachine(playground.Policy{Own: []netip.AddrPort{page}})})
	_, at := s.listen(playground.Listen{})
	for _, port := range []string{"1", "80", "1023", "8080"} {
		for _, host := range []string{"", "127.0.0.1", "127.0.0.2", "[::1]", "[::]", "0.0.0.0", "[::ffff:127.0.0.1]", "localhost"} {
			address := host + ":" + port
			for field, cmd := range map[string]playground.Command{"local": &playground.Dial{Address: at, Local: address}, "address": &playground.Listen{Address: address}} {
				if err := s.refused(cmd); err.Code != playground.CodeDenied || err.Field != field {
					t.Errorf("%T %s: %s in field %q: %s", cmd, address, err.Code, err.Field, err.Message)
				}
			}
		}
		network := playground.NewMachine(playground.Policy{Own: []netip.AddrPort{page}})
		var refusal *playground.Error
		if _, err := network.Dial(t.Context(), playground.DialSpec{Address: at, Local: "127.0.0.1:" + port}); !errors.As(err, &refusal) {
			t.Errorf("the network dials from port %s: %v", port, err)
		}
	}
	if err := s.refused(&playground.Dial{Address: at, Local: "80"}); err.Code != playground.CodeDenied {
		t.Errorf("a bare port: %v", err)
	}
	s.dial(playground.Dial{Address: at, Local: "127.0.0.1:0"})

	seq := s.start(playground.RunDemo{Text: "demo: 1\nid: x\ntitle: t\nsummary: s\nnetwork: machine\nsteps:\n- title: t\n  story: s\n  do:\n" +
		"  - dial: {as: C1, address: '" + at + "', local: '127.0.0.1:999'}\n"})
	if e := s.ends(seq); e.Verdict != playground.VerdictFailed || !strings.Contains(e.Message, "below 1024") {
		t.Errorf("a demo that dials from port 999 ends with %s: %s", e.Verdict, e.Message)
	}
	trusted := playground.Policy{LowPorts: true}
	if err := trusted.MayBind("local", 80); err != nil {
		t.Errorf("with low ports allowed: %v", err)
	}
}

func TestPolicyMayServe(t *testing.T) {
	t.Parallel()
	local := playground.Policy{Local: func(a netip.Addr) bool { return a == netip.MustParseAddr("198.51.100.7") }}
	for from, want := range map[string]bool{"127.0.0.1": true, "::ffff:127.0.0.1": true, "::1": true, "198.51.100.7": true, "192.0.2.1": false} {
		if got := local.MayServe(netip.MustParseAddr(from)); got != want {
			t.Errorf("MayServe(%s) is %v, want %v", from, got, want)
		}
	}
}

// TestOwnPortCannotBeDialled: by whatever name, the playground's own page is not reached through itself.
func TestOwnPortCannotBeDialled(t *testing.T) {
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	at := page.Addr().(*net.TCPAddr).AddrPort()
	s := openWith(t, playground.Config{Network: playground.NewMachine(playground.Policy{Own: []netip.AddrPort{at}, Any: true})})
	for _, host := range []string{"127.0.0.1", "127.0.0.2", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", ""} {
		address := net.JoinHostPort(host, fmt.Sprint(at.Port()))
		if err := s.refused(&playground.Dial{Address: address}); err.Code != playground.CodeDenied {
			t.Errorf("%s: got %s (%s)", address, err.Code, err.Message)
		}
	}
	// A name is looked up first; the policy looks at what came of it.
	d := s.do(&playground.Dial{Address: fmt.Sprintf("localhost:%d", at.Port())})
	if e := s.failed(d.Calls[0]); e.Kind != playground.ErrDenied || e.Errno != "" {
		t.Errorf("localhost: got %+v", e)
	}
	if v := s.socket(d.Sockets[0], "has no descriptor", func(v *playground.SocketView) bool { return v.Descriptor == "closed" }); v.State != playground.StateClosed {
		t.Errorf("localhost: the socket is in %s", v.State)
	}
}
