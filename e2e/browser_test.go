// Package e2e drives the real program with a real browser, as a person would: it finds things by role and name.
package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// program is the built binary, made once.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "playground-e2e")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "socketplayground")
		build := exec.Command("go", "build", "-o", program, "socketplayground")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building the program:", err)
			return 1
		}
		return m.Run()
	}())
}

// server is a running program.
type server struct {
	url string
	cmd *exec.Cmd
}

var urlLine = regexp.MustCompile(`http://\S+`)

// start runs the program on a port of its own until the test ends.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	cmd := exec.Command(program, append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{cmd: cmd}
	t.Cleanup(s.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the program printed no URL: ", err)
	}
	s.url = urlLine.FindString(line)
	if s.url == "" {
		t.Fatalf("the program printed %q, which has no URL", line)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the program
	return s
}

func (s *server) stop() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		_ = s.cmd.Wait()
	}
}

// browse opens Chromium with one tab. Errors on the console fail the test at its end.
func browse(t *testing.T, s *server, flags ...chromedp.ExecAllocatorOption) *page {
	t.Helper()
	return launch(func(t *testing.T, complain func(string)) driver { return startChromium(t, complain, flags...) }).browse(t, s)
}

// browse opens the browser with one tab. Errors on the console fail the test at its end.
func (in launch) browse(t *testing.T, s *server) *page {
	t.Helper()
	p := &page{t: t, url: s.url}
	p.driver = in(t, p.complain)
	if c, ok := p.driver.(*chromium); ok {
		p.ctx = c.ctx
	}
	t.Cleanup(func() {
		if t.Failed() {
			p.screenshot("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		p.driver.end()
		p.quiet()
	})
	p.open(s.url)
	return p
}

// another opens a URL in another tab of the same browser.
func (p *page) another(url string) *page {
	p.t.Helper()
	beside := &page{t: p.t, url: p.url}
	d, err := p.driver.another(beside.complain)
	p.must(err)
	beside.driver = d
	p.t.Cleanup(beside.quiet)
	beside.open(url)
	return beside
}

// quiet fails the test if the page complained.
func (p *page) quiet() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.console {
		p.t.Error("the page complained: ", m)
	}
}

// page is one tab.
type page struct {
	t      *testing.T
	driver driver
	ctx    context.Context // Chromium's, for what only it can be asked
	url    string

	mu      sync.Mutex
	console []string
	allowed []string // parts of messages that a test provokes
}

func (p *page) open(url string) {
	p.t.Helper()
	p.must(p.driver.navigate(url))
}

func (p *page) reload() {
	p.t.Helper()
	p.must(p.driver.reload())
}

// size makes the window's inside so many CSS pixels wide and high.
func (p *page) size(width, height int64) {
	p.t.Helper()
	p.must(p.driver.viewport(width, height))
}

func (p *page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// allow lets the page complain about something that the test itself brings about.
func (p *page) allow(part string) {
	p.mu.Lock()
	p.allowed = append(p.allowed, part)
	p.mu.Unlock()
}

func (p *page) complain(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, part := range p.allowed {
		if strings.Contains(text, part) {
			return
		}
	}
	p.console = append(p.console, text)
}

// dark makes the tab prefer dark colours; Firefox's does from the start.
func (p *page) dark() {
	p.t.Helper()
	if c, ok := p.driver.(*chromium); ok {
		p.must(c.media(map[string]string{"prefers-color-scheme": "dark"}))
	}
}

// screenshot saves the tab where $SCREENSHOTS says; without it, it does nothing.
func (p *page) screenshot(name string) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := p.driver.screenshot()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		p.t.Log("no screenshot: ", err)
	}
}
