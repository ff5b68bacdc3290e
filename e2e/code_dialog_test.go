package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The dialog that asks for the code, as Chromium tells it to a screen reader: a modal dialog with a name and a description,
// which holds the focus; what is wrong is said at once, and belongs to the field. Escape closes it, and it can be had again.
func TestCodeDialogIsAccessible(t *testing.T) {
	s := start(t, "-require-code")
	at, _, _ := strings.Cut(s.url, "/#code=")
	s.url = at + "/?lang=en"
	p := browse(t, s)
	dialog := p.by("dialog", "The playground asks for its code")
	field := dialog.by("textbox", "The code, or the whole address")
	field.appears()
	node := p.accessible("dialog", "The playground asks for its code")
	if !node.is("modal", true) || !strings.Contains(node.description, "Whoever opens this page acts on the machine") {
		t.Errorf("the dialog is %+v", node)
	}
	focused := func(what string) {
		t.Helper()
		p.eventually("the focus on "+what, func() (bool, error) {
			return eval[string](p, `document.activeElement.id || document.activeElement.textContent`) == what, nil
		})
	}
	focused("code-field")
	if node := p.accessible("textbox", "The code, or the whole address"); !node.is("required", true) || node.is("invalid", "true") || !strings.Contains(node.description, "The terminal in which it was started") {
		t.Errorf("the field is %+v", node)
	}
	// Tab goes round within the dialog, either way; what lies beneath is inert.
	for range 6 {
		p.press(kb.Tab)
		if where := eval[string](p, `document.activeElement.closest('dialog.code-ask') || document.activeElement === document.body ? '' : document.activeElement.outerHTML`); where != "" {
			t.Fatalf("Tab leads out of the dialog, to %.200s", where)
		}
	}
	eval[bool](p, `(document.querySelector('#address, input:not(#code-field)')?.focus(), document.querySelector('#code-field').focus(), true)`)
	p.enter()
	dialog.shows("That has no code in it")
	focused("code-field")
	alert := p.accessible("alert", "")
	if alert.role != "alert" || !alert.is("live", "assertive") {
		t.Errorf("what is wrong is %+v", alert)
	}
	if node := p.accessible("textbox", "The code, or the whole address"); !node.is("invalid", "true") || !strings.Contains(node.description, "That has no code in it") {
		t.Errorf("the field that is wrong is %+v", node)
	}
	p.press(kb.Escape)
	p.eventually("the dialog to close", func() (bool, error) {
		return eval[bool](p, `document.querySelector('dialog.code-ask[open]') === null`), nil
	})
	again := p.by("button", "Enter the code")
	again.appears()
	eval[bool](p, `([...document.querySelectorAll('button')].find((b) => b.textContent === 'Enter the code').focus(), true)`)
	p.enter()
	focused("code-field")
	if eval[string](p, `document.querySelector('#code-wrong').textContent`) != "" {
		t.Error("the dialog that is opened again says that something is wrong")
	}
	p.press(kb.Escape)
	focused("Enter the code") // where it was before
}

// axNode is an element as the accessibility tree has it.
type axNode struct {
	role, name, description string
	properties              map[string]any
}

func (n axNode) is(property string, value any) bool { return n.properties[property] == value }

// accessible finds an element in Chromium's accessibility tree; empty if it is not there.
func (p *page) accessible(role, name string) axNode {
	p.t.Helper()
	node, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (axNode, error) {
		root, err := document(ctx, t)
		if err != nil {
			return axNode{}, err
		}
		tree, err := cdp.Call(ctx, t, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: root, Role: role, AccessibleName: name})
		if err != nil {
			return axNode{}, err
		}
		for _, n := range tree.Nodes {
			if n.Ignored {
				continue
			}
			found := axNode{role: role, name: name, properties: map[string]any{}}
			if n.Description != nil {
				found.description = fmt.Sprint(value(n.Description))
			}
			for _, property := range n.Properties {
				found.properties[string(property.Name)] = value(property.Value)
			}
			return found, nil
		}
		return axNode{}, nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return node
}

// value is one of the accessibility tree's.
func value(v *accessibility.Value) (decoded any) {
	if json.Unmarshal(v.Value, &decoded) != nil {
		return nil
	}
	return decoded
}
