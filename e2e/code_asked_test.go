package e2e

import (
	"strings"
	"testing"
)

// Where the code is needed the page asks for it, says what is wrong with what it is given, and then works, after a reload
// too; the code does not stay in the address, nor where other tabs could read it. A click on the printed URL suffices.
func TestCodeIsAsked(t *testing.T) {
	s := start(t, "-require-code")
	printed := s.url
	at, code, found := strings.Cut(printed, "/#code=")
	if !found {
		t.Fatalf("the program printed %s, which has no code", printed)
	}
	s.url = at + "/?lang=en"
	p := browse(t, s)
	p.size(420, 900)
	dialog := p.by("dialog", "The playground asks for its code")
	dialog.shows("terminal")
	if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 420 {
		t.Errorf("the page is %d px wide in a window of 420", wide)
	}
	p.screenshot("code")
	field := dialog.by("textbox", "The code, or the whole address")
	field.fill("rubbish")
	p.enter()
	dialog.shows("That has no code in it")
	field.fill(strings.Repeat("0", 32))
	p.enter()
	dialog.shows("That is not the code")
	field.fill(printed)
	p.enter()
	gone := func() (bool, error) {
		return eval[bool](p, `document.querySelector('dialog.code-ask[open]') === null && document.querySelector('#live span').textContent === 'live'`), nil
	}
	p.eventually("the page is live", gone)
	for _, fragment := range []string{"", "#code=" + code} {
		if fragment == "" {
			p.reload()
		} else {
			eval[bool](p, `(sessionStorage.clear(), true)`)
			p.open(at + "/?lang=en&again=1" + fragment)
		}
		p.eventually("the page is live without asking", gone)
		if kept := eval[bool](p, `location.href.includes('`+code+`') || JSON.stringify({...localStorage}).includes('`+code+`') || document.cookie !== ''`); kept {
			t.Error("the code is in the address, the local storage or a cookie")
		}
	}
}
