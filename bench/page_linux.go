package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// esbuild makes the bundle that the page is compared with. It is no part of the project.
const esbuild = "github.com/evanw/esbuild/cmd/esbuild@v0.28.2"

var (
	moduleTag = regexp.MustCompile(`(?m)^<script type="module" src="static/js/main\.js"></script>`)
	styleTag  = regexp.MustCompile(`(?m)^<link rel="stylesheet" href="static/(css/[a-z-]+\.css)">\n`)
	preload   = regexp.MustCompile(`(?m)^<link rel="modulepreload"[^>]*>\n`)
)

// pageLoad is row 11: the page as it is, against one script and one style sheet made of it, from the same file server
// until the load event.
func pageLoad(b *bench) error {
	const what, bar = "cold page load", "≤ 2.5 × its own bundle"
	if _, err := exec.LookPath("chromium"); err != nil {
		b.add("11", what, bar, notMeasured, "chromium is not installed")
		return nil
	}
	static, err := staticDir(b.ctx)
	if err != nil {
		return err
	}
	bundled := filepath.Join(b.dir, "static")
	if err := bundle(b.ctx, static, bundled); err != nil {
		b.add("11", what, bar, notMeasured, "no bundle: %v", err)
		return nil
	}

	ctx, cancel := browser(b.ctx)
	defer cancel()
	load := series{}
	for rep := range 2*b.reps + 1 { // a load is short, and its time varies
		for _, v := range [][2]string{{ourName, static}, {"bundle", bundled}} {
			ms, err := loadTime(ctx, v[1])
			if err != nil {
				return err
			}
			if rep > 0 {
				load.add(v[0], ms)
			}
		}
	}
	r := load.ratio(ourName, "bundle")
	b.add("11", what, bar, judge(r <= 2.5), "%.2f × (%.0f and %.0f ms)", r, load.median(ourName), load.median("bundle"))
	return nil
}

// staticDir is where the page's files are.
func staticDir(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "socketplayground/static").Output()
	return strings.TrimSpace(string(out)), err
}

// browser starts a headless Chromium with one tab.
func browser(ctx context.Context) (context.Context, context.CancelFunc) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.DisableGPU, chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	ctx, endTab := chromedp.NewContext(ctx)
	return ctx, func() {
		endTab()
		end()
	}
}

// files serves the page from a directory, as the playground does.
func files(dir string) *http.ServeMux {
	server := http.FileServer(http.Dir(dir))
	mux := http.NewServeMux()
	mux.Handle("/static/", http.StripPrefix("/static/", server))
	mux.Handle("/{$}", server)
	return mux
}

// bundle writes index.html with one script and one style sheet.
func bundle(ctx context.Context, from, to string) error {
	html, err := os.ReadFile(filepath.Join(from, "index.html"))
	if err != nil {
		return err
	}
	if !moduleTag.Match(html) || !styleTag.Match(html) {
		return fmt.Errorf("index.html has another shape than this expects")
	}
	if err := os.MkdirAll(filepath.Join(to, "js"), 0o700); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "run", esbuild, filepath.Join(from, "js", "main.js"), "--bundle", "--format=esm", "--outfile="+filepath.Join(to, "js", "main.js"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("esbuild: %w\n%s", err, out)
	}
	var css []byte
	for _, m := range styleTag.FindAllSubmatch(html, -1) {
		sheet, err := os.ReadFile(filepath.Join(from, string(m[1])))
		if err != nil {
			return err
		}
		css = append(css, sheet...)
	}
	html = preload.ReplaceAll(styleTag.ReplaceAll(html, nil), nil)
	html = moduleTag.ReplaceAll(html, []byte(`<link rel="stylesheet" href="static/all.css"><script type="module" src="static/js/main.js"></script>`))
	boot, err := os.ReadFile(filepath.Join(from, "js", "boot.js"))
	if err != nil {
		return err
	}
	icon, err := os.ReadFile(filepath.Join(from, "favicon.svg"))
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"index.html": html, "all.css": css, "js/boot.js": boot, "favicon.svg": icon} {
		if err := os.WriteFile(filepath.Join(to, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// loadTime opens the page in a new tab and gives the milliseconds until its load event. The server is a new one, so
// nothing of its origin is in the browser's cache.
func loadTime(ctx context.Context, dir string) (ms float64, err error) {
	server := httptest.NewServer(files(dir))
	defer server.Close()
	ctx, cancel := chromedp.NewContext(ctx)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	if _, err := chromedp.Run(ctx, chromedp.Navigate(server.URL)); err != nil {
		return 0, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[float64](`performance.getEntriesByType('navigation')[0].loadEventStart`))
}
