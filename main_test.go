package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// patience is how long a test waits for a fact; a machine under load gets it, a healthy one never needs it.
const patience = 30 * time.Second

// run is the program but for what main alone does: it does not run itself again in a user namespace.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, code, done := parse(args, stdout, stderr)
	if done {
		return code
	}
	return serve(ctx, cfg, stdout, stderr)
}

// program is run, going on in this process.
type program struct {
	url    string
	secret string // the code that it asks for
	cancel context.CancelFunc
	code   chan int
	stderr *strings.Builder // complete once code has been received
}

// begin runs the program until it has printed its URL.
func begin(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	p := &program{cancel: cancel, code: make(chan int, 1), stderr: &strings.Builder{}}
	go func() {
		code := run(ctx, args, in, p.stderr)
		in.Close()
		p.code <- code
	}()
	url, secret, err := greeted(out)
	if err != nil {
		t.Fatalf("the program said nothing, ended with %d: %s", <-p.code, p.stderr)
	}
	p.url, p.secret = url, secret
	t.Cleanup(func() {
		cancel()
		out.Close()
	})
	return p
}

// greeted reads what the program prints when it starts, as far as its code: the first URL, without the code, and the code.
func greeted(out io.Reader) (url, secret string, err error) {
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", "", fmt.Errorf("after %q: %w", url, err)
		}
		for _, word := range strings.Fields(line) {
			if !strings.HasPrefix(word, "http://") {
				continue
			}
			address, code, found := strings.Cut(word, "/#code=")
			if url == "" {
				url = address
			}
			if found {
				return url, code, nil
			}
		}
	}
}

func port(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// end asks the program to end, and gives its exit code and how long it took.
func (p *program) end(t *testing.T) (code int, took time.Duration) {
	t.Helper()
	begun := time.Now()
	p.cancel()
	select {
	case code = <-p.code:
		return code, time.Since(begun)
	case <-time.After(patience):
		t.Fatal("the program did not end")
		return 0, 0
	}
}

// viewer is a browser: it sends commands and reads frames, and keeps the events that it passes.
type viewer struct {
	t       *testing.T
	ws      *websocket.Conn
	id      int
	answers map[int]answer
	events  []event
}

type answer struct {
	Type, Code string
	Calls      []uint64
	Sockets    []string
}

type event struct {
	Type, Socket, Op, Kind, Host, Network, Local, Remote, To, Backend string
	Call                                                              uint64
	Process                                                           struct {
		PID  int
		Name string
	}
	Error   struct{ Kind string }
	Metrics struct {
		SendQ int64 `json:"send_q"`
	}
}

// view opens the page as this user, whom the program runs for.
func view(t *testing.T, address string) *viewer {
	t.Helper()
	return viewWith(t, address, "")
}

// viewWith gives the code, too.
func viewWith(t *testing.T, address, secret string) *viewer {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: patience}
	ws, _, err := d.Dial("ws"+strings.TrimPrefix(address, "http")+"/ws", http.Header{"Origin": {address}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	v := &viewer{t: t, ws: ws, answers: map[int]answer{}}
	v.send(`{"type":"hello","version":1,"code":"` + secret + `"}`)
	return v
}

func (v *viewer) send(text string) {
	v.t.Helper()
	_ = v.ws.SetWriteDeadline(time.Now().Add(patience))
	if err := v.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		v.t.Fatal(err)
	}
}

// read takes one frame in.
func (v *viewer) read() error {
	_ = v.ws.SetReadDeadline(time.Now().Add(patience))
	_, b, err := v.ws.ReadMessage()
	if err != nil {
		return err
	}
	var m struct {
		answer
		ID     int
		Events []event
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	if m.Type == "ok" || m.Type == "error" {
		v.answers[m.ID] = m.answer
	}
	v.events = append(v.events, m.Events...)
	return nil
}

// do sends a command, of which fields is the inside of its JSON, and gives the answer.
func (v *viewer) do(fields string) answer {
	v.t.Helper()
	v.id++
	v.send(fmt.Sprintf(`{"id":%d,%s}`, v.id, fields))
	for {
		if a, ok := v.answers[v.id]; ok {
			return a
		}
		if err := v.read(); err != nil {
			v.t.Fatalf("waiting for the answer to %s: %v", fields, err)
		}
	}
}

// wait gives the first event that f accepts, of those that came and those that come.
func (v *viewer) wait(what string, f func(event) bool) event {
	v.t.Helper()
	for i := 0; ; i++ {
		for i == len(v.events) {
			if err := v.read(); err != nil {
				v.t.Fatalf("waiting for %s: %v", what, err)
			}
		}
		if f(v.events[i]) {
			return v.events[i]
		}
	}
}

// listen opens a listener and gives its name.
func (v *viewer) listen(behavior string) string {
	v.t.Helper()
	a := v.do(`"type":"listen","address":"127.0.0.1:0","behavior":"` + behavior + `"`)
	if a.Type != "ok" {
		v.t.Fatalf("listen: %+v", a)
	}
	return v.wait("a listener", func(e event) bool { return e.Type == "socket_opened" && e.Call == a.Calls[0] }).Socket
}

// listening waits until a listener is in LISTEN.
func (v *viewer) listening(socket string) {
	v.t.Helper()
	v.wait(socket+" in LISTEN", func(e event) bool { return e.Type == "state_changed" && e.Socket == socket && e.To == "LISTEN" })
}

// dialled waits until Dial has returned; that the kernel has the socket in ESTABLISHED may be seen before.
func (v *viewer) dialled(socket string) {
	v.t.Helper()
	v.wait("the Dial of "+socket, func(e event) bool { return e.Type == "call_returned" && e.Socket == socket && e.Op == "Dial" })
}

// goroutines gives a check that there are as many as now, or fewer.
func goroutines(t *testing.T) func() {
	before := runtime.NumGoroutine()
	return func() {
		t.Helper()
		http.DefaultClient.CloseIdleConnections()
		eventually(t, fmt.Sprintf("%d goroutines, as before", before), func() bool { return runtime.NumGoroutine() <= before })
	}
}

// eventually polls a fact until it is so.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patience)
	for !f() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("never came true: %s", what)
		}
	}
}

// TestRefused: whatever cannot work ends with one sentence that says what to do, and an exit code.
func TestRefused(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, busy, _ := net.SplitHostPort(taken.Addr().String())
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string // in the sentence
	}{
		{"port busy", []string{"-addr", "127.0.0.1:" + busy}, 1, "port " + busy + " is in use"},
		{"port busy on one of two", []string{"-addr", "localhost:" + busy}, 1, "-addr localhost:"},
		{"port busy on one address", []string{"-addr", "0.0.0.0:" + busy}, 1, "-addr 0.0.0.0:"},
		{"no host", []string{"-addr", ":8080"}, 1, "use localhost:8080"},
		{"another machine's address", []string{"-addr", "192.0.2.1:8080"}, 1, "use localhost:8080"},
		{"an address of many", []string{"-addr", "224.0.0.1:8080"}, 1, "use localhost:8080"},
		{"a wildcard", []string{"-addr", "*:8080"}, 1, "0.0.0.0:8080"},
		{"a name", []string{"-addr", "example.com:8080"}, 1, "use localhost:8080"},
		{"no port", []string{"-addr", "localhost"}, 1, "host:port"},
		{"a port that is no number", []string{"-addr", "localhost:http"}, 1, "0 to 65535"},
		{"a port too large", []string{"-addr", "localhost:65536"}, 1, "0 to 65535"},
		{"a negative port", []string{"-addr", "localhost:-1"}, 1, "0 to 65535"},
		{"unknown flag", []string{"-colour", "red"}, 2, "-help"},
		{"flag without value", []string{"-addr"}, 2, "-help"},
		{"bad log level", []string{"-log-level", "loud"}, 2, "-log-level"},
		{"bad targets", []string{"-targets", "10.0.0.0/8,everything"}, 2, `"everything" is not a CIDR`},
		{"any among targets", []string{"-targets", "10.0.0.0/8,any"}, 2, "CIDR"},
		{"a prefix too long", []string{"-targets", "10.0.0.0/33"}, 2, "CIDR"},
		{"every name", []string{"-allow-host", "*"}, 2, "wildcard"},
		{"every name of a domain", []string{"-allow-host", "*.example.org"}, 2, "wildcard"},
		{"the second name is bad", []string{"-allow-host", "lab.example.org", "-allow-host", ""}, 2, "empty"},
		{"a name with a port", []string{"-allow-host", "lab.example.org:8080"}, 2, "port"},
		{"a page", []string{"-allow-host", "https://lab.example.org"}, 2, "lab.example.org"},
		{"a name that ends in a dot", []string{"-allow-host", "lab.example.org."}, 2, "dot"},
		{"two names in one", []string{"-allow-host", "lab.example.org,example.net"}, 2, "host name"},
		{"an argument", []string{"serve"}, 2, `"serve"`},
		{"an argument after flags", []string{"-open=false", "x"}, 2, `"x"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			code := run(ctx, tt.args, &stdout, &stderr)
			text := stderr.String()
			if code != tt.code || stdout.Len() > 0 {
				t.Errorf("exit code %d, want %d; stdout %q", code, tt.code, stdout.String())
			}
			if !strings.HasPrefix(text, "socketplayground: ") || strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
				t.Errorf("want one line that begins with the program's name, got %q", text)
			}
			if !strings.Contains(text, tt.want) {
				t.Errorf("got %q, want it to say %q", text, tt.want)
			}
		})
	}
}

// TestAsked: -version and -help answer on stdout and end well.
func TestAsked(t *testing.T) {
	for _, tt := range []struct {
		arg  string
		want []string
	}{
		{"-version", []string{"socketplayground "}},
		{"-help", []string{"Usage:", "-addr", "-allow-host", "-require-code", "-open", "-lab", "-targets", "-log-level", "-version", "localhost:8080", "exec"}},
		{"-h", []string{"Usage:"}},
	} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), []string{tt.arg}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Errorf("%s: exit code %d, stderr %q", tt.arg, code, stderr.String())
		}
		for _, want := range tt.want {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("%s: %q does not say %q", tt.arg, stdout.String(), want)
			}
		}
	}
}

// TestServesBothLoopbacks: localhost is 127.0.0.1 and ::1, on one port, and each answers to its own names alone.
func TestServesBothLoopbacks(t *testing.T) {
	settled := goroutines(t)
	p := begin(t, "-addr", "localhost:0")
	n := port(t, p.url)
	if p.url != "http://localhost:"+n {
		t.Errorf("the URL is %s, want localhost", p.url)
	}
	for _, address := range []string{"http://127.0.0.1:" + n, "http://[::1]:" + n} {
		for _, path := range []string{"/healthz", "/"} {
			resp, err := http.Get(address + path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s%s: %s", address, path, resp.Status)
			}
		}
	}
	if code, _ := p.end(t); code != 0 || p.stderr.Len() > 0 {
		t.Errorf("exit code %d, stderr %q", code, p.stderr)
	}
	settled()
}

// TestURL: the URL that is printed leads to this program and not to another that has the port on the other loopback.
func TestURL(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "[::1]", "127.0.0.2"} {
		p := begin(t, "-addr", host+":0")
		if want := "http://" + host + ":" + port(t, p.url); p.url != want {
			t.Errorf("-addr %s:0: the URL is %s, want %s", host, p.url, want)
		}
		resp, err := http.Get(p.url)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", p.url, resp.Status)
		}
		p.end(t)
	}
}

// TestGreeting: the terminal gets the code, 128 bits that are new each time, in the fragment of a URL that leads to the
// page. Where everybody is asked for it, every URL has it, and what that means is said.
func TestGreeting(t *testing.T) {
	seen := map[string]bool{}
	for _, tt := range []struct {
		args  []string
		plain bool // the URL needs no code
		wide  bool
	}{
		{[]string{"-addr", "localhost:0"}, true, false},
		{[]string{"-addr", "127.0.0.1:0"}, true, false},
		{[]string{"-addr", "[::1]:0"}, true, false},
		{[]string{"-addr", "localhost:0", "-require-code"}, false, false},
		{[]string{"-addr", "0.0.0.0:0"}, false, true},
		{[]string{"-addr", "[::]:0"}, false, true},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		out, in := io.Pipe()
		code := make(chan int, 1)
		go func() {
			code <- run(ctx, append(tt.args, "-lab=false", "-capture=false"), in, io.Discard)
			in.Close()
		}()
		b := make([]byte, 4096)
		n, err := out.Read(b) // all of it is one write
		if err != nil {
			t.Fatal(err)
		}
		text := string(b[:n])
		first, _, _ := strings.Cut(text, "\n")
		urls := regexp.MustCompile(`http://\S+`).FindAllString(text, -1)
		if len(urls) == 0 || !strings.Contains(first, urls[0]) || strings.Contains(urls[0], "#") == tt.plain {
			t.Errorf("%v: got %q", tt.args, text)
		}
		for i, u := range urls {
			if i == 0 && tt.plain {
				continue
			}
			m := regexp.MustCompile(`^http://[^/]+/#code=([0-9a-f]{32})$`).FindStringSubmatch(u)
			if m == nil || seen[m[1]] && i < 2 && tt.plain {
				t.Errorf("%v: the URL %s has no code, or an old one", tt.args, u)
				continue
			}
			seen[m[1]] = true
			response, err := http.Get(u)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != http.StatusOK {
				t.Errorf("%v: %s is answered with %s", tt.args, u, response.Status)
			}
		}
		if strings.Contains(text, "Other machines") != tt.wide {
			t.Errorf("%v: got %q", tt.args, text)
		}
		cancel()
		<-code
	}
	if len(seen) != 6 {
		t.Errorf("six programs had %d codes", len(seen))
	}
}

// TestOwnPort: no address of this machine leads from the page's sockets to the page, however many it is served on.
func TestOwnPort(t *testing.T) {
	for _, addr := range []string{"localhost:0", "127.0.0.1:0", "0.0.0.0:0", "[::]:0"} {
		p := begin(t, "-addr", addr, "-targets", "any", "-lab=false", "-capture=false")
		v := viewWith(t, p.url, p.secret)
		n := port(t, p.url)
		hosts := []string{"127.0.0.1", "[::1]", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "127.0.0.2", "localhost", "127.1.2.3"}
		for _, a := range interfaceAddrs() {
			hosts = append(hosts, strings.TrimSuffix(net.JoinHostPort(a.WithZone("").String(), ""), ":"))
		}
		for _, host := range hosts {
			a := v.do(`"type":"dial","address":"` + host + ":" + n + `"`)
			if a.Type == "ok" { // it is decided when the name is resolved
				e := v.wait("the Dial of "+host, func(e event) bool { return e.Type == "call_returned" && e.Call == a.Calls[0] })
				if e.Error.Kind != "denied" {
					t.Errorf("-addr %s: dial %s:%s: %+v, want denied", addr, host, n, e)
				}
			} else if a.Code != "denied" {
				t.Errorf("-addr %s: dial %s:%s: %+v, want denied", addr, host, n, a)
			}
			if a := v.do(`"type":"listen","address":"` + host + ":" + n + `"`); a.Type == "ok" {
				if e := v.wait("the Listen", func(e event) bool { return e.Type == "call_returned" && e.Call == a.Calls[0] }); e.Error.Kind == "" {
					t.Errorf("-addr %s: listen %s:%s: %+v, want an error", addr, host, n, e)
				}
			}
		}
		p.end(t)
	}
}

// TestEnd: told to end with sockets open and viewers looking, the program closes the sockets, tells the viewers, and
// is gone within 2 s, with every goroutine.
func TestEnd(t *testing.T) {
	settled := goroutines(t)
	p := begin(t, "-addr", "localhost:0")
	v := view(t, p.url)
	other := view(t, p.url)
	v.listen("never_read")
	conn := v.do(`"type":"dial","address":"S1","count":20`).Sockets[19]
	v.dialled(conn)
	v.do(`"type":"write","socket":"` + conn + `","encoding":"random","bytes":1073741824`) // blocks: nobody reads
	v.listen("manual")
	v.do(`"type":"accept","socket":"S2"`) // blocks: nobody comes
	silent, err := net.Dial("tcp", "127.0.0.1:"+port(t, p.url))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()

	code, took := p.end(t)
	t.Logf("the program ended in %v", took.Round(time.Millisecond))
	if code != 0 || took > 2*time.Second || p.stderr.Len() > 0 {
		t.Errorf("exit code %d after %v, stderr %q; want 0 within 2 s and nothing said", code, took, p.stderr)
	}
	for _, v := range []*viewer{v, other} {
		for {
			_ = v.ws.SetReadDeadline(time.Now().Add(patience))
			if _, _, err := v.ws.ReadMessage(); err != nil {
				if !websocket.IsCloseError(err, 4000) {
					t.Errorf("a viewer was told %v, want close code 4000", err)
				}
				break
			}
		}
		v.ws.Close()
	}
	settled()
}

// TestSlowRequests: 200 connections that send their request a byte at a time, the header or a body that nobody asked
// for, hold up nobody and are cut.
func TestSlowRequests(t *testing.T) {
	p := begin(t, "-addr", "localhost:0")
	address := "127.0.0.1:" + port(t, p.url)
	conns := make([]net.Conn, 200)
	for i := range conns {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
		rest := "X-Slow: "
		if i%2 == 1 {
			rest = "Content-Length: 100000\r\n\r\n"
		}
		fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\n%s", address, rest)
	}
	cut := make(chan struct{})
	go func() {
		defer close(cut)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			open := 0
			for _, c := range conns {
				if _, err := c.Write([]byte("x")); err == nil {
					open++
				}
			}
			if open == 0 {
				return
			}
		}
	}()
	h := watchHealth(t, address)
	select {
	case <-cut:
	case <-time.After(patience):
		t.Error("slow connections were not cut")
	}
	h.end(t)
	if code, took := p.end(t); code != 0 || took > 2*time.Second {
		t.Errorf("exit code %d after %v", code, took)
	}
}

// health asks /healthz again and again, each time on a new connection.
type health struct {
	stop  context.CancelFunc
	wg    sync.WaitGroup
	came  chan struct{} // one for each answer
	took  []time.Duration
	fault error
}

func watchHealth(t *testing.T, address string) *health {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	h := &health{stop: stop, came: make(chan struct{}, 1000)}
	h.wg.Go(func() {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			begun := time.Now()
			resp, err := client.Get("http://" + address + "/healthz")
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			if err != nil {
				h.fault = err
				return
			}
			h.took = append(h.took, time.Since(begun))
			select {
			case h.came <- struct{}{}:
			default: // nobody counts so many
			}
			<-tick.C
		}
	})
	return h
}

// answers waits for that many, or for the end of all.
func (h *health) answers(n int) {
	for range n {
		select {
		case <-h.came:
		case <-time.After(patience):
			return
		}
	}
}

// end checks that every answer came, and came quickly. One and one in a hundred may be late: the machine may be busy.
func (h *health) end(t *testing.T) {
	t.Helper()
	h.stop()
	h.wg.Wait()
	if h.fault != nil {
		t.Errorf("/healthz after %d answers: %v", len(h.took), h.fault)
		return
	}
	late, longest := 0, time.Duration(0)
	for _, d := range h.took {
		longest = max(longest, d)
		if d > 100*time.Millisecond {
			late++
		}
	}
	t.Logf("/healthz: %d answers, the slowest after %v, %d over 100 ms", len(h.took), longest.Round(time.Microsecond), late)
	if len(h.took) == 0 || late > 1+len(h.took)/100 {
		t.Errorf("%d of %d answers took more than 100 ms", late, len(h.took))
	}
}
