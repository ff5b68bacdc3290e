package e2e

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// firefox is Firefox, over WebDriver BiDi.
type firefox struct {
	cmd  *exec.Cmd
	bidi *bidi
	tab  string

	mu    sync.Mutex
	hears map[string]func(string) // what the page in each tab complains about
}

// firefoxPrefs keep it from the network, and from asking anything of who starts it. It prefers dark, as no command can say.
const firefoxPrefs = `
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.startup.page", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("intl.accept_languages", "en-US, en");
user_pref("layout.css.prefers-color-scheme.content-override", 0);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
`

var bidiLine = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)

func inFirefox(t *testing.T, complain func(string)) driver {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		t.Fatal("Firefox is missing: install Debian's package firefox-esr (make test does, as root)")
	}
	home := t.TempDir()
	profile := filepath.Join(home, "profile")
	if err := os.Mkdir(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(firefoxPrefs), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+home, "MOZ_CRASHREPORTER_DISABLE=1")
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f := &firefox{cmd: cmd, hears: map[string]func(string){}}
	address, said := "", []string{}
	lines := bufio.NewScanner(out)
	for address == "" && lines.Scan() {
		said = append(said, lines.Text())
		if m := bidiLine.FindStringSubmatch(lines.Text()); m != nil {
			address = m[1]
		}
	}
	go func() {
		for lines.Scan() { // what else it says must not fill the pipe
		}
	}()
	if address == "" {
		f.end()
		t.Fatalf("Firefox did not say where it listens:\n%s", strings.Join(said, "\n"))
	}
	if f.bidi, err = dialBiDi(address+"/session", func(method string, params json.RawMessage) {
		var entry struct {
			Level, Text string
			Source      struct{ Context string }
		}
		if method != "log.entryAdded" || json.Unmarshal(params, &entry) != nil || entry.Level != "error" && entry.Level != "warn" {
			return
		}
		f.mu.Lock()
		complain := f.hears[entry.Source.Context]
		f.mu.Unlock()
		if complain != nil {
			complain(entry.Text)
		}
	}); err == nil {
		err = f.begin(complain)
	}
	if err != nil {
		f.end()
		t.Fatal("Firefox: ", err)
	}
	return f
}

// begin opens the session and its tab. A window that the session makes has the focus, without which no key presses a button.
func (f *firefox) begin(complain func(string)) error {
	if err := f.bidi.send("session.new", object{"capabilities": object{}}, nil); err != nil {
		return err
	}
	if err := f.bidi.send("session.subscribe", object{"events": []string{"log.entryAdded"}}, nil); err != nil {
		return err
	}
	tab, err := f.make("window", complain)
	f.tab = tab
	return err
}

func (f *firefox) make(kind string, complain func(string)) (tab string, err error) {
	var made struct{ Context string }
	if err := f.bidi.send("browsingContext.create", object{"type": kind}, &made); err != nil {
		return "", err
	}
	f.mu.Lock()
	f.hears[made.Context] = complain
	f.mu.Unlock()
	return made.Context, f.bidi.send("browsingContext.setViewport", object{"context": made.Context, "viewport": object{"width": 1440, "height": 900}}, nil)
}

func (f *firefox) another(complain func(string)) (driver, error) {
	tab, err := f.make("tab", complain)
	return &firefox{bidi: f.bidi, tab: tab}, err
}

// object is a JSON object.
type object = map[string]any

func (f *firefox) end() {
	if f.bidi != nil {
		_ = f.bidi.send("browser.close", object{}, nil)
		f.bidi.close()
	}
	_ = f.cmd.Process.Kill() // its own children end with it
	_ = f.cmd.Wait()
}

func (f *firefox) navigate(url string) error {
	return f.bidi.send("browsingContext.navigate", object{"context": f.tab, "url": url, "wait": "complete"}, nil)
}

func (f *firefox) reload() error {
	return f.bidi.send("browsingContext.reload", object{"context": f.tab, "wait": "complete"}, nil)
}

func (f *firefox) viewport(width, height int64) error {
	return f.bidi.send("browsingContext.setViewport", object{"context": f.tab, "viewport": object{"width": width, "height": height}}, nil)
}

// candidatesFor gives what may have a role and a name: to ask Firefox for those of every element takes it a second or two.
const candidatesFor = `(within, selector, name) => [...(within ?? document).querySelectorAll(selector)].filter((x) => {
	const texts = [x, ...(x.labels ?? []), ...(x.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id))].map((y) => y?.textContent);
	return (x.checkVisibility() || getComputedStyle(x).display === 'contents') && [...texts, x.ariaLabel, x.title, x.placeholder].join(' ').replace(/\s+/g, ' ').includes(name);
})`

// withRole selects what may have a role that is not said.
var withRole = map[string]string{
	"article": "article", "button": "button, summary", "checkbox": "input", "dialog": "dialog", "form": "form", "group": "fieldset, details",
	"heading": "h1, h2, h3, h4, h5, h6", "link": "a", "list": "ul, ol, menu", "listitem": "li", "main": "main", "navigation": "nav", "radio": "input", "region": "section",
	"searchbox": "input", "spinbutton": "input", "combobox": "select, input", "status": "output", "switch": "input", "table": "table", "textbox": "input, textarea",
}

type sharedNode struct {
	SharedID node `json:"sharedId"`
}

func (f *firefox) locate(in node, role, name string) (node, error) {
	within, as := object{"type": "null"}, object{"role": role}
	if in != "" {
		within = object{"sharedId": in}
	}
	if name != "" {
		as["name"] = name
	}
	selector := fmt.Sprintf("[role=%q]", role)
	if more := withRole[role]; more != "" {
		selector += ", " + more
	}
	var candidates struct {
		Result struct{ Value []sharedNode }
	}
	err := f.bidi.send("script.callFunction", object{"target": object{"context": f.tab}, "awaitPromise": false,
		"functionDeclaration": candidatesFor,
		"arguments":           []object{within, {"type": "string", "value": selector}, {"type": "string", "value": name}}}, &candidates)
	if err != nil {
		return "", err
	}
	if len(candidates.Result.Value) == 0 {
		return "", nil
	}
	var found struct{ Nodes []sharedNode }
	ask := object{"context": f.tab, "startNodes": candidates.Result.Value, "maxNodeCount": 1, "locator": object{"type": "accessibility", "value": as}}
	if err := f.bidi.send("browsingContext.locateNodes", ask, &found); err != nil || len(found.Nodes) == 0 {
		return "", err
	}
	return found.Nodes[0].SharedID, nil
}

func (f *firefox) call(on node, function string) (json.RawMessage, error) {
	return f.run("script.callFunction", object{
		"functionDeclaration": "async function() { return JSON.stringify(await (" + function + ").call(this)); }", "this": object{"sharedId": on}})
}

func (f *firefox) evaluate(expression string) (json.RawMessage, error) {
	return f.run("script.evaluate", object{"expression": "(async () => JSON.stringify(await (" + expression + ")))()"})
}

func (f *firefox) run(method string, ask object) (json.RawMessage, error) {
	ask["target"], ask["awaitPromise"] = object{"context": f.tab}, true
	var r struct {
		Result           struct{ Value string }
		ExceptionDetails *struct{ Text string }
	}
	switch err := f.bidi.send(method, ask, &r); {
	case err != nil:
		return nil, err
	case r.ExceptionDetails != nil:
		return nil, errors.New(r.ExceptionDetails.Text)
	case r.Result.Value == "":
		return json.RawMessage("null"), nil
	}
	return json.RawMessage(r.Result.Value), nil
}

func (f *firefox) act(kind string, actions []object) error {
	return f.bidi.send("input.performActions", object{"context": f.tab, "actions": []object{{"type": kind, "id": kind, "actions": actions}}}, nil)
}

func (f *firefox) click(x, y float64) error {
	return f.act("pointer", []object{
		{"type": "pointerMove", "x": math.Round(x), "y": math.Round(y)},
		{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}})
}

// webdriverKeys are keys without a character, by what the tests call them (https://www.w3.org/TR/webdriver/#keyboard-actions).
var webdriverKeys = map[string]string{
	kb.Enter: "\uE007", kb.Escape: "\uE00C", kb.Tab: "\uE004", kb.ArrowUp: "\uE013", kb.ArrowDown: "\uE015", kb.ArrowLeft: "\uE012", kb.ArrowRight: "\uE014",
}

func (f *firefox) press(keys string) error {
	var actions []object
	for _, r := range keys {
		key := string(r)
		if k, ok := webdriverKeys[key]; ok {
			key = k
		}
		actions = append(actions, object{"type": "keyDown", "value": key}, object{"type": "keyUp", "value": key})
	}
	return f.act("key", actions)
}

func (f *firefox) enter() error { return f.press(kb.Enter) }

func (f *firefox) control(key string) error {
	return f.act("key", []object{{"type": "keyDown", "value": "\uE009"}, {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}, {"type": "keyUp", "value": "\uE009"}})
}

// insert replaces what is selected, as pasting does; nothing else keeps line ends and characters that no key has.
func (f *firefox) insert(text string) error {
	quoted, err := json.Marshal(text)
	if err != nil {
		return err
	}
	what := "insertText"
	if text == "" {
		what = "delete"
	}
	done, err := f.evaluate(fmt.Sprintf(`document.execCommand('%s', false, %s)`, what, quoted))
	if err == nil && string(done) != "true" {
		err = fmt.Errorf("%q could not be inserted", text)
	}
	return err
}

func (f *firefox) screenshot() ([]byte, error) {
	var shot struct{ Data string }
	if err := f.bidi.send("browsingContext.captureScreenshot", object{"context": f.tab}, &shot); err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(shot.Data)
}
