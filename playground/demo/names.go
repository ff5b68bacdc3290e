package demo

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// names are those of the sockets and programs that the actions so far open. They are the engine's own, in order: the
// first listener is S1, the second dialled connection C2.
type names struct {
	next    map[string]int    // by letter
	foreign bool              // other programs' sockets may be seen
	only    map[string]string // what is opened only where the kernel has a setting, which is named
}

func newNames() *names {
	return &names{next: map[string]int{"C": 1, "S": 1, "P": 1}, only: map[string]string{}}
}

func (k *names) clone() *names {
	return &names{next: maps.Clone(k.next), foreign: k.foreign, only: maps.Clone(k.only)}
}

// same says whether both ways of a step leave the same open.
func (k *names) same(other *names) bool { return maps.Equal(k.next, other.next) }

// conditional marks what was opened since before as there only where the kernel has the setting.
func (k *names) conditional(before *names, setting string) {
	for letter, next := range k.next {
		for n := before.next[letter]; n < next; n++ {
			k.only[letter+strconv.Itoa(n)] = setting
		}
	}
}

// unopened says why has is false. by is what names it, or empty.
func (k *names) unopened(name, by string) string {
	base, _, _ := strings.Cut(name, ".")
	if setting := k.only[base]; setting != "" {
		return fmt.Sprintf("%s is opened only where the kernel has %s: give that step an otherwise that opens it too.", base, setting)
	}
	if by != "" {
		return fmt.Sprintf("Nothing before this opens %s, which %s names.", name, by)
	}
	return fmt.Sprintf("Nothing before this opens %s.", name)
}

// has says whether the name is open by now. Which connections a listener accepts, only the run knows.
func (k *names) has(name string) bool {
	if strings.HasPrefix(name, "X") {
		return k.foreign
	}
	base, _, _ := strings.Cut(name, ".")
	n := 0
	if _, err := fmt.Sscanf(base[1:], "%d", &n); err != nil {
		return false
	}
	return n < k.next[base[:1]] && k.only[base] == ""
}

// opens are the commands that open something, and the letter of its name.
var opens = map[string]string{"listen": "S", "dial": "C", "start_program": "P"}

// checkNames holds the names in a command against those that are open, and takes in what it opens.
func (p *parse) checkNames(a *Action, n ast.Node, fields map[string]any) {
	if a.Command == "start_program" || a.Command == "watch_port" {
		p.names.foreign = true
	}
	for _, field := range []string{"socket", "address"} {
		name, _ := fields[field].(string)
		if (socketName.MatchString(name) || openedName.MatchString(name)) && !p.names.has(name) {
			p.fail(n, "%s", p.names.unopened(name, ""))
		}
	}
	letter, ok := opens[a.Command]
	switch {
	case !ok && a.As != "":
		p.fail(n, "%s opens nothing that as could name.", a.Command)
	case !ok:
	case a.As == "":
		p.fail(n, "%s needs a name: as: %s%d.", a.Command, letter, p.names.next[letter])
	case a.As != fmt.Sprintf("%s%d", letter, p.names.next[letter]):
		p.fail(n, "This must be as: %s%d, and not %s: names are given in order, each once.", letter, p.names.next[letter], clip(a.As))
	}
	if ok {
		p.names.next[letter] += a.Count
	}
}

// sockets are the sockets that a fact names.
func sockets(f Fact) []string {
	switch f := f.(type) {
	case *Is:
		return []string{f.Socket}
	case *Reaches:
		return []string{f.Socket}
	case *Never:
		return []string{f.Socket}
	case *Stays:
		return []string{f.Socket}
	case *Returns:
		return []string{f.Socket}
	case *Takes:
		return []string{f.Socket}
	case *Waiting:
		return []string{f.Socket}
	case *Segments:
		return []string{f.Socket}
	case *Count:
		return []string{f.Socket}
	case *Quantity:
		return []string{f.Socket}
	case *Peer:
		return []string{f.Socket, f.Peer}
	}
	return nil
}

// holds is how long a fact must hold, on top of the time until it comes true.
func holds(f Fact) time.Duration {
	switch f := f.(type) {
	case *Reaches:
		return f.Stays
	case *Stays:
		return f.For
	case *Count:
		return f.For
	case *Quantity:
		return f.Stays
	}
	return 0
}
