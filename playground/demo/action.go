package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Commands are what a demo may do. All but start_program, kill and cancel (which names a socket here) are the protocol's
// (web/PROTOCOL.md), with its fields. What only a person looking at the page can use is left out.
var Commands = words("listen set_behavior accept dial write read close_write close_read close reset set_option set_deadline " +
	"set_read_mode set_digest remove watch_port open_lab set_quick_ack set_kernel set_wire add_rule set_rule remove_rule " +
	"deliver_segment skip_time_wait cancel start_program kill")

// action reads an entry of do: a mapping of one command, wait, pause or go to what belongs to it, and perhaps within.
func (p *parse) action(n ast.Node) Action {
	a := Action{Line: position(begin(n)).Line}
	m, ok := n.(*ast.MappingNode)
	if !ok {
		p.fail(n, "Here must be an action, such as accept: S1, wait: C1 is ESTABLISHED or pause: 1s.")
		return a
	}
	verbs := 0
	for _, v := range m.Values {
		name, _ := keyOf(v)
		if name == "within" {
			a.Within = p.time(v.Value)
			continue
		}
		if verbs++; verbs > 1 {
			p.fail(v.Key, "One action is one command; begin a new line with a dash.")
			return a
		}
		switch name {
		case "wait":
			a.Wait = p.check(v.Value)
			p.opened(a.Wait)
		case "pause":
			a.Pause = p.time(v.Value)
			p.spend(n, a.Pause)
		case "go":
			a.Go = true
			inner, ok := v.Value.(*ast.MappingNode)
			if !ok || len(inner.Values) != 1 {
				p.fail(v.Value, "After go comes one command, such as go: {read: C1}.")
				return a
			}
			name, _ = keyOf(inner.Values[0])
			p.command(&a, inner.Values[0].Key, name, inner.Values[0].Value)
		default:
			p.command(&a, v.Key, name, v.Value)
		}
	}
	switch {
	case verbs == 0:
		p.fail(n, "Here must be an action, such as accept: S1, wait: C1 is ESTABLISHED or pause: 1s.")
	case a.Within > 0 && (a.Wait != nil || a.Pause > 0 || a.Go):
		p.fail(n, "within belongs to a command that the run waits for; a wait has it in its text (wait: C1 is CLOSED within 20s).")
	case a.Command != "" && !a.Go:
		p.spend(n, max(a.Within, 0))
	}
	return a
}

// command reads a command and its fields.
func (p *parse) command(a *Action, key ast.Node, name string, n ast.Node) {
	if !slices.Contains(Commands, name) {
		p.fail(key, "There is no command %s here; there are %s, wait, pause and go.", clip(name), strings.Join(Commands, ", "))
		return
	}
	a.Command, a.Count = name, 1
	wrong := len(p.errs)
	fields := map[string]any{}
	switch n := n.(type) {
	case *ast.MappingNode:
		fields, _ = p.value(n, 0).(map[string]any)
	case *ast.NullNode:
	default:
		p.straight(n)
		fields["socket"] = p.text(n)
	}
	known := p.errs
	if as, ok := fields["as"]; ok {
		a.As, _ = as.(string)
		delete(fields, "as")
	}
	a.Socket, _ = fields["socket"].(string)
	if count, ok := whole64(fields["count"]); ok && name == "dial" {
		if count < 1 || count > MaxCount {
			p.fail(fieldOf(n, &FieldError{Field: "count"}), "A demo dials 1 to %d connections at once.", MaxCount)
			return
		}
		a.Count = int(count)
	}
	if _, ok := fields["network"]; ok {
		p.fail(n, "A command has no network here; the demo's own key network says where it runs.")
		return
	}
	a.Fields = p.object(n, fields)
	p.checkNames(a, n, fields)
	if len(known) > wrong { // what else is wrong follows from a value that could not be read
		p.errs = known
		return
	}
	switch name {
	case "start_program":
		p.checkProgram(n, fields)
	case "cancel", "kill":
		if len(fields) != 1 || fields["socket"] == nil {
			p.fail(n, "%s is followed by a name and nothing else, such as %s: %s.", name, name, map[string]string{"kill": "P1", "cancel": "C1"}[name])
		}
	default:
		if p.vet == nil {
			return
		}
		if err := p.vet(name, a.Fields); err != nil {
			p.fail(fieldOf(n, err), "%s", err)
		}
	}
}

// whole64 is a whole number as the YAML package gives it.
func whole64(v any) (int64, bool) {
	switch v := v.(type) {
	case uint64:
		return int64(min(v, math.MaxInt64)), true
	case int64:
		return v, true
	}
	return 0, false
}

// fieldOf is the node of the field that a Vet found wrong, or that of the command.
func fieldOf(n ast.Node, err error) ast.Node {
	var wrong *FieldError
	if !errors.As(err, &wrong) {
		return n
	}
	for _, name := range strings.Split(wrong.Field, ".") {
		m, _ := n.(*ast.MappingNode)
		if m == nil {
			return n
		}
		i := slices.IndexFunc(m.Values, func(v *ast.MappingValueNode) bool { key, _ := keyOf(v); return key == name })
		if i < 0 {
			return n
		}
		n = m.Values[i].Value
	}
	return n
}

// checkProgram checks the fields of start_program, which is no command of the protocol: what it runs is our own program,
// never another.
func (p *parse) checkProgram(n ast.Node, fields map[string]any) {
	for name, v := range fields {
		text, _ := v.(string)
		switch {
		case name == "program" && text == "client", name == "address" && text != "", name == "host" && (text == "client" || text == "server"):
		default:
			p.fail(n, "start_program has the keys as (P1), program (client), address and host (client, server).")
			return
		}
	}
	if fields["program"] == nil || fields["address"] == nil {
		p.fail(n, "start_program needs program: client, and the address that it dials.")
	}
}

// marshal is json.Marshal that leaves < > and & as they are, and nothing hidden.
func marshal(v any) (json.RawMessage, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(b.String(), "\n")
	if !strings.ContainsFunc(text, Hidden) {
		return json.RawMessage(text), nil
	}
	b.Reset() // all that is hidden stands within strings, where Parse takes it as an escape alone
	for _, r := range text {
		if Hidden(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return json.RawMessage(b.String()), nil
}
