package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// daemon starts a server of Debian's and waits until it takes connections.
func daemon(t *testing.T, p *page, port int, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			t.Fatalf("%s is missing: make test installs it, as root", name)
		}
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	p.eventually(name+" to listen", func() (bool, error) {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false, nil
		}
		return true, c.Close()
	})
}

// The page talks to servers that know nothing of it.
func TestRealServers(t *testing.T) {
	p := browse(t, start(t))
	redis := freePort(t)
	daemon(t, p, redis, "redis-server", "--port", fmt.Sprint(redis), "--bind", "127.0.0.1", "--save", "")
	p.connect(fmt.Sprintf("127.0.0.1:%d", redis))
	c1 := p.by("article", "Socket C1")
	c1.shows("ESTABLISHED")
	c1.by("textbox", "Data to send from C1").fill(`PING\r\n`)
	c1.by("button", "Send").click()
	c1.shows("Wrote 6 B", "Read 7 B", "+PONG")

	web := freePort(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr;
events {}
http { access_log off; client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
	server { listen 127.0.0.1:%[2]d; return 200 "hello from nginx\n"; } }
`, dir, web)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	daemon(t, p, web, "nginx", "-c", conf)
	p.connect(fmt.Sprintf("127.0.0.1:%d", web))
	c2 := p.by("article", "Socket C2")
	c2.shows("ESTABLISHED")
	c2.by("textbox", "Data to send from C2").fill(`GET / HTTP/1.0\r\n\r\n`)
	c2.by("button", "Send").click()
	c2.shows("HTTP/1.1 200 OK", "CLOSE_WAIT") // HTTP/1.0: the server closes first
}

// Programs of every kind talk to a listener of the page, and are seen with their names.
func TestRealClients(t *testing.T) {
	p := browse(t, start(t))
	port := freePort(t)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	p.by("radio", "Echo").click()
	p.listen(fmt.Sprintf(":%d", port))
	p.by("article", "Listener S1").shows("LISTEN")

	nc := exec.Command("nc", "127.0.0.1", fmt.Sprint(port))
	in, err := nc.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	nc.Stdout = &said
	if err := nc.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write([]byte("from nc\n")); err != nil {
		t.Fatal(err)
	}
	s11 := p.by("article", "Connection S1.1")
	s11.shows("ESTABLISHED", "Read 8 B", "Wrote 8 B", "from nc")
	p.by("tab", "netstat").click()
	p.by("grid", "Sockets").shows("S1.1", "nc")
	p.by("tab", "Ladder").click()
	_ = nc.Process.Kill() // the kernel closes for it
	_ = nc.Wait()
	s11.shows("CLOSED")
	if said.String() != "from nc\n" {
		t.Errorf("nc got %q", said.String())
	}

	// The article's kind of client.
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 16)
	n, err := conn.Read(buf)
	if err != nil || string(buf[:n]) != "hello" {
		t.Errorf("the Go client got %q, %v", buf[:n], err)
	}
	conn.Close()
	p.by("article", "Connection S1.2").shows("Read 5 B", "hello")

	// curl takes the echo of its own request for an HTTP/0.9 answer; what counts is that it is seen.
	curl := exec.Command("curl", "--silent", "--http0.9", "--max-time", "1", "http://"+address+"/from-curl")
	out, _ := curl.Output() // ends by its time limit
	if !strings.Contains(string(out), "GET /from-curl HTTP/1.1") {
		t.Errorf("curl got %q", out)
	}
	p.by("article", "Connection S1.3").shows("GET /from-curl")
}
