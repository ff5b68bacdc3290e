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
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
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

// browse opens a browser with one tab. Errors on the console fail the test at its end.
func browse(t *testing.T, s *server, flags ...chromedp.ExecAllocatorOption) *page {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing: install Debian's package chromium (make test does, as root)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	opts = append(opts, flags...)
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, endTab := chromedp.NewContext(alloc)
	ctx, endTime := context.WithTimeout(ctx, 2*time.Minute)
	p := &page{t: t, ctx: ctx, url: s.url}
	t.Cleanup(func() {
		if t.Failed() {
			p.screenshot("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		endTime()
		endTab()
		endAlloc()
		p.listeners.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, m := range p.console {
			t.Error("the page complained: ", m)
		}
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900)); err != nil {
		t.Fatal(err)
	}
	p.open(s.url)
	return p
}

// page is one tab.
type page struct {
	t         *testing.T
	ctx       context.Context
	url       string
	listeners sync.WaitGroup

	mu      sync.Mutex
	console []string
	allowed []string // parts of messages that a test provokes
}

// open goes to a URL, and from then on collects what the page complains about.
func (p *page) open(url string) {
	p.t.Helper()
	exceptions := chromedp.Events(p.ctx, runtime.ExceptionThrown)
	entries := chromedp.Events(p.ctx, log.EntryAdded)
	calls := chromedp.Events(p.ctx, runtime.ConsoleAPICalled)
	p.listeners.Go(func() {
		for e, err := range exceptions {
			if err != nil {
				return
			}
			text := e.ExceptionDetails.Text
			if x := e.ExceptionDetails.Exception; x != nil {
				text += " " + x.Description
			}
			p.complain(text)
		}
	})
	p.listeners.Go(func() {
		for e, err := range entries {
			if err != nil {
				return
			}
			if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
				p.complain(e.Entry.Text)
			}
		}
	})
	p.listeners.Go(func() {
		for e, err := range calls {
			if err != nil {
				return
			}
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				p.complain(fmt.Sprint("console.", e.Type))
			}
		}
	})
	if err := chromedp.Do(p.ctx, chromedp.Navigate(url)); err != nil {
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

// dark makes the tab prefer dark colours.
func (p *page) dark() {
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	if err != nil {
		p.t.Fatal(err)
	}
}

// screenshot saves the tab where $SCREENSHOTS says; without it, it does nothing.
func (p *page) screenshot(name string) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		p.t.Log("no screenshot: ", err)
	}
}
