package e2e

import (
	"fmt"
	"net"
	"testing"
)

// onNetwork waits until the switch says where new sockets live.
func (p *page) onNetwork(name string) {
	p.t.Helper()
	p.eventually("new sockets to live on "+name, func() (bool, error) {
		var on bool
		_, err := p.by("radiogroup", "Network the sockets live in").by("radio", name).call(`function() { return this.checked; }`, &on)
		return on, err
	})
}

// TestBeginsWhereMostIsSeen: who may not capture here begins in the Lab, unless they were on this machine last. There a
// listener is not seen from outside; a press brings it to where it is.
func TestBeginsWhereMostIsSeen(t *testing.T) {
	p := browse(t, start(t, "-capture=false"))
	p.onNetwork("Lab")
	p.by("button", "Close the demos").click()
	form := p.by("form", "Listen")
	form.shows("do not see this listener")
	port := freePort(t)
	form.by("textbox", "Port to listen on").fill(fmt.Sprint(port))
	form.by("button", "Listen on this machine instead").click()
	p.onNetwork("This machine")
	p.by("article", "Listener S1").shows("LISTEN")
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p.by("article", "Connection S1.1").shows("ESTABLISHED")
	form.by("button", "Listen on this machine instead").vanishes()

	p.at("?", "")
	p.onNetwork("This machine")
	p.by("radiogroup", "Network the sockets live in").by("radio", "Lab").click()
	p.at("?again", "")
	p.onNetwork("Lab")
}

// inferred are the states that the page marks as passed through, in an order of its own.
func (p *page) inferred(where string) []string {
	return eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((x) => x.getBoundingClientRect().height > 12).map((x) => x.ariaLabel ?? x.textContent)`, where))
}

// TestInferredStates: SYN_SENT, SYN_RCVD and LAST_ACK pass on loopback before anybody can look, and are drawn all the
// same, as what must have been: with their segments, and where those are not captured with the calls.
func TestInferredStates(t *testing.T) {
	for _, capture := range []bool{true, false} {
		t.Run(fmt.Sprint("capture ", capture), func(t *testing.T) {
			p := browse(t, start(t, "-lab=false", fmt.Sprint("-capture=", capture)))
			p.by("button", "Close the demos").click()
			p.by("form", "Listen").by("radio", "Discard").click()
			p.by("form", "Listen").by("button", "Listen").click()
			p.by("article", "Listener S1").shows("LISTEN")
			p.by("form", "Connect").by("button", "Connect").click()
			c1 := p.by("article", "Socket C1")
			c1.shows("ESTABLISHED")
			p.by("article", "Connection S1.1").shows("ESTABLISHED")
			c1.by("button", "Close").click()
			p.by("article", "Connection S1.1").shows("CLOSED")
			var got []string
			for _, state := range []string{"SYN_SENT", "SYN_RCVD", "LAST_ACK"} {
				p.eventually(state+" to be drawn as inferred", func() (bool, error) {
					got = p.inferred("ladder-view .band[data-inferred]")
					for _, s := range got {
						if s == state {
							return true, nil
						}
					}
					return false, nil
				})
			}
			p.told("C1: CLOSED to SYN_SENT, inferred", "S1.1: CLOSE_WAIT to LAST_ACK, inferred")
			if !capture {
				return
			}
			p.by("tab", "Segments").click()
			p.by("gridcell", "SYN_SENT, inferred").appears()
			p.by("gridcell", "SYN_RCVD, inferred").appears()
			p.by("gridcell", "LAST_ACK, inferred").appears()
		})
	}
}
