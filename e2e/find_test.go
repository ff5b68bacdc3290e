package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for something to appear.
const patience = 15 * time.Second

// thing is an element, found by its role and accessible name when it is needed, inside another or anywhere.
type thing struct {
	p          *page
	in         *thing
	role, name string
}

func (p *page) by(role, name string) *thing { return &thing{p: p, role: role, name: name} }

func (x *thing) by(role, name string) *thing { return &thing{p: x.p, in: x, role: role, name: name} }

func (x *thing) String() string {
	s := fmt.Sprintf("%s %q", x.role, x.name)
	if x.in != nil {
		s += " in " + x.in.String()
	}
	return s
}

// find gives the element as it is now; empty if it is not there.
func (x *thing) find() (runtime.RemoteObjectID, error) {
	root, err := x.p.document()
	if x.in != nil {
		root, err = x.in.find()
	}
	if err != nil || root == "" {
		return "", err
	}
	return chromedp.Run(x.p.ctx, func(ctx context.Context, t *chromedp.Target) (runtime.RemoteObjectID, error) {
		tree, err := cdp.Call(ctx, t, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: root, Role: x.role, AccessibleName: x.name})
		if err != nil {
			return "", err
		}
		for _, n := range tree.Nodes {
			if n.Ignored {
				continue
			}
			node, err := cdp.Call(ctx, t, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: n.BackendDOMNodeID})
			if err != nil {
				return "", err
			}
			return node.Object.ObjectID, nil
		}
		return "", nil
	})
}

func (p *page) document() (runtime.RemoteObjectID, error) {
	return chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (runtime.RemoteObjectID, error) {
		r, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
		if err != nil {
			return "", err
		}
		return r.Result.ObjectID, nil
	})
}

// eventually waits until f says true. An element that was replaced between two questions makes f fail, and is asked again.
func (p *page) eventually(what string, f func() (bool, error)) {
	p.t.Helper()
	p.within(patience, what, f)
}

// within is eventually for what takes a machine longer.
func (p *page) within(limit time.Duration, what string, f func() (bool, error)) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		ok, err := f()
		if ok && err == nil {
			return
		}
		last = err
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.t.Fatalf("waited %v in vain: %s (%v)", limit, what, last)
		}
	}
}

// call runs a function with the element as this, and gives its JSON result.
func (x *thing) call(function string, result any) (found bool, err error) {
	id, err := x.find()
	if err != nil || id == "" {
		return false, err
	}
	yes := true
	return chromedp.Run(x.p.ctx, func(ctx context.Context, t *chromedp.Target) (bool, error) {
		r, err := cdp.Call(ctx, t, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: function, ObjectID: id, ReturnByValue: &yes})
		if err != nil {
			return false, err
		}
		if r.ExceptionDetails != nil {
			return false, fmt.Errorf("%s", r.ExceptionDetails.Text)
		}
		return true, json.Unmarshal(r.Result.Value, result)
	})
}

// place is where an element can be clicked.
type place struct {
	X, Y  float64
	Ready bool
}

// clickPlace scrolls the element into view and says whether a click in its middle would reach it.
const clickPlace = `function() {
	this.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
	const r = this.getBoundingClientRect();
	const x = r.x + r.width / 2, y = r.y + r.height / 2;
	const hit = document.elementFromPoint(x, y);
	const off = this.disabled || this.getAttribute('aria-disabled') === 'true';
	const label = this.closest('label');
	return {X: x, Y: y, Ready: !off && hit !== null && (this.contains(hit) || hit.contains(this) || label !== null && label.contains(hit))};
}`

// radioPlace is the same for a control that is drawn by its label.
const radioPlace = `function() {
	const shown = this.closest('label') || this;
	shown.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
	const r = shown.getBoundingClientRect();
	return {X: r.x + r.width / 2, Y: r.y + r.height / 2, Ready: !this.disabled};
}`

// click clicks the element's middle with the mouse, once it is there, enabled and not covered.
func (x *thing) click() {
	x.p.t.Helper()
	where := clickPlace
	if x.role == "radio" || x.role == "checkbox" || x.role == "switch" {
		where = radioPlace
	}
	x.p.eventually("to click "+x.String(), func() (bool, error) {
		var at place
		found, err := x.call(where, &at)
		if err != nil || !found || !at.Ready {
			return false, err
		}
		return true, chromedp.Do(x.p.ctx, chromedp.MouseClickXY(at.X, at.Y))
	})
}

// fill replaces what a field holds.
func (x *thing) fill(text string) {
	x.p.t.Helper()
	x.p.eventually("to fill "+x.String(), func() (bool, error) {
		var ok bool
		found, err := x.call(`function() { this.focus(); this.select(); return document.activeElement === this && !this.disabled; }`, &ok)
		if err != nil || !found || !ok {
			return false, err
		}
		return true, chromedp.Do(x.p.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
			return err
		}))
	})
}

// text is what the element shows; empty if it is not there.
func (x *thing) text() string {
	var s string
	if _, err := x.call(`function() { return this.innerText ?? this.textContent; }`, &s); err != nil {
		return ""
	}
	return s
}

// shows waits until the element's text has all parts.
func (x *thing) shows(parts ...string) {
	x.p.t.Helper()
	var last string
	defer func() {
		if x.p.t.Failed() {
			x.p.t.Logf("%s showed:\n%s", x, last)
		}
	}()
	x.p.eventually(fmt.Sprintf("%s to show %q", x, parts), func() (bool, error) {
		last = x.text()
		return containsAll(last, parts...), nil
	})
}

// appears waits until the element is there, vanishes until it is not.
func (x *thing) appears() {
	x.p.t.Helper()
	x.p.eventually(x.String()+" to appear", func() (bool, error) { id, err := x.find(); return id != "", err })
}

func (x *thing) vanishes() {
	x.p.t.Helper()
	x.p.eventually(x.String()+" to vanish", func() (bool, error) { id, err := x.find(); return id == "", err })
}

// press sends keys to whatever has the focus.
func (p *page) press(keys string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.KeyEvent(keys)); err != nil {
		p.t.Fatal(err)
	}
}

// enter presses the Enter key as a keyboard does: its character comes with the key, and not when the page takes the key.
func (p *page) enter() {
	p.t.Helper()
	err := chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
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
	if err != nil {
		p.t.Fatal(err)
	}
}

// eval evaluates an expression in the page.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(expression, ": ", err)
	}
	return v
}
