package lab_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"socketplayground/playground/lab"
	"socketplayground/playground/sockdiag"
)

func TestProbe(t *testing.T) {
	s := support()
	t.Logf("%+v", s)
	if want := os.Getenv(backendVariable); want != "" && string(s.Backend) != want {
		t.Errorf("got backend %q, want %q", s.Backend, want)
	}
	if s.Available != (s.Backend != "") || !strings.HasSuffix(s.Reason, ".") {
		t.Errorf("got %+v; want a backend if there is one, and a sentence", s)
	}
	for _, a := range s.Tried {
		if a.Err == nil || a.Backend == s.Backend {
			t.Errorf("got %+v among those that do not work", a)
		}
	}
}

func TestConnection(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l := open(t, s, lab.Options{QuickACK: true})
		for _, tt := range []struct {
			name, address string
			from, to      *lab.Host
		}{
			{"IPv4", "192.0.2.2:8330", l.Client, l.Server},
			{"IPv6", "[2001:db8::2]:8330", l.Client, l.Server},
			{"by name", "server:8330", l.Client, l.Server},
			{"the other way", "192.0.2.1:8330", l.Server, l.Client},
			{"the host itself", "192.0.2.1:8331", l.Client, l.Client},
			{"localhost", "localhost:8331", l.Client, l.Client},
		} {
			t.Run(tt.name, func(t *testing.T) {
				client, server := connect(t, tt.from, tt.to, tt.address)
				exchange(t, client, server, "hello")
				if got, want := addrPort(server.RemoteAddr()), addrPort(client.LocalAddr()); got != want {
					t.Errorf("the server's peer is %v, the client %v", got, want)
				}
			})
		}
	})
}

// TestIsolation: two Labs have the same addresses and nothing else in common; neither sees this machine, nor it them.
func TestIsolation(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		one, two := open(t, s, lab.Options{}), open(t, s, lab.Options{})
		const port = 8342
		ln, err := one.Server.Listen(t.Context(), ":8342", lab.SocketOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		for _, h := range []*lab.Host{two.Client, two.Server, one.Client} {
			for _, address := range []string{"server:8342", "localhost:8342"} {
				if h == one.Client && strings.HasPrefix(address, "server") {
					continue
				}
				if _, err := h.Dial(soon(t), address, "", lab.SocketOptions{}); !errors.Is(err, unix.ECONNREFUSED) {
					t.Errorf("%s dials %s: got %v, want it refused", h.Name(), address, err)
				}
			}
			if _, err := h.Dial(soon(t), "203.0.113.1:80", "", lab.SocketOptions{}); !errors.Is(err, unix.ENETUNREACH) {
				t.Errorf("%s dials an address outside: got %v, want it unreachable", h.Name(), err)
			}
		}
		count := func(dial func(func() error) error) (n int) {
			if err := dial(func() error {
				diag, err := sockdiag.Dial()
				if err != nil {
					return err
				}
				defer diag.Close()
				sockets, err := diag.Dump(sockdiag.Filter{LocalPort: port})
				n = len(sockets)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		here := func(f func() error) error { return f() }
		if got := [3]int{count(one.Server.Do), count(two.Server.Do), count(here)}; got != [3]int{1, 0, 0} {
			t.Errorf("the listener is seen %v times by its host, the other Lab's and this machine", got)
		}
		links, err := netlink.LinkList()
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links {
			if name := link.Attrs().Name; name == "wire" || strings.HasPrefix(name, "cable") {
				t.Errorf("this machine has a device %s", name)
			}
		}
	})
}

func TestStart(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l := open(t, s, lab.Options{})
		connect(t, l.Client, l.Server, "192.0.2.2:8330")
		var out bytes.Buffer
		cmd := exec.Command("ss", "-Htan")
		cmd.Stdout = &out
		if err := l.Client.Start(cmd); errors.Is(err, exec.ErrNotFound) {
			t.Skip("needs ss, of iproute2")
		} else if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		if f := strings.Fields(out.String()); len(f) != 5 || f[0] != "ESTAB" || f[4] != "192.0.2.2:8330" {
			t.Errorf("ss says %q; want the one connection", out.String())
		}
		if err := l.Client.Start(exec.Command("/nonexistent")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want that there is no such program", err)
		}
	})
}

func TestSettings(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l := open(t, s, lab.Options{})
		all, err := l.Client.Settings()
		if err != nil {
			t.Fatal(err)
		}
		if len(all) < 12 {
			t.Errorf("got %d settings", len(all))
		}
		for _, setting := range all {
			if !strings.HasSuffix(setting.Sentence, ".") || setting.Values == "" || setting.Value == "" {
				t.Errorf("got %+v; want a sentence, values and a value", setting)
			}
			// What it is said to take is taken, and the next number is not.
			if found := regexp.MustCompile(`(-?\d+) to (-?\d+)$`).FindStringSubmatch(setting.Values); found != nil {
				low, errLow := strconv.ParseInt(found[1], 10, 64)
				high, errHigh := strconv.ParseInt(found[2], 10, 64)
				if err := errors.Join(errLow, errHigh); err != nil {
					t.Fatal(err)
				}
				for value, takes := range map[int64]bool{low - 1: false, low: true, high: true, high + 1: false} {
					if _, err := l.Client.SetSetting(setting.Name, strconv.FormatInt(value, 10)); (err == nil) != takes {
						t.Errorf("%s is said to take %s; %d gave %v", setting.Name, setting.Values, value, err)
					}
				}
			}
			// Each takes the value that it has.
			if got, err := l.Client.SetSetting(setting.Name, setting.Value); err != nil || got != setting.Value {
				t.Errorf("%s: set to %q it is %q, %v", setting.Name, setting.Value, got, err)
			}
		}
		machine, err := os.ReadFile("/proc/sys/net/ipv4/tcp_fin_timeout")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := l.Client.SetSetting("tcp_fin_timeout", "3"); err != nil || got != "3" {
			t.Errorf("got %q, %v", got, err)
		}
		if got, err := l.Server.Setting("tcp_fin_timeout"); err != nil || got == "3" {
			t.Errorf("the other host has %q, %v", got, err)
		}
		if now, err := os.ReadFile("/proc/sys/net/ipv4/tcp_fin_timeout"); err != nil || !bytes.Equal(now, machine) {
			t.Errorf("this machine has %q, had %q (%v)", now, machine, err)
		}
		if _, err := l.Client.SetSetting("ip_local_port_range", "50000 50001"); err != nil {
			t.Error(err)
		}
		if got, err := l.Client.Setting("ip_local_port_range"); err != nil || got != "50000 50001" {
			t.Errorf("got %q, %v", got, err)
		}
		client, _ := connect(t, l.Client, l.Server, "192.0.2.2:8330")
		if port := addrPort(client.LocalAddr()).Port(); port != 50000 && port != 50001 {
			t.Errorf("connect chose port %d", port)
		}
		if _, err := l.Client.SetSetting("tcp_fin_timeout", "soon"); !errors.Is(err, unix.EINVAL) || !strings.Contains(err.Error(), "seconds") {
			t.Errorf("got %v; want what it takes", err)
		}
		for _, name := range []string{"ip_forward", "../ipv4/tcp_sack", ""} {
			if _, err := l.Client.SetSetting(name, "1"); err == nil {
				t.Errorf("%q was taken", name)
			}
		}
	})
}

func TestQuickACK(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l := open(t, s, lab.Options{QuickACK: true})
		routes := func(h *lab.Host) (asking, all int) {
			if err := h.Do(func() error {
				n, err := netlink.NewHandle(unix.NETLINK_ROUTE)
				if err != nil {
					return err
				}
				defer n.Close()
				for network, family := range map[string]int{"192.0.2.0/24": unix.AF_INET, "2001:db8::/64": unix.AF_INET6} {
					list, err := n.RouteList(nil, family)
					if err != nil {
						return err
					}
					for _, r := range list {
						if r.Dst != nil && r.Dst.String() == network {
							all++
							asking += r.QuickACK
						}
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return asking, all
		}
		for _, on := range []bool{true, false, true} {
			if err := l.SetQuickACK(on); err != nil {
				t.Fatal(err)
			}
			for _, h := range []*lab.Host{l.Client, l.Server} {
				want := 0
				if on {
					want = 2
				}
				if asking, all := routes(h); all != 2 || asking != want {
					t.Errorf("on the %s %d of %d routes ask for it, want %d of 2", h.Name(), asking, all, want)
				}
			}
		}
	})
}

func TestOptions(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		for _, mtu := range []int{1279, 65536, -1} {
			if l, err := s.Open(t.Context(), lab.Options{MTU: mtu}); err == nil {
				l.Close()
				t.Errorf("an MTU of %d was taken", mtu)
			}
		}
		l := open(t, s, lab.Options{MTU: 1400})
		client, server := connect(t, l.Client, l.Server, "192.0.2.2:8330")
		exchange(t, client, server, strings.Repeat("x", 10000))
		raw, err := client.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Control(func(fd uintptr) {
			info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
			if err != nil || info.Advmss != 1348 {
				t.Errorf("the MSS is %d, %v; want the MTU less 52: headers with timestamps", info.Advmss, err)
			}
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestClosed: everything that waits in a Lab ends with it, and what comes later is told so.
func TestClosed(t *testing.T) {
	eachBackend(t, func(t *testing.T, s *lab.System) {
		l := open(t, s, lab.Options{})
		client, _ := connect(t, l.Client, l.Server, "192.0.2.2:8330")
		read := make(chan error, 1)
		go func() { _, err := client.Read(make([]byte, 1)); read <- err }()
		l.Close()
		l.Close()
		if err := <-read; !errors.Is(err, unix.ECONNABORTED) && !errors.Is(err, unix.ECONNRESET) {
			t.Errorf("Read got %v; want the connection to be ended", err)
		}
		client.Close()
		eventually(t, "the namespace is closed", func() bool {
			return errors.Is(l.Client.Do(func() error { return nil }), lab.ErrClosed)
		})
		if _, err := l.Client.Dial(soon(t), "server:1", "", lab.SocketOptions{}); !errors.Is(err, lab.ErrClosed) {
			t.Errorf("Dial got %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.Open(t.Context(), lab.Options{}); !errors.Is(err, lab.ErrClosed) {
			t.Errorf("Open got %v", err)
		}
		if err := l.Client.Do(func() error { return nil }); !errors.Is(err, lab.ErrClosed) {
			t.Errorf("Do got %v", err)
		}
	})
}
