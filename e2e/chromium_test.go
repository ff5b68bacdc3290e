package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium is Chromium, over its DevTools protocol.
type chromium struct {
	ctx       context.Context
	ends      []func()
	listeners sync.WaitGroup
}

func inChromium(t *testing.T, complain func(string)) driver { return startChromium(t, complain) }

func startChromium(t *testing.T, complain func(string), flags ...chromedp.ExecAllocatorOption) *chromium {
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
	c := &chromium{ctx: ctx, ends: []func(){endTime, endTab, endAlloc}}
	if err := c.viewport(1440, 900); err != nil {
		c.end()
		t.Fatal(err)
	}
	c.listen(complain)
	return c
}

func (c *chromium) another(complain func(string)) (driver, error) {
	ctx, end := chromedp.NewContext(c.ctx)
	tab := &chromium{ctx: ctx}
	if err := tab.viewport(1440, 900); err != nil {
		end()
		return nil, err
	}
	tab.listen(complain)
	c.ends = append([]func(){end, tab.listeners.Wait}, c.ends...)
	return tab, nil
}

func (c *chromium) end() {
	for _, end := range c.ends {
		end()
	}
	c.listeners.Wait()
}

// listen passes on what the page complains about.
func (c *chromium) listen(complain func(string)) {
	exceptions := chromedp.Events(c.ctx, runtime.ExceptionThrown)
	entries := chromedp.Events(c.ctx, log.EntryAdded)
	calls := chromedp.Events(c.ctx, runtime.ConsoleAPICalled)
	c.listeners.Go(func() {
		for e, err := range exceptions {
			if err != nil {
				return
			}
			text := e.ExceptionDetails.Text
			if x := e.ExceptionDetails.Exception; x != nil {
				text += " " + x.Description
			}
			complain(text)
		}
	})
	c.listeners.Go(func() {
		for e, err := range entries {
			if err != nil {
				return
			}
			if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
				complain(e.Entry.Text)
			}
		}
	})
	c.listeners.Go(func() {
		for e, err := range calls {
			if err != nil {
				return
			}
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				complain(fmt.Sprint("console.", e.Type))
			}
		}
	})
}

func (c *chromium) navigate(url string) error { return chromedp.Do(c.ctx, chromedp.Navigate(url)) }

func (c *chromium) reload() error { return chromedp.Do(c.ctx, chromedp.Reload()) }

func (c *chromium) viewport(width, height int64) error {
	return chromedp.Do(c.ctx, chromedp.EmulateViewport(width, height))
}

func (c *chromium) locate(in node, role, name string) (node, error) {
	return chromedp.Run(c.ctx, func(ctx context.Context, t *chromedp.Target) (node, error) {
		root := runtime.RemoteObjectID(in)
		if in == "" {
			var err error
			if root, err = document(ctx, t); err != nil {
				return "", err
			}
		}
		tree, err := cdp.Call(ctx, t, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: root, Role: role, AccessibleName: name})
		if err != nil {
			return "", err
		}
		for _, n := range tree.Nodes {
			if n.Ignored {
				continue
			}
			found, err := cdp.Call(ctx, t, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: n.BackendDOMNodeID})
			if err != nil {
				return "", err
			}
			return node(found.Object.ObjectID), nil
		}
		return "", nil
	})
}

func document(ctx context.Context, t *chromedp.Target) (runtime.RemoteObjectID, error) {
	r, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
	if err != nil {
		return "", err
	}
	return r.Result.ObjectID, nil
}

func (c *chromium) call(on node, function string) (json.RawMessage, error) {
	return chromedp.Run(c.ctx, func(ctx context.Context, t *chromedp.Target) (json.RawMessage, error) {
		yes := true
		r, err := cdp.Call(ctx, t, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
			FunctionDeclaration: function, ObjectID: runtime.RemoteObjectID(on), ReturnByValue: &yes, AwaitPromise: &yes})
		if err != nil {
			return nil, err
		}
		if r.ExceptionDetails != nil {
			return nil, errors.New(r.ExceptionDetails.Text)
		}
		return json.RawMessage(r.Result.Value), nil
	})
}

func (c *chromium) evaluate(expression string) (json.RawMessage, error) {
	return chromedp.Run(c.ctx, chromedp.Evaluate[json.RawMessage](expression, chromedp.EvalAwaitPromise))
}

func (c *chromium) click(x, y float64) error { return chromedp.Do(c.ctx, chromedp.MouseClickXY(x, y)) }

func (c *chromium) insert(text string) error {
	return chromedp.Do(c.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

func (c *chromium) press(keys string) error { return chromedp.Do(c.ctx, chromedp.KeyEvent(keys)) }

// enter is the Enter key with its character, which does not come where the page takes the key.
func (c *chromium) enter() error {
	return chromedp.Do(c.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, e := range []input.DispatchKeyEventParams{
			{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13},
			{Type: input.DispatchKeyEventTypeKeyUp, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13},
		} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (c *chromium) control(key string) error {
	return chromedp.Do(c.ctx, chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
}

func (c *chromium) screenshot() ([]byte, error) {
	return chromedp.Run(c.ctx, chromedp.CaptureScreenshot())
}

// media has the tab say what its user prefers: values of media features.
func (c *chromium) media(features map[string]string) error {
	var params emulation.SetEmulatedMediaParams
	for name, value := range features {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	_, err := chromedp.Call(c.ctx, emulation.SetEmulatedMedia, params)
	return err
}
