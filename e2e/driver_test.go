package e2e

import (
	"encoding/json"
	"testing"
)

// driver is a browser with one tab.
type driver interface {
	navigate(url string) error
	reload() error
	viewport(width, height int64) error
	// locate gives the first element with a role and an accessible name, inside another or anywhere; empty if there is none.
	locate(in node, role, name string) (node, error)
	// call runs a function with the element as this, evaluate an expression; both wait for a promise and give JSON.
	call(on node, function string) (json.RawMessage, error)
	evaluate(expression string) (json.RawMessage, error)
	click(x, y float64) error
	insert(text string) error // into what has the focus
	press(keys string) error
	enter() error
	control(key string) error // a key with Ctrl held
	screenshot() ([]byte, error)
	// another opens a tab beside this one, which ends with it.
	another(complain func(string)) (driver, error)
	end()
}

// node is an element, as its driver names it.
type node string

// launch starts a browser with an empty profile and a tab of 1440 × 900. What the page complains about goes to complain.
type launch func(t *testing.T, complain func(string)) driver

// everywhere plays a story in each browser.
func everywhere(t *testing.T, story func(t *testing.T, in launch)) {
	t.Run("chromium", func(t *testing.T) { story(t, inChromium) })
	t.Run("firefox", func(t *testing.T) { story(t, inFirefox) })
}
