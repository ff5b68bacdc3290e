package e2e

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

// nextPort is where freePort looks next. Tests do not share a port: what one leaves in TIME_WAIT another would see.
var nextPort = 20000 + os.Getpid()%6000

// freePort is a port below the range of outgoing connections that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	for ; nextPort < 30000; nextPort++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", nextPort))
		if err == nil {
			l.Close()
			nextPort++
			return nextPort - 1
		}
	}
	t.Fatal("no port is free")
	return 0
}

// listen and connect fill the two forms.
func (p *page) listen(address string) {
	p.t.Helper()
	p.by("textbox", "Port to listen on").fill(address)
	p.by("form", "Listen").by("button", "Listen").click()
}

func (p *page) connect(address string) {
	p.t.Helper()
	p.by("textbox", "Address to connect to").fill(address)
	p.by("form", "Connect").by("button", "Connect").click()
}

// serve opens the first listener on a free port, with a behaviour by its name on the page, and gives its address.
func (p *page) serve(behavior string) (address string) {
	p.t.Helper()
	address = fmt.Sprintf("127.0.0.1:%d", freePort(p.t))
	p.by("radio", behavior).click()
	p.listen(address)
	p.by("article", "Listener S1").shows("LISTEN")
	return address
}

// The tutorial's own session, with a reload in the middle.
func TestTutorial(t *testing.T) { everywhere(t, tutorial) }

func tutorial(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	p.dark()
	port := freePort(t)
	p.listen(fmt.Sprintf(":%d", port))
	s1 := p.by("article", "Listener S1")
	s1.shows("LISTEN", fmt.Sprint(port))

	p.connect(fmt.Sprintf("127.0.0.1:%d", port))
	c1 := p.by("article", "Socket C1")
	s11 := p.by("article", "Connection S1.1")
	c1.shows("ESTABLISHED")
	s11.shows("ESTABLISHED", "accept queue")
	s1.shows("1 / ")

	p.by("tab", "netstat").click()
	p.by("grid", "Sockets").shows("LISTEN", "ESTABLISHED", fmt.Sprint(port))

	s1.by("button", "Accept").click()
	s1.shows("0 / ")
	c1.by("textbox", "Data to send from C1").fill("hello")
	c1.by("button", "Send").click()
	c1.shows("Wrote 5 B")

	before := eval[string](p, "location.hash")
	p.reload()
	c1.shows("ESTABLISHED", "Wrote 5 B")
	if after := eval[string](p, "location.hash"); key(after) != key(before) {
		t.Errorf("after the reload the session is %s, want %s", key(after), key(before))
	}

	s11.by("button", "Read").click()
	s11.shows("Read 5 B", "hello")
	p.by("tab", "Ladder").click()

	c1.by("button", "Close").click()
	c1.shows("FIN_WAIT_2")
	s11.shows("CLOSE_WAIT", "the next Read returns io.EOF")
	s11.by("button", "Read").click()
	p.by("list", "Events in time order").shows("io.EOF")
	s11.shows("CLOSE_WAIT")
	c1.shows("FIN_WAIT_2")
	s11.by("button", "Close").click()
	c1.shows("TIME_WAIT")
	s11.shows("CLOSED")
	p.by("list", "Events in time order").shows("Dial", "Accept", "Write", "Read", "Close")
}

// key is the session's part of a fragment.
func key(hash string) string {
	for _, part := range strings.FieldsFunc(hash, func(r rune) bool { return r == '#' || r == '&' }) {
		if strings.HasPrefix(part, "s=") {
			return part
		}
	}
	return ""
}
