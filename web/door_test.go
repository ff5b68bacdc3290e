package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"

	"socketplayground/playground"
	"socketplayground/web"
)

// TestAllowedNames: a name is taken as browsers send it, or refused with a sentence that says what to give instead.
func TestAllowedNames(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"lab.example.org": "lab.example.org", "LAB.Example.ORG": "lab.example.org", " lab ": "lab", "my_app": "my_app",
		"xn--bcher-kva.example": "xn--bcher-kva.example", "192.0.2.7": "192.0.2.7", "2001:db8::1": "[2001:db8::1]",
		"[2001:DB8:0:0::1]": "[2001:db8::1]", "0x7g.example": "0x7g.example", "1.example": "1.example",
	} {
		if got, err := web.AllowedName(given); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", given, got, err, want)
		}
	}
	for given, want := range map[string]string{
		"": "empty", "*": "wildcard", "*.example.org": "wildcard", "http://lab": "page", "lab/": "page", "user@lab": "user",
		"lab.": "dot", ".": "dot", "lab:8080": "port", "[2001:db8::1]:80": "port", "bücher.example": "xn--", "a b": "host name",
		"a,b": "host name", "127.1": "host name", "0x7f000001": "host name", "300.1.1.1": "host name", "-a": "host name", "a..b": "host name",
		"fe80::1%lo": "host name", "a\x00": "host name", strings.Repeat("a", 64): "host name", "\u212a": "host name",
	} {
		if got, err := web.AllowedName(given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, %v; want an error that says %q", given, got, err, want)
		}
	}
}

// TestMisdirected: who is not answered is told what to do, with the value to give, and nothing that the request can write
// comes back in it but a name.
func TestMisdirected(t *testing.T) {
	t.Parallel()
	r := serveWith(t, listenOn(t, "127.0.0.1:0"), "", func(c *web.Config) { c.Door.HalfLocalhost = true })
	_, port, _ := net.SplitHostPort(r.addr)
	for host, want := range map[string]string{
		"lab.example.org:8443": "-allow-host lab.example.org ",
		"LAB.example.org":      "-allow-host lab.example.org ",
		"192.0.2.7:8080":       "-allow-host 192.0.2.7 ",
		"[2001:db8::1]":        "-allow-host [2001:db8::1] ",
		"localhost:" + port:    "http://" + r.addr + ", or start the playground with -addr localhost:" + port + ".",
		"localhost.:" + port:   "Open the address that the playground printed",
		"a%3Cscript%3E":        "Open the address that the playground printed",
	} {
		response := exchange(t, r.addr, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		text := body(t, response)
		if response.StatusCode != http.StatusMisdirectedRequest || !strings.Contains(text, want) || strings.Contains(text, "%") {
			t.Errorf("Host %s: %s %q, want 421 that says %q", host, response.Status, text, want)
		}
	}
}

// TestLocalhost: where one half of localhost may be another program's, whose page would then have this server's origin,
// the port of this server is not answered under that name; other ports are another's to answer for.
func TestLocalhost(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"127.0.0.1:0", "[::1]:0", "127.0.0.2:0"} {
		for _, half := range []bool{true, false} {
			r := serveWith(t, listenOn(t, at), "", func(c *web.Config) { c.Door.HalfLocalhost = half })
			_, port, _ := net.SplitHostPort(r.addr)
			for host, leads := range map[string]bool{
				"localhost:" + port: true, "LOCALHOST:" + port: true, "localhost:9000": false, "localhost": false, r.addr: false, "127.0.0.1:" + port: false,
			} {
				want := http.StatusOK
				if half && leads && at != "127.0.0.2:0" { // to which localhost leads nobody
					want = http.StatusMisdirectedRequest
				}
				if got := exchange(t, r.addr, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); got.StatusCode != want {
					t.Errorf("on %s, half of localhost %v, Host %s: got %s, want %d", r.addr, half, host, got.Status, want)
				}
			}
		}
	}
}

func listenOn(t *testing.T, at string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// knock says hello with a code, and gives what came back: the code of the refusal and that of the close.
func (r *running) knock(t *testing.T, code string) (refusal playground.Code, closed int) {
	t.Helper()
	c := r.dialRaw(t)
	defer c.ws.Close()
	hello := map[string]any{"type": "hello", "version": 1}
	if code != "" {
		hello["code"] = code
	}
	c.send(hello)
	f := c.read()
	if f.Type == "hello" {
		return "", 0
	}
	if f.Type != "error" || f.Field != "code" || f.Message == "" || f.ID == nil || *f.ID != 0 {
		t.Errorf("the refusal is %s", f.raw)
	}
	_, err := c.tryRead()
	closing, ok := err.(*websocket.CloseError)
	if !ok {
		t.Fatalf("after the refusal: %v", err)
	}
	return playground.Code(f.Code), closing.Code
}

// TestSecret: without the right code nothing begins. Who sends many wrong ones is told to wait, and keeps nobody out who
// has the right one, though he comes from the same address; the user's own programs are not asked.
func TestSecret(t *testing.T) {
	t.Parallel()
	own := make(chan bool, 1)
	own <- false
	mine := func(_, _ netip.AddrPort) bool {
		is := <-own
		own <- is
		return is
	}
	r := serveWith(t, listenOn(t, "127.0.0.1:0"), "", func(c *web.Config) { c.Door.Ours = mine })
	expect := func(what, code string, want playground.Code) {
		t.Helper()
		got, closed := r.knock(t, code)
		if got != want || (closed == 4005) != (want != "") {
			t.Errorf("%s: got %q and close code %d, want %q", what, got, closed, want)
		}
	}
	for range 20 { // asks for nothing, and so is no guess
		expect("no code", "", playground.CodeDenied)
	}
	expect("the code", code, "")
	if n := r.sessions.Sessions(); n != 1 {
		t.Errorf("%d sessions, want the one that the code opened", n)
	}
	wrong := []string{"0", code[:31], code + "0", strings.ToUpper(code), " " + code, code[1:] + "0", strings.Repeat("\u0000", 32), strings.Repeat("x", 60000), "null", "{}"}
	for _, w := range wrong {
		expect("wrong: "+w[:1], w, playground.CodeDenied)
	}
	limited := false
	for range 30 {
		got, _ := r.knock(t, "0123")
		limited = limited || got == playground.CodeQuotaExceeded
	}
	if !limited {
		t.Error("40 wrong codes were answered at once")
	}
	expect("the code right after them", code, "")
	<-own
	own <- true
	expect("the user's own program", "", "")
	expect("the user's own program with an old code", "0123", "")
	<-own
	own <- false
	expect("the code", code, "")
	if n := r.sessions.Sessions(); n != 5 {
		t.Errorf("%d sessions, want 5", n)
	}
}

// TestForwarded: what a header says of where a request comes from never helps it, and that it is there means that nobody
// knows.
func TestForwarded(t *testing.T) {
	t.Parallel()
	r := serve(t)
	for _, name := range []string{"X-Forwarded-For", "x-forwarded-host", "X-FORWARDED-PROTO", "X-Forwarded-Anything", "X-Forwarded", "Forwarded",
		"X-Real-IP", "Via", "X_Forwarded_For", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "X-Original-Host", "Fly-Client-IP"} {
		for _, value := range []string{"", "127.0.0.1", "for=127.0.0.1;host=localhost;proto=https", "localhost, localhost"} {
			header := http.Header{"Origin": {"http://" + r.addr}}
			header[name] = []string{value} // as it is, not as Go writes it
			ws, _, err := websocket.DefaultDialer.Dial("ws://"+r.addr+"/ws", header)
			if err != nil {
				t.Fatal(err)
			}
			c := &client{t: t, ws: ws, replies: map[int64]frame{}}
			c.send(map[string]any{"type": "hello", "version": 1})
			if f := c.read(); f.Type != "error" || f.Code != "denied" || f.Field != "code" {
				t.Errorf("%s: %s: %s, want to be asked for the code", name, value, f.raw)
			}
			ws.Close()
		}
	}
	if n := r.sessions.Sessions(); n != 0 {
		t.Errorf("%d sessions were opened", n)
	}
}

// TestWithoutCode asks every route as one who has no code: files and demos, which come with the program, are all there is.
func TestWithoutCode(t *testing.T) {
	t.Parallel()
	r := serveWith(t, listenOn(t, "127.0.0.1:0"), "", func(c *web.Config) { c.Door.Ours = nil })
	for path, want := range map[string]int{
		"/": 200, prefixOf(t, r) + "js/main.js": 200, "/healthz": 200, "/demos": 200, "/demos/handshake-and-close": 200,
		"/download/" + strings.Repeat("0", 32): 404, "/ws": 400, "/nothing": 404,
	} {
		response := exchange(t, r.addr, "GET "+path+" HTTP/1.1\r\nHost: "+r.addr+"\r\n\r\n")
		if response.StatusCode != want {
			t.Errorf("%s: got %s, want %d", path, response.Status, want)
		}
		if text := body(t, response); path == "/healthz" && text != "{\"status\":\"ok\"}\n" {
			t.Errorf("/healthz says %q", text)
		}
	}
	// Commands that come behind a hello without a code are not read.
	c := r.dialRaw(t)
	c.send(map[string]any{"type": "hello", "version": 1})
	_ = c.ws.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"type":"listen","address":"127.0.0.1:0"}`)) // may be closed already
	if f := c.read(); f.Type != "error" || f.Field != "code" {
		t.Errorf("got %s", f.raw)
	}
	if f, err := c.tryRead(); err == nil {
		t.Errorf("after the refusal came %s", f.raw)
	}
	if n := r.sessions.Sessions(); n != 0 {
		t.Errorf("%d sessions were opened", n)
	}
}

// TestGuests: those who have the code can begin so many sessions that the user still can, and those from one network so
// many that others still can.
func TestGuests(t *testing.T) {
	t.Parallel()
	m, err := playground.NewManager(playground.Config{Network: playground.NewMachine(playground.Policy{})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	var first string
	from := func(n int) netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 32) }
	all := 0
	for n, most := range []int{64, 32, 16, 8, 4, 2, 1, 1} {
		for i := range most {
			s, _, err := m.OpenGuest("", from(n))
			if err != nil {
				t.Fatalf("session %d of %v: %v", i+1, from(n), err)
			}
			first = s.Key()
			all++
		}
		if _, _, err := m.OpenGuest("", from(n)); err == nil || err.(*playground.Error).Code != playground.CodeQuotaExceeded {
			t.Errorf("one more of %v: %v", from(n), err)
		}
	}
	if all != playground.MaxGuestSessions {
		t.Errorf("guests have begun %d sessions, want %d", all, playground.MaxGuestSessions)
	}
	if _, _, err := m.OpenGuest("", from(200)); err == nil {
		t.Error("there is no end of guests")
	}
	if s, _, err := m.OpenGuest(first, from(0)); err != nil || s.Key() != first {
		t.Errorf("a second page of one that is open: %v", err)
	}
	for range playground.MaxSessions - playground.MaxGuestSessions {
		if _, _, err := m.Open(""); err != nil {
			t.Fatalf("the user: %v", err)
		}
	}
	if _, _, err := m.Open(""); err == nil {
		t.Error("there is no end of sessions")
	}
}

// TestGuestsPages: however few pages there may be, those let in with the code leave half of them to the user.
func TestGuestsPages(t *testing.T) {
	t.Parallel()
	var known atomic.Bool
	r := serveWith(t, listenOn(t, "127.0.0.1:0"), "", func(c *web.Config) {
		c.Viewers, c.Door.Ours = 4, func(_, _ netip.AddrPort) bool { return known.Load() }
	})
	guest := r.dial(t, "")
	r.dial(t, guest.key)
	for range 2 {
		c := r.dialRaw(t)
		c.send(map[string]any{"type": "hello", "version": 1, "code": code})
		if f := c.read(); f.Type != "error" || f.Code != "quota_exceeded" || !strings.Contains(f.Message, "2 pages") {
			t.Errorf("a third guest is answered %s", f.raw)
		}
		if got := c.closed(); got != websocket.CloseTryAgainLater {
			t.Errorf("and closed with %d", got)
		}
	}
	known.Store(true)
	r.dial(t, "")
	r.dial(t, "")
	known.Store(false)
	guest.ws.Close()
	eventually(t, "the guest's place is free", func() bool {
		c := r.dialRaw(t)
		c.send(map[string]any{"type": "hello", "version": 1, "code": code})
		return c.read().Type == "hello"
	})
}

// TestCallers: connections that do not become viewers are bounded, whatever they do or leave undone, the one that has
// been quiet for the longest time goes, and who asks is answered.
func TestCallers(t *testing.T) {
	t.Parallel()
	const most = 8
	r := serveWith(t, listenOn(t, "127.0.0.1:0"), "", func(c *web.Config) { c.Connections, c.Viewers = most, 2 })
	viewer := r.dial(t, "")
	for name, open := range map[string]func() net.Conn{
		"says nothing":   func() net.Conn { return dialTo(t, r.addr, "") },
		"half a request": func() net.Conn { return dialTo(t, r.addr, "GET / HTTP/1.1\r\nHost: ") },
		"asks and stays": func() net.Conn { return dialTo(t, r.addr, "GET /healthz HTTP/1.1\r\nHost: "+r.addr+"\r\n\r\n") },
		"a body, and stays": func() net.Conn {
			return dialTo(t, r.addr, "POST / HTTP/1.1\r\nHost: "+r.addr+"\r\nContent-Length: 9\r\n\r\n")
		},
		"a hello never comes": func() net.Conn { return r.dialRaw(t).ws.NetConn() },
	} {
		conns := make([]net.Conn, 5*most)
		for i := range conns {
			conns[i] = open()
			defer conns[i].Close()
		}
		if got := exchange(t, r.addr, "GET /healthz HTTP/1.1\r\nHost: "+r.addr+"\r\nConnection: close\r\n\r\n"); got.StatusCode != http.StatusOK {
			t.Errorf("%s: /healthz: %s", name, got.Status)
		}
		var ended atomic.Int32
		for _, c := range conns {
			go func() { // ends with the connection
				_, _ = io.Copy(io.Discard, c)
				ended.Add(1)
			}()
		}
		eventually(t, name+": all but the newest have ended", func() bool { return ended.Load() >= 4*most })
	}
	if f := viewer.do("listen", map[string]any{"address": "127.0.0.1:0"}); f.Type != "ok" {
		t.Errorf("who was let in is not cut: %s", f.raw)
	}

	second := r.dial(t, "")
	third := r.dialRaw(t)
	third.send(map[string]any{"type": "hello", "version": 1})
	if f := third.read(); f.Type != "error" || f.Code != string(playground.CodeQuotaExceeded) {
		t.Errorf("a third viewer of two: %s", f.raw)
	}
	if _, err := third.tryRead(); !websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
		t.Errorf("a third viewer of two: %v", err)
	}
	second.ws.Close()
	eventually(t, "there is a place again", func() bool {
		c := r.dialRaw(t)
		c.send(map[string]any{"type": "hello", "version": 1})
		f, err := c.tryRead()
		if err != nil || f.Type != "hello" {
			c.ws.Close()
		}
		return err == nil && f.Type == "hello"
	})
}

func dialTo(t *testing.T, addr, text string) net.Conn {
	t.Helper()
	var d net.Dialer
	c, err := d.DialContext(context.Background(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return c
}
