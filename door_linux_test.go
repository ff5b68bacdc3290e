package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// forwardVariable makes this test binary a helper that hands connections on to that address, and prints where it listens.
const forwardVariable = "SOCKETPLAYGROUND_TEST_FORWARD"

func forward(target string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	for {
		from, err := l.Accept()
		if err != nil {
			return err
		}
		to, err := net.Dial("tcp", target)
		if err != nil {
			return err
		}
		pass := func(to, from net.Conn) {
			_, _ = io.Copy(to, from)
			to.Close()
		}
		go pass(to, from) // ends with the connections, at the latest with the process
		go pass(from, to)
	}
}

// forwarded is an address at which a program of nobody's hands connections on to the target.
func forwarded(t *testing.T, target string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("becoming another user needs root")
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe") // the binary lies where only we may look
	cmd.Env = append(os.Environ(), forwardVariable+"="+target)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// knock is one way to ask for the page's WebSocket.
type knock struct {
	at     string // where the connection goes
	host   string
	origin string // none: no Origin
	header string // one more header and its value, if any
	code   string
	key    *string // of the session that is asked for, and then of the one that was opened
}

// What comes of it: the HTTP status of a refusal, or the close code after the hello, or that a session was opened.
const opened = "a session"

func (k knock) try() (string, error) {
	header := http.Header{"Host": {k.host}}
	if k.origin != "none" {
		header.Set("Origin", k.origin)
	}
	if name, value, ok := strings.Cut(k.header, ": "); ok {
		header.Set(name, value)
	}
	d := websocket.Dialer{HandshakeTimeout: patience}
	ws, response, err := d.Dial("ws://"+k.at+"/ws", header)
	if errors.Is(err, websocket.ErrBadHandshake) {
		return fmt.Sprint(response.StatusCode), nil
	} else if err != nil {
		return "", err
	}
	defer ws.Close()
	_ = ws.SetReadDeadline(time.Now().Add(patience))
	hello, err := json.Marshal(map[string]any{"type": "hello", "version": 1, "code": k.code, "session": *k.key})
	if err != nil {
		return "", err
	}
	if err := ws.WriteMessage(websocket.TextMessage, hello); err != nil {
		return "", err
	}
	for {
		var frame struct{ Type, Code, Field, Message, Session string }
		err := ws.ReadJSON(&frame)
		var closed *websocket.CloseError
		switch {
		case errors.As(err, &closed):
			return fmt.Sprint(closed.Code), nil
		case err != nil:
			return "", err
		case frame.Type == "hello":
			*k.key = frame.Session
			return opened, nil
		case frame.Type != "error" || frame.Field != "code" || frame.Message == "":
			return "", fmt.Errorf("before the close came %+v", frame)
		}
	}
}

// sessions asks the program, as its own user, how many sessions there are.
func sessions(t *testing.T, at string) int {
	t.Helper()
	r, err := http.Get("http://" + at + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var health struct {
		Status   string
		Sessions *int
	}
	if err := json.NewDecoder(r.Body).Decode(&health); err != nil || health.Status != "ok" || health.Sessions == nil {
		t.Fatalf("/healthz: %v, %+v", err, health)
	}
	return *health.Sessions
}

// TestDoor: every combination of what a request may carry, of whose it is and of where the page is served. What must come
// of it follows from four rules, and nothing else:
//
//   - A Host must have a name of this machine's loopback, the address connected to, or one that was allowed, whatever its
//     port; else 421. But localhost with the page's own port must lead to the page alone.
//   - Origin must be http:// or https:// and that Host; else 403.
//   - Who comes from another user's program, through something that forwards, or to a page that more than this machine
//     reaches, must have the code; else close code 4005.
//   - All others are let in.
func TestDoor(t *testing.T) {
	rows := 0
	for _, bind := range []struct {
		addr      string
		wide      bool
		localhost bool // leads to the page alone, on its port
	}{
		{"localhost:0", false, true},
		{"127.0.0.1:0", false, false},
		{"0.0.0.0:0", true, true},
	} {
		p := begin(t, "-addr", bind.addr, "-lab=false", "-capture=false", "-allow-host", "Lab.example.org", "-allow-host", "10.9.8.7")
		own := port(t, p.url)
		hosts := []struct {
			host  string
			named bool
		}{
			{"localhost:" + own, bind.localhost}, {"127.0.0.1:" + own, true}, {"[::1]:" + own, true},
			{"localhost:9000", true}, {"localhost", true}, {"lab.example.org:8443", true}, {"10.9.8.7", true},
			{"evil.example:" + own, false}, {"sub.lab.example.org", false}, {"192.0.2.7:" + own, false},
		}
		headers := []struct {
			header  string
			proxied bool
		}{
			{"", false}, {"X-Unknown: 1", false}, {"X-Forwarded-For: 127.0.0.1", true}, {"Forwarded: for=127.0.0.1;host=localhost", true}, {"X-Real-IP: ::1", true},
		}
		var key string // one session for all, of which there may not be so many
		through := forwarded(t, "127.0.0.1:"+own)
		// Wrong codes last: after too many, a right one is not looked at for a while.
		for _, code := range []string{p.secret, "", strings.Repeat("0", 32)} {
			for _, peer := range []struct {
				at   string
				ours bool
			}{{"127.0.0.1:" + own, true}, {through, false}} {
				for _, h := range hosts {
					for _, origin := range []struct {
						origin string
						same   bool
					}{
						{"http://" + h.host, true}, {"https://" + h.host, true}, {"null", false}, {"none", false},
						{"http://localhost:1234", false},
					} {
						for _, header := range headers {
							want := opened
							switch asked := bind.wide || !peer.ours || header.proxied; {
							case !h.named:
								want = "421"
							case !origin.same:
								want = "403"
							case asked && code != p.secret:
								want = "4005"
							}
							k := knock{at: peer.at, host: h.host, origin: origin.origin, header: header.header, code: code, key: &key}
							if got, err := k.try(); err != nil || got != want {
								t.Errorf("-addr %s, ours %v, %+v: got %s, %v; want %s", bind.addr, peer.ours, k, got, err, want)
							}
							rows++
						}
					}
				}
			}
		}
		if !bind.wide { // nobody is known there to be the user, and so nobody is told
			if n := sessions(t, "127.0.0.1:"+own); n != 1 {
				t.Errorf("-addr %s: %d sessions are open, want the one that all shared", bind.addr, n)
			}
		}
		p.end(t)
	}
	t.Logf("%d rows", rows)
}
