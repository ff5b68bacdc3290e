package e2e

import (
	"encoding/json"
	"fmt"
	"time"
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
func (x *thing) find() (node, error) {
	var in node
	if x.in != nil {
		var err error
		if in, err = x.in.find(); err != nil || in == "" {
			return "", err
		}
	}
	return x.p.driver.locate(in, x.role, x.name)
}

// eventually waits until f says true. An element that was replaced between two questions makes f fail, and is asked again.
func (p *page) eventually(what string, f func() (bool, error)) {
	p.t.Helper()
	p.within(patience, what, f)
}

// within is eventually for what takes a machine longer.
func (p *page) within(limit time.Duration, what string, f func() (bool, error)) {
	p.t.Helper()
	over := time.After(limit)
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
		case <-over:
			p.t.Fatalf("waited %v in vain: %s (%v)", limit, what, last)
		}
	}
}

// call runs a function with the element as this, and gives its JSON result.
func (x *thing) call(function string, result any) (found bool, err error) {
	on, err := x.find()
	if err != nil || on == "" {
		return false, err
	}
	value, err := x.p.driver.call(on, function)
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(value, result)
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
		return true, x.p.driver.click(at.X, at.Y)
	})
}

// focus gives the element the focus.
func (x *thing) focus() {
	x.p.t.Helper()
	x.p.eventually(x.String()+" to have the focus", func() (bool, error) {
		var on bool
		found, err := x.call(`function() { this.focus(); return document.activeElement === this; }`, &on)
		return found && on, err
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
		return true, x.p.driver.insert(text)
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
	p.must(p.driver.press(keys))
}

// enter presses the Enter key as a keyboard does.
func (p *page) enter() {
	p.t.Helper()
	p.must(p.driver.enter())
}

// eval evaluates an expression in the page.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	value, err := p.driver.evaluate(expression)
	var v T
	if err == nil {
		err = json.Unmarshal(value, &v)
	}
	if err != nil {
		p.t.Fatal(expression, ": ", err)
	}
	return v
}
