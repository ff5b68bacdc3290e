package e2e

import (
	"fmt"
	"net"
	"testing"
)

// The tutorial's `watch -d netstat -nat | grep 8330`, with programs that know nothing of the page.
func TestWatchPort(t *testing.T) { everywhere(t, watchPort) }

func watchPort(t *testing.T, in launch) {
	p := in.browse(t, start(t))
	port := freePort(t)
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()

	p.by("button", "Close the demos").click()
	p.by("tab", "netstat").click()
	p.by("textbox", "Port to watch").fill("99999")
	p.by("button", "Watch the port").click()
	p.by("form", "Watch a port").shows("1 to 65535")
	p.by("textbox", "Port to watch").fill(fmt.Sprint(port))
	p.by("button", "Watch the port").click()
	p.by("list", "Watched ports").shows(fmt.Sprint(port))
	table := p.by("grid", "Sockets")
	table.shows("LISTEN", fmt.Sprintf("127.0.0.1:%d", port))

	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	table.shows("ESTABLISHED", c.LocalAddr().String())
	if _, err := c.Write([]byte("nobody reads this")); err != nil {
		t.Fatal(err)
	}
	table.shows("17") // in the Recv-Q of the other end
	p.by("tab", "Segments").click()
	p.by("tabpanel", "Segments").shows("SYN, ACK", "PSH, ACK")

	p.by("tab", "netstat").click()
	stop := p.by("button", fmt.Sprintf("Stop watching port %d", port))
	stop.click()
	stop.vanishes()
}
