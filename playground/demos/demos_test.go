package demos_test

import (
	"slices"
	"testing"

	"socketplayground/playground/demo"
	"socketplayground/playground/demos"
)

// TestOrder: every demo has a place of its own on its shelf.
func TestOrder(t *testing.T) {
	type place struct {
		shelf string
		order int
	}
	taken := map[place]string{}
	for _, f := range demos.All() {
		at := place{f.Demo.Shelf, f.Demo.Order}
		if other := taken[at]; other != "" || at.order == 0 || at.shelf == "" {
			t.Errorf("%s is at %v, like %q", f.ID, at, other)
		}
		taken[at] = f.ID
	}
}

// TestTimersAreOfAState: the kernel counts down in FIN_WAIT_2 with the same timer as in TIME_WAIT, so a check on it says
// something only once the state was waited for.
func TestTimersAreOfAState(t *testing.T) {
	checked := 0
	for _, f := range demos.All() {
		for n, step := range f.Demo.Steps {
			for _, c := range step.Checks {
				q, ok := c.Fact.(*demo.Quantity)
				if !ok || q.Name != "timer expiry" {
					continue
				}
				checked++
				if !slices.ContainsFunc(step.Do, func(a demo.Action) bool {
					if a.Wait == nil {
						return false
					}
					is, ok := a.Wait.Fact.(*demo.Is)
					return ok && is.Socket == q.Socket
				}) {
					t.Errorf("%s, step %d: %q stands without a wait for the state of %s", f.ID, n+1, c.Source, q.Socket)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no demo has such a check any more")
	}
}
